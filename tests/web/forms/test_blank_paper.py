"""Paper for the door: a draft is printed with ruled blanks and a reserved number."""

from __future__ import annotations

from pathlib import Path

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.numbering.series import series_for
from formsvc.errors import FormsvcError
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import blank_paper, register, reservations
from tests.support.issued_acts import CASES, ORDER, before_the_order
from tests.support.memory_office import make_office
from tests.support.page_client import Visitor


def test_a_draft_is_printed_with_a_reserved_number_that_stays_reserved(tmp_path: Path) -> None:
    office = make_office(tmp_path)
    ports, approver, staff = (
        office.ports,
        sample_actor(office.ports, "approver"),
        sample_actor(office.ports, "staff"),
    )
    before_the_order(office)
    fields = CASES[ORDER]["fields"]
    draft = drafts.open_form(ports, staff, CASES[ORDER]["act"])
    given = {
        key: fields[key] for key in ("issuer_name", "auth_mode", "entrust_ref", "party_name") if key in fields
    }
    act = drafts.save_answers(ports, staff, draft.id, given, version=draft.version).act
    assert blank_paper.numbers_for_paper(ports, act) == []
    series = series_for(register.all_series(ports), act.form, act.authority, act.agent, act.genre)
    officer = reservations.certified_officers(ports)[0]["id"]
    (row,) = reservations.reserve(
        ports, approver, series.id, reservations.Reservation(1, officer, "夜查商铺")
    )
    assert [each["text"] for each in blank_paper.numbers_for_paper(ports, act)] == [row["text"]]
    visitor = Visitor(office.app)
    visitor.sign_in("staff")
    page = visitor.open(f"/drafts/{act.id}/preview")
    assert "带去现场填写" in page.text and row["text"] in page.text
    paper = visitor.client.get(f"/drafts/{act.id}/blank.pdf?number={row['id']}")
    assert paper.mimetype == "application/pdf" and paper.data[:5] == b"%PDF-"
    assert visitor.client.get(f"/drafts/{act.id}/blank.pdf?number=x/2026/1").status_code == 422
    with pytest.raises(FormsvcError, match="没有领用给这种文书"):
        blank_paper.blank_paper(ports, staff, act.id, "x/2026/1")
    with office.ports.store.read() as tx:
        assert tx.numbers.get(row["id"])["state"] == "reserved", "printing uses no number"  # type: ignore[index]
