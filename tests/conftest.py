"""Where the tests find fonts, browser and sample office."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

# before the first import of the package, or its assertions keep their short messages
pytest.register_assert_rewrite("tests.support")

pytest_plugins = ["tests.support.pdf_fixtures"]

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("FORMSVC_FONTS", str(ROOT / "instance" / "fonts"))
os.environ.setdefault("FORMSVC_DEFINITIONS", str(ROOT / "form_definitions"))
os.environ.setdefault("FORMSVC_TEMPLATES", str(ROOT / "doc_templates"))
# every office of a test has the same eleven kinds; without this each would check them anew, some four seconds
if "FORMSVC_CHECK_CACHE" not in os.environ:
    # the processes of xdist inherit it
    os.environ["FORMSVC_CHECK_CACHE"] = tempfile.mkdtemp(prefix="formsvc-checks-")
    atexit.register(shutil.rmtree, os.environ["FORMSVC_CHECK_CACHE"], ignore_errors=True)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT
