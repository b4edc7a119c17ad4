"""TinyDB over SQLite: a TinyDB that several threads and programs may write to at once."""

from formsvc.storage.tinydb_sqlite.database import SQLiteStorage, SQLiteTable, SQLiteTinyDB
from formsvc.storage.tinydb_sqlite.file_format import FileFormat

__all__ = ["FileFormat", "SQLiteStorage", "SQLiteTable", "SQLiteTinyDB"]
