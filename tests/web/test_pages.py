"""Home, catalogue, search, health."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from formsvc.domain.acts.act import Act
from formsvc.domain.acts.search_text import heading_search_text
from formsvc.errors import Busy
from formsvc.web.filters import day, long_day, moment, time_left
from tests.support.memory_office import Office
from tests.support.page_client import Visitor


def put_act(office: Office, **facts: str) -> Act:
    """An act straight into the store, for lists that only read."""
    fields: dict[str, Any] = {
        "id": "a" * 16,
        "form": "X01",
        "revision": "",
        "title": "责令限期改正通知书",
        "drafter": "other",
        **facts,
    }
    act = Act(**fields)
    with office.ports.store.write() as tx:
        tx.acts.insert(act.id, act.to_record())
    return act


def test_home_offers_what_the_person_may_do(visit: Callable[[str], Visitor]) -> None:
    staff, reviewer = visit("staff").open("/").text, visit("reviewer").open("/").text
    assert "发起文书" in staff and "轮到我" not in staff
    assert "轮到我" in reviewer and "我的草稿" not in reviewer


def test_home_lists_what_waits_with_its_state(office: Office, visit: Callable[[str], Visitor]) -> None:
    put_act(
        office, state="submitted", party="顺达货栈", submitted_at="2026-09-21T10:12:00", authority="donghe"
    )
    text = visit("reviewer").open("/").text
    assert "轮到我 1" in text and "待我审核 1" in text and "责令限期改正通知书10:12 顺达货栈" in text


def test_home_counts_working_days_until_a_deadline(office: Office, visit: Callable[[str], Visitor]) -> None:
    put_act(
        office,
        state="issued",
        due="2026-09-24",
        number="绥北（东）消限字〔2026〕第0005号",
        authority="donghe",
    )
    text = visit("staff").open("/").text
    assert "9月24日 周四 还剩 3 个工作日" in text and "本周还有 1" in text
    assert "绥北（东）消限字〔2026〕第0005号" in text


def test_home_tells_what_is_overdue_today_and_this_week(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    for due in ("2026-06-01", "2026-09-18", "2026-09-21", "2026-09-25", "2026-09-28"):
        put_act(office, id=due, state="issued", due=due, number=f"消限字 {due}", authority="donghe")
    page = visit("staff").open("/")
    for said in ("已经逾期 2", "今天到期 1", "本周还有 1", "今天最后一天", "到 9月27日 周日 为止"):
        assert said in page.text
    # the longest overdue first, and of next week nothing
    assert page.text.index("消限字 2026-06-01") < page.text.index("消限字 2026-09-18")
    assert "消限字 2026-09-28" not in page.text


def test_home_tells_the_drafter_what_came_back_and_what_waits_for_others(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    put_act(office, drafter="staff", state="draft", party="福满家", returned_note="请写明部位")
    put_act(office, id="b", drafter="staff", state="reviewed", party="春晖超市", authority="donghe")
    text = visit("staff").open("/").text
    assert "退回修改 1" in text and "福满家。“请写明部位”" in text
    assert "等别人 1" in text and "等签发" in text and "春晖超市" in text
    assert "等别人" not in visit("reviewer").open("/").text


def test_only_administrators_see_the_way_to_administration(visit: Callable[[str], Visitor]) -> None:
    assert "系统管理" in visit("admin").open("/").links()
    assert "系统管理" not in visit("staff").open("/").links()


def test_the_catalogue_groups_forms_by_family(li_ming: Visitor) -> None:
    text = li_ming.open("/forms").text
    assert (
        text.index("授权、委托与机构") < text.index("消防行政执法委托书") < text.index("责令限期改正通知书")
    )


@pytest.mark.parametrize(
    ("words", "found"), [("限期", True), ("T22", True), ("检查 单位", False), ("没有这种", False)]
)
def test_the_catalogue_is_searched_by_a_few_words(li_ming: Visitor, words: str, found: bool) -> None:
    assert ("责令限期改正通知书" in li_ming.open(f"/forms?q={words}").text) is found


def test_without_the_right_to_draft_the_catalogue_only_shows(visit: Callable[[str], Visitor]) -> None:
    page = visit("reviewer").open("/forms")
    assert "没有起草文书的权限" in page.text
    assert visit("reviewer").open("/forms/X01/new").status == 403


def test_search_finds_acts_and_forms(office: Office, li_ming: Visitor) -> None:
    put_act(
        office, state="issued", search="顺达货栈 责令限期改正通知书", party="顺达货栈", authority="donghe"
    )
    page = li_ming.open("/search?q=顺达")
    assert page.h1 == "搜索“顺达”"
    assert "顺达货栈" in page.text
    assert "责令限期改正通知书" in li_ming.open("/search?q=责令限期").text


@pytest.mark.parametrize("typed", ["买买提·艾力", "买买提•艾力", "买买提・艾 力", "买买提艾力", "提．艾"])
def test_a_name_is_found_with_whatever_dot_it_is_typed(office: Office, li_ming: Visitor, typed: str) -> None:
    party = "买买提‧艾力"
    revision = office.ports.definitions.current()["X01"].id
    search = heading_search_text("", "函", [party])
    put_act(office, state="issued", search=search, party=party, authority="donghe", revision=revision)
    assert party in li_ming.open(f"/search?q={typed}").text
    assert party in li_ming.open(f"/acts?text={typed}").text
    assert party not in li_ming.open("/acts?text=艾力买").text


def test_a_whole_number_leads_straight_to_its_act(office: Office, li_ming: Visitor) -> None:
    number = "绥北（东）消限字〔2026〕第0005号"
    put_act(office, state="issued", search=number, number=number, authority="donghe")
    found = li_ming.client.get("/search", query_string={"q": number})
    answer = li_ming.client.get(found.location)
    assert answer.headers["Location"] == f"/acts/{'a' * 16}"


def test_an_empty_search_leads_home(li_ming: Visitor) -> None:
    assert li_ming.open("/search?q=").path == "/"


def test_health_is_open_to_everybody_and_tells_of_the_store(office: Office) -> None:
    answer = office.app.test_client().get("/healthz")
    assert answer.status_code == 200
    assert answer.get_json()["status"] == "ok"


def test_a_store_that_does_not_answer_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy() -> None:
        raise Busy("数据库忙。")

    monkeypatch.setattr(office.ports.store, "health", busy)
    answer = office.app.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "failing")


@pytest.mark.parametrize(
    ("made", "written"),
    [
        (lambda: day("2026-12-02"), "12月2日 周三"),
        (lambda: day("2027-01-04"), "2027年1月4日 周一"),
        (lambda: day("不是日期"), "不是日期"),
        (lambda: long_day("2026-11-23"), "2026年11月23日 周一"),
        (lambda: moment("2026-09-21T09:05:00+08:00"), "09:05"),
        (lambda: moment("2026-09-20T16:40:00+08:00"), "昨天 16:40"),
        (lambda: moment("2026-03-02T16:40:00+08:00"), "3月2日 16:40"),
        (lambda: moment("2025-03-02T16:40:00+08:00"), "2025年3月2日 16:40"),
        (lambda: time_left("2026-09-21"), "今天到期（9月21日 周一）"),
        (lambda: time_left("2026-09-18"), "已过期 3 天（9月18日 周五）"),
        (lambda: time_left("2026-10-09"), "还剩 8 个工作日（10月9日 周五）"),
    ],
)
def test_days_are_written_as_people_say_them(office: Office, made: Callable[[], str], written: str) -> None:
    with office.app.test_request_context():
        assert made() == written
