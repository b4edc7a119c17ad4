"""流水号: numbers with zeros and no 第, with or without 号, in a register of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.errors import InputRefused
from formsvc.usecases.acts.search import ActFilters, list_acts
from formsvc.usecases.administration.records import save_record
from formsvc.usecases.drafting.complete_submission import check_answers
from tests.support.made_up_kinds import ISSUER, issue, kind, office_with
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

PATROL = kind("K21", "巡查登记（虚构）", numbering={"style": "serial", "genre": "消巡", "digits": 5})
LETTER = kind("K22", "聘书（虚构）", numbering={"style": "serial", "genre": "网聘", "digits": 3})
FOLLOW = kind(
    "K23", "聘期变更（虚构）", {"key": "letter_ref", "label": "聘书", "kind": "reference", "refers_to": "K22"}
)


def series(form: str, prefix: str, style: str, width: int) -> dict[str, Any]:
    known = {"authority": "donghe", "agent": "", "starts": {}}
    return {**known, "id": f"s-{form}", "forms": [form], "prefix": prefix, "style": style, "width": width}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office whose administrator made the three series."""
    made, library = office_with(tmp_path, [])
    for source in (PATROL, LETTER, FOLLOW):
        library.add(source)
    made.ports.definitions.refresh()
    admin = sample_actor(made.ports, "admin")
    for record in (
        series("K21", "东消巡", "serial", 5),
        series("K22", "东网聘", "serial_number", 3),
        series("K23", "东变", "official", 1),
    ):
        save_record(made.ports, admin, "series", record)
    return made


def test_documents_are_numbered_one_after_another_with_zeros(office: Office) -> None:
    assert [issue(office, "K21").number for _ in range(2)] == ["东消巡〔2026〕00001", "东消巡〔2026〕00002"]
    assert issue(office, "K22").number == "东网聘〔2026〕001号"
    assert issue(office, "K23").number == "东变〔2026〕1号"


def test_a_number_is_found_however_its_zeros_are_typed(office: Office) -> None:
    letter, patrol = issue(office, "K22"), issue(office, "K21")
    staff = sample_actor(office.ports, "staff")
    for typed in ("东网聘〔2026〕001号", "东网聘(2026)1号", "东网聘[2026] 0001号"):
        found = check_answers(office.ports, staff, "K23", {**ISSUER, "letter_ref": typed})
        assert found.values["letter_ref"]["act_id"] == letter.id, typed
    for text, act in (("东网聘〔2026〕001号", letter), ("东消巡(2026)00001", patrol)):
        assert [a.id for a in list_acts(office.ports, staff, ActFilters(text=text)).acts] == [act.id]


def test_a_series_of_another_style_is_refused(office: Office) -> None:
    admin = sample_actor(office.ports, "admin")
    refused = {
        "style": [series("K21", "东消巡", "official", 5), series("K23", "东变", "serial", 4)],
        "width": [series("K21", "东消巡", "serial", 4)],
    }
    for field, records in refused.items():
        for record in records:
            with pytest.raises(InputRefused) as problems:
                save_record(office.ports, admin, "series", {**record, "id": "other"})
            assert [p.field for p in problems.value.problems] == [field]
    for record in (
        series("K21", "东消查", "serial_number", 5),
        series("K22", "东聘", "serial", 3),
        series("K23", "东更字", "enforcement", 4),
    ):
        save_record(office.ports, admin, "series", {**record, "id": f"new-{record['forms'][0]}"})


def test_the_number_register_shows_them(office: Office) -> None:
    issue(office, "K21")
    clerk = Visitor(office.app)
    clerk.sign_in("admin")
    page = clerk.open("/numbers/s-K21/2026")
    assert "东消巡〔2026〕00001" in page.text
