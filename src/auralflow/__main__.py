"""`python -m auralflow` is the command `auralflow`."""

from auralflow.cli import main

main()
