"""The life of a kind may ask for other documents: their answers, service, state, number, and what was made from them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, ServiceRecord
from formsvc.usecases.acts import serving
from formsvc.usecases.cases import case_file, due_list
from formsvc.usecases.numbering import issue
from tests.support.case_steps import at
from tests.support.made_up_kinds import issue as issued
from tests.support.made_up_kinds import kind, office_with
from tests.support.memory_office import Office

ROWS: dict[str, Any] = {
    "key": "costs",
    "label": "费用",
    "kind": "rows",
    "columns": [
        {"key": "what", "label": "项目", "kind": "text", "required": True},
        {"key": "fee", "label": "金额", "kind": "integer", "required": True},
    ],
}
SHOP = {"key": "shop", "label": "店铺", "kind": "text", "role": "party", "required": True}
# each function of the language that looks beyond the document itself, as a condition of a step
CONDITIONS = {
    "answer": 'answers_of(earlier, "shop") == shop',
    "served": 'served_on(earlier) == "2026-09-25"',
    "state": 'state_of(earlier) == "served"',
    "made": 'size(made_from(earlier, "NX2")) == 2',
    "own": 'size(made_from(this, "NX3")) == 0',
    "count": 'count_documents("NX2", shop, year_of(this.date)) == 2',
    "sum": 'sum_of(answers_of(earlier, "costs").map(c, c.fee)) == 300',
    "row": 'row_of(answers_of(earlier, "costs"), "what", "人工").fee == 200',
    "outside": "is_outside(earlier) == false",
}


def follow_up(name: str, when: str) -> dict[str, Any]:
    return {
        "id": name,
        "title": f"办理{name}",
        "when": when,
        "why": '《{answers_of(earlier, "shop")}》应当办理。',
    }


FIRST = kind("NX1", "虚构的通知", SHOP, ROWS, subject="shop", numbering={"style": "none"}, approval=False)
LATER = kind(
    "NX2",
    "虚构的回函",
    SHOP,
    {"key": "earlier", "label": "通知", "kind": "reference", "refers_to": "NX1", "required": True},
    subject="shop",
    numbering={"style": "none"},
    approval=False,
    life={
        "follow_ups": [follow_up(name, when) for name, when in CONDITIONS.items()],
        "deadlines": [
            {"id": "answer", "name": "答复期限", "event": "通知送达之日", "from": "served_on(earlier)", "count": 3, "unit": "workdays"}
        ],
    },
)  # fmt: skip
COSTS = [{"what": "材料", "fee": 100}, {"what": "人工", "fee": 200}]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made, _ = office_with(tmp_path, [FIRST, LATER])
    at(made, "2026-09-21")
    return made


def reply(office: Office, first: Act) -> Act:
    earlier = {"act_id": first.id, "number": "", "title": first.title, "date": first.dated}
    return issued(office, "NX2", shop="福来小店（虚构）", earlier=earlier)


def serve(office: Office, act: Act) -> None:
    at(office, "2026-09-25")
    record = ServiceRecord("直接送达", "2026-09-25T09:00", "何虚构", "本人", servers=("冯文书",))
    serving.record_service(office.ports, sample_actor(office.ports, "officer"), act.id, record)


def asked(office: Office, act: Act) -> set[str]:
    """The steps that the case shows after an act; the list of what is due says the same of all."""
    staff = sample_actor(office.ports, "staff")
    case = case_file.get_case(office.ports, staff, act.id)
    listed = due_list.due_list(office.ports, staff, office.ports.clock.today()).dues
    own = {each.id for each in case.acts}
    here = {(d.after.id, d.step.step) for d in listed if d.after.id in own}
    assert here == {(d.after.id, d.step.step) for d in case.next_steps}
    return {d.step.step for d in case.next_steps if d.after.id == act.id}


def test_each_function_reads_the_other_document_and_follows_it(office: Office) -> None:
    first = issued(office, "NX1", shop="福来小店（虚构）", costs=COSTS)
    one = reply(office, first)
    assert asked(office, one) == {"answer", "own", "sum", "row", "outside"}
    # what others do changes the steps of a document that nobody touched
    two = reply(office, first)
    assert asked(office, one) == {"answer", "own", "sum", "row", "outside", "made", "count"}
    serve(office, first)
    assert asked(office, one) == {
        "answer",
        "own",
        "sum",
        "row",
        "outside",
        "made",
        "count",
        "served",
        "state",
    }
    issue.void_act(office.ports, sample_actor(office.ports, "approver"), two.id, reason="写错")
    assert asked(office, one) == {"answer", "own", "sum", "row", "outside", "served", "state"}


def test_a_deadline_runs_from_the_service_of_the_other_document(office: Office) -> None:
    first = issued(office, "NX1", shop="福来小店（虚构）", costs=COSTS)
    one = reply(office, first)
    staff = sample_actor(office.ports, "staff")
    assert case_file.explain_deadlines(office.ports, staff, one.id) == []
    serve(office, first)
    (deadline,) = case_file.explain_deadlines(office.ports, staff, one.id)
    # 25 to 27 September 2026 and 1 October are holidays, 20 September a working Sunday before
    assert (deadline.name, deadline.due.isoformat()) == ("答复期限", "2026-09-30")
    case = case_file.get_case(office.ports, staff, one.id)
    assert next(d.step.why for d in case.next_steps) == "《福来小店（虚构）》应当办理。"


def test_what_the_other_document_has_not_is_said_and_never_passes_as_empty(tmp_path: Path) -> None:
    office, library = office_with(tmp_path, [FIRST, LATER])
    at(office, "2026-09-21")
    first = issued(office, "NX1", shop="福来小店（虚构）", costs=COSTS)
    grave = {"key": "grave", "label": "情节严重", "kind": "yes_no"}
    newer = copy.deepcopy(FIRST)
    newer["sections"][0]["fields"].append(grave)
    library.add(newer)
    asks = copy.deepcopy(LATER)
    asks["life"] = {
        "follow_ups": [
            {
                "id": "report",
                "title": "报告",
                "when": 'answers_of(earlier, "grave") == true',
                "why": "应当报告。",
            }
        ]
    }
    library.add(asks)
    one = reply(office, first)
    (step,) = case_file.get_case(office.ports, sample_actor(office.ports, "staff"), one.id).next_steps
    assert "没有“情节严重”这一项" in step.step.why
    second = issued(office, "NX1", shop="福来小店（虚构）", costs=COSTS, grave=False)
    assert asked(office, reply(office, second)) == set()
