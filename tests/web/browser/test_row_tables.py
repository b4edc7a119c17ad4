"""A table of two hundred lines in a real browser: quick under the hand, pasted into, one block a line on a phone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from formsvc.demo.office import sample_actor
from formsvc.usecases.drafting import drafts
from tests.support.browser import Server, screens_of
from tests.support.made_up_kinds import MadeUpKindsOnly, kind, office_with
from tests.support.memory_office import PASSWORD

# seconds for one action on any machine that runs the tests; a quiet one of today takes a sixth
BOUND = 6.0
ITEMS: dict[str, Any] = {
    "key": "items", "label": "器材", "kind": "rows", "total": ["amount"],
    "columns": [
        {"key": "name", "label": "名称", "kind": "text", "max": 20, "required": True},
        {"key": "count", "label": "数量", "kind": "integer"},
        {"key": "amount", "label": "金额", "kind": "money"},
        {"key": "bought", "label": "购置日期", "kind": "date"},
        {"key": "state", "label": "状态", "kind": "choice", "choices": ["完好", "待修"]},
    ],
}  # fmt: skip


SPOTS: dict[str, Any] = {
    "key": "spots", "label": "位置", "kind": "rows",
    "columns": [
        {"key": "place", "label": "何处", "kind": "text"},
        {"key": "parts", "label": "配件", "kind": "rows", "columns": ITEMS["columns"][:2]},
    ],
}  # fmt: skip


@contextmanager
def table_of(browser: Browser, folder: Path, lines: int) -> Iterator[tuple[Server, str]]:
    """Serve a draft with a table of so many lines; answers its address, too."""
    source = kind("X62", "器材登记表", ITEMS, SPOTS, numbering={"style": "none"})
    office, _ = office_with(folder, [source], MadeUpKindsOnly())
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    act = drafts.open_blank_form(ports, staff, "X62")
    rows: list[dict[str, Any]] = [
        {"name": f"灭火器{n}", "count": n, "amount": f"{n}.50", "bought": "2026-01-05", "state": "完好"}
        for n in range(1, lines + 1)
    ]
    drafts.save_answers(
        ports,
        staff,
        act.id,
        {**act.answers, "items": rows, "spots": [{"place": "一楼", "parts": [{"name": "水带"}]}]},
        version=act.version,
    )
    with Server(office.app).running() as server:
        yield server, f"/drafts/{act.id}"


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("office")
    with table_of(browser, folder, 3) as (server, address), screens_of(browser, server) as screens:
        desk = screens.sign_in("staff")
        desk.goto(address)
        yield desk


def test_a_new_line_is_one_like_the_others(page: Page) -> None:
    last = page.locator("#f-items-2-amount")
    last.fill("1000")
    with page.expect_response(lambda r: r.request.method == "POST"):
        last.press("Tab")
    expect(page.locator("[data-total='items.amount']")).to_have_text("1,004.00元")
    page.locator("#f-items-2-count").press("Enter")
    expect(page.locator("#f-items-3-name")).to_be_focused()
    page.keyboard.type("新购")
    page.locator("#f-items-3-bought").fill("2026-9-18")
    expect(page.get_by_role("button", name="日历 购置日期")).to_be_visible()
    page.locator("#f-items-3-count").fill("两具")
    page.keyboard.press("Tab")
    expect(page.locator("#f-items-3-count-error")).to_have_text("数量：“两具”不是数字。")
    page.locator("#f-items-3-count").fill("2")
    page.keyboard.press("Tab")
    expect(page.locator("#f-items-3-count-error")).to_be_hidden()
    expect(page.locator("#f-items [data-row-count]")).to_have_text("4 行")
    page.locator("#f-items").get_by_label("第 4 行的操作").click()
    page.locator("#f-items").get_by_role("button", name="上移第 4 行").click()
    expect(page.locator("#f-items-2-name")).to_have_value("新购")


def test_rows_within_a_row_take_new_lines_and_cells_from_a_spreadsheet(page: Page) -> None:
    page.locator("#f-spots-0-parts-0-count").press("Enter")
    expect(page.locator("#f-spots-0-parts-1-name")).to_be_focused()
    page.evaluate(
        """() => {
        const cells = new DataTransfer();
        cells.setData("text/plain", "水泵\\t3\\n水枪\\t四");
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: cells, bubbles: true, cancelable: true}));
        }"""
    )
    expect(page.locator("#f-spots-0-parts-2-name")).to_have_value("水枪")
    expect(page.locator("#f-spots-0-parts-2-count-error")).to_contain_text(
        "第 1 行 › 第 3 小行 › 数量：“四”不是数字。"
    )


def test_on_a_phone_each_line_is_a_block_with_the_names_of_its_fields(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    cells = page.evaluate(
        "[...document.querySelectorAll('#f-items-0 td[data-label]')].map(cell => "
        "[getComputedStyle(cell, '::before').content, cell.getBoundingClientRect().width > 250])"
    )
    assert cells == [[f'"{column["label"]}"', True] for column in ITEMS["columns"]]
    assert page.locator("#f-items").get_by_role("button", name="删除第 1 行", exact=True).is_visible()


@pytest.mark.slow
def test_two_hundred_lines_are_filled_without_waiting(browser: Browser, tmp_path: Path) -> None:
    # without the watch on each page as it settles, which takes seconds for one of this size
    with (
        table_of(browser, tmp_path, 199) as (server, address),
        browser.new_context(base_url=server.address) as window,
    ):
        page = window.new_page()
        page.goto("/sign-in")
        page.locator("[name=name]").fill("staff")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url("**/")
        times: dict[str, float] = {}
        with timed(times, "open"):
            page.goto(address)
        last = page.locator("#f-items-198-name")
        with timed(times, "type"):
            last.press_sequentially("甲")
        with timed(times, "save"), page.expect_response(lambda r: r.request.method == "POST"):
            last.press("Tab")
        with timed(times, "add"):
            page.locator("[value='add.items']").click()
            expect(page.locator("#f-items-199-name")).to_be_focused()
        print(times)
        assert max(times.values()) < BOUND, times


@contextmanager
def timed(times: dict[str, float], what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    times[what] = round(time.perf_counter() - began, 2)
