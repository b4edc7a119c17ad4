"""Font files of the operating system."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_SUFFIXES = (".ttf", ".otf", ".ttc")
_WINDOWS_OWN = ("simfang.ttf", "simkai.ttf", "simhei.ttf", "simsun.ttc")


def find_font(names: Iterable[str]) -> Path | None:
    """Return the first of these files that the system has, or None."""
    known = _installed()
    return next((known[name.lower()] for name in names if name.lower() in known), None)


def forget_installed_fonts() -> None:
    _installed.cache_clear()


def windows_own_fonts() -> bool:
    return sys.platform == "win32" and all(find_font([name]) for name in _WINDOWS_OWN)


@cache
def _installed() -> dict[str, Path]:
    files: dict[str, Path] = {}
    for folder in _folders():
        for place, _folders_below, names in os.walk(folder):
            for name in names:
                if name.lower().endswith(_SUFFIXES):
                    files.setdefault(name.lower(), Path(place, name))
    return files


def _folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        windows, local = os.environ.get("WINDIR", r"C:\Windows"), os.environ.get("LOCALAPPDATA", str(home))
        return [Path(windows, "Fonts"), Path(local, "Microsoft", "Windows", "Fonts")]
    if sys.platform == "darwin":
        return [home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts")]
    shared = [Path("/usr/local/share/fonts"), Path("/usr/share/fonts")]
    tex = [Path("/usr/share/texlive/texmf-dist/fonts/opentype"), Path("/usr/share/texmf-dist/fonts/opentype")]
    return [home / ".local/share/fonts", home / ".fonts", *shared, *tex]
