"""Hostile attachments, workbooks, backups, exports and folder entries."""

from __future__ import annotations

import io
import json
import logging
import os
import time
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook

from formsvc.demo.office import sample_actor
from formsvc.documents.generated.ledger_export import ledger_workbook
from formsvc.usecases.acts.search import ledger
from formsvc.usecases.operator import issue_at_once
from tests.hostile.archives import BACKUPS, EXPORTS
from tests.hostile.case import HostileFile
from tests.hostile.checking import RESERVED_MEGABYTES, SECONDS, process_breaches, write_pair
from tests.hostile.definitions import DEFINITIONS
from tests.hostile.entries import ENTRIES, HostileEntry
from tests.hostile.office import FORM, HostileOffice, answer_breaches, open_office
from tests.hostile.parameters import parameters
from tests.hostile.templates import TEMPLATES
from tests.hostile.unpacking import import_export, restore_backup
from tests.hostile.uploads import UPLOADS, WORKBOOKS, HostileUpload
from tests.hostile.values import VALUES
from tests.support.limited_process import LimitedProcess
from tests.support.sentences import sentence_faults

BOOK = "/numbers/dong-fa/2026/import"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> HostileOffice:
    """An office with a clerk."""
    return open_office(tmp_path_factory.mktemp("office"))


@pytest.mark.parametrize("case", parameters(UPLOADS))
def test_a_hostile_attachment_is_refused_and_not_kept(
    office: HostileOffice, case: HostileUpload, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    draft = office.ask("POST", "/acts", json={"form": FORM, "data": {}}).get_json()["id"]
    before = kept(office)
    began = time.process_time()
    words = {"data": case.content(), "content_type": case.media_type}
    answer = office.ask("POST", f"/acts/{draft}/attachments?field=photos&name=x.png", **words)
    assert answer_breaches(answer, caplog.records) == []
    assert time.process_time() - began < SECONDS
    if case.expected == "refused":
        assert 400 <= answer.status_code < 500
    if answer.status_code != 201:
        assert kept(office) == before, "a refused file stays on the disk"


def kept(office: HostileOffice) -> set[str]:
    return {path.name for path in office.settings.files.rglob("*") if path.is_file()}


@pytest.mark.parametrize("case", parameters(WORKBOOKS))
def test_a_hostile_workbook_is_refused(
    office: HostileOffice, case: HostileFile, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    began = time.process_time()
    answer = office.client("approver").post(BOOK, data={"book": (io.BytesIO(case.content()), "号簿.xlsx")})
    assert answer_breaches(answer, caplog.records) == []
    assert time.process_time() - began < SECONDS
    assert answer.status_code in (200, 422), "a page with what is wrong"
    assert "全部登记" not in answer.get_data(as_text=True)


@pytest.fixture(scope="module")
def restorer() -> Iterator[LimitedProcess]:
    """A process that restores backups."""
    with LimitedProcess(restore_backup, seconds=SECONDS, megabytes=RESERVED_MEGABYTES) as process:
        yield process


@pytest.fixture(scope="module")
def importer() -> Iterator[LimitedProcess]:
    """A process that imports exports."""
    with LimitedProcess(import_export, seconds=SECONDS, megabytes=RESERVED_MEGABYTES) as process:
        yield process


@pytest.mark.parametrize("case", parameters(BACKUPS))
def test_a_hostile_backup_is_refused(restorer: LimitedProcess, case: HostileFile) -> None:
    outcome = restorer.run(case.content())
    assert process_breaches(outcome) == []
    assert outcome.value, "restored"
    assert sentence_faults(outcome.value) == []


@pytest.mark.parametrize("case", parameters(EXPORTS))
def test_a_hostile_export_is_refused(importer: LimitedProcess, case: HostileFile) -> None:
    outcome = importer.run(case.content())
    assert process_breaches(outcome) == []
    if case.expected == "refused":
        assert outcome.value, "imported"
    assert not outcome.value or sentence_faults(outcome.value) == []


@pytest.mark.skipif(os.name != "posix", reason="links, pipes and odd names are those of POSIX")
@pytest.mark.parametrize("case", parameters(ENTRIES))
def test_a_hostile_entry_of_the_folder_touches_no_other_form(
    office: HostileOffice, case: HostileEntry, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    before = entries(office)
    try:
        case.make(office.definitions, office.templates)
        began = time.process_time()
        assert office.other_breaches() == []
        # the thread that watches the folders may not have looked at this entry yet
        office.ports.definitions.refresh()
        faults = office.ports.definitions.faults()
        assert time.process_time() - began < SECONDS
        assert {FORM, "T07"} <= set(office.ports.definitions.current())
        assert [wrong for fault in faults for wrong in sentence_faults(str(fault.message))] == []
        assert [record.getMessage() for record in caplog.records if record.exc_info] == []
        assert office.client("admin").get("/admin/definitions").status_code == 200
    finally:
        for path in entries(office) - before:
            remove(path)
        office.ports.definitions.refresh()


def entries(office: HostileOffice) -> set[bytes]:
    folders = [
        office.definitions,
        office.templates,
        office.definitions / "groups",
        office.definitions / "lookups",
        office.definitions / "registers",
    ]
    return {
        os.path.join(os.fsencode(folder), name)
        for folder in folders
        for name in os.listdir(os.fsencode(folder))
    }


def remove(path: bytes) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    else:
        os.unlink(path)


DROPPED = {
    "definition": (
        *(
            "json-utf16",
            "json-deep-array",
            "json-null-character",
            "header-sections-3",
            "expression-map-doubling",
        ),
        *("expression-text-as-money", "ring-computed", "pattern-nested", "field-label-html", "header-id-7"),
    ),
    "template": (
        "program-5",
        "bomb-5",
        "foreign-2",
        "xml-billion-laughs",
        "zip-locked",
        "file-program",
        "code-5",
    ),
}


def test_hostile_pairs_in_a_live_office_touch_no_other_form(
    office: HostileOffice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    cases = [
        (kind, case)
        for kind, cases in (("definition", DEFINITIONS), ("template", TEMPLATES))
        for case in cases
        if case.id in DROPPED[kind]
    ]
    names = [f"H{number:02}" for number in range(len(cases))]
    before = entries(office)
    try:
        for name, (kind, case) in zip(names, cases, strict=True):
            write_pair(office.definitions, office.templates, name, case, kind)
        office.ports.definitions.look()
        assert office.other_breaches() == []
        faulty = {fault.file.partition(".")[0] for fault in office.ports.definitions.faults()}
        expected = {
            name for name, (_kind, case) in zip(names, cases, strict=True) if case.expected == "refused"
        }
        assert expected - faulty == set()
        assert {FORM, "T07"} <= set(office.ports.definitions.current())
        assert [record.getMessage() for record in caplog.records if record.exc_info] == []
    finally:
        for path in entries(office) - before:
            remove(path)
        office.ports.definitions.look()


def test_a_typed_formula_is_text_in_the_ledger(office: HostileOffice) -> None:
    formulas = [value.value for value in VALUES if value.id.startswith("formula")]
    example = json.loads((office.definitions / "T07.json").read_text(encoding="utf-8"))["example"]
    leaders = [{"name": f"甲乙{n}", "title": text[:60], "area": text[:80]} for n, text in enumerate(formulas)]
    staff, approver = (sample_actor(office.ports, name) for name in ("staff", "approver"))
    answers = {**example, "leaders": leaders, "contact": formulas[0][:40], "issue_date": "2026-11-20"}
    issue_at_once(office.ports, staff, approver, "T07", {**answers, "effective_date": "2026-11-20"})
    definition, acts = ledger(office.ports, "T07", plain=True)
    book = load_workbook(io.BytesIO(ledger_workbook(definition, acts)))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert any("cmd|" in str(cell.value) for cell in cells)
