"""Passwords: hashed as OWASP asks, old hashes renewed, initial ones for a week; what is refused is logged."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from formsvc.config import InvalidSetting, read_settings
from formsvc.demo.office import sample_actor
from formsvc.domain.accounts import account, password_policy, password_strength
from formsvc.domain.acts.act import State
from formsvc.errors import FormsvcError
from formsvc.usecases.administration import accounts, sign_in
from tests.support.issued_acts import add_person, before_the_order, order
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor

# OWASP, Password Storage Cheat Sheet, scrypt: these are taken for equal
ACCEPTED = {(2**17, 8, 1), (2**16, 8, 2), (2**15, 8, 3), (2**14, 8, 5), (2**13, 8, 10)}


def stored(office: Office, name: str) -> str:
    with office.ports.store.read() as tx:
        return str((tx.accounts.get(name) or {})["password"])


def test_new_passwords_are_hashed_at_a_cost_that_is_asked_for_today(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tuple(account.USUAL_COST) in ACCEPTED
    monkeypatch.setattr(account, "COST", account.USUAL_COST)
    hashed = account.hash_password("tea-boat-lantern")
    assert hashed.startswith("scrypt:32768:8:3$")
    assert account.password_matches(hashed, "tea-boat-lantern")
    assert not account.password_matches(hashed, "tea-boat-lanterns")
    assert not account.needs_new_hash(hashed)


def test_a_password_of_before_goes_on_and_is_hashed_anew_at_sign_in(office: Office) -> None:
    salt = bytes(16)
    former = hashlib.scrypt(b"demo", salt=salt, n=2**14, r=8, p=1, dklen=32)
    before = f"scrypt${salt.hex()}${former.hex()}"
    with office.ports.store.write() as tx:
        record = dict(tx.accounts.get("staff") or {})
        record.pop("password_until")
        tx.accounts.replace("staff", {**record, "password": before})
    with pytest.raises(FormsvcError):
        accounts.authenticate(office.ports, "staff", "demos")
    assert stored(office, "staff") == before, "a wrong password changes nothing"
    here = Visitor(office.app)
    assert here.sign_in("staff").h1 == "今天要办"
    assert stored(office, "staff").startswith("scrypt:")
    assert here.open("/acts").h1 == "文书", "the sign-in goes on"
    assert accounts.authenticate(office.ports, "staff", "demo")


def test_an_initial_password_is_replaced_within_a_week_or_expires(office: Office) -> None:
    ports, admin = office.ports, sample_actor(office.ports, "admin")
    accounts.set_password(ports, admin, "staff", "柳树 码头 三斤 一盏灯")
    office.clock.moment += timedelta(days=6)
    assert accounts.authenticate(ports, "staff", "柳树 码头 三斤 一盏灯").must_change_password
    office.clock.moment += timedelta(days=2)
    with pytest.raises(FormsvcError, match="初始密码已经过期"):
        accounts.authenticate(ports, "staff", "柳树 码头 三斤 一盏灯")
    with pytest.raises(FormsvcError, match="登录名或密码不正确"):
        accounts.authenticate(ports, "staff", "猜的")
    accounts.set_password(ports, admin, "staff", "雨天 不出车 2026 灯")
    mine = accounts.authenticate(ports, "staff", "雨天 不出车 2026 灯")
    own = accounts.change_own_password(
        ports, sample_actor(ports, "staff"), "雨天 不出车 2026 灯", "一盏 茶 船 灯 柳树叶"
    )
    assert mine.password_until and not own.password_until
    office.clock.moment += timedelta(days=400)
    assert accounts.authenticate(ports, "staff", "一盏 茶 船 灯 柳树叶"), "one's own does not expire"
    assert accounts.authenticate(ports, "reviewer", "demo"), "nor those of before"


@pytest.mark.parametrize("password", ["5201314520", "1314520520", "52013141314", "x" + "长" * 128])
def test_what_is_tried_first_or_endless_is_no_password(office: Office, password: str) -> None:
    with pytest.raises(FormsvcError):
        accounts.change_own_password(office.ports, sample_actor(office.ports, "staff"), "demo", password)


@pytest.mark.parametrize(
    ("refused", "allowed"),
    [
        # frequent in published lists, as they are and with what people add
        ("1q2w3e4r5t6y", "1q2w-码头-柳树-三斤-一盏灯"),
        ("P@ssw0rd2026!", "P@ss-lantern-willow-0x26"),
        ("iloveyou20261123", "三人 not yours 1123 船"),
        # 拼音 with a year, a telephone, the number of an identity card
        ("woaizhongguo1949", "woai-lantern-tsingtao-boat"),
        ("zhangwei19850612", "zhang lantern wei boat 1985"),
        ("zhangsan13812345678", "zhang-teapot-san-1381-boat"),
        ("230102198501011234x", "lantern 2301 boat 0198 x-ray"),
        # walks on the keyboard, repetitions
        ("qazwsxedcrfvtgb", "qaz-lantern-teapot-wsx"),
        ("xf119xf119xf119", "xf-lantern-119-teapot"),
        ("一二三四五六七八九十一二", "一盏灯二条船三棵柳四把壶"),
        # the office
        ("东河镇人民政府2026", "东河边有三棵柳树和一条船"),
        # eleven, after several spaces count as one
        ("tea  boa  lan", "tea boat lane 7"),
    ],
)
def test_what_can_be_guessed_is_refused_whatever_its_length(
    office: Office, refused: str, allowed: str
) -> None:
    staff = sample_actor(office.ports, "staff")
    with pytest.raises(FormsvcError):
        accounts.change_own_password(office.ports, staff, "demo", refused)
    assert accounts.change_own_password(office.ports, staff, "demo", allowed)


def test_twelve_characters_are_the_least_and_a_setting_goes_down_to_eight(
    office: Office, tmp_path: Path
) -> None:
    environment = {12: {}, 8: {"FORMSVC_PASSWORD_CHARACTERS": "8"}}
    for least, refused, allowed in ((12, "k9#vQ2!xw7R", "k9#vQ2!xw7Rt"), (8, "k9#vQ2!", "k9#vQ2!x")):
        limits = read_settings(environment[least], instance=tmp_path).limits
        ports = replace(office.ports, limits=limits)
        with pytest.raises(FormsvcError, match=f"至少要 {least} 个字符"):
            accounts.set_password(ports, sample_actor(ports, "admin"), "staff", refused)
        accounts.set_password(ports, sample_actor(ports, "admin"), "staff", allowed)
    with pytest.raises(InvalidSetting, match="8 到 64"):
        read_settings({"FORMSVC_PASSWORD_CHARACTERS": "7"}, instance=tmp_path)


def test_the_list_has_the_frequent_passwords_of_the_length_that_is_asked_for() -> None:
    known = password_strength.frequent_passwords()
    assert len(known) > 40_000
    long = [word for word in known if len(word) >= 12]
    assert len(long) > 300
    # of those that are shorter people make longer ones
    assert all(password_policy.password_problems(word, 8) for word in sorted(known)[::50])
    for word in sorted(known)[:: len(known) // 60]:
        for longer in (f"{word}2026", f"{word}{word}", f"{word.title()}123456!", f"2026{word}"):
            assert password_policy.password_problems(longer, 8), longer


def test_the_strength_is_told_while_a_password_is_typed(office: Office) -> None:
    li_ming = Visitor(office.app)
    li_ming.sign_in("staff")
    li_ming.open("/account/password")
    told = {
        typed: li_ming.client.post(
            "/account/password/strength", data={"csrf_token": li_ming.token(), "new": typed}
        ).get_json()
        for typed in (
            "tea",
            "password123456",
            "李明 柳树 码头 三斤 灯",
            "my-own-secret",
            "柳树 码头 三斤 一盏灯",
        )
    }
    assert [each["level"] for each in told.values()] == [0, 1, 1, 2, 4]
    assert "至少要 12 个字符" in told["tea"]["text"]
    assert "太常见" in told["password123456"]["text"]
    assert "姓名" in told["李明 柳树 码头 三斤 灯"]["text"]
    stranger = Visitor(office.app)
    stranger.open("/sign-in")
    sent = {"csrf_token": stranger.token(), "new": "tea"}
    assert stranger.client.post("/account/password/strength", data=sent).status_code == 404


def test_over_https_the_cookie_is_of_this_host_alone(tmp_path: Path) -> None:
    office = make_office(tmp_path, PUBLIC_URL="https://localhost")
    response = office.app.test_client().get("/sign-in", base_url="https://localhost")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-formsvc=")
    assert "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie


def test_a_refused_access_stands_in_the_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    before_the_order(office)
    act = order(office, State.SUBMITTED)
    add_person(office.ports, "outsider", "虚构孙某", {"donghe-committee": ["staff"]})
    outsider = Visitor(office.app)
    outsider.sign_in("outsider")
    with caplog.at_level(logging.INFO, "formsvc.web"):
        assert outsider.client.get(f"/acts/{act.id}").status_code == 404
        assert outsider.client.get("/admin/people").status_code == 403
        assert outsider.client.get("/api/v1/me").status_code == 401
        assert outsider.client.get("/acts").status_code == 200
    lines = [record.getMessage() for record in caplog.records]
    assert f"refused 404: GET '/acts/{act.id}' by outsider from 127.0.0.1" in lines
    assert "refused 403: GET '/admin/people' by outsider from 127.0.0.1" in lines
    assert "refused 401: GET '/api/v1/me' by - from 127.0.0.1" in lines
    assert len(lines) == 3, "what is allowed is not among them"


def test_a_person_is_told_for_a_week_who_changed_password_or_second_step(office: Office) -> None:
    def home(name: str, password: str) -> str:
        visitor = Visitor(office.app)
        visitor.sign_in(name, password)
        return str(visitor.open("/").text)

    ports, admin = office.ports, sample_actor(office.ports, "admin")
    assert "立即告诉管理员" not in home("reviewer", "demo")
    accounts.set_password(ports, admin, "reviewer", "柳树 码头 三斤 一盏灯")
    own = sample_actor(ports, "reviewer")
    accounts.change_own_password(ports, own, "柳树 码头 三斤 一盏灯", "一盏 茶 船 灯 柳树叶")
    assert accounts.recent_credentials_change(ports, own) == (
        ports.clock.now().isoformat(timespec="seconds"),
        "您更改了密码",
    )
    sign_in.remove_second_factor(ports, admin, "reviewer")
    said = home("reviewer", "一盏 茶 船 灯 柳树叶")
    assert f"{admin.account.display_name}取消了您的第二步验证" in said and "立即告诉管理员" in said
    assert "立即告诉管理员" not in home("staff", "demo")
    office.clock.moment += timedelta(days=8)
    assert accounts.recent_credentials_change(ports, own) is None
