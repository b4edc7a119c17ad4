"""Messages that know their pattern, the catalogs that translate them, and their extraction."""
