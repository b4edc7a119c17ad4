"""Rows that people keep: added, changed with reason, ended, found again; what is refused is told at its column."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from formsvc.domain.accounts.account import Account
from formsvc.domain.registers.projection import RowState
from formsvc.errors import Conflict, FormsvcError, InputRefused, NotFound
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.registers.duplicates import DuplicateFound
from formsvc.usecases.registers.row_changes import RowChange, end_row, keep_row
from formsvc.usecases.registers.row_search import RowFilters, find_rows, list_page, read_row

SHOP: dict[str, Any] = {
    "kind_party": "个体工商户", "name": "春晖超市", "code": "无", "place_kind": "九小场所", "legal_rep": "李春晖",
    "phone": "19900000055", "addr": "中心街66号", "village": "站前社区", "town": "东河镇", "region": "231202", "risk": "一般",
}  # fmt: skip


def added(ports: Ports, clerk: Actor, **values: Any) -> Any:
    return keep_row(ports, clerk, "objects", RowChange({**SHOP, **values}))


def test_a_shop_gets_a_number_and_is_found_by_name_pinyin_initials_phone_and_number(
    ports: Ports, clerk: Actor
) -> None:
    first, second = added(ports, clerk), added(ports, clerk, name="顺达货栈", addr="中心街12号")
    assert first.values["obj_no"] == "2312020700001" and second.values["obj_no"] == "2312020700002"
    for query in ("春晖", "chunhui", "CHCS", "1990000", "2312020700001", "中心街 66", "春 晖超 市"):
        assert first.row in [row.row for row in find_rows(ports, clerk, "objects", query)], query
    assert find_rows(ports, clerk, "objects", "福满家") == []
    assert read_row(ports, clerk, "objects", first.row).values["name"] == "春晖超市"
    with pytest.raises(NotFound, match="没有这一行"):
        read_row(ports, clerk, "objects", "nothing")


def test_a_change_is_kept_with_its_reason_and_a_stale_page_changes_nothing(
    ports: Ports, clerk: Actor
) -> None:
    shop = added(ports, clerk)
    change = RowChange({"legal_rep": "李春阳"}, shop.row, reason="换了经营者", seen=shop.entry)
    assert keep_row(ports, clerk, "objects", change).values["legal_rep"] == "李春阳"
    with pytest.raises(Conflict, match="已经有人改过"):
        keep_row(ports, clerk, "objects", replace(change, values={"legal_rep": "某人"}))
    assert find_rows(ports, clerk, "objects", "李春阳")[0].row == shop.row and not find_rows(
        ports, clerk, "objects", "李春晖"
    )
    same = keep_row(ports, clerk, "objects", RowChange({"legal_rep": "李春阳"}, shop.row))
    assert same.entry == read_row(ports, clerk, "objects", shop.row).entry, "nothing changed, nothing written"


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"name": ""}, "name"),
        ({"risk": "很高"}, "risk"),
        ({"code": "92231202MAFAKE11O9"}, "code"),
        ({"nmae": "甲"}, "nmae"),
    ],
)
def test_what_is_wrong_is_told_at_its_column_and_nothing_is_stored(
    ports: Ports, clerk: Actor, values: dict[str, str], where: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        added(ports, clerk, **values)
    assert [problem.field for problem in refused.value.problems] == [where]
    assert list_page(ports, clerk, "objects", RowFilters()).total == 0


def test_the_same_name_and_place_is_a_doubtful_duplicate_until_a_person_says_that_they_are_two(
    ports: Ports, clerk: Actor
) -> None:
    shop = added(ports, clerk)
    with pytest.raises(DuplicateFound, match="与已登记的“春晖超市”") as refused:
        added(ports, clerk, addr="中心街 66 号")
    accepted = frozenset(row.row for row in refused.value.rows)
    keep_row(ports, clerk, "objects", RowChange({**SHOP, "addr": "中心街 66 号"}, accepted=accepted))
    doubtful = list_page(ports, clerk, "objects", RowFilters(view="duplicates"))
    assert doubtful.total == 2 and shop.row in [row.row for row in doubtful.rows]
    # a credit code tells them apart
    keep_row(ports, clerk, "objects", RowChange({"code": "91350100M000100Y43"}, shop.row))
    assert list_page(ports, clerk, "objects", RowFilters(view="duplicates")).total == 0


def test_an_ended_shop_leaves_the_list_with_reason_and_day_and_cannot_be_changed(
    ports: Ports, clerk: Actor
) -> None:
    shop = added(ports, clerk)
    with pytest.raises(InputRefused, match="原因"):
        end_row(ports, clerk, "objects", shop.row, reason="")
    ended = end_row(ports, clerk, "objects", shop.row, reason="关门停业")
    assert ended.state is RowState.ENDED and ended.ending["reason"] == "关门停业"
    assert (ended.values["state"], ended.values["to_date"]) == ("注销", "2026-09-21")
    assert list_page(ports, clerk, "objects", RowFilters()).total == 0
    assert [row.row for row in list_page(ports, clerk, "objects", RowFilters(view="ended")).rows] == [
        shop.row
    ]
    with pytest.raises(Conflict, match="已经停用"):
        keep_row(ports, clerk, "objects", RowChange({"phone": "19900000056"}, shop.row))


def test_a_shop_with_an_open_hazard_is_not_ended(ports: Ports, clerk: Actor) -> None:
    shop = added(ports, clerk)
    from formsvc.domain.registers.timeline import RegisterEntry
    from formsvc.usecases.registers.rows import add_entry

    hazard = {
        "doc_no": "东消检字〔2026〕1号",
        "no": 1,
        "obj_no": shop.values["obj_no"],
        "state": "已责令（限期）",
    }
    group = ports.definitions.registers()["hazards"].group_of(hazard)
    with ports.store.write() as tx:
        add_entry(
            tx, RegisterEntry("", "hazards", group, "write", "2026-09-01", [hazard], at="2026-09-01T09:00:00")
        )
    with pytest.raises(FormsvcError, match="隐患"):
        end_row(ports, clerk, "objects", shop.row, reason="关门停业")
    with ports.store.write() as tx:
        closing = RegisterEntry("", "hazards", group, "change", "2026-09-10", [{"state": "已销号"}])
        add_entry(tx, replace(closing, at="2026-09-10T09:00:00"))
    assert end_row(ports, clerk, "objects", shop.row, reason="关门停业").state is RowState.ENDED


def test_who_has_no_role_for_it_cannot_change_a_register_and_documents_alone_write_some(
    ports: Ports, clerk: Actor
) -> None:
    with pytest.raises(FormsvcError, match="没有修改“监管对象名录库”的权限"):
        keep_row(
            ports,
            Actor(Account("reviewer", "赵正言", "donghe", {"*": ["reviewer"]})),
            "objects",
            RowChange(SHOP),
        )
    with pytest.raises(FormsvcError, match="只由文书写入"):
        keep_row(ports, clerk, "entrustments", RowChange({"doc_no": "1"}))


def test_a_change_for_a_later_day_is_shown_from_that_day_on(ports: Ports, clerk: Actor) -> None:
    shop = added(ports, clerk)
    keep_row(ports, clerk, "objects", RowChange({"legal_rep": "王五"}, shop.row, day="2026-10-01"))
    assert read_row(ports, clerk, "objects", shop.row).values["legal_rep"] == "李春晖"

    class October:
        """A clock of ten days later."""

        def today(self) -> Any:
            return ports.clock.today().replace(month=10, day=1)

        def now(self) -> Any:
            return ports.clock.now().replace(month=10, day=1)

    later = replace(ports, clock=October())
    assert read_row(later, clerk, "objects", shop.row).values["legal_rep"] == "王五"
