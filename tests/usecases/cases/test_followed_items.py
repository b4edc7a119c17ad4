"""Which document an item is followed in: ordered again, in a closed case, after a mistake was taken back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.domain.cases.hazards import HazardStatus
from formsvc.usecases.cases import case_file, due_list, struck_steps
from formsvc.usecases.cases.struck_steps import ChosenStep
from formsvc.usecases.effects import case_locks
from formsvc.usecases.numbering import issue
from tests.support.case_steps import at, made_from
from tests.support.issued_acts import CASES, before_the_order, order
from tests.support.memory_office import Office, make_office
from tests.web.cases.test_later_steps import CLOSING, SIGNED, recheck, reference, serve

ORDER = CASES["EX09"]["fields"]
AGAIN = {key: value for key, value in ORDER.items() if key not in ("doc_no", "recheck_by", "issue_date")}
LATE = {"late_reason": "复查后另行责令余下的问题（虚构）。", "deadline_reason": "原期限已经届满（虚构）。"}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path)


@pytest.fixture
def record(office: Office) -> Act:
    return before_the_order(office)


@pytest.fixture
def first(office: Office, record: Act) -> Act:
    """An order of items 3 and 4 by 30 October, served."""
    made = order(office)
    at(office, "2026-09-22")
    serve(office, made, "2026-09-22T09:30")
    return made


def hazards(office: Office, act: Act) -> dict[tuple[int, str], tuple[HazardStatus, date | None]]:
    """Status and day of each item that was ordered, by number and order."""
    case = case_file.get_case(office.ports, sample_actor(office.ports, "approver"), act.id)
    found = [each for each in case.hazards if each.named_in.form == "T22"]
    listed = {(each.number, each.named_in.number): (each.status, each.deadline) for each in found}
    assert len(listed) == len(found)
    return listed


def rechecks(office: Office) -> list[tuple[str, tuple[str, ...], date | None]]:
    """Re-inspections that are due: of which order, which items, until when."""
    dues = due_list.due_list(office.ports, sample_actor(office.ports, "approver"), date.max).dues
    return [(d.after.number, d.step.items, d.day) for d in dues if d.step.step == "recheck"]


def order_again(
    office: Office, record: Act, checked: Act, rows: list[dict[str, Any]], issue_date: str = "2026-11-04"
) -> Act:
    signed = {**AGAIN, **LATE, "issue_date": issue_date, "record_ref": record.number}
    return made_from(office, record, "T22", **{**signed, "recheck_ref": checked.number, "hazards": rows})


def test_an_item_ordered_again_is_followed_in_its_new_order_alone(
    office: Office, record: Act, first: Act
) -> None:
    checked = recheck(office, first, "2026-11-03", "已改正", "未改正", next=["立案处罚"])
    assert hazards(office, first) == {
        (3, first.number): (HazardStatus.REMEDIED, date(2026, 10, 30)),
        (4, first.number): (HazardStatus.UNREMEDIED, date(2026, 10, 30)),
    }
    at(office, "2026-11-04")
    second = order_again(office, record, checked, [{**ORDER["hazards"][1], "deadline": "2026-11-27"}])
    # the item remedied stays with the first order, the other one has a new day
    assert hazards(office, first) == {
        (3, first.number): (HazardStatus.REMEDIED, date(2026, 10, 30)),
        (4, second.number): (HazardStatus.PENDING, date(2026, 11, 27)),
    }
    assert rechecks(office) == [(second.number, ("4",), date(2026, 12, 2))]
    at(office, "2026-11-30")
    assert hazards(office, first)[4, second.number][0] is HazardStatus.OVERDUE
    # a second order taken back leaves the item where the re-inspection left it
    issue.void_act(office.ports, sample_actor(office.ports, "approver"), second.id, reason="期限写错")
    assert hazards(office, first)[4, first.number] == (HazardStatus.UNREMEDIED, date(2026, 10, 30))
    assert rechecks(office) == []


def test_an_item_ordered_again_within_its_period_is_due_once(office: Office, record: Act, first: Act) -> None:
    checked = recheck(office, first, "2026-10-12", "已改正", "未改正", next=["继续督促"])
    assert rechecks(office) == [(first.number, ("4",), date(2026, 11, 4))]
    at(office, "2026-10-13")
    rows = [{**ORDER["hazards"][1], "deadline": "2026-11-27"}]
    second = order_again(office, record, checked, rows, issue_date="2026-10-13")
    assert rechecks(office) == [(second.number, ("4",), date(2026, 12, 2))]
    case = case_file.get_case(office.ports, sample_actor(office.ports, "approver"), first.id)
    in_case = [(d.after.number, d.step.items) for d in case.next_steps if d.step.step == "recheck"]
    assert in_case == [(second.number, ("4",))]
    # taken back, the first order is due again, in the list and in the case
    issue.void_act(office.ports, sample_actor(office.ports, "approver"), second.id, reason="期限写错")
    assert rechecks(office) == [(first.number, ("4",), date(2026, 11, 4))]


def test_orders_of_different_items_of_a_record_stand_side_by_side(office: Office, record: Act) -> None:
    at(office, "2026-09-21")
    three, four = [
        made_from(
            office, record, "T22", **{**AGAIN, "issue_date": "2026-09-21", "hazards": [ORDER["hazards"][n]]}
        )
        for n in (0, 1)
    ]
    assert hazards(office, record) == {
        (3, three.number): (HazardStatus.PENDING, date(2026, 10, 30)),
        (4, four.number): (HazardStatus.PENDING, date(2026, 10, 30)),
    }
    assert sorted(rechecks(office)) == sorted(
        (act.number, (item,), date(2026, 11, 4)) for act, item in ((three, "3"), (four, "4"))
    )


def test_nothing_is_due_in_a_closed_case_until_it_is_opened_again(office: Office, first: Act) -> None:
    approver = sample_actor(office.ports, "approver")

    def due() -> set[tuple[str, str]]:
        found = due_list.due_list(office.ports, approver, date.max).dues
        return {(d.step.step, d.after.form) for d in found if d.after.form != "T01"}

    wholly = recheck(office, first, "2026-10-28", "已改正", "已改正")
    serve(office, wholly, "2026-10-28T15:00")
    # the notice that was never served and the items to be ordered at once are still open
    before = due()
    assert {("service", "T14"), ("at_once", "T15")} <= before
    made_from(office, wholly, "T36", **SIGNED, **CLOSING, evidence_ref=reference(wholly))
    assert due() == set()
    assert case_file.get_case(office.ports, approver, first.id).next_steps == ()
    case_locks.reopen_case(office.ports, approver, first.id, reason="当事人举报整改不实（虚构）")
    # its closing was decided once; what was left undone comes back
    assert due() == before - {("closing", "T24")}


def test_a_step_struck_off_for_another_reason_leaves_all_others(office: Office, first: Act) -> None:
    reviewer = sample_actor(office.ports, "reviewer")
    at(office, "2026-11-10")
    chosen = [ChosenStep(first.id, "recheck", ("3",))]
    struck_steps.strike_off(office.ports, reviewer, chosen, "该处已经拆除（虚构）。")
    assert rechecks(office) == [(first.number, ("4",), date(2026, 11, 4))]
    # its result, when the other item is inspected again, is still written down
    recheck(office, first, "2026-11-10", "已改正", "未改正", next=["立案处罚"])
    assert hazards(office, first)[3, first.number][0] is HazardStatus.REMEDIED
    assert rechecks(office) == []
