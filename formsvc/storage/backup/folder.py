"""Folder in which an instance keeps its backups."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from formsvc.errors import disk_error
from formsvc.limits import Limits
from formsvc.storage.atomic_files import PART_SUFFIX, make_folder
from formsvc.storage.backup.archive import DEFAULT_LIMITS, Manifest, temporary_folder
from formsvc.storage.backup.creation import BackupSources, create_backup
from formsvc.storage.backup.reader import ArchiveReader, DirectReader, backup_sequence
from formsvc.usecases.maintenance.backups import ArchiveEntry, BackupArchive
from formsvc.usecases.maintenance.integrity import IntegrityReport

LOCK_FILE = "backups.lock"
PART_AGE = timedelta(hours=1)


class BackupFolder:
    """Archives in ``folder``; ``scratch`` is for temporary files."""

    def __init__(
        self,
        folder: Path,
        sources: BackupSources,
        *,
        scratch: Path,
        passphrase: str = "",
        limits: Limits = DEFAULT_LIMITS,
        reader: ArchiveReader | None = None,
    ) -> None:
        self._reader = reader or DirectReader(passphrase, limits)
        self._folder = folder
        self._sources = sources
        self._scratch = scratch
        self._passphrase = passphrase
        self._limits = limits

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Yield whether this is the only program making backups."""
        make_folder(self._scratch)
        # A lock of SQLite on an empty file works alike on every system, and ends with the program that sources it.
        # filelock would save three lines and cost a dependency.
        with closing(sqlite3.connect(self._scratch / LOCK_FILE, timeout=0, isolation_level=None)) as lock:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                yield False
            else:
                yield True

    def make(self, name: str, now: datetime, since: str = "") -> BackupArchive:
        target = self._folder / name
        remove_parts(self._folder)
        manifest = create_backup(
            replace(self._sources, read_manifest=self._reader.manifest),
            target,
            now=now,
            scratch=self._scratch,
            since=self._folder / since if since else None,
            passphrase=self._passphrase,
            limits=self._limits,
        )
        return to_made_backup(target, manifest)

    def rehearse(self, name: str) -> IntegrityReport:
        row = backup_sequence(self._folder / name, self._folder, self._reader)
        with temporary_folder(self._scratch) as place:
            return self._reader.rehearse(row, place, self._sources.progress)

    def all(self) -> list[BackupArchive]:
        """Return every archive that can be opened, the oldest first."""
        found = self._reader.manifests(self._folder)
        backups = [to_made_backup(each.path, each.manifest) for each in found if each.manifest]
        return sorted(backups, key=lambda made: (made.made_at, made.name))

    def remove(self, name: str) -> None:
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error, self._folder / name) from error


def list_archives(folder: Path, reader: ArchiveReader) -> list[ArchiveEntry]:
    """Return the archives of a folder by age, unreadable ones last."""
    entries = [
        ArchiveEntry(
            each.path.name, to_made_backup(each.path, each.manifest) if each.manifest else None, each.fault
        )
        for each in reader.manifests(folder)
    ]
    return sorted(entries, key=lambda entry: (entry.made is None, entry.made.made_at if entry.made else ""))


def remove_parts(folder: Path) -> list[str]:
    """Remove what backups that were killed left; return the names.

    A part that was written to within the last hour is another program's.
    """
    removed = []
    for part in folder.glob(f".*.backup.*{PART_SUFFIX}"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > PART_AGE.total_seconds():
                part.unlink()
                removed.append(part.name)
    return removed


def to_made_backup(path: Path, manifest: Manifest) -> BackupArchive:
    return BackupArchive(
        name=path.name,
        id=manifest.id,
        made_at=manifest.made_at,
        acts=manifest.acts,
        links=manifest.links,
        head=manifest.head,
        bytes=path.stat().st_size,
        since=manifest.since,
        missing=len(manifest.missing),
        own=manifest.own,
    )
