"""Numbers when several processes and clients issue, reserve, enter and decide at once, in shorter forms.

The long forms are tests/proofs/race.py and tests/proofs/contention.py.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from formsvc.server import THREADS
from formsvc.usecases.context import Ports
from formsvc.usecases.numbering import register
from tests.proofs import contention, race
from tests.support.approved_acts import approve, approved, numbered, start_issuing, township_notice
from tests.support.document_text import squeezed, word_paragraphs
from tests.support.sample_office import ROOT, environment, furnished

SERIES = "dong-jian"
API_ACTS = 18


def assert_no_gap(ports: Ports) -> None:
    """Both registers run on without a gap, and each row is the act that bears its number."""
    acts = numbered(ports)
    for series in ("dong-fa", "dong-jian"):
        page = register.number_register(ports, series, 2026)
        assert page is not None
        assert page.gaps == []
        assert [row["text"] for row in page.rows] == sorted((r["text"] for r in page.rows), key=_n)
        assert all(acts[row["text"]].id == row["act_id"] for row in page.rows)


def _n(number: str) -> int:
    return int(re.findall(r"〕第?(\d+)号", number)[0])


@pytest.mark.slow
def test_four_processes_give_each_number_once_and_leave_none_out(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    ids = approved(ports, 12)
    processes = [start_issuing(tmp_path, ids[i::4]) for i in range(4)]
    said = [p.communicate(timeout=400) for p in processes]
    assert [p.returncode for p in processes] == [0, 0, 0, 0], said
    acts = numbered(ports)
    assert len(acts) == 24
    assert_no_gap(ports)
    for number, act in acts.items():
        text = [squeezed(p) for p in word_paragraphs(ports.files.read(act.word))]
        assert squeezed(number) in text


@pytest.mark.slow
def test_a_killed_process_loses_nothing_it_had_acknowledged(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    ids = approved(ports, 3)
    processes = [start_issuing(tmp_path, ids[i::2]) for i in range(2)]
    time.sleep(random.uniform(2.5, 6.0))
    processes[0].kill()
    said = [p.communicate(timeout=300)[0] for p in processes]
    acknowledged = dict(
        line.split(" ", 1) for text in said for line in text.splitlines() if line.count(" ") == 1
    )
    acts = {act.id: act for act in numbered(ports).values()}
    assert {k: acts[k].number for k in acknowledged} == acknowledged
    assert all(ports.files.read(act.pdf) and ports.files.read(act.word) for act in acts.values())
    assert_no_gap(ports)
    rest = start_issuing(tmp_path, ids)
    rest.communicate(timeout=300)
    assert len(numbered(ports)) == len(ids)
    assert_no_gap(ports)


def writer(folder: Path, what: str, times: int) -> subprocess.Popen[str]:
    """A process that writes into the register by hand."""
    env = {**environment(folder), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "tests.support.numbering_process", str(folder), SERIES, what, str(times)]
    return subprocess.Popen(
        words, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_issuing_reserving_and_entering_at_once_leave_no_gap_and_double_no_number(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    ids = [approve(ports, "T14", township_notice()) for _ in range(6)]
    issuing = [start_issuing(tmp_path, ids[i::2]) for i in range(2)]
    writing = [writer(tmp_path, what, 12) for what in ("reserve", "enter")]
    said = [p.communicate(timeout=400) for p in (*issuing, *writing)]
    assert [p.returncode for p in (*issuing, *writing)] == [0] * 4, said
    told = [line.split()[1] for out, _err in said for line in out.splitlines() if line != "taken"]
    page = register.number_register(ports, SERIES, 2026)
    assert page is not None
    assert page.gaps == []
    assert [row["n"] for row in page.rows] == list(range(1, len(page.rows) + 1))
    assert Counter(row["state"] for row in page.rows) == {"issued": 6, "reserved": 36, "backfilled": 12}
    assert sorted(told) == sorted(row["text"] for row in page.rows), "what was acknowledged is what is there"
    acts = numbered(ports)
    assert {row["text"]: row["act_id"] for row in page.rows if row["act_id"]} == {
        number: act.id for number, act in acts.items()
    }
    with ports.store.read() as tx:
        counter = tx.counters.get(f"{SERIES}/2026") or {}
        events = Counter(event["kind"] for event in tx.events.find())
    assert counter["last"] == len(page.rows)
    assert (events["Issued"], events["NumbersReserved"], events["NumbersEntered"]) == (6, 12, 12)


def test_programs_at_once_leave_no_gap_and_nothing_forbidden_slips_through(tmp_path: Path) -> None:
    result = race.run(tmp_path, processes=3, acts=API_ACTS, workers=2)
    assert race.faults(result, API_ACTS) == []
    assert set(result.refused) == set(race.refusals())
    assert min(result.refused.values()) >= 2


@pytest.mark.slow
def test_many_at_once_leave_no_gap(tmp_path: Path) -> None:
    assert contention.many_series(tmp_path, clients=6, series=2, each=1, workers=2).faults == []


def test_one_act_gets_one_number(tmp_path: Path) -> None:
    found = contention.one_act(tmp_path, clients=4, workers=2)
    assert found.faults == []
    assert len(found.numbers) == 4 and len(set(found.numbers)) == 1


def test_of_two_reviewers_one_decides_and_the_other_is_told(tmp_path: Path) -> None:
    assert contention.two_reviewers(tmp_path, acts=3, workers=2).faults == []


@pytest.mark.skipif(os.name != "posix", reason="a program is stopped the POSIX way")
def test_while_a_stopped_program_holds_the_lock_others_are_told_in_time(tmp_path: Path) -> None:
    found = contention.stopped_holder(tmp_path, clients=2 * THREADS, workers=1)
    assert found.faults == []
    assert max(found.seconds) < contention.LOCK_SECONDS + 1
