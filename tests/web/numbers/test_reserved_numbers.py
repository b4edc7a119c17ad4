"""Blank numbers handed out for orders on the spot, accounted for one by one; papers' numbers voided."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import State
from formsvc.errors import FormsvcError, InputRefused
from formsvc.usecases import access, event_log
from formsvc.usecases.acts import issued_files
from formsvc.usecases.numbering import accounting, issue, register, register_export, reservations
from formsvc.usecases.numbering.accounting import Accounting
from formsvc.usecases.numbering.reservations import Reservation
from formsvc.usecases.numbering.rows import NumberRow
from formsvc.usecases.ports import Record
from tests.support.issued_acts import add_person, before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

Visit = Callable[[str], Visitor]
SERIES = "sbd-ji"
REGISTER = f"/numbers/{SERIES}/2026"


def number(n: int) -> str:
    """A number of the series of orders made on the spot."""
    return f"绥北（东）消即字〔2026〕第{n:04d}号"


def officer_of(office: Office) -> Record:
    """An officer with a certificate in force."""
    return reservations.certified_officers(office.ports)[0]


def reserved(office: Office, count: int = 3) -> list[NumberRow]:
    """A block handed out."""
    wish = Reservation(count, officer_of(office)["id"], "夜查沿街商铺", "2026-09-24")
    return reservations.reserve(office.ports, sample_actor(office.ports, "approver"), SERIES, wish)


def rows(office: Office, series: str = SERIES) -> list[NumberRow]:
    """The register's rows."""
    page = register.number_register(office.ports, series, 2026)
    assert page is not None
    return page.rows


def line(visitor: Visitor, text: str) -> str:
    """The line of a number in its register."""
    page = visitor.open(REGISTER)
    lines = [" ".join("".join(row.itertext()).split()) for row in page.tree.iter("tr")]
    return next(one for one in lines if text in one)


def test_a_block_is_handed_to_an_officer(office: Office, visit: Visit) -> None:
    zhao = visit("approver")
    zhao.open(REGISTER)
    page = zhao.open(f"/numbers/{SERIES}/reserve")
    assert page.value("f-due") == "2026-09-24", "three working days"
    officer = officer_of(office)
    page = zhao.press("领用文号", count="2", officer=officer["id"], reason="夜查沿街商铺")
    assert f"已由{officer['name']}领用 2 个号：{number(3)} 至 {number(4)}" in page.text
    assert f"下一个 {number(5)}" in page.text
    assert "已领未核销" in line(zhao, number(3))
    assert f"9月21日由{officer['name']}领用：夜查沿街商铺；应在9月24日前核销" in line(zhao, number(4))
    event = next(e for e in event_log.list_events(office.ports, sample_actor(office.ports, "admin")).events)
    assert (event.kind, event.detail["numbers"]) == (
        "NumbersReserved",
        [f"{SERIES}/2026/000003", f"{SERIES}/2026/000004"],
    )


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"count": "0"}, "一次领用的个数应当在 1 到 100 之间。"),
        ({"count": "101"}, "一次领用的个数应当在 1 到 100 之间。"),
        ({"count": "三"}, "一次领用的个数应当在 1 到 100 之间。"),
        ({"officer": "nobody"}, "请选择领用的执法人员。"),
        ({"reason": " "}, "请写明领用事由"),
        ({"due": "2026-09-20"}, "核销期限不能早于今天。"),
        ({"due": "近日"}, "请填写核销期限"),
    ],
)
def test_a_block_needs_a_count_an_officer_a_reason_and_a_day(
    office: Office, visit: Visit, typed: dict[str, str], wrong: str
) -> None:
    zhao = visit("approver")
    zhao.open(f"/numbers/{SERIES}/reserve")
    fine = {"count": "2", "officer": officer_of(office)["id"], "reason": "夜查沿街商铺", "due": "2026-09-24"}
    page = zhao.press("领用文号", fine | typed)
    assert page.status == 422
    assert [error.startswith(wrong) for error in page.errors] == [True]
    assert rows(office) == []


def test_an_officer_whose_certificate_ran_out_is_handed_nothing(office: Office) -> None:
    officer = officer_of(office)
    with office.ports.store.write() as tx:
        tx.officers.replace(officer["id"], {**officer, "valid_to": "2026-09-20"})
    with pytest.raises(InputRefused, match="请选择领用的执法人员"):
        reservations.reserve(
            office.ports,
            sample_actor(office.ports, "approver"),
            SERIES,
            Reservation(1, officer["id"], "夜查", ""),
        )


def test_each_number_is_accounted_for(office: Office, visit: Visit) -> None:
    reserved(office)
    sun = visit("officer")
    at = f"/numbers/{SERIES}/2026/row"
    sun.open(f"{at}/000003/account")
    used = {
        "outcome": "used",
        "title": "责令立即改正通知书",
        "party": "福满家购物广场",
        "dated": "2026-09-21",
    }
    page = sun.press("核销这个号", used)
    assert f"{number(3)} 已核销：现场已用" in page.text
    sun.open(f"{at}/000004/account")
    sun.press("核销这个号", outcome="spoilt", note="填写时被雨水浸湿，已盖作废章留存")
    sun.open(f"{at}/000005/account")
    sun.press("核销这个号", outcome="lost", note="9月21日夜查途中遗失，已在公告栏声明作废")
    assert [row["state"] for row in rows(office)] == ["used", "spoilt", "lost"]
    assert "责令立即改正通知书 福满家购物广场 2026年9月21日" in line(sun, number(3))
    assert "核销为空白损毁：填写时被雨水浸湿" in line(sun, number(4))
    assert "核销为空白遗失：9月21日夜查途中遗失" in line(sun, number(5))


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"outcome": ""}, "请选择这个号的去向。"),
        ({"outcome": "issued"}, "请选择这个号的去向。"),
        ({"outcome": "lost", "note": ""}, "损毁、遗失的号必须写明经过。"),
        ({"title": ""}, "请填写文书名称。"),
        ({"party": ""}, "请填写当事人。"),
        ({"dated": "2026-09-20"}, "制作日期早于领用日期（2026-09-21）。"),
        ({"dated": "2026-09-22"}, "制作日期晚于今天。"),
        ({"dated": "2025-12-31"}, "制作日期不在2026年"),
        ({"related": "东政发〔2026〕99号"}, "系统中没有这个文号的文书。"),
    ],
)
def test_what_became_of_a_number_must_be_said_in_full(
    office: Office, visit: Visit, typed: dict[str, str], wrong: str
) -> None:
    reserved(office)
    sun = visit("officer")
    sun.open(f"/numbers/{SERIES}/2026/row/000003/account")
    used = {"outcome": "used", "title": "责令立即改正通知书", "party": "福满家", "dated": "2026-09-21"}
    page = sun.press("核销这个号", used | typed)
    assert page.status == 422
    assert [error.startswith(wrong) for error in page.errors] == [True]
    assert rows(office)[0]["state"] == "reserved"


def test_a_lost_number_that_turns_up_keeps_what_was_said(office: Office) -> None:
    key = reserved(office, 1)[0]["id"]
    sun = sample_actor(office.ports, "officer")
    accounting.account_for(office.ports, sun, key, Accounting("lost", note="途中遗失"))
    accounting.account_for(office.ports, sun, key, Accounting("spoilt", note="在车内找到，已盖作废章"))
    page = register.number_register(office.ports, SERIES, 2026)
    assert page is not None
    note = page.rows[0]["account_note"]
    assert note == "原核销为空白遗失（途中遗失），在车内找到，已盖作废章"


def test_a_number_is_accounted_for_once(office: Office, visit: Visit) -> None:
    key = reserved(office, 1)[0]["id"]
    sun = visit("officer")
    sun.open(f"/numbers/{SERIES}/2026/row/000003/account")
    accounting.account_for(
        office.ports, sample_actor(office.ports, "officer"), key, Accounting("spoilt", note="浸湿")
    )
    page = sun.press("核销这个号", outcome="spoilt", note="浸湿")
    assert page.status == 422
    assert "现在是“空白损毁”，不能核销" in page.text


def test_numbers_not_accounted_for_in_time_stand_out(office: Office, visit: Visit) -> None:
    reserved(office, 2)
    assert "过了期限" not in visit("approver").open("/numbers").text
    office.clock.moment += timedelta(days=4)
    page = visit("approver").open("/numbers")
    assert "有 2 个领用的号过了期限还没有核销" in page.text
    assert "已领未核销，已逾期" in line(visit("approver"), number(3))


def test_blank_numbers_are_not_given_to_acts(office: Office) -> None:
    before_the_order(office)
    wish = Reservation(3, officer_of(office)["id"], "夜查沿街商铺", "2026-09-24")
    reservations.reserve(office.ports, sample_actor(office.ports, "approver"), "sbd-xian", wish)
    act = order(office)
    assert act.number == "绥北（东）消限字〔2026〕第0008号"
    page = register.number_register(office.ports, "sbd-xian", 2026)
    assert page is not None
    assert page.gaps == []


def test_an_officer_may_account_but_staff_may_not(office: Office, visit: Visit) -> None:
    reserved(office, 1)
    staff = visit("staff")
    assert "领用空白文号" not in staff.open(REGISTER).text
    assert staff.open(f"/numbers/{SERIES}/reserve").status == 403
    assert staff.open(f"/numbers/{SERIES}/2026/row/000003/account").status == 403
    add_person(office.ports, "outsider", "孙某", {"donghe": ["approver"]})
    assert visit("outsider").open(f"/numbers/{SERIES}/reserve").status == 404


def test_a_used_number_may_be_voided_unless_its_paper_was_served(office: Office, visit: Visit) -> None:
    key = reserved(office, 1)[0]["id"]
    used = Accounting("used", "责令立即改正通知书", "福满家", "2026-09-21")
    accounting.account_for(office.ports, sample_actor(office.ports, "officer"), key, used)
    zhao = visit("approver")
    zhao.open(f"/numbers/{SERIES}/2026/row/000003/void")
    page = zhao.press("作废这个文号", reason="对象错误", stage="已送达", approver="周某")
    assert page.status == 422
    assert "已送达的文书不能作废" in page.text
    page = zhao.press("作废这个文号", stage="已用印未送达", collected="yes")
    assert "已作废" in page.text
    assert "作废 9月21日由" in line(zhao, number(3))
    assert "对象错误，已用印未送达，周某批准，9月21日赵刚登记，各联已收齐" in line(zhao, number(3))
    assert rows(office)[0]["state"] == "void"


def test_voiding_an_act_asks_for_stage_and_approver(office: Office, visit: Visit) -> None:
    before_the_order(office)
    act = order(office)
    issued_files.record_print(office.ports, sample_actor(office.ports, "officer"), act.id, copies=2)
    zhao = visit("approver")
    page = zhao.open(f"/acts/{act.id}/void")
    assert page.value("f-stage") == "", "it has been printed: who knows how far it went"
    page = zhao.press("作废这个文号", reason="当事人名称写错")
    assert page.errors == ["请选择文书所处的阶段。"]
    page = zhao.press("作废这个文号", stage="已用印未送达", approver="周某")
    assert "已作废" in page.text
    row = rows(office, "sbd-xian")[0]
    assert (row["stage"], row["approver"], row["voided_by"]) == ("已用印未送达", "周某", "赵刚")


def test_a_served_act_is_revoked_and_not_voided(office: Office, visit: Visit) -> None:
    before_the_order(office)
    act = order(office)
    with office.ports.store.write() as tx:
        tx.acts.replace(act.id, act.changed(act.updated_at, state=State.SERVED.value).to_record())
    zhao = visit("approver")
    answer = zhao.client.post(
        f"/acts/{act.id}/void", data={"reason": "写错", "stage": "未用印", "csrf_token": zhao.token()}
    )
    assert answer.status_code == 409
    assert rows(office, "sbd-xian")[0]["state"] == "issued"


# Acts that bear a number handed out before ---------------------------------------------------------------

ORDERS_SERIES = "sbd-xian"


def order_number(n: int) -> str:
    """A number of the series of orders with a term."""
    return f"绥北（东）消限字〔2026〕第{n:04d}号"


def blank_orders(office: Office, count: int = 2) -> list[NumberRow]:
    """Blank numbers of that series, handed out today."""
    wish = Reservation(count, officer_of(office)["id"], "夜查沿街商铺", "2026-09-24")
    return reservations.reserve(office.ports, sample_actor(office.ports, "approver"), ORDERS_SERIES, wish)


def test_a_paper_made_on_the_spot_keeps_the_number_it_bears(office: Office, visit: Visit) -> None:
    before_the_order(office)
    first, second = blank_orders(office)
    later = order(office)
    assert later.number == order_number(later.n) and later.n == second["n"] + 1
    act = order(office, State.APPROVED)
    zhao = visit("approver")
    page = zhao.open(f"/acts/{act.id}/issue")
    assert f"{second['text']}（" in page.text
    page = zhao.press("编号制发本件", blank=second["id"])
    assert f"已编号 {second['text']}" in page.text
    done = access.get_act(office.ports, sample_actor(office.ports, "approver"), act.id)
    assert (done.number, done.n) == (second["text"], second["n"])
    row = next(r for r in rows(office, ORDERS_SERIES) if r["n"] == second["n"])
    assert (row["state"], row["act_id"], row["reserved_for"]) == ("issued", act.id, second["reserved_for"])
    told = " ".join(str(event.note) for event in event_log.events_of_act(office.ports, act.id))
    assert f"用{second['reserved_for']}2026年9月21日领用的文号" in told
    after = order(office)
    assert after.n == later.n + 1, "the series goes on where it was"
    register_page = register.number_register(office.ports, ORDERS_SERIES, 2026)
    assert register_page is not None and register_page.gaps == []
    assert rows(office, ORDERS_SERIES)[0]["state"] == "reserved", first["text"]


def test_the_document_bears_the_number_handed_out(office: Office) -> None:
    before_the_order(office)
    (blank,) = blank_orders(office, 1)
    act = order(office, State.APPROVED)
    done = issue.issue_act(office.ports, sample_actor(office.ports, "officer"), act.id, blank=blank["text"])
    content, _hash, _name = issued_files.issued_document(
        office.ports, sample_actor(office.ports, "staff"), act.id, "docx"
    )
    assert blank["text"].encode() in content
    again = issue.issue_act(office.ports, sample_actor(office.ports, "officer"), act.id, blank="")
    assert again.number == done.number


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("绥北（东）消限字〔2026〕第0999号", "号簿中没有"),
        ("used", "不能再用"),
        ("early", "早于"),
    ],
)
def test_only_a_blank_of_this_series_and_a_day_after_it_was_handed_out_will_do(
    office: Office, asked: str, told: str
) -> None:
    before_the_order(office)
    act = order(office, State.APPROVED)
    officer = sample_actor(office.ports, "officer")
    if asked == "early":
        office.clock.moment += timedelta(days=1)
    (blank,) = blank_orders(office, 1)
    if asked == "used":
        used = Accounting("spoilt", note="雨水浸湿")
        accounting.account_for(office.ports, officer, blank["id"], used)
    number_asked = asked if "字" in asked else blank["text"]
    with pytest.raises(FormsvcError, match=told):
        issue.issue_act(office.ports, officer, act.id, blank=number_asked)
    assert access.get_act(office.ports, officer, act.id).status is State.APPROVED
    assert issue.issue_act(office.ports, officer, act.id).n == blank["n"] + 1


def test_of_two_acts_that_want_the_same_number_one_gets_it(office: Office) -> None:
    before_the_order(office)
    (blank,) = blank_orders(office, 1)
    acts = [order(office, State.APPROVED) for _ in range(2)]
    officer, ended = sample_actor(office.ports, "officer"), []

    def press(act_id: str) -> None:
        try:
            ended.append(issue.issue_act(office.ports, officer, act_id, blank=blank["id"]).number)
        except FormsvcError as refused:
            ended.append(str(refused))

    presses = [threading.Thread(target=press, args=(act.id,)) for act in acts]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sorted("不能再用" in word for word in ended) == [False, True]
    assert blank["text"] in ended


def test_a_series_without_blanks_offers_none(office: Office, visit: Visit) -> None:
    before_the_order(office)
    act = order(office, State.APPROVED)
    assert "用已领用的文号" not in visit("approver").open(f"/acts/{act.id}/issue").text


def test_identity_and_mobile_numbers_somebody_wrote_into_the_register_are_masked(
    office: Office, visit: Visit
) -> None:
    key = reserved(office, 1)[0]["id"]
    typed = "遗失，拾得人电话13904551234，身份证11010519491231002X，存根号202609210001"
    accounting.account_for(
        office.ports, sample_actor(office.ports, "officer"), key, Accounting("lost", note=typed)
    )
    page = register.number_register(office.ports, SERIES, 2026)
    assert page is not None
    sheet = register_export.build_sheet(
        office.ports, sample_actor(office.ports, "approver"), page, "东河镇人民政府"
    )
    told = [visit("approver").open(REGISTER).text, " ".join(" ".join(words) for words in sheet.lines)]
    told.append(visit("approver").open(f"/numbers/{SERIES}/2026/row/{key.rpartition('/')[2]}/account").text)
    for shown in told[:2]:
        assert "139******34" in shown and "1101************2X" in shown and "202609210001" in shown
    for shown in told:
        assert "13904551234" not in shown and "11010519491231002X" not in shown
    assert rows(office)[0]["account_note"] == typed, "the register itself keeps what was written"
