"""Connections and transactions of all threads on one database file."""

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
    is_sql_error,
    missing_file,
    translated_errors,
)
from formsvc.storage.tinydb_sqlite.file_format import FileFormat, connect
from formsvc.storage.tinydb_sqlite.list_index import refresh_if_needed
from formsvc.storage.tinydb_sqlite.session import Session, register_fork_aware

_SHARED_FILE_SYSTEMS = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|ncpfs|afs|9p|ceph|lustre|glusterfs|gfs2?|ocfs2|beegfs"
    r"|fuse\.(sshfs|glusterfs|ceph.*|s3fs|rclone|davfs.*|smbnetfs|juicefs)|davfs|fuse\.mergerfs"
)
_REMOTE_DRIVE = 4  # DRIVE_REMOTE of GetDriveTypeW
# Seconds to wait for a lock that another thread has just failed to get in time.
_STUCK_TIMEOUT = 0.25

# Files this process may not open: it inherited a connection to them over a fork.
_inherited_paths: set[Path] = set()


class SQLiteFile:
    """A database file, its sessions and its locks.

    A nested ``read`` or ``write`` block joins the outer one. ``lock_timeout`` is in seconds. Raise
    FormsvcError for a file on a network share.
    """

    def __init__(
        self, path: Path, *, lock_timeout: float = 5.0, file_format: FileFormat | None = None
    ) -> None:
        self.path = Path(path).absolute()
        self.file_format = file_format or FileFormat()
        self.lock_timeout = lock_timeout
        self._is_damaged = False
        self._closed = False
        self._lock_is_stuck = False
        self._identity: tuple[int, int] | None = None
        self._reset()
        refuse_network_share(self.path.parent, self.path)
        self._make_folder()
        register_fork_aware(self)
        with self.read():
            self._identity = self._current_identity()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a write transaction: committed and synced at the end of the block.

        Raise Busy if the lock is not free in time. After that, callers wait a quarter of a second only until
        the lock is had again: most of them have waited already, for a thread of the server.
        """
        outer = self._current_session()
        if outer:
            if outer.mode == "read":
                raise RuntimeError("a reading block cannot write")
            yield outer
            return
        if self._is_damaged:
            raise damaged(self.path)
        patience = min(self.lock_timeout, _STUCK_TIMEOUT) if self._lock_is_stuck else self.lock_timeout
        deadline = time.monotonic() + patience
        writer, began = self._writer, False
        try:
            # SQLite polls for its lock; among the threads of one process this lock is handed over at once.
            if not writer.acquire(timeout=patience):
                raise busy()
            try:
                with self._transaction("write", deadline) as session:
                    began, self._lock_is_stuck = True, False
                    yield session
            finally:
                writer.release()
        except Busy:
            if not began:
                self._lock_is_stuck = not self.is_written_within(patience)
            raise

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a snapshot; inside a write block it sees what that has written."""
        outer = self._current_session()
        if outer:
            yield outer
            return
        with self._transaction("read", time.monotonic() + self.lock_timeout) as session:
            yield session

    @contextmanager
    def outside_transaction(self) -> Iterator[Session]:
        """Lend this thread's connection outside any transaction."""
        if self._current_session():
            raise RuntimeError("this cannot be done inside a block")
        with self._translated_errors():
            session = self._locked_session(time.monotonic() + self.lock_timeout)
            try:
                yield session
            finally:
                session.lock.release()

    @property
    def mode(self) -> str:
        """Return ``read``, ``write``, or empty outside a block of this thread."""
        outer = self._current_session()
        return outer.mode if outer else ""

    def is_written_within(self, seconds: float) -> bool:
        """Return whether any program has committed so lately."""
        try:
            written = os.stat(f"{self.path}-wal").st_mtime
        except OSError:
            return False
        return written > time.time() - seconds

    def close(self) -> None:
        """Close the connections of all threads, once each has left its block."""
        self._closed = True
        for session in self.open_sessions():
            with session.lock:
                session.close()

    def open_sessions(self) -> list[Session]:
        return [session for session in list(self._sessions) if not session.closed]

    def reset_after_fork(self, *, inherited_connection: bool) -> None:
        if inherited_connection:
            _inherited_paths.add(self.path)
        self._reset()

    def _reset(self) -> None:
        self._sessions: weakref.WeakSet[Session] = weakref.WeakSet()
        self._local = threading.local()
        self._writer = threading.Lock()

    @contextmanager
    def _transaction(self, mode: str, deadline: float) -> Iterator[Session]:
        with self._translated_errors():
            session = self._locked_session(deadline)
            try:
                session.begin(mode, deadline - time.monotonic())
                yield session
                # In the same transaction: other programs see rows and list index change together.
                if mode == "write":
                    refresh_if_needed(session)
                session.commit()
            except sqlite3.OperationalError as error:
                if is_sql_error(error) and not session.matches_snapshot:
                    raise damaged(self.path) from error
                raise
            finally:
                try:
                    session.end()
                finally:
                    session.lock.release()

    def _current_session(self) -> Session | None:
        session: Session | None = getattr(self._local, "session", None)
        return session if session and session.mode else None

    def _locked_session(self, deadline: float) -> Session:
        """Return this thread's session, locked against being closed by others."""
        while True:
            session = self._session(deadline)
            session.lock.acquire()
            if not session.closed:
                return session
            session.lock.release()

    def _session(self, deadline: float) -> Session:
        """Return this thread's session, opening it if needed."""
        if self._closed:
            raise RuntimeError("the store is closed")
        # A file that was replaced under its name is not the one that was opened first.
        if self._identity is not None and self._identity != self._current_identity():
            raise missing_file(self.path)
        session: Session | None = getattr(self._local, "session", None)
        if session is None or session.closed:
            session = self._open_session(max(0.0, deadline - time.monotonic()))
            self._local.session = session
            self._sessions.add(session)
        return session

    def _open_session(self, timeout: float) -> Session:
        if self.path in _inherited_paths:
            raise FormsvcError(
                msg("本程序是从一个正在读写数据的程序中派生出来的，不能再使用同一数据文件。"),
                msg("请改为重新启动程序。"),
            )
        try:
            connection = connect(self.path, timeout, self.file_format)
            return Session(connection, timeout, self.file_format)
        except OSError as error:
            raise disk_error(error, self.path) from error

    def _current_identity(self) -> tuple[int, int] | None:
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
    def _translated_errors(self) -> Iterator[None]:
        try:
            with translated_errors(self.path, self.file_format.damage):
                yield
        except StoreDamaged:
            self._is_damaged = True
            raise


def refuse_network_share(folder: Path, path: Path) -> None:
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
    """Return the network file system or share a path is on.

    Empty for a local disk, or where the system does not say.
    """
    if sys.platform == "win32":
        return _windows_share(path)
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    file_system = _file_system_of(path.resolve(), lines)
    return file_system if _SHARED_FILE_SYSTEMS.fullmatch(file_system) else ""


def _file_system_of(path: Path, mount_lines: list[str]) -> str:
    deepest, file_system = -1, ""
    for line in mount_lines:
        place, _, kind = line.partition(" - ")
        # Blanks in a mount point are written as octal escapes (proc(5)).
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), place.split(" ")[4]))
        # Of all mount points above the path the deepest counts, and of those the latest.
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
