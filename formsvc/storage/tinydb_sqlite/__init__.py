"""TinyDB over SQLite, for several threads and programs that write."""

from formsvc.storage.tinydb_sqlite.database import SQLiteStorage, SQLiteTable, SQLiteTinyDB
from formsvc.storage.tinydb_sqlite.file_format import FileFormat

__all__ = ["FileFormat", "SQLiteStorage", "SQLiteTable", "SQLiteTinyDB"]
