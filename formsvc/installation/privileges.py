"""Privileges of the process.

A module of its own: system_packages and fandol_fonts both need it and import each other otherwise.
"""

from __future__ import annotations

import os


def is_root() -> bool:
    """Return whether packages may be installed; always False on Windows."""
    geteuid = getattr(os, "geteuid", None)
    return geteuid is not None and geteuid() == 0
