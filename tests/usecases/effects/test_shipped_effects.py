"""Each shipped kind of document writes into the registers that its definition names, and voiding takes it back."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.domain.life.effects import REGISTER_VERBS
from formsvc.usecases import operator
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import issue
from formsvc.usecases.picks.parties import keep_party, parties_to_keep
from formsvc.usecases.registers.backfill import fill_registers
from formsvc.usecases.registers.list_counts import count_related
from formsvc.usecases.registers.row_changes import RowChange, keep_row
from formsvc.usecases.registers.row_search import RowFilters, list_page
from formsvc.usecases.registers.rows import entries_of_act, list_rows
from tests.support.case_steps import LATER_CASES, at, issue_case
from tests.support.issued_acts import CASES, issued
from tests.support.memory_office import NOW, Office, make_office
from tests.support.paths import ROOT

FORMS = {
    path.stem: json.loads(path.read_text("utf-8")) for path in (ROOT / "form_definitions").glob("T*.json")
}
PARTY = CASES["EX07"]["fields"]
SHOP = {
    "kind_party": PARTY["party_type"], "name": PARTY["party_name"], "code": PARTY["party_code"],
    "place_kind": "人员密集场所", "legal_rep": PARTY["legal_rep"], "phone": PARTY["party_phone"],
    "addr": PARTY["party_addr"], "village": "站前社区", "town": "东河镇", "risk": "一般", "region": "231202",
}  # fmt: skip
# the worked case of a kind, and those it stands on
ON_GROUND_OF = {
    "EX01": (), "EX02": ("EX01",), "EX03": (), "EX04": (), "EX07": ("EX01", "EX06"),
    "EX08": ("EX01", "EX06", "EX07"), "EX09": ("EX01", "EX06", "EX07"), "EX10": ("EX01", "EX06", "EX07", "EX09"),
    "EX11": (),   "EX53": (),
}  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path)


def a_case(office: Office, name: str) -> Act:
    """The document of a worked case, issued on its day; days of before the office began are entered later."""
    day = str({**CASES, **LATER_CASES}[name]["fields"]["issue_date"])
    at(office, max(day, NOW.date().isoformat()))
    return issue_case(office, name) if name in LATER_CASES else issued(office, name)


def keep_shop(office: Office) -> str:
    """Enter the inspected shop into the register of parties; answer its number."""
    return str(keep_row(office.ports, sample_actor(office.ports, "staff"), "objects", RowChange(SHOP)).key)


def content(office: Office) -> dict[str, list[dict[str, Any]]]:
    """The rows of all registers in force far in the future, in a fixed order."""
    registers = office.ports.definitions.registers_in_use()
    far = date(2099, 1, 1)
    return {
        name: sorted((dict(row.values) for row in list_rows(office.ports, name, far)), key=json.dumps)
        for name in registers
    }


def void(office: Office, act: Act) -> None:
    issue.void_act(office.ports, sample_actor(office.ports, "approver"), act.id, reason="当事人名称写错")


@pytest.mark.parametrize("name", ON_GROUND_OF)
def test_a_document_writes_the_registers_of_its_kind_until_it_is_voided(office: Office, name: str) -> None:
    number = keep_shop(office)
    clerk = sample_actor(office.ports, "staff")
    plan = {
        "plan_no": "东政发〔2026〕2号",
        "year": 2026,
        "month": 9,
        "party_name": SHOP["name"],
        "obj_no": number,
    }
    keep_row(office.ports, clerk, "plans", RowChange(plan))
    for earlier in ON_GROUND_OF[name]:
        a_case(office, earlier)
    before = content(office)
    act = a_case(office, name)
    effects = FORMS[act.form]["life"]["effects"].get("issued", [])
    named = {effect["register"] for effect in effects if effect["do"] in REGISTER_VERBS}
    with office.ports.store.read() as tx:
        assert {entry.register for entry in entries_of_act(tx, act.id)} == named
    assert {register for register, rows in content(office).items() if rows != before[register]} == named
    void(office, act)
    assert content(office) == before


def test_an_inspection_reaches_party_plan_ledger_and_hazards(office: Office) -> None:
    number = keep_shop(office)
    clerk = sample_actor(office.ports, "staff")
    for month, day in ((11, "2026-11-30"), (9, "2026-09-30")):
        plan = {"plan_no": "东政发〔2026〕2号", "year": 2026, "month": month, "due": day, "obj_no": number}
        keep_row(office.ports, clerk, "plans", RowChange({**plan, "party_name": SHOP["name"]}))
    for earlier in ("EX01", "EX06"):
        issued(office, earlier)
    record = issued(office, "EX07")
    shop = list_rows(office.ports, "objects")[0].values
    assert (shop["last_check"], shop["last_record"]) == ("2026-09-18", record.number)
    assert shop["last_result"] == record.answers["result"]
    done = {row.values["month"]: row.values["state"] for row in list_rows(office.ports, "plans")}
    assert done == {9: "已检查", 11: None}, "one inspection does one item of the plan, the one due first"
    line = list_rows(office.ports, "inspections")[0].values
    assert (line["obj_no"], line["hazard_n"], line["freq_no"]) == (number, 4, 1)
    found = [row.values for row in list_rows(office.ports, "hazards")]
    assert {(row["obj_no"], row["village"], row["officer"]) for row in found} == {
        (number, "站前社区", "赵正言、钱守规")
    }


def test_a_party_shows_its_hazards_by_state(office: Office) -> None:
    number = keep_shop(office)
    for earlier in ("EX01", "EX06", "EX07", "EX09"):
        issued(office, earlier)
    clerk = sample_actor(office.ports, "staff")
    register = office.ports.definitions.registers()["objects"]
    row = list_page(office.ports, clerk, "objects", RowFilters()).rows[0]
    hazards = count_related(office.ports, clerk, register, row)[0]
    assert dict(hazards.open) == {"已发现": 2, "已责令（限期）": 2}
    assert (hazards.closed, hazards.links()) == ((), {"c_obj_no": number})


def test_what_is_transferred_is_marked_and_listed_until_the_letter_is_voided(office: Office) -> None:
    number = keep_shop(office)
    for earlier in ("EX01", "EX06"):
        issued(office, earlier)
    record = issued(office, "EX07")
    before = content(office)
    letter = {key: value for key, value in LATER_CASES["EX19"]["fields"].items() if key != "doc_no"}
    same = ("party_", "legal_", "issuer_name", "auth_mode", "entrust_ref", "approver", "drafter")
    party = {key: value for key, value in PARTY.items() if key.startswith(same)}
    given = {
        **letter,
        **party,
        "record_ref": record.number,
        "issue_date": "2026-09-21",
        "dept": "绥化市北林区住房和城乡建设局",
    }
    at(office, "2026-09-21")
    staff, approver = sample_actor(office.ports, "staff"), sample_actor(office.ports, "approver")
    act = operator.issue_at_once(office.ports, staff, approver, "T28", given)
    assert {row.values["state"] for row in list_rows(office.ports, "hazards")} == {"已移送"}
    line = list_rows(office.ports, "transfers")[0].values
    assert (line["doc_no"], line["dept"], line["obj_no"]) == (act.number, given["dept"], number)
    void(office, act)
    assert content(office) == before


def test_a_party_entered_after_the_inspection_gets_what_it_would_have_got(office: Office) -> None:
    for earlier in ("EX01", "EX06"):
        issued(office, earlier)
    record = issued(office, "EX07")
    order = issued(office, "EX09")
    clerk = sample_actor(office.ports, "staff")
    assert [party.name for party in parties_to_keep(office.ports, clerk, record)] == [SHOP["name"]]
    keep_party(office.ports, clerk, record.id, "party_name")
    shop = list_rows(office.ports, "objects")[0].values
    assert shop["last_check"] == "2026-09-18"
    found = [row.values for row in list_rows(office.ports, "hazards")]
    assert {row["obj_no"] for row in found} == {shop["obj_no"]}
    assert {row["order_no"] for row in found} == {None, order.number}, "what came after the record stays"
    void(office, order)
    assert {row.values["state"] for row in list_rows(office.ports, "hazards")} == {"已发现"}
    void(office, record)
    assert list_rows(office.ports, "objects")[0].values["last_check"] is None


def test_people_of_villages_are_added_once_and_brought_up_to_date(office: Office) -> None:
    act = issued(office, "EX04")
    first = act.answers["villages"][0]
    known = [row.values for row in list_rows(office.ports, "people", date(2099, 1, 1))]
    assert len({row["person_no"] for row in known}) == len(known)
    named = {(row["name"], row["village"]) for row in known}
    assert (first["first_name"], first["village"]) in named
    fields = {key: value for key, value in CASES["EX04"]["fields"].items() if key != "doc_no"}
    staff, approver = sample_actor(office.ports, "staff"), sample_actor(office.ports, "approver")
    operator.issue_at_once(office.ports, staff, approver, act.form, fields)
    again = [row.values for row in list_rows(office.ports, "people", date(2099, 1, 1))]
    assert len(again) == len(known)


def test_records_of_before_are_entered_into_a_ledger_that_came_later(office: Office) -> None:
    number = keep_shop(office)
    for earlier in ("EX01", "EX06", "EX07"):
        issued(office, earlier)
    before = content(office)
    # as a program left the store whose inspections were not entered into the ledger
    store: Any = office.ports.store
    entries = store._collections["register_entries"].rows
    for key in [key for key, entry in entries.items() if entry.record["register"] == "inspections"]:
        del entries[key]
    with office.ports.store.write() as tx:
        tx.settings.insert("registers", {"id": "registers", "filled": ["T01", "T15"]})
    fill_registers(office.ports)
    fill_registers(office.ports)
    line = list_rows(office.ports, "inspections")[0].values
    assert (line["obj_no"], line["hazard_n"]) == (number, 4)
    assert line["freq_no"] is None, "which of the year it was is not known any more"
    after = content(office)
    assert {name for name in after if after[name] != before[name]} == {"inspections"}


def test_a_record_made_from_a_notice_asks_for_nothing_the_register_has(office: Office) -> None:
    clerk = sample_actor(office.ports, "staff")
    known = {"bldg_area": 2860.5, "floors": "3", "fire_mgr": "褚安", "key_unit": False}
    keep_row(office.ports, clerk, "objects", RowChange({**SHOP, **known}))
    issued(office, "EX01")
    draft = drafts.open_form(office.ports, clerk, "T15", source_act=issued(office, "EX06").id)
    filled = {key: draft.answers.get(key) for key in ("floors", "fire_mgr", "place_nature")}
    assert filled == {"floors": "3", "fire_mgr": "褚安", "place_nature": "一般单位"}
