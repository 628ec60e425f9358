"""Both platforms can be spoken to on this machine: the sandbox imitates them, faults included.

It imports nothing of the integration, so a mistake over there is never repeated here.
"""
