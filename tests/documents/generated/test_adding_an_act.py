"""docs/adding-an-act.md, carried out to the letter."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from formsvc.documents.checking.contract import check_contract
from formsvc.documents.filling.fill import fill
from formsvc.documents.generated.scaffold import draft_template
from formsvc.documents.templates.inspection import inspect_template
from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.domain.evaluation.evaluation import document_context, evaluate
from formsvc.domain.expressions.evaluator import read_expression
from formsvc.usecases.ports import DocumentMetadata
from tests.support.circumstances import circumstances, read_folder
from tests.support.document_text import word_text
from tests.support.paths import ROOT

GUIDE = (ROOT / "docs/adding-an-act.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", GUIDE, re.S)


def worked_example() -> FormDefinition:
    """The definition in the document, as a reader copies it."""
    (text,) = EXAMPLES
    return load_definition(text, read_folder("groups"), read_folder("lookups"), "T90.json")


def test_the_definition_has_no_fault_and_nothing_to_note() -> None:
    assert worked_example().id == "T90" and worked_example().notices == ()


def test_the_drafted_template_fits_the_definition() -> None:
    template = draft_template(worked_example())
    assert [str(f) for f in inspect_template(template)] == []
    assert [str(f) for f in check_contract(template, worked_example()) if f.level == "error"] == []


def test_its_example_is_filled_in_and_printed() -> None:
    definition = worked_example()
    assert set(json.loads(EXAMPLES[0])["example"]) == {"receiver", "reply_by"}
    around = circumstances(today=date(2026, 1, 5))
    found = evaluate(definition, definition.example, around, authority=False)
    assert found.problems == ()
    context = document_context(definition, found.values, "", around)
    printed = word_text(fill(draft_template(definition), context, DocumentMetadata(definition.title, "")))
    assert "东河镇各村（社区）" in printed and "2026年11月30日" in printed


def test_the_steps_name_the_template_the_check_and_the_number_series() -> None:
    for step in (
        "formsvc scaffold form_definitions/T90.json -o doc_templates/T90.docx",
        "formsvc check",
        "文号系列",
    ):
        assert step in GUIDE


def test_every_expression_in_the_document_can_be_read() -> None:
    quoted: list[Any] = re.findall(r'`"(?:computed|each_of|hazards)": ("(?:\\.|[^"\\])*")`', GUIDE)
    assert len(quoted) >= 3
    for source in quoted:
        read_expression(json.loads(source))
