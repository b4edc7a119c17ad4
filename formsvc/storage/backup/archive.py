"""One file that holds a whole instance: the store as of one moment, the kept files it names, a manifest of hashes.

A zip archive, so that it can be looked into without us; sealed as a whole when a passphrase is given. An incremental one
holds the whole store but only the kept files that the archives before it lack. The target takes its name when it is
complete and synced: a full disk leaves the former backup as it was.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, cast

from formsvc.errors import FormsvcError, disk_error
from formsvc.i18n.messages import msg
from formsvc.storage.atomic_files import make_folder, written_in_full
from formsvc.storage.backup.config_files import hashes_of, is_safe, own_files
from formsvc.storage.backup.encryption import Sealing, Unsealing, is_sealed
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.schema import files_of
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.maintenance.integrity import Examination, examine, files_named
from formsvc.usecases.ports import Head

FORMAT = 2
"""1: without the office's definitions and templates."""
MANIFEST, STORE, SETTINGS, KEPT, OWN = "manifest.json", "formsvc.sqlite", "formsvc.toml", "files/", "own/"
FROM_BACKUP = "from-backup"
"""Where definitions and templates of a backup are put: beside what the program uses, never over it."""
_CHUNK = 1 << 20
_NOT_AS_WRITTEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    KeyError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
"""What reading a zip with altered bytes may raise."""
_PLACE = "backup-"
_LEFT_OVER_AFTER = 86400


@dataclass
class Manifest:
    """What an archive is and holds. ``files`` are all the store names, ``held`` those that are inside."""

    id: str
    made_at: str
    store_sha256: str
    events: int
    links: int
    head: str
    acts: int
    files: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    since: str = ""
    settings: str = ""
    own: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


class Archive:
    """An archive opened for reading."""

    def __init__(self, path: Path, source: BinaryIO) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(source)
            found = json.loads(self._zip.read(MANIFEST))
            if found.get("format", 0) > FORMAT:
                raise FormsvcError(
                    msg("备份文件“{name}”是较新版本的系统做的。", name=path.name),
                    msg("请升级本系统后再恢复。"),
                )
            self.manifest = Manifest(**found)
            if not all(map(is_safe, self.manifest.own)):
                raise damaged_archive(path)
        except (*_NOT_AS_WRITTEN, TypeError, AttributeError) as wrong:
            raise damaged_archive(path) from wrong

    @contextmanager
    def entry(self, name: str) -> Iterator[IO[bytes]]:
        """The bytes of one entry."""
        try:
            with self._zip.open(name) as stream:
                yield stream
        except _NOT_AS_WRITTEN as wrong:
            raise damaged_archive(self.path) from wrong

    def copy(self, name: str, sha256: str, target: Path) -> None:
        """Write one entry to a file if it is what the manifest says."""
        digest = hashlib.sha256()
        with self.entry(name) as stream, written_in_full(target) as out:
            while piece := stream.read(_CHUNK):
                digest.update(piece)
                out.write(piece)
            if digest.hexdigest() != sha256:
                raise damaged_archive(self.path)


def damaged_archive(path: Path) -> FormsvcError:
    """The archive is not what was written."""
    return FormsvcError(
        msg("备份文件“{name}”不完整或者已损坏，没有使用它。", name=path.name), msg("请换另一份备份。")
    )


@contextmanager
def opened(path: Path, passphrase: str = "") -> Iterator[Archive]:
    """An archive for reading. Raises FormsvcError when it is damaged or the passphrase does not fit."""
    with ExitStack() as stack:
        try:
            source: BinaryIO = stack.enter_context(open(path, "rb"))
        except OSError as wrong:
            raise disk_error(wrong, path) from wrong
        if is_sealed(source):
            if not passphrase:
                raise FormsvcError(
                    msg("备份文件“{name}”是加密的。", name=path.name), msg("请给出做备份时的口令。")
                )
            source = cast(BinaryIO, io.BufferedReader(Unsealing(source, passphrase), _CHUNK))
        yield Archive(path, source)


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
    with _place_in(scratch) as place:
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


def restore(paths: Sequence[Path], store_file: Path, files_root: Path, passphrase: str = "") -> Manifest:
    """Bring an archive, or a whole one and the incremental ones after it, into an empty place.

    The kept files come first and the store takes its name last, so that a restore that was cut can be run again.
    """
    left = [place for place in files_of(store_file) if place.exists()]
    if left:
        raise FormsvcError(
            msg("“{folder}”里已有数据，没有恢复。", folder=store_file.parent),
            msg("请恢复到一个空的实例文件夹；要放弃现有数据，请先把整个文件夹改名留存。"),
        )
    with ExitStack() as stack:
        archives = [stack.enter_context(opened(path, passphrase)) for path in paths]
        _refuse_broken_row(archives)
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
        _bring_files(FolderFiles(files_root), newest, holder)
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


def _refuse_broken_row(archives: Sequence[Archive]) -> None:
    """The archives must follow one another, the first one whole."""
    before = ""
    for archive in archives:
        if archive.manifest.since != before:
            raise FormsvcError(
                msg("备份“{name}”接不上前一份。", name=archive.path.name),
                msg("请从完整备份开始，按先后写上其后的每一次增量备份。"),
            )
        before = archive.manifest.id


def _bring_files(files: FolderFiles, newest: Manifest, holder: dict[str, Archive]) -> None:
    for sha256 in newest.files:
        if sha256 not in holder:
            continue
        with holder[sha256].entry(f"{KEPT}{sha256}") as stream:
            if files.keep(stream.read()) != sha256:
                raise damaged_archive(holder[sha256].path)


def rehearse(paths: Sequence[Path], scratch: Path, passphrase: str = "") -> Examination:
    """Restore to a temporary place, read everything back, and take the place away again."""
    with _place_in(scratch) as place:
        manifest = restore(paths, place / STORE, place / "files", passphrase)
        store = TinyStore(place / STORE)
        try:
            saved = Head(manifest.links, manifest.head, "")
            return examine(store, FolderFiles(place / "files"), known=saved)
        finally:
            store.close()


def chain_of(newest: Path, folder: Path, passphrase: str = "") -> list[Path]:
    """The archives in a folder that the newest one builds on, the whole one first."""
    by_id: dict[str, tuple[Path, str]] = {}
    for path in sorted({*folder.glob("*.backup"), newest}):
        try:
            with opened(path, passphrase) as archive:
                by_id[archive.manifest.id] = path, archive.manifest.since
        except FormsvcError:
            if path == newest:
                raise
    with opened(newest, passphrase) as archive:
        wanted = archive.manifest.id
    row: list[Path] = []
    while wanted and wanted in by_id:
        path, wanted = by_id[wanted]
        row.insert(0, path)
    return row


@contextmanager
def _place_in(scratch: Path) -> Iterator[Path]:
    """A folder of our own, gone afterwards; what killed programs left there goes too."""
    make_folder(scratch)
    _clear_left_over(scratch)
    try:
        place = Path(tempfile.mkdtemp(prefix=_PLACE, dir=scratch))
    except OSError as wrong:
        raise disk_error(wrong, scratch) from wrong
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _clear_left_over(scratch: Path) -> None:
    for left in scratch.glob(f"{_PLACE}*"):
        if time.time() - left.stat().st_mtime > _LEFT_OVER_AFTER:
            shutil.rmtree(left, ignore_errors=True)


def _sha256_of(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
