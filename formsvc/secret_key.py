"""Secret key of an instance, for sessions, CSRF tokens and set-up code."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from time import sleep

from formsvc.config import Settings

# seconds between the attempts to open a file that is just being renamed
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_RENAME_BLOCKS_READERS = os.name != "posix"


def secret_key(settings: Settings) -> str:
    """Return the key of the settings, else that of the instance's key file.

    The file is created once, readable by its owner only.
    """
    if settings.secret_key:
        return settings.secret_key
    file = settings.instance / "secret_key"
    return _read_key(file) or _create_key(file)


def _read_key(file: Path) -> str:
    # an empty file is what an older version left when it was killed while creating it
    try:
        return _read_with_retries(file).strip()
    except FileNotFoundError:
        return ""


def _read_with_retries(file: Path) -> str:
    # Windows refuses to open a file while another process or thread renames it
    for pause in _PAUSES if _RENAME_BLOCKS_READERS else ():
        try:
            return file.read_text(encoding="ascii")
        except PermissionError:
            sleep(pause)
    return file.read_text(encoding="ascii")


def _create_key(file: Path) -> str:
    # Several workers start at once and all must end up with one key: each writes a draft of its
    # own, the first to give it the final name wins, and everyone reads the key back from there.
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_hex(32))
        out.flush()
        os.fsync(out.fileno())
    try:
        _name_exclusively(draft, file)
    except OSError:
        # another worker was first, or an empty file is in the way, or the disk has no hard links
        if not _read_key(file):
            os.replace(draft, file)
    draft.unlink(missing_ok=True)
    return _read_key(file)


def _name_exclusively(draft: Path, file: Path) -> None:
    """Give `draft` the name `file`; raise OSError if that exists."""
    # rename replaces silently on POSIX but refuses on Windows, where in turn
    # the draft's own name could not be removed from a linked file that is open
    if os.name == "posix":
        os.link(draft, file)
    else:
        os.rename(draft, file)
