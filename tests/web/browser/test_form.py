"""Filling a form in a real browser: saved as one types, rows, spreadsheet cells, keys, a network that fails."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from formsvc.demo.office import sample_actor
from formsvc.demo.sample_parties import entrustment_answers
from formsvc.usecases.administration import records
from formsvc.usecases.drafting import drafts
from tests.support.browser import Server, screens_of
from tests.support.issued_acts import before_the_order
from tests.support.memory_office import Office, make_office


@pytest.fixture
def desk(browser: Browser, served: tuple[Office, Server]) -> Iterator[Page]:
    """A clerk's screen, signed in; any page that breaks a house rule fails the test."""
    with screens_of(browser, served[1]) as screens:
        yield screens.sign_in("staff")


@pytest.fixture
def trial(desk: Page, remove_acts: Callable[[], None]) -> Page:
    """The trial form with every kind of field, fresh."""
    remove_acts()
    desk.goto("/forms/X01/new")
    return desk


def saved(page: Page) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text(re.compile(r"已保存 \d"))


def type_into(page: Page, id_: str, text: str) -> None:
    """Type and leave the field; answers when the server has it."""
    field = page.locator(f"#{id_}")
    field.fill(text)
    with page.expect_response(lambda r: r.request.method == "POST") as answer:
        field.press("Tab")
    assert answer.value.ok


def test_what_is_typed_is_saved_and_survives_a_reload(trial: Page) -> None:
    type_into(trial, "f-name", "福满家购物广场")
    saved(trial)
    trial.reload()
    expect(trial.locator("#f-name")).to_have_value("福满家购物广场")


def test_typing_without_leaving_the_field_is_saved_after_a_pause(trial: Page) -> None:
    with trial.expect_response(lambda r: r.request.method == "POST"):
        trial.locator("#f-story").press_sequentially("经过")
    trial.reload()
    expect(trial.locator("#f-story")).to_have_value("经过")


def test_going_away_and_back_loses_nothing(trial: Page) -> None:
    trial.locator("#f-name").fill("临走前输入")
    trial.get_by_role("link", name="首页", exact=True).click()
    trial.wait_for_url("**/")
    trial.go_back()
    expect(trial.locator("#f-name")).to_have_value("临走前输入")


def test_the_page_follows_the_servers_logic(trial: Page) -> None:
    expect(trial.locator("#f-reason")).to_be_hidden()
    trial.get_by_role("radio", name="是", exact=True).check()
    expect(trial.locator("#f-reason")).to_be_visible()
    type_into(trial, "f-fine", "2860.50")
    expect(trial.locator("#f-fine_words")).to_have_text("贰仟捌佰陆拾元伍角整")
    type_into(trial, "f-day", "2026年9月18日")
    expect(trial.get_by_text("2026年9月18日 周五")).to_be_visible()


def test_an_error_stands_beside_its_field_only_once_it_was_touched(trial: Page) -> None:
    expect(trial.locator(".field.is-wrong")).to_have_count(0)
    type_into(trial, "f-day", "2030-01-01")
    expect(trial.locator("#f-day-error")).to_contain_text("检查日期不能晚于今天")
    expect(trial.locator("#f-day")).to_have_attribute("aria-invalid", "true")
    expect(trial.locator(".field.is-wrong")).to_have_count(1)
    type_into(trial, "f-day", "2026-09-18")
    expect(trial.locator("#f-day-error")).to_be_hidden()


def test_rows_change_without_leaving_the_page(trial: Page) -> None:
    trial.locator("#f-faults-0-what").fill("甲")
    trial.get_by_role("button", name="添一行").click()
    expect(trial.locator("#f-faults-1-what")).to_be_focused()
    trial.locator("#f-faults-1-what").fill("乙")
    trial.get_by_role("button", name="上移第 2 行").click()
    expect(trial.locator("#f-faults-0-what")).to_have_value("乙")
    trial.get_by_role("button", name="删除第 1 行").click()
    expect(trial.locator("#f-faults-1-what")).to_have_count(0)
    trial.get_by_role("button", name="撤销删除").click()
    expect(trial.locator("#f-faults-0-what")).to_have_value("乙")
    assert "?" not in trial.url
    saved(trial)


def test_enter_goes_to_the_next_row_and_adds_one_at_the_end(trial: Page) -> None:
    trial.locator("#f-faults-0-what").fill("甲")
    trial.locator("#f-faults-0-what").press("Enter")
    expect(trial.locator("#f-faults-1-what")).to_be_focused()
    trial.locator("#f-faults-0-where").press("Enter")
    expect(trial.locator("#f-faults-1-where")).to_be_focused()
    # with a word still being composed the key takes the word; 229 in Safari
    for init in ("isComposing: true", "keyCode: 229"):
        trial.locator("#f-faults-0-what").evaluate(
            f"""e => {{ e.focus(); e.dispatchEvent(
                new KeyboardEvent("keydown", {{key: "Enter", bubbles: true, cancelable: true, {init}}})) }}"""
        )
        expect(trial.locator("#f-faults-0-what")).to_be_focused()


def paste(page: Page, cells: str) -> None:
    """Paste into the first cell of the rows what a spreadsheet has put on the clipboard."""
    page.locator("#f-faults-0-what").focus()
    page.evaluate(
        """text => {
        const cells = new DataTransfer();
        cells.setData("text/plain", text);
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: cells, bubbles: true, cancelable: true}));
    }""",
        cells,
    )


def test_cells_copied_from_excel_fill_rows(trial: Page) -> None:
    paste(trial, "占用通道\t一层\t限期\t2026-12-2\n灭火器失效\t二层\t立即\t")
    expect(trial.locator("#f-faults-1-what")).to_have_value("灭火器失效")
    expect(trial.locator("#f-faults-0-deadline")).to_have_value("2026-12-02")


def test_a_whole_column_pasted_is_refused_where_it_can_be_seen(trial: Page) -> None:
    paste(trial, "占用通道\t一层\n" * 3000)
    notice = trial.get_by_text("问题：超过 200 行，请分成几件办理。")
    # three thousand rows go to the server and back, on a machine that is busy with other tests
    expect(notice).to_be_in_viewport(timeout=20_000)
    expect(trial.locator("#f-faults-1-what")).to_have_count(0)


def test_a_photo_goes_up_at_once(trial: Page, tmp_path: Path) -> None:
    Image.new("RGB", (20, 20)).save(tmp_path / "现场.jpg")
    trial.locator("#f-photos").set_input_files(tmp_path / "现场.jpg")
    expect(trial.get_by_text("现场.jpg")).to_be_visible()
    trial.reload()
    expect(trial.get_by_text("现场.jpg")).to_be_visible()


def test_when_the_network_fails_the_text_stays_and_is_saved_on_retry(trial: Page) -> None:
    def fail(route: Route) -> None:
        route.abort() if route.request.method == "POST" else route.continue_()

    trial.route("**/drafts/*", fail)
    trial.locator("#f-name").fill("断网时输入")
    trial.locator("#f-name").press("Tab")
    expect(trial.locator("[data-save-state]")).to_contain_text(
        re.compile(r"没有保存：连不上服务器 \d\d:\d\d 起的 1 处改动留在本页，连上后自动补存")
    )
    expect(trial.locator("#f-name")).to_have_value("断网时输入")
    trial.unroute("**/drafts/*")
    trial.get_by_role("button", name="现在重试").click()
    saved(trial)
    trial.reload()
    expect(trial.locator("#f-name")).to_have_value("断网时输入")


@pytest.mark.parametrize("is_secure", [True, False])
def test_unsaved_text_comes_back_when_the_page_is_opened_again(trial: Page, is_secure: bool) -> None:
    if not is_secure:  # as over plain http
        trial.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
        trial.reload()
    trial.route(
        "**/drafts/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    trial.locator("#f-name").fill("还没存上")
    trial.locator("#f-name").press("Tab")
    expect(trial.locator("[data-save-state]")).to_contain_text("没有保存")
    trial.unroute("**/drafts/*")
    trial.on("dialog", lambda dialog: dialog.accept())
    trial.reload()
    expect(trial.locator("#f-name")).to_have_value("还没存上")
    expect(trial.locator("[data-save-state]")).to_contain_text("已经找回")
    assert copies(trial) == {}, "saved: nothing is left of it"


def copies(page: Page) -> dict[str, str]:
    """What the browser keeps of drafts."""
    found: dict[str, str] = page.evaluate(
        "Object.fromEntries([localStorage, sessionStorage].flatMap(kept => Object.entries(kept))"
        ".filter(([name]) => name.startsWith('draft-')))"
    )
    return found


def left_unsaved(page: Page) -> dict[str, str]:
    """Type into the trial form while nothing can be saved; return what is kept."""
    page.route("**/drafts/*", lambda r: r.abort() if r.request.method == "POST" else r.continue_())
    page.locator("#f-name").fill("虚构周某")
    page.locator("#f-name").press("Tab")
    expect(page.locator("[data-save-state]")).to_contain_text("没有保存")
    page.wait_for_function("localStorage.length > 0")
    # typed in one step, so that a copy made later holds it
    since = page.locator("#f-story").evaluate(
        "(area, text) => { area.value = text; area.dispatchEvent(new InputEvent('input', { bubbles: true }));"
        " return Date.now(); }",
        "经过还没存上",
    )
    page.wait_for_function(
        "since => Object.values(localStorage).some(text => JSON.parse(text).at > since)", arg=since
    )
    page.unroute("**/drafts/*")
    page.on("dialog", lambda dialog: dialog.accept())
    return copies(page)


def keep(page: Page, kept: dict[str, str]) -> None:
    page.evaluate("kept => Object.entries(kept).forEach(([k, text]) => localStorage.setItem(k, text))", kept)


def test_unsaved_text_lies_sealed_in_the_browser_and_opens_for_its_own_draft_and_person(
    trial: Page, remove_acts: Callable[[], None]
) -> None:
    ((name, text),) = left_unsaved(trial).items()
    assert "周某" not in text and "经过" not in text and "fields" not in text
    address = trial.url
    # another person of this computer: the key of their pages does not open it, whatever name it has
    draft, own_key = name.rpartition("-")[2], trial.locator("#draft").get_attribute("data-unsaved-key")
    other = bytes(range(32)).hex()
    trial.route(
        "**/drafts/*",
        lambda route: (
            route.fulfill(
                response=(answer := route.fetch()),
                body=answer.text().replace(str(own_key), base64.b64encode(bytes.fromhex(other)).decode()),
            )
            if route.request.method == "GET"
            else route.continue_()
        ),
    )
    trial.goto(address)
    expect(trial.locator("#f-name")).to_have_value("")
    trial.wait_for_function(f"localStorage.getItem('draft-staff-{draft}') === null")
    trial.unroute("**/drafts/*")
    # its own
    keep(trial, {name: text})
    trial.goto(address)
    expect(trial.locator("#f-name")).to_have_value("虚构周某")
    expect(trial.locator("#f-story")).to_have_value("经过还没存上")
    expect(trial.locator("[data-save-state]")).to_contain_text("已经找回")
    assert copies(trial) == {}
    # another draft of the same person
    trial.goto("about:blank")
    remove_acts()
    trial.goto("/forms/X01/new")
    another = trial.locator("#draft").get_attribute("data-draft")
    assert another != draft
    keep(trial, {f"draft-staff-{another}": text})
    trial.reload()
    trial.wait_for_function(f"localStorage.getItem('draft-staff-{another}') === null")
    expect(trial.locator("#f-name")).to_have_value("")


def test_unsaved_text_is_gone_after_a_week_and_after_signing_out(trial: Page) -> None:
    ((name, text),) = left_unsaved(trial).items()
    week = 7 * 24 * 3600 * 1000
    for age, stays in ((week - 60_000, True), (week + 1, False)):
        aged = {**json.loads(text), "at": json.loads(text)["at"] - age}
        keep(trial, {name: json.dumps(aged)})
        trial.goto("/")
        assert bool(copies(trial)) is stays, age
    keep(trial, {name: text})
    trial.get_by_role("button", name="退出").click()
    expect(trial.get_by_role("heading", level=1)).to_have_text("登录")
    assert copies(trial) == {}


def test_unsaved_text_outlives_its_tab(trial: Page) -> None:
    left_unsaved(trial)
    address, browser = trial.url, trial.context
    trial.close()
    again = browser.new_page()
    again.goto(address)
    expect(again.locator("#f-name")).to_have_value("虚构周某")
    expect(again.locator("#f-story")).to_have_value("经过还没存上")
    expect(again.locator("[data-save-state]")).to_contain_text("已经找回")
    assert copies(again) == {}
    again.close()


def test_keys_that_hands_know(trial: Page) -> None:
    trial.keyboard.press("Control+k")
    expect(trial.locator("#search-q")).to_be_focused()
    trial.locator("#f-name").fill("按键保存")
    with trial.expect_response(lambda r: r.request.method == "POST"):
        trial.keyboard.press("Control+s")
    saved(trial)
    trial.keyboard.press("Enter")
    expect(trial).to_have_url(re.compile("/drafts/"))


def test_a_password_is_shown_while_one_asks_for_it(trial: Page) -> None:
    trial.goto("/account/password")
    field, button = trial.locator("#f-new"), trial.get_by_role("button", name="显示密码").nth(1)
    field.fill("看得见的密码")
    expect(field).to_have_attribute("type", "password")
    button.click()
    expect(field).to_have_attribute("type", "text")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(trial.locator("#f-old")).to_have_attribute("type", "password")
    button.click()
    expect(field).to_have_attribute("type", "password")


def test_the_strength_of_a_password_is_shown_and_read_out_while_it_is_typed(trial: Page) -> None:
    trial.goto("/account/password")
    meter, said = trial.get_by_role("meter", name="密码强度"), trial.locator("#strength-text")
    expect(meter).to_be_hidden()
    trial.locator("#f-new").focus()
    for typed, level, words in (
        ("tea", 0, "至少要 12 个字符"),
        ("zhongguo2026", 1, "太常见"),
        ("-boat-lantern", 4, "很强"),
    ):
        trial.keyboard.type(typed)
        expect(said).to_contain_text(words)
        expect(meter).to_have_js_property("value", level)
    expect(said).to_have_attribute("aria-live", "polite")
    trial.locator("#f-new").fill("")
    expect(meter).to_be_hidden()


def test_the_form_can_be_filled_by_keyboard_alone_in_the_order_of_the_paper(trial: Page) -> None:
    trial.locator("#f-name").focus()
    visited = []
    for _ in range(4):
        trial.keyboard.press("Tab")
        visited.append(trial.evaluate("document.activeElement.id"))
    assert visited == ["f-story", "f-floors", "f-area", "f-fine"]


def test_submitting_with_errors_moves_to_the_summary_and_its_links_to_the_fields(trial: Page) -> None:
    trial.locator("[data-submit]").click()
    expect(trial).to_have_title(re.compile("^错误："))
    summary = trial.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="请填写名称").click()
    expect(trial.locator("#f-name")).to_be_focused()
    type_into(trial, "f-name", "福满家购物广场")
    expect(trial.locator("#f-name-error")).to_be_hidden()


def test_the_sample_beside_the_form_follows_what_is_saved(trial: Page) -> None:
    expect(trial.locator(".form-sample img")).to_have_count(2)
    before = trial.locator(".form-sample img").first.get_attribute("src")
    type_into(trial, "f-name", "样张变化")
    expect(trial.locator(".form-sample img").first).not_to_have_attribute("src", before or "", timeout=8000)
    # its second page has the same one line that changed
    expect(trial.locator("[data-sample-changes]")).to_have_text("黄色是刚改的 2 处")
    expect(trial.locator(".sample-page canvas")).to_have_count(2)


def test_saving_is_spoken_only_when_it_fails_and_when_it_works_again(trial: Page) -> None:
    spoken = trial.locator("[data-save-spoken]")
    type_into(trial, "f-name", "福满家")
    saved(trial)
    expect(spoken).to_have_text("")
    trial.route("**/drafts/*", lambda r: r.abort() if r.request.method == "POST" else r.continue_())
    trial.locator("#f-name").fill("断网")
    trial.locator("#f-name").press("Tab")
    expect(spoken).to_contain_text("没有保存：连不上服务器")
    trial.unroute("**/drafts/*")
    trial.get_by_role("button", name="现在重试").click()
    expect(spoken).to_contain_text("已保存")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_link_of_the_error_summary_shows_label_and_error(trial: Page, has_scripts: bool) -> None:
    if not has_scripts:
        # as on a slow computer, where the link is pressed before they have come
        trial.route("**/sections.js", lambda route: route.abort())
    trial.locator("[data-submit]").click()
    trial.locator("[data-error-summary]").get_by_role("link", name="请填写名称").click()
    expect(trial.locator("#f-name")).to_be_focused()
    expect(trial.locator('label[for="f-name"]')).to_be_in_viewport(ratio=1)
    expect(trial.locator("#f-name-error")).to_be_in_viewport(ratio=1)


def test_what_was_carried_over_is_one_line_until_it_is_to_be_changed(
    browser: Browser, tmp_path: Path
) -> None:
    office = make_office(tmp_path)
    record = before_the_order(office)
    draft = drafts.open_form(office.ports, sample_actor(office.ports, "staff"), "T22", source_act=record.id)
    with Server(office.app).running() as server, screens_of(browser, server) as screens:
        page = screens.sign_in("staff")
        page.goto(f"/drafts/{draft.id}")
        party = page.locator("details.carried", has_text="当事人").first
        expect(party).to_contain_text(f"由《消防安全检查记录》{record.number} 带入")
        expect(party).to_contain_text("福满家购物广场")
        expect(page.locator("#f-party_name")).to_be_hidden()
        party.locator("summary").click()
        page.locator("#f-party_phone").fill("19900000033")
        page.locator("#f-party_phone").press("Tab")
        saved(page)
        expect(page.locator("#f-party_phone")).to_be_visible()
        # on a phone one section at a time; the links of errors open theirs
        page.set_viewport_size({"width": 390, "height": 844})
        expect(page.locator("[data-section-place]")).to_contain_text("第 1 节，共 6 节")
        expect(page.locator("#s-2")).to_be_hidden()
        expect(page.locator("[data-submit]")).to_be_hidden()
        page.get_by_role("button", name="下一节：检查").click()
        expect(page.get_by_role("heading", name="检查")).to_be_focused()
        expect(page.locator("#s-1")).to_be_hidden()
        for title in ("当事人", "违法行为和期限", "执法人员", "救济"):
            page.get_by_role("button", name=f"下一节：{title}").click()
        expect(page.locator("[data-submit]")).to_be_visible()
        expect(page.locator("[data-section-next]")).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_a_phone_nothing_is_wider_than_the_screen(trial: Page) -> None:
    trial.set_viewport_size({"width": 390, "height": 844})
    for address in (trial.url, "/", "/forms"):
        trial.goto(address)
        assert trial.evaluate("document.documentElement.scrollWidth") <= 390
    trial.goto("/forms/T22/new")
    sizes = trial.evaluate(
        "[...document.querySelectorAll('main button:not(.unseen), main select, main input[type=text]')]"
        ".filter(e => e.offsetParent).map(e => e.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 43.5


def put_entrustment_on_file(office: Office) -> None:
    """The entrustment under which the township orders, signed on paper earlier this year."""
    answers = entrustment_answers(date(2026, 3, 16))
    number = "绥北消委字〔2026〕第0001号"
    if not records.list_records(office.ports, "entrustments"):
        records.save_record(office.ports, None, "entrustments", {**answers, "id": "paper", "number": number})


def fill(page: Page, path: str, value: object) -> None:
    """Fill one field as a person would, whatever control it has; what stands there already is left."""
    place = page.locator(f'[data-path="{path}"]')
    radio = place.locator(f'input[type=radio][value="{value}"]')
    control = radio if radio.count() else place.locator("select, textarea, input").first
    if control.is_checked() if radio.count() else control.input_value() == str(value):
        return
    with page.expect_response(lambda r: r.request.method == "POST"):
        if radio.count():
            radio.check()
        elif place.locator("select").count():
            control.select_option(str(value))
        else:
            control.fill(str(value))
            control.press("Tab")


def test_an_order_to_rectify_is_filled_and_handed_in(desk: Page, served: tuple[Office, Server]) -> None:
    office = served[0]
    put_entrustment_on_file(office)
    example = office.ports.definitions.current_revision("T22").definition.example
    desk.goto("/forms/T22/new")
    for key, value in example.items():
        if key in ("hazards", "officers", "recheck_by", "issue_date"):
            continue
        fill(desk, key, value)
    expect(desk.locator("#f-authority_text")).to_contain_text("委托绥化市北林区东河镇人民政府实施")
    for index, hazard in enumerate(example["hazards"]):
        if index:
            desk.locator('button[value="add.hazards"]').click()
            expect(desk.locator(f"#f-hazards-{index}-no")).to_be_focused()
        for column, value in hazard.items():
            fill(desk, f"hazards.{index}.{column}", value)
    fill(desk, "officers.0.name", "赵正言")
    expect(desk.locator("#f-officers-0-cert_no")).to_have_value("FAKE23120200001")
    desk.locator('button[value="add.officers"]').click()
    fill(desk, "officers.1.name", "钱守规")
    expect(desk.locator("#f-recheck_by")).to_contain_text("2026年11月4日")
    expect(desk.locator(".form-nav [data-mark=open], .form-nav [data-mark=wrong]")).to_have_count(0)
    desk.locator("[data-submit]").click()
    expect(desk).to_have_url(re.compile("/acts/"))
    expect(desk.locator("main")).to_contain_text("待审核")


def test_a_second_window_is_noticed_and_the_person_decides(trial: Page) -> None:
    other = trial.context.new_page()
    other.goto(trial.url)
    type_into(other, "f-name", "另一窗口")
    trial.locator("#f-name").fill("这一窗口")
    trial.locator("#f-name").press("Tab")
    expect(trial.locator("[data-save-state]")).to_contain_text("另一个窗口")
    expect(trial.locator("#f-name")).to_have_value("这一窗口")
    trial.get_by_role("button", name="看两边的不同").click()
    expect(trial.locator("fieldset", has_text="这一窗口")).to_contain_text("另一窗口")
    trial.get_by_role("radio", name="用另一窗口的").check()
    trial.get_by_role("button", name="按选定的保存").click()
    expect(trial.locator("#f-name")).to_have_value("另一窗口")
    other.close()
    other = trial.context.new_page()
    other.goto(trial.url)
    type_into(other, "f-name", "又一窗口")
    trial.locator("#f-name").fill("这一窗口")
    trial.locator("#f-name").press("Tab")
    trial.get_by_role("button", name="以本页为准保存").click()
    saved(trial)
    other.reload()
    expect(other.locator("#f-name")).to_have_value("这一窗口")


def test_after_the_session_ended_one_signs_in_elsewhere_and_goes_on(trial: Page) -> None:
    trial.wait_for_load_state("networkidle")
    trial.context.clear_cookies()
    trial.locator("#f-name").fill("登录前输入")
    trial.locator("#f-name").press("Tab")
    state = trial.locator("[data-save-state]")
    expect(state).to_contain_text("没有保存：登录已过期 内容都在，登录后接着填")
    with trial.context.expect_page() as opened:
        trial.get_by_role("button", name="重新登录").click()
    opened.value.get_by_label("登录名").fill("staff")
    opened.value.get_by_label("密码").fill("demo")
    opened.value.get_by_role("button", name="登录").click()
    opened.value.wait_for_url("**/")
    trial.get_by_role("button", name="现在重试").click()
    saved(trial)


def test_what_is_due_has_the_page_to_itself_where_there_is_nothing_else(
    browser: Browser, served: tuple[Office, Server]
) -> None:
    with screens_of(browser, served[1]) as screens:
        for person, beside in (("admin", False), ("staff", True)):
            page = screens.sign_in(person)
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto("/")
            due = page.locator("section[aria-labelledby=due-title]").bounding_box()
            assert due
            assert (due["width"] < 900) is beside, person


def test_an_administrator_decides_by_keyboard_what_is_reviewed_and_the_next_document_follows(
    browser: Browser, tmp_path: Path
) -> None:
    # an office of its own: in that of the others a paper entrustment may stand in the way of the record's
    office = make_office(tmp_path)
    record = before_the_order(office)
    with Server(office.app).running() as server, screens_of(browser, server) as screens:
        clerk, admin = screens.sign_in("staff"), screens.sign_in("admin")
        clerk.goto(f"/acts/{record.id}")
        clerk.get_by_role("button", name="据此制作责令限期改正通知书", exact=True).click()
        expect(clerk.get_by_role("button", name="提交审核", exact=True)).to_be_visible()
        admin.goto("/admin")
        admin.get_by_role("link", name="审核和签发").press("Enter")
        steps = admin.get_by_label("“责令限期改正通知书”经过的环节")
        expect(steps).to_have_value("both")
        steps.focus()
        for _ in range(3):
            admin.keyboard.press("ArrowDown")
        admin.keyboard.press("Tab")
        admin.keyboard.press("Enter")
        # nothing is kept without what the decision rests on, and what was chosen is still there
        expect(admin.get_by_text("请写明核定依据").first).to_be_visible()
        expect(steps).to_have_value("none")
        admin.get_by_role("link", name="请写明核定依据").press("Enter")
        admin.keyboard.type("司法局〔2026〕虚构1号")
        admin.keyboard.press("Enter")
        expect(admin.get_by_text("已修改：责令限期改正通知书")).to_be_visible()
        clerk.reload()
        for label, text in (
            ("承办人", "赵正言"),
            ("签发（批准）人", "周国栋"),
            ("制作日期", "2026年9月21日"),
        ):
            clerk.get_by_label(label, exact=True).fill(text)
        clerk.get_by_role("button", name="提交", exact=True).click()
        clerk.wait_for_url("**/acts/*")
        expect(clerk.locator(".tag").first).to_have_text("待编号")
