"""Windows' own 仿宋, 楷体, 黑体, 宋体 and what else documents name, found by the names inside the files.

The layout engine is to see these and no others of the system, so they are copied where only they lie.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from formsvc.docxpdf.fonts.copies import copied, keep_only
from formsvc.docxpdf.fonts.substitutes import names_of_designs, plain_name
from formsvc.docxpdf.fonts.typeface import faces_in, font_files
from formsvc.errors import FormsvcError

_INDEX = "system-fonts.json"


def system_folders() -> list[Path]:
    """Where this Windows keeps fonts, those of the machine before those of the user; elsewhere nowhere."""
    if sys.platform != "win32":
        return []
    windows, local = os.environ.get("WINDIR", r"C:\Windows"), os.environ.get("LOCALAPPDATA", "")
    folders = [Path(windows, "Fonts")]
    return [*folders, Path(local, "Microsoft", "Windows", "Fonts")] if local else folders


def copied_fonts(folders: Sequence[Path], cache: Path) -> Path | None:
    """A folder with the fonts of these that documents may name; None where there are no folders."""
    if not folders:
        return None
    target = cache / "system"
    target.mkdir(parents=True, exist_ok=True)
    known = _read_index(cache / _INDEX)
    wanted: dict[str, Path] = {}
    index: dict[str, bool] = {}
    for path in (file for folder in folders for file in font_files(folder)):
        state = path.stat()
        key = f"{path}|{state.st_size}|{state.st_mtime_ns}"
        index[key] = known[key] if key in known else _is_named_in_documents(path)
        if index[key]:
            wanted.setdefault(path.name, path)
    keep_only({copied(path, target) for path in wanted.values()}, target)
    if index != known:
        draft = cache / f"{_INDEX}.{os.getpid()}"
        draft.write_text(json.dumps(index), encoding="utf-8")
        draft.replace(cache / _INDEX)
    return target


def _is_named_in_documents(path: Path) -> bool:
    """Whether a face of the file bears a name that Word documents give. A file that cannot be read does not."""
    names = names_of_designs()
    try:
        return any(plain_name(name) in names for face in faces_in(path) for name in face.names)
    except FormsvcError:
        return False


def _read_index(file: Path) -> dict[str, bool]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
