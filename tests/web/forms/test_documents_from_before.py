"""A document that follows one from before the system: what cannot be computed is typed, and checked like the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.usecases.drafting.complete_submission import check_answers
from formsvc.usecases.drafting.drafts import load_draft
from tests.support.made_up_kinds import ISSUER, issue, kind, office_with
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

POINTS = [
    {"key": "what", "label": "事项", "kind": "text", "required": True},
    {"key": "until", "label": "改正期限", "kind": "date", "required": True},
]
PARTY = {"key": "party", "label": "当事人", "kind": "text", "required": True}
ORDER = kind(
    "K11", "改正要求（虚构）", PARTY, {"key": "points", "label": "事项", "kind": "rows", "columns": POINTS}
)


def by_order_or_by_hand(column: dict[str, Any]) -> dict[str, Any]:
    """The column, taken from the order, or typed where the order is from before the system."""
    return {**column, "computed": f"item.{column['key']}", "typed_when": "is_outside(order_ref)"}


LOOK = kind(
    "K12",
    "改正复核记录（虚构）",
    {"key": "order_ref", "label": "改正要求", "kind": "reference", "refers_to": "K11", "required": True},
    {
        **PARTY,
        "computed": 'referred(order_ref, "party")',
        "typed_when": "is_outside(order_ref)",
    },
    {
        "key": "results",
        "label": "结果",
        "kind": "rows",
        "min": 1,
        "required": True,
        "each_of": 'referred(order_ref, "points")',
        "columns": [
            *map(by_order_or_by_hand, POINTS),
            {
                "key": "outcome",
                "label": "结果",
                "kind": "choice",
                "choices": ["已改正", "未改正"],
                "required": True,
            },
        ],
    },
    rules=[
        {
            "id": "late",
            "each": "results",
            "check": 'row.outcome == "已改正" || row.until < issue_date',
            "message": "“{row.what}”的期限还没有到，不能认定逾期未改正。",
            "field": "results.until",
        }
    ],
)
PAPER = {"number": "旧限字〔2019〕第3号", "title": "改正要求", "date": "2026-09-01"}
DONE = {"what": "清理楼梯间杂物", "until": "2026-09-15", "outcome": "已改正"}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with orders and records that follow them."""
    return office_with(tmp_path, [ORDER, LOOK])[0]


def checked(office: Office, **answers: Any) -> Evaluation:
    staff = sample_actor(office.ports, "staff")
    return check_answers(office.ports, staff, "K12", {**ISSUER, **answers})


def test_the_items_of_an_order_on_paper_are_typed_and_checked(office: Office) -> None:
    found = checked(office, order_ref=PAPER, party="某商店（虚构）", results=[DONE, DONE])
    assert found.is_sound and found.values["results"] == [DONE, DONE]
    assert found.values["party"] == "某商店（虚构）"

    empty = checked(office, order_ref=PAPER, results=[{"outcome": "未改正"}])
    assert {p.field: p.message for p in empty.problems} == {
        "party": "请填写当事人。",
        "results.0.what": "请填写事项。",
        "results.0.until": "请填写改正期限。",
    }
    early = {**DONE, "until": "2026-12-01", "outcome": "未改正"}
    said = checked(office, order_ref=PAPER, party="某商店（虚构）", results=[early]).problems
    assert [p.message for p in said] == ["“清理楼梯间杂物”的期限还没有到，不能认定逾期未改正。"]
    # neighbours that are right: in time, late, and late with one item remedied
    for rows in ([DONE], [{**DONE, "outcome": "未改正"}], [DONE, {**DONE, "outcome": "未改正"}]):
        assert checked(office, order_ref=PAPER, party="某商店（虚构）", results=rows).is_sound


def test_the_items_of_an_order_made_here_cannot_be_typed(office: Office) -> None:
    points = [{"what": "清理楼梯间杂物", "until": "2026-09-15"}]
    order = issue(office, "K11", party="某商店（虚构）", points=points)
    found = checked(office, order_ref=order.number, results=[{"outcome": "已改正"}])
    assert found.is_sound and found.values["results"] == [DONE]
    other = checked(office, order_ref=order.number, results=[{**DONE, "what": "别的"}])
    assert [p.field for p in other.problems] == ["results.0.what"]


def test_the_page_asks_for_what_an_order_on_paper_does_not_bring(office: Office) -> None:
    clerk = Visitor(office.app)
    clerk.sign_in("staff")
    page = clerk.open("/forms/K12/new")
    assert "填好相关内容后自动生成" in page.text
    draft = page.path.rsplit("/", 1)[-1]
    paper = {f"order_ref-{part}": text for part, text in PAPER.items()}
    clerk.press("保存并刷新", {**ISSUER, **paper})
    clerk.press("保存并刷新", {"party": "某商店（虚构）"})
    page = clerk.press("保存并刷新", {f"results-0-{key}": text for key, text in DONE.items()})
    assert (page.value("f-party"), page.value("f-results-0-what")) == ("某商店（虚构）", "清理楼梯间杂物")
    kept = load_draft(office.ports, sample_actor(office.ports, "staff"), draft)
    assert kept.evaluation.values["results"] == [DONE] and kept.evaluation.is_sound


def test_what_an_older_order_lacks_is_typed_after_a_notice(tmp_path: Path) -> None:
    bare = kind("K11", "改正要求（虚构）", PARTY)
    office, library = office_with(tmp_path, [bare, LOOK])
    order = issue(office, "K11", party="某商店（虚构）")
    library.add(ORDER)
    office.ports.definitions.refresh()
    found = checked(office, order_ref=order.number, results=[DONE])
    assert any("没有“事项”这一项，无法核对" in notice.message for notice in found.notices)
    assert found.is_sound and found.values["results"] == [DONE]
