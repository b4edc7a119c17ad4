"""Files that are complete or absent, also after a power cut."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from formsvc.errors import disk_error

PART_SUFFIX = ".part"  # of a file that is still being written
# ERROR_ACCESS_DENIED and ERROR_SHARING_VIOLATION of Windows; the first also means a missing right.
_IN_USE_CODES = (5, 32)
_RENAME_BLOCKS_READERS = os.name != "posix"
_RETRY_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@contextmanager
def rename_on_close(target: Path) -> Iterator[Path]:
    """Lend a path to write a new file under, and rename it to the target.

    The file is synced before it is renamed. If the block raises, it is removed.
    """
    part = target.with_name(f".{target.name[:100]}.{os.getpid()}-{secrets.token_hex(4)}{PART_SUFFIX}")
    try:
        yield part
        _sync_file(part)
        _rename(part, target)
        sync_folder(target.parent)
    except OSError as error:
        raise disk_error(error, target) from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def atomic_write(target: Path) -> Iterator[BinaryIO]:
    """Open a file that gets its name when it is complete and synced."""
    with rename_on_close(target) as part, open(part, "xb") as stream:
        yield stream


def _rename(part: Path, target: Path) -> None:
    # On Windows a reader or a virus scanner can hold the target for a moment.
    for pause in _RETRY_PAUSES:
        try:
            os.replace(part, target)
        except PermissionError as error:
            if not is_in_use(error):
                raise
            time.sleep(pause)
        else:
            return
    os.replace(part, target)


def is_in_use(error: PermissionError) -> bool:
    """Return whether Windows refused because the file is open elsewhere.

    Readers and virus scanners hold a file open for a moment.
    """
    return getattr(error, "winerror", None) in _IN_USE_CODES


def _sync_file(path: Path) -> None:
    with open(path, "rb+") as stream:
        os.fsync(stream.fileno())


def read_file(path: Path) -> bytes:
    """Return the bytes of a file, retrying where a rename blocks readers."""
    for pause in _RETRY_PAUSES if _RENAME_BLOCKS_READERS else ():
        try:
            return path.read_bytes()
        except PermissionError:
            time.sleep(pause)
    return path.read_bytes()


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, each synced into its own parent."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
    except OSError as error:
        raise disk_error(error, folder) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    if os.name != "posix":  # Windows has no such call and needs none
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
