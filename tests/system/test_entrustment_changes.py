"""Changes of an entrustment: suspension with its days, and the announcement where the entrustment was published."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.errors import InputRefused
from formsvc.usecases import operator
from formsvc.usecases.cases import due_list
from formsvc.usecases.cases.struck_steps import ChosenStep, strike_off
from tests.support.case_steps import at, made_from
from tests.support.circumstances import definition
from tests.support.issued_acts import CASES, ENTRUSTMENT, NOTICE, issued
from tests.support.memory_office import Office, make_office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The office in memory with its entrustment, on 21 September."""
    made = make_office(tmp_path)
    issued(made, ENTRUSTMENT)
    return made


def change(office: Office, **changes: Any) -> Act:
    """The notice that changes, suspends or ends the entrustment, of today."""
    today = office.clock.today().isoformat()
    days = {"issue_date": today, "effect_date": "2026-09-22", "return_by": "2026-09-25"}
    given = {**definition("T06").example, **days, **changes}
    staff, approver = (sample_actor(office.ports, who) for who in ("staff", "approver"))
    return operator.issue_at_once(
        office.ports,
        staff,
        approver,
        "T06",
        {key: value for key, value in given.items() if value is not None},
    )


def notice(office: Office) -> Act:
    """A notice of inspection under the entrustment, of today."""
    day = office.clock.today().isoformat()
    given = {k: v for k, v in CASES[NOTICE]["fields"].items() if k != "doc_no"}
    dated = {"issue_date": day, "check_from": f"{day}T15:00", "check_to": f"{day}T16:00"}
    staff, approver = (sample_actor(office.ports, who) for who in ("staff", "approver"))
    return operator.issue_at_once(office.ports, staff, approver, "T14", given | dated)


def test_nothing_is_numbered_while_the_entrustment_is_suspended(office: Office) -> None:
    change(office, action="中止", resume_date="2026-09-28", return_docs=None, return_by=None)
    assert notice(office).number, "the day before"
    for day in ("2026-09-22", "2026-09-24"):
        at(office, day)
        with pytest.raises(InputRefused, match="中止"):
            notice(office)
    for day in ("2026-09-28", "2026-09-29"):
        at(office, day)
        assert notice(office).number, day


def announcement_is_due(office: Office, notified: Act) -> bool:
    found = due_list.due_list(office.ports, sample_actor(office.ports, "approver"), date.max).dues
    return any(due.after.id == notified.id and due.step.step == "publication" for due in found)


def test_a_change_is_announced_where_the_entrustment_was_or_struck_off(office: Office) -> None:
    ended = change(office)
    assert announcement_is_due(office, ended)
    announced = made_from(
        office,
        ended,
        "T02",
        drafter="孙起草",
        approver="周国栋",
        hotline="0455-8990001",
        issue_date="2026-09-21",
    )
    assert announced.answers["change_action"] == "终止"
    assert announced.answers["entrust_ref"]["number"] == CASES[ENTRUSTMENT]["fields"]["doc_no"]
    assert not announcement_is_due(office, ended)


def test_an_announcement_elsewhere_is_struck_off_with_its_address(office: Office) -> None:
    ended = change(office)
    approver = sample_actor(office.ports, "approver")
    for reason in ("", " "):
        with pytest.raises(InputRefused):
            strike_off(office.ports, approver, [ChosenStep(ended.id, "publication")], reason)
    strike_off(
        office.ports, approver, [ChosenStep(ended.id, "publication")], "已在区政府网站公布（example.invalid）"
    )
    assert not announcement_is_due(office, ended)
