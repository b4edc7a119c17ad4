"""Folder in which an instance keeps its backups."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from formsvc.errors import FormsvcError, disk_error
from formsvc.limits import Limits
from formsvc.storage.atomic_files import make_folder
from formsvc.storage.backup.archive import DEFAULT_LIMITS, Manifest, open_archive
from formsvc.storage.backup.creation import BackupSources, create_backup
from formsvc.storage.backup.restore import backup_sequence, rehearse
from formsvc.usecases.maintenance.backups import BackupArchive
from formsvc.usecases.maintenance.integrity import IntegrityReport

LOCK_FILE = "backups.lock"


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
    ) -> None:
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
        manifest = create_backup(
            self._sources,
            target,
            now=now,
            scratch=self._scratch,
            since=self._folder / since if since else None,
            passphrase=self._passphrase,
            limits=self._limits,
        )
        return to_made_backup(target, manifest)

    def rehearse(self, name: str) -> IntegrityReport:
        row = backup_sequence(self._folder / name, self._folder, self._passphrase, self._limits)
        return rehearse(row, self._scratch, self._passphrase, self._limits, self._sources.progress)

    def all(self) -> list[BackupArchive]:
        """Return every archive that can be opened, the oldest first."""
        backups = []
        for path in self._folder.glob("*.backup"):
            try:
                with open_archive(path, self._passphrase, self._limits) as archive:
                    backups.append(to_made_backup(path, archive.manifest))
            except FormsvcError:
                continue
        return sorted(backups, key=lambda made: (made.made_at, made.name))

    def remove(self, name: str) -> None:
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error, self._folder / name) from error


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
