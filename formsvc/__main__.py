"""``python -m formsvc``."""

from formsvc.cli.main import main

main()
