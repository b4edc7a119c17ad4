"""Bytes that cost time to make, kept on disk for all workers of the service: each made once, whoever asks first.

What is kept may be deleted at any time. Nothing here is allowed to fail a request: where the disk does not take a
file, what was made is answered all the same.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

log = logging.getLogger("formsvc.web")
MEGABYTE = 1024 * 1024
IN_MEMORY = 16 * MEGABYTE
ON_DISK = 512 * MEGABYTE
UNUSED_DAYS = 14
SWEPT_AFTER = 64
"""Files written by this process before it looks how much there is."""
SAYS_SO_AFTER = 3600
"""Seconds after which a file that is read again counts as used anew."""
MADE_WITHIN = 60.0
POLL_SECONDS = 0.02
_CHECK_BYTES = 16

Make = Callable[[], bytes]


class Shelf:
    """Bytes under names that tell their content; the least lately used are given up when there are too many."""

    def __init__(
        self, folder: Path | None = None, *, in_memory: int = IN_MEMORY, on_disk: int = ON_DISK
    ) -> None:
        self._folder, self._most_memory, self._most_disk = folder, in_memory, on_disk
        self._hot: OrderedDict[str, bytes] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._written = 0

    def get(self, name: str, make: Make) -> bytes:
        """What is kept under the name; made now by one of all who ask for it, and waited for by the others."""
        found = self._remembered(name)
        if found is not None:
            return found
        with self._lock:
            turn = self._making.setdefault(name, threading.Lock())
        try:
            with turn:
                found = self._remembered(name)
                if found is None:
                    found = self._from_disk(name, make) if self._folder else make()
                    self._remember(name, found)
                return found
        finally:
            with self._lock:
                self._making.pop(name, None)

    # In memory -------------------------------------------------------------------------------------

    def _remembered(self, name: str) -> bytes | None:
        with self._lock:
            found = self._hot.get(name)
            if found is not None:
                self._hot.move_to_end(name)
            return found

    def _remember(self, name: str, content: bytes) -> None:
        with self._lock:
            self._weight += len(content) - len(self._hot.pop(name, b""))
            self._hot[name] = content
            while len(self._hot) > 1 and self._weight > self._most_memory:
                self._weight -= len(self._hot.popitem(last=False)[1])

    # On disk ---------------------------------------------------------------------------------------

    def _file(self, name: str) -> Path:
        assert self._folder is not None
        digest = hashlib.sha256(name.encode()).hexdigest()
        return self._folder / digest[:2] / digest[2:]

    def _from_disk(self, name: str, make: Make) -> bytes:
        file = self._file(name)
        until = time.monotonic() + MADE_WITHIN
        while True:
            found = _read(file)
            if found is not None:
                return found
            claim = _claimed(file)
            if claim is not None:
                break
            if time.monotonic() > until:
                return make()
            time.sleep(POLL_SECONDS)
        try:
            made = make()
            self._keep(file, made)
            return made
        finally:
            with suppress(OSError):
                claim.unlink()

    def _keep(self, file: Path, content: bytes) -> None:
        temporary = file.with_name(f"{file.name}.{os.getpid()}.{threading.get_ident()}.new")
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as written:
                written.write(_check(content) + content)
            os.replace(temporary, file)
        except OSError as error:
            log.warning("page picture not kept: %s", error)
            with suppress(OSError):
                temporary.unlink()
            return
        with self._lock:
            self._written += 1
            is_time = self._written % SWEPT_AFTER == 1
        if is_time:
            self.sweep()

    def sweep(self) -> None:
        """Give up what nobody asked for lately, and the oldest of what is too much."""
        if self._folder is None:
            return
        found = []
        for file in self._folder.glob("*/*"):
            with suppress(OSError):
                state = file.stat()
                found.append((state.st_mtime, state.st_size, file))
        total = sum(size for _used, size, _file in found)
        long_ago = time.time() - UNUSED_DAYS * 86_400
        for used, size, file in sorted(found):
            if used > long_ago and total <= self._most_disk:
                break
            with suppress(OSError):
                file.unlink()
                total -= size


def _check(content: bytes) -> bytes:
    """What tells a whole file from one cut off by a loss of power."""
    return hashlib.blake2b(content, digest_size=_CHECK_BYTES).digest()


def _read(file: Path) -> bytes | None:
    """A kept file, if it is there and whole."""
    try:
        kept = file.read_bytes()
        if time.time() - file.stat().st_mtime > SAYS_SO_AFTER:
            os.utime(file)
    except OSError:
        return None
    content = kept[_CHECK_BYTES:]
    return content if kept[:_CHECK_BYTES] == _check(content) else None


def _claimed(file: Path) -> Path | None:
    """The mark that this process makes the file now; None while another does. A mark left behind does not last."""
    claim = file.with_name(f"{file.name}.making")
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        with suppress(OSError):
            if time.time() - claim.stat().st_mtime > MADE_WITHIN:
                claim.unlink()
        return None
    except OSError:
        return claim  # a disk that takes no marks: everybody makes their own
    return claim
