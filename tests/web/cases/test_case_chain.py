"""One case from notice to re-inspection made act from act, its deadlines and next steps, and its receipts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.domain.cases.responsibility import DutyStatus
from formsvc.errors import InputRefused
from formsvc.usecases import access, operator
from formsvc.usecases.acts import details
from formsvc.usecases.administration import local_rules
from formsvc.usecases.cases import case_file, case_list, due_list
from formsvc.usecases.cases.responsibility import responsibility_matrix
from formsvc.usecases.drafting import drafts
from formsvc.usecases.due_index import DueIndex
from formsvc.usecases.numbering import issue
from tests.support.case_steps import at, made_from
from tests.support.issued_acts import CASES, issued
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

TOWN = "绥化市北林区东河镇人民政府"
# these may follow many documents: extension, transfer, registration, closing, voiding, revocation
LATER = {"T25", "T28", "T33", "T36", "T48", "T50"}


def receipt(office: Office, source: Act, moment: str, **answers: Any) -> Act:
    """送达回证 of a document handed over."""
    handed = {"method": "直接", "received_at": moment, "receiver": "褚安", "relation": "负责收件人"}
    return made_from(office, source, "T34", **(handed | answers))


SIGNED = {"drafter": "赵正言", "approver": "周国栋"}
"""Whose names stand on paper; carried by no document."""


@pytest.fixture
def record(office: Office) -> Act:
    """通知和检查记录 of the worked case."""
    at(office, "2026-09-18")
    for case in ("EX01", "EX06"):
        issued(office, case)
    return issued(office, "EX07")


@pytest.fixture
def orders(office: Office, record: Act) -> tuple[Act, Act]:
    """Both orders made from the record, each on its day."""
    at_once = made_from(office, record, "T21", **SIGNED)
    at(office, "2026-09-21")
    return at_once, made_from(office, record, "T22", **SIGNED, issue_date="2026-09-21")


def test_orders_take_party_officers_and_their_own_hazards_from_the_record(orders: tuple[Act, Act]) -> None:
    for order, case in zip(orders, ("EX08", "EX09"), strict=True):
        wanted = CASES[case]["fields"]
        assert order.number == wanted["doc_no"]
        for key in ("party_name", "party_code", "party_addr", "authority_text", "check_date", "officers"):
            assert order.answers[key] == wanted[key], key
        assert [row["desc"] for row in order.answers["hazards"]] == [row["desc"] for row in wanted["hazards"]]


def test_the_recheck_answers_the_order_row_by_row(office: Office, orders: tuple[Act, Act]) -> None:
    at(office, "2026-11-03")
    draft = drafts.open_form(
        office.ports, sample_actor(office.ports, "staff"), "T24", source_act=orders[1].id
    )
    rows = draft.answers["results"]
    assert [row["desc"] for row in rows] == [row["desc"] for row in CASES["EX09"]["fields"]["hazards"]]
    assert {row["deadline"] for row in rows} == {"2026-10-30"}
    results = [{**row, "result": result} for row, result in zip(rows, ("已改正", "未改正"), strict=True)]
    more = {"trigger": "期限届满", "recheck_date": "2026-11-03", "results": results, "next": ["立案处罚"]}
    recheck = made_from(office, orders[1], "T24", **SIGNED, **more)
    assert (recheck.number, recheck.answers["conclusion"]) == (
        CASES["EX10"]["fields"]["doc_no"],
        "部分未改正",
    )


def test_rows_that_answer_another_document_are_neither_added_nor_taken_away(
    office: Office, orders: tuple[Act, Act], visit: Callable[[str], Visitor]
) -> None:
    at(office, "2026-11-03")
    draft = drafts.open_form(
        office.ports, sample_actor(office.ports, "staff"), "T24", source_act=orders[1].id
    )
    page = visit("staff").open(f"/drafts/{draft.id}")
    assert page.value("f-results-0-result") == "" and page.value("f-results-1-note") == ""
    assert "二层8具灭火器压力不足失效" in page.text
    assert not any(
        b.get("value", "").startswith(("add.results", "delete.results")) for b in page._all("button")
    )


def test_a_receipt_serves_its_document_once(office: Office, orders: tuple[Act, Act]) -> None:
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    at(office, "2026-09-22")
    first = receipt(office, orders[1], "2026-09-22T09:30")
    assert first.number == "" and first.party == orders[1].party
    served = access.get_act(ports, staff, orders[1].id)
    assert (served.state, served.service["method"]) == ("served", "直接送达")
    with pytest.raises(InputRefused, match="已经送达"):
        receipt(office, orders[1], "2026-09-22T09:40")
    issue.void_act(ports, sample_actor(ports, "approver"), first.id, reason="签收人写错")
    assert access.get_act(ports, staff, orders[1].id).state == "issued"
    receipt(office, orders[1], "2026-09-22T09:40")
    assert access.get_act(ports, staff, orders[1].id).service["served_at"] == "2026-09-22T09:40"


def test_the_case_shows_its_chain_and_what_comes_next(office: Office, orders: tuple[Act, Act]) -> None:
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    found = case_file.get_case(ports, staff, orders[1].id)
    assert [(link.act.form, link.depth) for link in found.links] == [
        ("T14", 0),
        ("T15", 1),
        ("T21", 2),
        ("T22", 2),
    ]
    told = [
        (due.step.form, due.after.form, due.day and due.day.isoformat(), due.is_late)
        for due in found.next_steps
    ]
    assert ("T34", "T21", "2026-09-18", True) in told
    assert ("T34", "T22", "2026-09-22", False) in told
    assert ("T24", "T22", "2026-11-04", False) in told
    sentences = [d.sentence for link in found.links for d in link.deadlines]
    assert any("9月20日为调休上班日，计入（《消防监督检查规定》第十九条）" in s for s in sentences)
    assert case_file.get_case(ports, staff, found.acts[0].id) == found


def reckoned_alike(office: Office) -> list[tuple[str, str, str]]:
    """What is due as a process that has been at work tells it; one just started tells the same."""
    told = []
    for person in ("approver", "admin", "staff"):
        working, just_started = office.ports, replace(office.ports, due_index=DueIndex())
        lists = [
            due_list.due_list(ports, sample_actor(ports, person), date(2027, 12, 31))
            for ports in (working, just_started)
        ]
        assert lists[0] == lists[1] and lists[0].total == len(lists[0].dues)
        pages = [
            case_list.pending_cases(ports, sample_actor(ports, person)) for ports in (working, just_started)
        ]
        assert pages[0] == pages[1]
        told = [(d.step.form, d.after.form, d.step.begun) for d in lists[0].dues]
    return told


def test_what_is_due_follows_each_thing_that_is_done(office: Office, record: Act) -> None:
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    assert ("T22", "T15", "") in reckoned_alike(office)
    draft = drafts.open_form(ports, staff, "T22", source_act=record.id)
    assert ("T22", "T15", draft.id) in reckoned_alike(office)
    drafts.discard_draft(ports, staff, draft.id)
    assert ("T22", "T15", "") in reckoned_alike(office)
    order = made_from(office, record, "T22", **SIGNED)
    told = reckoned_alike(office)
    assert ("T22", "T15", "") not in told and ("T34", "T22", "") in told
    handed = receipt(office, order, "2026-09-18T09:30")
    assert ("T34", "T22", "") not in reckoned_alike(office)
    issue.void_act(ports, sample_actor(ports, "approver"), handed.id, reason="签收人写错")
    assert ("T34", "T22", "") in reckoned_alike(office)
    issue.void_act(ports, sample_actor(ports, "approver"), order.id, reason="期限写错")
    assert ("T22", "T15", "") in reckoned_alike(office)


def test_what_is_due_follows_the_rules_of_the_office(office: Office, orders: tuple[Act, Act]) -> None:
    def day() -> date | None:
        dues = due_list.due_list(office.ports, sample_actor(office.ports, "staff"), date.max).dues
        return next(d.day for d in dues if (d.step.form, d.after.form) == ("T24", "T22"))

    before, ports = day(), office.ports
    rules = local_rules.local_rules(ports)
    typed = {r.code: ("yes" if r.value else "") if isinstance(r.value, bool) else str(r.value) for r in rules}
    local_rules.save_decisions(ports, sample_actor(ports, "admin"), {**typed, "recheck_workdays": "5"})
    assert before and day() != before
    reckoned_alike(office)


def test_of_many_things_due_only_those_shown_are_told_in_full(
    office: Office, orders: tuple[Act, Act]
) -> None:
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    whole = due_list.due_list(ports, staff, date.max)
    assert whole.total == len(whole.dues) > 3
    parts = [due_list.due_list(ports, staff, date.max, start=n, limit=2) for n in range(0, whole.total, 2)]
    assert [due for part in parts for due in part.dues] == list(whole.dues)
    assert {part.total for part in parts} == {whole.total}


def test_home_lists_what_is_due_until_a_day(office: Office, record: Act, orders: tuple[Act, Act]) -> None:
    ports, staff = office.ports, sample_actor(office.ports, "staff")

    def due(until: str) -> list[tuple[str, str]]:
        return [
            (d.step.form, d.after.form)
            for d in due_list.due_list(ports, staff, date.fromisoformat(until)).dues
            if d.day
        ]

    assert ("T24", "T22") not in due("2026-11-03")
    assert ("T24", "T22") in due("2026-11-04")
    assert ("T22", "T15") not in due("2026-11-04")
    at(office, "2027-02-01")
    overdue = [("T02", "T01"), ("T34", "T14"), ("T34", "T21"), ("T34", "T22"), ("T24", "T22")]
    assert due("2027-02-01") == overdue
    # what nobody does never leaves the list by itself: two years later it is still there
    at(office, "2029-02-01")
    assert due("2029-02-01") == [*overdue, ("T01", "T01")]


def test_what_follows_an_act_is_offered_by_its_mode(office: Office, record: Act) -> None:
    assert {
        form for form, _ in details.follow_up_forms(office.ports, sample_actor(office.ports, "staff"), record)
    } - LATER == {
        "T21",
        "T22",
    }


def own_duty(office: Office) -> Act:
    """An inspection by the township on its own duty: notice and record."""
    at(office, "2026-11-23")
    own = {
        "auth_mode": "M0",
        "issuer_name": TOWN,
        "drafter": "冯文书",
        "approver": "陈立新",
        "issue_date": "2026-11-23",
    }
    gone = ("entrust_ref", "authority_text", "doc_no")
    party = {k: v for k, v in CASES["EX11"]["fields"].items() if k.startswith(("party_", "legal_rep"))}
    fields = {k: v for k, v in CASES["EX06"]["fields"].items() if k not in gone} | own | party
    fields |= {"check_from": "2026-11-23T09:00", "check_to": "2026-11-23T11:00"}
    notice = operator.issue_at_once(
        office.ports,
        sample_actor(office.ports, "staff"),
        sample_actor(office.ports, "approver"),
        "T14",
        fields,
    )
    assert notice.mode == "M0" and notice.number.startswith("东消检字")
    record = {k: CASES["EX07"]["fields"][k] for k in ("form", "place_nature", "accompany")}
    record |= {"start_at": "2026-11-23T09:05", "end_at": "2026-11-23T09:50", "no_hazard": False}
    record |= {"items": [{"code": "C18", "result": "是"}], "result": ["督促整改"]}
    return made_from(office, notice, "T15", **own, **record, hazards=CASES["EX11"]["fields"]["hazards"])


def test_own_duty_goes_from_record_to_urging_to_transfer(office: Office) -> None:
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    record = own_duty(office)
    assert {form for form, _ in details.follow_up_forms(ports, staff, record)} - LATER == {"T23"}
    contact = {
        "contact": "冯文书",
        "contact_phone": "0455-8990002",
        "drafter": "冯文书",
        "approver": "陈立新",
    }
    urging = made_from(office, record, "T23", **contact)
    assert (urging.number, urging.mode, urging.due) == ("东消督字〔2026〕第0012号", "M0", "2026-12-09")
    assert [row["desc"] for row in urging.answers["hazards"]] == [
        r["desc"] for r in CASES["EX11"]["fields"]["hazards"]
    ]
    receipt(office, urging, "2026-11-23T10:00", receiver="姜福", relation="本人", sender=[{"name": "冯文书"}])
    at(office, "2026-12-16")
    officers = CASES["EX10"]["fields"]["officers"]
    results = [{"result": "未改正"}, {"result": "已改正"}]
    more = {"trigger": "期限届满", "recheck_date": "2026-12-16", "results": results, "officers": officers}
    signed = {"drafter": "冯文书", "approver": "陈立新"}
    with pytest.raises(InputRefused, match="不得立案处罚"):
        made_from(office, urging, "T24", **signed, **more, next=["立案处罚"])
    recheck = made_from(office, urging, "T24", **signed, **more, next=["移送"])
    assert (recheck.mode, recheck.answers["auth_mode"]) == ("M0", "M0")
    steps = case_file.get_case(ports, staff, recheck.id).next_steps
    transfer = next(due for due in steps if due.step.form == "T28")
    assert transfer.day == date(2026, 12, 21) and transfer.step.must and transfer.is_offered


def test_the_public_notice_says_what_the_entrustment_says(office: Office) -> None:
    at(office, "2026-03-18")
    entrustment = issued(office, "EX01")
    notice = made_from(
        office, entrustment, "T02", drafter="孙起草", approver="周国栋", hotline="0455-8990001"
    )
    for key in ("principal_name", "agent_list", "matters", "powers", "area", "start_date", "end_date"):
        assert notice.answers[key] == CASES["EX02"]["fields"][key], key
    assert (
        case_file.get_case(office.ports, sample_actor(office.ports, "staff"), entrustment.id).next_steps == ()
    )


def test_the_office_sees_who_answers_for_each_village(office: Office) -> None:
    at(office, "2026-03-12")
    issued(office, "EX03")
    village_notice = issued(office, "EX04")
    (town,) = [
        t for t in responsibility_matrix(office.ports, sample_actor(office.ports, "staff")) if t.villages
    ]
    assert town.place.holders[0].name == "李明远"
    standing = {place.name: place.holders[1].status for place in town.villages}
    assert standing["永兴村"] is DutyStatus.HELD and standing["新立村"] is DutyStatus.VACANT
    issue.void_act(
        office.ports, sample_actor(office.ports, "approver"), village_notice.id, reason="漏列新立村"
    )
    (town,) = responsibility_matrix(office.ports, sample_actor(office.ports, "staff"))
    assert {h.status for place in town.villages for h in place.holders} == {DutyStatus.VACANT}


def test_a_case_of_twenty_documents_is_one_case(office: Office, orders: tuple[Act, Act]) -> None:
    """Each made from the one before, as orders and re-inspections are when nothing is remedied."""
    act = orders[1]
    with office.ports.store.write() as tx:
        for n in range(20):
            act = replace(act, id=f"later{n}", number=f"{orders[1].number}之{n}", source_act=act.id)
            tx.acts.insert(act.id, act.to_record())
    clerk = sample_actor(office.ports, "staff")
    links = case_file.get_case(office.ports, clerk, act.id).links
    assert links[0].act.id == case_file.get_case(office.ports, clerk, orders[1].id).links[0].act.id
    assert {f"later{n}" for n in range(20)} <= {link.act.id for link in links}
