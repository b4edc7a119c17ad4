"""What the office knows is not asked again: defaults follow what they come from, until a person writes otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.usecases.drafting import drafts
from formsvc.usecases.drafting.prefill import prefill
from tests.support.issued_acts import CASES, ENTRUSTMENT, NOTICE, before_the_order, issued, order
from tests.support.memory_office import Office, make_office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path)


def opened(office: Office, form: str) -> Any:
    return drafts.open_form(office.ports, sample_actor(office.ports, "staff"), form)


def typed(office: Office, draft: Any, **answers: Any) -> Any:
    """Save answers as the page of the form does."""
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    definition = ports.definitions.revision(draft.revision).definition
    given = {**draft.answers, **answers}
    given |= prefill(ports, staff, draft, definition, given)
    return drafts.save_answers(ports, staff, draft.id, given, version=draft.version, strict_keys=False).act


def test_signers_and_phone_are_those_of_the_last_document_of_the_authority(office: Office) -> None:
    issued(office, ENTRUSTMENT)
    notice = issued(office, NOTICE)
    draft = opened(office, "T14")
    for key in ("issuer_name", "drafter", "approver", "hotline"):
        assert draft.answers[key] == notice.answers[key], key


def test_a_person_who_has_written_nothing_yet_is_given_nothing(office: Office) -> None:
    assert "approver" not in {key for key, value in opened(office, "T14").answers.items() if value}


def test_defaults_follow_the_authority_until_a_person_writes_otherwise(office: Office) -> None:
    issued(office, ENTRUSTMENT)
    notice = issued(office, NOTICE)
    draft = typed(office, opened(office, "T14"), issuer_name="绥化市北林区东河镇人民政府")
    assert not draft.answers.get("approver"), "nothing was written for that authority"
    back = typed(office, draft, issuer_name=notice.answers["issuer_name"])
    assert back.answers["approver"] == notice.answers["approver"]
    other = typed(office, back, approver="李明远")
    assert typed(office, other, issuer_name="绥化市北林区东河镇人民政府").answers["approver"] == "李明远"


def test_the_sides_of_an_entrustment_come_from_their_records(office: Office) -> None:
    draft = typed(office, opened(office, "T01"), issuer_name="绥化市北林区消防救援大队")
    case = CASES[ENTRUSTMENT]["fields"]
    draft = typed(office, draft, agent_name=case["agent_name"])
    for key in (
        "principal_name",
        "principal_code",
        "principal_head",
        "principal_title",
        "agent_code",
        "agent_head",
    ):
        assert draft.answers[key] == case[key], key


def test_the_inspections_of_the_year_are_counted(office: Office) -> None:
    issued(office, ENTRUSTMENT)
    notice = issued(office, NOTICE)
    same = {
        key: notice.answers[key]
        for key in ("party_type", "party_name", "party_code", "check_from", "check_to")
    }
    assert typed(office, opened(office, "T14"), **same).answers["freq_no"] == 2
    assert typed(office, opened(office, "T14"), **{**same, "party_name": "另一家"}).answers["freq_no"] == 1


def test_an_order_brings_its_own_signers_into_what_is_made_from_it(office: Office) -> None:
    before_the_order(office)
    act = order(office)
    receipt = drafts.open_form(office.ports, sample_actor(office.ports, "staff"), "T24", source_act=act.id)
    assert (receipt.answers["issuer_name"], receipt.answers["approver"]) == (
        act.answers["issuer_name"], act.answers["approver"],
    )  # fmt: skip
