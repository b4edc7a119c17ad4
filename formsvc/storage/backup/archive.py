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
from formsvc.storage.atomic_files import make_folder, written_in_full
from formsvc.storage.backup.encryption import Unsealing, is_sealed

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
ENDINGS = frozenset({".json", ".docx"})
LARGEST = 20 * 2**20


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


def own_files(folders: Mapping[str, Path]) -> dict[str, Path]:
    """Definitions and templates below some folders, by the name they have in an archive: ``form_definitions/T22.json``."""
    found: dict[str, Path] = {}
    for name, folder in folders.items():
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.suffix in ENDINGS and not path.is_symlink() and path.is_file() and _is_meant(path):
                found[f"{name}/{path.relative_to(folder).as_posix()}"] = path
    return found


def _is_meant(path: Path) -> bool:
    """Word's lock files, hidden files and what is no form by its size are left out."""
    return not path.name.startswith((".", "~$")) and path.stat().st_size <= LARGEST


def hashes_of(files: Mapping[str, Path]) -> dict[str, str]:
    """SHA-256 of each."""
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def is_safe(name: str) -> bool:
    """Whether a name found in an archive stays below the folder it is brought to, on any system."""
    parts = PurePosixPath(name).parts
    plain = all(part not in ("", ".", "..") and not set(part) & set('\\:*?"<>|\0') for part in parts)
    return plain and len(parts) > 1 and not name.startswith("/") and PurePosixPath(name).suffix in ENDINGS


@contextmanager
def temporary_folder(scratch: Path) -> Iterator[Path]:
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
