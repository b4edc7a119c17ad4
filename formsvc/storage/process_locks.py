"""Locks by which one process sees whether another still runs.

Each process locks a file of its own; the operating system releases the lock however the process
ends. A process id alone would not do: the system gives it to another process afterwards.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
import threading
import time
import weakref
from contextlib import suppress
from pathlib import Path
from typing import IO

from formsvc.storage.atomic_files import make_folder

# claims that name a process are kept no longer
_REMOVED_AFTER = 8 * 24 * 3600.0
_ID = re.compile(r"[0-9]+-[0-9a-f]{16}")


class LockedProcesses:
    """The ``Processes`` of an instance, as locked files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._id = ""
        self._file: IO[bytes] | None = None
        if hasattr(os, "register_at_fork"):
            mine = weakref.ref(self)
            os.register_at_fork(after_in_child=lambda: _reset_if_alive(mine()))

    def own_id(self) -> str:
        """Return the id of this process; its file is made with the first call."""
        with self._lock:
            if not self._id:
                make_folder(self._folder)
                self._remove_old()
                self._id = f"{os.getpid()}-{secrets.token_hex(8)}"
                self._file = (self._folder / self._id).open("xb", buffering=0)
                _try_lock(self._file)
            return self._id

    def is_alive(self, process: str) -> bool:
        """Return whether the process of an id runs; False for text that is none."""
        # closing one's own file a second time would give up its lock (fcntl(2))
        if process == self._id:
            return True
        if not _ID.fullmatch(process):
            return False
        try:
            with (self._folder / process).open("r+b", buffering=0) as file:
                return not _try_lock(file)
        except FileNotFoundError:
            return False
        except OSError:
            # Windows refuses to open what another process has locked
            return True

    def _reset(self) -> None:
        # a fork inherits the file but not the lock
        self._id, self._file, self._lock = "", None, threading.Lock()

    def _remove_old(self) -> None:
        for file in self._folder.iterdir():
            with suppress(OSError):
                is_old = file.stat().st_mtime < time.time() - _REMOVED_AFTER
                if is_old and not self.is_alive(file.name):
                    file.unlink()


def _reset_if_alive(processes: LockedProcesses | None) -> None:
    if processes is not None:
        processes._reset()


def _try_lock(file: IO[bytes]) -> bool:
    """Lock the file until it is closed; return False if it is taken."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.lockf(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
