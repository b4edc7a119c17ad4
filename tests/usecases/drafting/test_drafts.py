"""Blank drafts, and what a chosen document or officer brings into a draft."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from formsvc.errors import NotFound, RightMissing
from formsvc.usecases.acts.search import list_drafts
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.drafts import open_blank_form, open_form, save_answers
from formsvc.usecases.drafting.prefill import prefill
from tests.support.memory_office import SetClock


def test_opening_a_form_twice_makes_one_draft(ports: Ports, actor: Callable[[str], Actor]) -> None:
    first = open_blank_form(ports, actor("staff"), "X01")
    assert open_blank_form(ports, actor("staff"), "X01").id == first.id
    assert len(list_drafts(ports, actor("staff"))) == 1


def test_a_saved_draft_is_not_blank(ports: Ports, actor: Callable[[str], Actor]) -> None:
    staff = actor("staff")
    first = open_blank_form(ports, staff, "X01")
    save_answers(ports, staff, first.id, {"name": "顺达货栈"}, version=first.version)
    assert open_blank_form(ports, staff, "X01").id != first.id


def test_a_draft_of_yesterday_is_not_reused(
    ports: Ports, actor: Callable[[str], Actor], clock: SetClock
) -> None:
    first = open_blank_form(ports, actor("staff"), "X01")
    clock.moment += timedelta(days=1)
    assert open_blank_form(ports, actor("staff"), "X01").id != first.id


def test_who_may_not_draft_gets_no_blank_draft(ports: Ports, actor: Callable[[str], Actor]) -> None:
    with pytest.raises(RightMissing):
        open_blank_form(ports, actor("admin"), "X01")
    with pytest.raises(NotFound):
        open_blank_form(ports, actor("staff"), "T99")


def test_prefill_brings_the_certificate_of_a_registered_officer(
    ports: Ports, actor: Callable[[str], Actor]
) -> None:
    definition = ports.definitions.current_revision("T22").definition
    officers = definition.certified_officers
    assert officers is not None
    with ports.store.read() as tx:
        registered = next(record for record in tx.officers.find(order="id") if record.get("active", True))
    draft = open_form(ports, actor("staff"), "T22")
    rows = [{"name": registered["name"], "cert_no": "", "org": "", "cert_valid_to": ""}]
    values = prefill(ports, actor("staff"), draft, definition, {officers.field: rows})
    assert values[officers.field][0]["cert_no"] == registered["cert_no"]


def test_prefill_keeps_what_was_typed(ports: Ports, actor: Callable[[str], Actor]) -> None:
    definition = ports.definitions.current_revision("T22").definition
    officers = definition.certified_officers
    assert officers is not None
    with ports.store.read() as tx:
        registered = next(record for record in tx.officers.find(order="id") if record.get("active", True))
    draft = open_form(ports, actor("staff"), "T22")
    rows = [{"name": registered["name"], "cert_no": "8888", "org": registered["org"]}]
    assert prefill(ports, actor("staff"), draft, definition, {officers.field: rows}) == {}


def test_prefill_ignores_a_document_that_is_not_registered(
    ports: Ports, actor: Callable[[str], Actor]
) -> None:
    definition = ports.definitions.current_revision("T34").definition
    reference = next(iter(definition.source_references), None)
    assert reference is not None
    draft = open_form(ports, actor("staff"), "T34")
    answers = {reference.key: {"number": "绥北（东）消限字〔2026〕第0099号"}}
    assert prefill(ports, actor("staff"), draft, definition, answers) == {}
