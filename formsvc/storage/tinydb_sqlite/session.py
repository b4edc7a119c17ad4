"""Connection of one thread to a database file, and what a fork does to it.

Even a new connection is unsafe in the child of a program that had one open: SQLite keeps its file locks in
memory by file, so the child would believe to hold locks that only its parent holds (“How to corrupt an
SQLite database file”, 2.6).
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from formsvc.storage.tinydb_sqlite import schema_snapshot
from formsvc.storage.tinydb_sqlite.file_format import FileFormat

_TIMEOUT_TOLERANCE = 0.05  # seconds; a smaller change is not worth a PRAGMA
_FORK_PATIENCE = 5.0  # seconds to wait for other threads before a fork

T = TypeVar("T")


@dataclass
class _Schema:
    """Tables and columns, valid for one value of ``PRAGMA schema_version``."""

    version: int
    tables: frozenset[str]
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    cached: dict[str, Any] = field(default_factory=dict)


class Session:
    """A connection and its transaction: ``mode`` is read, write or empty."""

    def __init__(self, connection: sqlite3.Connection, timeout: float, file_format: FileFormat) -> None:
        self.connection = connection
        self._file_format = file_format
        self.lock = threading.RLock()
        self.mode = ""
        self.closed = False
        self._schema_cache: _Schema | None = None
        # what was found out in the present read transaction, in which nothing changes
        self._read_results: dict[Any, Any] = {}
        self._digests_before: schema_snapshot.SchemaDigests | None = None
        self._cache_is_current = False
        self._process_id = os.getpid()
        self._timeout = timeout

    @property
    def is_own_process(self) -> bool:
        """Return whether this process opened the connection, not its parent."""
        return self._process_id == os.getpid()

    def begin(self, mode: str, timeout: float) -> None:
        """Begin a transaction, waiting ``timeout`` seconds for the lock."""
        if abs(timeout - self._timeout) > _TIMEOUT_TOLERANCE:
            self.connection.execute(f"PRAGMA busy_timeout={max(1, int(timeout * 1000))}")
            self._timeout = timeout
        self._cache_is_current = False
        self._read_results.clear()
        if mode == "write":
            self.connection.execute("BEGIN IMMEDIATE")
        else:
            self.connection.execute("BEGIN")
            # BEGIN alone takes no snapshot: the first statement that reads does.
            self.connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        self.mode = mode

    def remembered(self, key: Any, compute: Callable[[], T]) -> T:
        """Return what was computed before in this read transaction."""
        if self.mode != "read":
            return compute()
        if key not in self._read_results:
            self._read_results[key] = compute()
        return cast(T, self._read_results[key])

    def commit(self) -> None:
        """Commit and sync; a read transaction is rolled back instead."""
        if not self.is_own_process:
            raise RuntimeError("a transaction belongs to the program that began it, not to its child")
        if self.mode == "read":
            # A transaction that only read keeps nothing: damage it met must not make its end fail.
            self.connection.execute("ROLLBACK")
            return
        if self._digests_before is not None:
            schema_snapshot.update_snapshot(self.connection, self._digests_before)
        self.connection.execute("COMMIT")

    def end(self) -> None:
        """Leave the transaction; roll back what is not committed."""
        self.mode = ""
        self._digests_before = None
        if self.is_own_process and self.connection.in_transaction:
            self._schema_cache = None  # it may list tables whose creation is undone
            self.connection.execute("ROLLBACK")

    def tables(self) -> frozenset[str]:
        """Return the names of the SQL tables as the transaction sees them."""
        return self._schema().tables

    def columns(self, table: str) -> tuple[str, ...]:
        """Return a table's columns, generated ones too; () for a missing table."""
        schema = self._schema()
        if table not in schema.columns:
            columns = self.connection.execute(f"PRAGMA table_xinfo({table})")
            schema.columns[table] = tuple(column[1] for column in columns)
        return schema.columns[table]

    def cached(self, name: str, compute: Callable[[], T]) -> T:
        """Return a value derived from the schema, cached until the schema changes."""
        cache = self._schema().cached
        if name not in cache:
            cache[name] = compute()
        value: T = cache[name]
        return value

    def indexed_columns(self, table: str) -> dict[str, str]:
        def compute() -> dict[str, str]:
            return {column[2:]: column for column in self.columns(table) if column.startswith("f_")}

        return self.cached(f"indexed {table}", compute)

    def execute_ddl(self, statement: str) -> None:
        self.begin_schema_change()
        self.connection.execute(statement)
        self._cache_is_current = False

    def begin_schema_change(self) -> None:
        """Note the schema as it is, so that ``commit`` stores what changes."""
        if self._digests_before is None:
            self._digests_before = schema_snapshot.schema_digests(self.connection)

    def is_snapshotted(self, table: str) -> bool:
        """Return whether the table was created, so that its absence is damage."""
        return schema_snapshot.is_snapshotted(self.connection, table)

    @property
    def matches_snapshot(self) -> bool:
        return schema_snapshot.matches_snapshot(self.connection)

    def _schema(self) -> _Schema:
        # Only the transaction itself can change the schema it sees, so one look per transaction is enough.
        if self._schema_cache and self._cache_is_current:
            return self._schema_cache
        version: int = self.connection.execute("PRAGMA schema_version").fetchone()[0]
        if self._schema_cache is None or version != self._schema_cache.version:
            self._refuse_newer()
            names = self.connection.execute("SELECT CAST(name AS TEXT) FROM sqlite_master WHERE type='table'")
            self._schema_cache = _Schema(version, frozenset(name for (name,) in names))
        self._cache_is_current = True
        return self._schema_cache

    def _refuse_newer(self) -> None:
        # A newer program may have migrated the file while this one had it open.
        path = self.connection.execute("PRAGMA database_list").fetchone()[2]
        self._file_format.refuse_newer(self.connection, Path(path))

    def close(self) -> None:
        """Close the connection, unless it was opened before a fork."""
        if not self.closed and self.is_own_process:
            self.closed = True
            self.connection.close()

    def __del__(self) -> None:
        self.close()


class ForkAware(Protocol):
    """An object that holds sessions."""

    def open_sessions(self) -> Sequence[Session]: ...

    def reset_after_fork(self, *, inherited_connection: bool) -> None:
        """Forget all sessions and locks, in the child of a fork.

        ``inherited_connection``: a connection could not be closed before the fork.
        """


_fork_aware: weakref.WeakSet[ForkAware] = weakref.WeakSet()
_forking = threading.Lock()
_locked: list[Session] = []
_inherited: list[Session] = []


def register_fork_aware(owner: ForkAware) -> None:
    """Close the object's sessions before every fork."""
    _fork_aware.add(owner)


def _before_fork() -> None:
    _forking.acquire()
    deadline = time.monotonic() + _FORK_PATIENCE
    for owner in list(_fork_aware):
        for session in owner.open_sessions():
            # The lock is held until after the fork, so that no thread opens the connection again meanwhile.
            if session.lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
                _locked.append(session)
                if not session.mode:
                    session.close()


def _after_fork_in_parent() -> None:
    while _locked:
        _locked.pop().lock.release()
    _forking.release()


def _after_fork_in_child() -> None:
    global _forking
    _forking = threading.Lock()
    _locked.clear()
    for owner in list(_fork_aware):
        left_open = owner.open_sessions()
        # Kept alive: garbage collection would close the connection, which is no safer in a child than using it.
        _inherited.extend(left_open)
        owner.reset_after_fork(inherited_connection=bool(left_open))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
    )
