"""Format of the store's file, and the files a store consists of."""

from __future__ import annotations

from pathlib import Path

from formsvc.storage.audit.anchor import anchor_of
from formsvc.storage.audit.hash_chain import Unreadable
from formsvc.storage.migrations import VERSION, migrate
from formsvc.storage.tinydb_sqlite.file_format import FileFormat, database_files

STORE_FORMAT = FileFormat(VERSION, migrate, damage=(Unreadable,))


def files_of(path: Path) -> list[Path]:
    """Return all files a store may consist of: its database's and the anchor."""
    return [*database_files(path), anchor_of(path)]
