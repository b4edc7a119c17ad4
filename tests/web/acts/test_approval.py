"""The queue, the key points, and the decision on an act."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, State
from formsvc.usecases.approval import review
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
    assert "第 2 件，共 3 件" in page.text
    assert page.links()["上一件"].endswith(acts[0].id)
    assert page.links()["下一件"].endswith(acts[2].id)


def test_after_a_decision_the_next_act_is_there(filed: Office, visit: Visit) -> None:
    first, second = order(filed, State.SUBMITTED), order(filed, State.SUBMITTED)
    wang = visit("reviewer")
    wang.open(f"/approval/{first.id}")
    page = wang.press("同意，转签发，看下一件", comment="事实清楚")
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
        "项符合",
        "绥北消委字〔2026〕第0001号",
        "执法人员 赵正言、钱守规",
        "共 2 名，要求不少于 2 名",
        "期限和日期 复查期限 2026年11月4日",
        "引用法条",
        "填报内容",
    ):
        assert said in text


def test_a_certificate_that_ran_out_meanwhile_is_pointed_out(filed: Office, visit: Visit) -> None:
    act = order(filed, State.SUBMITTED)
    with filed.ports.store.write() as tx:
        officer = tx.officers.find()[0]
        tx.officers.replace(officer["id"], {**officer, "valid_to": "2026-09-01"})
    wang = visit("reviewer")
    page = wang.open(f"/approval/{act.id}")
    assert "不符合 1" in page.text and "不符合 执法人员" in page.text
    # agreeing is not offered, and refused to whom the page of before still offers it
    assert "同意，转签发" not in page.text and "有 1 项不符合，不能同意，只能退回" in page.text
    answer = wang.client.post(f"/acts/{act.id}/review", data={"csrf_token": wang.token(), "decision": "pass"})
    assert answer.status_code == 422
    assert "执法" in answer.get_data(as_text=True)
    assert now(filed, act).status is State.SUBMITTED
    assert "已退回起草人" in wang.press("退回修改", comment="证件已过期").text


def test_an_empty_register_is_no_confirmation(filed: Office, visit: Visit) -> None:
    act = order(filed, State.SUBMITTED)
    wang = visit("reviewer")
    text = wang.open(f"/approval/{act.id}").text
    assert "须留意 执法人员" not in text and "名册为空" not in text and "人员名单为空" not in text
    with filed.ports.store.write() as tx:
        for officer in tx.officers.find():
            tx.officers.remove(officer["id"])
    text = wang.open(f"/approval/{act.id}").text
    assert "须留意 执法人员" in text and "执法人员名册为空，无法核对赵正言、钱守规的执法证件" in text
    # the authority's own list of people: the same
    with filed.ports.store.write() as tx:
        for authority in tx.authorities.find():
            tx.authorities.replace(authority["id"], {**authority, "people": []})
    text = wang.open(f"/approval/{act.id}").text
    assert "须留意 填报内容" in text and "人员名单为空，无法核对" in text and "“周国栋”" in text
    # it is for the reviewer to decide: nothing is blocked
    assert "已审核通过" in wang.press("同意，转签发", comment="看过证件原件").text


def test_what_needs_attention_is_open_and_what_is_fine_is_folded(filed: Office, visit: Visit) -> None:
    with filed.ports.store.write() as tx:
        for officer in tx.officers.find():
            tx.officers.remove(officer["id"])
    act = order(filed, State.SUBMITTED)
    page = visit("reviewer").open(f"/approval/{act.id}")
    points = [
        point for point in page.tree.iter("li") if point.get("class") in ("is-fine", "is-look", "is-wrong")
    ]
    assert {point.get("class") for point in points} == {"is-fine", "is-look"}
    look = [point for point in points if point.get("class") == "is-look"]
    # a notice is never within anything folded
    assert any("名册为空" in (p.text or "") for point in look for p in point.findall("div/p"))
    folded = next(point for point in points if point.get("class") == "is-fine").find("details")
    assert folded.get("open") is None
    assert "权限" in "".join(folded.find("summary").itertext())


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


def test_signed_and_numbered_the_next_act_is_there(filed: Office, visit: Visit) -> None:
    first, second = order(filed, State.REVIEWED), order(filed, State.REVIEWED)
    zhao = visit("approver")
    zhao.open(f"/approval/{first.id}")
    page = zhao.press("签发并编号，看下一件")
    assert page.path == f"/approval/{second.id}"
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


# Returned and submitted again ------------------------------------------------------------------------


def returned_and_changed(office: Office, act: Act, **changes: object) -> None:
    """Have the act returned, and submitted again with other answers."""
    wang, li_ming = sample_actor(office.ports, "reviewer"), sample_actor(office.ports, "staff")
    review.review(office.ports, wang, act.id, passed=False, comment="第一项请写明部位")
    draft = drafts.load_draft(office.ports, li_ming, act.id)
    answers = {**draft.act.answers, **changes}
    drafts.save_answers(office.ports, li_ming, act.id, answers, version=draft.act.version)
    drafts.submit(office.ports, li_ming, act.id)


def test_what_was_changed_since_the_return_is_listed(filed: Office, visit: Visit) -> None:
    act = order(filed, State.SUBMITTED)
    rows = [dict(row) for row in act.answers["hazards"]]
    before = rows[0]["location"]
    rows[0]["location"] = f"{before}二层北侧走道"
    returned_and_changed(filed, act, hazards=rows, party_phone="19900000099")
    page = visit("reviewer").open(f"/approval/{act.id}")
    assert "退回后改了 2 处" in page.text
    assert "王芳退回：“第一项请写明部位”" in page.text and "第 2 次提交" in page.text
    assert "二层北侧走道" in ["".join(each.itertext()) for each in page.tree.iter("ins")]
    assert "第1项 部位" in page.text
    # a telephone number is shown in part, as everywhere on this page
    assert "19900000099" not in page.text


def test_who_signs_sees_the_changes_too_and_the_issued_act_keeps_none(filed: Office, visit: Visit) -> None:
    act = order(filed, State.SUBMITTED)
    returned_and_changed(filed, act, party_addr="绥化市北林区东河镇站前路8号")
    visit("reviewer").open(f"/approval/{act.id}")
    review.review(filed.ports, sample_actor(filed.ports, "reviewer"), act.id, passed=True)
    zhao = visit("approver")
    assert "退回后改了" in zhao.open(f"/approval/{act.id}").text
    zhao.press("签发并编号")
    issued = now(filed, act)
    assert issued.status is State.ISSUED and issued.returned_answers == {}


def test_an_act_that_was_never_returned_lists_no_changes(filed: Office, visit: Visit) -> None:
    act = order(filed, State.SUBMITTED)
    assert "退回后" not in visit("reviewer").open(f"/approval/{act.id}").text


# Usual phrases ---------------------------------------------------------------------------------------


def test_a_usual_phrase_is_a_comment_without_typing(filed: Office, visit: Visit) -> None:
    act = order(filed, State.SUBMITTED)
    wang = visit("reviewer")
    page = wang.open(f"/approval/{act.id}")
    assert "请核对日期和期限。" in page.text
    wang.press("退回修改", phrase="请核对日期和期限。")
    assert now(filed, act).returned_note == "请核对日期和期限。"


def test_what_one_wrote_last_is_offered_again(filed: Office, visit: Visit) -> None:
    first, second = order(filed, State.SUBMITTED), order(filed, State.SUBMITTED)
    wang = visit("reviewer")
    wang.open(f"/approval/{first.id}")
    page = wang.press("退回修改", comment="检查时间与记录不一致。")
    assert page.path == f"/approval/{second.id}"
    assert "检查时间与记录不一致。" in ["".join(each.itertext()) for each in page.tree.iter("option")]
    assert "检查时间与记录不一致。" not in visit("approver").open(f"/approval/{second.id}").text


# Several in one go -----------------------------------------------------------------------------------


def test_several_that_were_opened_are_signed_in_one_press(filed: Office, visit: Visit) -> None:
    acts = [order(filed, State.REVIEWED) for _ in range(3)]
    zhao = visit("approver")
    assert "没看过" in zhao.open("/approval").text
    for act in acts[:2]:
        zhao.open(f"/approval/{act.id}")
    page = zhao.open("/approval")
    ticks = [box.get("value") for box in page.tree.iter("input") if box.get("name") == "act"]
    assert ticks == [act.id for act in acts[:2]]
    page = zhao.press("同意勾选的文书，一次办完", act=ticks)
    assert page.text.count("已编号") == 2 and ORDER_NUMBER in page.text
    assert [now(filed, act).status for act in acts] == [State.ISSUED, State.ISSUED, State.REVIEWED]


def test_what_was_not_opened_as_it_is_now_is_not_signed_in_one_press(filed: Office, visit: Visit) -> None:
    opened, unopened = order(filed, State.SUBMITTED), order(filed, State.SUBMITTED)
    wang = visit("reviewer")
    wang.open(f"/approval/{opened.id}")
    li_ming = sample_actor(filed.ports, "staff")
    drafts.withdraw(filed.ports, li_ming, opened.id)
    drafts.submit(filed.ports, li_ming, opened.id)
    sent = {"csrf_token": wang.token(), "act": [opened.id, unopened.id, "no-such-act"]}
    text = wang.client.post("/approval", data=sent).get_data(as_text=True)
    assert text.count("您还没有打开看过") == 2 and "已由别人办理" in text
    assert {now(filed, act).status for act in (opened, unopened)} == {State.SUBMITTED}


def test_one_that_is_refused_does_not_stop_the_others(filed: Office, visit: Visit) -> None:
    good, bad = order(filed, State.SUBMITTED), order(filed, State.SUBMITTED)
    wang = visit("reviewer")
    for act in (good, bad):
        wang.open(f"/approval/{act.id}")
    with filed.ports.store.write() as tx:
        record = tx.acts.get(bad.id) or {}
        tx.acts.replace(bad.id, {**record, "answers": {**record["answers"], "party_name": ""}})
    sent = {"csrf_token": wang.token(), "act": [bad.id, good.id]}
    text = wang.client.post("/approval", data=sent).get_data(as_text=True)
    assert "没有办：" in text and "已审核通过，转签发" in text
    assert now(filed, good).status is State.REVIEWED and now(filed, bad).status is State.SUBMITTED
