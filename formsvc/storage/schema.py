"""How a SQLite file of ours is laid out, and how one is told from any other file."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.storage.audit.anchor import anchor_of
from formsvc.storage.migrations import VERSION, migrate, newer
from formsvc.storage.platform.atomic_files import sync_folder
from formsvc.storage.tinydb_sqlite.bigram_index import register
from formsvc.storage.tinydb_sqlite.errors import BUSY, damaged, missing_file, misunderstood
from formsvc.storage.tinydb_sqlite.schema_snapshot import is_as_remembered, note

APPLICATION = 0x464F524D
PAGE_BYTES = 2048
"""Of a file made anew. A commit changes some 25 pages and writes each whole; lists read small pages as fast as large ones."""
_RETRY_AFTER = 0.01


def marker_of(path: Path) -> Path:
    """The small file that says the store was created once, so that its absence is noticed."""
    return path.with_name(f"{path.name}.created")


def files_of(path: Path) -> list[Path]:
    """All files a store may consist of: the file itself, SQLite's log and index of the log, the marker, the anchor."""
    logs = (path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-shm"))
    return [path, *logs, marker_of(path), anchor_of(path)]


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """A connection to a file of ours, made if it was never there; anything else is refused untouched."""
    _refuse_vanished(path)
    connection = sqlite3.connect(
        str(path), timeout=timeout, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        _prepare(connection, path, time.monotonic() + timeout)
    except UnicodeDecodeError as error:  # what SQLite says of a damaged table cannot even be read
        connection.close()
        raise damaged(path) from error
    except sqlite3.OperationalError as error:
        harmed = misunderstood(error) and not is_as_remembered(connection)
        connection.close()
        if harmed:
            raise damaged(path) from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, deadline: float) -> None:
    register(connection)
    connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
    connection.execute("BEGIN")
    laid_out = _is_ours(connection, path)
    connection.execute("COMMIT")
    _switch_to_log(connection, path, deadline)
    if not laid_out:
        _lay_out(connection, path)
    connection.execute("PRAGMA synchronous=FULL")
    migrate(connection, path)
    connection.execute(
        "PRAGMA secure_delete=ON"
    )  # not every build of SQLite overwrites what is gone unless told to
    connection.execute("PRAGMA cache_size=-2048")
    connection.execute("PRAGMA journal_size_limit=67108864")
    connection.execute("PRAGMA trusted_schema=ON")
    _mark(path)


def _refuse_vanished(path: Path) -> None:
    """An emptied or missing file is not begun anew over what is left of the old one."""
    marked = marker_of(
        path
    ).exists()  # asked first: another program may be making the store just now, file before marker
    log = path.with_name(f"{path.name}-wal")
    left_over = log.exists() and log.stat().st_size > 0
    size = path.stat().st_size if path.exists() else 0
    if size == 0 and (left_over or marked):
        raise missing_file(path)


def _is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is laid out already; False for a new one. Refuses foreign and newer files.

    Asked inside a transaction, since another program may be laying it out just now.
    """
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application == APPLICATION:
        if version > VERSION:
            raise newer(path, version)
        return True
    if application or version or connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise FormsvcError(
            msg("“{path}”是别的程序的数据文件，没有改动它。", path=path), msg("请另选数据文件的位置。")
        )
    return False


def _switch_to_log(connection: sqlite3.Connection, path: Path, deadline: float) -> None:
    """Write-ahead logging; the switch itself does not wait for locks, so it is tried until the deadline."""
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_AFTER)
    if mode != "wal":
        raise FormsvcError(
            msg("“{path}”所在的磁盘不支持安全写入。", path=path), msg("请把数据文件放在本机磁盘上。")
        )


def _lay_out(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not _is_ours(connection, path):
            connection.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
            connection.execute(f"PRAGMA application_id={APPLICATION}")
            connection.execute(f"PRAGMA user_version={VERSION}")
            note(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _mark(path: Path) -> None:
    marker = marker_of(path)
    if not marker.exists():
        marker.write_text(f"“{path.name}”建立过的标记，请与它放在一起，不要单独删除。\n", encoding="utf-8")
        sync_folder(path.parent)
