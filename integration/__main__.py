"""`python -m integration` is `cvsync`, also where the package is not installed."""

from integration.cli import main

main()
