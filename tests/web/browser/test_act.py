"""The road of one act in a real browser, from the form to service, by the five people of the sample office."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from formsvc.app import create_app
from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.usecases import operator
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import Condition
from tests.support.browser import DESK, TELEPHONE, Server, screens_of
from tests.support.document_text import pdf_text, squeezed
from tests.support.issued_acts import CASES, ENTRUSTMENT, NOTICE, ORDER, RECORD
from tests.support.sample_office import furnished, settings_in

NUMBER = CASES[ORDER]["fields"]["doc_no"]

Desk = Callable[..., Page]
# a screen of 1366 × 768 whose content is drawn at 125 %
SCALED = {"width": 1093, "height": 614}


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Ports:
    """The sample office on disk with the real renderer, and what comes before the order."""
    folder = tmp_path_factory.mktemp("road")
    made = furnished(folder)
    for case in (ENTRUSTMENT, NOTICE, RECORD):
        people = sample_actor(made, "staff"), sample_actor(made, "approver")
        operator.issue_at_once(made, *people, CASES[case]["act"], CASES[case]["fields"])
    return made


@pytest.fixture(scope="module")
def server(ports: Ports, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Where the service answers."""
    with Server(create_app(settings_in(tmp_path_factory.mktemp("keys")), ports=ports)).running() as running:
        yield running


@pytest.fixture
def desk(browser: Browser, server: Server) -> Iterator[Desk]:
    """A signed-in person's screen; any page that breaks a house rule fails the test."""
    with screens_of(browser, server) as screens:
        yield screens.sign_in


def draw_up(page: Page, ports: Ports) -> Act:
    """李明 makes the order from the inspection record; only dates and names are left to fill in."""
    with ports.store.read() as tx:
        record = tx.acts.find(Condition("number", "==", CASES[RECORD]["fields"]["doc_no"]))[0]
    page.goto(f"/acts/{record['id']}")
    press(page, "据此制作责令限期改正通知书")
    expect_heading(page, "责令限期改正通知书")
    expect(page.get_by_label("名称（姓名）")).to_have_value(CASES[ORDER]["fields"]["party_name"])
    page.get_by_label("制作日期", exact=True).fill("2026年9月21日")
    page.get_by_label("承办人").fill("赵正言")
    page.get_by_label("签发（批准）人").fill("周国栋")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("已保存").first).to_be_visible()
    press(page, "提交审核")
    expect(page.get_by_text("待审核").first).to_be_visible()
    with ports.store.read() as tx:
        return Act.from_record(tx.acts.find(Condition("state", "==", "submitted"))[0])


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def expect_heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def review(page: Page, draft: Act) -> None:
    page.goto("/approval")
    page.get_by_role("link", name="从第一件开始办理").click()
    expect(page.locator(".sheets img").first).to_be_visible()
    for size in (DESK, SCALED):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        expect_paper_and_decision(page, size["height"])
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.get_by_label("审核意见", exact=True).fill("事实清楚，引用条款准确。")
    press(page, "同意，转签发")
    expect(page.get_by_text("已审核通过，转签发")).to_be_visible()


def expect_paper_and_decision(page: Page, height: int) -> None:
    """The paper begins near the top; wherever one has scrolled to, the buttons are on the screen."""
    page.evaluate("scrollTo(0, 0)")
    paper = page.locator(".sheets").bounding_box()
    assert paper and paper["y"] <= 110
    for place in (0, 99_999):
        page.evaluate(f"scrollTo(0, {place})")
        for name in ("退回修改", "同意，转签发"):
            button = page.get_by_role("button", name=name).bounding_box()
            assert button and button["y"] > 0 and button["y"] + button["height"] <= height


def sign_and_number(page: Page, draft: Act) -> None:
    page.goto(f"/approval/{draft.id}")
    press(page, "签发并编号")
    expect(page.get_by_text(f"已编号 {NUMBER}")).to_be_visible()
    expect_heading(page, NUMBER)


def print_two(page: Page, draft: Act) -> None:
    page.goto(f"/acts/{draft.id}")
    page.keyboard.press("Control+p")
    expect_heading(page, f"打印 {NUMBER}")
    expect(page.get_by_role("radio", name="交当事人 1 份、附卷 1 份")).to_be_checked()
    press(page, "记录份数，打开文书打印")
    expect(page.get_by_text("已记录打印 2 份")).to_be_visible()
    expect(page.get_by_role("button", name="打开打印窗口")).to_be_visible()


def serve(page: Page, draft: Act) -> None:
    page.goto(f"/acts/{draft.id}")
    page.get_by_role("link", name="登记送达").click()
    page.get_by_label("签收人").fill("褚安")
    page.get_by_role("main").get_by_role("button", name="登记送达").click()
    expect(page.get_by_text("请选择送达方式").first).to_be_visible()
    expect(page.get_by_label("签收人")).to_have_value("褚安")
    page.get_by_role("link", name="请选择送达方式").click()
    page.get_by_label("直接送达").check()
    press(page, "登记送达")
    expect(page.get_by_text(f"已登记直接送达：责令限期改正通知书 {NUMBER}")).to_be_visible()


def read_paper(page: Page, draft: Act) -> None:
    """Every paragraph stands on both copies, the receipt on the file's alone."""
    *paragraphs, receipt = map(squeezed, CASES[ORDER]["text"])
    assert "签收" in receipt
    for copy, wanted in ((1, paragraphs), (2, [*paragraphs, receipt])):
        answer = page.request.get(f"/acts/{draft.id}/copies/{copy}/document.pdf")
        assert answer.headers["content-type"] == "application/pdf"
        text = pdf_text(answer.body())
        assert [paragraph for paragraph in wanted if paragraph not in text] == []
        assert (receipt in text) == (receipt in wanted)


def test_an_order_goes_from_the_record_to_paper_and_service(desk: Desk, ports: Ports) -> None:
    draft = draw_up(desk("staff"), ports)
    review(desk("reviewer"), draft)
    sign_and_number(desk("approver"), draft)
    officer = desk("officer", TELEPHONE)
    print_two(officer, draft)
    read_paper(officer, draft)
    serve(officer, draft)
    fits = officer.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert fits, "the page of an act is no wider than a telephone"
    admin = desk("admin")
    admin.goto("/numbers/sbd-xian/2026")
    expect(admin.get_by_role("link", name=NUMBER)).to_be_visible()
    expect(admin.get_by_text("没有登记，原因不明")).to_have_count(0)
