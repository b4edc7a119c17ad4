"""TinyDB's API over a SQLite file."""
