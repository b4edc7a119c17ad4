"""The API's door: tokens, scopes, allowances, keys, versions, personal texts; every refusal a problem document."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from formsvc.config import read_settings
from formsvc.demo.office import sample_actor
from formsvc.domain.accounts.api_token import Scope
from formsvc.domain.acts.act import Act, State
from formsvc.errors import InputRefused, Problem, Throttled
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import reservations
from formsvc.usecases.ports import Condition
from formsvc.usecases.throttle import RequestLimiter
from tests.support.issued_acts import CASES, add_person, before_the_order, have_reviewed, issued, order
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor

PERSON: dict[str, Any] = {
    "party_type": "自然人",
    "party_name": "褚安",
    "party_idno": "11010519491231002X",
    "party_code": None,
}


@dataclass
class Program:
    """A program with one token."""

    office: Office
    secret: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """One request; header names with _ for -."""
        sent = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        more = {} if body is None else {"json": body}
        return self.office.app.test_client().open(f"/api/v1{path}", method=method, headers=sent, **more)


@pytest.fixture
def program(office: Office) -> Callable[..., Program]:
    """A program that acts for somebody of the office."""

    def made(name: str, **terms: Any) -> Program:
        return Program(office, api_tokens.add_token(office.ports, f"{name} 的程序", name, **terms))

    return made


def problem_of(answer: TestResponse) -> dict[str, Any]:
    """The problem document, whole."""
    assert answer.mimetype == "application/problem+json"
    found: dict[str, Any] = answer.get_json()
    assert found["status"] == answer.status_code
    assert all(found[name] for name in ("type", "title", "detail", "errors"))
    assert "Set-Cookie" not in answer.headers
    return found


def new(case: str = "EX06", *, submit: bool = False, **changes: Any) -> dict[str, Any]:
    """A request for a new act of a worked case."""
    data = {k: v for k, v in {**CASES[case]["fields"], **changes}.items() if v is not None}
    return {"form": CASES[case]["act"], "data": data, "submit": submit}


# Who comes in ------------------------------------------------------------------------------------------


def test_a_program_works_with_a_short_lived_token_made_of_its_own(
    office: Office, program: Callable[..., Program]
) -> None:
    own = program("staff", scopes=["read", "draft"])
    made = own.ask("POST", "/session-tokens", {})
    assert made.status_code == 201 and "no-store" in made.headers["Cache-Control"]
    told = made.get_json()
    assert told["scopes"] == ["read", "draft"]
    assert told["expires_at"] == (office.clock.moment + timedelta(minutes=15)).isoformat(timespec="seconds")
    short = Program(office, told["token"])
    me = short.ask("GET", "/me").get_json()
    assert (me["account"], me["token"], me["expires_at"]) == ("staff", "staff 的程序", told["expires_at"])
    assert short.ask("POST", "/acts", new("EX01")).status_code == 201
    assert problem_of(short.ask("POST", "/session-tokens", {}))["status"] == 403, "it makes no further one"
    reading = Program(office, own.ask("POST", "/session-tokens", {"scopes": ["read"]}).get_json()["token"])
    assert reading.ask("GET", "/acts").status_code == 200
    assert reading.ask("POST", "/acts", new("EX01")).status_code == 403
    wrong: list[dict[str, Any]] = [
        {"scopes": ["issue"]},
        {"scopes": []},
        {"scopes": ["all"]},
        {"minutes": 61},
        {"minutes": 4},
    ]
    for body in wrong:
        assert problem_of(own.ask("POST", "/session-tokens", body))["status"] == 422, body
    office.clock.moment += timedelta(minutes=15)
    assert problem_of(short.ask("GET", "/me"))["status"] == 401
    assert own.ask("GET", "/me").status_code == 200


def test_a_short_lived_token_ends_with_the_one_it_was_made_of(
    office: Office, program: Callable[..., Program]
) -> None:
    own, other = program("staff", days=1), program("reviewer")
    office.clock.moment += timedelta(hours=23, minutes=30)
    told = own.ask("POST", "/session-tokens", {"minutes": 60}).get_json()
    assert told["expires_at"] == (office.clock.moment + timedelta(minutes=30)).isoformat(timespec="seconds")
    short = Program(office, told["token"])
    assert short.ask("GET", "/me").status_code == 200
    head, signature = told["token"].rsplit(".", 1)
    for forged in (f"{head}.{signature[:-2]}AA", head, "fst.", "fst." + "a" * 700, other.secret + "a"):
        assert problem_of(Program(office, forged).ask("GET", "/me"))["status"] == 401, forged
    api_tokens.revoke_token(office.ports, None, api_tokens.hash_token(own.secret))
    assert problem_of(short.ask("GET", "/me"))["status"] == 401


def test_an_office_may_take_nothing_but_short_lived_tokens(
    office: Office, program: Callable[..., Program], tmp_path: Path
) -> None:
    own = program("staff")
    assert own.ask("GET", "/me").status_code == 200, "not until it says so"
    assert not read_settings({}, instance=tmp_path).api_session_tokens
    assert read_settings({"FORMSVC_API_SESSION_TOKENS": "true"}, instance=tmp_path).api_session_tokens
    office.app.config["API_SESSION_TOKENS"] = True
    told = problem_of(own.ask("GET", "/me"))
    assert told["status"] == 401 and "session-tokens" in told["detail"]
    short = Program(office, own.ask("POST", "/session-tokens", {}).get_json()["token"])
    assert short.ask("GET", "/me").status_code == 200
    assert own.ask("GET", "/openapi.json").status_code == 200


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer nonsense", "Basic c3RhZmY6ZGVtbw==", "bearer " + "x" * 300]
)
def test_without_a_token_in_force_nothing_is_told(office: Office, header: str) -> None:
    answer = office.app.test_client().get("/api/v1/acts", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert problem_of(answer)["type"] == "urn:formsvc:problem:not-authenticated"


def test_a_session_of_the_pages_does_not_open_the_api(li_ming: Visitor) -> None:
    assert li_ming.client.get("/api/v1/acts").status_code == 401


def test_a_token_does_not_open_the_pages_and_needs_no_form_token(office: Office, program: Any) -> None:
    staff = program("staff")
    headers = {"Authorization": f"Bearer {staff.secret}"}
    assert office.app.test_client().get("/acts", headers=headers).status_code == 302
    assert staff.ask("POST", "/acts", new("EX01")).status_code == 201


def test_a_token_ends_by_itself_when_revoked_and_when_its_person_goes(office: Office, program: Any) -> None:
    staff, reviewer, officer = program("staff", days=30), program("reviewer"), program("officer")
    assert staff.ask("GET", "/me").get_json()["account"] == "staff"
    office.clock.moment += timedelta(days=30, minutes=1)
    assert staff.ask("GET", "/me").status_code == 401
    api_tokens.revoke_token(office.ports, None, api_tokens.hash_token(reviewer.secret))
    assert reviewer.ask("GET", "/me").status_code == 401
    with office.ports.store.write() as tx:
        tx.accounts.replace("officer", {**(tx.accounts.get("officer") or {}), "active": False})
    assert officer.ask("GET", "/me").status_code == 401


def test_a_token_is_kept_as_a_hash_only(office: Office, program: Any) -> None:
    secret = program("staff").secret
    with office.ports.store.read() as tx:
        assert secret not in json.dumps(tx.tokens.find(), ensure_ascii=False)


SCOPED = {
    ("GET", "/acts"): Scope.READ,
    ("GET", "/numbers"): Scope.READ,
    ("POST", "/acts"): Scope.DRAFT,
    ("POST", "/acts/{id}/submit"): Scope.DRAFT,
    ("POST", "/acts/{id}/review"): Scope.DECIDE,
    ("POST", "/acts/{id}/approve"): Scope.DECIDE,
    ("POST", "/acts/{id}/issue"): Scope.ISSUE,
    ("POST", "/acts/{id}/void"): Scope.ISSUE,
    ("POST", "/acts/{id}/prints"): Scope.ISSUE,
    ("POST", "/acts/{id}/serve"): Scope.SERVE,
}


@pytest.mark.parametrize(("asked", "scope"), SCOPED.items(), ids=[f"{m} {p}" for m, p in SCOPED])
def test_a_token_opens_its_scope_and_no_other(program: Any, asked: tuple[str, str], scope: Scope) -> None:
    method, path = asked[0], asked[1].replace("{id}", "0" * 16)
    others = [s.value for s in Scope if s is not scope]
    refused = program("approver", scopes=others).ask(method, path, {} if method == "POST" else None)
    assert refused.status_code == 403
    assert problem_of(refused)["scope"] == scope.value
    let_in = program("approver", scopes=[scope.value]).ask(method, path, {} if method == "POST" else None)
    assert "scope" not in (let_in.get_json() or {})


def test_a_token_never_has_more_rights_than_its_person(office: Office, program: Any) -> None:
    before_the_order(office)
    act = order(office, State.SUBMITTED)
    answer = program("staff").ask("POST", f"/acts/{act.id}/review", {"decision": "pass"})
    assert answer.status_code == 403
    assert problem_of(answer)["right"] == "法制审核"
    add_person(office.ports, "outsider", "孙某", {"donghe-committee": ["staff"]})
    assert program("outsider").ask("GET", f"/acts/{act.id}").status_code == 404


def test_a_token_over_its_allowance_is_told_when_to_come_again(program: Any) -> None:
    staff = program("staff", limit=3)
    assert [staff.ask("GET", "/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = staff.ask("GET", "/me")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert problem_of(answer)["type"] == "urn:formsvc:problem:throttled"
    assert program("staff", limit=3).ask("GET", "/me").status_code == 200


def test_several_workers_share_one_allowance_and_a_new_minute_brings_a_new_one(
    office: Office, program: Any
) -> None:
    token = replace(api_tokens.list_tokens(office.ports)[0], limit=100) if program("staff") else None
    workers = [RequestLimiter(office.ports.store) for _ in range(4)]
    assert token is not None

    def let_through() -> int:
        count = 0
        for worker in workers * 50:
            try:
                worker.consume(token, office.clock.moment)
                count += 1
            except Throttled:
                continue
        return count

    assert let_through() == 100
    office.clock.moment += timedelta(minutes=1)
    assert let_through() == 100


# What is sent ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "mime", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"form": NaN}', "application/json", 400),
        (b'{"form": "\\ud800"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"form": "T14", "data": ' + b'{"a":' * 60 + b"1" + b"}" * 61, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"form=T14", "application/x-www-form-urlencoded", 415),
        (b"<a/>", "text/xml", 415),
        (b'{"a":"' + b"x" * 2_200_000 + b'"}', "application/json", 413),
        (b"[]", "application/json", 422),
        (b'{"form": "T14"}', "application/json", 422),
        (b'{"form": "T14", "data": {}, "sumbit": true}', "application/json", 422),
        (b'{"form": "T99", "data": {}}', "application/json", 404),
    ],
)
def test_what_cannot_be_taken_is_refused_as_what_it_is(
    program: Any, content: bytes, mime: str, status: int
) -> None:
    staff = program("staff")
    headers = {"Authorization": f"Bearer {staff.secret}", "Content-Type": mime}
    answer = staff.office.app.test_client().post("/api/v1/acts", data=content, headers=headers)
    assert answer.status_code == status
    problem_of(answer)


def test_unknown_addresses_methods_and_formats_are_problems_too(program: Any) -> None:
    staff = program("staff")
    assert problem_of(staff.ask("GET", "/nothing"))["status"] == 404
    wrong_method = staff.ask("PATCH", "/acts")
    assert problem_of(wrong_method)["status"] == 405
    assert set(wrong_method.headers["Allow"].split(", ")) >= {"GET", "POST"}
    assert problem_of(staff.ask("GET", "/acts", Accept="text/html"))["status"] == 406
    assert problem_of(staff.ask("GET", "/acts?stat=draft"))["errors"][0]["field"] == "stat"
    assert problem_of(staff.ask("GET", "/acts?from=2026-13-01"))["errors"][0]["field"] == "from"


def test_a_busy_store_is_a_problem_with_a_time_to_come_again(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from formsvc.errors import Busy
    from formsvc.usecases.acts import search

    def busy(*_arguments: Any) -> None:
        raise Busy("数据正被别的操作占用。", "请稍候再试一次。")

    monkeypatch.setattr(search, "list_acts", busy)
    answer = program("staff").ask("GET", "/acts")
    assert problem_of(answer)["status"] == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_what_goes_wrong_inside_is_told_without_a_trace(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from formsvc.usecases.acts import search

    monkeypatch.setattr(search, "list_acts", lambda *_a: 1 // 0)
    told = problem_of(program("staff").ask("GET", "/acts"))
    assert told["status"] == 500
    assert "ZeroDivision" not in json.dumps(told)


# The road ----------------------------------------------------------------------------------------------


def test_an_act_that_breaks_rules_is_refused_whole_with_every_field(office: Office, program: Any) -> None:
    issued(office, "EX01")
    answer = program("staff").ask(
        "POST", "/acts", new(submit=True, party_phone="12", freq_no=9, hotline=None)
    )
    errors = problem_of(answer)["errors"]
    assert answer.status_code == 422
    assert {"party_phone", "hotline"} <= {error["field"] for error in errors}
    assert len({(error["field"], error["message"]) for error in errors}) == len(errors), "each once"
    with office.ports.store.read() as tx:
        assert tx.acts.count(Condition("form", "==", "T14")) == 0
        assert tx.events.count(Condition("act_id", "!=", "")) == 5  # those of the entrustment


def test_a_computed_value_that_differs_and_an_unknown_key_are_named(office: Office, program: Any) -> None:
    issued(office, "EX01")
    staff = program("staff")
    wrong = problem_of(staff.ask("POST", "/acts", new(submit=True, authority_text="随便写的")))
    assert "authority_text" in {error["field"] for error in wrong["errors"]}
    unknown = problem_of(staff.ask("POST", "/acts", new(party_nmae="顺达货栈")))
    assert [error["field"] for error in unknown["errors"]] == ["party_nmae"]


def test_the_road_from_draft_to_service(office: Office, program: Any) -> None:
    issued(office, "EX01")
    have_reviewed(office.ports, "T14")
    staff, reviewer, approver, officer = (program(n) for n in ("staff", "reviewer", "approver", "officer"))
    act = staff.ask("POST", "/acts", new(submit=True)).get_json()
    assert (act["state"], act["errors"]) == ("submitted", [])
    at = f"/acts/{act['id']}"
    early = problem_of(officer.ask("POST", f"{at}/issue"))
    assert (early["status"], early["state"]) == (409, "submitted")
    assert set(early["allowed"]) == {"withdraw", "review", "return"}
    back = reviewer.ask("POST", f"{at}/review", {"decision": "return", "comment": "地址不全"}).get_json()
    assert (back["state"], back["returned_note"]) == ("draft", "地址不全")
    assert staff.ask("POST", f"{at}/submit").get_json()["state"] == "submitted"
    assert reviewer.ask("POST", f"{at}/review", {"decision": "pass"}).get_json()["state"] == "reviewed"
    assert approver.ask("POST", f"{at}/approve", {"decision": "approve"}).get_json()["state"] == "approved"
    numbers = {officer.ask("POST", f"{at}/issue").get_json()["number"] for _ in range(3)}
    assert numbers == {CASES["EX06"]["fields"]["doc_no"]}
    assert officer.ask("POST", f"{at}/prints", {"copies": 2}).get_json()["prints"] == 2
    assert officer.ask("GET", f"{at}/prints").get_json()["items"][0]["copies"] == 2
    service = {"method": "直接送达", "served_at": "2026-09-17T09:30", "receiver": "褚安", "servers": ["赵正言", "钱守规"],
               "place": "东河镇中心街18号", "relation": "负责收件人"}  # fmt: skip
    late = problem_of(officer.ask("POST", f"{at}/serve", {**service, "served_at": "2026-09-15T09:30"}))
    assert [error["field"] for error in late["errors"]] == ["served_at"]
    assert officer.ask("POST", f"{at}/serve", service).get_json()["state"] == "served"
    assert problem_of(approver.ask("POST", f"{at}/void", {"reason": "写错了"}))["status"] == 409
    register = officer.ask("GET", "/numbers?series=sbd-jian&year=2026").get_json()
    assert [row["act_id"] for row in register["items"]] == [act["id"]]
    assert register["series"][0]["unexplained"] == []


def test_a_program_numbers_with_a_blank_and_voids_with_stage_and_approver(
    office: Office, program: Any
) -> None:
    before_the_order(office)
    ports, chief = office.ports, sample_actor(office.ports, "approver")
    handed_to = reservations.certified_officers(ports)[0]["id"]
    wish = reservations.Reservation(1, handed_to, "夜查沿街商铺", "2026-09-24")
    (blank,) = reservations.reserve(ports, chief, "sbd-xian", wish)
    act = order(office, State.APPROVED)
    officer, approver, at = program("officer"), program("approver"), f"/acts/{act.id}"
    other = {"number": "绥北（东）消限字〔2026〕第0999号"}
    assert "号簿中没有" in problem_of(officer.ask("POST", f"{at}/take-blank", other))["detail"]
    assert (
        officer.ask("POST", f"{at}/take-blank", {"number": blank["text"]}).get_json()["number"]
        == blank["text"]
    )
    served = {"reason": "当事人写错", "stage": "已送达"}
    assert "不能作废" in problem_of(approver.ask("POST", f"{at}/void", served))["detail"]
    void = {"reason": "当事人写错", "stage": "已用印未送达", "approver": "周某", "collected": True}
    assert approver.ask("POST", f"{at}/void", void).get_json()["state"] == "void"
    register = officer.ask("GET", "/numbers?series=sbd-xian&year=2026").get_json()
    (row,) = register["items"]
    assert row["state"] == "void" and row["number"] == blank["text"]
    with ports.store.read() as tx:
        kept = tx.numbers.get(blank["id"]) or {}
    assert (kept["stage"], kept["approver"], kept["collected"]) == ("已用印未送达", "周某", True)


def test_documents_carry_their_hash_and_are_not_sent_twice(office: Office, program: Any) -> None:
    act = issued(office, "EX01")
    staff = program("staff")
    for kind, digest in (("pdf", act.pdf), ("docx", act.word)):
        answer = staff.ask("GET", f"/acts/{act.id}/document.{kind}")
        assert answer.headers["ETag"] == f'"{digest}"'
        again = staff.ask("GET", f"/acts/{act.id}/document.{kind}", If_None_Match=answer.headers["ETag"])
        assert (again.status_code, again.data) == (304, b"")


def test_an_act_made_from_another_takes_its_party_over(office: Office, program: Any) -> None:
    issued(office, "EX01")
    notice = issued(office, "EX06")
    draft = program("staff").ask("POST", f"/acts/{notice.id}/follow", {"form": "T15"}).get_json()
    assert draft["data"]["party_name"] == notice.party
    assert draft["source"] == notice.id


def test_a_trial_says_what_is_wrong_and_stores_nothing(office: Office, program: Any) -> None:
    answer = (
        program("staff")
        .ask("POST", "/forms/X01/check", {"data": {"name": "甲乙", "fine": "120.5"}})
        .get_json()
    )
    assert answer["sound"] is False
    assert answer["data"]["fine_words"] == "壹佰贰拾元伍角整"
    assert {"day", "faults"} <= {error["field"] for error in answer["errors"]}
    with office.ports.store.read() as tx:
        assert tx.acts.count() == 0


def test_lists_come_in_pages_of_fifty(office: Office, program: Any) -> None:
    staff = program("staff")
    for _ in range(53):
        staff.ask("POST", "/acts", {"form": "X01", "data": {}})
    pages = [staff.ask("GET", f"/acts?state=draft&page={n}").get_json() for n in (1, 2, 3)]
    assert [len(page["items"]) for page in pages] == [50, 3, 0]
    assert {(page["total"], page["pages"]) for page in pages} == {(53, 2)}


# Keys --------------------------------------------------------------------------------------------------


def test_the_same_key_answers_the_same_act(office: Office, program: Any) -> None:
    issued(office, "EX01")
    staff = program("staff")
    answers = [staff.ask("POST", "/acts", new(submit=True), Idempotency_Key="k-1") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({json.dumps(answer.get_json(), sort_keys=True) for answer in answers}) == 1
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true", "true"]
    assert {answer.headers["Location"] for answer in answers} == {
        f"/api/v1/acts/{answers[0].get_json()['id']}"
    }
    with office.ports.store.read() as tx:
        assert tx.acts.count(Condition("form", "==", "T14")) == 1


def test_a_key_stands_for_one_request_of_one_person(office: Office, program: Any) -> None:
    staff = program("staff")
    assert staff.ask("POST", "/acts", {"form": "X01", "data": {}}, Idempotency_Key="k").status_code == 201
    other = staff.ask("POST", "/acts", {"form": "X01", "data": {"name": "甲乙"}}, Idempotency_Key="k")
    assert problem_of(other)["errors"][0]["field"] == "Idempotency-Key"
    assert other.status_code == 422
    add_person(office.ports, "second", "钱某", {"*": ["staff"]})
    theirs = program("second").ask("POST", "/acts", {"form": "X01", "data": {}}, Idempotency_Key="k")
    assert theirs.headers.get("Idempotency-Replayed") is None
    assert theirs.get_json()["drafter"] == "second"


def test_a_refused_request_may_be_put_right_under_its_key(program: Any) -> None:
    staff = program("staff")
    wrong = staff.ask("POST", "/acts", {"form": "X01", "data": {}, "submit": True}, Idempotency_Key="k")
    assert wrong.status_code == 422
    assert staff.ask("POST", "/acts", {"form": "X01", "data": {}}, Idempotency_Key="k").status_code == 201


def test_many_at_once_under_one_key_make_one_act_and_count_copies_once(office: Office, program: Any) -> None:
    act = issued(office, "EX01")
    staff, officer = program("staff"), program("officer")
    answers: list[TestResponse] = []

    def twice() -> None:
        answers.append(staff.ask("POST", "/acts", {"form": "X01", "data": {}}, Idempotency_Key="race"))
        officer.ask("POST", f"/acts/{act.id}/prints", {"copies": 2}, Idempotency_Key="print")

    threads = [threading.Thread(target=twice) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.get_json()["id"] for answer in answers}) == 1
    with office.ports.store.read() as tx:
        assert tx.acts.count(Condition("form", "==", "X01")) == 1
        assert (tx.acts.get(act.id) or {})["prints"] == 2


def test_a_request_that_broke_off_is_taken_up_where_that_does_nothing_twice(
    office: Office, program: Any
) -> None:
    staff = program("staff")
    body = {"form": "X01", "data": {}}
    first = staff.ask("POST", "/acts", body, Idempotency_Key="k").get_json()
    _break_off(office)
    office.clock.moment += timedelta(minutes=3)
    again = staff.ask("POST", "/acts", body, Idempotency_Key="k")
    assert again.get_json()["id"] == first["id"]
    with office.ports.store.read() as tx:
        assert tx.acts.count() == 1


def test_a_request_that_broke_off_and_cannot_be_repeated_says_so(office: Office, program: Any) -> None:
    act = issued(office, "EX01")
    officer = program("officer")
    officer.ask("POST", f"/acts/{act.id}/prints", {"copies": 2}, Idempotency_Key="k")
    _break_off(office)
    office.clock.moment += timedelta(minutes=3)
    answer = officer.ask("POST", f"/acts/{act.id}/prints", {"copies": 2}, Idempotency_Key="k")
    assert problem_of(answer)["status"] == 409
    with office.ports.store.read() as tx:
        assert (tx.acts.get(act.id) or {})["prints"] == 2


class _Killed:
    """Every other process was killed."""

    def __init__(self, living: str = "") -> None:
        self.living = living

    def own_id(self) -> str:
        return "1-killed"

    def is_alive(self, process: str) -> bool:
        return process == self.living


def test_the_key_of_a_process_that_died_is_free_at_once(
    office: Office, program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, body = program("staff"), {"form": "X01", "data": {}}
    object.__setattr__(office.ports, "processes", _Killed())
    first = staff.ask("POST", "/acts", body, Idempotency_Key="k").get_json()
    _break_off(office)
    # while its process runs the request is under way: the client is told when to ask again
    monkeypatch.setattr("formsvc.usecases.idempotency.MAX_WAIT_SECONDS", 0)
    object.__setattr__(office.ports, "processes", _Killed(living="1-killed"))
    waiting = staff.ask("POST", "/acts", body, Idempotency_Key="k")
    assert problem_of(waiting)["status"] == 409 and int(waiting.headers["Retry-After"]) > 0
    object.__setattr__(office.ports, "processes", _Killed())
    again = staff.ask("POST", "/acts", body, Idempotency_Key="k")
    assert again.get_json()["id"] == first["id"]
    # a request that was answered is repeated, another key is another request
    assert staff.ask("POST", "/acts", body, Idempotency_Key="k").headers["Idempotency-Replayed"] == "true"
    assert staff.ask("POST", "/acts", body, Idempotency_Key="other").status_code == 201
    with office.ports.store.read() as tx:
        assert tx.acts.count() == 2


def _break_off(office: Office) -> None:
    """As if the worker had been killed after the work and before the answer was kept."""
    with office.ports.store.write() as tx:
        for record in tx.replies.find():
            tx.replies.replace(record["id"], {**record, "status": 0, "body": None})


# Versions ----------------------------------------------------------------------------------------------


def test_a_draft_is_changed_only_from_its_present_version(program: Any) -> None:
    staff = program("staff")
    made = staff.ask("POST", "/acts", {"form": "X01", "data": {"name": "甲乙"}})
    at, tag = f"/acts/{made.get_json()['id']}", made.headers["ETag"]
    assert staff.ask("GET", at).headers["ETag"] == tag
    assert staff.ask("GET", at, If_None_Match=tag).status_code == 304
    assert problem_of(staff.ask("PUT", at, {"data": {"name": "丙丁"}}))["status"] == 428
    first = staff.ask("PUT", at, {"data": {"name": "丙丁"}}, If_Match=tag)
    assert first.status_code == 200
    assert problem_of(staff.ask("PUT", at, {"data": {"name": "戊己"}}, If_Match=tag))["status"] == 412
    assert staff.ask("GET", at).get_json()["data"]["name"] == "丙丁"
    assert problem_of(staff.ask("DELETE", at, If_Match=tag))["status"] == 412
    assert staff.ask("DELETE", at, If_Match=first.headers["ETag"]).status_code == 204
    assert staff.ask("GET", at).status_code == 404


def test_of_many_writers_from_one_version_one_wins(program: Any) -> None:
    staff = program("staff")
    made = staff.ask("POST", "/acts", {"form": "X01", "data": {}})
    at, tag = f"/acts/{made.get_json()['id']}", made.headers["ETag"]
    got: list[int] = []

    def write(n: int) -> None:
        got.append(staff.ask("PUT", at, {"data": {"name": f"第{n}个"}}, If_Match=tag).status_code)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [200] + [412] * 7


# Files and personal texts ------------------------------------------------------------------------------


def picture() -> bytes:
    """A small photo."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "JPEG")
    return out.getvalue()


def test_a_photo_is_attached_to_ones_own_draft_and_nowhere_else(office: Office, program: Any) -> None:
    staff = program("staff")
    at = f"/acts/{staff.ask('POST', '/acts', {'form': 'X01', 'data': {'name': '甲乙'}}).get_json()['id']}"
    headers = {"Authorization": f"Bearer {staff.secret}", "Content-Type": "image/jpeg"}
    client = office.app.test_client()
    kept = client.post(f"/api/v1{at}/attachments?field=photos&name=现场.jpg", data=picture(), headers=headers)
    file = kept.get_json()
    assert (kept.status_code, file["name"], file["mime"]) == (201, "现场.jpg", "image/jpeg")
    assert staff.ask("GET", f"{at}/attachments/{file['sha256']}").data == picture()
    record = {key: file[key] for key in ("name", "sha256", "size", "mime")}
    stolen = staff.ask("POST", "/acts", {"form": "X01", "data": {"photos": [record]}})
    assert problem_of(stolen)["errors"][0]["field"] == "photos.0"
    text = {**headers, "Content-Type": "text/html"}
    assert client.post(f"/api/v1{at}/attachments?field=photos", data=b"<b>", headers=text).status_code == 415
    lie = client.post(f"/api/v1{at}/attachments?field=photos", data=b"<b>no photo</b>", headers=headers)
    assert lie.status_code == 422
    assert (
        client.post(f"/api/v1{at}/attachments?field=name", data=picture(), headers=headers).status_code == 422
    )


def natural_person(office: Office, program: Any) -> Act:
    """A notice to somebody, handed in."""
    issued(office, "EX01")
    body = new(
        submit=True, **PERSON, party_addr="绥化市北林区东河镇中心街18号2单元", place_addr="东河镇中心街18号"
    )
    made = program("staff").ask("POST", "/acts", body)
    assert made.status_code == 201, made.get_data(as_text=True)
    with office.ports.store.read() as tx:
        return Act.from_record(tx.acts.get(made.get_json()["id"]) or {})


def test_personal_texts_need_their_scope_and_leave_a_trace(office: Office, program: Any) -> None:
    act = natural_person(office, program)
    without = [scope.value for scope in Scope if scope is not Scope.PERSONAL]
    masked = program("reviewer", scopes=without).ask("GET", f"/acts/{act.id}").get_json()["data"]
    assert masked["party_idno"] == "1101************2X"
    assert masked["party_phone"] == "199******31"
    assert masked["party_addr"] == "绥化市北林区东河镇****"
    assert "中心街18号2单元" not in json.dumps(masked, ensure_ascii=False)
    with office.ports.store.read() as tx:
        views = tx.events.find(Condition("act_id", "==", act.id), Condition("kind", "==", "Viewed"))
    assert views == []
    assert (
        problem_of(program("reviewer", scopes=without).ask("GET", f"/acts/{act.id}/preview.pdf"))["scope"]
        == "personal"
    )
    plain = program("reviewer").ask("GET", f"/acts/{act.id}").get_json()["data"]
    assert plain["party_idno"] == PERSON["party_idno"]
    with office.ports.store.read() as tx:
        seen = tx.events.find(Condition("act_id", "==", act.id), Condition("kind", "==", "Viewed"))
    assert [(event["by"], event["via"]) for event in seen] == [("reviewer", "api")]


def test_a_foreign_host_is_a_problem_too(tmp_path: Path) -> None:
    app = make_office(tmp_path, PUBLIC_URL="https://xf.example").app
    answer = app.test_client().get("/api/v1/openapi.json", base_url="https://evil.example")
    assert problem_of(answer)["status"] == 400


def test_the_words_of_the_document_are_looked_at_before_anything_is_stored(
    office: Office, program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued(office, "EX01")

    def wrong_words(*_arguments: Any) -> None:
        raise InputRefused([Problem("law", "属地职责的文书不能写“责令”。")])

    monkeypatch.setattr(drafts, "check_wording", wrong_words)
    staff = program("staff")
    assert problem_of(staff.ask("POST", "/acts", new(submit=True)))["errors"][0]["field"] == "law"
    with office.ports.store.read() as tx:
        assert tx.acts.count(Condition("form", "==", "T14")) == 0
    assert staff.ask("POST", "/acts", new()).status_code == 201
