"""Acts of the worked cases, brought as far as a test needs them, in the office in memory."""

from __future__ import annotations

import json
from typing import Any

from formsvc.demo.office import sample_actor
from formsvc.domain.accounts.account import Account
from formsvc.domain.acts.act import Act, State
from formsvc.usecases import operator
from formsvc.usecases.administration import review_settings
from formsvc.usecases.approval import review
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import issue
from formsvc.usecases.ports import Condition
from tests.support.memory_office import Office
from tests.support.office_snapshots import replay
from tests.support.paths import EXAMPLES as EXAMPLES_FILE

_EXAMPLES = json.loads(EXAMPLES_FILE.read_text(encoding="utf-8"))
CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in _EXAMPLES["cases"]}
ENTRUSTMENT, NOTICE, RECORD, ORDER = "EX01", "EX06", "EX07", "EX09"
ORDER_NUMBER = "绥北（东）消限字〔2026〕第0005号"


def issued(office: Office, case: str) -> Act:
    """The act of a worked case, issued."""

    def issue_case() -> Act:
        staff, approver = sample_actor(office.ports, "staff"), sample_actor(office.ports, "approver")
        return operator.issue_at_once(
            office.ports, staff, approver, CASES[case]["act"], CASES[case]["fields"]
        )

    return replay(office, f"issue {case}", issue_case)


def have_reviewed(ports: Ports, form: str) -> None:
    """Let the office decide that a form is reviewed by legal staff, then signed."""
    typed = {form: "both", f"{form}-source": "虚构口径"}
    review_settings.save_review_settings(ports, sample_actor(ports, "admin"), typed)


def before_the_order(office: Office) -> Act:
    """Entrustment, notice and record are there; answers the record."""
    for case in (ENTRUSTMENT, NOTICE):
        issued(office, case)
    return issued(office, RECORD)


def order(office: Office, until: State = State.ISSUED, by: str = "staff", **changes: Any) -> Act:
    """责令限期改正通知书 of the worked case, as far as a state; ``changes`` to its answers."""
    step = json.dumps([until, by, changes], ensure_ascii=False, default=str, sort_keys=True)
    return replay(office, f"order {step}", lambda: _order(office, until, by, changes))


def _order(office: Office, until: State, by: str, changes: dict[str, Any]) -> Act:
    ports = office.ports
    drafter = sample_actor(ports, by)
    draft = drafts.open_form(ports, drafter, "T22")
    answers = {**CASES[ORDER]["fields"], **_record_without_order(office), **changes}
    act = drafts.save_answers(ports, drafter, draft.id, answers, version=draft.version).act
    steps = {
        State.SUBMITTED: lambda: drafts.submit(ports, drafter, act.id),
        State.REVIEWED: lambda: review.review(ports, sample_actor(ports, "reviewer"), act.id, passed=True),
        State.APPROVED: lambda: review.approve(ports, sample_actor(ports, "approver"), act.id, approved=True),
        State.ISSUED: lambda: issue.issue_act(ports, sample_actor(ports, "officer"), act.id),
        State.VOID: lambda: issue.void_act(
            ports, sample_actor(ports, "approver"), act.id, reason="当事人名称写错"
        ),
    }
    for state, step in steps.items():
        if act.status is until:
            break
        act = step()
        assert act.status is state
    return act


def _record_without_order(office: Office) -> dict[str, str]:
    """Refer to a further record if the first has its order: an item is ordered once."""
    with office.ports.store.read() as tx:
        orders = tx.acts.find(Condition("form", "==", "T22"), Condition("state", "!=", "void"))
    if all(record["state"] == "draft" for record in orders):
        return {}
    return {"record_ref": issued(office, RECORD).number}


def add_person(ports: Ports, name: str, display_name: str, roles: dict[str, list[str]]) -> Actor:
    """One more person, with the password of everybody."""
    with ports.store.write() as tx:
        password = tx.accounts.get("staff")["password"]  # type: ignore[index]
        account = Account(name, display_name, "donghe", roles, password)
        tx.accounts.insert(name, account.to_record())
    return Actor(account)
