"""Format of a database file: how it is recognised, created and opened."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.storage.tinydb_sqlite.bigram_index import register_functions
from formsvc.storage.tinydb_sqlite.errors import BUSY, damaged, is_sql_error, missing_file, newer_version
from formsvc.storage.tinydb_sqlite.schema_snapshot import matches_snapshot, take_snapshot

APPLICATION_ID = 0x464F524D  # "FORM" in ASCII: what `PRAGMA application_id` says of a file of ours
# A commit changes some 25 pages and writes each whole; lists read small pages as fast as large ones.
PAGE_BYTES = 2048
_RETRY_AFTER = 0.01


def _no_migration(_connection: sqlite3.Connection, _path: Path) -> None:
    return None


@dataclass(frozen=True)
class FileFormat:
    """Schema version of the caller's tables, and how older files reach it.

    With ``version`` None any version is opened as it is. ``migrate`` is called outside a transaction on each
    new connection. ``damage`` lists exceptions of the caller that mean the file is damaged.
    """

    version: int | None = None
    migrate: Callable[[sqlite3.Connection, Path], object] = _no_migration
    damage: tuple[type[Exception], ...] = ()

    def refuse_newer(self, connection: sqlite3.Connection, path: Path) -> None:
        version = version_of(connection)
        if self.version is not None and version > self.version:
            raise newer_version(path, version, self.version)


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema version stored in the file; 0 if none was ever set."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def marker_of(path: Path) -> Path:
    """Return the file that records that the database was created."""
    return path.with_name(f"{path.name}.created")


def database_files(path: Path) -> list[Path]:
    """Return a database's files: itself, SQLite's two logs, the marker."""
    return [path, *(path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-shm")), marker_of(path)]


def connect(path: Path, timeout: float, file_format: FileFormat) -> sqlite3.Connection:
    """Open a database file, or create one that never existed; refuse others."""
    _refuse_vanished(path)
    connection = sqlite3.connect(
        str(path), timeout=timeout, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        _prepare(connection, path, time.monotonic() + timeout, file_format)
    except UnicodeDecodeError as error:  # SQLite's message quotes damaged bytes
        connection.close()
        raise damaged(path) from error
    except sqlite3.OperationalError as error:
        harmed = is_sql_error(error) and not matches_snapshot(connection)
        connection.close()
        if harmed:
            raise damaged(path) from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, deadline: float, file_format: FileFormat) -> None:
    register_functions(connection)
    connection.execute(f"PRAGMA page_size={PAGE_BYTES}")  # without effect on a file that has pages already
    connection.execute("BEGIN")
    laid_out = _is_ours(connection, path, file_format)
    connection.execute("COMMIT")
    _switch_to_log(connection, path, deadline)
    if not laid_out:
        _lay_out(connection, path, file_format)
    connection.execute("PRAGMA synchronous=FULL")
    file_format.migrate(connection, path)
    # Not every build of SQLite overwrites deleted content by default.
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA cache_size=-2048")
    connection.execute("PRAGMA journal_size_limit=67108864")
    # Without it, triggers could not call the functions of ``bigram_index``.
    connection.execute("PRAGMA trusted_schema=ON")
    _mark(path)


def _refuse_vanished(path: Path) -> None:
    """Raise FormsvcError if a database existed and its file is gone or empty."""
    # Checked first: another program may be creating the database just now, file before marker.
    marked = marker_of(path).exists()
    log = path.with_name(f"{path.name}-wal")
    left_over = log.exists() and log.stat().st_size > 0
    size = path.stat().st_size if path.exists() else 0
    if size == 0 and (left_over or marked):
        raise missing_file(path)


def _is_ours(connection: sqlite3.Connection, path: Path, file_format: FileFormat) -> bool:
    """Return True for a file with our tables, False for a new one.

    Raise FormsvcError for any other. Called inside a transaction, since another program may be creating the
    tables.
    """
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if application == APPLICATION_ID:
        file_format.refuse_newer(connection, path)
        return True
    if application or version_of(connection) or connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise FormsvcError(
            msg("“{path}”是别的程序的数据文件，没有改动它。", path=path), msg("请另选数据文件的位置。")
        )
    return False


def _switch_to_log(connection: sqlite3.Connection, path: Path, deadline: float) -> None:
    """Turn on write-ahead logging. Raise FormsvcError if the disk cannot."""
    # The switch does not honour busy_timeout, so it is retried until the deadline.
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


def _lay_out(connection: sqlite3.Connection, path: Path, file_format: FileFormat) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not _is_ours(connection, path, file_format):
            connection.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={file_format.version or 0}")
            take_snapshot(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _mark(path: Path) -> None:
    marker = marker_of(path)
    if not marker.exists():
        marker.write_text(f"“{path.name}”建立过的标记，请与它放在一起，不要单独删除。\n", encoding="utf-8")
