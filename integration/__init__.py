"""Keeps Centra, the master of stock and shipments, and the retailers behind Virtualstock in agreement."""
