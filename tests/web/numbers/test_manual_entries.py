"""Numbers of the paper book entered into the register, sub-numbers, and gaps explained."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.numbering.document_number import NumberSeries, NumberStyle
from formsvc.errors import InputRefused
from formsvc.usecases.numbering import manual_entries, register
from formsvc.usecases.numbering.manual_entries import ManualEntry, parse_position
from formsvc.usecases.numbering.rows import NumberRow
from tests.support.issued_acts import ORDER_NUMBER, before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

Visit = Callable[[str], Visitor]
XIAN = NumberSeries("x", "brigade", ("T22",), "绥北（东）消限字", NumberStyle.ENFORCEMENT)
PAPER = {
    "number": "3", "kind": "handwritten", "title": "责令限期改正通知书", "party": "顺达货栈",
    "dated": "2026-03-05", "reason": "启用前纸质号簿第2页",
}  # fmt: skip


def paper(n: str, **other: str) -> ManualEntry:
    """A paper of the book."""
    return ManualEntry(**{**PAPER, "number": n, **other})


def rows(office: Office, series: str = "sbd-xian") -> list[NumberRow]:
    """The register's rows."""
    page = register.number_register(office.ports, series, 2026)
    assert page is not None
    return page.rows


def enter(office: Office, *papers: ManualEntry, series: str = "sbd-xian") -> list[NumberRow]:
    """Enter papers as 签发人赵刚."""
    return manual_entries.record_entries(
        office.ports, sample_actor(office.ports, "approver"), series, 2026, papers
    )


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("5", (5, 0)),
        ("０００５", (5, 0)),
        ("第0005号", (5, 0)),
        ("5-1", (5, 1)),
        ("第0005号之二", (5, 2)),
        ("绥北(东)消限字[2026]第5号", (5, 0)),
        ("绥北（东）消限字〔2026〕第0005号之一", (5, 1)),
        ("绥北（东）消限字〔2026〕第0005号-12", (5, 12)),
    ],
)
def test_a_number_is_read_however_it_was_written(typed: str, wanted: tuple[int, int]) -> None:
    assert parse_position(XIAN, 2026, typed) == wanted


@pytest.mark.parametrize(
    "typed", ["", "0", "五", "5号之", "绥北（东）消限字〔2025〕第0005号", "绥北（东）消即字〔2026〕第0005号"]
)
def test_what_is_no_number_of_the_series_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="文号|字号"):
        parse_position(XIAN, 2026, typed)


def test_a_paper_is_entered_on_the_page(office: Office, visit: Visit) -> None:
    zhao = visit("approver")
    zhao.open("/numbers/sbd-xian/2026/enter?n=4")
    page = zhao.press("登记这个号", {**PAPER, "number": "4"})
    assert "已登记 绥北（东）消限字〔2026〕第0004号（手写号）" in page.text
    assert "手写号，9月21日赵刚登记：启用前纸质号簿第2页" in page.text
    assert f"下一个 {ORDER_NUMBER}" in page.text


def test_gaps_that_an_entry_would_leave_are_told_first(office: Office, visit: Visit) -> None:
    zhao = visit("approver")
    zhao.open("/numbers/sbd-xian/2026/enter")
    page = zhao.press("登记这个号", {**PAPER, "number": "8"})
    assert "以下 3 个号会成为空缺" in page.text
    assert rows(office) == []
    page = zhao.press("登记这个号")
    assert "原因不明：5–7" in page.text


def test_a_number_of_somebody_else_is_refused_and_named(office: Office, visit: Visit) -> None:
    before_the_order(office)
    order(office)
    zhao = visit("approver")
    zhao.open("/numbers/sbd-xian/2026/enter")
    page = zhao.press("登记这个号", {**PAPER, "number": "5"})
    assert page.status == 422
    assert page.errors[0].startswith(
        f"{ORDER_NUMBER}已在号簿中（已用）：责令限期改正通知书、北林区东河镇福满家"
    )
    assert len(rows(office)) == 1


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"number": "五"}, "“五”不是发文字号"),
        ({"kind": "used"}, "类别应当是"),
        ({"title": ""}, "请填写文书名称。"),
        ({"dated": "2025-12-31"}, "制作日期不在2026年"),
        ({"dated": "2026-09-22"}, "制作日期晚于今天。"),
        ({"reason": ""}, "请写明登记理由"),
        ({"number": "5000"}, "绥北（东）消限字〔2026〕第5000号比最后的号大得太多。"),
        ({"number": "4-1"}, "登记绥北（东）消限字〔2026〕第0004号之一之前"),
    ],
)
def test_an_entry_must_be_whole(office: Office, visit: Visit, typed: dict[str, str], wrong: str) -> None:
    zhao = visit("approver")
    zhao.open("/numbers/sbd-xian/2026/enter")
    page = zhao.press("登记这个号", {**PAPER, **typed})
    assert page.status == 422
    assert [error.startswith(wrong) for error in page.errors] == [True]
    assert rows(office) == []


def test_sub_numbers_follow_their_number_one_by_one(office: Office) -> None:
    enter(office, paper("4"), paper("4-1"), paper("第0004号之二"))
    assert [row["text"] for row in rows(office)] == [
        "绥北（东）消限字〔2026〕第0004号",
        "绥北（东）消限字〔2026〕第0004号之一",
        "绥北（东）消限字〔2026〕第0004号之二",
    ]
    with pytest.raises(InputRefused, match="要先有它前面的号"):
        enter(office, paper("4-4"))
    page = register.number_register(office.ports, "sbd-xian", 2026)
    assert page is not None
    assert page.gaps == []


def test_many_are_entered_together_or_not_at_all(office: Office) -> None:
    with pytest.raises(InputRefused, match="重复"):
        enter(office, paper("5"), paper("6"), paper("第0006号"))
    assert rows(office) == []
    enter(office, paper("5"), paper("6"))
    assert [row["n"] for row in rows(office)] == [5, 6]


def test_acts_go_on_after_the_last_number_of_the_book(office: Office) -> None:
    before_the_order(office)
    enter(office, paper("5"), paper("6"))
    assert order(office).number == "绥北（东）消限字〔2026〕第0007号"


def test_days_that_run_against_the_numbers_are_told(office: Office) -> None:
    enter(office, paper("5", dated="2026-03-05"), paper("7", dated="2026-03-09"))
    staff = sample_actor(office.ports, "approver")
    found = manual_entries.check_entries(
        office.ports, staff, "sbd-xian", 2026, [paper("6", dated="2026-03-10")]
    )
    assert found.checks[0].notices == ("日期晚于后面的绥北（东）消限字〔2026〕第0007号。",)


def test_a_gap_is_explained_and_filled_when_its_paper_turns_up(office: Office, visit: Visit) -> None:
    enter(office, paper("5"), paper("9"))
    zhao = visit("approver")
    page = zhao.open("/numbers/sbd-xian/2026")
    zhao.open(page.links()["说明第 6 至 8 号"])
    page = zhao.press("说明空号", reason="系统启用前试打，原件已销毁")
    assert "已说明 3 个空号" in page.text
    assert "原因不明" not in page.text
    assert "空号，9月21日赵刚说明：系统启用前试打，原件已销毁" in page.text
    enter(office, paper("7", kind="backfilled", reason="文书在档案室找到"))
    page = zhao.open("/numbers/sbd-xian/2026")
    assert "说明：系统启用前试打，原件已销毁；补登，9月21日赵刚登记：文书在档案室找到" in page.text
    assert [row["state"] for row in rows(office)] == [
        "handwritten", "skipped", "backfilled", "skipped", "handwritten",
    ]  # fmt: skip


@pytest.mark.parametrize(("first", "last"), [("5", "5"), ("6", "9"), ("8", "6"), ("20", "21"), ("六", "七")])
def test_only_gaps_are_explained(office: Office, visit: Visit, first: str, last: str) -> None:
    enter(office, paper("5"), paper("9"))
    zhao = visit("approver")
    zhao.open("/numbers/sbd-xian/2026/explain")
    page = zhao.press("说明空号", first=first, last=last, reason="试打")
    assert page.status == 422
    assert "不都是没有登记的号" in page.text
    assert len(rows(office)) == 2


def test_staff_enter_nothing(visit: Visit) -> None:
    staff = visit("staff")
    assert staff.open("/numbers/sbd-xian/2026/enter").status == 403
    assert staff.open("/numbers/sbd-xian/2026/explain").status == 403
    assert "登记纸质文号" not in staff.open("/numbers/sbd-xian/2026").text
