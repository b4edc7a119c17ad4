"""Folders in which a restore is made, next to its places.

A restore that is interrupted leaves the instance as it was; a complete one is moved to its place, the store last.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from formsvc.errors import KeptFileDamaged, disk_error
from formsvc.storage.atomic_files import make_folder, sync_folder
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.private_files import keep_private

_FOLDER = ".restore"


@dataclass(frozen=True)
class RestoreTarget:
    """Store file and folder of kept files of an instance, both to come."""

    store_file: Path
    files: Path

    @property
    def staged(self) -> RestoreTarget:
        """Return the places next to them, on the same disks."""
        store = self.store_file
        return RestoreTarget(store.parent / _FOLDER / store.name, self.files / _FOLDER)


class StagedFiles:
    """Kept files of a restore: those that are in their place stay there."""

    def __init__(self, target: RestoreTarget) -> None:
        self._staged, self._kept = FolderFiles(target.staged.files), FolderFiles(target.files)

    def keep(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        with suppress(KeptFileDamaged):
            self._kept.read(sha256)
            return sha256
        return self._staged.keep(content)

    def read(self, sha256: str) -> bytes:
        try:
            return self._staged.read(sha256)
        except KeptFileDamaged:
            return self._kept.read(sha256)

    def free_bytes(self) -> int:
        return self._staged.free_bytes()

    def older_than(self, age: timedelta) -> set[str]:
        return self._kept.older_than(age)

    def remove(self, hashes: Iterable[str], older_than: timedelta) -> list[str]:
        """Remove nothing."""
        return []


@contextmanager
def staging_folders(target: RestoreTarget) -> Iterator[RestoreTarget]:
    """Lend the staged places and remove them afterwards.

    Folders that were made for them go too, unless something was moved into them.
    """
    staged = target.staged
    places = (staged.store_file.parent, staged.files)
    missing = [each for place in places for each in place.parents if not each.exists()]
    try:
        # a program that was killed may have left some
        _remove(places)
        for place in places:
            make_folder(place)
        keep_private(places)
        yield staged
    finally:
        _remove(places)
        for folder in sorted(missing, key=lambda path: len(path.parts), reverse=True):
            with suppress(OSError):
                folder.rmdir()


def _remove(places: Iterable[Path]) -> None:
    for place in places:
        shutil.rmtree(place, ignore_errors=True)


def move_into_place(target: RestoreTarget) -> None:
    """Move a complete restore to its place, the store last."""
    staged = target.staged
    try:
        _merge(staged.files, target.files)
        aside = staged.store_file.with_name(f".{staged.store_file.name}.last")
        os.replace(staged.store_file, aside)
        for path in sorted(staged.store_file.parent.iterdir()):
            if path != aside:
                _move(path, target.store_file.parent / path.name)
        os.replace(aside, target.store_file)
        sync_folder(target.store_file.parent)
    except OSError as error:
        raise disk_error(error, target.store_file) from error


def _merge(source: Path, folder: Path) -> None:
    for path in sorted(source.iterdir()):
        _move(path, folder / path.name)
    sync_folder(folder)


def _move(path: Path, place: Path) -> None:
    # a folder that is not there yet is moved as a whole: some 250 of them hold all files
    if path.is_dir() and place.is_dir():
        _merge(path, place)
    else:
        os.replace(path, place)
