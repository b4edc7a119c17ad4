"""One search finds documents by all they say, and one's own drafts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.privacy.erasure import personal_texts
from formsvc.usecases.drafting import drafts, search_texts
from formsvc.usecases.ports import Condition
from formsvc.usecases.registers.row_changes import RowChange, keep_row
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor


@pytest.fixture
def number(office: Office) -> str:
    before_the_order(office)
    return order(office).number


def words_of(office: Office) -> list[str]:
    """Words of the order: party, its head, its code, its place, a hazard."""
    with office.ports.store.read() as tx:
        (act,) = tx.acts.find(Condition("form", "==", "T22"))
    answers = act["answers"]
    return [
        answers["party_name"],
        answers["legal_rep"],
        answers["party_code"],
        answers["hazards"][0]["location"],
    ]


def test_a_document_is_found_by_whatever_it_says(office: Office, li_ming: Visitor, number: str) -> None:
    for typed in words_of(office):
        assert number in li_ming.open(f"/search?q={typed}").text, typed
        assert number in li_ming.open(f"/acts?text={typed}").text, typed


def test_several_words_must_all_occur_in_any_order(office: Office, li_ming: Visitor, number: str) -> None:
    party, head, code, place = words_of(office)
    assert number in li_ming.open(f"/search?q={place[:4]} {party[:3]} {code[:6]}").text
    assert number not in li_ming.open(f"/search?q={party[:3]} 没有这样的词").text


def test_a_part_of_its_number_is_enough(li_ming: Visitor, number: str) -> None:
    serial = number.partition("第")[2].strip("0号")
    assert number in li_ming.open(f"/search?q=消限字{serial}").text
    assert number in li_ming.open(f"/search?q=第{serial}号").text
    assert number not in li_ming.open(f"/search?q=消限字9{serial}").text


def test_personal_answers_are_not_found_by_trying(office: Office, li_ming: Visitor, number: str) -> None:
    with office.ports.store.read() as tx:
        (act,) = tx.acts.find(Condition("form", "==", "T22"))
    definition = office.ports.definitions.revision(act["revision"]).definition
    personal = personal_texts(definition, act["answers"], "", {})
    assert personal
    for text in personal:
        assert number not in li_ming.open(f"/search?q={text[:6]}").text, text


def test_ones_own_drafts_are_found_and_no_one_elses(office: Office, visit: Callable[[str], Visitor]) -> None:
    staff = sample_actor(office.ports, "staff")
    draft = drafts.open_form(office.ports, staff, "T22")
    answers = {**draft.answers, "party_type": "个体工商户", "party_name": "鹤鸣茶楼"}
    drafts.save_answers(office.ports, staff, draft.id, answers, version=draft.version, strict_keys=False)
    assert "我的草稿" in visit("staff").open("/search?q=hmcl").text
    for name in ("officer", "approver", "admin"):
        assert "责令限期改正通知书　鹤鸣茶楼" not in visit(name).open("/search?q=hmcl").text


def test_documents_of_an_older_program_are_found_once_refreshed(office: Office, number: str) -> None:
    with office.ports.store.write() as tx:
        (record,) = tx.acts.find(Condition("form", "==", "T22"))
        old = f"{record['number']} {record['title']} {record['party']}".lower()
        tx.acts.replace(record["id"], {**record, "search": old})
    search_texts.refresh_search_texts(office.ports)
    with office.ports.store.read() as tx:
        assert tx.acts.get(record["id"]) == record
        reached = tx.reached()
    search_texts.refresh_search_texts(office.ports)
    with office.ports.store.read() as tx:
        assert tx.reached() == reached, "once is enough"


def test_rows_of_registers_and_items_of_hazards_are_found(office: Office, li_ming: Visitor) -> None:
    clerk = sample_actor(office.ports, "staff")
    shop = {
        "kind_party": "个体工商户", "name": "鹤鸣茶楼", "code": "92231202MAFAKE094M", "place_kind": "九小场所",
        "legal_rep": "韩鹤鸣", "phone": "0455-8123456", "addr": "北林区东河镇站前路3号", "village": "永兴村",
        "town": "东河镇", "risk": "一般",
    }  # fmt: skip
    keep_row(office.ports, clerk, "objects", RowChange(shop))
    for typed in ("hmcl", "站前路 鹤鸣", "MAFAKE094"):
        page = li_ming.open(f"/search?q={typed}")
        assert "监管对象名录库" in page.text and "鹤鸣茶楼" in page.text
    before_the_order(office)
    act = order(office)
    hazard = str(act.answers["hazards"][0]["location"])
    assert "隐患台账" in li_ming.open(f"/search?q={hazard}").text
    assert "隐患台账" not in li_ming.open("/search?q=没有这样的词").text
