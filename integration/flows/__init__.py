"""One file per flow: read, decide, act, write down."""
