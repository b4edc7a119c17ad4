"""What a case asks for next, and by when: notice, record, orders, service, re-inspection, transfer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

from formsvc.domain.calendar import OFFICIAL
from formsvc.domain.cases.next_steps import (
    CaseAct,
    CaseRules,
    NextStep,
    acts_with_depth,
    deadlines_of,
    next_steps,
)
from formsvc.domain.life.act_life import act_life
from tests.support.circumstances import definition
from tests.support.paths import EXAMPLES as EXAMPLES_FILE

_CASES = EXAMPLES_FILE
FIELDS: dict[str, dict[str, Any]] = {
    case["id"]: case["fields"] for case in json.loads(_CASES.read_text(encoding="utf-8"))["cases"]
}
SETTINGS = {
    "entrustment_publication_workdays": 7,
    "order_workdays": 3,
    "urge_workdays": 3,
    "recheck_workdays": 3,
    "transfer_workdays": 3,
    "service_workdays": 7,
    "entrustment_reminder_days": 30,
}
RULES = CaseRules(OFFICIAL.with_weekends_for_missing_years(), SETTINGS, date(2026, 9, 18))


def act(case: str, form: str, source: str = "", served: str = "", **answers: Any) -> CaseAct:
    """An issued act of the worked cases."""
    fields = {**FIELDS[case], **answers}
    return CaseAct(
        id=case,
        form=form,
        title=form,
        number=fields["doc_no"],
        dated=date.fromisoformat(fields["issue_date"]),
        state="served" if served else "issued",
        mode=fields.get("auth_mode", "M0"),
        party=fields.get("party_name", ""),
        source=source,
        served_on=date.fromisoformat(served) if served else None,
        answers=fields,
        life=act_life(definition(form), None),
    )


NOTICE = act("EX06", "T14", served="2026-09-16")
RECORD = act("EX07", "T15", "EX06")
AT_ONCE = act("EX08", "T21", "EX07", served="2026-09-18")
ORDER = act("EX09", "T22", "EX07", served="2026-09-22")
RECHECK = act("EX10", "T24", "EX09", served="2026-11-03")
URGING = act("EX11", "T23", served="2026-11-23")


def told(steps: list[NextStep]) -> list[tuple[str, str, str]]:
    """Form, the act it follows and the last day of each step."""
    return [(s.form, s.after.id, s.deadline.due.isoformat() if s.deadline else "") for s in steps]


def test_a_record_asks_for_both_orders_each_in_its_time() -> None:
    assert told(next_steps([NOTICE, RECORD], RULES)) == [
        ("T21", "EX07", "2026-09-18"),
        ("T22", "EX07", "2026-09-22"),
    ]


def test_an_order_asks_for_service_within_three_working_days_of_the_inspection() -> None:
    unserved = replace(ORDER, served_on=None, state="issued")
    assert ("T34", "EX09", "2026-09-22") in told(next_steps([NOTICE, RECORD, AT_ONCE, unserved], RULES))


def test_what_was_done_is_not_asked_for_again() -> None:
    steps = next_steps([NOTICE, RECORD, AT_ONCE, ORDER], RULES)
    assert told(steps) == [("T24", "EX09", "2026-11-04"), ("T24", "EX08", "")]


def test_deadlines_that_differ_are_rechecked_each_by_its_own_day() -> None:
    rows = [
        {**row, "deadline": day}
        for row, day in zip(ORDER.answers["hazards"], ("2026-10-12", "2026-10-30"), strict=True)
    ]
    order = replace(ORDER, answers={**ORDER.answers, "hazards": rows})
    assert ("T24", "EX09", "2026-10-15") in told(next_steps([order], RULES))
    results = [{"result": "已改正"}, {"result": "未改正"}]
    first = replace(
        RECHECK,
        dated=date(2026, 10, 14),
        answers={**RECHECK.answers, "recheck_date": "2026-10-14", "results": results, "next": ["继续督促"]},
    )
    assert told(next_steps([order, first], RULES)) == [("T24", "EX09", "2026-11-04")]


def test_the_period_for_the_recheck_passes_over_the_holidays() -> None:
    rows = [{**row, "deadline": "2026-09-30"} for row in ORDER.answers["hazards"]]
    (step,) = next_steps([replace(ORDER, answers={**ORDER.answers, "hazards": rows})], RULES)
    assert step.deadline and step.deadline.due == date(2026, 10, 10)
    assert "10月1日至10月7日为休息日" in step.deadline.sentence
    assert "10月10日为调休上班日" in step.deadline.sentence


def test_after_the_recheck_comes_what_it_decided() -> None:
    assert told(next_steps([ORDER, RECHECK], RULES)) == [("T29", "EX10", "")]


def test_own_duty_ends_in_a_transfer_when_nothing_was_done() -> None:
    results = [{"result": "未改正"}, {"result": "未改正"}]
    answers = {"results": results, "recheck_date": "2026-12-16", "conclusion": "未改正", "next": ["继续督促"]}
    recheck = replace(
        RECHECK, mode="M0", source="EX11", dated=date(2026, 12, 16), answers={**RECHECK.answers, **answers}
    )
    assert told(next_steps([URGING, recheck], RULES)) == [("T28", "EX10", "2026-12-21")]


def test_a_draft_on_its_way_is_named_with_the_step() -> None:
    draft = CaseAct("d1", "T24", "复查意见书", "", date(2026, 11, 2), "draft", source="EX09")
    (step,) = [s for s in next_steps([ORDER, draft], RULES) if s.form == "T24"]
    assert step.begun == "d1"


def test_void_acts_neither_ask_nor_answer() -> None:
    assert next_steps([replace(ORDER, state="void")], RULES) == []
    assert ("T22", "EX07", "2026-09-22") in told(next_steps([RECORD, replace(ORDER, state="void")], RULES))


def test_every_deadline_of_an_order_is_told_and_so_are_the_partys() -> None:
    found = {d.name: d.due.isoformat() for d in deadlines_of(ORDER, RULES)}
    assert found == {
        "整改期限（第3、4项）": "2026-10-30",
        "复查期限（第3、4项）": "2026-11-04",
        "申请复议期限": "2026-11-23",
        "起诉期限": "2027-03-22",
    }


def test_an_entrustment_is_to_be_made_public() -> None:
    entrustment = act("EX01", "T01")
    assert told(next_steps([entrustment], RULES)) == [("T02", "EX01", "2026-03-25")]
    assert next_steps([entrustment, act("EX02", "T02", "EX01")], RULES) == []


def test_a_case_stands_in_the_order_of_its_making() -> None:
    found = [(a.id, depth) for a, depth in acts_with_depth([RECHECK, ORDER, AT_ONCE, RECORD, NOTICE])]
    assert found == [("EX06", 0), ("EX07", 1), ("EX08", 2), ("EX09", 2), ("EX10", 3)]
