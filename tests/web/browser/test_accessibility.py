"""Every page as axe-core sees it, and at the widths of a telephone, of large text and of a zoomed screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, State
from formsvc.usecases.drafting import drafts
from formsvc.usecases.registers.row_changes import RowChange, keep_row
from tests.support.browser import Server, screens_of
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import Office, make_office
from tests.support.page_addresses import addresses
from tests.support.page_client import Visitor

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
# of a telephone, of 1366 at 200 %, of 1366 at 125 %, of the usual desk
WIDTHS = (390, 683, 1093, 1366)
MOST_USED = (
    "/", "/forms", "/drafts/{draft}", "/acts", "/acts/{act}", "/approval/{waiting}", "/numbers", "/cases",
    "/registers/objects", "/statistics",
)  # fmt: skip
SHOP = {
    "kind_party": "个体工商户", "name": "鹤鸣茶楼", "code": "92231202MAFAKE094M", "place_kind": "九小场所",
    "legal_rep": "韩鹤鸣", "phone": "0455-8123456", "addr": "北林区东河镇站前路3号", "village": "永兴村",
    "town": "东河镇", "risk": "一般",
}  # fmt: skip
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
    v => `${v.id}: ${v.nodes.map(n => n.html.slice(0, 160)).slice(0, 3).join(" | ")}`)"""
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > width + 1)
    .slice(0, 3).map(e => e.outerHTML.slice(0, 120));
}"""


@dataclass(frozen=True)
class Place:
    """An office with something on each of its pages."""

    office: Office
    server: Server
    act: Act
    draft: Act
    waiting: Act

    def address(self, pattern: str) -> str:
        return pattern.format(draft=self.draft.id, act=self.act.id, waiting=self.waiting.id)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    office = make_office(tmp_path_factory.mktemp("office"))
    clerk = sample_actor(office.ports, "staff")
    keep_row(office.ports, clerk, "objects", RowChange(SHOP))
    before_the_order(office)
    act = order(office)
    waiting = order(office, State.SUBMITTED)
    draft = drafts.open_form(office.ports, clerk, "T15")
    with Server(office.app).running() as server:
        yield Place(office, server, act, draft, waiting)


def faults_of(page: Page, address: str) -> list[str]:
    """What axe-core finds on an open page, and where it is too wide."""
    page.evaluate(AXE)
    faults = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 768})
        faults += [f"{address} at {width}: {element}" for element in page.evaluate(TOO_WIDE)]
    faults += [f"{address}: {violation}" for violation in page.evaluate(RUN)]
    return faults


def pages_of(place: Place, client: Any) -> Iterator[str]:
    """Addresses that are answered with a page: of an act that is issued, one in review, and a draft."""
    known = set()
    for act in (place.act, place.draft, place.waiting):
        for endpoint, address in addresses(place.office, act):
            if address.startswith("/api/") or address in known or endpoint.endswith(("sign_out", "set_up")):
                continue
            known.add(address)
            answer = client.get(address)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                yield address


def test_the_pages_used_most_have_no_fault(browser: Browser, place: Place) -> None:
    with screens_of(browser, place.server) as screens:
        faults = []
        for name, wanted in (("staff", MOST_USED[:5]), ("approver", MOST_USED[5:])):
            page = screens.sign_in(name)
            for pattern in wanted:
                page.goto(place.address(pattern))
                faults += faults_of(page, pattern)
        assert not faults, "\n".join(faults)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["staff", "approver", "admin"])
def test_no_page_has_a_fault(browser: Browser, place: Place, name: str) -> None:
    visitor = Visitor(place.office.app)
    visitor.sign_in(name)
    with screens_of(browser, place.server) as screens:
        page = screens.sign_in(name)
        faults, looked_at = [], 0
        for address in pages_of(place, visitor.client):
            page.goto(address)
            faults += faults_of(page, address)
            looked_at += 1
        assert looked_at > 30
        assert not faults, "\n".join(faults)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["T01", "T08", "T14", "T15", "T22", "T24", "T34", "X01"])
def test_a_form_with_errors_shown_has_no_fault(browser: Browser, place: Place, form: str) -> None:
    draft = drafts.open_form(place.office.ports, sample_actor(place.office.ports, "staff"), form)
    with screens_of(browser, place.server) as screens:
        page = screens.sign_in("staff")
        page.goto(f"/drafts/{draft.id}")
        page.locator("[data-submit]").click()
        expect(page.locator(".error-summary, [role=alert]").first).to_be_visible()
        faults = faults_of(page, form)
        assert not faults, "\n".join(faults)
