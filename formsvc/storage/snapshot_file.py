"""Snapshot file of a computed value; it may be deleted at any time."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from formsvc.errors import FormsvcError
from formsvc.storage.atomic_files import atomic_write, make_folder, read_file


class SnapshotFile:
    """Bytes of one file, valid for the program that wrote them only.

    ``program`` differs between any two versions of the program.
    """

    def __init__(self, path: Path, program: bytes) -> None:
        self._path, self._program = path, program

    def load(self) -> bytes | None:
        """Return the content.

        None if there is none, or it is damaged or another program's.
        """
        try:
            stored = read_file(self._path)
        except OSError:
            return None
        content = stored[hashlib.sha256().digest_size :]
        return content if stored.startswith(self._checksum(content)) else None

    def save(self, content: bytes) -> None:
        # a full disk costs time at the next start, nothing else
        with suppress(FormsvcError, OSError):
            make_folder(self._path.parent)
            with atomic_write(self._path) as stream:
                stream.write(self._checksum(content) + content)

    def _checksum(self, content: bytes) -> bytes:
        return hashlib.sha256(self._program + content).digest()
