"""Restore of archives to an empty instance, and a rehearsal of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.limits import Limits, process_limits
from formsvc.storage.atomic_files import atomic_write, make_folder
from formsvc.storage.backup.archive import (
    DEFAULT_LIMITS,
    FROM_BACKUP,
    KEPT,
    OWN,
    SETTINGS,
    STORE,
    Archive,
    Manifest,
    damaged_archive,
    open_archive,
)
from formsvc.storage.backup.trial_files import TrialFiles
from formsvc.storage.file_store import free_bytes_of
from formsvc.storage.schema import store_files
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.maintenance.integrity import IntegrityReport, check_integrity
from formsvc.usecases.maintenance.progress import Progress, Stage, count_each, no_progress
from formsvc.usecases.ports import ChainHead, Files


def restore(
    paths: Sequence[Path],
    store_file: Path,
    files: Files,
    passphrase: str = "",
    limits: Limits = DEFAULT_LIMITS,
    *,
    with_settings: bool = True,
    progress: Progress = no_progress,
) -> Manifest:
    """Restore an archive, or a whole one and the incremental ones after it.

    Without `with_settings` its settings file is put with the definitions, for people to
    look at. Raise FormsvcError unless the target is empty.
    """
    require_empty(store_file)
    with ExitStack() as stack:
        archives = [stack.enter_context(open_archive(path, passphrase, limits)) for path in paths]
        holder = require_complete(archives)
        newest = archives[-1].manifest
        _require_space(archives[-1], holder, store_file)
        # The store gets its name last, so that an interrupted restore can be run again.
        _restore_files(files, newest, holder, progress)
        make_folder(store_file.parent)
        _restore_settings(archives[-1], store_file, with_settings=with_settings)
        for name, sha256 in newest.own.items():
            target = store_file.parent / FROM_BACKUP / name
            make_folder(target.parent)
            archives[-1].copy(f"{OWN}{name}", sha256, target)
        archives[-1].copy(STORE, newest.store_sha256, store_file)
    return newest


def require_empty(store_file: Path) -> None:
    """Raise FormsvcError if there is a store, or what is left of one."""
    if any(place.exists() for place in store_files(store_file)):
        raise FormsvcError(
            msg("“{folder}”里已有数据，没有恢复。", folder=store_file.parent),
            msg("请恢复到一个空的实例文件夹；要放弃现有数据，请先把整个文件夹改名留存。"),
        )


def require_complete(archives: Sequence[Archive]) -> dict[str, Archive]:
    """Return which archive holds which file.

    Raise FormsvcError unless they build on one another and hold every file.
    """
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
    return holder


@dataclass(frozen=True)
class RestorePlan:
    """Archives and space that a restore takes, and why it is refused."""

    archives: tuple[str, ...]
    bytes: int
    free_bytes: int
    refusal: str = ""


def plan_restore(
    paths: Sequence[Path], store_file: Path, passphrase: str = "", limits: Limits = DEFAULT_LIMITS
) -> RestorePlan:
    """Return what a restore would do; write nothing."""
    free = free_bytes_of(store_file)
    names = tuple(path.name for path in paths)
    needed = 0
    try:
        with ExitStack() as stack:
            archives = [stack.enter_context(open_archive(path, passphrase, limits)) for path in paths]
            holder = require_complete(archives)
            needed = _bytes_needed(archives[-1], holder)
            require_empty(store_file)
            _require_space(archives[-1], holder, store_file)
    except FormsvcError as error:
        return RestorePlan(names, needed, free, str(error))
    return RestorePlan(names, needed, free)


def _bytes_needed(newest: Archive, holder: dict[str, Archive]) -> int:
    """Return the size of what is restored. Raise FormsvcError for a false one."""
    kept = {
        sha256: holder[sha256].size_of(f"{KEPT}{sha256}")
        for sha256 in newest.manifest.files
        if sha256 in holder
    }
    most = process_limits().backup_file_megabytes
    if any(size > most * 2**20 for size in kept.values()):
        raise FormsvcError(
            msg("备份文件“{name}”里有一个文件超过 {n} MB。", name=newest.path.name, n=most),
            msg("请换另一份备份；确实是本单位的备份的，请调高 FORMSVC_BACKUP_FILE_MEGABYTES。"),
        )
    needed = sum(kept.values()) + newest.size_of(STORE)
    return needed + sum(newest.size_of(f"{OWN}{name}") for name in newest.manifest.own)


def _require_space(newest: Archive, holder: dict[str, Archive], store_file: Path) -> None:
    """Raise FormsvcError for a backup that would fill the disk."""
    needed = _bytes_needed(newest, holder)
    if needed > free_bytes_of(store_file):
        raise FormsvcError(
            msg("恢复“{name}”需要 {n} MB 空余磁盘，现在不够。", name=newest.path.name, n=needed // 2**20),
            msg("请清理磁盘，或者恢复到另一块磁盘上的实例文件夹。"),
        )


def _restore_settings(archive: Archive, store_file: Path, *, with_settings: bool) -> None:
    content = archive.settings_text()
    own = store_file.with_name(SETTINGS)
    target = own if with_settings and not own.exists() else store_file.parent / FROM_BACKUP / SETTINGS
    if content and not (own.exists() and own.read_bytes() == content):
        make_folder(target.parent)
        with atomic_write(target) as out:
            out.write(content)


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


def _restore_files(files: Files, newest: Manifest, holder: dict[str, Archive], progress: Progress) -> None:
    held = [sha256 for sha256 in newest.files if sha256 in holder]
    for sha256 in count_each(held, len(held), Stage.RESTORE, progress):
        with holder[sha256].entry(f"{KEPT}{sha256}") as stream:
            if files.keep(stream.read()) != sha256:
                raise damaged_archive(holder[sha256].path)


def restore_for_trial(
    paths: Sequence[Path],
    place: Path,
    passphrase: str = "",
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress = no_progress,
) -> IntegrityReport:
    """Restore archives to a folder that is removed soon, and check everything."""
    files = TrialFiles(place / "files")
    manifest = restore(paths, place / STORE, files, passphrase, limits, progress=progress)
    store = TinyStore(place / STORE)
    try:
        saved = ChainHead(manifest.links, manifest.head, "")
        return check_integrity(store, files, known=saved, progress=progress)
    finally:
        store.close()
