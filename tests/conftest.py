"""Where the tests find fonts, browser and sample office."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.append(str(Path(__file__).resolve().parent / "documents"))
os.environ.setdefault("FORMSVC_FONTS", str(ROOT / "instance" / "fonts"))
os.environ.setdefault("FORMSVC_DEFINITIONS", str(ROOT / "form_definitions"))
os.environ.setdefault("FORMSVC_TEMPLATES", str(ROOT / "doc_templates"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT
