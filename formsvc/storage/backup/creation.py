"""Creation of a backup archive of an instance in use.

The archive holds the store as of one moment, the kept files it names, and a manifest of hashes. An
incremental one holds the whole store but only the kept files that earlier archives lack. The target gets its
name when it is complete and synced: a full disk leaves the former backup as it was.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.limits import Limits
from formsvc.storage.atomic_files import atomic_write, make_folder
from formsvc.storage.backup.archive import (
    DEFAULT_LIMITS,
    KEPT,
    MANIFEST,
    OWN,
    SETTINGS,
    STORE,
    Manifest,
    definition_files,
    file_hashes,
    open_archive,
    temporary_folder,
)
from formsvc.storage.backup.encryption import EncryptingWriter
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.places import forget_places
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.maintenance.integrity import referenced_files
from formsvc.usecases.maintenance.progress import Progress, Stage, count_each, no_progress


@dataclass(frozen=True)
class BackupSources:
    """Parts of an instance; ``own`` are its folders of forms by name.

    ``progress`` is called for each of its files that is saved. ``read_manifest`` reads the archive that another one
    builds on, in this process by default.
    """

    store: TinyStore
    files: FolderFiles
    settings: Path | None = None
    own: Mapping[str, Path] = field(default_factory=dict)
    progress: Progress = no_progress
    read_manifest: Callable[[Path], Manifest] | None = None


def create_backup(
    sources: BackupSources,
    target: Path,
    *,
    now: datetime,
    scratch: Path,
    since: Path | None = None,
    passphrase: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> Manifest:
    """Write an archive of this moment while others go on working.

    Raise FormsvcError for a folder that is not there, a stick that is not mounted: nothing would be outside this disk.
    ``since`` is the archive that an incremental one builds on.
    """
    earlier: Manifest | None = None
    if since:
        if since.resolve() == target.resolve():
            raise FormsvcError(msg("增量备份不能覆盖它所依据的备份。"), msg("请另写一个文件名。"))
        if sources.read_manifest:
            earlier = sources.read_manifest(since)
        else:
            with open_archive(since, passphrase, limits) as archive:
                earlier = archive.manifest
    _require_place(target)
    # The store is copied to the local disk first, so that a slow USB stick is written to only once.
    with temporary_folder(scratch) as folder:
        sources.progress(Stage.COPY)
        copy = folder / STORE
        sources.store.backup(copy)
        forget_places(copy)
        manifest = _describe(copy, now, earlier)
        if sources.settings and sources.settings.is_file():
            shutil.copyfile(sources.settings, folder / SETTINGS)
            manifest.settings = _sha256_of(folder / SETTINGS)
        own = _copy_files(definition_files(sources.own), folder / OWN)
        manifest.own = file_hashes(own)
        with atomic_write(target) as out:
            held_before = set(earlier.files) if earlier else set[str]()
            _write_archive(out, copy, sources, manifest, passphrase, held_before)
    return manifest


def _require_place(target: Path) -> None:
    folder = target.absolute().parent
    if not folder.is_dir():
        raise FormsvcError(
            msg("文件夹“{folder}”不存在，没有备份。", folder=folder),
            msg("请核对 U 盘、网络盘是否接好；确实要放在这里的，请先建好这个文件夹。"),
        )
    if target.exists() and not target.is_file():
        raise FormsvcError(msg("“{name}”不是普通文件，没有备份。", name=target), msg("请另写一个文件名。"))


def _copy_files(files: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    for name, path in files.items():
        make_folder((folder / name).parent)
        shutil.copyfile(path, folder / name)
    return {name: folder / name for name in files}


def _describe(copy: Path, now: datetime, earlier: Manifest | None) -> Manifest:
    store = TinyStore(copy, inspect_only=True)
    try:
        head = store.head()
        with store.read() as tx:
            acts, events, hashes = tx.acts.count(), tx.events.count(), sorted(dict(referenced_files(tx)))
    finally:
        store.close()
    store_sha256 = _sha256_of(copy)
    text = f"{store_sha256}{head.hash}{now.isoformat()}{earlier.id if earlier else ''}"
    return Manifest(
        id=hashlib.sha256(text.encode()).hexdigest(),
        made_at=now.isoformat(timespec="seconds"),
        store_sha256=store_sha256,
        events=events,
        links=head.count,
        head=head.hash,
        acts=acts,
        files=hashes,
        since=earlier.id if earlier else "",
    )


def _write_archive(
    out: BinaryIO,
    copy: Path,
    sources: BackupSources,
    manifest: Manifest,
    passphrase: str,
    held_before: set[str],
) -> None:
    encrypted = EncryptingWriter(out, passphrase) if passphrase else None
    try:
        with zipfile.ZipFile(cast(BinaryIO, encrypted or out), "w", allowZip64=True) as archive:
            archive.write(copy, STORE, zipfile.ZIP_DEFLATED, 1)
            if manifest.settings:
                archive.write(copy.with_name(SETTINGS), SETTINGS)
            for name in manifest.own:
                archive.write(copy.parent / OWN / name, f"{OWN}{name}")
            new = [sha256 for sha256 in manifest.files if sha256 not in held_before]
            for sha256 in count_each(new, len(new), Stage.SAVE, sources.progress):
                _add_kept_file(archive, sources.files, sha256, manifest)
            text = json.dumps(asdict(manifest), ensure_ascii=False)
            archive.writestr(MANIFEST, text, zipfile.ZIP_DEFLATED)
    except BaseException:
        if encrypted:
            encrypted.discard()
        raise
    if encrypted:
        encrypted.close()


def _add_kept_file(archive: zipfile.ZipFile, files: FolderFiles, sha256: str, manifest: Manifest) -> None:
    try:
        content = files.read(sha256)
    except FormsvcError:
        # A damaged file does not keep the rest from being saved; the manifest names it.
        manifest.missing.append(sha256)
        return
    archive.writestr(f"{KEPT}{sha256}", content, zipfile.ZIP_STORED)
    manifest.held.append(sha256)


def _sha256_of(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
