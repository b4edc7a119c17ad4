"""docs/adding-an-act.md, carried out to the letter."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.documents.checking.contract import check_contract
from formsvc.documents.filling.fill import fill
from formsvc.documents.generated.scaffold import draft_template
from formsvc.documents.templates.inspection import inspect_template
from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.domain.evaluation.evaluation import document_context, evaluate
from formsvc.domain.expressions.evaluator import read_expression
from formsvc.usecases.administration import records
from formsvc.usecases.numbering import issue
from formsvc.usecases.operator import issue_at_once
from formsvc.usecases.ports import DefinitionFile, DocumentMetadata
from formsvc.usecases.registers.rows import list_rows
from tests.support.circumstances import TOWN, circumstances, read_folder
from tests.support.document_text import word_text
from tests.support.memory_office import SampleLibrary, make_office
from tests.support.paths import ROOT

GUIDE = (ROOT / "docs/adding-an-act.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", GUIDE, re.S)


def the_example() -> dict[str, Any]:
    """The definition in the document, as a reader copies it."""
    found: dict[str, Any] = json.loads(EXAMPLES[0])
    return found


def the_example_with_effects() -> dict[str, Any]:
    """The same with what the document says to add to it: sections, effects, rows of the example."""
    whole, added = the_example(), json.loads(EXAMPLES[1])
    assert set(added) == {"sections", "life", "example"}
    return {
        **whole,
        "sections": [*whole["sections"], *added["sections"]],
        "life": {**whole["life"], **added["life"]},
        "example": {**whole["example"], **added["example"]},
    }


DEFINITIONS = {"the example": the_example, "with effects": the_example_with_effects}
each_example = pytest.mark.parametrize("name", DEFINITIONS)


def loaded(name: str) -> FormDefinition:
    text = json.dumps(DEFINITIONS[name](), ensure_ascii=False)
    return load_definition(text, read_folder("groups"), read_folder("lookups"), "T90.json")


def test_there_is_no_example_that_is_not_carried_out_here() -> None:
    assert len(EXAMPLES) == len(DEFINITIONS)


@each_example
def test_the_definition_has_no_fault_and_nothing_to_note(name: str) -> None:
    assert loaded(name).id == "T90" and loaded(name).notices == ()


@each_example
def test_the_drafted_template_fits_the_definition(name: str) -> None:
    template = draft_template(loaded(name))
    assert [str(f) for f in inspect_template(template)] == []
    assert [str(f) for f in check_contract(template, loaded(name)) if f.level == "error"] == []


@each_example
def test_its_example_is_filled_in_and_printed(name: str) -> None:
    definition = loaded(name)
    assert set(the_example()["example"]) == {"receiver", "reply_by"}
    around = circumstances(today=date(2026, 1, 5))
    found = evaluate(definition, definition.example, around, authority=False)
    assert found.problems == ()
    context = document_context(definition, found.values, "", around)
    printed = word_text(fill(draft_template(definition), context, DocumentMetadata(definition.title, "")))
    assert "东河镇各村（社区）" in printed and "2026年11月30日" in printed
    assert ("何梅" in printed) == (name == "with effects")


class WithTheExample(SampleLibrary):
    """The shipped definitions and the one of the document, with its effects."""

    def forms(self) -> list[str]:
        return [*super().forms(), "T90"]

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Any]]:
        pairs, faults = super().checked_pairs(held)
        return [*pairs, DefinitionFile("T90", loaded("with effects").to_resolved(), b"template")], faults


def test_the_effects_write_the_rows_when_the_document_is_numbered_and_voiding_takes_them_back(
    tmp_path: Path,
) -> None:
    ports = make_office(tmp_path, library=WithTheExample()).ports
    series = {"id": "dong-han", "authority": "donghe", "agent": "", "forms": ["T90"], "prefix": "东政函"}
    records.save_record(ports, None, "series", {**series, "style": "official", "first": 1})
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    letter = {"issuer_name": TOWN, "issue_date": "2026-09-21", "drafter": "冯文书", "approver": "李明远"}
    answers = {**loaded("with effects").example, **letter}
    act = issue_at_once(ports, staff, approver, "T90", answers)
    columns = ("level", "town", "unit", "role", "name", "doc_no")
    assert [[row.values[c] for c in columns] for row in list_rows(ports, "responsible")] == [
        ["村（社区）", TOWN, village, "第一责任人", name, act.number]
        for village, name in (("东河村", "何梅"), ("西河村", "吕强"))
    ]
    issue.void_act(ports, approver, act.id, reason="村名写错")
    assert list_rows(ports, "responsible") == []


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
