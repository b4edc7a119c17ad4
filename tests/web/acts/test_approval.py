"""The queue, the key points, and the decision on an act."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, State
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import register as number_registers
from tests.support.issued_acts import ORDER_NUMBER, add_person, before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

Visit = Callable[[str], Visitor]


@pytest.fixture
def filed(office: Office) -> Office:
    """An office with everything that comes before an order."""
    before_the_order(office)
    return office


def now(office: Office, act: Act) -> Act:
    """The act as it is kept now."""
    with office.ports.store.read() as tx:
        return Act.from_record(tx.acts.get(act.id) or {})


# The queue -------------------------------------------------------------------------------------------


def test_the_queue_shows_what_waits_for_this_person(filed: Office, visit: Visit) -> None:
    order(filed, State.SUBMITTED)
    order(filed, State.REVIEWED)
    assert "共 1 件" in visit("reviewer").open("/approval").text
    assert "共 2 件" in visit("approver").open("/approval").text
    assert "现在没有等您办理的文书" in visit("staff").open("/approval").text


def test_one_goes_from_one_act_to_the_next(filed: Office, visit: Visit) -> None:
    acts = [order(filed, State.SUBMITTED) for _ in range(3)]
    wang = visit("reviewer")
    page = wang.open(f"/approval/{acts[1].id}")
    assert "上一件 ‹ 2/3 › 下一件" in page.text
    assert page.links()["上一件"].endswith(acts[0].id)
    assert page.links()["下一件"].endswith(acts[2].id)


def test_after_a_decision_the_next_act_is_there(filed: Office, visit: Visit) -> None:
    first, second = order(filed, State.SUBMITTED), order(filed, State.SUBMITTED)
    wang = visit("reviewer")
    wang.open(f"/approval/{first.id}")
    page = wang.press("同意，转签发", comment="事实清楚")
    assert page.path == f"/approval/{second.id}"
    assert "已审核通过，转签发：责令限期改正通知书" in page.text
    page = wang.press("同意，转签发")
    assert page.path == "/approval"
    assert now(filed, first).status is State.REVIEWED


def test_an_act_decided_by_somebody_else_is_shown_and_not_decided_again(filed: Office, visit: Visit) -> None:
    act = order(filed, State.ISSUED)
    page = visit("reviewer").open(f"/approval/{act.id}")
    assert page.path == f"/acts/{act.id}"
    assert "现在的状态是“已签发”" in page.text


# Key points ------------------------------------------------------------------------------------------


def test_each_key_point_says_what_was_found(filed: Office, visit: Visit) -> None:
    act = order(filed, State.SUBMITTED)
    text = visit("reviewer").open(f"/approval/{act.id}").text
    for said in (
        "✓权限",
        "绥北消委字〔2026〕第0001号",
        "✓执法人员",
        "赵正言、钱守规",
        "共 2 名，要求不少于 2 名",
        "✓期限和日期",
        "复查期限 2026年11月4日",
        "✓引用法条",
        "✓填报内容",
    ):
        assert said in text


def test_a_certificate_that_ran_out_meanwhile_is_pointed_out(filed: Office, visit: Visit) -> None:
    act = order(filed, State.SUBMITTED)
    with filed.ports.store.write() as tx:
        officer = tx.officers.find()[0]
        tx.officers.replace(officer["id"], {**officer, "valid_to": "2026-09-01"})
    wang = visit("reviewer")
    page = wang.open(f"/approval/{act.id}")
    assert "✗执法人员" in page.text
    refused = wang.press("同意，转签发", comment="已核")
    assert refused.status == 422
    assert any("赵正言" in line or "钱守规" in line for line in refused.errors)
    assert now(filed, act).status is State.SUBMITTED


def test_an_empty_register_is_no_confirmation(filed: Office, visit: Visit) -> None:
    act = order(filed, State.SUBMITTED)
    wang = visit("reviewer")
    text = wang.open(f"/approval/{act.id}").text
    assert "✓执法人员" in text and "名册为空" not in text and "人员名单为空" not in text
    with filed.ports.store.write() as tx:
        for officer in tx.officers.find():
            tx.officers.remove(officer["id"])
    text = wang.open(f"/approval/{act.id}").text
    assert "!执法人员 须留意" in text and "执法人员名册为空，无法核对赵正言、钱守规的执法证件" in text
    assert "✓权限" in text
    # the authority's own list of people: the same
    with filed.ports.store.write() as tx:
        for authority in tx.authorities.find():
            tx.authorities.replace(authority["id"], {**authority, "people": []})
    text = wang.open(f"/approval/{act.id}").text
    assert "!填报内容 须留意" in text and "人员名单为空，无法核对" in text and "“周国栋”" in text
    # it is for the reviewer to decide: nothing is blocked
    assert "已审核通过" in wang.press("同意，转签发", comment="看过证件原件").text


def test_a_mark_of_what_is_fine_never_stands_over_a_notice(filed: Office, visit: Visit) -> None:
    with filed.ports.store.write() as tx:
        for officer in tx.officers.find():
            tx.officers.remove(officer["id"])
    act = order(filed, State.SUBMITTED)
    points = [
        (point.get("class") or "", "".join(point.itertext()))
        for point in visit("reviewer").open(f"/approval/{act.id}").tree.iter("li")
        if point.get("class") in ("is-fine", "needs-attention", "is-wrong")
    ]
    assert {kind for kind, _text in points} == {"is-fine", "needs-attention"}
    assert all(("请留意" in text) is (kind == "needs-attention") for kind, text in points)


# Decisions -------------------------------------------------------------------------------------------


def test_a_return_takes_a_comment(filed: Office, visit: Visit) -> None:
    act = order(filed, State.SUBMITTED)
    wang = visit("reviewer")
    wang.open(f"/approval/{act.id}")
    page = wang.press("退回修改")
    assert page.status == 422
    assert page.errors == ["退回时必须写明理由。请在“意见”中写清需要改什么，再按“退回修改”。"]
    assert page.element("f-comment").get("aria-invalid") == "true"
    page = wang.press("退回修改", comment="第二项隐患没有写明位置")
    assert "已退回起草人" in page.text
    assert now(filed, act).returned_note == "第二项隐患没有写明位置"


def test_what_changed_meanwhile_is_not_decided_and_the_comment_is_kept(filed: Office, visit: Visit) -> None:
    act = order(filed, State.SUBMITTED)
    wang = visit("reviewer")
    wang.open(f"/approval/{act.id}")
    li_ming = sample_actor(filed.ports, "staff")
    drafts.withdraw(filed.ports, li_ming, act.id)
    drafts.submit(filed.ports, li_ming, act.id)
    page = wang.press("同意，转签发", comment="事实清楚")
    assert page.status == 409
    assert "这件文书在您打开之后有变动" in page.errors[0]
    assert page.element("f-comment").text == "事实清楚"
    assert wang.press("同意，转签发").path == "/approval"


def test_one_press_signs_and_numbers(filed: Office, visit: Visit) -> None:
    act = order(filed, State.REVIEWED)
    zhao = visit("approver")
    zhao.open(f"/approval/{act.id}")
    page = zhao.press("签发并编号", comment="同意")
    assert page.h1 == ORDER_NUMBER
    assert f"已编号 {ORDER_NUMBER}" in page.text


def test_pressed_twice_it_is_the_same_number(filed: Office, visit: Visit) -> None:
    act = order(filed, State.REVIEWED)
    zhao = visit("approver")
    page = zhao.open(f"/approval/{act.id}")
    action, sent = page.form_with("签发并编号")
    for _ in range(2):
        answer = zhao.client.post(action, data=dict(sent), follow_redirects=True)
        assert ORDER_NUMBER in answer.get_data(as_text=True)
    register = number_registers.number_register(filed.ports, "sbd-xian", 2026)
    assert register is not None
    assert [row["text"] for row in register.rows] == [ORDER_NUMBER]


def test_when_only_the_number_fails_the_approval_stands_and_the_page_says_so(
    filed: Office, visit: Visit
) -> None:
    act = order(filed, State.REVIEWED)
    with filed.ports.store.write() as tx:
        series = tx.series.get("sbd-xian") or {}
        tx.series.replace("sbd-xian", {**series, "forms": ["T21"]})
    zhao = visit("approver")
    zhao.open(f"/approval/{act.id}")
    page = zhao.press("签发并编号")
    assert page.status == 422
    assert "没有配置文号系列" in page.errors[0]
    assert now(filed, act).status is State.APPROVED
    assert "编号制发本件" in page.text


def test_who_may_sign_and_not_number_signs_only(
    filed: Office, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from formsvc.domain.accounts import account

    rights = account.RIGHTS[account.Role.APPROVER] - {account.Right.ISSUE}
    monkeypatch.setitem(account.RIGHTS, account.Role.APPROVER, rights)
    act = order(filed, State.REVIEWED)
    zhao = visit("approver")
    page = zhao.open(f"/approval/{act.id}")
    assert "签发并编号" not in page.text
    assert "已签发，待编号" in zhao.press("同意签发").text


def test_nobody_decides_on_an_act_of_their_own(filed: Office, visit: Visit) -> None:
    add_person(filed.ports, "both", "周某", {"*": ["staff", "reviewer"]})
    act = order(filed, State.SUBMITTED, by="both")
    both = visit("both")
    assert "现在没有等您办理的文书" in both.open("/approval").text
    assert "同意，转签发" not in both.open(f"/approval/{act.id}").text
    answer = both.client.post(f"/acts/{act.id}/review", data={"csrf_token": both.token(), "decision": "pass"})
    assert answer.status_code == 422
    assert "本件由您起草" in answer.get_data(as_text=True)
