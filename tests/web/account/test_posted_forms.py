"""What was typed when the session ended, or when it was refused, is there again: for the person who typed it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.domain.acts.act import Act, State
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Page, Visitor

Visit = Callable[[str], Visitor]
REASON = "当事人名称写错（虚构）"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def notice(office: Office) -> Act:
    before_the_order(office)
    return order(office, State.ISSUED)


def void_after_the_session_ended(zhao: Visitor, act: Act) -> Page:
    zhao.open(f"/acts/{act.id}/void")
    with zhao.client.session_transaction() as session:
        session["session"] = "ended"
    return zhao.press("作废这个文号", reason=REASON)


def test_a_reason_typed_before_the_session_ended_is_sent_after_signing_in(notice: Act, visit: Visit) -> None:
    zhao = visit("approver")
    page = void_after_the_session_ended(zhao, notice)
    assert page.status == 401 and "您刚才填写的内容仍在本页" in page.text
    page = zhao.press("登录", name="approver", password="demo")
    assert page.h1 == "继续办理刚才没有办成的" and REASON in page.text
    assert f"理由：{REASON}" in zhao.press("继续办理").text


def test_it_is_shown_to_nobody_else(office: Office, notice: Act, visit: Visit) -> None:
    zhao = visit("approver")
    void_after_the_session_ended(zhao, notice)
    page = zhao.press("登录", name="staff", password="demo")
    assert page.path == "/" and REASON not in page.text
    assert "是别人登录时填写的，没有显示" in page.text
    with office.ports.store.read() as tx:
        assert (tx.acts.get(notice.id) or {})["state"] == "issued"


def test_only_what_this_service_has_signed_is_taken_back(notice: Act, visit: Visit) -> None:
    zhao = visit("approver")
    void_after_the_session_ended(zhao, notice)
    forged = f'{{"path": "/acts/{notice.id}/void", "fields": [["reason", "伪造"]]}}'
    assert zhao.press("登录", name="approver", password="demo", kept=forged).path == "/"


def test_a_password_is_typed_again(visit: Visit) -> None:
    wu = visit("admin")
    wu.open("/admin/people/new")
    with wu.client.session_transaction() as session:
        session["session"] = "ended"
    page = wu.press("保存人员", id="sunli", display_name="孙立", password="secret-lantern-42")
    assert page.status == 401
    page = wu.press("登录", name="admin", password="demo")
    assert "孙立" in page.text and "secret-lantern-42" not in page.response.get_data(as_text=True)


def refused(zhao: Visitor, act: Act) -> str:
    """Send a form without a reason; return the address that a browser is led to."""
    zhao.open(f"/acts/{act.id}/void")
    assert zhao.page is not None
    action, fields = zhao.page.form_with("作废这个文号")
    data = {**dict(fields), "reason": " ", "approver": "周国栋（虚构）"}
    answer = zhao.client.post(action, data=data, headers=BROWSER)
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_a_refused_form_has_an_address_of_its_own(notice: Act, visit: Visit) -> None:
    zhao = visit("approver")
    address = refused(zhao, notice)
    for _time in range(2):
        page = zhao.open(address)
        assert page.errors and "周国栋（虚构）" in page.response.get_data(as_text=True)
    assert f"理由：{REASON}" in zhao.press("作废这个文号", reason=REASON).text


def test_it_is_the_page_of_that_session_alone(notice: Act, visit: Visit) -> None:
    zhao = visit("approver")
    address = refused(zhao, notice)
    other = visit("approver").open(address)
    assert other.status == 200 and "周国栋（虚构）" not in other.response.get_data(as_text=True)
    zhao.open("/")
    zhao.press("退出")
    assert zhao.open(address).h1 == "登录"


def test_a_refused_submission_is_shown_at_the_address_of_the_draft(visit: Visit) -> None:
    li_ming = visit("staff")
    path = li_ming.open("/forms/X01/new").path
    assert li_ming.page is not None
    _action, fields = li_ming.page.form_with("保存并刷新")
    answer = li_ming.client.post(f"{path}/submit", data=dict(fields), headers=BROWSER)
    assert answer.status_code == 303 and answer.headers["Location"].startswith(path)
    refused_page = li_ming.open(answer.headers["Location"])
    assert refused_page.errors
    li_ming.press("保存并刷新", name="福满家购物广场（虚构）")
    assert not li_ming.open(answer.headers["Location"]).errors
