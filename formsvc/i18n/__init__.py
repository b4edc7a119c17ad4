"""Messages, the catalogs that translate them, and their extraction."""
