"""Kept files of a trial restore, in one file that is removed soon."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from formsvc.errors import KeptFileDamaged, disk_error
from formsvc.i18n.messages import msg
from formsvc.storage.file_store import free_bytes_of


class TrialFiles:
    """Files one after another in ``path``, none synced or removed alone.

    To create and to remove a folder and a file for each took ten times as long as all the rest of a trial.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0

    def keep(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        try:
            with open(self._path, "ab") as stream:
                stream.write(content)
        except OSError as error:
            raise disk_error(error, self._path) from error
        self._places[sha256] = self._end, len(content)
        self._end += len(content)
        return sha256

    def read(self, sha256: str) -> bytes:
        begin, length = self._places.get(sha256, (0, 0))
        try:
            with open(self._path, "rb") as stream:
                stream.seek(begin)
                content = stream.read(length)
        except FileNotFoundError:
            content = b""
        except OSError as error:
            raise disk_error(error, self._path) from error
        if sha256 not in self._places or hashlib.sha256(content).hexdigest() != sha256:
            message = msg("备份里没有这个文件（{sha256}…），或者已损坏。", sha256=sha256[:12])
            raise KeptFileDamaged(message, msg("请换另一份备份。"), sha256)
        return content

    def free_bytes(self) -> int:
        return free_bytes_of(self._path)

    def older_than(self, age: timedelta) -> set[str]:
        """Return nothing: all of it is new."""
        return set()

    def remove(self, hashes: Iterable[str], older_than: timedelta) -> list[str]:
        """Remove nothing."""
        return []
