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
from contextlib import suppress
from pathlib import Path
from typing import IO

from formsvc.storage.atomic_files import make_folder

# claims that name a process are kept no longer
_REMOVED_AFTER = 8 * 24 * 3600.0
_ID = re.compile(r"[0-9]+-[0-9a-f]{16}")


# The file and id of this process in each folder. One for all objects: the second lock of a process succeeds, and
# closing its file would give up the first (fcntl(2)).
_own: dict[Path, tuple[str, IO[bytes]]] = {}
_own_lock = threading.Lock()


class LockedProcesses:
    """The ``Processes`` of an instance, as locked files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def own_id(self) -> str:
        """Return the id of this process; its file is made with the first call."""
        with _own_lock:
            if self._folder not in _own:
                make_folder(self._folder)
                self._remove_old()
                id_ = f"{os.getpid()}-{secrets.token_hex(8)}"
                file = (self._folder / id_).open("xb", buffering=0)
                _try_lock(file)
                _own[self._folder] = id_, file
            return _own[self._folder][0]

    def is_alive(self, process: str) -> bool:
        """Return whether the process of an id runs; False for text that is none."""
        if self._folder in _own and process == _own[self._folder][0]:
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

    def _remove_old(self) -> None:
        for file in self._folder.iterdir():
            with suppress(OSError):
                is_old = file.stat().st_mtime < time.time() - _REMOVED_AFTER
                if is_old and not self.is_alive(file.name):
                    file.unlink()


def _forget_own() -> None:
    # a fork inherits the files but not the locks, and the lock of another thread as it was
    global _own_lock  # noqa: PLW0603 - see above
    _own_lock = threading.Lock()
    _own.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_own)


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
