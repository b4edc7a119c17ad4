"""Accounts for real use: passwords, lock-out, sessions that end, leaving with handover, who saw what, public copies."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, State
from formsvc.errors import FormsvcError, InputRefused, Throttled
from formsvc.usecases.acts import issued_files, redacted_copy
from formsvc.usecases.administration import accounts, api_tokens, offboarding, sign_in
from formsvc.usecases.approval import review
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import issue
from formsvc.usecases.ports import Condition
from tests.support.issued_acts import CASES, add_person, before_the_order, have_reviewed, issued, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

Visit = Callable[[str], Visitor]
ID, HOME = "11010519491231002X", "绥化市北林区东河镇中心街18号2单元"


def events(office: Office, *conditions: Condition) -> list[dict[str, Any]]:
    """What the history holds, oldest first."""
    with office.ports.store.read() as tx:
        return tx.events.find(*conditions, order="id")


def kinds(office: Office, kind: str) -> list[tuple[str, str]]:
    """Who did it, and the note, for every event of a kind."""
    return [(event["by"], event["note"]) for event in events(office, Condition("kind", "==", kind))]


def person_notice(office: Office, until: State = State.SUBMITTED) -> Act:
    """A notice to a natural person."""
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    issued(office, "EX01")
    have_reviewed(ports, "T14")
    person = {"party_type": "自然人", "party_name": "褚安", "party_idno": ID, "party_addr": HOME}
    left_out = {"party_code", "legal_rep", "legal_rep_title", "doc_no"}
    answers = {k: v for k, v in {**CASES["EX06"]["fields"], **person}.items() if k not in left_out}
    draft = drafts.open_form(ports, staff, "T14")
    drafts.save_answers(ports, staff, draft.id, answers, version=draft.version)
    act = drafts.submit(ports, staff, draft.id)
    if until is State.ISSUED:
        review.review(ports, sample_actor(ports, "reviewer"), act.id, passed=True)
        review.approve(ports, sample_actor(ports, "approver"), act.id, approved=True)
        act = issue.issue_act(ports, sample_actor(ports, "officer"), act.id)
    return act


# Passwords ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    ["Passw0rd!", "woaini1314", "qwertyuiop", "20261123", "123456789a", "aaaaaaaa", "admin888", "xf119119", "staff-2026", "李明的密码是这个"],
)  # fmt: skip
def test_what_everybody_tries_first_is_no_password(office: Office, password: str) -> None:
    with pytest.raises(FormsvcError):
        accounts.change_own_password(office.ports, sample_actor(office.ports, "staff"), "demo", password)
    assert accounts.authenticate(office.ports, "staff", "demo")


@pytest.mark.parametrize(
    "password", ["柳树 码头 三斤 一盏灯", "tea-boat-lantern", "k9#vQ2!xw7Rt", "雨天 不出车 2026 灯"]
)
def test_words_that_do_not_belong_together_are_a_password(office: Office, password: str) -> None:
    accounts.change_own_password(office.ports, sample_actor(office.ports, "staff"), "demo", password)
    assert accounts.authenticate(office.ports, "staff", password)


def test_the_same_password_again_is_no_change(office: Office) -> None:
    with pytest.raises(InputRefused, match="相同"):
        accounts.change_own_password(office.ports, sample_actor(office.ports, "staff"), "demo", "demo")


# Signing in --------------------------------------------------------------------------------------------


def test_every_sign_in_and_every_refusal_is_in_the_history(office: Office) -> None:
    visitor = Visitor(office.app)
    visitor.sign_in("staff", "wrong")
    visitor.sign_in("mypassword123", "demo")
    visitor.sign_in("staff")
    visitor.press("退出")
    assert kinds(office, "SignInRefused") == [("staff", ""), ("-", "登录名不存在")]
    assert [by for by, _note in kinds(office, "SignedIn")] == ["staff"]
    assert [by for by, _note in kinds(office, "SignedOut")] == ["staff"]
    assert "mypassword123" not in json.dumps(events(office), ensure_ascii=False)
    assert {e["detail"]["origin"] for e in events(office, Condition("kind", "==", "SignedIn"))} == {
        "127.0.0.1"
    }


def test_refusals_are_counted_for_all_workers_and_after_a_restart(office: Office) -> None:
    for _ in range(6):
        with pytest.raises(FormsvcError):
            sign_in.sign_in(office.ports, "staff", "wrong", "10.0.0.8")
        office.clock.moment += timedelta(seconds=5)
    office.clock.moment -= timedelta(seconds=5)
    with pytest.raises(Throttled) as told:
        sign_in.sign_in(office.ports, "staff", "demo", "10.0.0.8")
    assert told.value.seconds == 4
    assert sign_in.sign_in(office.ports, "staff", "demo", "10.0.0.9").id == "staff"


def test_guessing_one_name_from_many_places_is_slowed_down_too(office: Office) -> None:
    for place in range(21):
        with pytest.raises(FormsvcError):
            sign_in.sign_in(office.ports, "staff", "wrong", f"10.0.0.{place}")
    with pytest.raises(Throttled):
        sign_in.sign_in(office.ports, "staff", "demo", "10.0.1.1")


def test_guessing_many_names_from_one_place_is_slowed_down_too(office: Office) -> None:
    for n in range(41):
        with pytest.raises(FormsvcError):
            sign_in.sign_in(office.ports, f"name{n}", "wrong", "10.0.0.8")
    with pytest.raises(Throttled):
        sign_in.sign_in(office.ports, "staff", "demo", "10.0.0.8")


def guessed(office: Office, times: int, place: str) -> int:
    """Somebody elsewhere tries passwords for staff; the status of the last answer."""
    for _ in range(times):
        stranger = Visitor(office.app)
        stranger.client.environ_base["REMOTE_ADDR"] = place
        last = stranger.sign_in("staff", "wrong")
    return last.status


def test_guessing_from_elsewhere_does_not_keep_a_person_out_of_the_own_browser(
    office: Office, visit: Visit
) -> None:
    own = visit("staff")
    own.press("退出")
    assert guessed(office, 4, "10.0.0.8") == 422
    for place in range(9, 14):
        guessed(office, 4, f"10.0.0.{place}")
    elsewhere = Visitor(office.app)
    assert elsewhere.sign_in("staff").status == 429  # a browser that nobody knows has to wait
    assert "退出" in own.sign_in("staff").html
    own.press("退出")
    guessed(office, 7, "127.0.0.1")  # not even from the same place
    assert "退出" in own.sign_in("staff").html


def test_a_known_browser_has_to_wait_for_its_own_refusals(office: Office, visit: Visit) -> None:
    own = visit("staff")
    own.press("退出")
    for _ in range(5):
        assert own.sign_in("staff", "wrong").status == 422
    assert own.sign_in("staff").status == 429
    office.clock.moment += timedelta(minutes=6)
    assert "退出" in own.sign_in("staff").html


def test_a_browser_is_known_for_its_own_people_alone_and_until_their_sessions_are_ended(
    office: Office, visit: Visit
) -> None:
    other, own = visit("reviewer"), visit("staff")
    other.press("退出")
    lost = visit("staff")  # a second browser, which is lost
    own.open("/account/sessions")
    own.press("结束我的全部登录", password="demo")
    guessed(office, 7, "127.0.0.1")
    assert other.sign_in("staff").status == 429
    assert lost.sign_in("staff").status == 429


def test_a_made_up_mark_of_a_browser_is_worth_nothing(office: Office, visit: Visit) -> None:
    own = visit("staff")
    own.press("退出")
    kept = own.client.get_cookie("formsvc_known", path="/sign-in")
    assert kept is not None and kept.http_only
    guessed(office, 7, "127.0.0.1")
    for forged in (kept.value[:-2] + "AA", "staff", "W10.x.y", ""):
        stranger = Visitor(office.app)
        stranger.client.set_cookie("formsvc_known", forged, path="/sign-in")
        assert stranger.sign_in("staff").status == 429


def test_a_new_password_by_an_administrator_ends_the_wait(office: Office, visit: Visit) -> None:
    for _ in range(7):
        with pytest.raises(FormsvcError):
            sign_in.sign_in(office.ports, "staff", "wrong", "127.0.0.1")
    chen = visit("admin")
    chen.open("/admin/people/staff")
    chen.press("重设密码", new_password="柳树 码头 三斤 一盏灯")
    assert sign_in.sign_in(office.ports, "staff", "柳树 码头 三斤 一盏灯", "127.0.0.1").must_change_password


# Sessions ----------------------------------------------------------------------------------------------


NOW = time.time()


def _later(monkeypatch: pytest.MonkeyPatch, **time_on: float) -> None:
    now = NOW + timedelta(**time_on).total_seconds()
    monkeypatch.setattr("formsvc.web.account.sessions.time.time", lambda: now)


def test_a_session_ends_after_two_hours_without_a_request(
    li_ming: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _later(monkeypatch, hours=1, minutes=55)
    assert li_ming.open("/").h1 == "今天要办"
    _later(monkeypatch, hours=3, minutes=50)
    assert li_ming.open("/").h1 == "今天要办"
    _later(monkeypatch, hours=5, minutes=55)
    assert li_ming.open("/").h1 == "登录"


def test_a_session_ends_after_twelve_hours_of_work(li_ming: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    base = time.time()
    for hour in range(1, 12):
        monkeypatch.setattr("formsvc.web.account.sessions.time.time", lambda hour=hour: base + hour * 3600)
        assert li_ming.open("/").h1 == "今天要办"
    monkeypatch.setattr("formsvc.web.account.sessions.time.time", lambda: base + 12 * 3600 + 60)
    assert li_ming.open("/").h1 == "登录"


def test_all_sessions_can_be_ended_by_their_person(office: Office, li_ming: Visitor) -> None:
    elsewhere = Visitor(office.app)
    elsewhere.sign_in("staff")
    li_ming.open("/account/sessions")
    assert li_ming.press("结束我的全部登录", password="demo").h1 == "登录"
    assert elsewhere.open("/").h1 == "登录"


# Leaving -----------------------------------------------------------------------------------------------


def test_nobody_is_switched_off_past_their_open_work(office: Office, visit: Visit) -> None:
    before_the_order(office)
    order(office, State.SUBMITTED)
    chen = visit("admin")
    chen.open("/admin/people/staff")
    page = chen.press("保存人员", active=None)
    assert page.errors == ["此人还有 1 件没有办结。请用“停用并移交”，把它们交给同事。"]
    assert (accounts.get_account(office.ports, "staff") or sample_actor(office.ports, "admin").account).active


def test_open_work_goes_to_a_colleague_and_every_door_closes(
    office: Office, visit: Visit, li_ming: Visitor
) -> None:
    before_the_order(office)
    waiting, draft = order(office, State.SUBMITTED), order(office, State.DRAFT)
    add_person(office.ports, "second", "钱某", {"*": ["staff"]})
    secret = api_tokens.add_token(office.ports, "脚本", "staff")
    chen = visit("admin")
    page = chen.open("/admin/people/staff/leave")
    assert page.h1 == "停用 李明 并移交"
    assert chen.press("停用并移交", to="").errors == ["此人还有 2 件没有办结。请选择接手的同事。"]
    assert "已停用 李明，移交 2 件。" in chen.press("停用并移交", to="second").text
    assert li_ming.open("/").h1 == "登录"
    assert Visitor(office.app).sign_in("staff").status == 422
    assert api_tokens.find_token(office.ports, secret) is None
    second = sample_actor(office.ports, "second")
    assert drafts.load_draft(office.ports, second, draft.id).act.drafter == "second"
    assert drafts.withdraw(office.ports, second, waiting.id).status is State.DRAFT
    told = [note for _by, note in kinds(office, "HandedOver")]
    assert told == ["李明 → 钱某"] * 2


def test_work_does_not_go_to_somebody_who_judged_it_or_may_not_draft(office: Office) -> None:
    before_the_order(office)
    act = order(office, State.REVIEWED)
    admin = sample_actor(office.ports, "admin")
    for taker in ("reviewer", "officer", "staff", "nobody", ""):
        with pytest.raises(InputRefused):
            offboarding.deactivate(office.ports, admin, "staff", to=taker)
    with office.ports.store.write() as tx:
        judge = {**(tx.accounts.get("reviewer") or {}), "roles": {"*": ["reviewer", "staff"]}}
        tx.accounts.replace("reviewer", judge)
    with pytest.raises(InputRefused, match="审核或者签发过"):
        offboarding.deactivate(office.ports, admin, "staff", to="reviewer")
    with office.ports.store.read() as tx:
        assert (tx.acts.get(act.id) or {})["drafter"] == "staff"
        assert (tx.accounts.get("staff") or {})["active"]


def test_what_nobody_else_could_decide_is_shown_before(office: Office, visit: Visit) -> None:
    before_the_order(office)
    act = order(office, State.REVIEWED)
    assert [a.id for a in offboarding.open_work(office.ports, "approver").stranded] == [act.id]
    page = visit("admin").open("/admin/people/approver/leave")
    assert "停用后没有人能审核、签发或者编号" in page.text


def test_an_administrator_does_not_switch_themselves_off(office: Office) -> None:
    with pytest.raises(InputRefused, match="不能停用自己"):
        offboarding.deactivate(office.ports, sample_actor(office.ports, "admin"), "admin")


# Who saw what ------------------------------------------------------------------------------------------


def test_identity_number_telephone_and_home_are_masked_until_asked_for(office: Office, visit: Visit) -> None:
    act = person_notice(office)
    reviewer = visit("reviewer")
    page = reviewer.open(f"/acts/{act.id}")
    assert "1101************2X" in page.html
    assert all(plain not in page.html for plain in (ID, HOME, "19900000031"))
    revealed = reviewer.press("显示个人信息原文")
    assert all(plain in revealed.html for plain in (ID, HOME, "19900000031"))
    assert kinds(office, "Revealed") == [("reviewer", "")]
    assert "王芳" in reviewer.open(f"/acts/{act.id}").text


@pytest.mark.parametrize("address", ["/acts/{id}", "/approval/{id}", "/acts/{id}/preview.pdf", "/acts/{id}/pages/1.png", "/drafts/{id}/preview"])  # fmt: skip
def test_every_way_to_see_personal_data_is_remembered(office: Office, visit: Visit, address: str) -> None:
    act = person_notice(office)
    visit("reviewer").client.get(address.format(id=act.id))
    assert [by for by, _note in kinds(office, "Viewed")] == ["reviewer"]


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_every_opening_of_the_document_is_remembered(office: Office, visit: Visit, kind: str) -> None:
    act = person_notice(office, State.ISSUED)
    officer = visit("officer")
    for _ in range(2):
        officer.client.get(f"/acts/{act.id}/document.{kind}")
    seen = kinds(office, "Viewed")
    assert len(seen) == 2
    assert all(note.endswith(f".{kind}") for _by, note in seen)


def test_the_administrator_reads_who_signed_in_and_who_saw_what(office: Office, visit: Visit) -> None:
    act = person_notice(office)
    visit("reviewer").open(f"/acts/{act.id}")
    chen = visit("admin")
    assert "王芳" in chen.open("/admin/journal?sort=sight").text
    assert "登录" in chen.open("/admin/journal?sort=sign-in&by=reviewer").text
    assert chen.open("/admin/journal?day=2026-13-01").errors
    assert visit("staff").client.get("/admin/journal").status_code == 403


# Tokens on the page ------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_revoked_by_one_press(office: Office, visit: Visit) -> None:
    chen = visit("admin")
    chen.open("/admin/tokens/new")
    page = chen.press(
        "发放令牌", name="网格系统", account="staff", scopes=["read", "draft"], days="30", limit="60"
    )
    secret = (
        page.tree.xpath("string(//*[contains(@class,'one-time')])") if hasattr(page.tree, "xpath") else ""
    )
    secret = secret or next("".join(e.itertext()) for e in page.tree.iter() if e.get("class") == "one-time")
    assert api_tokens.find_token(office.ports, secret.strip()) is None, "its person has not confirmed it"
    li_ming = visit("staff")
    li_ming.open("/account/tokens")
    li_ming.press("确认 网格系统")
    found = api_tokens.find_token(office.ports, secret.strip())
    assert found is not None
    assert found[0].scopes == ("read", "draft")
    assert secret.strip() not in chen.open("/admin/tokens").html
    chen.press("收回 网格系统")
    assert api_tokens.find_token(office.ports, secret.strip()) is None


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"name": ""}, "name"), ({"scopes": []}, "scopes"), ({"days": "99999"}, "days"), ({"limit": "0"}, "limit"), ({"account": ""}, "account")],
)  # fmt: skip
def test_a_token_that_cannot_be_given_out_says_why(visit: Visit, typed: dict[str, Any], field: str) -> None:
    chen = visit("admin")
    chen.open("/admin/tokens/new")
    sent = {"name": "网格系统", "account": "staff", "scopes": ["read"], "days": "30", "limit": "60", **typed}
    page = chen.press("发放令牌", **sent)
    assert page.status == 422
    assert page.element(f"f-{field}") is not None
    assert page.errors


# Public copies -----------------------------------------------------------------------------------------


def test_a_public_copy_has_no_identity_number_telephone_or_home(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = person_notice(office, State.ISSUED)
    printed: list[str] = []
    drawn = office.ports.renderer.word

    def remembered(template: bytes, context: Any, tags: Any, answers: Any, pictures: Any) -> bytes:
        printed.append(json.dumps(context, ensure_ascii=False))
        return drawn(template, context, tags, answers, pictures)

    monkeypatch.setattr(office.ports.renderer, "word", remembered)
    _pdf, name = redacted_copy.render_redacted_copy(office.ports, sample_actor(office.ports, "staff"), act.id)
    assert name.endswith("_公开版.pdf")
    assert all(plain not in printed[0] for plain in (ID, HOME, "19900000031"))
    assert act.number in printed[0]
    assert "褚安" in printed[0]
    assert "0455-8990003" in printed[0]  # the office's own line
    assert kinds(office, "PublicCopyMade") == [("staff", "")]
    kept, _sha256, _name = issued_files.issued_document(
        office.ports, sample_actor(office.ports, "staff"), act.id, "docx"
    )
    assert ID in kept.decode() or HOME in kept.decode()


def test_there_is_no_public_copy_before_issue_or_of_a_void_act(office: Office) -> None:
    before_the_order(office)
    for state in (State.SUBMITTED, State.VOID):
        act = order(office, state)
        with pytest.raises(FormsvcError):
            redacted_copy.render_redacted_copy(office.ports, sample_actor(office.ports, "staff"), act.id)
