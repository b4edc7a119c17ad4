"""Version of the program, shown by ``--version`` and the API."""

__version__ = "0.1.0"
