"""``python -m formsvc``."""

from formsvc.cli import main

main()
