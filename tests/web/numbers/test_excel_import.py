"""The paper book from Excel: the template, every fault by row and column, a preview, all of it or nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from formsvc.demo.office import sample_actor
from formsvc.usecases.numbering import manual_entries, register
from formsvc.usecases.numbering.manual_entries import ManualEntry
from tests.support.memory_office import Office
from tests.support.page_client import Page, Visitor

Visit = Callable[[str], Visitor]
AT = "/numbers/sbd-xian/2026/import"
HEAD = ["文号", "类别", "文书名称", "当事人", "制作日期", "登记理由"]
FINE = ["5", "手写号", "责令限期改正通知书", "顺达货栈", "2026-03-05", "纸质号簿第2页"]


def workbook(*rows: list[Any], head: list[str] = HEAD) -> bytes:
    """A workbook as somebody filled it in."""
    book = Workbook()
    leaf = book.active
    assert leaf is not None
    for row in (head, *rows):
        leaf.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(visitor: Visitor, content: bytes) -> Page:
    """Choose the file and press 上传并预览."""
    visitor.open(AT)
    return visitor.press("上传并预览", book=(io.BytesIO(content), "号簿.xlsx"))


def numbers(office: Office) -> list[str]:
    """What stands in the register."""
    page = register.number_register(office.ports, "sbd-xian", 2026)
    assert page is not None
    return [row["text"].partition("〕")[2] for row in page.rows]


def faults(page: Page) -> list[str]:
    """The lines of the table of faults."""
    rows = [[" ".join("".join(td.itertext()).split()) for td in tr.iter("td")] for tr in page.tree.iter("tr")]
    return [" ".join(row) for row in rows[1:]]


def test_the_template_is_filled_in_and_comes_back(office: Office, visit: Visit) -> None:
    zhao = visit("approver")
    book = load_workbook(io.BytesIO(zhao.client.get(f"{AT}/template.xlsx").data))
    leaf, told = book.worksheets
    assert [cell.value for cell in leaf[1]] == HEAD
    for c, cell in enumerate(told[2], 1):
        leaf.cell(row=2, column=c, value=cell.value)
    out = io.BytesIO()
    book.save(out)
    page = upload(zhao, out.getvalue())
    assert page.h1 == "核对要登记的 1 个号"
    assert numbers(office) == [], "a preview writes nothing"
    page = zhao.press("全部登记")
    assert "已登记 1 个号：绥北（东）消限字〔2026〕第0005号" in page.text
    assert numbers(office) == ["第0005号"]


def test_cells_are_read_as_people_fill_them(office: Office, visit: Visit) -> None:
    rows: list[list[Any]] = [
        [5, "手写号", "通知书", None, datetime(2026, 3, 5), "第2页"],
        ["6.0", "补登", "通知书", "甲", "2026年3月6日", "第2页"],
        [None] * 6,
        ["第0007号", "手写号", "通知书", "乙", "2026/3/7", "第2页"],
        [7.0, "手写号", "通知书", "乙", "2026.3.7", "第2页"],
    ]
    zhao = visit("approver")
    page = upload(zhao, workbook(*rows))
    assert faults(page) == [
        "第 3 行 文号 “6.0”不是发文字号，请写成“北消安办〔2026〕1号”或“绥北（东）消限字〔2026〕第0001号”。",
        "第 6 行 文号 绥北（东）消限字〔2026〕第0007号在这一批里重复了。",
    ]
    rows[1][0], rows[4][0] = "6", "5-1"
    upload(zhao, workbook(*rows))
    zhao.press("全部登记")
    assert numbers(office) == ["第0005号", "第0005号之一", "第0006号", "第0007号"]


def test_days_are_read_as_in_the_forms(office: Office, visit: Visit) -> None:
    """One parser: what a form takes, a workbook takes; a day that lost its format is one in this column."""
    days: list[Any] = ["2026年3月5号", 20260305, 46086, "２０２６－３－５", "2026‑03‑05", "二〇二六年三月五日",
                       "2026-03-05 00:00:00", datetime(2026, 3, 5)]  # fmt: skip
    rows = [[n, "手写号", "通知书", "甲", day, "第2页"] for n, day in enumerate(days, 5)]
    zhao = visit("approver")
    book = load_workbook(io.BytesIO(workbook(*rows)))
    leaf = book.worksheets[0]
    leaf.insert_rows(1, 2)
    leaf["A1"], leaf["A3"] = "纸质号簿", "文号*"
    out = io.BytesIO()
    book.save(out)
    assert upload(zhao, out.getvalue()).h1 == f"核对要登记的 {len(days)} 个号"
    zhao.press("全部登记")
    page = register.number_register(office.ports, "sbd-xian", 2026)
    assert page is not None and {row["dated"] for row in page.rows} == {"2026-03-05"}
    wrong = [[20, "手写号", "通知书", "甲", day, "第2页"] for day in ("2026-02-30", "三月五日", 5)]
    assert len(faults(upload(zhao, workbook(*wrong)))) >= 3


def test_every_fault_is_named_and_nothing_is_entered(office: Office, visit: Visit) -> None:
    manual_entries.record_entries(
        office.ports, sample_actor(office.ports, "approver"), "sbd-xian", 2026,
        [ManualEntry("5", "handwritten", "通知书", "甲", "2026-03-05", "第1页")],
    )  # fmt: skip
    page = upload(
        visit("approver"),
        workbook(
            ["6", *FINE[1:]],
            FINE,
            ["7", "现场已用", *FINE[2:]],
            ["8", "补登", "", "", "2026-02-30", ""],
            ["绥北（东）消限字〔2025〕第0009号", *FINE[1:4], "2026-12-01", FINE[5]],
        ),
    )
    assert page.status == 422
    told = faults(page)
    assert told[0].startswith(
        "第 3 行 文号 绥北（东）消限字〔2026〕第0005号已在号簿中（手写号）：通知书、甲、2026年3月5日。"
    )
    assert [line.split(" ")[3] for line in told] == [
        "文号", "类别", "文书名称", "制作日期", "登记理由", "文号", "制作日期",
    ]  # fmt: skip
    assert [line[:5] for line in told] == ["第 3 行"] + ["第 4 行"] + ["第 5 行"] * 3 + ["第 6 行"] * 2
    assert "这个工作簿有 7 处要更正，一行也没有登记。" in page.text
    assert numbers(office) == ["第0005号"]


def test_somebody_who_came_between_preview_and_entry_is_named(office: Office, visit: Visit) -> None:
    zhao = visit("approver")
    upload(zhao, workbook(FINE, ["6", *FINE[1:]]))
    manual_entries.record_entries(
        office.ports, sample_actor(office.ports, "approver"), "sbd-xian", 2026,
        [ManualEntry("5", "handwritten", "通知书", "甲", "2026-03-05", "第1页")],
    )  # fmt: skip
    page = zhao.press("全部登记")
    assert page.status == 422
    assert "第0005号已在号簿中" in page.text
    assert numbers(office) == ["第0005号"]


def test_gaps_stand_in_the_preview(visit: Visit) -> None:
    page = upload(visit("approver"), workbook(FINE, ["9", *FINE[1:]]))
    assert "以下 3 个号会成为空缺，须另行说明：6–8" in page.text


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "请选择填好的 Excel 文件。"),
        (b"PK\x03\x04 no workbook", "这个文件不是能够读取的 Excel 工作簿"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "这个文件不是能够读取的 Excel 工作簿"),
        (workbook(), "这个工作簿里没有填任何一行。"),
        (workbook(FINE[1:], head=HEAD[1:]), "工作表“Sheet”第1行缺少列：文号。"),
        (workbook(*[[str(n), *FINE[1:]] for n in range(5, 2006)]), "一次最多登记 2000 行。"),
    ],
)
def test_what_is_no_filled_in_workbook_is_refused(visit: Visit, content: bytes, wrong: str) -> None:
    page = upload(visit("approver"), content)
    assert page.status == 422
    assert page.errors[0].startswith(wrong)


@pytest.mark.parametrize("papers", ["", "{}", "[1]", '[{"n": 1}]', "[]"])
def test_a_preview_that_was_tampered_with_is_refused(office: Office, visit: Visit, papers: str) -> None:
    zhao = visit("approver")
    upload(zhao, workbook(FINE))
    assert zhao.press("全部登记", papers=papers).status == 422
    assert numbers(office) == []


def test_staff_import_nothing(visit: Visit) -> None:
    staff = visit("staff")
    assert staff.open(AT).status == 403
    assert staff.client.get(f"{AT}/template.xlsx").status_code == 403
