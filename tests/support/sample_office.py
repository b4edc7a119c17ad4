"""The sample office without acts, in a folder of the test's own, at the day of the worked cases."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from formsvc.bootstrap import build_ports
from formsvc.config import Settings, read_settings
from formsvc.demo import office
from formsvc.documents.workers.renderer import RenderingWorkers
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.context import Ports
from tests.support.command_process import run_command
from tests.support.paths import ROOT

TODAY = date(2026, 11, 23)
EXAMPLES: dict[str, Any] = json.loads((ROOT / "tests/cases/examples.json").read_text(encoding="utf-8"))
_RECEIPTS = json.loads((ROOT / "tests/cases/receipts.json").read_text(encoding="utf-8"))["cases"]
CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in (*EXAMPLES["cases"], *_RECEIPTS)}
RECEIPTS = tuple(case["id"] for case in _RECEIPTS)
ROAD = ("EX01", "EX02", "EX03", "EX04", "EX06", "EX07", "EX08", "EX09", "EX10", "EX11")


def settings_in(folder: Path) -> Settings:
    """Settings of a demo instance inside a folder."""
    return replace(office.demo_settings(read_settings(instance=folder)), today=TODAY, fonts=fonts())


def fonts() -> Path:
    """The font pack of this machine."""
    return Path(os.environ["FORMSVC_FONTS"])


def furnished(folder: Path, today: date = TODAY) -> Ports:
    """Ports on a sample office made anew."""
    settings = replace(settings_in(folder), today=today)
    office.clear(settings)
    shutil.copytree(_sample_instance(), settings.instance, dirs_exist_ok=True)
    return build_ports(settings, renderer=_renderer())


@cache
def _renderer() -> RenderingWorkers:
    """The children that render for all offices of a test process; each takes three seconds to start."""
    cache = Path(tempfile.mkdtemp(prefix="rendering-"))
    atexit.register(shutil.rmtree, cache, ignore_errors=True)
    renderer = RenderingWorkers(fonts(), cache)
    atexit.register(renderer.close)
    return renderer


@cache
def _sample_instance() -> Path:
    """The instance of a sample office with its forms published; nobody writes to it."""
    folder = Path(tempfile.mkdtemp(prefix="sample-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = settings_in(folder)
    office.clear(settings)
    ports = build_ports(settings)
    office.create_sample_office(ports)
    ports.definitions.refresh()
    assert isinstance(ports.store, TinyStore)
    ports.store.close()
    shutil.rmtree(settings.cache, ignore_errors=True)
    return settings.instance


def environment(folder: Path) -> dict[str, str]:
    """The environment under which commands meet that office."""
    return {
        **os.environ,
        "FORMSVC_INSTANCE": str(folder / "demo"),
        "FORMSVC_TODAY": TODAY.isoformat(),
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
    }


def formsvc(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command as an operator does."""
    return run_command(words, environment(folder), ROOT)
