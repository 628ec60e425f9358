"""What Centra knows is read, and what it is told arrives, through one client with typed values."""
