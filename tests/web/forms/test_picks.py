"""A shop picked from the register of parties, on pages without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import State
from formsvc.domain.registers.projection import ProjectedRow
from formsvc.usecases.drafting import drafts
from formsvc.usecases.picks import parties
from formsvc.usecases.ports import Condition
from formsvc.usecases.registers.row_changes import RowChange, end_row, keep_row
from formsvc.usecases.registers.row_search import find_rows
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

SHOP = {
    "kind_party": "个体工商户", "name": "鹤鸣茶楼", "code": "92231202MAFAKE094M", "place_kind": "九小场所",
    "legal_rep": "韩鹤鸣", "phone": "0455-8123456", "addr": "北林区东河镇站前路3号", "village": "永兴村",
    "town": "东河镇", "risk": "一般",
}  # fmt: skip
VILLAGER = {
    **SHOP, "kind_party": "自然人", "name": "孙德福", "code": "", "addr": "北林区东河镇双合村1组17号",
    "phone": "19900000031", "legal_rep": "孙德福",
}  # fmt: skip


def keep(office: Office, **changes: object) -> ProjectedRow:
    return keep_row(
        office.ports, sample_actor(office.ports, "staff"), "objects", RowChange({**SHOP, **changes})
    )


@pytest.fixture
def shop(office: Office) -> ProjectedRow:
    return keep(office)


@pytest.fixture
def draft(office: Office, li_ming: Visitor) -> str:
    li_ming.open("/forms/T14/new")
    with office.ports.store.read() as tx:
        return str(tx.acts.find(Condition("form", "==", "T14"))[0]["id"])


def answers_of(office: Office, act_id: str) -> dict[str, object]:
    with office.ports.store.read() as tx:
        return dict((tx.acts.get(act_id) or {})["answers"])


def offers(visitor: Visitor, draft: str, text: str) -> str:
    return visitor.open(f"/drafts/{draft}/pick/party_name?text={text}").text


@pytest.mark.parametrize(
    "typed", ["鹤鸣", "hmcl", "heming", "MAFAKE09", "8123456", "站前路", "韩鹤鸣", "永兴 茶楼"]
)
def test_a_shop_is_found_by_name_pinyin_code_phone_and_address(
    shop: ProjectedRow, li_ming: Visitor, draft: str, typed: str
) -> None:
    assert "鹤鸣茶楼" in offers(li_ming, draft, typed)


def test_picking_fills_in_all_that_the_register_knows(
    office: Office, shop: ProjectedRow, li_ming: Visitor, draft: str
) -> None:
    offers(li_ming, draft, "hmcl")
    li_ming.press("选用")
    answers = answers_of(office, draft)
    assert {key: answers[key] for key in ("party_type", "party_name", "party_code", "legal_rep", "party_addr")} == {
        "party_type": "个体工商户", "party_name": "鹤鸣茶楼", "party_code": "92231202MAFAKE094M",
        "legal_rep": "韩鹤鸣", "party_addr": "北林区东河镇站前路3号",
    }  # fmt: skip
    assert answers["party_phone"] == "0455-8123456"


def test_another_row_leaves_nothing_of_the_first(
    office: Office, shop: ProjectedRow, li_ming: Visitor, draft: str
) -> None:
    other = keep(office, name="顺达货栈", code="92231202MAFAKE103Y", addr="中心街12号院", legal_rep_title="")
    keep_row(office.ports, sample_actor(office.ports, "staff"), "objects",
             RowChange({"legal_rep_title": "经营者"}, shop.row))  # fmt: skip
    for name in ("hmcl", "sdhz"):
        offers(li_ming, draft, name)
        li_ming.press("选用")
    answers = answers_of(office, draft)
    assert answers["party_name"] == other.values["name"]
    assert not answers.get("legal_rep_title")


def test_what_matters_stands_with_the_name(
    office: Office, li_ming: Visitor, shop: ProjectedRow, draft: str
) -> None:
    assert "本年查过0次" in offers(li_ming, draft, "hmcl")
    end_row(office.ports, sample_actor(office.ports, "staff"), "objects", shop.row, reason="停业")
    assert "已停用" in offers(li_ming, draft, "hmcl")


def test_the_address_of_a_person_stays_masked_until_picked(
    office: Office, li_ming: Visitor, draft: str
) -> None:
    keep(office, **VILLAGER)
    page = offers(li_ming, draft, "孙德福")
    assert "双合村" not in page and "19900000031" not in page
    li_ming.press("选用")
    assert answers_of(office, draft)["party_addr"] == VILLAGER["addr"]
    with office.ports.store.read() as tx:
        notes = [event.get("note") for event in tx.events.find(Condition("act_id", "==", draft))]
    assert any("孙德福" in str(note) for note in notes), "that it was seen is in the history"


def test_only_the_drafter_is_offered_rows(
    office: Office, shop: ProjectedRow, draft: str, visit: Callable[[str], Visitor]
) -> None:
    for name in ("reviewer", "officer", "admin"):
        visitor = visit(name)
        assert visitor.open(f"/drafts/{draft}/pick/party_name").status == 404
    assert visit("staff").open(f"/drafts/{draft}/pick/issue_date").status == 404


def test_the_same_code_under_another_name_is_noticed_by_clerk_and_reviewer(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    record = before_the_order(office)
    code = record.answers["party_code"]
    keep(office, name="福万家购物中心", code=code, addr="北林区东河镇中心街8号")
    act = order(office, State.SUBMITTED)
    page = visit("reviewer").open(f"/approval/{act.id}").text
    assert "统一社会信用代码相同的是“福万家购物中心”" in page
    draft = drafts.open_form(office.ports, sample_actor(office.ports, "staff"), "T22", source_act=record.id)
    assert "福万家购物中心" in visit("staff").open(f"/drafts/{draft.id}").text


def test_a_party_typed_anew_is_kept_with_one_press_and_once(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    before_the_order(office)
    act = order(office)
    staff = visit("staff")
    assert "里还没有" in staff.open(f"/acts/{act.id}").text
    page = staff.press("存入名录")
    assert "已存入名录" in page.text and "里还没有" not in page.text
    parties.keep_party(office.ports, sample_actor(office.ports, "staff"), act.id, "party_name")
    (row,) = find_rows(office.ports, sample_actor(office.ports, "staff"), "objects", act.party)
    assert row.values["code"] == act.answers["party_code"]
    assert row.lacking, "what the register expects besides is named in its list"


def test_changed_values_ask_whether_the_register_follows(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    before_the_order(office)
    act = order(office)
    same = {"name": act.party, "code": act.answers["party_code"], "kind_party": act.answers["party_type"]}
    keep(
        office, **same, legal_rep="从前的人", addr=act.answers["party_addr"], phone=act.answers["party_phone"]
    )
    staff = visit("staff")
    assert re.search("法定代表人.*与本件不同", staff.open(f"/acts/{act.id}").text)
    assert "与本件不同" not in staff.press("名录照本件改").text
    (row,) = find_rows(office.ports, sample_actor(office.ports, "staff"), "objects", act.party)
    assert row.values["legal_rep"] == act.answers["legal_rep"]


def test_a_row_changed_since_is_told_to_the_draft_with_one_press_to_take_it(
    office: Office, shop: ProjectedRow, li_ming: Visitor, draft: str
) -> None:
    offers(li_ming, draft, "hmcl")
    li_ming.press("选用")
    keep_row(
        office.ports,
        sample_actor(office.ports, "staff"),
        "objects",
        RowChange({"legal_rep": "韩小鹤"}, shop.row),
    )
    assert "那里写的是" in li_ming.open(f"/drafts/{draft}").text
    li_ming.press("采用名录里的")
    assert answers_of(office, draft)["legal_rep"] == "韩小鹤"


def test_a_notice_of_the_villages_lists_those_of_the_place(li_ming: Visitor) -> None:
    page = li_ming.open("/forms/T08/new")
    assert 'value="永兴村"' in page.html
    assert "东河镇永兴村" not in page.html
