"""Whether another process of the service still runs, however it ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

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


def test_two_stores_opened_by_one_process_see_it_alive(tmp_path: Path) -> None:
    one, two = LockedProcesses(tmp_path), LockedProcesses(tmp_path / ".." / tmp_path.name)
    own = one.own_id()
    assert two.is_alive(own) and two.own_id() == own and one.is_alive(own)
    del two
    # looking must not give up the lock: others still see it
    seen = (
        "import sys; from pathlib import Path\n"
        + PROGRAM.splitlines()[1]
        + ("\nprint(LockedProcesses(Path(sys.argv[1])).is_alive(sys.argv[2]))")
    )
    told = subprocess.run(
        [sys.executable, "-c", seen, str(tmp_path), own], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "True"
    assert LockedProcesses(tmp_path / "elsewhere").own_id() != own


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX forks")
def test_a_fork_is_another_process(tmp_path: Path) -> None:
    here = LockedProcesses(tmp_path)
    own = here.own_id()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        told = f"{here.own_id() != own} {here.is_alive(own)}"
        os.write(writing, told.encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100) == b"True True"
    assert here.own_id() == own and LockedProcesses(tmp_path).is_alive(own)
    os.close(reading)
    os.close(writing)
