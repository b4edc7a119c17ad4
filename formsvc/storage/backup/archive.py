"""Format of a backup archive: its manifest, and reading one.

An archive is a zip file, so that it can be opened without us; as a whole it is encrypted where a passphrase is given.
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
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from formsvc.errors import FormsvcError, disk_error
from formsvc.i18n.messages import msg
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
MAX_DEFINITION_BYTES = 20 * 2**20


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
            if not all(map(is_safe_path, self.manifest.own)):
                raise damaged_archive(path)
        except (*_ZIP_ERRORS, TypeError, AttributeError) as error:
            raise damaged_archive(path) from error

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


def damaged_archive(path: Path) -> FormsvcError:
    return FormsvcError(
        msg("备份文件“{name}”不完整或者已损坏，没有使用它。", name=path.name), msg("请换另一份备份。")
    )


@contextmanager
def open_archive(path: Path, passphrase: str = "") -> Iterator[Archive]:
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
        yield Archive(path, source)


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
    # Hidden files and Word's lock files (~$…) are left out, and what is too large for a form.
    return not path.name.startswith((".", "~$")) and path.stat().st_size <= MAX_DEFINITION_BYTES


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
