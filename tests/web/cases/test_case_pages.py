"""The pages of cases and of who answers: what a clerk finds there without scripts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, ServiceRecord
from formsvc.usecases.acts import serving
from formsvc.usecases.numbering import issue
from tests.support.issued_acts import CASES, add_person, before_the_order, issued, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

PARTY = CASES["EX07"]["fields"]["party_name"]
Visit = Callable[[str], Visitor]


def at(office: Office, moment: str) -> None:
    office.clock.moment = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def ordered(office: Office) -> Act:
    """A case as far as its order, of 9月21日 with its hazards to be remedied by 10月30日."""
    before_the_order(office)
    return order(office)


def test_the_list_names_the_party_and_what_comes_next(office: Office, ordered: Act, visit: Visit) -> None:
    page = visit("staff").open("/cases")
    # and the entrustment of March, which was never made public
    assert PARTY in page.links() and "共 2 个案件" in page.text
    assert "消防行政执法委托公告 ! 已过期" in page.text
    assert "送达回证另有 3 项 ! 已过期 3 天（9月18日 周五）" in page.text
    assert page.links()[PARTY] == visit("reviewer").open("/cases?which=all").links()[PARTY]


def test_late_cases_are_told_apart_by_words(office: Office, ordered: Act, visit: Visit) -> None:
    clerk = visit("staff")
    # the receipt of the notice, given on 9月16日, and the entrustment that was never made public
    assert "共 2 个案件" in clerk.open("/cases?which=late").text
    at(office, "2026-11-10T09:00")
    assert "已过期" in clerk.open("/cases?which=late").text
    assert "共 1 个案件" in clerk.open("/cases?text=福满家").text
    assert "没有符合条件的案件" in clerk.open("/cases?text=没有这家").text


def test_any_act_of_a_case_leads_to_the_same_page(office: Office, ordered: Act, visit: Visit) -> None:
    clerk = visit("staff")
    page = clerk.open(f"/cases/{ordered.id}")
    first = clerk.client.get(f"/cases/{ordered.id}").headers["Location"]
    assert page.h1 == f"案件：{PARTY}" and first != f"/cases/{ordered.id}"
    assert clerk.open(f"/acts/{ordered.id}").links()["查看整个案件"].endswith(ordered.id)
    for hazard in CASES["EX09"]["fields"]["hazards"]:
        assert hazard["desc"] in page.text
    assert "整改中" in page.text and "期限已过，尚未复查" not in page.text
    # the two that were to be remedied at once: no order was made for them yet
    assert page.text.count("没有着落") == 2
    at(office, "2026-10-31T09:00")
    assert "! 期限已过，尚未复查" in clerk.open(first).text


def test_a_deadline_tells_how_it_was_counted(office: Office, ordered: Act, visit: Visit) -> None:
    text = visit("staff").open(f"/cases/{ordered.id}").text
    assert "9月20日为调休上班日，计入（《消防监督检查规定》第十九条）" in text
    assert "的次日起算3个工作日，到2026年11月4日（周三）止" in text


def test_what_comes_next_is_begun_from_the_case(office: Office, ordered: Act, visit: Visit) -> None:
    clerk = visit("staff")
    clerk.open(f"/cases/{ordered.id}")
    page = clerk.press("据此制作复查意见书")
    assert page.h1 == "复查意见书" and page.value("f-party_name") == PARTY
    assert "继续办理已起草的一件" in clerk.open(f"/cases/{ordered.id}").links()


def test_a_reviewer_sees_the_case_and_makes_nothing(office: Office, ordered: Act, visit: Visit) -> None:
    page = visit("reviewer").open(f"/cases/{ordered.id}")
    assert not any("据此制作" in (b.text or "") for b in page._all("button"))


def test_whoever_may_not_see_the_acts_sees_no_case(office: Office, ordered: Act, visit: Visit) -> None:
    add_person(office.ports, "stranger", "外单位", {"wangkui-brigade": ["staff"]})
    stranger = visit("stranger")
    assert "共 0 个案件" in stranger.open("/cases?which=all").text
    assert stranger.open(f"/cases/{ordered.id}").status == 404


def test_a_publication_counts_as_service_after_thirty_days(
    office: Office, ordered: Act, visit: Visit
) -> None:
    at(office, "2026-09-22T10:00")
    served = ServiceRecord("公告送达", "2026-09-22T09:00", "", servers=("赵正言",), note="镇政府公告栏")
    serving.record_service(office.ports, sample_actor(office.ports, "staff"), ordered.id, served)
    page = visit("staff").open(f"/cases/{ordered.id}")
    assert "公告送达，10月22日 周四视为送达" in page.text
    assert (
        "（2026年9月22日）的次日起算30日，到2026年10月22日（周四）止（《中华人民共和国民事诉讼法》第九十五条）"
        in page.text
    )
    shown = visit("staff").open(f"/acts/{ordered.id}").text
    assert "2026年10月22日 周四" in shown
    # nobody received it: the history has no gap in its place
    assert "公告送达，2026-09-22 09:00" in shown and "，，" not in shown


def test_the_step_of_service_offers_the_receipt(office: Office, ordered: Act, visit: Visit) -> None:
    officer = visit("officer")
    officer.open(f"/acts/{ordered.id}/service")
    page = officer.press("据此制作送达回证")
    assert page.h1 == "送达回证" and page.value("f-receiver_unit") == PARTY
    assert officer.open("/forms/T22/new").status == 403


def test_home_lists_what_is_due_with_its_reason(office: Office, ordered: Act, visit: Visit) -> None:
    page = visit("staff").open("/")
    assert f"依据：{ordered.number}" in page.text and "我承办" in page.text
    assert "我承办" not in visit("approver").open("/").text


def test_the_matrix_says_in_words_what_is_vacant(office: Office, visit: Visit) -> None:
    at(office, "2026-03-12T10:00")
    issued(office, "EX03")
    notice = issued(office, "EX04")
    page = visit("staff").open("/responsibility")
    assert "李明远" in page.text and "空缺" in page.text
    assert page.links()[notice.number] == f"/acts/{notice.id}"
    earlier = visit("staff").open("/responsibility?on=2026-01-05").text
    assert "李明远" not in earlier
    assert visit("staff").open("/responsibility?on=昨天").status == 200
    unread = visit("staff").open("/responsibility?on=上任那天")
    assert unread.status == 422 and len(unread.errors) == 1 and "上任那天" in unread.errors[0]
    issue.void_act(office.ports, sample_actor(office.ports, "approver"), notice.id, reason="漏列新立村")
    assert notice.number not in visit("staff").open("/responsibility").text
