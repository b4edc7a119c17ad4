"""Copies of font files under names that Fontconfig and FreeType can open.

On Windows both open files by the names of the system's code page, and Fontconfig reads its own file as UTF-8: in
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from formsvc.docxpdf.fonts.typeface import list_font_files


def uses_code_page_paths() -> bool:
    return sys.platform == "win32"


def ascii_folder(folder: Path) -> Path:
    """Return the folder, or one of this machine with an ASCII path for it."""
    if not uses_code_page_paths() or str(folder).isascii():
        return folder
    shared = Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData"))
    # one folder per installation: two may hold different fonts
    return shared / "formsvc" / hashlib.sha256(str(folder).encode()).hexdigest()[:12]


def ascii_files(paths: Iterable[Path], copies: Path) -> list[Path]:
    """Return the files, with a copy in place of each non-ASCII path.

    Other fonts in `copies` are deleted.
    """
    if not uses_code_page_paths():
        return list(paths)
    copies.mkdir(parents=True, exist_ok=True)
    openable = [path if str(path).isascii() else copy_font(path, copies) for path in paths]
    delete_other_fonts(openable, copies)
    return openable


def copy_font(path: Path, folder: Path) -> Path:
    """Return a copy named after path, size and time of the original."""
    state = path.stat()
    digest = hashlib.sha256(f"{path}|{state.st_size}|{state.st_mtime_ns}".encode()).hexdigest()[:16]
    # a changed font gets a new name: a file that a program has open cannot be replaced on Windows
    copy = folder / f"{digest}{path.suffix.lower()}"
    if not copy.exists():
        temporary = folder / f"{digest}.{os.getpid()}"
        shutil.copyfile(path, temporary)
        _rename(temporary, copy)
    return copy


def delete_other_fonts(fonts: Collection[Path], folder: Path) -> None:
    for stale in set(list_font_files(folder)) - set(fonts):
        try:
            stale.unlink(missing_ok=True)
        except PermissionError:
            continue  # open in another process; deleted next time


def _rename(temporary: Path, copy: Path) -> None:
    try:
        temporary.replace(copy)
    except PermissionError:  # another program has made the same copy, and has it open
        temporary.unlink(missing_ok=True)
        if not copy.exists():
            raise
