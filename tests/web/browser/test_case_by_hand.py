"""A case of one shop from the notice to the re-inspection: nothing that the service knows is typed again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, State
from formsvc.usecases.approval import review
from formsvc.usecases.numbering import issue
from formsvc.usecases.registers.row_changes import RowChange, keep_row
from formsvc.usecases.registers.rows import list_rows
from tests.support.browser import Server, screens_of
from tests.support.issued_acts import before_the_order, issued
from tests.support.memory_office import Office, make_office

SHOP = {
    "kind_party": "个体工商户", "name": "鹤鸣茶楼", "code": "92231202MAFAKE094M", "place_kind": "九小场所",
    "legal_rep": "韩鹤鸣", "phone": "0455-8123456", "addr": "北林区东河镇站前路3号", "village": "永兴村",
    "town": "东河镇", "risk": "一般", "region": "231202", "floors": "1",
}  # fmt: skip
# Presses of the mouse and keys that a new case took when each document was filled in by itself, signing in and opening
# the page apart; the record had one item of the checklist then, and has all 25 here.
ONCE_SPENT = {"T14": 6 + 230, "T15": 13 + 84, "T22": 3 + 8, "T34": 6 + 21, "T24": 6 + 24}
FOCUS = """async () => {
  const e = document.activeElement, s = getComputedStyle(e);
  const ring = (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== "none";
  const isSeen = () => {
    const r = e.getBoundingClientRect();
    const above = document.elementFromPoint(r.left + r.width / 2, r.top + Math.min(r.height / 2, 12));
    return (r.height > innerHeight || (r.top >= 0 && r.bottom <= innerHeight + 1)) &&
      !!above && (e.contains(above) || above.contains(e));
  };
  // the page glides to the place
  for (let n = 0; n < 80 && !isSeen(); n += 1) await new Promise((go) => setTimeout(go, 25));
  return {name: `${e.tagName} ${e.id || e.name || e.textContent.trim().slice(0, 20)}`, ring, seen: isSeen(),
    form: !!e.closest("[data-sections]"), top: Math.round(e.getBoundingClientRect().top + scrollY),
    body: e === document.body, submit: e.matches("[data-submit]")};
}"""
COUNT = """(() => {
  for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, (e) => { if (e.isTrusted) pressed(kind); }, true);
})()"""


class Clerk:
    """A clerk at the desk, whose keys and presses of the mouse are counted by listeners of the pages."""

    def __init__(self, page: Page, office: Office) -> None:
        self.page, self.office = page, office
        self.counted: Counter[str] = Counter()
        page.expose_binding("pressed", lambda _source, kind: self.counted.update([kind]))
        page.add_init_script(COUNT)

    def press(self, name: str, role: str = "button") -> None:
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]

    def write(self, field: str, text: str) -> None:
        box = self.page.locator(f"#f-{field}")
        box.click()
        box.press_sequentially(text)
        # what has no key on the keyboard comes without one here: at least one key each
        self.counted["keydown"] += sum(not character.isascii() for character in text)

    def choose(self, field: str, option: str) -> None:
        """Choose from a list of the browser, which opens outside the page: its second press is not seen there."""
        self.page.locator(f"#f-{field}").click()
        self.counted["pointerdown"] += 1
        self.page.keyboard.press("Escape")
        self.counted["keydown"] -= 1
        self.page.locator(f"#f-{field}").select_option(option)

    def follow(self, act: Act, title: str) -> None:
        """Open the act and make the next document from it."""
        self.page.goto(f"/acts/{act.id}")
        self.press(f"据此制作{title}")
        expect(self.page.locator("#draft")).to_be_visible()

    def submit(self) -> str:
        """Submit the open draft, answer its id."""
        act_id = str(self.page.locator("#draft").get_attribute("data-draft"))
        self.page.locator("[data-submit]").click()
        self.page.wait_for_url(lambda address: f"/drafts/{act_id}" not in address or "problems" in address)
        told = self.page.locator(".error-summary")
        assert not told.count(), told.inner_text()
        return act_id

    def effort(self) -> int:
        """Keys and presses since the last call."""
        spent = sum(self.counted.values())
        self.counted.clear()
        return spent


def at(office: Office, moment: str) -> None:
    office.clock.moment = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def finish(office: Office, act_id: str) -> Act:
    """Let the others review, sign and number it."""
    with office.ports.store.read() as tx:
        act = Act.from_record(tx.acts.get(act_id) or {})
    steps = {
        State.SUBMITTED: lambda: review.review(
            office.ports, sample_actor(office.ports, "reviewer"), act_id, passed=True
        ),
        State.REVIEWED: lambda: review.approve(
            office.ports, sample_actor(office.ports, "approver"), act_id, approved=True
        ),
        State.APPROVED: lambda: issue.issue_act(office.ports, sample_actor(office.ports, "officer"), act_id),
    }
    while act.status in steps:
        act = steps[act.status]()
    return act


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Server]]:
    """An office at work: its entrustment is there, and the clerk has written a notice before."""
    office = make_office(tmp_path_factory.mktemp("office"))
    keep_row(office.ports, sample_actor(office.ports, "staff"), "objects", RowChange(SHOP))
    for earlier in ("EX01", "EX06"):
        issued(office, earlier)
    with Server(office.app).running() as server:
        yield office, server


def notice(clerk: Clerk) -> str:
    page = clerk.page
    page.goto("/forms/T14/new")
    name = page.get_by_role("combobox", name="名称（姓名）")
    name.click()
    name.press_sequentially("hmcl")
    expect(page.get_by_role("option", name="鹤鸣茶楼")).to_have_attribute("aria-selected", "true")
    name.press("Enter")
    expect(page.locator("#f-place_addr")).to_have_value(SHOP["addr"])
    clerk.write("approve_ref", "东检审8号")
    clerk.write("check_from", "9-21 15:00")
    clerk.write("check_to", "9-21 16:00")
    clerk.write("assist_n", "0")
    clerk.write("officers-0-name", "赵正言")
    page.get_by_role("button", name="添一行").first.click()
    clerk.write("officers-1-name", "钱守规")
    expect(page.locator("#f-freq_no")).to_have_value("1")
    return clerk.submit()


def record(clerk: Clerk, source: Act) -> str:
    page = clerk.page
    clerk.follow(source, "消防安全检查记录")
    expect(page.locator("#f-floors")).to_have_value("1")
    clerk.choose("form", "监督抽查")
    clerk.write("start_at", "15:05")
    clerk.write("end_at", "15:55")
    page.get_by_role("radiogroup", name="消防验收、竣工验收备案").get_by_role("radio", name="已备案").click()
    page.get_by_role("radiogroup", name="灭火器").get_by_role("radio", name="失效").click()
    clerk.write("hazards-0-desc", "一具灭火器失效")
    clerk.write("hazards-0-location", "前厅")
    clerk.write("hazards-0-measure", "更换")
    page.locator("[name=hazards-0-fix][value=限期]").click()
    clerk.write("hazards-0-deadline", "9-30")
    page.get_by_role("button", name=re.compile("其余 .* 项全部合格")).click()
    expect(page.get_by_role("checkbox", name="责令限期改正")).to_be_checked()
    clerk.write("accompany", "韩鹤鸣")
    return clerk.submit()


def test_a_case_takes_less_than_half_of_what_it_took(browser: Browser, served: tuple[Office, Server]) -> None:
    office, server = served
    with screens_of(browser, server) as screens:
        clerk = Clerk(screens.sign_in("staff"), office)
        effort = {}
        acts = [finish(office, notice(clerk))]
        effort["T14"] = clerk.effort()
        at(office, "2026-09-21T16:30")
        acts.append(finish(office, record(clerk, acts[0])))
        effort["T15"] = clerk.effort()
        clerk.follow(acts[1], "责令限期改正通知书")
        acts.append(finish(office, clerk.submit()))
        effort["T22"] = clerk.effort()
        clerk.follow(acts[2], "送达回证")
        clerk.choose("method", "直接")
        clerk.write("received_at", "16:20")
        clerk.write("receiver", "韩鹤鸣")
        clerk.choose("relation", "经营者")
        clerk.submit()
        effort["T34"] = clerk.effort()
        at(office, "2026-10-08T10:00")
        clerk.follow(acts[2], "复查意见书")
        clerk.page.get_by_role("radio", name="期限届满").click()
        clerk.choose("results-0-result", "已改正")
        clerk.page.get_by_role("checkbox", name="结案").click()
        acts.append(finish(office, clerk.submit()))
        effort["T24"] = clerk.effort()
    assert all(act.number for act in acts)
    over = {form: spent for form, spent in effort.items() if spent > (ONCE_SPENT[form] + 1) // 2}
    assert not over, f"keys and presses for each document: {effort}"
    assert [row.values["state"] for row in list_rows(office.ports, "hazards")] == ["已销号"]


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[tuple[Office, Server]]:
    """An office whose record of an inspection asks for an order."""
    office = make_office(tmp_path)
    before_the_order(office)
    with Server(office.app).running() as server:
        yield office, server


def tab_to(page: Page, is_there: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Press Tab until the focus is where it should be, answer all places it was at."""
    stops: list[dict[str, Any]] = []
    while not stops or not is_there(stops[-1]):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUS))
        assert len(stops) < 200, [stop["name"] for stop in stops]
    return stops


def test_an_order_is_made_without_a_mouse(browser: Browser, recorded: tuple[Office, Server]) -> None:
    office, server = recorded
    with screens_of(browser, server) as screens:
        page = screens.sign_in("staff")
        page.goto("/")
        line = page.get_by_role("listitem").filter(has_text="责令限期改正通知书").first
        wanted = line.get_by_role("button", name="据此制作")
        stops = tab_to(page, lambda _stop: wanted.evaluate("e => e === document.activeElement"))
        page.keyboard.press("Enter")
        expect(page.locator("#draft")).to_be_visible()
        filling = tab_to(page, lambda stop: bool(stop["submit"]))
        tops = [stop["top"] for stop in filling if stop["form"]]
        assert tops == sorted(tops), "the focus goes down the form as one reads it"
        page.keyboard.press("Enter")
        page.wait_for_url("**/acts/*")
    wrong = [each["name"] for each in stops + filling if not (each["body"] or each["ring"] and each["seen"])]
    assert not wrong, "the focus is marked and in sight"
    with office.ports.store.read() as tx:
        states = [act["state"] for act in tx.acts.find() if act["form"] == "T22"]
    assert states == [State.SUBMITTED.value]
