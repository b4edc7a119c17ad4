"""Copy of a store for a check that may change nothing.

A store of an older layout is migrated when it is opened, and SQLite writes logs next to a file that it opens.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from formsvc.errors import disk_error
from formsvc.storage.migrations import VERSION
from formsvc.storage.tinydb_sqlite.file_format import database_files

# the header of an SQLite file (https://sqlite.org/fileformat2.html): "user version", big-endian
_VERSION_AT, _VERSION_BYTES = 60, 4


@contextmanager
def unchanged_store(path: Path, *, scratch: Path | None = None) -> Iterator[tuple[Path, int]]:
    """Lend a path to open a store by, and its layout; a copy where needed.

    The layout is 0 if it is today's. `scratch` is a folder for the copy, that of the system by default.
    """
    if _is_writable(path.parent) and not 0 < _layout_of(path) < VERSION:
        yield path, 0
        return
    with TemporaryDirectory(prefix="formsvc-verify-", dir=scratch) as folder:
        copy = Path(folder) / path.name
        try:
            _copy(path, copy)
            # the log may hold a migration that the header does not show yet
            with closing(sqlite3.connect(str(copy))) as connection:
                layout: int = connection.execute("PRAGMA user_version").fetchone()[0]
        except OSError as error:
            raise disk_error(error, path) from error
        except sqlite3.DatabaseError:
            # the check itself names what is damaged
            layout = 0
        yield copy, layout if 0 < layout < VERSION else 0


def _copy(path: Path, copy: Path) -> None:
    if _is_writable(path.parent):
        # the service of the older program may be running
        with closing(sqlite3.connect(str(path))) as source, closing(sqlite3.connect(str(copy))) as target:
            source.backup(target)
        return
    # the log holds what was committed last; SQLite makes the index of the log again
    for part in database_files(path):
        if part.exists() and not part.name.endswith("-shm"):
            shutil.copyfile(part, copy.with_name(part.name))


def _layout_of(path: Path) -> int:
    try:
        with open(path, "rb") as stream:
            stream.seek(_VERSION_AT)
            return int.from_bytes(stream.read(_VERSION_BYTES), "big")
    except OSError:
        return 0


def _is_writable(folder: Path) -> bool:
    # as the system will decide: by the effective user
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
