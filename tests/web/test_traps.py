"""The ten traps of the trade at the two doors that people and programs use: the pages and the API.

What the operator's door says (test_traps.py) must be said here too, with the article, and nothing typed may be lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from formsvc.app import create_app
from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, State
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.approval import review
from formsvc.usecases.drafting import drafts
from formsvc.usecases.ports import Condition
from tests.support.page_client import CheckedClient, Page, Visitor
from tests.support.sample_office import CASES, settings_in
from tests.system.test_traps import (
    COUNTY_NOTICE,
    OWN_DUTY,
    PUBLISHED,
    TOWN,
    Door,
    hazards,
    letter,
    on_the_spot,
    told,
)

SET_ASIDE = ("doc_no", "authority_text")
"""Numbers are given by the office, and the sentence on powers is computed."""
BEFORE_ORDERS = ("EX01", "EX06", "EX07")
BRIGADE = "绥化市北林区消防救援大队"


@dataclass(frozen=True)
class Trap:
    """A worked case changed so that it breaks a rule: what is said, and what was typed that must stay."""

    case: str
    changes: Mapping[str, Any]
    said: tuple[str, ...]
    stays: tuple[str, ...] = field(default=())
    on_page: bool = True
    """Whether the page lets it be typed at all; what is computed cannot be, and ``stays`` is how it comes out."""
    lawful: Mapping[str, Any] = field(default_factory=dict)
    """What the law asks for beside the changes, so that nothing else is wrong."""


MATTER = {"code": "WT09", "name": "临时查封", "law": "《中华人民共和国消防法》第五十四条", "penalty": "—"}


def officers(case: str, org: str) -> list[dict[str, Any]]:
    return [{**row, "org": org} for row in CASES[case]["fields"]["officers"]]


TRAPS = {
    "1 属地职责不得责令": Trap("EX08", OWN_DUTY, ("不得责令", "改用督促整改的文书", "87号）第九条"), (TOWN,)),
    "1 属地职责以自己的名义": Trap("EX06", OWN_DUTY | {"issuer_name": BRIGADE}, ("自己的名义", "第九条"), (BRIGADE,)),
    "1 救济告知不能改写": Trap("EX09", {"remedy": "不服可以到镇政府反映。"}, ("救济告知由系统计算", "对本通知书不服的"), ("六十日内向绥化市北林区人民政府申请行政复议",), on_page=False),
    "2 县里的通知不能赋权": Trap(
        "EX09", OWN_DUTY | {"auth_mode": "M1", "assign_doc": COUNTY_NOTICE},
        ("不能“授权”", "行政处罚法》第二十四条"), (COUNTY_NOTICE,),
    ),
    "2 委托的以委托机关名义": Trap("EX09", {"issuer_name": TOWN}, ("以委托机关的名义", "行政处罚法》第二十条"), (TOWN,)),
    "2 签发人属委托机关": Trap("EX09", {"approver": "李明远"}, ("“李明远”不是", "行政处罚法》第二十条"), ("李明远",)),
    "3 强制措施不得委托": Trap("EX01", {"matters": [MATTER]}, ("强制措施权不得委托", "行政强制法》第十七条"), ("临时查封",)),
    "3 不得责令查封": Trap(
        "EX09", {"hazards": hazards("EX09", measure="由镇政府临时查封二层")},
        ("查封", "行政强制法》第十七条"), ("由镇政府临时查封二层",),
    ),
    "3 复查后不得强制执行": Trap("EX10", {"next": ["强制执行"]}, ("不得实施行政强制", "行政强制法》第十七条")),
    "4 年份用六角括号": Trap(
        "EX03", {"supersede": "《关于明确消防工作责任人的通知》（东政发(2024)5号）同时废止。"},
        ("六角括号", "〔2024〕", "GB/T 9704"), ("（东政发(2024)5号）",),
    ),
    "5 三个工作日过调休的周日": Trap("EX09", {"issue_date": "2026-09-23"}, ("最迟2026-09-22", "消防监督检查规定》第十九条"), ("2026-09-23",)),
    "5 复查在节后调休的周六": Trap(
        "EX09", {"hazards": hazards("EX09", deadline="2026-09-30"), "recheck_by": "2026-10-09"},
        ("应为“2026年10月10日”",), ("2026-10-10",), on_page=False,
        lawful={"deadline_reason": "当事人承诺节前改完（虚构）"},
    ),
    "6 公告满三十日才送达": Trap(
        "SV09", {**PUBLISHED, "received_at": "2026-10-15T09:00"},
        ("满30日", "2026-10-16", "民事诉讼法》第九十五条"), ("2026-10-15T09:00", "受送达人下落不明"),
    ),
    "8 网格员不是执法人员": Trap("EX06", {"officers": officers("EX06", "永兴村第二网格网格员")}, ("不是行政执法人员", "54号"), ("永兴村第二网格网格员",)),
    "8 文员不是执法人员": Trap("EX08", {"officers": officers("EX08", "消防文员")}, ("不是行政执法人员", "54号"), ("消防文员",)),
    "8 消安办不检查": Trap("EX06", {"issuer_name": "东河镇消防安全委员会办公室"}, ("议事协调机构", "54号"), ("东河镇消防安全委员会办公室",)),
    "8 网格员不送达": Trap(
        "SV09", {"doc_ref": PUBLISHED["doc_ref"], "doc_title": None, "sender": [{"name": "网格员曹小雨"}, {"name": "钱守规"}]},
        ("不能作为送达人", "54号"), ("网格员曹小雨",),
    ),
    "9 村“两委”不任命": Trap(
        "EX04", {"title": "关于明确并任命村消防工作责任人的通知"},
        ("只能“明确”", "任命", "村民委员会组织法》第十四条"), ("关于明确并任命村消防工作责任人的通知",),
    ),
    "9 村必须有管理人": Trap(
        "EX04", {"villages": [{**row, "manager": ""} for row in CASES["EX04"]["fields"]["villages"]]},
        ("消防安全管理人", "消防法》第三十二条"),
    ),
    "10 条例条号须先核定": Trap(
        "EX01", {"basis_clause": "《黑龙江省消防条例》第六十一条"},
        ("条号已变", "第六十一条", "还没有核定"), ("《黑龙江省消防条例》第六十一条",),
    ),
    "字 属地职责不说责令": Trap(
        "EX11", {"hazards": hazards("EX11", measure="拆除防盗网，否则将责令停业")},
        ("不得出现“责令”", "87号）第九条"), ("拆除防盗网，否则将责令停业",),
    ),
    "字 属地职责不说处罚": Trap(
        "EX11", {"hazards": hazards("EX11", measure="拆除防盗网，否则将处罚")},
        ("不得出现“处罚”", "87号）第九条"), ("拆除防盗网，否则将处罚",),
    ),
}  # fmt: skip
ON_PAGES = [name for name, trap in TRAPS.items() if trap.on_page]


class Doors:
    """One sample office with its pages and its API, real definitions, templates and rendering."""

    def __init__(self, folder: Path, cases: tuple[str, ...]) -> None:
        operator = Door(folder)
        for case in cases:
            done = operator.issue(case)
            assert done.exit_code == 0, done.output
        self.operator, self.ports = operator, operator.ports
        self.app: Flask = create_app(settings_in(folder), ports=self.ports)
        self.app.test_client_class = CheckedClient
        names = ("staff", "reviewer", "approver")
        self._secrets = {name: api_tokens.add_token(self.ports, "程序", name, limit=60_000) for name in names}

    def ask(self, method: str, path: str, body: Any = None, by: str = "staff", **headers: str) -> Any:
        """Ask at the API."""
        sent = {"Authorization": f"Bearer {self._secrets[by]}", **headers}
        more = {} if body is None else {"json": body}
        client = FlaskClient(self.app, self.app.response_class)
        return client.open(f"/api/v1{path}", method=method, headers=sent, **more)

    def visitor(self, name: str = "staff") -> Visitor:
        """Somebody at the pages."""
        arrived = Visitor(self.app)
        arrived.sign_in(name)
        return arrived

    def acts(self, *conditions: Condition) -> int:
        with self.ports.store.read() as tx:
            return tx.acts.count(*conditions)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Doors:
    return Doors(tmp_path_factory.mktemp("doors"), (*BEFORE_ORDERS, "EX08", "EX09"))


@pytest.fixture(scope="module")
def before_orders(tmp_path_factory: pytest.TempPathFactory) -> Doors:
    """The same office before it orders anything: no item of the record may be ordered a second time."""
    return Doors(tmp_path_factory.mktemp("before"), BEFORE_ORDERS)


def answers_of(trap: Trap) -> dict[str, Any]:
    """The answers of the changed case as somebody types them."""
    left_out = () if trap.case.startswith("SV") else SET_ASIDE
    fields = {k: v for k, v in CASES[trap.case]["fields"].items() if k not in left_out}
    return {
        key: value for key, value in {**fields, **trap.lawful, **trap.changes}.items() if value is not None
    }


def form_of(trap: Trap) -> str:
    return str(CASES[trap.case]["act"])


def sentences(answer: Any) -> str:
    """Everything a refusal of the API says about fields."""
    document = answer.get_json()
    assert answer.status_code == 422, document
    assert answer.mimetype == "application/problem+json"
    return "\n".join(f"{error['field']}: {error['message']}" for error in document["errors"])


@pytest.mark.parametrize("name", TRAPS)
def test_a_program_is_refused_with_the_article_and_nothing_is_kept(doors: Doors, name: str) -> None:
    trap, before = TRAPS[name], doors.acts()
    answer = doors.ask("POST", "/acts", {"form": form_of(trap), "data": answers_of(trap), "submit": True})
    told(sentences(answer), *trap.said)
    assert doors.acts() == before


@pytest.mark.parametrize("name", ON_PAGES)
def test_a_draft_rewritten_by_a_program_is_not_handed_in(doors: Doors, name: str) -> None:
    trap = TRAPS[name]
    made = doors.ask("POST", "/acts", {"form": form_of(trap), "data": {}})
    act = made.get_json()
    written = doors.ask(
        "PUT", f"/acts/{act['id']}", {"data": answers_of(trap)}, **{"If-Match": made.headers["ETag"]}
    )
    if written.status_code == 200:
        written = doors.ask("POST", f"/acts/{act['id']}/submit")
    told(sentences(written), *trap.said)
    assert doors.ask("GET", f"/acts/{act['id']}").get_json()["state"] == "draft"
    assert doors.ask("DELETE", f"/acts/{act['id']}").status_code == 204


@pytest.mark.parametrize("name", [name for name, trap in TRAPS.items() if not trap.on_page])
def test_what_is_computed_is_told_and_computed_again_whatever_a_program_wrote(
    before_orders: Doors, name: str
) -> None:
    doors, trap = before_orders, TRAPS[name]
    made = doors.ask("POST", "/acts", {"form": form_of(trap), "data": {}})
    at = f"/acts/{made.get_json()['id']}"
    written = doors.ask("PUT", at, {"data": answers_of(trap)}, **{"If-Match": made.headers["ETag"]})
    told("\n".join(error["message"] for error in written.get_json()["errors"]), *trap.said)
    handed_in = doors.ask("POST", f"{at}/submit").get_json()
    computed = {key: handed_in["data"][key] for key in trap.changes if isinstance(trap.changes[key], str)}
    assert all(value != trap.changes[key] for key, value in computed.items())
    told("\n".join(map(str, computed.values())), *trap.stays)


def sent_by_page(answers: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Answers under the names of the page: ``officers-0-name``."""
    found: dict[str, Any] = {}
    for key, value in answers.items():
        name = f"{path}{key}-number" if key.endswith("_ref") else f"{path}{key}"
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            for index, row in enumerate(value):
                found |= sent_by_page(row, f"{name}-{index}-")
        elif isinstance(value, list):
            found[name] = [str(word) for word in value]
        elif isinstance(value, bool):
            found[name] = "是" if value else "否"
        elif value is not None:
            found[name] = str(value)
    return found


def standing_on(page: Page) -> str:
    """Everything that stands in the fields of a page."""
    controls = [e for e in page.tree.iter() if e.tag in ("input", "textarea", "option")]
    return "\n".join([*(str(e.get("value") or "") for e in controls), *(str(e.text or "") for e in controls)])


@pytest.mark.parametrize("name", ON_PAGES)
def test_a_person_is_told_the_article_and_the_typed_words_stay(doors: Doors, name: str) -> None:
    trap = TRAPS[name]
    clerk = doors.visitor()
    clerk.open(f"/forms/{form_of(trap)}/new")
    page = clerk.press(clerk.page.submit_button if clerk.page else "", sent_by_page(answers_of(trap)))
    assert page.status == 422
    told("\n".join(page.errors), *trap.said)
    told(standing_on(page), *trap.stays)
    opened = clerk.open(page.path.removesuffix("/submit"))
    told(standing_on(opened), *trap.stays)


# Other ways in -----------------------------------------------------------------------------------------


def changed_behind_the_rules(doors: Doors, name: str, state: State) -> Act:
    """An act as a restored or imported file may hold it: in this state, with answers no rule ever saw."""
    trap = TRAPS[name]
    staff = sample_actor(doors.ports, "staff")
    draft = drafts.open_form(doors.ports, staff, form_of(trap))
    kept = drafts.save_answers(doors.ports, staff, draft.id, answers_of(trap), version=draft.version)
    now = doors.ports.clock.now().isoformat(timespec="seconds")
    act = kept.act.changed(now, state=state.value, submitted_at=now, authority="brigade", agent="donghe")
    with doors.ports.store.write() as tx:
        tx.acts.replace(act.id, {**act.to_record(), "answers": {**act.answers, **answers_of(trap)}})
    return act


BEHIND = (
    "1 属地职责以自己的名义", "2 签发人属委托机关", "3 不得责令查封", "5 三个工作日过调休的周日", "8 网格员不是执法人员",
)  # fmt: skip


@pytest.mark.parametrize("name", BEHIND)
def test_what_came_in_past_the_form_gets_no_number(doors: Doors, name: str) -> None:
    act = changed_behind_the_rules(doors, name, State.APPROVED)
    told(sentences(doors.ask("POST", f"/acts/{act.id}/issue", by="approver")), *TRAPS[name].said)
    with doors.ports.store.read() as tx:
        kept = tx.acts.get(act.id)
    assert kept is not None
    assert (kept["state"], kept["number"]) == ("approved", "")


@pytest.mark.parametrize("name", BEHIND)
def test_what_came_in_past_the_form_is_not_passed_by_the_reviewer(doors: Doors, name: str) -> None:
    act = changed_behind_the_rules(doors, name, State.SUBMITTED)
    answer = doors.ask("POST", f"/acts/{act.id}/review", {"decision": "pass"}, by="reviewer")
    told(sentences(answer), *TRAPS[name].said)


@pytest.mark.parametrize(
    ("name", "source"),
    [("3 不得责令查封", "EX07"), ("8 文员不是执法人员", "EX07"), ("3 复查后不得强制执行", "EX09")],
)
def test_making_it_from_another_act_leads_past_no_rule(doors: Doors, name: str, source: str) -> None:
    trap = TRAPS[name]
    with doors.ports.store.read() as tx:
        (found,) = tx.acts.find(Condition("number", "==", CASES[source]["fields"]["doc_no"]))
    data = answers_of(trap)
    body = {"form": form_of(trap), "data": data, "submit": True, "source": found["id"]}
    told(sentences(doors.ask("POST", "/acts", body)), *trap.said)


def test_a_copy_is_judged_by_the_rules_of_today(doors: Doors) -> None:
    """A copy of a rightly issued order bears its old day: the three working days are over by then."""
    with doors.ports.store.read() as tx:
        (found,) = tx.acts.find(Condition("number", "==", CASES["EX09"]["fields"]["doc_no"]))
    copied = doors.ask("POST", f"/acts/{found['id']}/copy")
    act = copied.get_json()
    late = {**act["data"], "issue_date": "2026-11-23"}
    late = {key: value for key, value in late.items() if key not in SET_ASIDE}
    written = doors.ask("PUT", f"/acts/{act['id']}", {"data": late}, **{"If-Match": copied.headers["ETag"]})
    assert written.status_code == 200, written.get_json()
    told(sentences(doors.ask("POST", f"/acts/{act['id']}/submit")), "最迟2026-09-22", "第十九条")


def test_a_trial_says_the_same_before_anything_is_kept(doors: Doors) -> None:
    for name in ("1 属地职责不得责令", "3 不得责令查封", "8 文员不是执法人员", "9 村“两委”不任命"):
        trap = TRAPS[name]
        answer = doors.ask("POST", f"/forms/{form_of(trap)}/check", {"data": answers_of(trap)}).get_json()
        assert answer["sound"] is False
        told("\n".join(error["message"] for error in answer["errors"]), *trap.said)


# 7 A fine on the spot: review before court -------------------------------------------------------------


@pytest.fixture
def fine(doors: Doors) -> dict[str, Any]:
    """The form 当场行政处罚决定书 offered by this office, and its answers as they should be."""
    folder = doors.operator
    keys = "doc_no issuer_name issue_date authority_text party_name amount remedy drafter approver"
    (folder.definitions / "T31.json").write_text(
        json.dumps(on_the_spot(), ensure_ascii=False), encoding="utf-8"
    )
    (folder.templates / "T31.docx").write_bytes(letter(*(f"{{{{ {key} }}}}" for key in keys.split())))
    doors.ports.definitions.refresh()
    asked = ("issuer_name", "issue_date", "drafter", "approver", "auth_mode", "entrust_ref")
    party = tuple(k for k in CASES["EX09"]["fields"] if k.startswith(("party_", "legal_rep")))
    return {k: CASES["EX09"]["fields"][k] for k in (*asked, *party)}


def test_a_program_cannot_fine_on_the_spot_above_the_limit_or_leave_out_review_first(
    doors: Doors, fine: dict[str, Any]
) -> None:
    court = "可以自收到本决定书之日起六个月内直接向人民法院提起行政诉讼。"
    typed = {"form": "T31", "data": {**fine, "amount": "3000", "remedy": court}, "submit": True}
    told(sentences(doors.ask("POST", "/acts", typed)), "先向", "行政复议法》第二十三条第一款第一项")
    above = {"form": "T31", "data": {**fine, "amount": "5000"}, "submit": True}
    told(sentences(doors.ask("POST", "/acts", above)), "上限", "行政处罚法》第五十一条")


def test_a_person_sees_review_first_and_is_stopped_at_the_limit(doors: Doors, fine: dict[str, Any]) -> None:
    clerk = doors.visitor()
    clerk.open("/forms/T31/new")
    page = clerk.press(
        clerk.page.submit_button if clerk.page else "", sent_by_page({**fine, "amount": "5000"})
    )
    assert page.status == 422
    told("\n".join(page.errors), "上限", "行政处罚法》第五十一条")
    told(standing_on(page), "5000")
    told(page.text, "应当自收到本决定书之日起六十日内先向绥化市北林区人民政府申请行政复议")


def test_the_two_styles_of_numbers_cannot_be_chosen(doors: Doors) -> None:
    """4: the number is the office's; one that is typed changes nothing."""
    typed = {**CASES["EX03"]["fields"], "doc_no": "东政发[2026]第099号"}
    act = doors.ask("POST", "/acts", {"form": "T07", "data": typed, "submit": True}).get_json()
    if act["state"] == "submitted":
        review.review(doors.ports, sample_actor(doors.ports, "reviewer"), act["id"], passed=True)
    doors.ask("POST", f"/acts/{act['id']}/approve", {"decision": "approve"}, by="approver")
    issued = doors.ask("POST", f"/acts/{act['id']}/issue", by="approver").get_json()
    assert issued["number"] == CASES["EX03"]["fields"]["doc_no"] == "东政发〔2026〕6号"
