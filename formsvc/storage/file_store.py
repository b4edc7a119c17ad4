"""Kept bytes in a folder, each file named by its SHA-256."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from formsvc.errors import FormsvcError, NotFound, disk_error
from formsvc.i18n.messages import msg
from formsvc.storage.atomic_files import (
    PART,
    held,
    make_folder,
    read_whole,
    sync_folder,
    written_in_full,
)

_SHA256 = re.compile(r"[0-9a-f]{64}")


class FolderFiles:
    """Documents and photographs under ``root/ab/cd/abcd…``; written and synced before ``keep`` returns."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def keep(self, content: bytes) -> str:
        """Keep bytes; the same bytes twice are kept once. Answers the hash."""
        sha256 = hashlib.sha256(content).hexdigest()
        place = self._place(sha256)
        if not self._renewed(place, sha256):
            make_folder(place.parent)
            with written_in_full(place) as stream:
                stream.write(content)
        return sha256

    def read(self, sha256: str) -> bytes:
        """The bytes, checked against the hash."""
        if not _SHA256.fullmatch(sha256):
            raise NotFound(msg("“{sha256}”不是文件摘要，没有这样的文件。", sha256=sha256))
        try:
            content = read_whole(self._place(sha256))
        except FileNotFoundError:
            raise NotFound(
                msg("没有找到已保存的文件（{sha256}…）。", sha256=sha256[:12]),
                msg("请从备份中恢复这个文件。"),
            ) from None
        except OSError as error:
            raise disk_error(error, self._place(sha256)) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FormsvcError(
                msg("已保存的文件（{sha256}…）与登记的摘要不符，内容已被改动或损坏。", sha256=sha256[:12]),
                msg("请从备份中恢复这个文件。"),
            )
        return content

    def free_bytes(self) -> int:
        """How much more fits on the disk; the folder itself may not be made yet."""
        there = next(place for place in (self.root, *self.root.absolute().parents) if place.exists())
        return shutil.disk_usage(there).free

    def sweep(self, known: set[str], older_than: timedelta) -> list[str]:
        """Remove files nobody refers to, and remains of broken writes, unless newer than that. Answers the hashes."""
        return self.remove(self.older_than(older_than) - known, older_than)

    def older_than(self, age: timedelta) -> set[str]:
        """The hashes of kept files that were neither kept nor renewed for so long."""
        limit = time.time() - age.total_seconds()
        return {
            place.name
            for place in self._places()
            if _SHA256.fullmatch(place.name) and _is_older(place, limit)
        }

    def remove(self, hashes: Iterable[str], older_than: timedelta) -> list[str]:
        """Take kept files away, and remains of broken writes, unless newer than that. Answers the hashes taken."""
        limit = time.time() - older_than.total_seconds()
        for place in self._places():
            if place.name.endswith(PART):
                _remove_if_older(place, limit)
        return sorted(sha256 for sha256 in hashes if _withdrawn(self._place(sha256), limit))

    def kept(self) -> Iterator[str]:
        """The hashes of all kept files."""
        return (place.name for place in self._places() if _SHA256.fullmatch(place.name))

    def _place(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def _places(self) -> Iterator[Path]:
        return (place for place in self.root.glob("??/??/*") if place.is_file())

    def _renewed(self, place: Path, sha256: str) -> bool:
        """Whether the bytes are there already, unharmed; they then count as new, so that no sweep takes them."""
        try:
            os.utime(place)
            unharmed = hashlib.sha256(read_whole(place)).hexdigest() == sha256
            if unharmed:
                sync_folder(place.parent)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise disk_error(error, place) from error
        return unharmed


def _is_older(place: Path, limit: float) -> bool:
    try:
        return place.stat().st_mtime < limit
    except FileNotFoundError:
        return False


def _remove_if_older(place: Path, limit: float) -> None:
    try:
        if place.stat().st_mtime < limit:
            place.unlink()
    except FileNotFoundError:
        return
    except PermissionError as error:
        if not held(error):
            raise


def _withdrawn(place: Path, limit: float) -> bool:
    """Take an old file away. Moved aside first: whoever keeps the same bytes meanwhile renews or writes them anew."""
    aside = place.with_name(f".{place.name}{PART}")
    try:
        if place.stat().st_mtime >= limit:
            return False
        os.replace(place, aside)
        if aside.stat().st_mtime >= limit:
            os.replace(aside, place)
            return False
        aside.unlink()
    except FileNotFoundError:
        return False
    except PermissionError as error:
        if held(error):  # somebody reads it; it goes next time
            return False
        raise
    return True
