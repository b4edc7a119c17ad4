"""A shop picked from the register while its name is typed, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from formsvc.demo.office import sample_actor
from formsvc.usecases.registers.row_changes import RowChange, keep_row
from tests.support.browser import Server, screens_of
from tests.support.memory_office import Office, make_office

SHOP = {
    "kind_party": "个体工商户", "name": "鹤鸣茶楼", "code": "92231202MAFAKE094M", "place_kind": "九小场所",
    "legal_rep": "韩鹤鸣", "phone": "0455-8123456", "addr": "北林区东河镇站前路3号", "village": "永兴村",
    "town": "东河镇", "risk": "一般",
}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Server]]:
    office = make_office(tmp_path_factory.mktemp("office"))
    clerk = sample_actor(office.ports, "staff")
    keep_row(office.ports, clerk, "objects", RowChange(SHOP))
    other = {**SHOP, "name": "和美超市", "code": "92231202MAFAKE103Y", "addr": "北林区东河镇中心街9号"}
    keep_row(office.ports, clerk, "objects", RowChange(other))
    with Server(office.app).running() as server:
        yield office, server


@pytest.fixture
def desk(browser: Browser, served: tuple[Office, Server]) -> Iterator[Page]:
    with screens_of(browser, served[1]) as screens:
        page = screens.sign_in("staff")
        page.goto("/forms/T14/new")
        yield page


def test_four_letters_and_enter_fill_in_a_shop(desk: Page) -> None:
    name = desk.get_by_role("combobox", name="名称（姓名）")
    name.press_sequentially("hmcl", delay=20)
    offered = desk.get_by_role("option", name="鹤鸣茶楼")
    expect(offered).to_have_attribute("aria-selected", "true")
    expect(offered.locator("mark").first).to_have_text("鹤鸣茶楼")
    expect(offered).to_contain_text("站前路3号")
    expect(offered).to_contain_text("本年查过0次")
    name.press("Enter")
    expect(name).to_have_value("鹤鸣茶楼")
    expect(desk.locator("[name=party_code]")).to_have_value("92231202MAFAKE094M")
    expect(desk.locator("[name=legal_rep]")).to_have_value("韩鹤鸣")
    expect(name).to_be_focused()
    # what was filled in may be changed; the register's content is one press away
    desk.locator("[name=legal_rep]").fill("韩小鹤")
    desk.locator("[name=legal_rep]").press("Tab")
    expect(desk.get_by_text("那里写的是")).to_contain_text("韩鹤鸣")
    desk.get_by_role("button", name="采用名录里的").click()
    expect(desk.locator("[name=legal_rep]")).to_have_value("韩鹤鸣")


def test_the_list_is_used_by_keys_and_gives_way_to_a_new_party(desk: Page) -> None:
    name = desk.get_by_role("combobox", name="名称（姓名）")
    name.fill("")
    name.press_sequentially("hm", delay=20)
    expect(desk.locator("[role=option]")).to_have_count(3)
    name.press("ArrowDown")
    expect(desk.locator("[role=option]").nth(1)).to_have_attribute("aria-selected", "true")
    name.press("Escape")
    expect(desk.get_by_role("listbox")).to_be_hidden()
    name.fill("新开的面馆")
    none = desk.get_by_role("option", name="名录里没有")
    expect(none).to_be_visible()
    none.click()
    expect(name).to_have_value("新开的面馆")
    expect(desk.get_by_role("listbox")).to_be_hidden()
