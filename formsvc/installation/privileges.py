"""What this person may do on this machine."""

from __future__ import annotations

import os


def is_root() -> bool:
    """Whether packages may be installed without asking anybody; never on Windows."""
    geteuid = getattr(os, "geteuid", None)
    return geteuid is not None and geteuid() == 0
