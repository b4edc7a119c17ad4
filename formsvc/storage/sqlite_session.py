"""One thread's connection to a SQLite file."""

from __future__ import annotations

import os
import sqlite3
import threading

_NOTICEABLE = 0.05
_UNKNOWN: tuple[int, frozenset[str]] = (-1, frozenset())


class Session:
    """A connection, and what its thread is doing with it: ``mode`` is ``read``, ``write`` or empty."""

    def __init__(self, connection: sqlite3.Connection, timeout: float) -> None:
        self.connection = connection
        self.lock = threading.RLock()
        self.mode = ""
        self.closed = False
        self._known = _UNKNOWN
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
        if mode == "write":
            self.connection.execute("BEGIN IMMEDIATE")
        else:
            self.connection.execute("BEGIN")
            self.connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        self.mode = mode

    def commit(self) -> None:
        """Commit and sync."""
        if not self.belongs_here:
            raise RuntimeError("a transaction belongs to the program that began it, not to its child")
        self.connection.execute("COMMIT")

    def end(self) -> None:
        """Leave the transaction; what is not committed is undone, and tables created in it are unknown again."""
        self.mode = ""
        if self.belongs_here and self.connection.in_transaction:
            self._known = _UNKNOWN
            self.connection.execute("ROLLBACK")

    def tables(self) -> frozenset[str]:
        """The names of the SQL tables as the transaction sees them."""
        version: int = self.connection.execute("PRAGMA schema_version").fetchone()[0]
        if version != self._known[0]:
            names = self.connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            self._known = (version, frozenset(name for (name,) in names))
        return self._known[1]

    def close(self) -> None:
        """Close the connection, unless it is another program's."""
        if not self.closed and self.belongs_here:
            self.closed = True
            self.connection.close()

    def __del__(self) -> None:
        self.close()
