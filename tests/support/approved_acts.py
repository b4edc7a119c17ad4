"""Approved acts of the sample office, and processes that issue them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, State
from formsvc.usecases.approval import review
from formsvc.usecases.context import Ports
from formsvc.usecases.drafting import drafts
from formsvc.usecases.ports import Condition
from tests.support.sample_office import CASES, ROOT, environment

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
            ids.append(approve(ports, form, dict(answers)))
    return ids


def approve(ports: Ports, form: str, answers: dict[str, object]) -> str:
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    draft = drafts.open_form(ports, staff, form)
    drafts.save_answers(ports, staff, draft.id, answers, version=draft.version)
    act = drafts.submit(ports, staff, draft.id)
    if act.status is State.SUBMITTED:
        act = review.review(ports, approver, draft.id, passed=True)
    if act.status is State.REVIEWED:
        review.approve(ports, approver, draft.id, approved=True)
    return draft.id


def start_issuing(folder: Path, ids: list[str]) -> subprocess.Popen[str]:
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
