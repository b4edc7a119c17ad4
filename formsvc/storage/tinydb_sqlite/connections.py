"""A SQLite file shared by threads and by programs: connections, transactions, deadlines."""

from __future__ import annotations

import os
import re
import sqlite3
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from formsvc.errors import Busy, FormsvcError, disk_error
from formsvc.i18n.messages import msg
from formsvc.storage.tinydb_sqlite.errors import (
    StoreDamaged,
    busy,
    damaged,
    in_words,
    missing_file,
    misunderstood,
)
from formsvc.storage.tinydb_sqlite.file_format import FileFormat, connect
from formsvc.storage.tinydb_sqlite.list_index import keep_up
from formsvc.storage.tinydb_sqlite.session import Session, watch

_SHARED_FILE_SYSTEMS = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|ncpfs|afs|9p|ceph|lustre|glusterfs|gfs2?|ocfs2|beegfs"
    r"|fuse\.(sshfs|glusterfs|ceph.*|s3fs|rclone|davfs.*|smbnetfs|juicefs)|davfs|fuse\.mergerfs"
)
_REMOTE_DRIVE = 4
_BRIEFLY = 0.25
"""Seconds to wait for a lock that somebody has just waited for in vain."""

_tainted: set[Path] = set()
"""Files this program may not open, because a connection to them was inherited over a fork."""


class SQLiteFile:
    """One file. ``write`` and ``read`` open a transaction for this thread; a nested block joins the outer one."""

    def __init__(
        self, path: Path, *, lock_timeout: float = 5.0, file_format: FileFormat | None = None
    ) -> None:
        self.path = Path(path).absolute()
        self.file_format = file_format or FileFormat()
        self.lock_timeout = lock_timeout
        self._harmed = False
        self._closed = False
        self._stuck = False
        self._identity: tuple[int, int] | None = None
        self._reset()
        refuse_network_share(self.path.parent, self.path)
        self._make_folder()
        watch(self)
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
            connection = connect(self.path, timeout, self.file_format)
            return Session(connection, timeout, self.file_format)
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

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error(error, self.path.parent) from error

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            with in_words(self.path, self.file_format.damage):
                yield
        except StoreDamaged:
            self._harmed = True
            raise


def refuse_network_share(folder: Path, path: Path) -> None:
    """Raise FormsvcError if the folder of a database lies on a network share."""
    share = network_share(folder)
    if share:
        raise FormsvcError(
            msg(
                "数据文件“{path}”放在网络共享（{share}）上，几台电脑同时写会损坏数据，没有使用它。",
                path=path,
                share=share,
            ),
            msg("请把数据放在本机磁盘上。"),
        )


def network_share(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """The name of the network file system a path lies on; empty for a disk of this machine, or if it cannot be told."""
    if sys.platform == "win32":
        return _windows_share(path)
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    file_system = _file_system_of(path.resolve(), lines)
    return file_system if _SHARED_FILE_SYSTEMS.fullmatch(file_system) else ""


def _file_system_of(path: Path, mount_lines: list[str]) -> str:
    """Of all mount points above the path the deepest counts, and of those the latest."""
    deepest, file_system = -1, ""
    for line in mount_lines:
        place, _, kind = line.partition(" - ")
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), place.split(" ")[4]))
        if path.is_relative_to(point) and len(point.parts) >= deepest:
            deepest, file_system = len(point.parts), kind.split(" ")[0]
    return file_system


def _windows_share(path: Path) -> str:
    if sys.platform != "win32":
        return ""
    import ctypes

    anchor = path.absolute().anchor
    if anchor.startswith("\\\\"):
        return anchor
    return anchor if ctypes.windll.kernel32.GetDriveTypeW(anchor) == _REMOTE_DRIVE else ""
