"""The yearly register on paper: every number with what became of it, in both styles of numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.domain.numbering.register import Voiding
from formsvc.usecases import operator
from formsvc.usecases.context import Ports
from formsvc.usecases.numbering import issue, manual_entries, register, reservations
from formsvc.usecases.numbering.accounting import Accounting, account_for
from formsvc.usecases.numbering.manual_entries import ManualEntry
from formsvc.usecases.numbering.register_export import build_sheet, sheet_metadata
from formsvc.usecases.numbering.reservations import Reservation
from formsvc.usecases.ports import RegisterSheet
from tests.support.approved_acts import township_notice
from tests.support.document_text import pdf_pages, squeezed, word_paragraphs
from tests.support.sample_office import CASES, furnished

TOWNSHIP = "绥化市北林区东河镇人民政府"
STYLES = {"dong-fa": ("东政发〔2026〕{}号", 6), "dong-jian": ("东消检字〔2026〕第{:04d}号", 1)}
PAPERS = 40


def an_act(ports: Ports, series: str) -> Act:
    """One more act of the series, issued."""
    form, answers = {
        "dong-fa": ("T07", dict(CASES["EX03"]["fields"])),
        "dong-jian": ("T14", township_notice()),
    }[series]
    return operator.issue_at_once(
        ports, sample_actor(ports, "staff"), sample_actor(ports, "approver"), form, answers
    )


def fill(ports: Ports, series: str) -> None:
    """A register with a number of every kind, and one nobody has explained yet."""
    zhao, first = sample_actor(ports, "approver"), STYLES[series][1]
    an_act(ports, series)
    wrong = an_act(ports, series)
    issue.void_act(ports, zhao, wrong.id, voiding=Voiding("当事人名称写错", "周批准", "已用印未送达", True))
    officer = reservations.certified_officers(ports)[0]["id"]
    wish = Reservation(4, officer, "夜查沿街商铺", "2026-11-26")
    block = [row["id"] for row in reservations.reserve(ports, zhao, series, wish)]
    told = (
        Accounting("used", "现场检查通知", "顺达货栈", "2026-11-23"),
        Accounting("spoilt", note="雨水浸湿，已盖作废章"),
        Accounting("lost", note="途中遗失，已声明"),
    )
    for key, accounting in zip(block, told, strict=False):
        account_for(ports, zhao, key, accounting)
    after = first + 6
    book = [
        ManualEntry(
            str(after + k), "handwritten", f"纸质文书{k}", f"第{k}户", "2026-11-23", f"纸质号簿第{k}页"
        )
        for k in range(1, PAPERS)
    ]
    late = ManualEntry(
        str(after + PAPERS + 2), "backfilled", "漏登文书", "福满家", "2026-11-23", "停电期间手写"
    )
    sub = ManualEntry(f"{after + 1}-1", "handwritten", "附件文书", "第1户", "2026-11-23", "分号")
    manual_entries.record_entries(ports, zhao, series, 2026, [*book, late, sub])
    at = after + PAPERS
    manual_entries.explain_gap(ports, zhao, series, 2026, at, at, "试打，原件已销毁")


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    """An office with two registers."""
    made = furnished(tmp_path_factory.mktemp("register"))
    for series in STYLES:
        fill(made, series)
    yield made


def sheet(ports: Ports, series: str) -> RegisterSheet:
    """The register as a sheet."""
    page = register.number_register(ports, series, 2026)
    assert page is not None
    return build_sheet(ports, sample_actor(ports, "approver"), page, TOWNSHIP)


def expected(series: str) -> list[tuple[int, str, str]]:
    """Number, state and part of the explanation of the rows that differ from one another."""
    first = STYLES[series][1]
    at = first + 6 + PAPERS
    return [
        (first, "已用", "编号"),
        (first + 1, "作废", "当事人名称写错，已用印未送达，周批准批准"),
        (first + 2, "现场已用", "核销为现场已用"),
        (first + 3, "空白损毁", "雨水浸湿，已盖作废章"),
        (first + 4, "空白遗失", "途中遗失，已声明"),
        (first + 5, "已领未核销", "应在11月26日前核销"),
        (first + 6, "空缺", "没有登记，原因不明"),
        (first + 7, "手写号", "纸质号簿第1页"),
        (at - 1, "手写号", f"纸质号簿第{PAPERS - 1}页"),
        (at, "空号", "试打，原件已销毁"),
        (at + 1, "空缺", "没有登记，原因不明"),
        (at + 2, "补登", "停电期间手写"),
    ]


@pytest.mark.parametrize("series", STYLES)
def test_the_printed_register_explains_every_number(ports: Ports, series: str) -> None:
    page = sheet(ports, series)
    pdf = ports.renderer.pdf(ports.register_documents.register_word(page), sheet_metadata(page), final=True)
    pages = [squeezed(text) for text in pdf_pages(pdf)]
    assert len(pages) > 2
    for text in pages[:-1]:
        assert "文号文书名称当事人日期状态说明" in text, "the head stands on each page"
    whole = re.sub(r"—\d+—|文号文书名称当事人日期状态说明", "", "".join(pages))
    pattern = STYLES[series][0]
    for n, state, told in expected(series):
        after = whole.partition(squeezed(pattern.format(n)))[2].partition(squeezed(pattern.format(n + 1)))[0]
        assert state in after, (n, after)
        assert squeezed(told) in after, (n, after)
    last = STYLES[series][1] + 6 + PAPERS + 2
    for n in range(STYLES[series][1], last + 1):
        assert squeezed(pattern.format(n)) in whole
    assert squeezed(pattern.format(STYLES[series][1] + 7)) + "之一" in whole
    assert f"本册共{6 + PAPERS + 4}个号" in whole
    assert "原因不明2个" in whole
    assert "2026年11月23日由" in whole


def lines_of(pdf: bytes) -> list[list[str]]:
    """The lines of each page as they stand on it."""
    return [[squeezed(line) for line in page.splitlines()] for page in pdf_pages(pdf)]


@pytest.mark.parametrize("rows", [*range(1, 15), 46])
def test_whoever_signs_the_register_signs_below_a_number_of_it(ports: Ports, rows: int) -> None:
    whole = sheet(ports, "dong-jian")
    page = replace(whole, lines=whole.lines[:rows])
    pdf = ports.renderer.pdf(ports.register_documents.register_word(page), sheet_metadata(page), final=True)
    signed = [lines for lines in lines_of(pdf) if any("登记人：" in line for line in lines)]
    assert len(signed) == 1
    assert any("〔2026〕第" in line for line in signed[0]), signed[0]
    assert any(line.startswith("本册共") for line in signed[0])


def test_no_day_is_broken_over_two_lines(ports: Ports) -> None:
    page = sheet(ports, "dong-jian")
    pdf = ports.renderer.pdf(ports.register_documents.register_word(page), sheet_metadata(page), final=True)
    lines = [line for page_lines in lines_of(pdf) for line in page_lines]
    assert not [line for line in lines if line in ("日", "月") or re.match(r"日[^期]?$", line)]
    assert sum("2026年11月23日" in line for line in lines) >= PAPERS


def test_every_line_of_the_sheet_has_an_explanation(ports: Ports) -> None:
    for series in STYLES:
        page = sheet(ports, series)
        assert all(line[0] and line[4] and line[5] for line in page.lines)
        assert all(len(line) == len(page.head) for line in page.lines)


def test_word_and_workbook_say_the_same(ports: Ports) -> None:
    page = sheet(ports, "dong-jian")
    word = [squeezed(text) for text in word_paragraphs(ports.register_documents.register_word(page))]
    leaf = load_workbook(io.BytesIO(ports.register_documents.register_excel(page))).worksheets[0]
    rows = [tuple(str(value or "") for value in row) for row in leaf.iter_rows(min_row=4, values_only=True)]
    assert rows == [page.head, *page.lines]
    assert leaf.print_title_rows == "$4:$4"
    for line in page.lines:
        assert squeezed(line[0]) in word
        assert squeezed(line[5]) in word


def test_a_formula_in_a_name_stays_a_text(ports: Ports) -> None:
    evil = RegisterSheet(
        "簿", "镇", "东", ("甲",) * 6, (("=1+1", '=HYPERLINK("x")', "<w:p>", "&", "", ""),), "", ""
    )
    leaf = load_workbook(io.BytesIO(ports.register_documents.register_excel(evil))).worksheets[0]
    assert (leaf["A5"].data_type, leaf["B5"].data_type) == ("s", "s")
    assert "<w:p>" in word_paragraphs(ports.register_documents.register_word(evil))


def test_characters_that_no_file_can_hold_do_not_break_it(ports: Ports) -> None:
    """A reason pasted from Word holds a break that is seen nowhere; a program may send anything."""
    odd = RegisterSheet(
        "簿", "镇", "东", ("甲",) * 6, (("停电\x0b手写", "a\x01b\x1f", "", "", "", "\ufffe"),), "", ""
    )
    leaf = load_workbook(io.BytesIO(ports.register_documents.register_excel(odd))).worksheets[0]
    assert (leaf["A5"].value, leaf["B5"].value) == ("停电\n手写", "ab")
    assert "ab" in word_paragraphs(ports.register_documents.register_word(odd))


def test_the_same_register_gives_the_same_file(ports: Ports) -> None:
    page = sheet(ports, "dong-fa")
    assert ports.register_documents.register_word(page) == ports.register_documents.register_word(page)
