"""The folder an instance keeps its backups in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from formsvc.errors import FormsvcError, disk_error
from formsvc.storage.atomic_files import make_folder
from formsvc.storage.backup import archive as backup
from formsvc.usecases.maintenance.backups import MadeBackup
from formsvc.usecases.maintenance.integrity import Examination

LOCK = "backups.lock"


class FolderArchives:
    """Archives lie under their names in ``folder``; ``scratch`` is where they are put together and tried."""

    def __init__(
        self,
        folder: Path,
        held: backup.Holdings,
        *,
        scratch: Path,
        passphrase: str = "",
    ) -> None:
        self._folder = folder
        self._held = held
        self._scratch = scratch
        self._passphrase = passphrase

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """One program at a time; the system frees the lock of a program that dies.

        The lock is one of SQLite's, on an empty file: it is the same on every system Python runs on.
        """
        make_folder(self._scratch)
        with closing(sqlite3.connect(self._scratch / LOCK, timeout=0, isolation_level=None)) as lock:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                yield False
            else:
                yield True

    def make(self, name: str, now: datetime, since: str = "") -> MadeBackup:
        """Write an archive. Raises FormsvcError."""
        target = self._folder / name
        manifest = backup.make(
            self._held,
            target,
            now=now,
            scratch=self._scratch,
            since=self._folder / since if since else None,
            passphrase=self._passphrase,
        )
        return described(target, manifest)

    def rehearse(self, name: str) -> Examination:
        """Restore to a temporary place and read everything back. Raises FormsvcError."""
        row = backup.chain_of(self._folder / name, self._folder, self._passphrase)
        return backup.rehearse(row, self._scratch, self._passphrase)

    def all(self) -> list[MadeBackup]:
        """Every archive that can be opened, the oldest first."""
        found = []
        for path in self._folder.glob("*.backup"):
            try:
                with backup.opened(path, self._passphrase) as archive:
                    found.append(described(path, archive.manifest))
            except FormsvcError:
                continue
        return sorted(found, key=lambda made: (made.made_at, made.name))

    def remove(self, name: str) -> None:
        """Take an archive away."""
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as wrong:
            raise disk_error(wrong, self._folder / name) from wrong


def described(path: Path, manifest: backup.Manifest) -> MadeBackup:
    """An archive as the use cases speak of it."""
    return MadeBackup(
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
