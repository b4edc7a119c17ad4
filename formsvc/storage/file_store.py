"""Kept files in a folder, each named by its SHA-256."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from formsvc.errors import KeptFileDamaged, NotFound, disk_error
from formsvc.i18n.messages import msg
from formsvc.storage.atomic_files import (
    PART_SUFFIX,
    atomic_write,
    is_in_use,
    make_folder,
    read_file,
    sync_folder,
)

_SHA256 = re.compile(r"[0-9a-f]{64}")


class FolderFiles:
    """Kept files under ``root/ab/cd/abcd…``, written and synced."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def keep(self, content: bytes) -> str:
        """Store bytes and return their SHA-256; the same bytes are stored once."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        if not self._renew_if_intact(path, sha256):
            make_folder(path.parent)
            with atomic_write(path) as stream:
                stream.write(content)
        return sha256

    def read(self, sha256: str) -> bytes:
        """Return the bytes. Raise KeptFileDamaged if they are missing or altered."""
        if not _SHA256.fullmatch(sha256):
            raise NotFound(msg("“{sha256}”不是文件摘要，没有这样的文件。", sha256=sha256))
        try:
            content = read_file(self._path(sha256))
        except FileNotFoundError:
            raise KeptFileDamaged(
                msg("没有找到已保存的文件（{sha256}…）。", sha256=sha256[:12]),
                msg("请告诉管理员，从备份中恢复这个文件。"),
                sha256,
            ) from None
        except OSError as error:
            raise disk_error(error, self._path(sha256)) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise KeptFileDamaged(
                msg("已保存的文件（{sha256}…）与登记的摘要不符，内容已被改动或损坏。", sha256=sha256[:12]),
                msg("请告诉管理员，从备份中恢复这个文件。"),
                sha256,
            )
        return content

    def free_bytes(self) -> int:
        return free_bytes_of(self.root)

    def older_than(self, age: timedelta) -> set[str]:
        """Return the hashes of files neither stored nor renewed for ``age``."""
        limit = time.time() - age.total_seconds()
        return {
            path.name for path in self._paths() if _SHA256.fullmatch(path.name) and _is_older(path, limit)
        }

    def remove(self, hashes: Iterable[str], older_than: timedelta) -> list[str]:
        """Remove files, and remains of broken writes, unless they are newer.

        Return the hashes of those that are gone.
        """
        limit = time.time() - older_than.total_seconds()
        for path in self._paths():
            if path.name.endswith(PART_SUFFIX):
                _remove_if_older(path, limit)
        return sorted(sha256 for sha256 in hashes if _remove_if_unused(self._path(sha256), limit))

    def kept(self) -> Iterator[str]:
        return (path.name for path in self._paths() if _SHA256.fullmatch(path.name))

    def _path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def _paths(self) -> Iterator[Path]:
        return (path for path in self.root.glob("??/??/*") if path.is_file())

    def _renew_if_intact(self, path: Path, sha256: str) -> bool:
        try:
            # A new time keeps a clean-up that runs just now from removing it.
            os.utime(path)
            is_intact = hashlib.sha256(read_file(path)).hexdigest() == sha256
            if is_intact:
                sync_folder(path.parent)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise disk_error(error, path) from error
        return is_intact


def free_bytes_of(path: Path) -> int:
    # The folder itself may not exist yet.
    existing = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    return shutil.disk_usage(existing).free


def _is_older(path: Path, limit: float) -> bool:
    try:
        return path.stat().st_mtime < limit
    except FileNotFoundError:
        return False


def _remove_if_older(path: Path, limit: float) -> None:
    try:
        if path.stat().st_mtime < limit:
            path.unlink()
    except FileNotFoundError:
        return
    except PermissionError as error:
        if not is_in_use(error):
            raise


def _remove_if_unused(path: Path, limit: float) -> bool:
    # Moved aside first: a writer that keeps the same bytes meanwhile renews the file or writes it again.
    aside = path.with_name(f".{path.name}{PART_SUFFIX}")
    try:
        if path.stat().st_mtime >= limit:
            return False
        os.replace(path, aside)
        if aside.stat().st_mtime >= limit:
            os.replace(aside, path)
            return False
        aside.unlink()
    except FileNotFoundError:
        return False
    except PermissionError as error:
        if is_in_use(error):  # a reader has it open; the next run removes it
            return False
        raise
    return True
