"""Issuing, reserving and entering papers' numbers in several processes at once: gapless, and no number twice."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from formsvc.usecases.numbering import register
from tests.support.sample_office import ROOT, environment, furnished
from tests.system.test_numbers_under_load import _approve, numbered, start, township_notice

SERIES = "dong-jian"


def writer(folder: Path, what: str, times: int) -> subprocess.Popen[str]:
    """A process that writes into the register by hand."""
    env = {**environment(folder), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "tests.support.numbering_process", str(folder), SERIES, what, str(times)]
    return subprocess.Popen(
        words, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_issuing_reserving_and_entering_at_once_leave_no_gap_and_double_no_number(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    ids = [_approve(ports, "T14", township_notice()) for _ in range(16)]
    issuing = [start(tmp_path, ids[i::2]) for i in range(2)]
    writing = [writer(tmp_path, what, 12) for what in ("reserve", "reserve", "enter", "enter")]
    said = [p.communicate(timeout=400) for p in (*issuing, *writing)]
    assert [p.returncode for p in (*issuing, *writing)] == [0] * 6, said
    told = [line.split()[1] for out, _err in said for line in out.splitlines() if line != "taken"]
    page = register.number_register(ports, SERIES, 2026)
    assert page is not None
    assert page.gaps == []
    assert [row["n"] for row in page.rows] == list(range(1, len(page.rows) + 1))
    assert Counter(row["state"] for row in page.rows) == {"issued": 16, "reserved": 72, "backfilled": 24}
    assert sorted(told) == sorted(row["text"] for row in page.rows), "what was acknowledged is what is there"
    acts = numbered(ports)
    assert {row["text"]: row["act_id"] for row in page.rows if row["act_id"]} == {
        number: act.id for number, act in acts.items()
    }
    with ports.store.read() as tx:
        counter = tx.counters.get(f"{SERIES}/2026") or {}
        events = Counter(event["kind"] for event in tx.events.find())
    assert counter["last"] == len(page.rows)
    assert (events["Issued"], events["NumbersReserved"], events["NumbersEntered"]) == (16, 24, 24)
