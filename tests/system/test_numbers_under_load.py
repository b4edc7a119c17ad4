"""Numbers when several processes issue at once, and when one of them is killed."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from pathlib import Path

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.usecases.approval import review as reviewing
from formsvc.usecases.context import Ports
from formsvc.usecases.drafting import drafts as drafting
from formsvc.usecases.numbering import register
from formsvc.usecases.ports import Condition
from tests.support.document_text import squeezed, word_paragraphs
from tests.support.sample_office import CASES, ROOT, environment, furnished

TOWNSHIP = "绥化市北林区东河镇人民政府"
LEFT_OUT = ("doc_no", "authority_text", "entrust_ref")


def township_notice() -> dict[str, object]:
    """The inspection notice of EX06 in the township's own name."""
    fields = {k: v for k, v in CASES["EX06"]["fields"].items() if k not in LEFT_OUT}
    return {**fields, "issuer_name": TOWNSHIP, "auth_mode": "M0", "approver": "李明远"}


def approved(ports: Ports, count: int) -> list[str]:
    """So many approved acts of each of two series, mixed."""
    kinds = (("T07", CASES["EX03"]["fields"]), ("T14", township_notice()))
    ids = []
    for _ in range(count):
        for form, answers in kinds:
            ids.append(_approve(ports, form, dict(answers)))
    return ids


def _approve(ports: Ports, form: str, answers: dict[str, object]) -> str:
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    draft = drafting.open_form(ports, staff, form)
    drafting.save_answers(ports, staff, draft.id, answers, version=draft.version)
    drafting.submit(ports, staff, draft.id)
    reviewing.review(ports, approver, draft.id, passed=True)
    reviewing.approve(ports, approver, draft.id, approved=True)
    return draft.id


def start(folder: Path, ids: list[str]) -> subprocess.Popen[str]:
    """A process that issues these acts."""
    env = {**environment(folder), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "tests.support.issuing_process", str(folder), *ids]
    return subprocess.Popen(
        words, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def numbered(ports: Ports) -> dict[str, Act]:
    """Every numbered act by its number."""
    with ports.store.read() as tx:
        records = tx.acts.find(Condition("number", "!=", ""))
    return {record["number"]: Act.from_record(record) for record in records}


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


def test_four_processes_give_each_number_once_and_leave_none_out(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    ids = approved(ports, 20)
    processes = [start(tmp_path, ids[i::4]) for i in range(4)]
    said = [p.communicate(timeout=400) for p in processes]
    assert [p.returncode for p in processes] == [0, 0, 0, 0], said
    acts = numbered(ports)
    assert len(acts) == 40
    assert_no_gap(ports)
    for number, act in acts.items():
        text = [squeezed(p) for p in word_paragraphs(ports.files.read(act.word))]
        assert squeezed(number) in text


def test_a_killed_process_loses_nothing_it_had_acknowledged(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    ids = approved(ports, 6)
    processes = [start(tmp_path, ids[i::2]) for i in range(2)]
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
    rest = start(tmp_path, ids)
    rest.communicate(timeout=300)
    assert len(numbered(ports)) == len(ids)
    assert_no_gap(ports)
