"""The lists of acts, cases and due items as workbooks: all pages of what the page lists, with typed cells."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime

import openpyxl
import pytest

from formsvc.usecases.exports import list_sheets
from formsvc.usecases.ports import Condition
from tests.proofs.overdue_cases import fill
from tests.support.memory_office import Office
from tests.support.page_client import Page, Visitor


def rows_of(visitor: Visitor, path: str) -> list[tuple[object, ...]]:
    """The head and the lines of a workbook, without what stands above them."""
    book = openpyxl.load_workbook(io.BytesIO(visitor.client.get(path).data))
    rows = list(book.active.iter_rows(values_only=True))  # type: ignore[union-attr]
    return [row for row in rows if row[1] is not None]


def link_of(page: Page) -> str:
    """The address behind 导出 Excel."""
    return next(str(a.get("href")) for a in page.tree.iter("a") if "export.xlsx" in str(a.get("href")))


@pytest.fixture
def filled(office: Office) -> Office:
    """The sample office with sixty cases of three documents, all overdue."""
    office.clock.moment = office.clock.moment.replace(year=2028)
    fill(office.ports, 60)
    return office


@pytest.mark.parametrize(
    ("path", "number", "day"),
    [("/acts", 180, 4), ("/acts?form=T22", 60, 4), ("/cases", 60, 1), ("/due?which=all", 240, None), ("/due?which=all&form=T22", 120, None)],
)  # fmt: skip
def test_a_workbook_has_the_lines_of_all_pages_of_the_filter(
    filled: Office, visit: Callable[[str], Visitor], path: str, number: int, day: int | None
) -> None:
    admin = visit("admin")
    page = admin.open(path)
    assert f"共 {number} " in page.text
    head, *lines = rows_of(admin, link_of(page))
    assert len(lines) == number
    assert "当事人" in head
    if day is not None:
        assert all(isinstance(line[day], datetime) for line in lines)
    else:
        assert all(isinstance(line[1], int) for line in lines if line[0])
    with filled.ports.store.read() as tx:
        events = tx.events.find(Condition("kind", "==", "Viewed"))
    assert events[-1]["note"].endswith(f"{number} 行")


def test_the_words_of_a_search_narrow_the_workbook(filled: Office, visit: Callable[[str], Visitor]) -> None:
    admin = visit("admin")
    admin.open("/acts")
    page = admin.press("筛选文书", {"text": "虚构7号"})
    (_head, *lines) = rows_of(admin, link_of(page))
    assert {line[2] for line in lines} == {"东河镇虚构7号副食商店"}


def test_who_may_see_no_documents_gets_none_in_a_workbook(
    filled: Office, visit: Callable[[str], Visitor]
) -> None:
    with filled.ports.store.write() as tx:
        for record in tx.acts.find(Condition("form", "==", "T22")):
            tx.acts.replace(record["id"], {**record, "confidential": True})
    (_head, *lines) = rows_of(visit("reviewer"), "/acts/export.xlsx?form=T22")
    shown = visit("reviewer").open("/acts?form=T22").text
    assert f"共 {len(lines)} 件" in shown


def test_a_workbook_that_leaves_lines_out_says_so(
    filled: Office, visit: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_sheets, "MOST_COMPUTED", 100)
    content = visit("admin").client.get("/due/export.xlsx?which=all").data
    book = openpyxl.load_workbook(io.BytesIO(content))
    texts = [str(cell.value) for row in book.active.iter_rows(max_row=4) for cell in row]  # type: ignore[union-attr]
    assert any("符合条件的有 240 行，只写出前 100 行" in text for text in texts)
