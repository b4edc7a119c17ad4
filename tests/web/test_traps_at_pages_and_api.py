"""The ten traps of the trade at the other two doors: a person's page and a program's request.

Both refuse with the article; the page keeps every typed word, the program is told the field.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from page import Page, Visitor
from sample_office import CASES, settings_in
from test_sixth_act import letter
from test_traps import COUNTY_NOTICE, OWN_DUTY, PUBLISHED, R1, R2, TOWN, Door, hazards, on_the_spot, told

from formsvc.app import create_app
from formsvc.demo.office import who
from formsvc.usecases import drafting, tokens

Answers = Mapping[str, Any]
SERVED = {"doc_ref": PUBLISHED["doc_ref"], "doc_title": None}
GRID_WORKER = [{"name": "网格员曹小雨"}, {"name": "钱守规"}]
SEALING = [{"code": "WT09", "name": "临时查封", "law": "《中华人民共和国消防法》第五十四条", "penalty": "—"}]
OLD_BRACKETS = "《关于明确消防工作责任人的通知》（东政发(2024)5号）同时废止。"


def officers(case: str, org: str) -> list[dict[str, Any]]:
    """The officers of a case, all of some other body."""
    return [{**row, "org": org} for row in CASES[case]["fields"]["officers"]]


TRAPS: dict[str, tuple[str, Answers, tuple[str, ...]]] = {
    "1 own duty may not order": ("EX08", OWN_DUTY, ("不得责令", "火灾隐患督促整改通知书", "87号）第九条")),
    "1 the remedy is computed": ("EX09", {"remedy": R1}, ("救济告知由系统计算", "对本通知书不服的")),
    "2 a county's notice empowers nobody": (
        "EX09",
        OWN_DUTY | {"auth_mode": "M1", "assign_doc": COUNTY_NOTICE},
        ("不能“授权”", "行政处罚法》第二十四条"),
    ),
    "2 entrusted acts bear the principal's name": (
        "EX09",
        {"issuer_name": TOWN, "authority_text": None},
        ("以委托机关的名义", "行政处罚法》第二十条"),
    ),
    "3 coercion is not entrusted": (
        "EX01",
        {"matters": SEALING},
        ("强制措施权不得委托", "行政强制法》第十七条"),
    ),
    "3 coercion is not ordered": (
        "EX09",
        {"hazards": hazards("EX09", measure="由镇政府临时查封二层")},
        ("查封", "行政强制法》第十七条"),
    ),
    "4 round brackets around a year": (
        "EX03",
        {"supersede": OLD_BRACKETS},
        ("六角括号", "〔2024〕", "GB/T 9704"),
    ),
    "5 three working days": ("EX09", {"issue_date": "2026-09-23"}, ("最迟2026-09-22", "第十九条")),
    "5 the recheck after the holidays": (
        "EX09",
        {"hazards": hazards("EX09", deadline="2026-09-30"), "recheck_by": "2026-10-09"},
        ("应为“2026年10月10日”",),
    ),
    "6 publication takes thirty days": (
        "SV09",
        PUBLISHED | {"received_at": "2026-10-15T09:00"},
        ("满30日", "2026-10-16", "民事诉讼法》第九十五条"),
    ),
    "8 a coordinating body does not inspect": (
        "EX06",
        {"issuer_name": "东河镇消防安全委员会办公室"},
        ("议事协调机构", "54号"),
    ),
    "8 grid workers are no officers": (
        "EX06",
        {"officers": officers("EX06", "永兴村第二网格网格员")},
        ("不是行政执法人员", "54号"),
    ),
    "8 grid workers do not serve": ("SV09", SERVED | {"sender": GRID_WORKER}, ("不能作为送达人", "54号")),
    "9 villages are not appointed": (
        "EX04",
        {"title": "关于明确并任命村消防工作责任人的通知"},
        ("只能“明确”", "任命", "村民委员会组织法》第十四条"),
    ),
    "10 articles must be verified": (
        "EX01",
        {"basis_clause": "《黑龙江省消防条例》第六十一条"},
        ("条号已变", "第六十一条", "还没有核定"),
    ),
}


COMPUTED = {
    "1 the remedy is computed": "对本通知书不服的",
    "5 the recheck after the holidays": "10月10日",
}
"""What nobody can type on a page, for the system writes it; what stands there instead of a wrong one."""


@dataclass(frozen=True)
class Doors:
    """One sample office with its pages and its API; notice and record of the worked cases are issued."""

    office: Door
    app: Flask
    token: str

    def ask(self, form: str, answers: Answers) -> tuple[int, dict[str, Any]]:
        """A program hands an act in."""
        data = {key: value for key, value in answers.items() if value is not None}
        client = self.app.test_client()
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = client.post(
            "/api/v1/acts", json={"form": form, "data": data, "submit": True}, headers=headers
        )
        return answer.status_code, answer.get_json()

    def press(self, form: str, answers: Answers) -> tuple[Page, Page]:
        """A clerk who has typed these answers presses 提交审核: the page before and after."""
        ports, staff = self.office.ports, who(self.office.ports, "staff")
        draft = drafting.open_form(ports, staff, form)
        kept = drafting.save_answers(
            ports, staff, draft.id, answers, version=draft.version, strict_keys=False
        )
        clerk = Visitor(self.app)
        clerk.sign_in("staff")
        before = clerk.open(f"/drafts/{kept.act.id}")
        return before, clerk.press("提交审核")


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Doors:
    office = Door(tmp_path_factory.mktemp("doors"))
    for case in ("EX01", "EX06", "EX07"):
        assert office.issue(case).exit_code == 0
    app = create_app(settings_in(tmp_path_factory.mktemp("keys")), ports=office.ports)
    return Doors(office, app, tokens.add_token(office.ports, "网格系统", "staff"))


def of(case: str, changes: Answers) -> tuple[str, dict[str, Any]]:
    """Form and answers of a worked case with changes."""
    return CASES[case]["act"], {**CASES[case]["fields"], **changes}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_program_is_refused_with_the_article(doors: Doors, trap: str) -> None:
    case, changes, words = TRAPS[trap]
    status, problem = doors.ask(*of(case, changes))
    assert status == 422, problem
    told(json.dumps(problem["errors"], ensure_ascii=False), *words)


@pytest.mark.parametrize("trap", sorted(TRAPS.keys() - COMPUTED.keys()))
def test_a_person_is_refused_with_the_article_and_keeps_every_word(doors: Doors, trap: str) -> None:
    case, changes, words = TRAPS[trap]
    before, after = doors.press(*of(case, changes))
    assert after.status == 422
    told("".join(after.errors), *words)
    assert typed(after) == typed(before)


@pytest.mark.parametrize("trap", COMPUTED)
def test_what_the_system_writes_comes_out_right_on_the_page(doors: Doors, trap: str) -> None:
    case, changes, _ = TRAPS[trap]
    before, _after = doors.press(*of(case, changes))
    written = [before._typed(e) + before._text(e) for e in before._all("output")]
    assert any(COMPUTED[trap] in text for text in written), written


def typed(page: Page) -> dict[str, str]:
    """What stands in the fields that people fill in."""
    found = {}
    for form in page._all("form"):
        if form.get("id") == "draft":
            found = {
                name: value for name, value in page._sent_by(form) if name not in ("csrf_token", "version")
            }
    assert len(found) > 5
    return found


def test_a_fine_on_the_spot_tells_of_review_first_at_both_doors(doors: Doors) -> None:
    office = doors.office
    text = json.dumps(on_the_spot(), ensure_ascii=False)
    (office.definitions / "T31.json").write_text(text, encoding="utf-8")
    keys = "doc_no issuer_name issue_date authority_text party_name amount remedy drafter approver"
    (office.templates / "T31.docx").write_bytes(letter(*(f"{{{{ {key} }}}}" for key in keys.split())))
    asked = ("issuer_name", "issue_date", "drafter", "approver", "auth_mode", "entrust_ref")
    party = tuple(k for k in CASES["EX09"]["fields"] if k.startswith(("party_", "legal_rep")))
    answers = {k: CASES["EX09"]["fields"][k] for k in (*asked, *party)} | {"amount": "3000"}
    status, problem = doors.ask("T31", answers | {"remedy": R1})
    assert status == 422
    told(json.dumps(problem, ensure_ascii=False), "先向", "行政复议法》第二十三条第一款第一项")
    before, after = doors.press("T31", answers | {"amount": "5000"})
    told("".join(after.errors), "上限", "行政处罚法》第五十一条")
    assert R2 in before.text or R2 in "".join(typed(before).values())
