"""Backup, restore, export and verification of a whole instance."""

from __future__ import annotations

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
    from formsvc.child_processes.archives import ArchiveProcess
    from formsvc.storage.backup.reader import ArchiveReader
    from formsvc.storage.backup.restore import RestorePlan
    from formsvc.usecases.maintenance.backups import ArchiveEntry, ArchiveFolder, BackupArchive
    from formsvc.usecases.maintenance.integrity import IntegrityReport

SECRET_SETTINGS = ("secret_key",)
HIDDEN = msg("（不显示）")
MAX_SHOWN = 100
DEFAULT_LIMITS = Limits()

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
        reader=archive_process(settings, passphrase),
    )


def archive_process(settings: Settings, passphrase: str = "") -> ArchiveProcess:
    """Return a reader of archives and exports in a limited child process."""
    from formsvc.child_processes.archives import ArchiveProcess
    from formsvc.documents.workers.process_limits import apply_limits

    # the child gets the limits of this process
    apply_limits(settings.limits)
    return ArchiveProcess(passphrase, settings.limits)


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
    with archive_process(settings, passphrase) as reader:
        return _examine(settings, paths, _chain_of(paths, reader), reader)


def _examine(
    settings: Settings, paths: Sequence[Path], chain: Sequence[Path], reader: ArchiveReader
) -> BackupContent:
    from formsvc.storage.backup.folder import to_made_backup

    found = reader.examine(chain, settings.store_file)
    made = to_made_backup(paths[-1], found.manifest)
    return BackupContent(
        made,
        found.files,
        tuple(changed_settings(settings, found.settings)),
        tuple(changed_definitions_after_restore(settings, made)[1]),
        found.plan,
    )


def _chain_of(paths: Sequence[Path], reader: ArchiveReader) -> list[Path]:
    from formsvc.storage.backup.reader import backup_sequence

    if len(paths) > 1:
        return list(paths)
    return backup_sequence(paths[0], paths[0].absolute().parent, reader)


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
    from formsvc.storage.backup.folder import to_made_backup

    with (
        archive_process(settings, passphrase) as reader,
        TemporaryDirectory(prefix="formsvc-check-", dir=scratch) as place,
    ):
        found = reader.rehearse(_chain_of([path], reader), Path(place), progress)
        return to_made_backup(path, reader.manifest(path)), found


def list_archives(settings: Settings, folder: Path, passphrase: str = "") -> list[ArchiveEntry]:
    """Return the backups of a folder, also those that cannot be opened.

    Raise FormsvcError if there is no such folder.
    """
    from formsvc.storage.backup import folder as backups

    if not folder.is_dir():
        raise FormsvcError(
            msg("没有文件夹“{folder}”。", folder=folder), msg("请检查路径，或者 FORMSVC_BACKUPS。")
        )
    with archive_process(settings, passphrase) as reader:
        return backups.list_archives(folder, reader)


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


def changed_settings(
    settings: Settings, found: Sequence[tuple[str, str]] | None
) -> Iterator[tuple[str, str, str]]:
    """Yield each setting of a settings file that is not in force here.

    A file that cannot be read is one setting with an empty name.
    """
    if found is None:
        yield "", "", ""
        return
    for name, value in found:
        current = getattr(settings, name.lower(), getattr(settings.limits, name.lower(), None))
        now = current.strftime("%H:%M") if isinstance(current, time) else str(current)
        then = str(Path(value).absolute()) if isinstance(current, Path) else value
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
    reader: ArchiveReader | None = None,
) -> tuple[BackupArchive, IntegrityReport]:
    """Restore a backup into an empty instance, and check it.

    One path is enough for an incremental backup: the archives it builds on are
    searched in its folder. Settings that differ from those in force are taken only
    `with_settings`. `reader` reads them, a limited child process by default; if it fails
    in any way, the instance stays as it was.
    """
    if reader is None:
        with archive_process(settings, passphrase) as limited:
            return restore_archives(
                settings, paths, passphrase, with_settings=with_settings, progress=progress, reader=limited
            )
    from formsvc.storage.backup.folder import to_made_backup
    from formsvc.storage.backup.restore import require_empty
    from formsvc.storage.backup.staging import RestoreTarget, move_into_place, staging_folders

    require_empty(settings.store_file)
    chain = _chain_of(paths, reader)
    take = with_settings or not _examine(settings, paths, chain, reader).settings
    target = RestoreTarget(settings.store_file, settings.files)
    with staging_folders(target):
        manifest, report = reader.restore(chain, target, with_settings=take, progress=progress)
        require_empty(settings.store_file)
        move_into_place(target)
    # an anchor outside the instance belongs to the lost store, which was newer than the backup:
    # left in place it would report the restored history as cut short
    if settings.anchor and settings.anchor.exists():
        settings.anchor.replace(settings.anchor.with_name(f"{settings.anchor.name}.before-restore"))
    return to_made_backup(paths[-1], manifest), report


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


def import_store(
    file: Path, store: Store, limits: Limits = DEFAULT_LIMITS, *, reader: ArchiveReader | None = None
) -> dict[str, int]:
    """Read such a file into an empty store, all or nothing.

    Return the number of records per collection. `reader` reads it, a limited child process by default. Raise
    FormsvcError for a file that is too large, and for a record that the office could not work with.
    """
    from formsvc.child_processes.archives import ArchiveProcess
    from formsvc.storage.backup.json_export import import_records

    max_bytes = limits.import_megabytes * 2**20
    if reader is not None:
        return import_records(reader.records(file, max_bytes), store)
    with ArchiveProcess("", limits) as limited:
        return import_records(limited.records(file, max_bytes), store)


def store_files(settings: Settings) -> list[Path]:
    """Return the files a store may consist of, present or not."""
    from formsvc.storage.schema import store_files as files_of_store

    return files_of_store(settings.store_file)
