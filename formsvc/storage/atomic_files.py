"""Files that are either there in full or not at all, also after a power cut."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from formsvc.errors import disk_error

PART = ".part"
"""Ending of a file that is still being written."""
_HELD = (5, 32)
"""What Windows answers then, the first also where a right is lacking."""
_REFUSED_WHILE_NAMED = os.name != "posix"
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@contextmanager
def named_when_done(target: Path) -> Iterator[Path]:
    """A name beside the target to write a new file under; it becomes the target, synced, when the block ends well."""
    part = target.with_name(f".{target.name[:100]}.{os.getpid()}-{secrets.token_hex(4)}{PART}")
    try:
        yield part
        _sync_file(part)
        _take_name(part, target)
        sync_folder(target.parent)
    except OSError as error:
        raise disk_error(error, target) from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def written_in_full(target: Path) -> Iterator[BinaryIO]:
    """A file to write to; it takes its name only when the block ends well, written and synced."""
    with named_when_done(target) as part, open(part, "xb") as stream:
        yield stream


def _take_name(part: Path, target: Path) -> None:
    for pause in _PAUSES:
        try:
            os.replace(part, target)
        except PermissionError as error:
            if not held(error):
                raise
            time.sleep(pause)
        else:
            return
    os.replace(part, target)


def held(error: PermissionError) -> bool:
    """Whether Windows refused because another program has the file open: a reader, or a virus scanner, for a moment."""
    return getattr(error, "winerror", None) in _HELD


def _sync_file(path: Path) -> None:
    with open(path, "rb+") as stream:
        os.fsync(stream.fileno())


def read_whole(path: Path) -> bytes:
    """The bytes of a file; asked again where Windows refuses, as it does while the file is being given its name."""
    for pause in _PAUSES if _REFUSED_WHILE_NAMED else ():
        try:
            return path.read_bytes()
        except PermissionError:
            time.sleep(pause)
    return path.read_bytes()


def make_folder(folder: Path) -> None:
    """Make a folder and the ones above it, each synced into its parent."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
    except OSError as error:
        raise disk_error(error, folder) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; Windows does so by itself."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
