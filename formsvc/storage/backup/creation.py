"""Create a backup archive of a whole instance while others go on working.

The archive holds the store as of one moment, the kept files it names, and a manifest of hashes. An incremental one holds
the whole store but only the kept files that earlier archives lack. The target takes its name when it is complete and
synced: a full disk leaves the former backup as it was.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.storage.atomic_files import make_folder, written_in_full
from formsvc.storage.backup.archive import (
    KEPT,
    MANIFEST,
    OWN,
    SETTINGS,
    STORE,
    Manifest,
    hashes_of,
    opened,
    own_files,
    temporary_folder,
)
from formsvc.storage.backup.encryption import Sealing
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.maintenance.integrity import files_named


@dataclass(frozen=True)
class Holdings:
    """What an instance consists of: its store, its kept files, its settings if it has a file of them, and the folders
    of its form definitions and templates by name."""

    store: TinyStore
    files: FolderFiles
    settings: Path | None = None
    own: Mapping[str, Path] = field(default_factory=dict)


def make(
    held: Holdings,
    target: Path,
    *,
    now: datetime,
    scratch: Path,
    since: Path | None = None,
    passphrase: str = "",
) -> Manifest:
    """Write an archive of this moment while others go on working; ``since`` names the archive before it.

    The store is copied to ``scratch`` first, so that a slow stick is written to only once.
    """
    earlier: Manifest | None = None
    if since:
        if since.resolve() == target.resolve():
            raise FormsvcError(msg("增量备份不能覆盖它所依据的备份。"), msg("请另写一个文件名。"))
        with opened(since, passphrase) as archive:
            earlier = archive.manifest
    make_folder(target.absolute().parent)
    with temporary_folder(scratch) as place:
        copy = place / STORE
        held.store.backup(copy)
        manifest = _described(copy, now, earlier)
        if held.settings and held.settings.is_file():
            shutil.copyfile(held.settings, place / SETTINGS)
            manifest.settings = _sha256_of(place / SETTINGS)
        own = _copied(own_files(held.own), place / OWN)
        manifest.own = hashes_of(own)
        with written_in_full(target) as out:
            _fill(out, copy, held.files, manifest, passphrase, set(earlier.files) if earlier else set())
    return manifest


def _copied(files: Mapping[str, Path], place: Path) -> dict[str, Path]:
    """Copies that nobody changes while they are saved."""
    for name, path in files.items():
        make_folder((place / name).parent)
        shutil.copyfile(path, place / name)
    return {name: place / name for name in files}


def _described(copy: Path, now: datetime, earlier: Manifest | None) -> Manifest:
    made = TinyStore(copy, examined=True)
    try:
        head = made.head()
        with made.read() as tx:
            acts, events, named = tx.acts.count(), tx.events.count(), sorted(dict(files_named(tx)))
    finally:
        made.close()
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
        files=named,
        since=earlier.id if earlier else "",
    )


def _fill(
    out: BinaryIO, copy: Path, files: FolderFiles, manifest: Manifest, passphrase: str, held_before: set[str]
) -> None:
    sealing = Sealing(out, passphrase) if passphrase else None
    try:
        with zipfile.ZipFile(cast(BinaryIO, sealing or out), "w", allowZip64=True) as archive:
            archive.write(copy, STORE, zipfile.ZIP_DEFLATED, 1)
            if manifest.settings:
                archive.write(copy.with_name(SETTINGS), SETTINGS)
            for name in manifest.own:
                archive.write(copy.parent / OWN / name, f"{OWN}{name}")
            for sha256 in manifest.files:
                if sha256 in held_before:
                    continue
                _add_kept(archive, files, sha256, manifest)
            text = json.dumps(asdict(manifest), ensure_ascii=False)
            archive.writestr(MANIFEST, text, zipfile.ZIP_DEFLATED)
    except BaseException:
        if sealing:
            sealing.abandon()
        raise
    if sealing:
        sealing.close()


def _add_kept(archive: zipfile.ZipFile, files: FolderFiles, sha256: str, manifest: Manifest) -> None:
    """A file that is missing or altered does not keep the rest from being saved; it is named."""
    try:
        content = files.read(sha256)
    except FormsvcError:
        manifest.missing.append(sha256)
        return
    archive.writestr(f"{KEPT}{sha256}", content, zipfile.ZIP_STORED)
    manifest.held.append(sha256)


def _sha256_of(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
