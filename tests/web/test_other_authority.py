"""Nobody learns of an act of another authority, whichever way it is named.

The routes are those of the application itself: a new one that no list here knows fails the first test.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from PIL import Image
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from formsvc.demo.office import sample_actor
from formsvc.domain.accounts.account import Role
from formsvc.domain.accounts.api_token import EVERY_SCOPE
from formsvc.domain.acts.act import SIGHT_EVENTS, Act
from formsvc.domain.registers.timeline import EntryKind, RegisterEntry
from formsvc.usecases import operator
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.drafting import drafts
from formsvc.usecases.ports import Condition
from formsvc.usecases.registers.row_changes import RowChange, keep_row
from formsvc.usecases.registers.rows import add_entry, entries_of_act
from formsvc.web.api.operations import OPERATIONS
from formsvc.web.workbooks import XLSX
from tests.support.issued_acts import CASES, add_person
from tests.support.memory_office import PASSWORD, Office, make_office
from tests.web.account.test_accounts import HOME, ID

PHONES = {"brigade": "19900000098", "donghe": "19900000097"}
PARTIES = {"brigade": "虚构西山货栈", "donghe": "虚构东街茶客"}
FAULTS = {"brigade": "虚构二层灯具坠落", "donghe": "虚构后门焊死"}
SHOP = "虚构春晖超市"
AUTHORITIES = ("brigade", "donghe")
ROLES = tuple(role.value for role in Role)

# Ways that name an act otherwise than by its id in the address, each walked by a test below.
LISTS = {
    "acts.index", "pages.search", "pages.home", "cases.index", "due.index", "approval.batch.queue", "responsibility.index",
    "api.list_acts", "api.list_cases", "api.list_due", "api.list_numbers", "api.get_tasks", "api.get_responsibility",
    "api.search_acts", "api.search_cases", "numbers.index", "statistics.index", "statistics.export",
    "acts.export", "cases.export", "due.export",
}  # fmt: skip
BATCHES = {"approval.batch.decide_chosen"}
# Registers (登记簿): rows that documents wrote name their acts.
REGISTER_LISTS = {
    "registers.index", "registers.show", "registers.export", "registers.template", "registers.duplicates.index",
    "registers.edit.new", "registers.import.start", "api.list_registers", "api.list_rows", "api.search_rows",
}  # fmt: skip
REGISTER_ROWS = {
    "registers.row", "registers.personal", "registers.edit.edit", "registers.edit.change",
    "registers.edit.confirm_end", "registers.edit.end", "api.get_row", "api.change_row",
}  # fmt: skip
# Of rows that the person types, chooses or uploads; an upload is its uploader's alone.
REGISTER_STEPS = {
    "registers.edit.add", "registers.duplicates.decide", "registers.import.upload", "registers.import.columns",
    "registers.import.match_columns", "registers.import.review", "registers.import.decide",
    "registers.import.receipt", "registers.import.withdraw", "api.add_row",
}  # fmt: skip
REFERENCES = {"api.check_form", "api.create_act", "drafting.open_form"}
SERIES = {
    "numbers.register", "numbers.export", "numbers.import.start", "numbers.import.preview", "numbers.import.confirm",
    "numbers.import.template", "numbers.papers.enter", "numbers.papers.explain", "numbers.steps.account",
    "numbers.steps.reserve", "numbers.steps.void",
}  # fmt: skip
STRIKING = {"statistics.urge_step", "due.strike_off", "due.strike_off_page", "api.strike_off"}
# The kinds of documents, and what is answered without an account: they take no act.
WITHOUT_ACTS = {
    "static", "probes.healthz", "metrics.metrics", "pages.catalogue",
    "api.get_me", "api.create_session_token", "api.get_form", "api.list_forms", "api.get_openapi",
}  # fmt: skip
# Administrators are of the office, not of one authority: may_see lets them see submitted acts of all. Nobody else
# opens these. They show that an act was begun or issued (系统日志), not what people filled in.
ADMIN_PAGES = {
    "admin.index", "admin.definitions", "admin.definition", "admin.settings", "admin.event_log.index",
    "admin.holidays.index", "admin.holidays.template", "admin.maintenance.show_backups",
    "admin.maintenance.show_chain_head", "admin.maintenance.show_clock", "admin.people.index", "admin.people.add",
    "admin.people.change", "admin.people.deactivate", "admin.records.index", "admin.records.add", "admin.records.change",
    "admin.getting_started.index", "admin.retention.index", "admin.review_settings.index", "admin.tokens.index", "admin.tokens.add",
}  # fmt: skip
ADMIN_STEPS = {
    "admin.save_settings", "admin.switch_second_factor", "admin.holidays.preview", "admin.holidays.confirm",
    "admin.holidays.undo", "admin.maintenance.accept_clock", "admin.maintenance.correct_last_date",
    "admin.maintenance.delete_orphaned_files", "admin.maintenance.request_backup", "admin.people.remove_second_factor",
    "admin.getting_started.make_series", "admin.review_settings.save_phrases", "admin.people.reset_password", "admin.retention.save", "admin.retention.erase", "admin.review_settings.save",
    "admin.tokens.revoke",
}  # fmt: skip
# Of one's own account. Those that take an id take one of one's own alone.
ACCOUNT = {
    "auth.reminders.show", "auth.reminders.save",
    "auth.language", "auth.password", "auth.password_strength", "auth.second_factor.enrol", "auth.sessions.index",
    "auth.sessions.end_all", "auth.sessions.end_others", "auth.tokens.index", "auth.sign_in", "auth.sign_in_post",
    "auth.sign_in_code", "auth.sign_out", "auth.set_up",
}  # fmt: skip
ACCOUNT_BY_ID = {"auth.sessions.end_one", "auth.tokens.confirm", "auth.tokens.renew", "auth.tokens.revoke"}

SENT = {
    "decision": "pass", "copies": "1", "reason": "当事人名称写错", "method": "直接送达", "receiver": "褚安",
    "servers": "赵正言", "served_at": "2026-11-24T10:00", "stage": "未用印", "version": "1",
}  # fmt: skip
SERVED = {"method": "直接送达", "served_at": "2026-11-24T10:00", "receiver": "褚安", "servers": ["赵正言"]}
# The body of each operation on an act that takes one.
BODIES: dict[str, Any] = {
    "replace_draft": {"data": {}},
    "follow_act": {"form": "T24"},
    "review_act": {"decision": "pass"},
    "approve_act": {"decision": "approve"},
    "backfill_act": {"backfill_reason": "补录"},
    "take_blank": {"number": "东消监查字〔2026〕第0012号"},
    "void_act": {"reason": "当事人名称写错", "stage": "未用印"},
    "record_prints": {"copies": 1},
    "serve_act": SERVED,
    "correct_service": {"reason": "签收人登记错误", "service": SERVED},
    "reopen_case": {"reason": "另有隐患"},
    "change_row": {"values": {"state": "已销号"}},
}


@dataclass
class Walk:
    """An office with acts of two authorities, and everybody's way in."""

    office: Office
    acts: dict[str, list[Act]]
    draft: Act
    shared: list[tuple[str, str]]
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def client(self, name: str) -> FlaskClient:
        """A browser in which the person has signed in."""
        if name not in self.clients:
            client = FlaskClient(self.office.app, self.office.app.response_class)
            client.post("/sign-in", data={"name": name, "password": PASSWORD})
            self.clients[name] = client
        return self.clients[name]

    def headers(self, name: str, scopes: tuple[str, ...] = EVERY_SCOPE) -> dict[str, str]:
        """The head of a request with a token of the person."""
        secret = api_tokens.add_token(self.office.ports, "走查", name, scopes=scopes, limit=60_000)
        return {"Authorization": f"Bearer {secret}"}

    def sights(self, act: Act, by: str) -> int:
        """How often the history says that the person saw the act."""
        with self.office.ports.store.read() as tx:
            found = tx.events.find(Condition("act_id", "==", act.id), Condition("by", "==", by))
        return sum(event["kind"] in SIGHT_EVENTS for event in found)


def fields_of(case: str, authority: str, **changes: Any) -> dict[str, Any]:
    """The answers of a worked case about a party of our own."""
    text = json.dumps({**CASES[case]["fields"], **changes}, ensure_ascii=False)
    for old in ("北林区东河镇福满家购物广场有限公司", "北林区东河镇老街便民旅店"):
        text = text.replace(old, PARTIES[authority])
    for old in ("二层8具灭火器压力不足失效", "电线私拉乱接，未穿管保护"):
        text = text.replace(old, FAULTS[authority])
    for old in ("19900000031", "19900000041"):
        text = text.replace(old, PHONES[authority])
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    office = make_office(tmp_path_factory.mktemp("walk"), WTF_CSRF_ENABLED=False)
    ports = office.ports
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")

    def issue(case: str, authority: str, **changes: Any) -> Act:
        return operator.issue_at_once(
            ports, staff, approver, CASES[case]["act"], fields_of(case, authority, **changes)
        )

    entrustment = issue("EX01", "brigade")
    ours = [entrustment, *(issue(case, "brigade") for case in ("EX06", "EX07", "EX09"))]
    office.clock.moment += timedelta(days=63)  # the day of the worked case EX11
    person = {"party_type": "自然人", "party_idno": ID, "party_addr": HOME}
    left_out = {"party_code": None, "legal_rep": None, "legal_rep_title": None}
    theirs = [issue("EX11", "donghe", **{**left_out, **person})]
    begun = drafts.open_form(ports, staff, "T23")
    answers = fields_of("EX11", "donghe", **{**left_out, **person})
    draft = drafts.save_answers(ports, staff, begun.id, answers, version=begun.version).act
    for authority in AUTHORITIES:
        for role in ROLES:
            add_person(ports, f"{role}-{authority}", f"虚构{role}{authority}", {authority: [role]})
    acts = {"brigade": ours, "donghe": theirs}
    assert {act.authority for act in ours} == {"brigade"}, "the acts of one authority"
    assert [act.authority for act in theirs] == ["donghe"], "and of the other"
    return Walk(office, acts, draft, shared_rows(office, acts))


def shared_rows(office: Office, acts: dict[str, list[Act]]) -> list[tuple[str, str]]:
    """Rows of the office that documents of both authorities changed; one of them ended the last.

    Kinds of documents with such effects are an office's own.
    """
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    shop = {
        "kind_party": "个体工商户", "name": SHOP, "code": "无", "place_kind": "九小场所", "phone": "0455-8000001", "legal_rep": "李春晖",
        "addr": "虚构中心街66号", "village": "站前社区", "town": "东河镇", "region": "231202", "risk": "一般",
    }  # fmt: skip
    rows = [
        keep_row(ports, staff, "objects", RowChange({**shop, "addr": f"虚构中心街{number}号"}))
        for number in (66, 67)
    ]
    with ports.store.write() as tx:
        for row, (authority, (*_others, act)) in product(rows, acts.items()):
            # what programs may pick, search, sort and filter by
            said = {
                "legal_rep": PARTIES[authority],
                "fire_mgr": PARTIES[authority],
                "phone": PHONES[authority],
            }
            changed = RegisterEntry(
                "", "objects", row.group, EntryKind.CHANGE, row.since, [{**said, "village": FAULTS[authority]}],
                {"obj_no": row.key}, source_act=act.id, event="issued", at=act.issued_at, by=act.drafter,
            )  # fmt: skip
            add_entry(tx, changed)
        act = acts["brigade"][-1]
        given = [{"legal_rep": FAULTS["brigade"]}]
        add_entry(
            tx, replace(changed, kind=EntryKind.END, given=given, note=FAULTS["brigade"], source_act=act.id)
        )
    return [("objects", row.row) for row in rows]


# The routes ------------------------------------------------------------------------------------------


def test_every_route_of_the_application_is_walked(walk: Walk) -> None:
    known = LISTS | REFERENCES | SERIES | STRIKING | WITHOUT_ACTS
    known |= BATCHES | REGISTER_LISTS | REGISTER_ROWS | REGISTER_STEPS
    known |= ADMIN_PAGES | ADMIN_STEPS | ACCOUNT | ACCOUNT_BY_ID
    rules = list(walk.office.app.url_map.iter_rules())
    unknown = [rule.rule for rule in rules if "act_id" not in rule.arguments and rule.endpoint not in known]
    assert unknown == [], "say in this file how these routes name an act"
    assert known <= {rule.endpoint for rule in rules}, "and none that is gone"
    on_acts = {operation.name for operation in OPERATIONS if "{act_id}" in operation.path and operation.body}
    assert on_acts <= BODIES.keys(), "say in this file what these operations are sent"


def told(answer: TestResponse) -> str:
    """All that an answer says, JSON in plain letters."""
    if answer.is_json:
        return json.dumps(answer.get_json(), ensure_ascii=False)
    return answer.get_data().decode("utf-8", "replace")


def secrets_in(answer: TestResponse, authority: str, acts: list[Act], sent: str) -> list[str]:
    """What an answer tells of the acts of an authority, beyond what was sent."""
    text = told(answer) + " ".join(answer.headers.values())
    return [mark for mark in marks_of(authority, acts) if mark in text and mark not in sent]


def marks_of(authority: str, acts: list[Act]) -> list[str]:
    """Texts by which one knows the acts of an authority."""
    marks = [PARTIES[authority], FAULTS[authority], PHONES[authority], ID, HOME]
    return marks + [mark for act in acts for mark in (act.number, act.id) if mark]


def steps_on(walk: Walk, act: Act) -> Iterator[tuple[str, str, str]]:
    """Method, name and address of every way that names the act in its address."""
    files = {"sha256": act.pdf or "0" * 64}
    given = {"act_id": act.id, "form": "T24", "page": 1, "n": 1, "copy": 1, "key": "party_name", **files}
    for rule in walk.office.app.url_map.iter_rules():
        if "act_id" not in rule.arguments:
            continue
        yield from _addresses(walk, rule, {name: given[name] for name in rule.arguments})


def _addresses(walk: Walk, rule: Rule, given: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    with walk.office.app.test_request_context():
        address = walk.office.app.url_for(rule.endpoint, **given)
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        yield method, rule.endpoint.rpartition(".")[2], address


def ask(walk: Walk, by: str, method: str, name: str, address: str, headers: dict[str, str]) -> TestResponse:
    """One request, with a body where the way takes one."""
    if not address.startswith("/api/"):
        return walk.client(by).open(address, method=method, data=SENT if method == "POST" else None)
    client = FlaskClient(walk.office.app, walk.office.app.response_class)
    if name == "attach_file":
        kind = {"Content-Type": "image/png"}
        return client.post(f"{address}?field=photos", data=small_picture(), headers={**headers, **kind})
    more = {"If-Match": '"1"'} if method == "PUT" else {}
    return client.open(address, method=method, json=BODIES.get(name), headers={**headers, **more})


@cache
def small_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()


def strangers(role: str) -> Iterator[tuple[str, str]]:
    """Each person of a role, and the authority that is not theirs."""
    yield f"{role}-brigade", "donghe"
    yield f"{role}-donghe", "brigade"


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_no_way_by_id_leads_to_another_authority(walk: Walk, role: str) -> None:
    wrong = []
    for by, other in strangers(role):
        headers = walk.headers(by)
        for act in [*walk.acts[other][-2:], walk.draft]:
            for method, name, address in steps_on(walk, act):
                answer = ask(walk, by, method, name, address, headers)
                found = secrets_in(answer, other, [], address)
                if answer.status_code not in (302, 303, 403, 404) or found:
                    wrong.append(f"{by} {method} {address}: {answer.status_code} {found}")
                if answer.status_code in (302, 303) and not answer.location.startswith(
                    ("/acts/", "/drafts/")
                ):
                    wrong.append(f"{by} {method} {address} leads to {answer.location}")
    assert wrong == []


def test_a_draft_is_its_drafters_alone_whatever_the_role(walk: Walk) -> None:
    for by in (f"{role}-{place}" for role in ROLES for place in AUTHORITIES):
        headers = walk.headers(by)
        for method, name, address in steps_on(walk, walk.draft):
            answer = ask(walk, by, method, name, address, headers)
            assert answer.status_code in (302, 303, 403, 404), (by, method, address)
            assert secrets_in(answer, "donghe", [], address) == [], (by, method, address)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_no_list_search_or_export_shows_another_authority(walk: Walk, role: str) -> None:
    for by, other in strangers(role):
        acts = walk.acts[other]
        headers = walk.headers(by)
        asked = [act.number for act in acts if act.number] + [PARTIES[other], FAULTS[other], PHONES[other]]
        addresses = ["/", "/acts", "/cases", "/due", "/approval", "/numbers", "/api/v1/due", "/api/v1/tasks"]
        addresses += [
            "/api/v1/numbers",
            "/api/v1/acts",
            "/api/v1/cases",
            "/responsibility",
            "/api/v1/responsibility",
            "/statistics",
            "/acts/export.xlsx",
            "/cases/export.xlsx",
            "/due/export.xlsx",
        ]
        for words in asked:
            addresses += [
                f"/acts?text={words}",
                f"/search?q={words}",
                f"/cases?text={words}",
                f"/api/v1/acts?q={words}",
            ]
        for address in addresses:
            answer = ask(walk, by, "GET", "", address, headers)
            if "words=" in answer.headers.get("Location", ""):
                # to the same list, by a token for what was typed
                answer = ask(walk, by, "GET", "", answer.headers["Location"], headers)
                assert answer.status_code == 200, address
            assert secrets_in(answer, other, acts, address) == [], (by, address)
        for words, list_ in product(asked, ("acts", "cases")):
            client = FlaskClient(walk.office.app, walk.office.app.response_class)
            answer = client.post(f"/api/v1/{list_}/search", json={"q": words}, headers=headers)
            assert answer.status_code in (200, 403), list_
            assert secrets_in(answer, other, acts, words) == [], (by, list_)
        for rule in walk.office.app.url_map.iter_rules():
            if rule.endpoint not in SERIES:
                continue
            values = {"series_id": acts[-1].series, "year": 2026, "kind": "xlsx", "name": str(acts[-1].n)}
            for method, name, address in _addresses(walk, rule, {k: values[k] for k in rule.arguments}):
                answer = ask(walk, by, method, name, address, headers)
                assert answer.status_code in (302, 303, 403, 404), (by, method, address)
                assert secrets_in(answer, other, acts, address) == [], (by, method, address)


def cells_of(content: bytes) -> str:
    """All cells of a workbook as a text."""
    sheets = load_workbook(io.BytesIO(content)).worksheets
    return "\n".join(
        str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row
    )


def rows_written(walk: Walk, authority: str) -> list[tuple[str, str]]:
    """Register and id of each row that the acts of an authority wrote."""
    with walk.office.ports.store.read() as tx:
        groups = {
            (entry.register, entry.group)
            for act in walk.acts[authority]
            for entry in entries_of_act(tx, act.id)
        }
        return [
            (r["register"], r["row"])
            for r in tx.register_rows.find()
            if (r["register"], r["group"]) in groups and (r["register"], r["row"]) not in walk.shared
        ]


@pytest.mark.parametrize("role", ROLES)
def test_rows_of_registers_are_seen_by_who_may_see_the_document_that_wrote_them(
    walk: Walk, role: str
) -> None:
    rules = [rule for rule in walk.office.app.url_map.iter_rules() if rule.endpoint in REGISTER_ROWS]
    for by, other in strangers(role):
        own = "donghe" if other == "brigade" else "brigade"
        headers = walk.headers(by)
        for authority, seen in ((own, True), (other, role == "admin")):
            rows = rows_written(walk, authority)
            assert rows, "documents wrote rows"
            for register, row in rows:
                pages = (f"/registers/{register}/rows/{row}", f"/api/v1/registers/{register}/rows/{row}")
                statuses = [ask(walk, by, "GET", "", page, headers).status_code for page in pages]
                assert statuses == ([200, 200] if seen else [404, 404]), (by, register)
        if role != "admin":
            for register, row in rows_written(walk, other):
                given = {"register_id": register, "row_id": row, "register": register, "row": row}
                for rule in rules:
                    for method, name, address in _addresses(
                        walk, rule, {k: given[k] for k in rule.arguments}
                    ):
                        answer = ask(walk, by, method, name, address, headers)
                        where = (by, method, address, answer.status_code)
                        # nobody edits a register that documents alone write: 422
                        assert answer.status_code in (403, 404, 422), where
                        assert secrets_in(answer, other, walk.acts[other], address) == [], where


@pytest.mark.parametrize("role", ROLES)
def test_lists_of_registers_and_their_workbooks_hold_no_row_of_another_authority(
    walk: Walk, role: str
) -> None:
    for by, other in strangers(role):
        if role == "admin":
            continue
        acts, headers = walk.acts[other], walk.headers(by)
        given = {"register_id": "", "register": ""}
        for register in walk.office.ports.definitions.registers():
            given = {"register_id": register, "register": register}
            for rule in walk.office.app.url_map.iter_rules():
                if rule.endpoint not in REGISTER_LISTS:
                    continue
                for method, name, address in _addresses(walk, rule, {k: given[k] for k in rule.arguments}):
                    for view in ("all", "ended", "planned"):
                        answer = ask(walk, by, method, name, f"{address}?view={view}", headers)
                        text = cells_of(answer.get_data()) if answer.mimetype == XLSX else told(answer)
                        shown = [m for m in marks_of(other, acts) if m in text]
                        assert shown == [], (by, method, address, view)
            for words in (PARTIES[other], FAULTS[other]):
                client = FlaskClient(walk.office.app, walk.office.app.response_class)
                answer = client.post(
                    f"/api/v1/registers/{register}/rows/search", json={"q": words}, headers=headers
                )
                assert answer.get_json()["total"] == 0, (by, register, words)
        answer = ask(walk, by, "GET", "", "/statistics/statistics.xlsx", headers)
        text = cells_of(answer.get_data()) if answer.mimetype == XLSX else told(answer)
        assert [m for m in marks_of(other, acts) if m in text] == [], by


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_a_row_of_the_office_is_shown_without_what_another_authority_changed(walk: Walk, role: str) -> None:
    ways = REGISTER_ROWS - {"registers.edit.end"}  # staff would end the row
    rules = [rule for rule in walk.office.app.url_map.iter_rules() if rule.endpoint in ways]
    for by, other in strangers(role):
        own = "donghe" if other == "brigade" else "brigade"
        headers, acts = walk.headers(by), walk.acts[other]
        for register, row in walk.shared:
            given = {"register_id": register, "row_id": row, "register": register, "row": row}
            page = told(walk.client(by).get(f"/registers/{register}/rows/{row}"))
            assert PARTIES[own] in page, "what the own authority changed is shown"
            assert "另一机关的文书改过，内容不显示" in page
            for rule in rules:
                for method, name, address in _addresses(walk, rule, {k: given[k] for k in rule.arguments}):
                    # a change is refused: by the form's own rules, or for want of a right
                    answer = ask(walk, by, method, name, address, headers)
                    where = (by, method, address, answer.status_code)
                    assert secrets_in(answer, other, acts, address) == [], where
        page = told(walk.client(by).get(f"/registers/objects?view=ended&village={FAULTS[other]}"))
        assert FAULTS[other] not in page.replace(f"village={FAULTS[other]}", "").replace(
            quote(FAULTS[other]), ""
        )
        for words in (PARTIES[other], PHONES[other], FAULTS[other]):
            api = FlaskClient(walk.office.app, walk.office.app.response_class)
            found = api.post("/api/v1/registers/objects/rows/search", json={"q": words}, headers=headers)
            assert found.get_json()["total"] == 0, (by, words)
        own_rows = api.post(
            "/api/v1/registers/objects/rows/search", json={"q": PARTIES[own]}, headers=headers
        ).get_json()
        assert own_rows["total"] >= 1, (by, "their own is found")


def test_no_row_is_offered_or_merged_by_what_another_authority_wrote(walk: Walk) -> None:
    ports = walk.office.ports
    for by, other in strangers("staff"):
        draft = drafts.open_form(ports, drafter(walk, by), "T14")
        client = walk.client(by)
        for words in (PARTIES[other], PHONES[other], SHOP):
            page = client.post(f"/drafts/{draft.id}/pick/party_name/offers", data={"q": words})
            assert (page.get_json()["total"] > 0) is (words == SHOP), (by, words)
            assert secrets_in(page, other, walk.acts[other], words) == [], (by, words)
        row = walk.shared[0][1]
        client.post(f"/drafts/{draft.id}/pick/party_name/take", data={"row": row})
        taken = client.get(f"/drafts/{draft.id}")
        assert secrets_in(taken, other, walk.acts[other], "") == [], by
        assert SHOP in told(taken), "picked"
        (first, second) = (row for _register, row in walk.shared)
        sent = {"row": [first, second], "kept": first, "reason": "同一家"}
        page = client.post("/registers/objects/duplicates", data=sent, follow_redirects=True)
        assert secrets_in(page, other, walk.acts[other], "") == [], by
    with ports.store.read() as tx:
        by_hand = list(tx.register_entries.find(Condition("event", "==", "merged")))
    assert by_hand and all(
        mark not in json.dumps(entry["given"], ensure_ascii=False)
        for entry in by_hand
        for mark in (*PARTIES.values(), *PHONES.values())
    ), "a merge carries nothing on"


def test_nobody_decides_about_acts_of_another_authority_in_one_go(walk: Walk) -> None:
    for role in ("staff", "reviewer", "approver", "officer"):
        for by, other in strangers(role):
            acts = walk.acts[other]
            sent = {"act": [act.id for act in acts], "decision": "approve"}
            answer = walk.client(by).post("/approval", data=sent)
            assert secrets_in(answer, other, [], "") == [], by
            with walk.office.ports.store.read() as tx:
                assert [(tx.acts.get(act.id) or {})["version"] for act in acts] == [
                    act.version for act in acts
                ]


def administration(walk: Walk, endpoints: set[str]) -> Iterator[tuple[str, str]]:
    """Method and address of the routes, about a person, a series and a token of the other authority."""
    token = api_tokens.hash_token("none")
    values = {"form": "T24", "key": walk.acts["donghe"][-1].series, "year": 2026, "token_id": token}
    for rule in walk.office.app.url_map.iter_rules():
        if rule.endpoint in endpoints:
            name = "staff-donghe" if rule.endpoint.startswith("admin.people.") else "series"
            given = {**values, "series": values["key"], "name": name}
            for method, _name, address in _addresses(walk, rule, {k: given[k] for k in rule.arguments}):
                yield method, address


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_nobody_but_an_administrator_opens_a_page_of_administration(walk: Walk, role: str) -> None:
    for by, other in strangers(role):
        for method, address in administration(walk, ADMIN_PAGES | ADMIN_STEPS):
            answer = walk.client(by).open(address, method=method, data=SENT if method == "POST" else None)
            assert answer.status_code == 403, (by, method, address)
            assert secrets_in(answer, other, walk.acts[other], address) == [], (by, method, address)


def test_pages_of_administration_show_no_answers_of_an_act(walk: Walk) -> None:
    for by in (f"admin-{place}" for place in AUTHORITIES):
        opened = 0
        for method, address in administration(walk, ADMIN_PAGES):
            if method != "GET":
                continue
            answer = walk.client(by).get(address)
            assert answer.status_code == 200, (by, address)
            shown = [
                mark
                for mark in (ID, HOME, PARTIES["donghe"], *PHONES.values(), *FAULTS.values())
                if mark in told(answer)
            ]
            assert shown == [], (by, address)
            opened += 1
        assert opened == len(ADMIN_PAGES)


def test_nobody_ends_a_session_or_renews_a_token_of_another(walk: Walk) -> None:
    walk.client("staff-donghe").get("/")
    secret = api_tokens.add_token(walk.office.ports, "别人的程序", "staff-donghe")
    with walk.office.ports.store.read() as tx:
        (session,) = tx.sessions.find(Condition("account", "==", "staff-donghe"))
        before = tx.tokens.get(api_tokens.hash_token(secret))
    ids = {"id_": session["id"], "token_id": api_tokens.hash_token(secret)}
    for by in ("staff-brigade", "approver-donghe", "admin-donghe"):
        for rule in walk.office.app.url_map.iter_rules():
            if rule.endpoint not in ACCOUNT_BY_ID:
                continue
            for method, _name, address in _addresses(walk, rule, {k: ids[k] for k in rule.arguments}):
                answer = walk.client(by).open(address, method=method, data={"password": PASSWORD})
                assert answer.status_code == 404, (by, address)
        page = walk.client(by).get("/account/tokens")
        assert "别人的程序" not in told(page)
    assert walk.client("staff-donghe").get("/acts").status_code == 200
    with walk.office.ports.store.read() as tx:
        assert tx.tokens.get(api_tokens.hash_token(secret)) == before


def test_striking_off_names_no_item_of_another_authority(walk: Walk) -> None:
    for role in ("staff", "reviewer", "approver", "officer"):
        for by, other in strangers(role):
            act = walk.acts[other][-1]
            page = walk.client(by).get(f"/due/strike-off?item={act.id}")
            assert secrets_in(page, other, [act], act.id) == []
            posted = walk.client(by).post("/due/strike-off", data={"item": act.id, "reason": "已经另案办理"})
            assert secrets_in(posted, other, [act], act.id) == []
            body = {"items": [act.id], "reason": "已经另案办理"}
            answer = walk.client(by).post("/api/v1/due/strike-off", json=body, headers=walk.headers(by))
            assert secrets_in(answer, other, [act], act.id) == []


# References ------------------------------------------------------------------------------------------


def pairs(walk: Walk, other: str) -> Iterator[tuple[str, str, Act]]:
    """Each form and reference field, with the acts it may name and one that it may not."""
    for form, revision in walk.office.ports.definitions.current().items():
        for entry in revision.definition.fields:
            if entry.kind == "reference":
                fitting = [act for act in walk.acts[other] if act.form in entry.referable]
                others = [act for act in walk.acts[other] if act.form not in entry.referable]
                yield from ((form, entry.key, act) for act in [*fitting, *others[:1]])


@pytest.mark.parametrize("other", AUTHORITIES)
def test_a_reference_to_another_authority_finds_nothing(walk: Walk, other: str) -> None:
    by = f"staff-{'donghe' if other == 'brigade' else 'brigade'}"
    client, headers = walk.client(by), walk.headers(by)
    for form, key, act in pairs(walk, other):
        where = (by, form, key, act.number)
        for named in (act.number, {"act_id": act.id, "number": ""}):
            body = {"data": {key: named}}
            answer = client.post(f"/api/v1/forms/{form}/check", json=body, headers=headers)
            assert secrets_in(answer, other, [act], json.dumps(body, ensure_ascii=False)) == [], where
        sent = {"form": form, "data": {key: act.number}, "prefill": True}
        made = client.post("/api/v1/acts", json=sent, headers=headers)
        assert made.status_code == 201, where
        assert secrets_in(made, other, [act], act.number) == [], where
        page = client.get(made.headers["Location"].replace("/api/v1/acts", "/drafts"))
        assert secrets_in(page, other, [act], act.number) == [], where
        for path, more in (("acts", {"form": form}), (f"forms/{form}/check", {})):
            asked = {**more, "data": {}, "source": act.id}
            answer = client.post(f"/api/v1/{path}", json=asked, headers=headers)
            assert answer.status_code == 404, where
            assert secrets_in(answer, other, [act], act.id) == [], where


@pytest.mark.parametrize("other", AUTHORITIES)
def test_the_page_of_a_form_brings_nothing_of_another_authority(walk: Walk, other: str) -> None:
    by = f"staff-{'donghe' if other == 'brigade' else 'brigade'}"
    client = walk.client(by)
    for form, key, act in pairs(walk, other):
        draft = drafts.open_form(walk.office.ports, drafter(walk, by), form)
        sent = {f"{key}-number": act.number, "version": draft.version}
        saved = client.post(f"/drafts/{draft.id}", data=sent, headers={"Accept": "application/json"})
        assert saved.status_code == 200, (form, key)
        assert secrets_in(saved, other, [act], act.number) == [], (form, key)
        page = client.get(f"/drafts/{draft.id}")
        assert secrets_in(page, other, [act], act.number) == [], (form, key)


def drafter(walk: Walk, name: str) -> Any:
    return sample_actor(walk.office.ports, name)


def test_those_of_the_authority_find_their_own_act_by_its_number(walk: Walk) -> None:
    record = walk.acts["brigade"][2]
    for by, finds in (("staff-brigade", True), ("staff-donghe", False)):
        sent = {"form": "T22", "data": {"record_ref": record.number}, "prefill": True}
        made = walk.client(by).post("/api/v1/acts", json=sent, headers=walk.headers(by))
        assert (PARTIES["brigade"] in told(made)) is finds


def test_nobody_changed_an_act_of_another_authority(walk: Walk) -> None:
    with walk.office.ports.store.read() as tx:
        for act in [*walk.acts["brigade"], *walk.acts["donghe"], walk.draft]:
            assert tx.acts.get(act.id) == act.to_record(), act.title


# Personal data ---------------------------------------------------------------------------------------


def ways_of_taking(walk: Walk, act: Act, headers: dict[str, str]) -> Iterator[tuple[str, TestResponse]]:
    """Ways in which what an act says comes into a draft of one's own."""
    by = "staff-donghe"
    client = walk.client(by)
    api = FlaskClient(walk.office.app, walk.office.app.response_class)
    yield "copy by a program", api.post(f"/api/v1/acts/{act.id}/copy", headers=headers)
    for path, body in (
        (f"acts/{act.id}/follow", {"form": "T24"}),
        ("acts", {"form": "T24", "data": {"order_ref": act.number}, "prefill": True}),
        ("acts", {"form": "T24", "data": {}, "source": act.id}),
        ("forms/T24/check", {"data": {}, "source": act.id}),
    ):
        yield f"{path} by a program", api.post(f"/api/v1/{path}", json=body, headers=headers)
    yield "copy", client.post(f"/acts/{act.id}/copy", follow_redirects=True)
    yield "follow", client.post(f"/acts/{act.id}/new/T24", follow_redirects=True)


def test_what_a_copy_or_a_follow_up_shows_is_in_the_history_of_its_source(walk: Walk) -> None:
    (act,) = walk.acts["donghe"]
    headers = walk.headers("staff-donghe")
    seen = 0
    before = walk.sights(act, "staff-donghe")
    for way, answer in ways_of_taking(walk, act, headers):
        assert answer.status_code in (200, 201), way
        after = walk.sights(act, "staff-donghe")
        if PHONES["donghe"] in told(answer) or ID in told(answer):
            assert after > before, f"{way}: seen and not in the history"
            seen += 1
        before = after
    assert seen >= 3, "copies show what they copied"


def test_a_token_without_personal_data_takes_none_into_a_draft(walk: Walk) -> None:
    (act,) = walk.acts["donghe"]
    headers = walk.headers("staff-donghe", ("read", "draft"))
    for way, answer in ways_of_taking(walk, act, headers):
        if "program" in way:
            assert answer.status_code in (200, 201), way
            assert PARTIES["donghe"] in told(answer), way
            assert not [text for text in (PHONES["donghe"], ID, HOME) if text in told(answer)], way
            assert "*" not in str(answer.get_json()["data"].get("party_idno") or ""), (
                "no masked number is copied"
            )
