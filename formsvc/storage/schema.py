"""Format of the store's file, and the files a store consists of."""

from __future__ import annotations

from pathlib import Path

from formsvc.storage.audit.anchor import anchor_path
from formsvc.storage.audit.hash_chain import UnreadableLink
from formsvc.storage.migrations import VERSION, migrate
from formsvc.storage.tinydb_sqlite.file_format import FileFormat, database_files

STORE_FORMAT = FileFormat(VERSION, migrate, damage=(UnreadableLink,))


def store_files(path: Path) -> list[Path]:
    """Return all files a store may consist of: its database's and the anchor."""
    return [*database_files(path), anchor_path(path)]
