"""Version of the program, as ``--version`` and the API description show it."""

__version__ = "0.1.0"
