"""Passwords: hashed as OWASP asks, old hashes renewed, initial ones for a week; what is refused is logged."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.accounts import account
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
    assert here.sign_in("staff").h1 == "首页"
    assert stored(office, "staff").startswith("scrypt:")
    assert here.open("/acts").h1 == "文书", "the sign-in goes on"
    assert accounts.authenticate(office.ports, "staff", "demo")


def test_an_initial_password_is_replaced_within_a_week_or_expires(office: Office) -> None:
    ports, admin = office.ports, sample_actor(office.ports, "admin")
    accounts.set_password(ports, admin, "staff", "柳树 码头 三斤")
    office.clock.moment += timedelta(days=6)
    assert accounts.authenticate(ports, "staff", "柳树 码头 三斤").must_change_password
    office.clock.moment += timedelta(days=2)
    with pytest.raises(FormsvcError, match="初始密码已经过期"):
        accounts.authenticate(ports, "staff", "柳树 码头 三斤")
    with pytest.raises(FormsvcError, match="登录名或密码不正确"):
        accounts.authenticate(ports, "staff", "猜的")
    accounts.set_password(ports, admin, "staff", "雨天 不出车 2026")
    mine = accounts.authenticate(ports, "staff", "雨天 不出车 2026")
    own = accounts.change_own_password(
        ports, sample_actor(ports, "staff"), "雨天 不出车 2026", "一盏 茶 船 灯"
    )
    assert mine.password_until and not own.password_until
    office.clock.moment += timedelta(days=400)
    assert accounts.authenticate(ports, "staff", "一盏 茶 船 灯"), "one's own does not expire"
    assert accounts.authenticate(ports, "reviewer", "demo"), "nor those of before"


@pytest.mark.parametrize("password", ["5201314520", "1314520520", "52013141314", "x" + "长" * 128])
def test_what_is_tried_first_or_endless_is_no_password(office: Office, password: str) -> None:
    with pytest.raises(FormsvcError):
        accounts.change_own_password(office.ports, sample_actor(office.ports, "staff"), "demo", password)


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
    accounts.set_password(ports, admin, "reviewer", "柳树 码头 三斤")
    own = sample_actor(ports, "reviewer")
    accounts.change_own_password(ports, own, "柳树 码头 三斤", "一盏 茶 船 灯")
    assert accounts.recent_credentials_change(ports, own) == (
        ports.clock.now().isoformat(timespec="seconds"),
        "您更改了密码",
    )
    sign_in.remove_second_factor(ports, admin, "reviewer")
    said = home("reviewer", "一盏 茶 船 灯")
    assert f"{admin.account.display_name}取消了您的第二步验证" in said and "立即告诉管理员" in said
    assert "立即告诉管理员" not in home("staff", "demo")
    office.clock.moment += timedelta(days=8)
    assert accounts.recent_credentials_change(ports, own) is None
