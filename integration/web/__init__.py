"""Machines and people reach the system here; what comes in is stored before it is answered."""
