"""A SQLite file shared by threads and by programs: connections, transactions, deadlines."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from formsvc.errors import Busy, FormsvcError
from formsvc.i18n.messages import msg
from formsvc.storage.platform import fork_safety as forks
from formsvc.storage.platform.atomic_files import disk_error, make_folder
from formsvc.storage.platform.network_shares import network_share
from formsvc.storage.schema import connect
from formsvc.storage.tinydb_sqlite.errors import (
    StoreDamaged,
    busy,
    damaged,
    in_words,
    missing_file,
    misunderstood,
)
from formsvc.storage.tinydb_sqlite.index_updates import keep_up
from formsvc.storage.tinydb_sqlite.session import Session

_BRIEFLY = 0.25
"""Seconds to wait for a lock that somebody has just waited for in vain."""

_tainted: set[Path] = set()
"""Files this program may not open, because a connection to them was inherited over a fork."""


class SQLiteFile:
    """One file. ``write`` and ``read`` open a transaction for this thread; a nested block joins the outer one."""

    def __init__(self, path: Path, *, lock_timeout: float = 5.0) -> None:
        self.path = Path(path).absolute()
        self.lock_timeout = lock_timeout
        self._harmed = False
        self._closed = False
        self._stuck = False
        self._identity: tuple[int, int] | None = None
        self._reset()
        self._refuse_unsafe_place()
        forks.watch(self)
        with self.read():
            self._identity = self._identity_now()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One write transaction: committed and synced when the block ends, undone when it raises.

        Where the lock was not had in time, those who come next are told almost at once until somebody has it again: they
        have mostly waited already, for a thread of the server that waited here.
        """
        outer = self._current()
        if outer:
            if outer.mode == "read":
                raise RuntimeError("a reading block cannot write")
            yield outer
            return
        if self._harmed:
            raise damaged(self.path)
        patience = min(self.lock_timeout, _BRIEFLY) if self._stuck else self.lock_timeout
        deadline = time.monotonic() + patience
        writer, began = self._writer, False
        try:
            if not writer.acquire(timeout=patience):
                raise busy()
            try:
                with self._transaction("write", deadline) as session:
                    began, self._stuck = True, False
                    yield session
            finally:
                writer.release()
        except Busy:
            if not began:
                self._stuck = not self._was_written_within(patience)
            raise

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent snapshot, taken when the block begins; inside a write block, what that has written so far."""
        outer = self._current()
        if outer:
            yield outer
            return
        with self._transaction("read", time.monotonic() + self.lock_timeout) as session:
            yield session

    @contextmanager
    def at_rest(self) -> Iterator[Session]:
        """This thread's connection outside any transaction."""
        if self._current():
            raise RuntimeError("this cannot be done inside a block")
        with self._told():
            session = self._locked_session(time.monotonic() + self.lock_timeout)
            try:
                yield session
            finally:
                session.lock.release()

    @property
    def mode(self) -> str:
        """What this thread's block is for: ``read``, ``write`` or empty."""
        outer = self._current()
        return outer.mode if outer else ""

    def close(self) -> None:
        """Close the connections of all threads, once each has left its block."""
        self._closed = True
        for session in self.open_sessions():
            with session.lock:
                session.close()

    def open_sessions(self) -> list[Session]:
        """The connections of all threads."""
        return [session for session in list(self._sessions) if not session.closed]

    def start_afresh(self, *, tainted: bool) -> None:
        """In the child of a fork: none of the parent's locks and connections count."""
        if tainted:
            _tainted.add(self.path)
        self._reset()

    def _reset(self) -> None:
        self._sessions: weakref.WeakSet[Session] = weakref.WeakSet()
        self._local = threading.local()
        self._writer = threading.Lock()

    @contextmanager
    def _transaction(self, mode: str, deadline: float) -> Iterator[Session]:
        with self._told():
            session = self._locked_session(deadline)
            try:
                session.begin(mode, deadline - time.monotonic())
                yield session
                if mode == "write":
                    keep_up(session)
                session.commit()
            except sqlite3.OperationalError as error:
                if misunderstood(error) and not session.has_layout_remembered:
                    raise damaged(self.path) from error
                raise
            finally:
                try:
                    session.end()
                finally:
                    session.lock.release()

    def _current(self) -> Session | None:
        session: Session | None = getattr(self._local, "session", None)
        return session if session and session.mode else None

    def _locked_session(self, deadline: float) -> Session:
        """This thread's connection, kept from being closed by others until its lock is released."""
        while True:
            session = self._session(deadline)
            session.lock.acquire()
            if not session.closed:
                return session
            session.lock.release()

    def _session(self, deadline: float) -> Session:
        """This thread's connection, opened if need be, to the very file that was there at first."""
        if self._closed:
            raise RuntimeError("the store is closed")
        if self._identity is not None and self._identity != self._identity_now():
            raise missing_file(self.path)
        session: Session | None = getattr(self._local, "session", None)
        if session is None or session.closed:
            session = self._opened(max(0.0, deadline - time.monotonic()))
            self._local.session = session
            self._sessions.add(session)
        return session

    def _opened(self, timeout: float) -> Session:
        if self.path in _tainted:
            raise FormsvcError(
                msg("本程序是从一个正在读写数据的程序中派生出来的，不能再使用同一数据文件。"),
                msg("请改为重新启动程序。"),
            )
        try:
            return Session(connect(self.path, timeout), timeout)
        except OSError as error:
            raise disk_error(error, self.path) from error

    def _was_written_within(self, seconds: float) -> bool:
        """Whether anybody has committed lately: then the lock goes round, and it was only much asked for."""
        try:
            written = os.stat(f"{self.path}-wal").st_mtime
        except OSError:
            return False
        return written > time.time() - seconds

    def _identity_now(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _refuse_unsafe_place(self) -> None:
        share = network_share(self.path.parent)
        if share:
            raise FormsvcError(
                msg(
                    "数据文件“{path}”放在网络共享（{share}）上，几台电脑同时写会损坏数据，没有使用它。",
                    path=self.path,
                    share=share,
                ),
                msg("请把数据放在本机磁盘上。"),
            )
        make_folder(self.path.parent)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            with in_words(self.path):
                yield
        except StoreDamaged:
            self._harmed = True
            raise
