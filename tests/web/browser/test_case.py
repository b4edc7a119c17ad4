"""One whole case in a real browser by four people, over the National Day of 2026 with its exchanged working days."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from formsvc.app import create_app
from formsvc.demo.office import sample_actor
from formsvc.usecases import operator
from formsvc.usecases.context import Ports
from tests.support.browser import DESK, TELEPHONE, Server, screens_of
from tests.support.document_text import pdf_text, squeezed
from tests.support.issued_acts import CASES, ENTRUSTMENT, NOTICE, RECORD
from tests.support.sample_office import furnished, settings_in

Desk = Callable[..., Page]
SIGNED = {"drafter": "赵正言", "approver": "周国栋"}
PARTY = CASES[NOTICE]["fields"]["party_name"]
REMEDY_BY = "2026-09-30"
NOT_TYPED = ("doc_no", "authority_text")


@dataclass
class Wound:
    """A clock that stands where the test puts it."""

    moment: datetime

    def today(self) -> date:
        """The day."""
        return self.moment.date()

    def now(self) -> datetime:
        """The moment."""
        return self.moment

    def to(self, moment: str) -> None:
        """Put it to a moment in Shanghai."""
        self.moment = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def clock() -> Wound:
    """Noon of the day the entrustment was signed."""
    wound = Wound(datetime.now().astimezone())
    wound.to("2026-03-16T12:00")
    return wound


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, clock: Wound) -> Iterator[Server]:
    """The sample office on disk with the real renderer; before the case there is only the entrustment."""
    ports: Ports = replace(furnished(tmp_path_factory.mktemp("case")), clock=clock)
    people = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    operator.issue_at_once(ports, *people, CASES[ENTRUSTMENT]["act"], CASES[ENTRUSTMENT]["fields"])
    with Server(create_app(settings_in(tmp_path_factory.mktemp("keys")), ports=ports)).running() as running:
        yield running


@pytest.fixture
def desk(browser: Browser, server: Server) -> Iterator[Desk]:
    """A signed-in person's screen, one for each; any page that breaks a house rule fails the test."""
    with screens_of(browser, server) as screens:
        opened: dict[tuple[str, int], Page] = {}

        def screen_of(name: str, screen: dict[str, int] = DESK) -> Page:
            if (name, screen["width"]) not in opened:
                opened[name, screen["width"]] = screens.sign_in(name, screen)
            return opened[name, screen["width"]]

        yield screen_of


# How people use a form ---------------------------------------------------------------------------------


def typed(answers: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """What goes into each control, by its name."""
    for key, value in answers.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            for index, row in enumerate(value):
                yield from typed(row, f"{within}{key}-{index}-")
        elif not within and key in NOT_TYPED:
            continue
        else:
            yield f"{within}{key}", value


def fill_in(page: Page, answers: Mapping[str, Any]) -> None:
    """Fill the form from top to bottom; a row that is not there yet is added."""
    for name, value in typed(answers):
        name = f"{name}-number" if name.endswith("_ref") else name
        control = page.locator(f'#draft [name="{name}"]:visible')
        if not control.count() and (row := re.fullmatch(r"(\w+)-(\d+)-\w+", name)):
            page.locator(f'button[value="add.{row[1]}"]').click()
            expect(page.locator(f'#draft [name^="{row[1]}-{row[2]}-"]:visible').first).to_be_visible()
        if control.count() and control.first.is_editable():
            enter(control, value)


def enter(control: Locator, value: Any) -> None:
    kind = control.first.get_attribute("type") or control.first.evaluate("e => e.localName")
    if kind in ("radio", "checkbox"):
        for word in value if isinstance(value, list) else [{True: "是", False: "否"}.get(value, value)]:
            control.and_(control.page.locator(f'[value="{word}"]')).check()
    elif kind == "select":
        control.select_option(str(value))
    elif kind != "file":
        control.fill("\n".join(value) if isinstance(value, list) else str(value))


def hand_in(page: Page) -> str:
    """Submit; the address of the act."""
    page.keyboard.press("Control+s")
    expect(page.get_by_text("已保存").first).to_be_visible()
    page.locator("[data-submit]").first.click()
    # the page of the draft says 待编号, too
    page.wait_for_function(
        "() => location.pathname.startsWith('/acts/') || document.querySelector('.error-summary')"
    )
    assert not page.locator(".error-summary").count(), page.locator(".error-summary").inner_text()
    return page.url


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def decided(desk: Desk, act: str) -> None:
    """Reviewed and signed where the kind of document asks for it; numbered by the approver."""
    approver = desk("approver")
    approver.goto(act)
    state = approver.locator("main").inner_text()
    if "待审核" in state:
        reviewer = desk("reviewer")
        reviewer.goto(act.replace("/acts/", "/approval/"))
        press(reviewer, "同意，转签发")
        expect(reviewer.get_by_text("已审核通过，转签发")).to_be_visible()
    if "待编号" in state:
        press(approver, "编号制发本件")
    else:
        approver.goto(act.replace("/acts/", "/approval/"))
        press(approver, "签发并编号")
    expect(approver.get_by_text(re.compile("已编号|已记录"))).to_be_visible()


def receipt(page: Page, act: str, at: str) -> None:
    """The officer on the spot: 送达回证 from the step of service, on a telephone."""
    page.goto(act)
    page.get_by_role("link", name="登记送达").click()
    press(page, "据此制作送达回证")
    fill_in(page, {"method": "直接", "received_at": at, "receiver": "褚安", "relation": "负责收件人"})
    page.keyboard.press("Control+s")
    expect(page.get_by_text("已保存").first).to_be_visible()
    page.locator("[data-submit]").first.click()
    expect(page.get_by_text("已记录").first).to_be_visible()


# The case ----------------------------------------------------------------------------------------------


def give_notice(desk: Desk, clock: Wound) -> str:
    clock.to("2026-09-16T10:00")
    staff = desk("staff")
    staff.goto("/forms/T14/new")
    if staff.get_by_role("button", name="开始填写").count():
        press(staff, "开始填写")
    fields = CASES[NOTICE]["fields"]
    fill_in(staff, {key: fields[key] for key in ("issuer_name", "auth_mode")})
    expect(staff.locator('[name="entrust_ref-number"]')).to_be_visible()
    fill_in(staff, fields)
    notice = hand_in(staff)
    decided(desk, notice)
    receipt(desk("officer", TELEPHONE), notice, "2026-09-16T14:30")
    return notice


def inspect(desk: Desk, clock: Wound, notice: str) -> str:
    clock.to("2026-09-18T12:00")
    staff = desk("staff")
    staff.goto(notice)
    press(staff, "据此制作消防安全检查记录")
    fields = dict(CASES[RECORD]["fields"])
    late = [dict(row, deadline=REMEDY_BY) for row in fields["hazards"] if row["fix"] == "限期"]
    fill_in(staff, fields | {"hazards": late, "result": ["责令限期改正"]})
    record = hand_in(staff)
    decided(desk, record)
    return record


def order(desk: Desk, clock: Wound, record: str) -> str:
    clock.to("2026-09-21T09:00")
    staff = desk("staff")
    staff.goto(record)
    press(staff, "据此制作责令限期改正通知书")
    fill_in(staff, SIGNED | {"issue_date": "2026-09-21"})
    made = hand_in(staff)
    decided(desk, made)
    clock.to("2026-09-22T09:00")
    receipt(desk("officer", TELEPHONE), made, "2026-09-22T08:40")
    return made


def recheck(desk: Desk, clock: Wound, case: str) -> str:
    """From the case's own page: what comes next."""
    clock.to("2026-10-09T15:00")
    staff = desk("staff")
    staff.goto(case)
    press(staff, "据此制作复查意见书")
    results = [{"result": "已改正", "note": "8具灭火器已更换"}, {"result": "未改正", "note": "仍缺4处"}]
    fill_in(
        staff,
        SIGNED | {"trigger": "期限届满", "recheck_date": "2026-10-09", "results": results, "next": ["移送"]},
    )
    opinion = hand_in(staff)
    decided(desk, opinion)
    return opinion


def told(page: Page) -> str:
    """Every word of the page, what is folded away too."""
    return re.sub(r"\s+", "", page.locator("main").evaluate("e => e.textContent"))


# its short form is test_act.py, and test_case_chain.py without a browser
@pytest.mark.slow
def test_a_case_goes_from_notice_to_the_proposal_of_a_transfer(
    desk: Desk, clock: Wound, tmp_path: Path
) -> None:
    notice = give_notice(desk, clock)
    record = inspect(desk, clock, notice)
    page = desk("staff")
    page.goto(record)
    page.get_by_role("link", name="查看整个案件").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"案件：{PARTY}")
    case = page.url
    # 9月18日 is a Friday; 9月20日, a Sunday, is worked in exchange: three working days end on 9月22日
    assert (
        "的次日起算3个工作日，到2026年9月22日（周二）止；其间9月19日为休息日，不计入；9月20日为调休上班日，计入"
        in told(page)
    )
    made = order(desk, clock, record)
    page.goto(case)
    # 10月1日至7日 are off; 10月10日, a Saturday, is worked: three working days after 9月30日 end on it
    assert (
        "（2026年9月30日）的次日起算3个工作日，到2026年10月10日（周六）止；其间10月1日至10月7日为休息日，不计入；10月10日为调休上班日，计入"
        in told(page)
    )
    expect(page.get_by_role("button", name="据此制作复查意见书")).to_be_visible()
    assert told(page).count(
        "整改中"
    ) == 2 and "2026年11月21日（周六）止；该日放假，顺延至2026年11月23日" in told(page)
    opinion = recheck(desk, clock, case)
    page.goto(case)
    text = told(page)
    assert "✓已改正" in text and "!未改正" in text
    expect(page.get_by_role("button", name="据此制作案件（线索）移送函")).to_have_count(1)
    assert (
        "（2026年10月9日）的次日起算3个工作日，到2026年10月13日（周二）止；其间10月11日为休息日，不计入；10月10日为调休上班日，计入"
        in text
    )
    assert "还没有送达" in text  # the opinion itself
    receipt(desk("officer", TELEPHONE), opinion, "2026-10-09T15:00")
    page.goto(case)
    assert "还没有送达" not in told(page)
    for act, words in (
        (notice, "决定于2026年9月18日9时00分"),
        (made, "2026年9月30日"),
        (opinion, "部分未改正"),
    ):
        answer = page.request.get(f"{act}/document.pdf")
        assert squeezed(words) in squeezed(pdf_text(answer.body())), words
    page.goto("/")
    expect(page.get_by_role("link", name=re.compile("案件（线索）移送函"))).to_be_visible()
