"""Steps of a case in the office in memory: documents made from one another, each on its day."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, State
from formsvc.usecases import operator
from formsvc.usecases.approval import review
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import issue
from tests.support.memory_office import Office
from tests.support.paths import ROOT

_LATER = json.loads((ROOT / "tests/cases/later_cases.json").read_text(encoding="utf-8"))
# worked cases of documents that follow later; what they refer to was made before the system
LATER_CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in _LATER["cases"]}


def at(office: Office, day: str) -> None:
    """Let it be ten in the morning of a day."""
    office.clock.moment = datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def made_from(office: Office, source: Act, form: str, /, **answers: Any) -> Act:
    """“据此制作” by 李明, what is still open filled in, submitted, reviewed, approved and numbered."""
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    draft = drafts.open_form(ports, staff, form, source_act=source.id)
    kept = drafts.save_answers(
        ports, staff, draft.id, {**draft.answers, **answers}, version=draft.version, strict_keys=False
    )
    act = drafts.submit(ports, staff, kept.act.id)
    if act.status is State.SUBMITTED:
        act = review.review(ports, sample_actor(ports, "reviewer"), act.id, passed=True)
    if act.status is State.REVIEWED:
        act = review.approve(ports, sample_actor(ports, "approver"), act.id, approved=True)
    return issue.issue_act(ports, sample_actor(ports, "officer"), act.id)


def issue_case(office: Office, name: str) -> Act:
    """The document of a later worked case, issued or recorded."""
    case, ports = LATER_CASES[name], office.ports
    fields = {k: v for k, v in case["fields"].items() if k != "doc_no"}
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    return operator.issue_at_once(ports, staff, approver, case["act"], fields)
