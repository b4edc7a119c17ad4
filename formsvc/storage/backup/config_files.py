"""The office's form definitions and Word templates as files in a backup."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

ENDINGS = frozenset({".json", ".docx"})
LARGEST = 20 * 2**20


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
