"""Whether another process of the service still runs, however it ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from formsvc.storage.process_locks import LockedProcesses
from tests.support.paths import ROOT

PROGRAM = (
    "import sys, time; from pathlib import Path\n"
    "from formsvc.storage.process_locks import LockedProcesses\n"
    "one = LockedProcesses(Path(sys.argv[1]))\n"
    "print(one.own_id(), flush=True); time.sleep(60)"
)


def test_a_process_is_alive_until_it_is_killed(tmp_path: Path) -> None:
    here = LockedProcesses(tmp_path)
    other = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None
        known = other.stdout.readline().strip()
        assert known.startswith(f"{other.pid}-") and known != here.own_id()
        for _again in range(2):
            assert here.is_alive(known) and here.is_alive(here.own_id())
    finally:
        other.kill()
        other.wait()
    assert not here.is_alive(known)
    # the next process of the same number is another one
    assert not here.is_alive(f"{os.getpid()}-{'0' * 16}")
    assert not here.is_alive("../anchor") and not here.is_alive("")


def test_files_of_processes_long_gone_are_removed(tmp_path: Path) -> None:
    names = [f"{n}-{'ab' * 8}" for n in (1, 2)]
    for name, days in zip(names, (1, 30), strict=True):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - days * 86400,) * 2)
    own = LockedProcesses(tmp_path).own_id()
    assert {file.name for file in tmp_path.iterdir()} == {names[0], own}
