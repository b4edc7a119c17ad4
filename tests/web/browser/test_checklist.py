"""The checklist of an inspection record in a real browser: presses, keys, exceptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from formsvc.demo.office import sample_actor
from formsvc.usecases.drafting import drafts
from tests.support.browser import Server, screens_of
from tests.support.memory_office import Office


@pytest.fixture
def record(
    browser: Browser, served: tuple[Office, Server], remove_acts: Callable[[], None]
) -> Iterator[Page]:
    """A new record of a small shop: 25 items."""
    with screens_of(browser, served[1]) as screens:
        page = screens.sign_in("staff")
        remove_acts()
        page.goto("/forms/T15/new")
        page.locator("#f-place_nature").select_option("九小场所")
        expect(page.locator("[data-checklist-progress]")).to_have_text("已定 0 / 25")
        yield page


def results(page: Page, office: Office) -> dict[str, str]:
    act_id = str(page.locator("#draft").get_attribute("data-draft"))
    answers = drafts.load_draft(office.ports, sample_actor(office.ports, "staff"), act_id).act.answers
    return {row["code"]: row["result"] for row in answers["items"]}


def test_twenty_five_items_in_order_take_two_presses(record: Page, served: tuple[Office, Server]) -> None:
    presses = 0
    for press in (
        record.get_by_role("radiogroup", name="消防验收、竣工验收备案").get_by_role("radio", name="已备案"),
        record.get_by_role("button", name="其余 24 项全部合格"),
    ):
        press.click()
        presses += 1
    expect(record.locator("[data-checklist-progress]")).to_have_text("已定 25 / 25")
    expect(record.locator("[data-save-state]")).to_contain_text("已保存")
    assert presses <= 6 and len(results(record, served[0])) == 25
    expect(record.locator("[data-rest]")).to_be_hidden()
    record.get_by_role("button", name="撤销这一步").click()
    expect(record.locator("[data-checklist-progress]")).to_have_text("已定 1 / 25")


def test_figures_and_arrows_choose_and_delete_takes_back(record: Page) -> None:
    exits = record.get_by_role("radiogroup", name="安全出口")
    exits.get_by_role("radio").first.focus()
    record.keyboard.press("1")
    expect(exits.get_by_role("radio", name="畅通")).to_be_checked()
    expect(record.locator("[data-checklist-progress]")).to_have_text("已定 1 / 25")
    record.keyboard.press("Delete")
    expect(exits.locator("input:checked")).to_have_count(0)
    expect(record.locator("[data-checklist-progress]")).to_have_text("已定 0 / 25")
    record.keyboard.press("2")
    # what is wrong is asked at once; the key goes on where it was
    expect(record.locator("#f-hazards-0-desc")).to_be_visible()
    expect(exits.get_by_role("radio", name="堵塞")).to_be_focused()
    expect(record.locator("#f-hazards-0-v_code")).to_have_value("V04")
    expect(record.locator("#f-hazards-0-v_code option:checked")).to_contain_text("V04 ")
    record.keyboard.press("ArrowLeft")
    expect(record.locator("#f-hazards-0-desc")).to_have_count(0)
    expect(exits.get_by_role("radio", name="畅通")).to_be_checked()
    record.get_by_role("button", name="只看未定的").click()
    expect(exits).to_be_hidden()
    expect(record.get_by_role("radiogroup", name="消防车通道")).to_be_visible()
