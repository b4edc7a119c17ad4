"""Signing in and out, passwords, set-up, and sessions that run out."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from formsvc.domain.accounts.account import Account
from formsvc.usecases.administration import accounts
from formsvc.usecases.throttle import MemoryThrottle
from formsvc.web.account import views as auth
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Page, Visitor


@pytest.fixture(autouse=True)
def _fresh_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "_set_up_attempts", MemoryThrottle())


def test_signing_in_leads_home_and_shows_the_name(office: Office) -> None:
    page = Visitor(office.app).sign_in("staff")
    assert page.h1 == "今天要办"
    assert "李明" in page.html


def test_signing_in_leads_back_to_the_page_that_was_asked_for(office: Office) -> None:
    visitor = Visitor(office.app)
    assert visitor.open("/forms?q=限期").h1 == "登录"
    assert visitor.press("登录", name="staff", password="demo").h1 == "发起文书"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_host(office: Office, target: str) -> None:
    visitor = Visitor(office.app)
    visitor.open("/sign-in")
    assert visitor.press("登录", name="staff", password="demo", next=target).path == "/"


@pytest.mark.parametrize(("name", "password"), [("staff", "wrong"), ("nobody", "demo"), ("", "")])
def test_the_answer_is_the_same_whatever_was_wrong(office: Office, name: str, password: str) -> None:
    page = Visitor(office.app).sign_in(name, password)
    assert page.status == 422
    assert page.errors == ["登录名或密码不正确。请核对后重新输入；忘记密码请找本单位管理员重设。"]


def test_repeated_failures_are_slowed_down_for_known_and_unknown_names(office: Office) -> None:
    for name in ("staff", "nobody"):
        visitor = Visitor(office.app)
        for _ in range(5):
            visitor.sign_in(name, "wrong")
        page = visitor.sign_in(name, "demo")
        assert page.status == 429
        assert page.errors[0].startswith("尝试次数过多。请 2 秒后再试")


def test_after_signing_out_pages_ask_for_the_name_again(li_ming: Visitor) -> None:
    li_ming.open("/")
    assert li_ming.press("退出").h1 == "登录"
    assert li_ming.open("/forms").h1 == "登录"


def test_a_session_ends_when_the_person_is_switched_off(office: Office, li_ming: Visitor) -> None:
    with office.ports.store.write() as tx:
        tx.accounts.replace("staff", {**(tx.accounts.get("staff") or {}), "active": False})
    assert li_ming.open("/").h1 == "登录"


def test_a_session_ends_after_twelve_hours(
    office: Office, li_ming: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    later = time.time() + timedelta(hours=12, minutes=1).total_seconds()
    monkeypatch.setattr("formsvc.web.account.sessions.time.time", lambda: later)
    assert li_ming.open("/").h1 == "登录"


def test_changing_the_password_ends_other_sessions(office: Office, li_ming: Visitor) -> None:
    elsewhere = Visitor(office.app)
    elsewhere.sign_in("staff")
    li_ming.open("/account/password")
    page = li_ming.press("更改密码", old="demo", new="longer-lantern-secret", again="longer-lantern-secret")
    assert page.h1 == "今天要办"
    assert "密码已更改" in page.text
    assert elsewhere.open("/").h1 == "登录"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"old": "x", "new": "longer-lantern-secret", "again": "longer-lantern-secret"}, "原密码不正确"),
        ({"old": "demo", "new": "longer-lantern-secret", "again": "other"}, "两次输入的新密码不一致"),
        ({"old": "demo", "new": "short", "again": "short"}, "密码至少要 12 个字符"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why(
    li_ming: Visitor, typed: dict[str, Any], said: str
) -> None:
    li_ming.open("/account/password")
    page = li_ming.press("更改密码", **typed)
    assert page.status == 422
    assert said in page.errors[0]


def test_a_given_password_must_be_changed_before_anything_else(office: Office) -> None:
    new = Account("newcomer", "孙某", "donghe", {"*": ["staff"]}, must_change_password=True)
    accounts.add_account(office.ports, None, new, "given-by-admin")
    visitor = Visitor(office.app)
    visitor.sign_in("newcomer", "given-by-admin")
    assert visitor.open("/forms").h1 == "修改密码"
    visitor.press("更改密码", old="given-by-admin", new="my-own-secret", again="my-own-secret")
    assert visitor.open("/forms").h1 == "发起文书"


def test_the_first_visit_sets_up_office_and_administrator(bare_office: Office) -> None:
    visitor = Visitor(bare_office.app)
    assert visitor.open("/").h1 == "首次设置"
    typed = {
        "office": "东河镇人民政府",
        "display_name": "陈静",
        "id": "chenjing",
        "new": "long-lantern-secret",
        "again": "long-lantern-secret",
    }
    assert "设置代码不正确" in visitor.press("建立", {**typed, "code": "00000000"}).errors[0]
    assert visitor.press("建立", {**typed, "code": "12345678"}).h1 == "今天要办"
    assert visitor.open("/set-up").h1 == "今天要办"


def test_a_form_sent_from_elsewhere_is_refused(office: Office, li_ming: Visitor) -> None:
    response = li_ming.client.post(
        "/account/password", data={"old": "demo", "new": "stolen-it-anyway", "again": "stolen-it-anyway"}
    )
    assert response.status_code == 400
    assert accounts.authenticate(office.ports, "staff", "demo")


def test_text_typed_before_the_session_ran_out_is_saved_after_signing_in(
    office: Office, li_ming: Visitor
) -> None:
    li_ming.open("/forms/X01/new")
    action, fields = li_ming.page.form_with("保存并刷新") if li_ming.page else ("", [])
    li_ming.client.delete_cookie("formsvc")
    typed = {**dict(fields), "name": "福满家购物广场", "story": "\n第二行 <b>&"}
    li_ming.page = Page(li_ming.client.post(action, data=typed))
    assert li_ming.page.status == 401
    assert "您刚才填写的内容仍在本页" in li_ming.page.text
    assert li_ming.press("登录", name="staff", password="demo").h1 == "继续保存刚才填写的内容"
    page = li_ming.press("继续保存")
    assert page.path == action
    assert page.value("f-name") == "福满家购物广场"
    assert "第二行 <b>&" in page.value("f-story")


def test_autosave_after_the_session_ran_out_says_where_to_sign_in(office: Office, li_ming: Visitor) -> None:
    path = li_ming.open("/forms/X01/new").path
    token = li_ming.token()
    with li_ming.client.session_transaction() as session:
        session["session"] = "ended"
    answer = li_ming.client.post(path, data={"csrf_token": token}, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert json.loads(answer.data)["sign_in"] == "/sign-in"


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(tmp_path: object) -> None:
    from pathlib import Path

    office = make_office(Path(str(tmp_path)), PUBLIC_URL="https://localhost")
    response = office.app.test_client().get("/sign-in", base_url="https://localhost")
    cookie = response.headers["Set-Cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax"))
