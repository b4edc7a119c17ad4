"""A kind of document lives by its definition alone: deadlines, items, service, follow-ups.

The kinds here are made up: neither their ids and titles nor their fields are known to the program.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, ServiceRecord
from formsvc.domain.definition_loader import load_definition
from formsvc.errors import Fault
from formsvc.usecases import operator
from formsvc.usecases.acts import serving
from formsvc.usecases.cases import case_file, due_list
from formsvc.usecases.cases.case_file import CaseFile
from formsvc.usecases.numbering import issue
from formsvc.usecases.ports import DefinitionFile
from tests.support.circumstances import read_folder
from tests.support.memory_office import Office, make_office

TOWN = "绥化市北林区东河镇人民政府"
LIFE: dict[str, Any] = {
    "begins_case": True,
    "items": {"rows": "points", "text": "what", "place": "spot", "deadline": "until"},
    "deadlines": [
        {"id": "hand_over", "name": "交付期限", "event": "出单之日", "from": "this.date", "count": 2, "unit": "workdays"},
        {"id": "point", "name": "整治期限", "event": "单上写明的日期", "from": "row.until", "unit": "on_day", "each": "points"},
        {"id": "visit", "name": "回访期限", "event": "整治期限届满之日", "from": "row.until", "count": 5, "unit": "days", "each": "points"},
        {"id": "complain", "name": "申诉期限", "event": "交付之日", "from": "this.served_on", "count": 1, "unit": "months", "late": "info"},
    ],
    "follow_ups": [
        {
            "id": "visit",
            "forms": "NX2/NX3",
            "title": "回访单",
            "why": "{this.number}单第{numbers}项应当回访。",
            "each": "points",
            "once": False,
            "by": "visit",
            "answered": 'found.outcome == "好"',
        },
        {"id": "praise", "forms": "NX9", "title": "表扬信", "why": "可以表扬{owner}。", "must": False},
    ],
    "service": {"required": 'owner != "本镇"', "by": "hand_over", "title": "交付单"},
}  # fmt: skip
NOTICE: dict[str, Any] = {
    "id": "NX1",
    "title": "村容整治单",
    "template": "NX1.docx",
    "subject": "owner",
    "approval": False,
    "numbering": {"style": "none"},
    "sections": [
        {
            "title": "内容",
            "fields": [
                "@ISS",
                {"key": "owner", "label": "户主", "kind": "text", "required": True},
                {
                    "key": "points",
                    "label": "事项",
                    "kind": "rows",
                    "required": True,
                    "columns": [
                        {"key": "what", "label": "事项", "kind": "text", "required": True},
                        {"key": "spot", "label": "地点", "kind": "text"},
                        {"key": "until", "label": "期限", "kind": "date", "required": True},
                    ],
                },
            ],
        }
    ],
    "life": LIFE,
}
VISIT: dict[str, Any] = {
    "id": "NX2",
    "title": "回访单",
    "template": "NX2.docx",
    "approval": False,
    "numbering": {"style": "none"},
    "sections": [
        {
            "title": "内容",
            "fields": [
                "@ISS",
                {"key": "about", "label": "整治单", "kind": "reference", "required": True, "refers_to": "NX1"},
                {
                    "key": "seen",
                    "label": "结果",
                    "kind": "rows",
                    "required": True,
                    "columns": [
                        {"key": "nth", "label": "第几项", "kind": "integer", "required": True},
                        {"key": "outcome", "label": "怎样", "kind": "choice", "required": True, "choices": ["好", "一半", "没动"]},
                    ],
                },
            ],
        }
    ],
    "life": {
        "results": {"rows": "seen", "of": "about", "number": "nth", "result": "outcome", "done": ["好"], "partly": ["一半"]}
    },
}  # fmt: skip
SIGNED = {"issuer_name": TOWN, "drafter": "冯文书", "approver": "李明远"}
POINTS = [
    {"what": "柴草堆在门口", "spot": "门前", "until": "2026-11-30"},
    {"what": "水沟堵塞", "spot": "屋后", "until": "2026-12-10"},
]


class KindLibrary:
    """A library of made-up kinds, which may change."""

    def __init__(self, *sources: dict[str, Any]) -> None:
        self.sources = list(sources)
        self.version = 1

    def change(self, *sources: dict[str, Any]) -> None:
        self.sources, self.version = list(sources), self.version + 1

    def signature(self) -> str:
        return str(self.version)

    def forms(self) -> list[str]:
        return [source["id"] for source in self.sources]

    def source_of(self, form: str) -> str:
        return f"{form}.json"

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Fault]]:
        groups, lookups = read_folder("groups"), read_folder("lookups")
        loaded = [load_definition(source, groups, lookups) for source in self.sources]
        return [DefinitionFile(d.id, d.to_resolved(), b"template") for d in loaded], []

    def checked_registers(self) -> tuple[list[Mapping[str, Any]], list[Fault]]:
        return [], []


def at(office: Office, day: str) -> None:
    office.clock.moment = datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def made(office: Office, form: str, day: str, **answers: Any) -> Act:
    at(office, day)
    staff, approver = sample_actor(office.ports, "staff"), sample_actor(office.ports, "approver")
    filled = {**SIGNED, "issue_date": day, **answers}
    return operator.issue_at_once(office.ports, staff, approver, form, filled)


def visited(office: Office, notice: Act, day: str, *outcomes: tuple[int, str]) -> Act:
    about = {"act_id": notice.id, "number": "", "title": notice.title, "date": notice.dated}
    seen = [{"nth": nth, "outcome": outcome} for nth, outcome in outcomes]
    return made(office, "NX2", day, about=about, seen=seen)


def case_of(office: Office, act: Act) -> CaseFile:
    return case_file.get_case(office.ports, sample_actor(office.ports, "staff"), act.id)


def steps_of(case: CaseFile) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(d.step.title, d.day.isoformat() if d.day else "", d.step.items) for d in case.next_steps]


@pytest.fixture
def library() -> KindLibrary:
    return KindLibrary(NOTICE, VISIT)


@pytest.fixture
def office(tmp_path: Path, library: KindLibrary) -> Office:
    return make_office(tmp_path, library=library)


def test_a_made_up_kind_has_deadlines_steps_and_items(office: Office) -> None:
    notice = made(office, "NX1", "2026-11-20", owner="王虚构", points=POINTS)
    case = case_of(office, notice)
    assert steps_of(case) == [
        ("交付单", "2026-11-24", ()),
        ("回访单", "2026-12-07", ("1",)),
        ("回访单", "2026-12-15", ("2",)),
    ]
    # 5 December 2026 is a Saturday: a period in days runs on to the Monday
    assert [(d.name, d.due.isoformat()) for d in case.links[0].deadlines] == [
        ("整治期限（第1项）", "2026-11-30"),
        ("回访期限（第1项）", "2026-12-07"),
        ("整治期限（第2项）", "2026-12-10"),
        ("回访期限（第2项）", "2026-12-15"),
    ]
    assert [(h.text, h.place, h.status.value) for h in case.hazards] == [
        ("柴草堆在门口", "门前", "pending"),
        ("水沟堵塞", "屋后", "pending"),
    ]
    assert [(d.step.title, d.step.why, d.is_offered) for d in case.possible_steps] == [
        ("表扬信", "可以表扬王虚构。", False)
    ]


def test_service_results_and_time_change_what_is_left(office: Office) -> None:
    notice = made(office, "NX1", "2026-11-20", owner="王虚构", points=POINTS)
    handed = ServiceRecord("直接送达", "2026-11-20T09:00", "王虚构", "本人", servers=("冯文书",))
    serving.record_service(office.ports, sample_actor(office.ports, "staff"), notice.id, handed)
    assert [title for title, *_ in steps_of(case_of(office, notice))] == ["回访单", "回访单"]
    assert case_of(office, notice).links[0].deadlines[-1].name == "申诉期限"
    visited(office, notice, "2026-12-11", (1, "好"), (2, "一半"))
    case = case_of(office, notice)
    assert [h.status.value for h in case.hazards] == ["remedied", "partly"]
    # what was only half done is still to be visited, and overdue two years later
    assert steps_of(case) == [("回访单", "2026-12-15", ("2",))]
    at(office, "2028-12-20")
    found = due_list.due_list(office.ports, sample_actor(office.ports, "staff"), date(2028, 12, 20))
    assert [(d.step.title, d.is_late) for d in found.dues] == [("回访单", True)] and found.late == (
        0,
        0,
        0,
        1,
    )
    visited(office, notice, "2028-12-20", (2, "好"))
    assert steps_of(case_of(office, notice)) == []


def test_no_service_is_asked_for_where_the_condition_does_not_hold(office: Office) -> None:
    notice = made(office, "NX1", "2026-11-20", owner="本镇", points=POINTS[:1])
    assert [title for title, *_ in steps_of(case_of(office, notice))] == ["回访单"]


def test_a_copied_kind_answers_once_it_is_in_the_list(office: Office, library: KindLibrary) -> None:
    copied = {**copy.deepcopy(VISIT), "id": "NX3", "title": "夜间回访单", "template": "NX3.docx"}
    library.change(NOTICE, VISIT, copied)
    notice = made(office, "NX1", "2026-11-20", owner="本镇", points=POINTS[:1])
    about = {"act_id": notice.id, "number": "", "title": notice.title, "date": notice.dated}
    made(office, "NX3", "2026-12-01", about=about, seen=[{"nth": 1, "outcome": "好"}])
    assert steps_of(case_of(office, notice)) == []


def test_an_older_document_lives_by_the_first_life_of_its_kind(office: Office, library: KindLibrary) -> None:
    before = {key: value for key, value in NOTICE.items() if key != "life"}
    library.change(before, VISIT)
    old = made(office, "NX1", "2026-11-20", owner="王虚构", points=POINTS[:1])
    assert steps_of(case_of(office, old)) == [] and case_of(office, old).notices == ()
    paper = (old.word, old.pdf)
    library.change(NOTICE, VISIT)
    case = case_of(office, old)
    assert [title for title, *_ in steps_of(case)] == ["交付单", "回访单"]
    (sentence,) = case.notices
    assert "村容整治单" in sentence and "按后来启用的第一版办理" in sentence
    assert (case.first.word, case.first.pdf, case.first.revision) == (*paper, old.revision)
    # a later life leaves it alone: the first one stays
    later = copy.deepcopy(NOTICE)
    later["life"]["follow_ups"] = []
    library.change(later, VISIT)
    assert [title for title, *_ in steps_of(case_of(office, old))] == ["交付单", "回访单"]


def test_a_field_that_an_older_document_lacks_is_never_taken_for_empty(
    office: Office, library: KindLibrary
) -> None:
    before = {key: value for key, value in NOTICE.items() if key != "life"}
    library.change(before, VISIT)
    old = made(office, "NX1", "2026-11-20", owner="王虚构", points=POINTS[:1])
    later = copy.deepcopy(NOTICE)
    later["sections"][0]["fields"].append({"key": "grave", "label": "情节严重", "kind": "yes_no"})
    follow_up = {
        "id": "report",
        "forms": "NX8",
        "title": "报告",
        "why": "应当报告。",
        "when": "grave == true",
    }
    later["life"] = {"follow_ups": [follow_up]}
    library.change(later, VISIT)
    (step,) = case_of(office, old).next_steps
    assert step.step.title == "报告" and "没有“情节严重”这一项" in step.step.why
    # a document of the new kind has the field: left empty it is a plain no
    new = made(office, "NX1", "2026-11-20", owner="王虚构", points=POINTS[:1])
    assert steps_of(case_of(office, new)) == []


# What later documents do to the case --------------------------------------------------------------------

MOVING = {
    "do": "move_deadlines",
    "of": "about",
    "rows": "seen",
    "set": {"no": "row.nth", "deadline": "row.day"},
}
CLOSING = {"do": "close_case", "of": "about"}


def effective(effect: dict[str, Any]) -> dict[str, Any]:
    """A made-up kind with one effect when it is issued."""
    kind = copy.deepcopy(VISIT) | {"id": "NX5", "title": "处理单", "template": "NX5.docx"}
    fields: list[Any] = kind["sections"][0]["fields"]
    fields[2]["columns"].append({"key": "day", "label": "新的期限", "kind": "date"})
    return {**kind, "life": {"effects": {"issued": [effect]}}}


def test_a_moved_deadline_moves_item_step_and_due_day(office: Office, library: KindLibrary) -> None:
    library.change(NOTICE, VISIT, effective(MOVING))
    notice = made(office, "NX1", "2026-11-20", owner="本镇", points=POINTS)
    about = {"act_id": notice.id, "number": "", "title": notice.title, "date": notice.dated}
    made(office, "NX5", "2026-11-25", about=about, seen=[{"nth": 1, "outcome": "没动", "day": "2027-01-11"}])
    case = case_of(office, notice)
    assert steps_of(case) == [("回访单", "2026-12-15", ("2",)), ("回访单", "2027-01-18", ("1",))]
    assert [hazard.deadline and hazard.deadline.isoformat() for hazard in case.hazards] == [
        "2027-01-11",
        "2026-12-10",
    ]
    found = due_list.due_list(office.ports, sample_actor(office.ports, "staff"), date(2027, 12, 31))
    assert [d.day and d.day.isoformat() for d in found.dues] == ["2026-12-15", "2027-01-18"]


def test_nothing_is_left_to_do_in_a_closed_case(office: Office, library: KindLibrary) -> None:
    library.change(NOTICE, VISIT, effective(CLOSING))
    notice = made(office, "NX1", "2026-11-20", owner="王虚构", points=POINTS)
    staff = sample_actor(office.ports, "staff")
    assert due_list.due_list(office.ports, staff, date(2027, 12, 31)).total == 3
    about = {"act_id": notice.id, "number": "", "title": notice.title, "date": notice.dated}
    closing = made(office, "NX5", "2026-11-25", about=about, seen=[{"nth": 1, "outcome": "好"}])
    case = case_of(office, notice)
    assert steps_of(case) == [] and case.possible_steps == ()
    assert due_list.due_list(office.ports, staff, date(2027, 12, 31)).total == 0
    # voiding the document that closed it opens it again
    issue.void_act(office.ports, sample_actor(office.ports, "approver"), closing.id, reason="结案有误")
    assert len(steps_of(case_of(office, notice))) == 3
    assert due_list.due_list(office.ports, staff, date(2027, 12, 31)).total == 3
