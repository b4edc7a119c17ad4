"""One thread's connection to a SQLite file."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from formsvc.storage.tinydb_sqlite import schema_snapshot as sqlite_layout
from formsvc.storage.tinydb_sqlite.file_format import FileFormat

_NOTICEABLE = 0.05
_FORK_PATIENCE = 5.0

T = TypeVar("T")


@dataclass
class _Schema:
    """What is known of the tables, valid for one version of SQLite's own count."""

    version: int
    tables: frozenset[str]
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    derived: dict[str, Any] = field(default_factory=dict)


class Session:
    """A connection, and what its thread is doing with it: ``mode`` is ``read``, ``write`` or empty."""

    def __init__(self, connection: sqlite3.Connection, timeout: float, file_format: FileFormat) -> None:
        self.connection = connection
        self._file_format = file_format
        self.lock = threading.RLock()
        self.mode = ""
        self.closed = False
        self._known: _Schema | None = None
        self._layout_before: sqlite_layout.Layout | None = None
        self._known_is_current = False
        self._program = os.getpid()
        self._timeout = timeout

    @property
    def belongs_here(self) -> bool:
        """Whether this very program opened it, and not the one it was forked from."""
        return self._program == os.getpid()

    def begin(self, mode: str, timeout: float) -> None:
        """Begin a transaction; a reading one takes its snapshot at once."""
        if abs(timeout - self._timeout) > _NOTICEABLE:
            self.connection.execute(f"PRAGMA busy_timeout={max(1, int(timeout * 1000))}")
            self._timeout = timeout
        self._known_is_current = False
        if mode == "write":
            self.connection.execute("BEGIN IMMEDIATE")
        else:
            self.connection.execute("BEGIN")
            self.connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        self.mode = mode

    def commit(self) -> None:
        """Commit and sync; what only read keeps nothing and is not asked about damage it has met."""
        if not self.belongs_here:
            raise RuntimeError("a transaction belongs to the program that began it, not to its child")
        if self.mode == "read":
            self.connection.execute("ROLLBACK")
            return
        if self._layout_before is not None:
            sqlite_layout.note_changes(self.connection, self._layout_before)
        self.connection.execute("COMMIT")

    def end(self) -> None:
        """Leave the transaction; what is not committed is undone, and tables created in it are unknown again."""
        self.mode = ""
        self._layout_before = None
        if self.belongs_here and self.connection.in_transaction:
            self._known = None
            self.connection.execute("ROLLBACK")

    def tables(self) -> frozenset[str]:
        """The names of the SQL tables as the transaction sees them."""
        return self._schema().tables

    def columns(self, table: str) -> tuple[str, ...]:
        """The names of a table's columns, computed ones too; none for a table that is not there."""
        schema = self._schema()
        if table not in schema.columns:
            described = self.connection.execute(f"PRAGMA table_xinfo({table})")
            schema.columns[table] = tuple(column[1] for column in described)
        return schema.columns[table]

    def derived(self, name: str, reckon: Callable[[], T]) -> T:
        """What follows from the tables that are there, reckoned once as long as they stay as they are."""
        known = self._schema().derived
        if name not in known:
            known[name] = reckon()
        found: T = known[name]
        return found

    def indexed(self, table: str) -> dict[str, str]:
        """The fields of a table's documents that have a column of their own, with its name."""

        def reckon() -> dict[str, str]:
            return {column[2:]: column for column in self.columns(table) if column.startswith("f_")}

        return self.derived(f"indexed {table}", reckon)

    def change_tables(self, statement: str) -> None:
        """Create or drop something."""
        self.changing_layout()
        self.connection.execute(statement)
        self._known_is_current = False

    def changing_layout(self) -> None:
        """Something is about to be created or dropped; the commit remembers that, and nothing changed by others."""
        if self._layout_before is None:
            self._layout_before = sqlite_layout.layout_of(self.connection)

    def remembers(self, table: str) -> bool:
        """Whether a table was made, so that its absence is damage."""
        return sqlite_layout.remembers(self.connection, table)

    @property
    def has_layout_remembered(self) -> bool:
        """Whether tables, indexes and triggers are as they were made."""
        return sqlite_layout.is_as_remembered(self.connection)

    def _schema(self) -> _Schema:
        """Asked for once in a transaction, since only the transaction itself can change it."""
        if self._known and self._known_is_current:
            return self._known
        version: int = self.connection.execute("PRAGMA schema_version").fetchone()[0]
        if self._known is None or version != self._known.version:
            self._refuse_newer()
            names = self.connection.execute("SELECT CAST(name AS TEXT) FROM sqlite_master WHERE type='table'")
            self._known = _Schema(version, frozenset(name for (name,) in names))
        self._known_is_current = True
        return self._known

    def _refuse_newer(self) -> None:
        """A newer program may migrate the file while this one has it open."""
        path = self.connection.execute("PRAGMA database_list").fetchone()[2]
        self._file_format.refuse_newer(self.connection, Path(path))

    def close(self) -> None:
        """Close the connection, unless it is another program's."""
        if not self.closed and self.belongs_here:
            self.closed = True
            self.connection.close()

    def __del__(self) -> None:
        self.close()


class Carrier(Protocol):
    """What holds connections."""

    def open_sessions(self) -> Sequence[Session]:
        """The connections of all threads."""

    def start_afresh(self, *, tainted: bool) -> None:
        """Called in the child: forget everything; tainted means that a connection came along."""


_carriers: weakref.WeakSet[Carrier] = weakref.WeakSet()
_forking = threading.Lock()
_held: list[Session] = []
_inherited: list[Session] = []


def watch(carrier: Carrier) -> None:
    """Close the carrier's connections before every fork."""
    _carriers.add(carrier)


def _before() -> None:
    _forking.acquire()
    deadline = time.monotonic() + _FORK_PATIENCE
    for carrier in list(_carriers):
        for session in carrier.open_sessions():
            if session.lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
                _held.append(session)
                if not session.mode:
                    session.close()


def _in_parent() -> None:
    while _held:
        _held.pop().lock.release()
    _forking.release()


def _in_child() -> None:
    global _forking
    _forking = threading.Lock()
    _held.clear()
    for carrier in list(_carriers):
        left_open = carrier.open_sessions()
        _inherited.extend(left_open)
        carrier.start_afresh(tainted=bool(left_open))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
