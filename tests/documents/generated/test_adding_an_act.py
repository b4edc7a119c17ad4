"""docs/adding-an-act.md, carried out to the letter."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formsvc.bootstrap import build_ports
from formsvc.demo import office
from formsvc.demo.office import sample_actor
from formsvc.documents.checking.contract import check_contract
from formsvc.documents.filling.fill import fill
from formsvc.documents.generated.scaffold import draft_template
from formsvc.documents.templates.inspection import inspect_template
from formsvc.documents.view_folder import ViewFolder
from formsvc.domain.acts.act import ServiceRecord
from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.domain.evaluation.evaluation import document_context, evaluate
from formsvc.domain.expressions.evaluator import read_expression
from formsvc.usecases.acts.serving import record_service
from formsvc.usecases.administration import records
from formsvc.usecases.cases.case_file import get_case
from formsvc.usecases.numbering import issue
from formsvc.usecases.operator import issue_at_once
from formsvc.usecases.ports import DefinitionFile, DocumentMetadata
from formsvc.usecases.registers.rows import list_rows
from formsvc.usecases.statistics.office_views import office_overview
from tests.support.circumstances import TOWN, circumstances, read_folder
from tests.support.document_text import word_text
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import SampleLibrary, make_office
from tests.support.paths import ROOT
from tests.support.sample_office import environment, settings_in

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


def the_view() -> dict[str, Any]:
    """The table of the statistics that the document shows."""
    view: dict[str, Any] = json.loads(EXAMPLES[2])
    return view


DEFINITIONS = {"the example": the_example, "with effects": the_example_with_effects}
each_example = pytest.mark.parametrize("name", DEFINITIONS)


def loaded(name: str) -> FormDefinition:
    text = json.dumps(DEFINITIONS[name](), ensure_ascii=False)
    return load_definition(text, read_folder("groups"), read_folder("lookups"), "T90.json")


def test_there_is_no_example_that_is_not_carried_out_here() -> None:
    views = [the_view()]
    assert len(EXAMPLES) == len(DEFINITIONS) + len(views)


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


def test_the_view_put_into_its_folder_counts_the_open_orders_by_their_drafter(tmp_path: Path) -> None:
    (folder,) = re.findall(r"`(form_definitions/views)`", GUIDE)
    views = tmp_path / folder
    views.mkdir(parents=True)
    office_of_cases = make_office(tmp_path / "office")
    ports = office_of_cases.ports
    before_the_order(office_of_cases)
    ordered = order(office_of_cases)
    ports.views.files = ViewFolder(views).files
    approver = sample_actor(ports, "approver")
    assert office_overview(ports, approver).views == ()
    # nothing is started again
    (views / f"{the_view()['id']}.json").write_text(EXAMPLES[2], encoding="utf-8")
    overview = office_overview(ports, approver)
    assert overview.faults == ()
    (counted,) = overview.views
    assert (counted.title, counted.view.place) == ("未办的责令事项，按承办人", 35)
    (line,) = counted.groups
    # it is to be served and to be rechecked; what follows the documents before it is not counted
    assert (line.key, line.name, line.total) == (ordered.drafter, "李明", 2)
    assert line.total < overview.open


STEPS = re.findall(r"^(\d)\. (.+)$", GUIDE, re.MULTILINE)
COMMANDS = [command for _, step in STEPS for command in re.findall(r"`(formsvc [^`]+)`", step)]


def run_in(folder: Path, command: str) -> str:
    """Run a command of the document in the folder that holds both folders; return what it says."""
    folders = {
        "FORMSVC_DEFINITIONS": str(folder / "form_definitions"),
        "FORMSVC_TEMPLATES": str(folder / "doc_templates"),
    }
    words = [sys.executable, "-m", *command.split()]
    around = environment(folder) | folders
    done = subprocess.run(
        words, cwd=folder, env=around, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_steps_lead_from_nothing_to_a_served_letter_with_its_deadline(tmp_path: Path) -> None:
    for name in ("form_definitions", "doc_templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    # 1, the definition as it stands in the document
    file, *_ = re.findall(r"`(form_definitions/\S+\.json)`", STEPS[0][1])
    (tmp_path / file).write_text(EXAMPLES[0], encoding="utf-8")
    # 2 and 3, its commands
    assert [command.split()[1] for command in COMMANDS] == ["scaffold", "check"]
    said = [run_in(tmp_path, command) for command in COMMANDS]
    (wanted,) = re.findall("改到“(.+?)”", STEPS[2][1])
    assert wanted in said[1]
    # 4, the number series; no server is started again
    settings = replace(
        settings_in(tmp_path), definitions=tmp_path / "form_definitions", templates=tmp_path / "doc_templates"
    )
    office.clear(settings)
    ports = build_ports(settings)
    office.create_sample_office(ports)
    assert "文号系列" in STEPS[3][1]
    series = {"id": "dong-han", "authority": "donghe", "agent": "", "forms": ["T90"], "prefix": "东政函"}
    records.save_record(ports, None, "series", {**series, "style": "official", "first": 1})
    # 5, a letter; what its life says is asked for
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    letter = {"issuer_name": TOWN, "issue_date": "2026-11-23", "drafter": "冯文书", "approver": "李明远"}
    act = issue_at_once(ports, staff, approver, "T90", {**the_example()["example"], **letter})
    assert act.number == "东政函〔2026〕1号"
    case = get_case(ports, staff, act.id)
    assert [(d.step.title, str(d.day)) for d in case.next_steps] == [
        ("收齐反馈", "2026-11-30"),
        ("送达回证", "2026-12-02"),
    ]
    handed = ServiceRecord("直接送达", "2026-11-23T00:00", "何虚构", "负责收件人", servers=("冯文书",))
    record_service(ports, sample_actor(ports, "officer"), act.id, handed)
    (left,) = get_case(ports, staff, act.id).next_steps
    assert left.step.why == f"提示函{act.number}要求东河镇各村（社区）在2026年11月30日前反馈。"


def test_every_expression_in_the_document_can_be_read() -> None:
    quoted: list[Any] = re.findall(r'`"(?:computed|each_of|hazards)": ("(?:\\.|[^"\\])*")`', GUIDE)
    assert len(quoted) >= 3
    for source in quoted:
        read_expression(json.loads(source))
