"""Personal numbers are shown only where they are needed, and each look is in the history.

Every address of the pages and of the API is opened by every account.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from formsvc.demo.office import sample_actor
from formsvc.documents.generated.ledger_export import ledger_workbook
from formsvc.domain.acts.act import SIGHT_EVENTS, Act, ServiceRecord
from formsvc.usecases import operator
from formsvc.usecases.acts import search, serving
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.drafting import drafts
from formsvc.usecases.ports import Condition
from tests.support.issued_acts import CASES, issued
from tests.support.memory_office import Office, make_office
from tests.support.page_addresses import addresses
from tests.support.page_client import Visitor
from tests.web.account.test_accounts import HOME, ID, person_notice

PHONE = "19900000077"
PERSONAL = (ID, PHONE, HOME)
PEOPLE = ("staff", "reviewer", "approver", "officer", "admin")
IN_FULL = {
    "acts.documents.word",
    "acts.documents.copy_word",
    "api.get_word",
    "api.get_copy_word",
    "api.get_act",
    "acts.documents.archive",
    "acts.steps.service_page",
    "acts.steps.correction_page",
    "api.get_archive",
    "api.get_row",
}
"""Where a person's number may stand in the clear; each of these is remembered. The rest of the documents are pictures
and PDFs here, which are remembered whatever they show. Marked places of the page itself: drafts of one's own."""
LATER = timedelta(minutes=11)
FILES = ("application/pdf", "image/png", "application/vnd.openxmlformats")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, list[Act], Act]:
    """An office with acts about a natural person in three states, his numbers typed into free text too; and a draft."""
    office = make_office(tmp_path_factory.mktemp("walk"))
    ports, staff, approver = (
        office.ports,
        sample_actor(office.ports, "staff"),
        sample_actor(office.ports, "approver"),
    )
    submitted = person_notice(office)
    issued(office, "EX06")
    office.clock.moment += timedelta(days=63)  # the day of the worked case EX11
    named = f"经营者褚安（身份证号{ID}，电话{PHONE}，住{HOME}）封堵后门"
    rows = [{**row, "desc": named} for row in CASES["EX11"]["fields"]["hazards"]]
    person = {"party_type": "自然人", "party_name": "褚安", "party_idno": ID, "party_addr": HOME}
    left_out = {"party_code", "legal_rep", "legal_rep_title", "doc_no"}
    answers = {k: v for k, v in CASES["EX11"]["fields"].items() if k not in left_out}
    urging = {**answers, **person, "party_phone": PHONE, "hazards": rows}
    urged = operator.issue_at_once(ports, staff, approver, CASES["EX11"]["act"], urging)
    office.clock.moment += timedelta(hours=2)
    at_home = ServiceRecord(
        "直接送达", f"{office.clock.moment:%Y-%m-%dT%H:%M}", place=HOME, receiver="褚安之妻", relation="同住成年家属",
        servers=("王强", "李明"),
    )  # fmt: skip
    urged = serving.record_service(ports, staff, urged.id, at_home)
    begun = drafts.open_form(ports, staff, CASES["EX11"]["act"])
    draft = drafts.save_answers(ports, staff, begun.id, urging, version=begun.version).act
    return office, [submitted, urged], draft


def sights(office: Office, act: Act, by: str) -> int:
    """How often the history says that the person saw the act, or a row of a register."""
    with office.ports.store.read() as tx:
        found = tx.events.find(Condition("act_id", "in", [act.id, ""]), Condition("by", "==", by))
    return sum(event["kind"] in SIGHT_EVENTS for event in found)


def searches() -> Iterator[tuple[str, str]]:
    """Lists that are asked for the person."""
    for more in (
        "/acts?text=褚安",
        f"/acts?text={ID}",
        f"/search?q={ID}",
        "/search?q=褚安",
        f"/cases?text={ID}",
    ):
        yield "searching", more


def looked_at(office: Office, client: Any, act: Act, by: str, headers: dict[str, str]) -> list[str]:
    """What is wrong with any answer to one person."""
    wrong = []
    for endpoint, address in (*addresses(office, act), *searches()):
        if address.startswith("/api/") != bool(headers):
            continue
        office.clock.moment += LATER  # so that no sight is taken for part of the one before
        before = sights(office, act, by)
        answer = client.get(address, headers=headers, follow_redirects=endpoint == "searching")
        body = answer.get_data()
        plain = [text for text in PERSONAL if text.encode() in body and text not in address]
        is_file = answer.status_code == 200 and str(answer.mimetype).startswith(FILES)
        if plain and endpoint not in IN_FULL:
            wrong.append(f"{by} {address} ({answer.status_code}) shows {plain}")
        if (plain or (is_file and act.id in address)) and sights(office, act, by) == before:
            wrong.append(f"{by} {address}: seen and not in the history")
    return wrong


@pytest.mark.parametrize("by", PEOPLE)
def test_no_page_shows_a_number_unasked_and_every_sight_is_remembered(
    place: tuple[Office, list[Act], Act], by: str
) -> None:
    office, acts, _draft = place
    visitor = Visitor(office.app)
    visitor.sign_in(by)
    assert [line for act in acts for line in looked_at(office, visitor.client, act, by, {})] == []


@pytest.mark.parametrize("by", PEOPLE)
@pytest.mark.parametrize(
    "scopes", [["read"], ["read", "personal"]], ids=["without personal", "with personal"]
)
def test_no_answer_of_the_api_tells_a_number_unasked(
    place: tuple[Office, list[Act], Act], by: str, scopes: list[str]
) -> None:
    office, acts, _draft = place
    secret = api_tokens.add_token(office.ports, "走查", by, scopes=scopes, limit=60_000)
    client = FlaskClient(office.app, office.app.response_class)
    headers = {"Authorization": f"Bearer {secret}"}
    assert [line for act in acts for line in looked_at(office, client, act, by, headers)] == []
    if "personal" not in scopes:
        for act in acts:
            told = client.get(f"/api/v1/acts/{act.id}", headers=headers).get_data(as_text=True)
            assert not [text for text in PERSONAL if text in told]


def test_a_draft_is_read_by_its_drafter_alone(place: tuple[Office, list[Act], Act]) -> None:
    office, _acts, draft = place
    own = Visitor(office.app)
    own.sign_in("staff")
    assert ID in own.open(f"/drafts/{draft.id}").html
    for by in PEOPLE[1:]:
        other = Visitor(office.app)
        other.sign_in(by)
        for _endpoint, address in addresses(office, draft):
            if not address.startswith("/api/"):
                body = other.client.get(address).get_data()
                assert not [t for t in PERSONAL if t.encode() in body and t not in address], address


def test_decisions_and_refusals_of_the_api_repeat_no_number(place: tuple[Office, list[Act], Act]) -> None:
    office, (submitted, urged), draft = place
    for by in PEOPLE:
        secret = api_tokens.add_token(office.ports, "走查", by, limit=60_000)
        client = FlaskClient(office.app, office.app.response_class)
        headers = {"Authorization": f"Bearer {secret}"}
        for act in (submitted, urged, draft):
            for step, body in (
                ("review", {"decision": "return", "comment": ""}), ("approve", {"decision": "approve"}),
                ("issue", None), ("submit", None), ("withdraw", None), ("void", {"reason": ""}),
                ("prints", {"copies": 1}), ("serve", {"method": "直接送达", "served_at": "2026-09-21T09:30"}),
                ("follow", {"form": "T24"}), ("backfill", {"backfill_reason": "补录"}),
            ):  # fmt: skip
                if act is draft and by == "staff":
                    continue
                sent = {"json": body} if body is not None else {}
                answer = client.post(f"/api/v1/acts/{act.id}/{step}", headers=headers, **sent)
                if answer.status_code < 300 and answer.get_json()["state"] == "draft":
                    client.delete(f"/api/v1/acts/{answer.get_json()['id']}", headers=headers)
                    continue  # one's own draft
                told = answer.get_data(as_text=True)
                assert not [text for text in PERSONAL if text in told], (by, step, answer.status_code)


def test_the_journal_repeats_no_number(place: tuple[Office, list[Act], Act]) -> None:
    office = place[0]
    with office.ports.store.read() as tx:
        everything = repr(tx.events.find()) + repr(tx.replies.find()) + repr(tx.attempts.find())
    assert not [text for text in PERSONAL if text in everything]


def test_the_ledger_is_masked_unless_somebody_asks_for_it_in_full(
    place: tuple[Office, list[Act], Act],
) -> None:
    office, (_submitted, urged), _draft = place

    def cells(*, plain: bool) -> str:
        definition, acts = search.ledger(office.ports, urged.form, plain=plain)
        sheet = load_workbook(io.BytesIO(ledger_workbook(definition, acts))).worksheets[0]
        return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)

    before = sights(office, urged, "console")
    masked = cells(plain=False)
    assert not [text for text in PERSONAL if text in masked]
    assert "1101************2X" in masked
    assert sights(office, urged, "console") == before
    assert ID in cells(plain=True)
    assert sights(office, urged, "console") == before + 1
