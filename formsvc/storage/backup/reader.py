"""Reading of archives and exports, which may come from anywhere."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from formsvc.errors import FormsvcError
from formsvc.limits import Limits
from formsvc.storage.backup.archive import DEFAULT_LIMITS, FROM_BACKUP, SETTINGS, Manifest, open_archive
from formsvc.storage.backup.json_export import read_export
from formsvc.storage.backup.restore import (
    RestorePlan,
    plan_restore,
    restore,
    restore_for_trial,
)
from formsvc.storage.backup.staging import RestoreTarget, StagedFiles
from formsvc.storage.tinydb_store import TinyStore
from formsvc.storage.verified_copy import unchanged_store
from formsvc.usecases.maintenance.integrity import IntegrityReport, check_integrity
from formsvc.usecases.maintenance.progress import Progress, no_progress
from formsvc.usecases.maintenance.record_shapes import record_fault
from formsvc.usecases.ports import ChainHead, Record


@dataclass(frozen=True)
class ReadArchive:
    """An archive of a folder; without a manifest the fault says why.

    The manifest may lack its lists of files.
    """

    path: Path
    manifest: Manifest | None
    fault: str = ""


@dataclass(frozen=True)
class Examination:
    """Content of an archive, and what its restore would do.

    ``settings`` are names and values of its settings file, None if it cannot be read. The manifest may lack its lists
    of ``files``.
    """

    manifest: Manifest
    files: int
    settings: tuple[tuple[str, str], ...] | None
    plan: RestorePlan


class ArchiveReader(Protocol):
    """Reader of archives and exports. Every method raises FormsvcError."""

    def manifest(self, path: Path) -> Manifest: ...

    def manifests(self, folder: Path) -> list[ReadArchive]:
        """Return every archive of a folder by name."""

    def examine(self, paths: Sequence[Path], store_file: Path) -> Examination:
        """Examine the last of some archives and plan a restore of all."""

    def rehearse(
        self, paths: Sequence[Path], place: Path, progress: Progress = no_progress
    ) -> IntegrityReport:
        """Restore archives to a temporary folder and check everything."""

    def restore(
        self,
        paths: Sequence[Path],
        target: RestoreTarget,
        *,
        with_settings: bool,
        progress: Progress = no_progress,
    ) -> tuple[Manifest, IntegrityReport]:
        """Restore archives to the staged places of a target and check everything.

        The manifest may lack its lists of files.
        """

    def records(self, export: Path, max_bytes: int) -> Iterator[tuple[str, Record]]:
        """Yield each record of an exported file with its collection."""


class DirectReader:
    """The ``ArchiveReader`` that reads in this process."""

    def __init__(self, passphrase: str = "", limits: Limits = DEFAULT_LIMITS) -> None:
        self._passphrase, self._limits = passphrase, limits

    def manifest(self, path: Path) -> Manifest:
        with open_archive(path, self._passphrase, self._limits) as archive:
            return archive.manifest

    def manifests(self, folder: Path) -> list[ReadArchive]:
        return [self.read(path) for path in sorted(folder.glob("*.backup"))]

    def read(self, path: Path) -> ReadArchive:
        try:
            return ReadArchive(path, self.manifest(path))
        except FormsvcError as error:
            return ReadArchive(path, None, str(error))

    def examine(self, paths: Sequence[Path], store_file: Path) -> Examination:
        with open_archive(paths[-1], self._passphrase, self._limits) as archive:
            settings = _settings(archive.settings_text())
            plan = plan_restore(paths, store_file, self._passphrase, self._limits)
            return Examination(archive.manifest, len(archive.manifest.files), settings, plan)

    def rehearse(
        self, paths: Sequence[Path], place: Path, progress: Progress = no_progress
    ) -> IntegrityReport:
        return restore_for_trial(paths, place, self._passphrase, self._limits, progress)

    def restore(
        self,
        paths: Sequence[Path],
        target: RestoreTarget,
        *,
        with_settings: bool,
        progress: Progress = no_progress,
    ) -> tuple[Manifest, IntegrityReport]:
        staged, files = target.staged.store_file, StagedFiles(target)
        own = target.store_file.with_name(SETTINGS)
        take = with_settings and not own.exists()
        args = (paths, staged, files, self._passphrase, self._limits)
        manifest = restore(*args, with_settings=take, progress=progress)
        _remove_if_same(staged.parent / FROM_BACKUP / SETTINGS, own)
        # the store is migrated and gets its anchor when its service opens it
        with (
            unchanged_store(staged, scratch=staged.parent) as (path, _layout),
            closing(TinyStore(path, inspect_only=True)) as store,
        ):
            known = ChainHead(manifest.links, manifest.head, "")
            return manifest, check_integrity(store, files, known=known, progress=progress)

    def records(self, export: Path, max_bytes: int) -> Iterator[tuple[str, Record]]:
        return read_export(export, max_bytes, record_fault)


def backup_sequence(newest: Path, folder: Path, reader: ArchiveReader) -> list[Path]:
    """Return the archives the newest one builds on, the whole one first.

    Raise FormsvcError for a newest one that cannot be read.
    """
    own = reader.manifest(newest)
    others = [(each.path, each.manifest) for each in reader.manifests(folder) if each.manifest]
    by_id = {manifest.id: (path, manifest.since) for path, manifest in others}
    # a copy of it under another name is not the one that was asked for
    by_id[own.id] = newest, own.since
    next_id = own.id
    sequence: list[Path] = []
    while next_id and next_id in by_id:
        # taken out: archives that name each other must not go round for ever
        path, next_id = by_id.pop(next_id)
        sequence.insert(0, path)
    return sequence


def _settings(text: bytes) -> tuple[tuple[str, str], ...] | None:
    try:
        table = tomllib.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return tuple((name, str(value)) for name, value in table.items())


def _remove_if_same(path: Path, own: Path) -> None:
    if path.exists() and own.exists() and path.read_bytes() == own.read_bytes():
        path.unlink()
