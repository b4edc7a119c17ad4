"""The public copy (公开版): an announcement is published whole, an order without what is personal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.usecases.acts.redacted_copy import render_redacted_copy
from formsvc.usecases.ports import DocumentMetadata
from tests.support.case_steps import at, made_from
from tests.support.issued_acts import CASES, before_the_order, issued, order
from tests.support.memory_office import Office, SheetRenderer, make_office


class Printed(SheetRenderer):
    """Keeps what the last Word file was filled with."""

    def __init__(self) -> None:
        self.context: Mapping[str, Any] = {}

    def word(
        self,
        template: bytes,
        context: Mapping[str, Any],
        tags: DocumentMetadata,
        answers: Mapping[str, Sequence[Any]],
        pictures: Mapping[str, bytes] = MappingProxyType({}),
    ) -> bytes:
        self.context = context
        return super().word(template, context, tags, answers)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path)


def public_copy(office: Office, act_id: str) -> Mapping[str, Any]:
    """What the template of a public copy is filled with."""
    printed = Printed()
    ports = replace(office.ports, renderer=printed)
    render_redacted_copy(ports, sample_actor(ports, "approver"), act_id)
    return printed.context


@pytest.mark.parametrize("hotline", ["0455-8990001", "13845500009"])
def test_an_announcement_of_an_entrustment_is_published_whole(office: Office, hotline: str) -> None:
    at(office, "2026-03-18")
    entrustment = issued(office, "EX01")
    notice = made_from(office, entrustment, "T02", drafter="孙起草", approver="周国栋", hotline=hotline)
    copy = public_copy(office, notice.id)
    # 行政处罚法第二十条第二款 asks to publish the entrustment itself: matters, officers, both bodies
    agreed = CASES["EX01"]["fields"]
    assert copy["hotline"] == hotline
    assert [(row["name"], row["cert_no"]) for row in copy["contract_officers"]] == [
        (row["name"], row["cert_no"]) for row in agreed["agent_officers"]
    ]
    assert [(row["name"], row["law"], row["penalty"]) for row in copy["contract_matters"]] == [
        (row["name"], row["law"], row["penalty"]) for row in agreed["matters"]
    ]
    for key in ("principal_code", "principal_head", "agent_code", "agent_head", "powers", "publish_url"):
        assert copy[key] == agreed[key], key


def test_a_public_copy_of_an_order_hides_what_is_personal(office: Office) -> None:
    before_the_order(office)
    act = order(office)
    copy, given = public_copy(office, act.id), act.answers
    phone = given["party_phone"]
    assert phone not in str(copy) and copy["party_phone"] == f"{phone[:3]}******{phone[-2:]}"
    for key in ("party_name", "party_code", "legal_rep", "party_addr"):
        assert copy[key] == given[key], key
