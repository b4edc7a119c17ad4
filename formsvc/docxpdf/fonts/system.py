"""Fonts of Windows that documents may name.

They are copied to a folder of their own, where Fontconfig finds no others.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from formsvc.docxpdf.fonts.copies import copy_font, delete_other_fonts
from formsvc.docxpdf.fonts.substitutes import normalize_name, substituted_names
from formsvc.docxpdf.fonts.typeface import list_font_files, read_faces
from formsvc.errors import FormsvcError

_INDEX = "system-fonts.json"


def system_font_folders() -> list[Path]:
    """Return Windows' font folders, the machine's before the user's; else []."""
    if sys.platform != "win32":
        return []
    windows, local = os.environ.get("WINDIR", r"C:\Windows"), os.environ.get("LOCALAPPDATA", "")
    folders = [Path(windows, "Fonts")]
    return [*folders, Path(local, "Microsoft", "Windows", "Fonts")] if local else folders


def copy_system_fonts(folders: Sequence[Path], cache: Path) -> Path | None:
    """Return a folder with the fonts that documents may name, or None."""
    if not folders:
        return None
    target = cache / "system"
    target.mkdir(parents=True, exist_ok=True)
    # the names of all Windows fonts are not read again at each start, only those of changed files
    previous = _read_index(cache / _INDEX)
    font_paths: dict[str, Path] = {}
    index: dict[str, bool] = {}
    for path in (file for folder in folders for file in list_font_files(folder)):
        state = path.stat()
        key = f"{path}|{state.st_size}|{state.st_mtime_ns}"
        index[key] = previous[key] if key in previous else _is_requested_by_documents(path)
        if index[key]:
            font_paths.setdefault(path.name, path)
    delete_other_fonts({copy_font(path, target) for path in font_paths.values()}, target)
    if index != previous:
        temporary = cache / f"{_INDEX}.{os.getpid()}"
        temporary.write_text(json.dumps(index), encoding="utf-8")
        temporary.replace(cache / _INDEX)
    return target


def _is_requested_by_documents(path: Path) -> bool:
    """Return whether a face of the file bears a substituted name."""
    names = substituted_names()
    try:
        return any(normalize_name(name) in names for face in read_faces(path) for name in face.names)
    except FormsvcError:
        return False  # a damaged font of the system is not ours to report


def _read_index(file: Path) -> dict[str, bool]:
    try:
        index = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return index if isinstance(index, dict) else {}
