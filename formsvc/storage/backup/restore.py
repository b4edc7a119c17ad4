"""Restore of archives to an empty instance, and a rehearsal of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.storage.atomic_files import make_folder
from formsvc.storage.backup.archive import (
    FROM_BACKUP,
    KEPT,
    OWN,
    SETTINGS,
    STORE,
    Archive,
    Manifest,
    damaged_archive,
    open_archive,
    temporary_folder,
)
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.schema import store_files
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.maintenance.integrity import IntegrityReport, check_integrity
from formsvc.usecases.ports import ChainHead


def restore(paths: Sequence[Path], store_file: Path, files_root: Path, passphrase: str = "") -> Manifest:
    """Restore an archive, or a whole one and the incremental ones after it.

    Raise FormsvcError unless the target is empty.
    """
    left = [place for place in store_files(store_file) if place.exists()]
    if left:
        raise FormsvcError(
            msg("“{folder}”里已有数据，没有恢复。", folder=store_file.parent),
            msg("请恢复到一个空的实例文件夹；要放弃现有数据，请先把整个文件夹改名留存。"),
        )
    with ExitStack() as stack:
        archives = [stack.enter_context(open_archive(path, passphrase)) for path in paths]
        _require_sequence(archives)
        newest = archives[-1].manifest
        holder = {sha256: archive for archive in archives for sha256 in archive.manifest.held}
        absent = [s for s in newest.files if s not in holder and s not in newest.missing]
        if absent:
            raise FormsvcError(
                msg(
                    "备份“{name}”还需要更早的备份，缺少 {n} 个文件。",
                    name=archives[-1].path.name,
                    n=len(absent),
                ),
                msg("请把完整备份和其后的各次增量备份按先后一并写上。"),
            )
        # The store gets its name last, so that an interrupted restore can be run again.
        _restore_files(FolderFiles(files_root), newest, holder)
        make_folder(store_file.parent)
        settings = store_file.with_name(SETTINGS)
        if newest.settings and not settings.exists():
            archives[-1].copy(SETTINGS, newest.settings, settings)
        for name, sha256 in newest.own.items():
            target = store_file.parent / FROM_BACKUP / name
            make_folder(target.parent)
            archives[-1].copy(f"{OWN}{name}", sha256, target)
        archives[-1].copy(STORE, newest.store_sha256, store_file)
    return newest


def _require_sequence(archives: Sequence[Archive]) -> None:
    """Raise FormsvcError unless the archives build on one another."""
    before = ""
    for archive in archives:
        if archive.manifest.since != before:
            raise FormsvcError(
                msg("备份“{name}”接不上前一份。", name=archive.path.name),
                msg("请从完整备份开始，按先后写上其后的每一次增量备份。"),
            )
        before = archive.manifest.id


def _restore_files(files: FolderFiles, newest: Manifest, holder: dict[str, Archive]) -> None:
    for sha256 in newest.files:
        if sha256 not in holder:
            continue
        with holder[sha256].entry(f"{KEPT}{sha256}") as stream:
            if files.keep(stream.read()) != sha256:
                raise damaged_archive(holder[sha256].path)


def rehearse(paths: Sequence[Path], scratch: Path, passphrase: str = "") -> IntegrityReport:
    with temporary_folder(scratch) as place:
        manifest = restore(paths, place / STORE, place / "files", passphrase)
        store = TinyStore(place / STORE)
        try:
            saved = ChainHead(manifest.links, manifest.head, "")
            return check_integrity(store, FolderFiles(place / "files"), known=saved)
        finally:
            store.close()


def backup_sequence(newest: Path, folder: Path, passphrase: str = "") -> list[Path]:
    """Return the archives the newest one builds on, the whole one first."""
    by_id: dict[str, tuple[Path, str]] = {}
    for path in sorted({*folder.glob("*.backup"), newest}):
        try:
            with open_archive(path, passphrase) as archive:
                by_id[archive.manifest.id] = path, archive.manifest.since
        except FormsvcError:
            if path == newest:
                raise
    with open_archive(newest, passphrase) as archive:
        next_id = archive.manifest.id
    sequence: list[Path] = []
    while next_id and next_id in by_id:
        path, next_id = by_id[next_id]
        sequence.insert(0, path)
    return sequence
