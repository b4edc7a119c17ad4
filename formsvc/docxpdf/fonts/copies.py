"""Copies of font files, in places and under names that the layout engine's libraries can open.

On Windows Fontconfig and FreeType open files by the narrow names of the system's code page, while Fontconfig's own file is
read as UTF-8: under a folder such as ``C:\\消防`` or ``C:\\Users\\张三`` they find no font at all, and pages are set without
one, many times too long. There the files are copied to where every name is ASCII.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from formsvc.docxpdf.fonts.typeface import font_files


def opened_by_code_page() -> bool:
    """Whether this system's C libraries cannot open every name there is."""
    return sys.platform == "win32"


def openable_folder(folder: Path) -> Path:
    """The folder itself, or one of this machine that stands for it."""
    if not opened_by_code_page() or str(folder).isascii():
        return folder
    shared = Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData"))
    return shared / "formsvc" / hashlib.sha256(str(folder).encode()).hexdigest()[:12]


def openable_files(paths: Iterable[Path], copies: Path) -> list[Path]:
    """The files themselves, or a copy of each whose name is not ASCII; other copies are taken away."""
    if not opened_by_code_page():
        return list(paths)
    copies.mkdir(parents=True, exist_ok=True)
    found = [path if str(path).isascii() else copied(path, copies) for path in paths]
    keep_only(found, copies)
    return found


def copied(path: Path, folder: Path) -> Path:
    """A copy, named after what it is a copy of: one that a program has open is never written over."""
    state = path.stat()
    mark = hashlib.sha256(f"{path}|{state.st_size}|{state.st_mtime_ns}".encode()).hexdigest()[:16]
    copy = folder / f"{mark}{path.suffix.lower()}"
    if not copy.exists():
        draft = folder / f"{mark}.{os.getpid()}"
        shutil.copyfile(path, draft)
        _name(draft, copy)
    return copy


def keep_only(kept: Collection[Path], folder: Path) -> None:
    """Take the other fonts of a folder away; one that a program has open goes next time."""
    for stale in set(font_files(folder)) - set(kept):
        try:
            stale.unlink(missing_ok=True)
        except PermissionError:
            continue


def _name(draft: Path, copy: Path) -> None:
    try:
        draft.replace(copy)
    except PermissionError:  # another program has made the same copy, and has it open
        draft.unlink(missing_ok=True)
        if not copy.exists():
            raise
