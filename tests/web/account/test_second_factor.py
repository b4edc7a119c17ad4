"""The second step of a sign-in: off until the office asks for it, offline, with recovery codes, never in the demo."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from formsvc.demo.office import sample_actor
from formsvc.domain.accounts.second_factor import SecondFactor, matching_step, new_key, new_recovery_codes
from formsvc.errors import RightMissing
from formsvc.usecases.administration import sign_in
from formsvc.usecases.ports import Condition
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor

RFC_KEY = base64.b32encode(b"12345678901234567890").decode()


def code_of(key: str, at: float) -> str:
    """What the phone shows."""
    return TOTP(base64.b32decode(key), 6, SHA1(), 30).generate(int(at)).decode()


def asked_for(office: Office) -> Office:
    sign_in.switch_second_factor(office.ports, sample_actor(office.ports, "admin"), on=True)
    return office


def enrolled(office: Office, name: str) -> tuple[str, list[str]]:
    """The key in the person's phone, and the printed codes; the phone's last code is a minute old."""
    key = new_key()
    at = time.time() - 90
    codes = sign_in.enrol_second_factor(
        office.ports, sample_actor(office.ports, name), key, code_of(key, at), at
    )
    return key, codes


def with_password(office: Office, name: str) -> Visitor:
    visitor = Visitor(office.app)
    visitor.sign_in(name)
    return visitor


def is_in(visitor: Visitor) -> bool:
    return visitor.client.get("/acts").status_code == 200


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)  # fmt: skip
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    """RFC 6238, appendix B, the last six digits."""
    assert matching_step(RFC_KEY, code, at) == at // 30
    assert matching_step(RFC_KEY, code, at + 30) == at // 30, "a slow hand"
    for late in (at + 61, at + 3600, at + 86_400):
        assert matching_step(RFC_KEY, code, late) is None
    for other in ("", "28708", "２８７０８２", "28708a", code + "0"):
        assert matching_step(RFC_KEY, other, at) is None


def test_a_code_and_a_recovery_code_fit_once() -> None:
    codes, hashes = new_recovery_codes()
    assert len(set(codes)) == 10 and not set(codes) & set(hashes)
    factor = SecondFactor(RFC_KEY, 0, hashes)
    used = factor.after("287082", 59)
    assert used is not None
    assert used.after("287082", 59) is None
    by_paper = used.after(codes[3].upper(), 60)
    assert by_paper is not None
    assert by_paper.after(codes[3], 61) is None
    assert by_paper.after(codes[4], 61) is not None


def test_nobody_is_asked_until_the_office_says_so(office: Office) -> None:
    for name in ("staff", "reviewer", "approver", "officer", "admin"):
        assert is_in(with_password(office, name)), name
    with pytest.raises(RightMissing):
        sign_in.switch_second_factor(office.ports, sample_actor(office.ports, "approver"), on=True)


def test_approvers_and_administrators_enrol_and_the_others_sign_in_as_before(office: Office) -> None:
    asked_for(office)
    for name in ("staff", "reviewer", "officer"):
        assert is_in(with_password(office, name)), name
    approver = with_password(office, "approver")
    assert not is_in(approver), "first the phone"
    page = approver.open("/")
    assert page.h1 == "设置第二步验证"
    with approver.client.session_transaction() as held:
        key = held["new_key"]
    assert key in page.text.replace(" ", "")
    assert (
        approver.press("启用", code="000000" if code_of(key, time.time()) != "000000" else "1").status == 422
    )
    assert not is_in(approver)
    approver.open("/account/second-factor")
    shown = approver.press("启用", code=code_of(key, time.time()))
    assert shown.h1 == "备用码"
    assert is_in(approver)
    assert approver.open("/account/second-factor").h1 == "修改密码", "the codes are shown once"


def test_the_password_alone_opens_nothing(office: Office) -> None:
    key, codes = enrolled(asked_for(office), "approver")
    approver = with_password(office, "approver")
    assert approver.page is not None and approver.page.h1 == "输入验证码"
    for address in ("/", "/acts", "/account/password", "/account/second-factor", "/account/sessions"):
        assert approver.client.get(address).status_code == 302, address
    assert approver.press("继续", code="12").status == 422
    assert not is_in(approver)
    assert approver.press("继续", code=code_of(key, time.time())).h1 == "今天要办"
    assert is_in(approver)
    again = with_password(office, "approver")
    assert again.press("继续", code=code_of(key, time.time())).status in (200, 422)
    third = with_password(office, "approver")
    assert third.press("继续", code=codes[0]).h1 == "今天要办", "without the phone"
    fourth = with_password(office, "approver")
    assert fourth.press("继续", code=codes[0]).status == 422, "once"


def test_codes_cannot_be_tried_out(office: Office) -> None:
    key, _codes = enrolled(asked_for(office), "approver")
    guesser = with_password(office, "approver")
    got = [guesser.press("继续", code=f"{n:03d}").status for n in range(7)]
    assert got[:5] == [422] * 5
    assert got[-1] == 429
    assert guesser.press("继续", code=code_of(key, time.time())).status == 429, "not even the right one"
    with office.ports.store.read() as tx:
        refused = tx.events.find(Condition("kind", "==", "SignInRefused"))
    assert sum("验证码不正确" in str(event["note"]) for event in refused) >= 5


def test_the_second_step_must_follow_the_password_soon(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, _codes = enrolled(asked_for(office), "approver")
    late = with_password(office, "approver")
    now = time.time()
    monkeypatch.setattr("formsvc.web.account.views.time.time", lambda: now + 301)
    page = late.press("继续", code=code_of(key, now + 301))
    assert (page.status, page.h1) == (401, "登录")
    stranger = Visitor(office.app)
    stranger.open("/sign-in")
    sent = {"csrf_token": stranger.token(), "code": code_of(key, now)}
    assert stranger.client.post("/sign-in/code", data=sent).status_code == 401, "without a password"


def test_an_administrator_lets_somebody_enrol_another_phone(office: Office) -> None:
    enrolled(asked_for(office), "approver")
    with pytest.raises(RightMissing):
        sign_in.remove_second_factor(office.ports, sample_actor(office.ports, "staff"), "approver")
    sign_in.remove_second_factor(office.ports, sample_actor(office.ports, "admin"), "approver")
    approver = with_password(office, "approver")
    assert approver.open("/").h1 == "设置第二步验证"


def test_the_demo_never_asks(tmp_path: Path) -> None:
    office = asked_for(make_office(tmp_path, DEMO=True))
    for name in ("approver", "admin"):
        assert is_in(with_password(office, name)), name
