"""Which fields a template must print: by default the required ones of the form's own sections."""

from __future__ import annotations

from typing import Any

import pytest

from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.domain.evaluation.printed_answers import printed_answers
from tests.support.docx_samples.simple import definition
from tests.support.paths import KINDS

GROUPS: dict[str, Any] = {
    "SIGN": {
        "id": "SIGN",
        "title": "签发",
        "fields": [
            {"key": "maker", "label": "机关", "kind": "authority", "required": True},
            {"key": "made_on", "label": "日期", "kind": "date", "required": True},
        ],
    }
}


def form(**field: Any) -> FormDefinition:
    source = {
        "id": "X1",
        "title": "试验文书",
        "template": "X1.docx",
        "numbering": {"style": "none"},
        "sections": [
            {"title": "内容", "fields": ["@SIGN", {"key": "a", "label": "甲", "kind": "text", **field}]}
        ],
    }
    return load_definition(source, GROUPS, {})


@pytest.mark.parametrize(
    ("field", "printed"),
    [
        ({"required": True}, True),
        ({}, None),
        ({"required": "made_on > today()"}, None),
        ({"required": True, "printed": False}, False),
        ({"printed": True}, True),
        ({"kind": "person", "required": True}, None),
        ({"kind": "reference", "refers_to": "X1", "required": True}, None),
    ],
)  # fmt: skip
def test_the_default_depends_on_the_kind_and_on_being_required(
    field: dict[str, Any], printed: bool | None
) -> None:
    (entry,) = [f for f in form(**field).fields if f.key == "a"]
    assert entry.printed is printed


def test_shared_fields_say_it_themselves_but_the_issuer_is_always_printed() -> None:
    assert {f.key: f.printed for f in form().fields} == {"maker": True, "made_on": None, "a": None}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_the_project_prints_issuer_and_date(name: str) -> None:
    printed = {f.key for f in definition(name).fields if f.printed}
    assert {"issuer_name", "issue_date"} <= printed
    assert not {"drafter", "approver", "auth_mode", "entrust_ref"} & printed - {"entrust_ref"}


def test_what_a_document_must_show_has_the_number_and_no_empty_answers() -> None:
    t22 = definition("T22")
    context = {
        name: "" for f in t22.fields for name in (f.key, f"{f.key}_title", f"{f.key}_date", f"{f.key}_name")
    }
    shown = printed_answers(
        t22, {**context, "doc_no": "绥北消限字〔2026〕第0001号", "issue_date": "2026年9月21日"}
    )
    assert shown == {"文号": ["绥北消限字〔2026〕第0001号"], "制作日期": ["2026年9月21日"]}
