"""Restores and imports of hostile files, each into an instance of its own.

What a child process does for the commands is done here: the corpus has a process with limits of its own.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from formsvc.config import read_settings
from formsvc.errors import FormsvcError
from formsvc.maintenance import import_store, restore_archives
from formsvc.storage.backup.reader import DirectReader
from formsvc.storage.tinydb_store import TinyStore


def restore_backup(content: bytes) -> str:
    """Restore a backup; return why it was refused, or nothing."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "x.backup").write_bytes(content)
        settings = replace(read_settings({}, instance=place / "new"), files=place / "new" / "files")
        try:
            restore_archives(settings, [place / "x.backup"], reader=DirectReader("口令"))
        except FormsvcError as refused:
            outside = [path for path in place.iterdir() if path.name not in ("new", "x.backup")]
            assert outside == [], "a file outside the instance"
            return str(refused)
    return ""


def import_export(content: bytes) -> str:
    """Import an export; return why it was refused, or nothing."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "x.json"
        file.write_bytes(content)
        store = TinyStore(Path(folder) / "formsvc.sqlite")
        try:
            import_store(file, store, reader=DirectReader())
        except FormsvcError as refused:
            return str(refused)
        finally:
            store.close()
    return ""
