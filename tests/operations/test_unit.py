"""The systemd unit that the handbook names is accepted by systemd and keeps the service to its folder."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT

UNIT = ROOT / "docs/operations/formsvc.service"


def unit() -> configparser.SectionProxy:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read_string(UNIT.read_text(encoding="utf-8"))
    return read["Service"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not on this machine")
def test_systemd_has_nothing_to_say_about_it(tmp_path: Path) -> None:
    # systemd-analyze wants the program to be there
    program = tmp_path / "formsvc"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    text = UNIT.read_text(encoding="utf-8").replace("/srv/formsvc/.venv/bin/formsvc", str(program))
    copy = tmp_path / "formsvc.service"
    copy.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_it_starts_the_service_writes_to_its_folder_only_and_waits_for_its_end() -> None:
    service = unit()
    assert re.search(r"formsvc serve --host 127\.0\.0\.1 ", service["ExecStart"])
    assert (service["User"], service["ProtectSystem"], service["UMask"]) == ("formsvc", "strict", "0077")
    assert service["ReadWritePaths"] == "/srv/formsvc/instance"
    from formsvc.server import STOP_SECONDS

    assert int(service["TimeoutStopSec"]) > STOP_SECONDS


def test_the_handbook_names_every_file_and_repeats_none() -> None:
    handbook = (ROOT / "docs/handbook-operations.md").read_text(encoding="utf-8")
    for file in UNIT.parent.iterdir():
        assert f"(operations/{file.name})" in handbook, file.name
    assert "ProtectSystem=" not in handbook and "proxy_pass" not in handbook
