"""Sessions: they end on the server, by idle time, one by one; nothing is sent again as somebody else."""

from __future__ import annotations

import base64
import json
import time
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from formsvc.usecases.administration import sessions
from formsvc.usecases.ports import Condition
from tests.support.issued_acts import add_person
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """One office for all; what ends a session is done to people of a test's own."""
    return make_office(tmp_path_factory.mktemp("sessions"))


def visitor(office: Office, name: str) -> Visitor:
    arrived = Visitor(office.app)
    arrived.sign_in(name)
    return arrived


def with_cookie_of(office: Office, other: Visitor) -> FlaskClient:
    """Another browser with a copy of the cookie."""
    cookie = other.client.get_cookie("formsvc")
    assert cookie is not None
    client = FlaskClient(office.app, office.app.response_class)
    client.set_cookie("formsvc", cookie.value)
    return client


def test_a_copied_cookie_is_worth_nothing_after_sign_out(office: Office) -> None:
    li_ming = visitor(office, "staff")
    elsewhere = visitor(office, "staff")
    copied = with_cookie_of(office, li_ming)
    assert copied.get("/acts").status_code == 200
    li_ming.press("退出")
    answer = copied.get("/acts")
    assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/sign-in")
    assert elsewhere.client.get("/acts").status_code == 200, "the other sign-in goes on"


def test_a_person_sees_where_they_are_signed_in_and_ends_one(office: Office) -> None:
    add_person(office.ports, "qian", "虚构钱某", {"*": ["staff"]})
    here, there = Visitor(office.app), Visitor(office.app)
    for one, device in ((here, "Firefox 虚构一"), (there, "Edge 虚构二")):
        one.client.environ_base["HTTP_USER_AGENT"] = device.encode().decode("latin-1")
        one.sign_in("qian")
    reviewer = visitor(office, "reviewer")
    page = here.open("/account/sessions")
    assert page.text.count("127.0.0.1") == 2, "both, and nobody else's"
    assert "Firefox" in page.text and "Edge" in page.text and "本次登录" in page.text
    with office.ports.store.read() as tx:
        found = tx.sessions.find(Condition("account", "==", "qian"))
    other = next(record["id"] for record in found if "Edge" in record["device"])
    foreign = {"csrf_token": reviewer.token(), "password": "demo"}
    assert reviewer.client.post(f"/account/sessions/{other}/end", data=foreign).status_code == 404
    assert there.client.get("/acts").status_code == 200
    sent = {"csrf_token": here.token(), "password": "demo"}
    for wrong in ("", "demos"):
        refused = here.client.post(f"/account/sessions/{other}/end", data={**sent, "password": wrong})
        assert refused.status_code == 422
        assert "密码不正确" in refused.get_data(as_text=True)
    assert there.client.get("/acts").status_code == 200
    assert here.client.post(f"/account/sessions/{other}/end", data=sent).status_code == 303
    assert there.client.get("/acts").status_code == 302
    assert here.client.get("/acts").status_code == 200


def test_who_finds_a_browser_signed_in_cannot_end_the_owner_elsewhere(office: Office) -> None:
    add_person(office.ports, "sun", "虚构孙某", {"*": ["staff"]})
    left_open, owner = visitor(office, "sun"), visitor(office, "sun")
    for button in ("结束其他地方的登录", "结束我的全部登录"):
        left_open.open("/account/sessions")
        assert left_open.press(button, password="guessed").status == 422
    assert owner.client.get("/acts").status_code == 200
    for _ in range(3):
        left_open.press("结束其他地方的登录", password="guessed")
    assert left_open.press("结束其他地方的登录", password="demo").status == 429, "as at sign-in"
    left_open.open("/account/password")
    assert (
        left_open.press(
            "更改密码", old="demo", new="柳树 码头 三斤 一盏灯", again="柳树 码头 三斤 一盏灯"
        ).status
        == 429
    )
    office.clock.moment += timedelta(minutes=6)
    owner.open("/account/sessions")
    assert "其他地方的登录都已结束" in owner.press("结束其他地方的登录", password="demo").text
    assert owner.open("/acts").h1 == "文书", "one's own goes on"
    assert left_open.open("/acts").h1 == "登录"
    owner.open("/account/sessions")
    assert owner.press("结束我的全部登录", password="demo").h1 == "登录"


def test_signing_out_here_needs_no_password(office: Office) -> None:
    add_person(office.ports, "wu", "虚构吴某", {"*": ["staff"]})
    here = visitor(office, "wu")
    here.open("/account/sessions")
    assert here.press("结束第 1 处登录").h1 == "登录"


def test_the_cookie_alone_tells_no_secret_of_the_store(office: Office) -> None:
    li_ming = visitor(office, "staff")
    with office.ports.store.read() as tx:
        records = tx.sessions.find()
    with li_ming.client.session_transaction() as held:
        assert held["session"] not in repr(records)


@pytest.mark.parametrize(
    ("name", "minutes", "lasts"),
    [
        ("staff", 119, True), ("staff", 121, False), ("officer", 119, True), ("reviewer", 31, True),
        ("approver", 29, True), ("approver", 31, False), ("admin", 29, True), ("admin", 31, False),
    ],
)  # fmt: skip
def test_those_who_approve_or_administer_are_signed_out_sooner(
    office: Office, monkeypatch: pytest.MonkeyPatch, name: str, minutes: int, lasts: bool
) -> None:
    person = visitor(office, name)
    now = time.time()
    monkeypatch.setattr("formsvc.web.account.sessions.time.time", lambda: now + 60 * minutes)
    assert (person.client.get("/acts").status_code == 200) is lasts


def test_work_keeps_a_session_and_twelve_hours_end_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    approver = visitor(office, "approver")
    now = time.time()
    for part in range(1, 29):
        monkeypatch.setattr("formsvc.web.account.sessions.time.time", lambda at=now + 1500 * part: at)
        assert approver.client.get("/account/password").status_code == 200, part
    monkeypatch.setattr("formsvc.web.account.sessions.time.time", lambda: now + 12 * 3600 + 1)
    assert approver.client.get("/account/sessions").status_code == 302


def form_left_open(office: Office) -> tuple[Visitor, str, dict[str, str]]:
    """A browser whose person signed out, and the form that a tab still shows."""
    browser = visitor(office, "staff")
    path = browser.open("/forms/X01/new").path
    sent = {"csrf_token": browser.token(), "opened_by": "staff", "version": "1", "name": "福满家购物广场"}
    browser.press("退出")
    return browser, path, sent


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36 Edg/150.0",
            "Edge（Windows）",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; FAKE) AppleWebKit/537.36 Chrome/130.0 Mobile MicroMessenger/8.0",
            "微信（安卓）",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/156.0 Safari/537.36",
            "Chrome（Linux）",
        ),
        ("inspection-script/2", "inspection-script/2"),
    ],
)
def test_a_place_of_sign_in_is_named_in_words(office: Office, sent: str, shown: str) -> None:
    browser = Visitor(office.app)
    browser.client.environ_base["HTTP_USER_AGENT"] = sent
    browser.sign_in("staff")
    assert shown in browser.open("/account/sessions").text


def test_what_was_typed_is_never_sent_again_as_somebody_else(office: Office) -> None:
    browser, path, sent = form_left_open(office)
    browser.sign_in("approver")
    answer = browser.client.post(path, data=sent, headers={"Accept": "application/json"})
    told = json.loads(answer.data)
    assert answer.status_code == 409
    assert "现在登录的是" in told["message"]
    assert "csrf_token" not in told, "the page has nothing to send again with"
    page = browser.client.post(path, data=sent)
    assert page.status_code == 409
    assert "登录的人不是打开本页的人" in page.get_data(as_text=True)


def test_unsaved_text_has_a_key_of_each_person_that_stays_from_sign_in_to_sign_in(office: Office) -> None:
    add_person(office.ports, "zheng", "虚构郑某", {"*": ["staff"]})

    def key(name: str) -> str:
        return str(visitor(office, name).open("/forms/X01/new").element("draft").get("data-unsaved-key"))

    assert len(base64.b64decode(key("staff"))) == 32
    assert key("staff") == key("staff") != key("zheng")


def test_the_same_person_goes_on_after_signing_in_again(office: Office) -> None:
    browser, path, sent = form_left_open(office)
    browser.sign_in("staff")
    answer = browser.client.post(path, data=sent, headers={"Accept": "application/json"})
    assert (answer.status_code, "csrf_token" in json.loads(answer.data)) == (400, True)


def test_ended_sessions_leave_no_record(office: Office) -> None:
    add_person(office.ports, "spare", "虚构钱某", {})
    spare = visitor(office, "spare")
    old = int(time.time()) - 13 * 3600
    account = sessions.person_of_session(office.ports, cookie_secret(spare), time.time())
    assert account is not None
    sessions.begin_session(office.ports, account, old, "127.0.0.1", "")
    visitor(office, "staff")
    with office.ports.store.read() as tx:
        assert all(record["began"] > old for record in tx.sessions.find())


def cookie_secret(browser: Visitor) -> str:
    with browser.client.session_transaction() as held:
        return str(held["session"])
