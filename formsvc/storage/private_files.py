"""Rights of an instance's files: for the service's user alone.

Not on Windows, where the folder's own access list decides: the operations handbook says how to set it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path

log = logging.getLogger("formsvc.storage")

PRIVATE_UMASK = 0o077
_OTHERS = 0o077
# the font pack holds nothing of anybody, and several instances may share it
_SHARED = "fonts"


def keep_private(folders: Iterable[Path], files: Iterable[Path] = ()) -> None:
    """Make what this process writes private, and what it finds.

    Each of the folders is walked once: when it is private, so is what was written since.
    """
    if os.name == "nt":
        return
    os.umask(PRIVATE_UMASK)
    for folder in folders:
        if folder.is_dir() and folder.stat().st_mode & _OTHERS:
            _walk(folder)
    for file in files:
        _restrict(file)


def _walk(folder: Path) -> None:
    for place, names, files in os.walk(folder):
        here = Path(place)
        if here == folder and _SHARED in names:
            names.remove(_SHARED)
        for name in [*names, *files]:
            _restrict(here / name)
    # last: a walk that was interrupted is begun again
    _restrict(folder)


def _restrict(path: Path) -> None:
    """Take from others what they may do with a file or folder of this user."""
    try:
        mode = path.lstat().st_mode
        if mode & _OTHERS and not path.is_symlink():
            path.chmod(mode & 0o7777 & ~_OTHERS)
    except FileNotFoundError:
        return
    except OSError as error:
        # another user's file, a disk without modes, a read-only one
        log.warning("others may read %s: %s", path, error)
