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
# A sync to a disk takes some 5 ms, and whatever is stored waits for several. What a power cut leaves behind is tried by
# tests/proofs/crash.py, which does not depend on where the files are.
MEMORY, MEMORY_BYTES = Path("/dev/shm"), 4 * 1024**3


def is_roomy(folder: Path) -> bool:
    """Return whether the files of a whole run fit into a folder; a container may have 64 MB of memory for files."""
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > MEMORY_BYTES


if "TMPDIR" not in os.environ and is_roomy(MEMORY):
    # the processes of xdist inherit it
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
# every office of a test has the same kinds; without this each would check them anew, some four seconds
if "FORMSVC_CHECK_CACHE" not in os.environ:
    # the processes of xdist inherit it
    os.environ["FORMSVC_CHECK_CACHE"] = tempfile.mkdtemp(prefix="formsvc-checks-")
    atexit.register(shutil.rmtree, os.environ["FORMSVC_CHECK_CACHE"], ignore_errors=True)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT
