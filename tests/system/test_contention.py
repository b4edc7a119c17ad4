"""Many clients at one thing through HTTP, in a shorter form."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from formsvc.server import THREADS
from tests.proofs import contention


def test_many_at_once_leave_no_gap(tmp_path: Path) -> None:
    assert contention.many_series(tmp_path, clients=6, series=2, each=1, workers=2).faults == []


def test_one_act_gets_one_number(tmp_path: Path) -> None:
    found = contention.one_act(tmp_path, clients=10, workers=2)
    assert found.faults == []
    assert len(found.numbers) == 10 and len(set(found.numbers)) == 1


def test_of_two_reviewers_one_decides_and_the_other_is_told(tmp_path: Path) -> None:
    assert contention.two_reviewers(tmp_path, acts=3, workers=2).faults == []


@pytest.mark.skipif(os.name != "posix", reason="a program is stopped the POSIX way")
def test_while_a_stopped_program_holds_the_lock_others_are_told_in_time(tmp_path: Path) -> None:
    found = contention.stopped_holder(tmp_path, clients=2 * THREADS, workers=1)
    assert found.faults == []
    assert max(found.seconds) < contention.LOCK_SECONDS + 1
