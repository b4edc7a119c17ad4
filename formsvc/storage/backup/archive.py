"""Format of a backup archive: its manifest, and reading one.

An archive is a zip file, so that it can be opened without us; as a whole it is encrypted where a passphrase is given.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import re
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from formsvc.errors import FormsvcError, disk_error
from formsvc.i18n.messages import msg
from formsvc.limits import Limits, process_limits
from formsvc.storage.atomic_files import atomic_write, make_folder
from formsvc.storage.backup.encryption import DecryptingReader, is_encrypted

# Version of the archive format; 1 had no definitions and templates.
FORMAT = 2
MANIFEST, STORE, SETTINGS, KEPT, OWN = "manifest.json", "formsvc.sqlite", "formsvc.toml", "files/", "own/"
# Folder for restored definitions and templates: next to those in use, never over them.
FROM_BACKUP = "from-backup"
_CHUNK = 1 << 20
# All that zipfile raises on altered bytes.
_ZIP_ERRORS = (
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
_PLACE = "backup-"
_LEFT_OVER_AFTER = 86400
DEFINITION_SUFFIXES = frozenset({".json", ".docx"})
MAX_SETTINGS_BYTES = 2**20
DEFAULT_LIMITS = Limits()
# those of a backup, of which some may be empty
_HASH = re.compile(r"[0-9a-f]{0,64}")


@dataclass
class Manifest:
    """Content of an archive, stored as JSON under these names.

    ``files`` are the hashes of all files the store names, ``held`` those that are inside.
    """

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
    """An archive opened for reading. Raise FormsvcError if it is damaged."""

    def __init__(self, path: Path, source: BinaryIO, limits: Limits) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(source)
            found = json.loads(self._read_bounded(MANIFEST, limits.backup_manifest_megabytes * 2**20))
            if found.get("format", 0) > FORMAT:
                raise FormsvcError(
                    msg("备份文件“{name}”是较新版本的系统做的。", name=path.name),
                    msg("请升级本系统后再恢复。"),
                )
            self.manifest = Manifest(**found)
            if not is_well_formed(self.manifest):
                raise damaged_archive(path)
        except (*_ZIP_ERRORS, TypeError, AttributeError, RecursionError) as error:
            raise damaged_archive(path) from error

    def _read_bounded(self, name: str, most: int) -> bytes:
        # the size in the directory bounds what is unpacked: zipfile reads no further
        if self._zip.getinfo(name).file_size > most:
            raise FormsvcError(
                msg(
                    "备份文件“{name}”里的 {part} 超过 {n} MB。",
                    name=self.path.name,
                    part=name,
                    n=most // 2**20,
                ),
                msg("请换另一份备份；确实是本单位的备份的，请调高 FORMSVC_BACKUP_MANIFEST_MEGABYTES。"),
            )
        return self._zip.read(name)

    def settings_text(self) -> bytes:
        """Return the settings file in the archive, empty if there is none."""
        if not self.manifest.settings:
            return b""
        try:
            content = self._read_bounded(SETTINGS, MAX_SETTINGS_BYTES)
        except _ZIP_ERRORS as error:
            raise damaged_archive(self.path) from error
        if hashlib.sha256(content).hexdigest() != self.manifest.settings:
            raise damaged_archive(self.path)
        return content

    def size_of(self, name: str) -> int:
        """Return the unpacked size of an entry, 0 if it is missing."""
        try:
            return self._zip.getinfo(name).file_size
        except KeyError:
            return 0

    @contextmanager
    def entry(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._zip.open(name) as stream:
                yield stream
        except _ZIP_ERRORS as error:
            raise damaged_archive(self.path) from error

    def copy(self, name: str, sha256: str, target: Path) -> None:
        """Write one entry to a file, checked against the manifest's hash."""
        digest = hashlib.sha256()
        with self.entry(name) as stream, atomic_write(target) as out:
            while piece := stream.read(_CHUNK):
                digest.update(piece)
                out.write(piece)
            if digest.hexdigest() != sha256:
                raise damaged_archive(self.path)


def is_well_formed(manifest: Manifest) -> bool:
    """Return whether every entry of the manifest is of its kind."""
    counts = (manifest.events, manifest.links, manifest.acts, manifest.format)
    hashes = (manifest.store_sha256, manifest.settings, manifest.head, manifest.id, manifest.since)
    lists = (manifest.files, manifest.held, manifest.missing)
    return (
        all(type(count) is int and 0 <= count < 2**53 for count in counts)
        and all(isinstance(text, str) and _HASH.fullmatch(text) for text in hashes)
        and bool(manifest.id)
        and all(isinstance(each, list) and all(_is_hash(text) for text in each) for each in lists)
        and isinstance(manifest.own, dict)
        and all(is_safe_path(name) and _is_hash(text) for name, text in manifest.own.items())
        and isinstance(manifest.made_at, str)
        and _is_moment(manifest.made_at)
    )


def _is_hash(text: object) -> bool:
    return isinstance(text, str) and len(text) == 64 and _HASH.fullmatch(text) is not None


def _is_moment(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def damaged_archive(path: Path) -> FormsvcError:
    return FormsvcError(
        msg("备份文件“{name}”不完整或者已损坏，没有使用它。", name=path.name), msg("请换另一份备份。")
    )


@contextmanager
def open_archive(path: Path, passphrase: str = "", limits: Limits = DEFAULT_LIMITS) -> Iterator[Archive]:
    """Open an archive. Raise FormsvcError if it or the passphrase is wrong."""
    with ExitStack() as stack:
        try:
            source: BinaryIO = stack.enter_context(open(path, "rb"))
        except OSError as error:
            raise disk_error(error, path) from error
        if is_encrypted(source):
            if not passphrase:
                raise FormsvcError(
                    msg("备份文件“{name}”是加密的。", name=path.name), msg("请给出做备份时的口令。")
                )
            source = cast(BinaryIO, io.BufferedReader(DecryptingReader(source, passphrase), _CHUNK))
        yield Archive(path, source, limits)


def definition_files(folders: Mapping[str, Path]) -> dict[str, Path]:
    """Return definitions and templates in some folders by their archive name.

    A name is ``form_definitions/T22.json``, for example.
    """
    found: dict[str, Path] = {}
    for name, folder in folders.items():
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if (
                path.suffix in DEFINITION_SUFFIXES
                and not path.is_symlink()
                and path.is_file()
                and _is_wanted(path)
            ):
                found[f"{name}/{path.relative_to(folder).as_posix()}"] = path
    return found


def _is_wanted(path: Path) -> bool:
    # Hidden files and Word's lock files (~$…) are left out, and what is too large to be read.
    limits = process_limits()
    most = max(limits.definition_megabytes, limits.word_megabytes) * 2**20
    return not path.name.startswith((".", "~$")) and path.stat().st_size <= most


def file_hashes(files: Mapping[str, Path]) -> dict[str, str]:
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def is_safe_path(name: str) -> bool:
    """Return whether an archive's name stays in its folder on any system."""
    parts = PurePosixPath(name).parts
    plain = all(part not in ("", ".", "..") and not set(part) & set('\\:*?"<>|\0') for part in parts)
    return (
        plain
        and len(parts) > 1
        and not name.startswith("/")
        and PurePosixPath(name).suffix in DEFINITION_SUFFIXES
    )


@contextmanager
def temporary_folder(scratch: Path) -> Iterator[Path]:
    """Lend a new folder in ``scratch`` and remove it afterwards."""
    make_folder(scratch)
    _clear_left_over(scratch)  # of programs that were killed
    try:
        place = Path(tempfile.mkdtemp(prefix=_PLACE, dir=scratch))
    except OSError as error:
        raise disk_error(error, scratch) from error
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _clear_left_over(scratch: Path) -> None:
    for left in scratch.glob(f"{_PLACE}*"):
        if time.time() - left.stat().st_mtime > _LEFT_OVER_AFTER:
            shutil.rmtree(left, ignore_errors=True)
