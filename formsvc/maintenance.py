"""Backup, restore, export and verification of a whole instance."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from formsvc.config import Settings
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.limits import Limits
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance.progress import Progress, no_progress
from formsvc.usecases.ports import ChainHead, Store

if TYPE_CHECKING:
    from formsvc.storage.backup.restore import RestorePlan
    from formsvc.usecases.maintenance.backups import ArchiveEntry, ArchiveFolder, BackupArchive
    from formsvc.usecases.maintenance.integrity import IntegrityReport

SECRET_SETTINGS = ("secret_key",)
HIDDEN = msg("（不显示）")
MAX_SHOWN = 100

# The functions import the storage when called: `formsvc --help` must not wait for it.


def build_archives(
    settings: Settings,
    ports: Ports,
    folder: Path,
    passphrase: str = "",
    progress: Progress = no_progress,
) -> ArchiveFolder:
    """Return the backups in `folder`, of the store and files of `ports`."""
    from formsvc.storage.atomic_files import make_folder
    from formsvc.storage.backup.creation import BackupSources
    from formsvc.storage.backup.folder import BackupFolder
    from formsvc.storage.file_store import FolderFiles
    from formsvc.storage.tinydb_store import TinyStore

    # a backup copies the database file itself, which the Store port does not offer
    if not isinstance(ports.store, TinyStore) or not isinstance(ports.files, FolderFiles):
        raise TypeError("backups need the store and files that build_ports opens")
    # the office's own place; any other may be a disk that is not there now
    if folder.is_relative_to(settings.instance.absolute()):
        make_folder(folder)
    own = definition_folders(settings)
    sources = BackupSources(ports.store, ports.files, settings.instance / "formsvc.toml", own, progress)
    return BackupFolder(
        folder,
        sources,
        scratch=settings.cache / "backups",
        passphrase=passphrase,
        limits=settings.limits,
    )


def definition_folders(settings: Settings) -> dict[str, Path]:
    """Return the definition folders, keyed by their name in a backup."""
    return {"form_definitions": settings.definitions, "doc_templates": settings.templates}


def changed_definitions_after_restore(settings: Settings, backup: BackupArchive) -> tuple[Path, list[str]]:
    """Return the folder of the restored definitions, and which of them differ."""
    from formsvc.storage.backup.archive import FROM_BACKUP, definition_files, file_hashes

    in_use = file_hashes(definition_files(definition_folders(settings)))
    changed = sorted(name for name, sha256 in backup.own.items() if in_use.get(name) != sha256)
    return settings.instance / FROM_BACKUP, changed


@dataclass(frozen=True)
class BackupContent:
    """Content of a backup, and how it differs from the instance."""

    archive: BackupArchive
    files: int
    # settings that differ from those in force: name, value now, value in the backup
    settings: tuple[tuple[str, str, str], ...]
    definitions: tuple[str, ...]
    plan: RestorePlan


def examine_backup(settings: Settings, paths: Sequence[Path], passphrase: str = "") -> BackupContent:
    """Return the content of a backup and the plan of its restore."""
    from formsvc.storage.backup.archive import open_archive
    from formsvc.storage.backup.folder import to_made_backup
    from formsvc.storage.backup.restore import plan_restore

    chain = _chain_of(settings, paths, passphrase)
    with open_archive(paths[-1], passphrase, settings.limits) as archive:
        made = to_made_backup(paths[-1], archive.manifest)
        return BackupContent(
            made,
            len(archive.manifest.files),
            tuple(changed_settings(settings, archive.settings_text())),
            tuple(changed_definitions_after_restore(settings, made)[1]),
            plan_restore(chain, settings.store_file, passphrase, settings.limits),
        )


def _chain_of(settings: Settings, paths: Sequence[Path], passphrase: str) -> list[Path]:
    from formsvc.storage.backup.restore import backup_sequence

    if len(paths) > 1:
        return list(paths)
    return backup_sequence(paths[0], paths[0].absolute().parent, passphrase, settings.limits)


def check_archive(
    settings: Settings,
    path: Path,
    passphrase: str = "",
    *,
    scratch: Path | None = None,
    progress: Progress = no_progress,
) -> tuple[BackupArchive, IntegrityReport]:
    """Prove a backup by a restore to a temporary place.

    No instance is needed. `scratch` is a folder with room for it, that of the system by default. Raise
    FormsvcError if the archive, or one it builds on, is damaged or missing.
    """
    from formsvc.storage.backup.archive import open_archive
    from formsvc.storage.backup.folder import to_made_backup
    from formsvc.storage.backup.restore import rehearse

    chain = _chain_of(settings, [path], passphrase)
    with TemporaryDirectory(prefix="formsvc-check-", dir=scratch) as place:
        found = rehearse(chain, Path(place), passphrase, settings.limits, progress)
    with open_archive(path, passphrase, settings.limits) as archive:
        return to_made_backup(path, archive.manifest), found


def list_archives(settings: Settings, folder: Path, passphrase: str = "") -> list[ArchiveEntry]:
    """Return the backups of a folder, also those that cannot be opened.

    Raise FormsvcError if there is no such folder.
    """
    from formsvc.storage.backup import folder as backups

    if not folder.is_dir():
        raise FormsvcError(
            msg("没有文件夹“{folder}”。", folder=folder), msg("请检查路径，或者 FORMSVC_BACKUPS。")
        )
    return backups.list_archives(folder, passphrase, settings.limits)


def remove_left_over(settings: Settings) -> list[str]:
    """Remove parts of killed backups and expired migration copies.

    Return the names.
    """
    from formsvc.storage.backup.folder import remove_parts
    from formsvc.storage.migrations import remove_copies

    days = settings.migration_copy_days
    copies = remove_copies(settings.store_file, timedelta(days=days)) if days else []
    return remove_parts(settings.backups) + copies


def list_migration_copies(settings: Settings) -> list[tuple[str, int]]:
    """Return the copies made before migrations: file name, bytes."""
    from formsvc.storage.migrations import copies_of

    return [(copy.name, copy.stat().st_size) for copy in copies_of(settings.store_file)]


def changed_settings(settings: Settings, text: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield each setting of a settings file that is not in force here.

    A file that cannot be read is one setting with an empty name.
    """
    try:
        table = tomllib.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        yield "", "", ""
        return
    for name, value in table.items():
        current = getattr(settings, name.lower(), getattr(settings.limits, name.lower(), None))
        now = current.strftime("%H:%M") if isinstance(current, time) else str(current)
        then = str(Path(str(value)).absolute()) if isinstance(current, Path) else str(value)
        if now.lower() != then.lower():
            hidden = name.lower() in SECRET_SETTINGS
            yield name.lower(), *((HIDDEN, HIDDEN) if hidden else (now, then[:MAX_SHOWN]))


def restore_archives(
    settings: Settings,
    paths: Sequence[Path],
    passphrase: str = "",
    *,
    with_settings: bool = False,
    progress: Progress = no_progress,
) -> BackupArchive:
    """Restore a backup into an empty instance.

    One path is enough for an incremental backup: the archives it builds on are
    searched in its folder. Settings that differ from those in force are taken only
    `with_settings`.
    """
    from formsvc.storage.backup.folder import to_made_backup
    from formsvc.storage.backup.restore import restore
    from formsvc.storage.file_store import FolderFiles

    chain = _chain_of(settings, paths, passphrase)
    take = with_settings or not examine_backup(settings, paths, passphrase).settings
    manifest = restore(
        chain,
        settings.store_file,
        FolderFiles(settings.files),
        passphrase,
        settings.limits,
        with_settings=take,
        progress=progress,
    )
    # an anchor outside the instance belongs to the lost store, which was newer than the backup:
    # left in place it would report the restored history as cut short
    if settings.anchor and settings.anchor.exists():
        settings.anchor.replace(settings.anchor.with_name(f"{settings.anchor.name}.before-restore"))
    return to_made_backup(paths[-1], manifest)


def is_encrypted_backup(path: Path) -> bool:
    from formsvc.storage.backup.encryption import is_encrypted

    with open(path, "rb") as stream:
        return is_encrypted(stream)


def verify_instance(
    settings: Settings, known: ChainHead | None = None, progress: Progress = no_progress
) -> IntegrityReport:
    """Check store and files; `known` is a printed chain head to look for.

    Nothing is changed: what would be is checked on a copy. Raise FormsvcError if the instance holds no data or its store cannot be opened.
    """
    from formsvc.storage.file_store import FolderFiles
    from formsvc.storage.places import places_of
    from formsvc.storage.tinydb_store import TinyStore
    from formsvc.storage.verified_copy import unchanged_store
    from formsvc.usecases.maintenance.integrity import check_integrity
    from formsvc.usecases.ports import IntegrityFinding

    # opening a store creates it: a misspelt folder must not be verified as an empty instance
    if not any(part.exists() for part in store_files(settings)):
        raise FormsvcError(
            msg("“{folder}”里还没有数据。", folder=settings.instance), msg("请检查 FORMSVC_INSTANCE。")
        )
    places = places_of(settings.store_file, settings.files, settings.anchor)
    with unchanged_store(settings.store_file) as (path, layout):
        # inspect_only: an anchor that does not match is a finding, not a reason to refuse the store
        store = TinyStore(path, anchor=places.anchor, inspect_only=True, places=places)
        try:
            found = check_integrity(store, FolderFiles(settings.files), known=known, progress=progress)
        finally:
            store.close()
    if layout:
        note = msg("数据文件是以前的格式（第 {layout} 版），在临时的副本上核验，没有改动它。", layout=layout)
        found.findings.append(IntegrityFinding("store", note, "notice"))
    return found


def export_store(store: Store, file: Path) -> dict[str, int]:
    """Write all records to one JSON file that stock TinyDB opens.

    Return the number of records per collection.
    """
    from formsvc.storage.backup.json_export import export_json

    return export_json(store, file)


def import_store(file: Path, store: Store, *, megabytes: int = Limits.import_megabytes) -> dict[str, int]:
    """Read such a file into an empty store, all or nothing.

    Return the number of records per collection. Raise FormsvcError for more than
    `megabytes`, and for a record that the office could not work with.
    """
    from formsvc.storage.backup.json_export import import_json
    from formsvc.usecases.maintenance.record_shapes import record_fault

    return import_json(file, store, max_bytes=megabytes * 2**20, fault_of=record_fault)


def store_files(settings: Settings) -> list[Path]:
    """Return the files a store may consist of, present or not."""
    from formsvc.storage.schema import store_files as files_of_store

    return files_of_store(settings.store_file)
