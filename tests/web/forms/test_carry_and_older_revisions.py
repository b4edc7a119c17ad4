"""Answers carried into hidden fields, division by zero, and acts of revisions that would be refused today."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.definition_loader import load_definition
from formsvc.errors import Fault
from formsvc.usecases.drafting import drafts
from formsvc.usecases.drafting.prefill import prefill
from formsvc.usecases.ports import DefinitionFile
from tests.support.circumstances import read_folder
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import Office, SampleLibrary, make_office
from tests.support.page_client import Visitor

TALK: dict[str, Any] = {
    "id": "X90",
    "title": "约谈通知书",
    "template": "X90.docx",
    "numbering": {"style": "none"},
    "legal_review": True,
    "sections": [
        {
            "title": "内容",
            "fields": [
                "@ISS",
                {"key": "why", "label": "约谈事由", "kind": "choice", "choices": ["日常提醒", "逾期未整改"]},
                {
                    "key": "order_ref",
                    "label": "责令改正通知书",
                    "kind": "reference",
                    "refers_to": "T22",
                    "carry": {"hazard_text": "source.hazards[0].desc", "whom": "source.party_name"},
                },
                {"key": "whom", "label": "约谈对象", "kind": "text"},
                {"key": "hazard_text", "label": "隐患", "kind": "long_text", "shown": 'why == "逾期未整改"'},
                {"key": "talk_at", "label": "约谈时间", "kind": "datetime"},
                {"key": "born", "label": "出生日期", "kind": "date"},
                {"key": "paid", "label": "已缴", "kind": "money"},
                {"key": "n", "label": "总数", "kind": "integer"},
                {"key": "m", "label": "份数", "kind": "integer"},
                {"key": "share", "label": "比例", "kind": "decimal", "computed": "double(n) / double(m)"},
            ],
        }
    ],
    "example": {"why": "日常提醒", "n": 6, "m": 2},
}


class OlderLibrary(SampleLibrary):
    """The sample library with a form that a former version of the program published."""

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Fault]]:
        pairs, faults = super().checked_pairs(held)
        resolved = load_definition(TALK, read_folder("groups"), read_folder("lookups")).to_resolved()
        resolved["due"] = "talk_at"
        for entry in resolved["sections"][0]["fields"]:
            if entry["key"] in ("born", "paid", "talk_at"):
                entry["personal"] = "address"
        return [*pairs, DefinitionFile("X90", resolved, b"template")], faults

    def forms(self) -> list[str]:
        return [*super().forms(), "X90"]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with that form and an order it may refer to."""
    opened = make_office(tmp_path, library=OlderLibrary())
    before_the_order(opened)
    return opened


FILLED = {
    "issuer_name": "绥化市北林区东河镇人民政府",
    "issue_date": "2026-09-21",
    "why": "日常提醒",
    "drafter": "冯文书",
    "approver": "李明远",
    "whom": "某某商场",
    "talk_at": "2026-09-28T09:00",
    "born": "1990-03-07",
    "paid": "5000.00",
    "n": 6,
    "m": 2,
}


def test_acts_with_a_due_moment_and_masked_days_can_be_opened_and_decided(office: Office) -> None:
    staff = sample_actor(office.ports, "staff")
    draft = drafts.open_form(office.ports, staff, "X90")
    drafts.save_answers(office.ports, staff, draft.id, FILLED, version=draft.version)
    drafts.submit(office.ports, staff, draft.id)
    for name, address in (("staff", f"/acts/{draft.id}"), ("reviewer", f"/approval/{draft.id}")):
        visitor = Visitor(office.app)
        visitor.sign_in(name)
        assert visitor.open(address).status == 200


def test_a_division_by_zero_is_told_at_the_field_and_the_rest_is_saved(office: Office) -> None:
    staff = sample_actor(office.ports, "staff")
    draft = drafts.open_form(office.ports, staff, "X90")
    saved = drafts.save_answers(office.ports, staff, draft.id, {**FILLED, "m": 0}, version=draft.version)
    assert ("share", "比例：除数是零，不能计算。") in [
        (p.field, p.message) for p in saved.evaluation.problems
    ]
    assert saved.act.answers["whom"] == "某某商场" and saved.act.answers["m"] == 0


def test_what_a_hidden_field_was_to_get_comes_when_it_appears(office: Office) -> None:
    source = order(office)
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    definition = ports.definitions.current_revision("X90").definition
    hazard = source.answers["hazards"][0]["desc"]

    def save(act: Any, answers: dict[str, Any]) -> Any:
        brought = prefill(ports, staff, act, definition, answers)
        return drafts.save_answers(ports, staff, act.id, {**answers, **brought}, version=act.version).act

    act = save(drafts.open_form(ports, staff, "X90"), {**FILLED, "whom": "", "order_ref": source.number})
    assert act.answers["whom"] == source.party and "hazard_text" not in act.answers
    again = save(act, {**act.answers, "n": 7})
    assert "hazard_text" not in again.answers
    shown = save(again, {**again.answers, "why": "逾期未整改"})
    assert shown.answers["hazard_text"] == hazard
    emptied = save(shown, {**shown.answers, "hazard_text": "", "n": 8})
    assert not emptied.answers["hazard_text"]
