"""Killed writers lose nothing they acknowledged, in a shorter form; and a store with a defect would be found out."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.live_server import run_script
from tests.support.sample_office import environment

if sys.platform != "linux":
    pytest.skip("programs are killed and syncs watched the Linux way", allow_module_level=True)

from tests.support.unsynced_filesystem import library

KILLED = ("--kills", "30")
FEWER = ("--kills", "16")
CUT = ("--kills", "0", "--cuts", "3")
needs_library = pytest.mark.skipif(
    library() is None, reason="this Python has SQLite built in: no sync can be watched"
)


def crashed(folder: Path, *words: str) -> dict[str, Any]:
    """What the harness counts; it runs in a program of its own, since it forks."""
    seed = str(random.SystemRandom().getrandbits(31))
    script = ["-m", "tests.proofs.crash", "--seed", seed, "--folder", str(folder / "crash"), *words]
    done = run_script(script, **environment(folder))
    assert "{" in done.stdout, (seed, done.stderr)
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    print(f"seed {seed}: {found}")
    return found


def test_killed_writers_lose_nothing(tmp_path: Path) -> None:
    found = crashed(tmp_path, *KILLED)
    assert found["faults"] == []
    assert found["kills"] == 30 and found["acknowledged"] > 5


@needs_library
def test_power_cuts_lose_nothing(tmp_path: Path) -> None:
    found = crashed(tmp_path, *CUT)
    assert found["faults"] == []
    assert found["cuts"] == 3 and found["acknowledged"] > 5


@pytest.mark.parametrize(
    ("defect", "words", "told"),
    [
        ("acknowledged early", FEWER, "lost"),
        pytest.param("number outside the transaction", FEWER, "没有说明", marks=pytest.mark.slow),
        pytest.param("connection shared over a fork", FEWER, "", marks=pytest.mark.slow),
        pytest.param("stale cache", FEWER, "已经登记过", marks=pytest.mark.slow),
        pytest.param("synchronous off", CUT, "丢失了已经保存的内容", marks=[needs_library, pytest.mark.slow]),
        pytest.param(
            "kept files not synced", CUT, "与登记的摘要不符", marks=[needs_library, pytest.mark.slow]
        ),
    ],
)
def test_a_planted_defect_is_reported(tmp_path: Path, defect: str, words: tuple[str, ...], told: str) -> None:
    """Kills fall at random; a harness that finds nothing in a hundred of them does not notice."""
    faults: list[str] = []
    option, *rest = words
    # each run is twice as long as the one before: on a busy machine writers get little done between two kills
    for factor in (1, 2, 4):
        folder = tmp_path / str(factor)
        folder.mkdir()
        counts = [str(factor * int(word)) if word.isdigit() else word for word in rest]
        faults += crashed(folder, option, *counts, "--defect", defect)["faults"]
        if faults:
            break
    assert any(told in fault for fault in faults), faults


def test_writers_that_do_no_work_show_nothing(tmp_path: Path) -> None:
    assert crashed(tmp_path, "--kills", "2", "--defect", "no work")["faults"] == [
        "the writers did no work: nothing was shown"
    ]
