"""Disk cache shared by all worker processes; each entry is made once.

Entries may be deleted at any time, and no failure of the disk fails a request: the bytes made are returned all the same.
Not cachelib's FileSystemCache: it pickles, bounds the number of files and not their bytes, evicts the oldest written
instead of the least recently used, and returns a file cut off by a power failure as if it were whole.
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
MEMORY_LIMIT = 16 * MEGABYTE
DISK_LIMIT = 512 * MEGABYTE
UNUSED_DAYS = 14
# Looking at every file takes a while: each process does it once in so many writes
WRITES_PER_SWEEP = 64
# An entry's modification time is its last use, to the hour: most reads then write nothing
TOUCH_AFTER_SECONDS = 3600
# A process killed while it makes an entry leaves its claim behind; others then wait this long
CLAIM_SECONDS = 60.0
POLL_SECONDS = 0.02
CHECKSUM_BYTES = 16

Factory = Callable[[], bytes]


class DiskCache:
    """LRU cache of bytes in memory and, given a folder, on disk.

    A name must identify its content for good: entries are never updated. Limits are in bytes.
    """

    def __init__(
        self, folder: Path | None = None, *, memory_limit: int = MEMORY_LIMIT, disk_limit: int = DISK_LIMIT
    ) -> None:
        self._folder, self._memory_limit, self._disk_limit = folder, memory_limit, disk_limit
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._memory_bytes = 0
        self._lock = threading.Lock()
        self._in_progress: dict[str, threading.Lock] = {}
        self._writes = 0

    def get(self, name: str, make: Factory) -> bytes:
        """Return the entry; if missing, one caller makes it and others wait."""
        content = self._from_memory(name)
        if content is not None:
            return content
        with self._lock:
            turn = self._in_progress.setdefault(name, threading.Lock())
        try:
            with turn:
                content = self._from_memory(name)
                if content is None:
                    content = self._from_disk(name, make) if self._folder else make()
                    self._store_in_memory(name, content)
                return content
        finally:
            with self._lock:
                self._in_progress.pop(name, None)

    # In memory -------------------------------------------------------------------------------------

    def _from_memory(self, name: str) -> bytes | None:
        with self._lock:
            content = self._memory.get(name)
            if content is not None:
                self._memory.move_to_end(name)
            return content

    def _store_in_memory(self, name: str, content: bytes) -> None:
        with self._lock:
            self._memory_bytes += len(content) - len(self._memory.pop(name, b""))
            self._memory[name] = content
            # The newest entry stays even where it alone exceeds the limit
            while len(self._memory) > 1 and self._memory_bytes > self._memory_limit:
                self._memory_bytes -= len(self._memory.popitem(last=False)[1])

    # On disk ---------------------------------------------------------------------------------------

    def _file(self, name: str) -> Path:
        assert self._folder is not None
        digest = hashlib.sha256(name.encode()).hexdigest()
        return self._folder / digest[:2] / digest[2:]

    def _from_disk(self, name: str, make: Factory) -> bytes:
        file = self._file(name)
        deadline = time.monotonic() + CLAIM_SECONDS
        while True:
            content = _read(file)
            if content is not None:
                return content
            claim = _acquire_claim(file)
            if claim is not None:
                break
            if time.monotonic() > deadline:
                return make()
            time.sleep(POLL_SECONDS)
        try:
            # Another process may have written the file and released its claim since our read
            content = _read(file)
            if content is None:
                content = make()
                self._write(file, content)
            return content
        finally:
            with suppress(OSError):
                claim.unlink()

    def _write(self, file: Path, content: bytes) -> None:
        temporary = file.with_name(f"{file.name}.{os.getpid()}.{threading.get_ident()}.new")
        try:
            # 0600: the pages hold personal data that other users of the machine must not read
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
                stream.write(_checksum(content) + content)
            os.replace(temporary, file)
        except OSError as error:
            log.warning("page picture not kept: %s", error)
            with suppress(OSError):
                temporary.unlink()
            return
        with self._lock:
            self._writes += 1
            is_time = self._writes % WRITES_PER_SWEEP == 1
        if is_time:
            self.sweep()

    def sweep(self) -> None:
        """Delete entries unused for long, then the oldest above the disk limit."""
        if self._folder is None:
            return
        entries = []
        for file in self._folder.glob("*/*"):
            with suppress(OSError):  # another process may sweep at the same time
                state = file.stat()
                entries.append((state.st_mtime, state.st_size, file))
        total = sum(size for _last_used, size, _file in entries)
        oldest_allowed = time.time() - UNUSED_DAYS * 86_400
        for last_used, size, file in sorted(entries):
            if last_used > oldest_allowed and total <= self._disk_limit:
                break
            with suppress(OSError):
                file.unlink()
                total -= size


def _checksum(content: bytes) -> bytes:
    # A power failure may leave a file with its name and length but without its last blocks
    return hashlib.blake2b(content, digest_size=CHECKSUM_BYTES).digest()


def _read(file: Path) -> bytes | None:
    """Return the entry's content, or None if it is missing or damaged."""
    try:
        stored = file.read_bytes()
        if time.time() - file.stat().st_mtime > TOUCH_AFTER_SECONDS:
            os.utime(file)
    except OSError:
        return None
    content = stored[CHECKSUM_BYTES:]
    return content if stored[:CHECKSUM_BYTES] == _checksum(content) else None


def _acquire_claim(file: Path) -> Path | None:
    """Create the claim to make the file; None while another process has it."""
    claim = file.with_name(f"{file.name}.making")
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        with suppress(OSError):
            if time.time() - claim.stat().st_mtime > CLAIM_SECONDS:
                claim.unlink()
        return None
    except OSError:
        return claim  # a disk that takes no markers: every process makes its own copy
    return claim
