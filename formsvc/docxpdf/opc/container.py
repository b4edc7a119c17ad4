"""Zip container of a Word file, opened within limits (ECMA-376 part 2, B).

The only code that unpacks a .docx: the template reader, the PDF converter and the worker pool all open it here.
Refusals are reasons; each caller words them for its own readers.
"""

from __future__ import annotations

import io
import lzma
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from enum import Enum, auto

# small parts may compress better: the styles of an empty document are mostly repetition
RATIO_FREE = 2**20

_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
# annex B allows these two; zipfile bounds the memory of no other
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# the documentation of zipfile names BadZipFile alone; damaged files raise all of these
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)


@dataclass(frozen=True)
class ContainerLimits:
    """Most that a Word file may hold.

    Bytes packed and unpacked, of all parts and of one; parts; pixels of a picture; how many times larger than packed a
    part may be; columns of a table.
    """

    file: int = 64 * 2**20
    total: int = 96 * 2**20
    parts: int = 1000
    pixels: int = 40_000_000
    part: int = 32 * 2**20
    compression: int = 400
    columns: int = 200  # Word itself allows 63


_limits = ContainerLimits()


def container_limits() -> ContainerLimits:
    return _limits


def set_container_limits(limits: ContainerLimits) -> None:
    """Replace the limits of this process; meant for its start."""
    global _limits  # noqa: PLW0603 - a file is opened in many places, with the same limits in all
    _limits = limits


class Refusal(Enum):
    """Reason why a file is not opened."""

    FILE_TOO_LARGE = auto()
    PASSWORD = auto()
    OLD_FORMAT = auto()
    NOT_A_ZIP = auto()
    DAMAGED = auto()
    DAMAGED_PART = auto()
    TOO_MANY_PARTS = auto()
    ENCRYPTED_PART = auto()
    BAD_PART_NAME = auto()
    DUPLICATE_PART = auto()
    PART_TOO_LARGE = auto()
    RATIO_TOO_HIGH = auto()
    TOTAL_TOO_LARGE = auto()


class ContainerRefused(Exception):
    """A file that is not opened.

    ``part`` names the part at fault, ``count`` how many parts there are.
    """

    def __init__(self, reason: Refusal, part: str = "", count: int = 0) -> None:
        super().__init__(reason.name, part, count)
        self.reason, self.part, self.count = reason, part, count


class Container:
    """Parts of an open Word file by name. Raises ContainerRefused."""

    def __init__(self, content: bytes) -> None:
        _check_file(content)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            entries = self._zip.infolist()
        except _UNREADABLE as error:
            raise ContainerRefused(Refusal.DAMAGED) from error
        parts = [entry for entry in entries if not entry.is_dir()]
        if len(parts) > _limits.parts:
            raise ContainerRefused(Refusal.TOO_MANY_PARTS, count=len(parts))
        _check_names(entries)
        for entry in parts:
            _check_entry(entry)
        if sum(entry.file_size for entry in parts) > _limits.total:
            raise ContainerRefused(Refusal.TOTAL_TOO_LARGE)
        self.sizes = {entry.filename: entry.file_size for entry in parts}

    def read(self, name: str, most: int | None = None) -> bytes:
        """Return at most ``most`` bytes of a part. Raise ContainerRefused."""
        size = min(self.sizes[name], _limits.part if most is None else most)
        try:
            with self._zip.open(name) as stream:
                # a read without a bound inflates everything and only then cuts it to the size in the directory
                content = stream.read(size)
        except _UNREADABLE as error:
            raise ContainerRefused(Refusal.DAMAGED_PART, name) from error
        if len(content) != size:
            raise ContainerRefused(Refusal.DAMAGED_PART, name)
        return content


def _check_file(content: bytes) -> None:
    if len(content) > _limits.file:
        raise ContainerRefused(Refusal.FILE_TOO_LARGE)
    if content.startswith(_COMPOUND_FILE):
        # Word wraps an encrypted .docx in the container of the old format
        raise ContainerRefused(Refusal.PASSWORD if _ENCRYPTED_PACKAGE in content else Refusal.OLD_FORMAT)
    if not content.startswith(b"PK"):
        raise ContainerRefused(Refusal.NOT_A_ZIP)


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    lowered: set[str] = set()
    for entry in entries:
        # filename is cut at a null and has the system's separators replaced
        name = entry.orig_filename
        steps = posixpath.normpath(name).split("/")
        if name.startswith("/") or "\\" in name or ":" in name or "\0" in name or ".." in steps:
            raise ContainerRefused(Refusal.BAD_PART_NAME, name)
        # part names are equal regardless of case (ECMA-376 part 2, 6.2.2.3): readers would disagree which one counts
        if name.lower() in lowered:
            raise ContainerRefused(Refusal.DUPLICATE_PART, name)
        lowered.add(name.lower())


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 0x1:
        raise ContainerRefused(Refusal.ENCRYPTED_PART, entry.filename)
    if entry.compress_type not in _METHODS:
        raise ContainerRefused(Refusal.DAMAGED_PART, entry.filename)
    if entry.file_size > _limits.part:
        raise ContainerRefused(Refusal.PART_TOO_LARGE, entry.filename)
    if entry.file_size > RATIO_FREE and entry.file_size > _limits.compression * max(entry.compress_size, 1):
        raise ContainerRefused(Refusal.RATIO_TOO_HIGH, entry.filename)
