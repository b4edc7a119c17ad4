"""Backup, restore, export and verification of a whole instance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from formsvc.config import Settings
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import ChainHead, Store

if TYPE_CHECKING:
    from formsvc.usecases.maintenance.backups import ArchiveFolder, BackupArchive
    from formsvc.usecases.maintenance.integrity import IntegrityReport

# The functions import the storage when called: `formsvc --help` must not wait for it.


def build_archives(settings: Settings, ports: Ports, folder: Path, passphrase: str = "") -> ArchiveFolder:
    """Return the backups in `folder`, of the store and files of `ports`."""
    from formsvc.storage.backup.creation import BackupSources
    from formsvc.storage.backup.folder import BackupFolder
    from formsvc.storage.file_store import FolderFiles
    from formsvc.storage.tinydb_store import TinyStore

    # a backup copies the database file itself, which the Store port does not offer
    if not isinstance(ports.store, TinyStore) or not isinstance(ports.files, FolderFiles):
        raise TypeError("backups need the store and files that build_ports opens")
    sources = BackupSources(
        ports.store, ports.files, settings.instance / "formsvc.toml", definition_folders(settings)
    )
    return BackupFolder(folder, sources, scratch=settings.cache / "backups", passphrase=passphrase)


def definition_folders(settings: Settings) -> dict[str, Path]:
    """Return the definition folders, keyed by their name in a backup."""
    return {"form_definitions": settings.definitions, "doc_templates": settings.templates}


def changed_definitions_after_restore(settings: Settings, backup: BackupArchive) -> tuple[Path, list[str]]:
    """Return the folder of the restored definitions, and which of them differ."""
    from formsvc.storage.backup.archive import FROM_BACKUP, definition_files, file_hashes

    in_use = file_hashes(definition_files(definition_folders(settings)))
    changed = sorted(name for name, sha256 in backup.own.items() if in_use.get(name) != sha256)
    return settings.instance / FROM_BACKUP, changed


def restore_archives(settings: Settings, paths: Sequence[Path], passphrase: str = "") -> BackupArchive:
    """Restore a backup into an empty instance.

    One path is enough for an incremental backup: the archives it builds on are
    searched in its folder.
    """
    from formsvc.storage.backup.folder import to_made_backup
    from formsvc.storage.backup.restore import backup_sequence, restore

    chain = (
        list(paths) if len(paths) > 1 else backup_sequence(paths[0], paths[0].absolute().parent, passphrase)
    )
    manifest = restore(chain, settings.store_file, settings.files, passphrase)
    # an anchor outside the instance belongs to the lost store, which was newer than the backup:
    # left in place it would report the restored history as cut short
    if settings.anchor and settings.anchor.exists():
        settings.anchor.replace(settings.anchor.with_name(f"{settings.anchor.name}.before-restore"))
    return to_made_backup(paths[-1], manifest)


def is_encrypted_backup(path: Path) -> bool:
    from formsvc.storage.backup.encryption import is_encrypted

    with open(path, "rb") as stream:
        return is_encrypted(stream)


def verify_instance(settings: Settings, known: ChainHead | None = None) -> IntegrityReport:
    """Check store and files; `known` is a printed chain head to look for.

    Raise FormsvcError if the instance holds no data or its store cannot be opened.
    """
    from formsvc.storage.file_store import FolderFiles
    from formsvc.storage.tinydb_store import TinyStore
    from formsvc.usecases.maintenance.integrity import check_integrity

    # opening a store creates it: a misspelt folder must not be verified as an empty instance
    if not any(part.exists() for part in store_files(settings)):
        raise FormsvcError(
            msg("“{folder}”里还没有数据。", folder=settings.instance), msg("请检查 FORMSVC_INSTANCE。")
        )
    # inspect_only: an anchor that does not match is a finding, not a reason to refuse the store
    store = TinyStore(settings.store_file, anchor=settings.anchor, inspect_only=True)
    try:
        return check_integrity(store, FolderFiles(settings.files), known=known)
    finally:
        store.close()


def export_store(store: Store, file: Path) -> dict[str, int]:
    """Write all records to one JSON file that stock TinyDB opens.

    Return the number of records per collection.
    """
    from formsvc.storage.backup.json_export import export_json

    return export_json(store, file)


def import_store(file: Path, store: Store) -> dict[str, int]:
    """Read such a file into an empty store, all or nothing.

    Return the number of records per collection.
    """
    from formsvc.storage.backup.json_export import import_json

    return import_json(file, store)


def store_files(settings: Settings) -> list[Path]:
    """Return the files a store may consist of, present or not."""
    from formsvc.storage.schema import store_files as files_of_store

    return files_of_store(settings.store_file)
