"""Virtualstock is spoken to here and nowhere else: requests, tokens, pages, refusals and the models of what it says."""
