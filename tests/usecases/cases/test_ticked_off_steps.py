"""Steps without a document of their own, and those after a transfer or a closing, are done once and gone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.errors import FormsvcError
from formsvc.usecases import operator
from formsvc.usecases.cases import due_list, struck_steps
from formsvc.usecases.cases.struck_steps import ChosenStep
from tests.support.case_steps import LATER_CASES, at, issue_case, made_from
from tests.support.issued_acts import CASES, issued
from tests.support.memory_office import Office, make_office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path)


def due(office: Office, act: Act) -> set[str]:
    """Steps that are due after a document, in the list of what is due."""
    found = due_list.due_list(office.ports, sample_actor(office.ports, "approver"), date.max).dues
    return {d.step.step for d in found if d.after.id == act.id}


def strike(office: Office, who: str, act: Act, step: str, reason: str) -> None:
    struck_steps.strike_off(office.ports, sample_actor(office.ports, who), [ChosenStep(act.id, step)], reason)


def record(office: Office, *more: str) -> Act:
    """The record of the worked case with further opinions."""
    issued(office, "EX01")
    issued(office, "EX06")
    fields: dict[str, Any] = {k: v for k, v in CASES["EX07"]["fields"].items() if k != "doc_no"}
    fields |= {"result": [*fields["result"], *more], "transfer_to": "绥化市公安局北林分局（虚构）"}
    staff, approver = sample_actor(office.ports, "staff"), sample_actor(office.ports, "approver")
    return operator.issue_at_once(office.ports, staff, approver, "T15", fields)


def test_the_confirmations_of_villages_are_ticked_off_with_the_day_they_came(office: Office) -> None:
    at(office, "2026-03-12")
    notice = issued(office, "EX04")
    assert due(office, notice) == {"confirmations"}
    at(office, "2026-12-20")
    # late as it is, it stays until somebody who answers for it says how it was done
    for who, reason in (("approver", ""), ("staff", "已收齐")):
        with pytest.raises(FormsvcError):
            strike(office, who, notice, "confirmations", reason)
    assert due(office, notice) == {"confirmations"}
    strike(office, "approver", notice, "confirmations", "2026年12月18日收齐三村确认材料（虚构）")
    assert due(office, notice) == set()


def test_a_transfer_and_a_filing_are_done_by_their_document_or_ticked_off(office: Office) -> None:
    made = record(office, "移送", "拟立案处罚")
    assert {"transfer", "filing", "at_once", "in_time"} <= due(office, made)
    letter = {
        key: LATER_CASES["EX19"]["fields"][key]
        for key in ("facts", "law", "reason", "materials", "contact", "contact_phone", "reply_days")
    }
    transferred = made_from(
        office, made, "T28", **letter, dept="绥化市公安局北林分局（虚构）", drafter="赵正言",
        approver="周国栋", issue_date="2026-09-21",
    )  # fmt: skip
    assert {"filing", "at_once", "in_time"} <= due(office, made) and "transfer" not in due(office, made)
    # the office has no 立案审批表: what was done elsewhere is written down
    strike(office, "approver", made, "filing", "已在大队办案系统立案（虚构）")
    assert {"at_once", "in_time"} <= due(office, made) and "filing" not in due(office, made)
    assert due(office, transferred) == {"reply"}
    strike(office, "reviewer", transferred, "reply", "2026年10月9日收到回执（虚构）")
    assert due(office, transferred) == set()


def test_what_was_transferred_on_paper_is_answered_by_its_receipt(office: Office) -> None:
    at(office, "2026-11-23")
    issued(office, "EX01")
    letter = issue_case(office, "EX19")
    assert due(office, letter) == {"reply"}
    strike(office, "reviewer", letter, "reply", "2026年12月2日收到回执（虚构）")
    assert due(office, letter) == set()
