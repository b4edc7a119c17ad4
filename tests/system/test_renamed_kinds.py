"""The life of the shipped kinds follows from their definitions: under other ids, titles and keys all is the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.domain.fields.roles import FIELD_ROLES
from formsvc.errors import InputRefused
from formsvc.usecases import operator
from formsvc.usecases.acts.access_log import personal_answers
from formsvc.usecases.approval.checklist import load_checklist
from formsvc.usecases.cases import case_file, due_list
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import issue
from formsvc.usecases.registers.rows import list_rows
from tests.support.case_steps import LATER_CASES, at, made_from
from tests.support.issued_acts import CASES
from tests.support.memory_office import Office, make_office
from tests.support.renamed_kinds import (
    renamed_answers,
    renamed_definition,
    renamed_key,
    renamed_office,
    renamed_text,
    shipped_forms,
    usual_answers,
)

CHAIN = ("EX01", "EX03", "EX04", "EX06", "EX07", "EX08", "EX09")
RECEIPT = {"method": "直接", "received_at": "2026-09-21T15:00", "receiver": "褚安", "relation": "负责收件人"}
SIGNED = {"drafter": "赵正言", "approver": "周国栋"}


def without_ids(value: Any) -> Any:
    """JSON without the ids of documents, which are drawn by lot."""
    if isinstance(value, dict):
        return {k: without_ids(v) for k, v in value.items() if k != "act_id"}
    return [without_ids(v) for v in value] if isinstance(value, list) else value


class Side:
    """One of the two offices; speaks to both in the words of the shipped kinds."""

    def __init__(self, office: Office, *, is_renamed: bool) -> None:
        self.office, self.is_renamed = office, is_renamed

    def words(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        given = dict(answers)
        return renamed_answers(given) if self.is_renamed else given

    def form(self, form: str) -> str:
        return renamed_text(form) if self.is_renamed else form

    def usual(self, value: Any) -> Any:
        """What the service says, in the words of the shipped kinds."""
        plain = without_ids(json.loads(json.dumps(value, ensure_ascii=False, default=str)))
        return usual_answers(plain) if self.is_renamed else plain

    def issued(self, form: str, answers: Mapping[str, Any]) -> Act:
        ports = self.office.ports
        staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
        return operator.issue_at_once(ports, staff, approver, self.form(form), self.words(answers))

    def refused(self, form: str, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Fields and sentences of a refusal."""
        with pytest.raises(InputRefused) as refusal:
            self.issued(form, answers)
        return [tuple(self.usual([p.field, str(p.message)])) for p in refusal.value.problems]

    def made(self, source: Act, form: str, **answers: Any) -> Act:
        return made_from(self.office, source, self.form(form), **self.words(answers))

    def life_of(self, act: Act) -> dict[str, Any]:
        """What the service knows of a document and its case."""
        ports, staff = self.office.ports, sample_actor(self.office.ports, "staff")
        case = case_file.get_case(ports, staff, act.id)
        checklist = load_checklist(ports, sample_actor(ports, "approver"), act.id)
        steps = [
            (d.step.title, d.step.why, str(d.day), d.step.items)
            for d in (*case.next_steps, *case.possible_steps)
        ]
        return self.usual(
            {
                "act": [act.number, str(act.title), act.party, act.mode, act.authority, act.agent, act.dated],
                "masked": personal_answers(ports, act).masked(),
                "steps": steps,
                "deadlines": [
                    [str(link.act.title), [(d.name, str(d.due)) for d in link.deadlines]]
                    for link in case.links
                ],
                "items": [(h.text, h.place, h.status.value, str(h.deadline)) for h in case.hazards],
                "points": [
                    (p.name, p.summary, p.facts, [n.message for n in p.notices]) for p in checklist.items
                ],
            }
        )

    def registers(self) -> dict[str, Any]:
        ports = self.office.ports
        names = sorted(ports.definitions.registers())
        return {name: [row.values for row in list_rows(ports, name)] for name in names}

    def due(self, day: date) -> list[Any]:
        found = due_list.due_list(self.office.ports, sample_actor(self.office.ports, "staff"), day)
        return self.usual([(d.step.title, d.step.why, str(d.day), d.is_late) for d in found.dues])


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Side, Side]:
    for name in ("shipped", "renamed"):
        (tmp_path / name).mkdir()
    return (
        Side(make_office(tmp_path / "shipped"), is_renamed=False),
        Side(renamed_office(tmp_path / "renamed"), is_renamed=True),
    )


def chain(side: Side) -> list[Act]:
    """Entrustment, notices, inspection, orders, receipt, re-inspection; the last order is voided."""
    acts = [side.issued(CASES[name]["act"], CASES[name]["fields"]) for name in CHAIN]
    order = acts[-1]
    acts.append(side.made(order, "T34", **RECEIPT))
    at(side.office, "2026-11-03")
    rows = drafts.open_form(
        side.office.ports, sample_actor(side.office.ports, "staff"), side.form("T24"), source_act=order.id
    ).answers[renamed_key("results") if side.is_renamed else "results"]
    results = [
        {**usual_answers(row), "result": result}
        for row, result in zip(rows, ("已改正", "未改正"), strict=True)
    ]
    more = {"trigger": "期限届满", "recheck_date": "2026-11-03", "results": results, "next": ["立案处罚"]}
    acts.append(side.made(order, "T24", **SIGNED, **more))
    return acts


def test_case_items_deadlines_masks_points_and_registers_are_the_same(sides: tuple[Side, Side]) -> None:
    shipped, renamed = sides
    pairs = list(zip(chain(shipped), chain(renamed), strict=True))
    for one, other in pairs:
        assert renamed.life_of(other) == shipped.life_of(one), one.title
    order = shipped.life_of(pairs[6][0])
    # what is compared is there
    assert [status for *_, status, _ in order["items"]].count("remedied") == 1
    assert {"立案审批表", "送达回证"} <= {title for title, *_ in order["steps"]}
    assert order["masked"]["party_phone"] != CASES["EX09"]["fields"]["party_phone"]
    assert [name for name, *_ in order["points"]][:2] == ["权限", "执法人员"]
    rows = shipped.registers()
    assert rows["hazards"] and rows["entrustments"] and rows["responsible"]
    assert renamed.registers() == rows
    day = date(2027, 3, 1)
    assert renamed.due(day) == shipped.due(day) != []


def test_voiding_undoes_the_same(sides: tuple[Side, Side]) -> None:
    found = []
    for side in sides:
        acts = [
            side.issued(CASES[name]["act"], CASES[name]["fields"])
            for name in ("EX01", "EX06", "EX07", "EX09")
        ]
        before = side.registers()
        approver = sample_actor(side.office.ports, "approver")
        issue.void_act(side.office.ports, approver, acts[-1].id, reason="当事人名称写错")
        assert side.registers() != before
        found.append((side.registers(), side.life_of(acts[2])))
    assert found[0] == found[1]


def later_chain(side: Side) -> list[Act]:
    """An order extended and closed, then the entrustment ended; each document with what it does."""
    order = [side.issued(CASES[n]["act"], CASES[n]["fields"]) for n in ("EX01", "EX06", "EX07", "EX09")][-1]
    acts = [side.made(order, "T34", **RECEIPT)]
    at(side.office, "2026-10-12")
    asked = [{"want_deadline": "2026-11-20", "reason": "需要停水施工"}, {}]
    granted = [{"grant": "准予", "new_deadline": "2026-11-20"}]
    opinion = {
        "safe_measures": "专人值守",
        "risk_ok": False,
        "office_opinion": "确需延期",
        "decided": granted,
    }
    applied = {"apply_date": "2026-10-12", "applicant": "魏东来", "items": asked}
    approval = side.made(order, "T25", **SIGNED, **applied, **opinion)
    told = side.made(approval, "T25B", **SIGNED)
    senders = [{"name": "赵正言"}, {"name": "钱守规"}]
    handed = {**RECEIPT, "received_at": "2026-10-12T09:30", "sender": senders}
    acts += [approval, told, side.made(told, "T34", **handed)]
    at(side.office, "2026-10-28")
    looked = {"trigger": "当事人申请", "apply_date": "2026-10-28", "recheck_date": "2026-10-28"}
    results = [{"result": "已改正"}, {"result": "已改正"}]
    recheck = side.made(order, "T24", **SIGNED, **looked, results=results, next=["结案"])
    acts += [recheck, side.made(recheck, "T34", **(RECEIPT | {"received_at": "2026-10-28T09:30"}))]
    evidence = {"number": recheck.number, "title": "复查意见书", "date": recheck.dated, "act_id": recheck.id}
    volume = {"volume_no": "2026-消-006", "keep": "30年", "keeper": "冯文书", "exec_desc": "已经全部改正"}
    papers = [{"name": "责令限期改正通知书", "pages": 2}]
    closing = {"close_type": "改正完毕", "evidence_ref": evidence, "docs": papers, **volume}
    acts.append(side.made(recheck, "T36", **SIGNED, **closing))
    return acts


def test_later_documents_do_the_same(sides: tuple[Side, Side]) -> None:
    shipped, renamed = sides
    pairs = list(zip(later_chain(shipped), later_chain(renamed), strict=True))
    for one, other in (pairs[2], pairs[-1]):
        assert renamed.life_of(other) == shipped.life_of(one), one.title
    closed = shipped.life_of(pairs[-1][0])
    # what is compared is there: the moved deadline, and nothing left to do in a closed case
    assert ("整改期限（第3项）", "2026-11-20") in {tuple(d) for _, days in closed["deadlines"] for d in days}
    assert closed["steps"] == [] and shipped.registers()["hazards"]
    assert renamed.registers() == shipped.registers()
    notice, day = LATER_CASES["EX49"], "2026-11-02"
    for side in sides:
        at(side.office, day)
    ended = {**notice["fields"], "issue_date": day, "effect_date": "2026-11-16", "return_by": "2026-11-19"}
    ended.pop("doc_no")
    numbers = [side.issued(notice["act"], ended).number for side in sides]
    assert numbers[0] and len(set(numbers)) == 1
    assert renamed.registers()["entrustments"] == shipped.registers()["entrustments"]
    inspection = {**CASES["EX06"]["fields"], "issue_date": "2026-11-16", "check_from": "2026-11-16T15:00"}
    after = {**inspection, "check_to": "2026-11-16T16:00"}
    after.pop("doc_no")
    for side in sides:
        at(side.office, "2026-11-16")
    said = shipped.refused("T14", after)
    assert said == renamed.refused("T14", after) and any("终止" in sentence for _, sentence in said)


def row(case: str, table: str, index: int = 0, **changes: Any) -> list[dict[str, Any]]:
    rows = [dict(each) for each in CASES[case]["fields"][table]]
    rows[index] |= changes
    return rows


OFFICER = {"officers": CASES["EX09"]["fields"]["officers"][:1]}
# an order of the worked case, each with one thing that the law forbids
UNLAWFUL: dict[str, dict[str, Any]] = {
    "own duty orders nothing": {"auth_mode": "M0"},
    "another body than the principal": {"issuer_name": "绥化市北林区东河镇人民政府"},
    "no body of that name": {"issuer_name": "绥化市北林区无名机关"},
    "no entrustment named": {"entrust_ref": None},
    "an entrustment nobody registered": {"entrust_ref": "绥北消委字〔2020〕第0099号"},
    "one officer": OFFICER,
    "an auxiliary": {"officers": row("EX09", "officers", 0, org="东河镇网格员队")},
    "an expired certificate": {"officers": row("EX09", "officers", 0, cert_valid_to="2026-09-01")},
    "an unknown certificate": {"officers": row("EX09", "officers", 0, cert_no="FAKE23120299999")},
    "signed by the agent": {"approver": "李明远"},
    "a violation not entrusted": {"hazards": row("EX09", "hazards", 0, v_code="V10")},
    "outside the area": {"party_addr": "绥化市望奎县望奎镇中心街18号"},
    "no decision of the province": {"auth_mode": "M1", "assign_doc": None, "issuer_name": "绥化市北林区东河镇人民政府"},
    "a county empowers": {
        "auth_mode": "M1",
        "assign_doc": "北林区政府通知（北政发〔2026〕1号）",
        "issuer_name": "绥化市北林区东河镇人民政府",
    },
    "older than its record": {"issue_date": "2026-09-17"},
}  # fmt: skip


def test_what_the_law_forbids_is_refused_at_the_same_field(sides: tuple[Side, Side]) -> None:
    shipped, renamed = sides
    for side in sides:
        for name in ("EX01", "EX06", "EX07"):
            side.issued(CASES[name]["act"], CASES[name]["fields"])
    for why, changes in UNLAWFUL.items():
        answers = {**CASES["EX09"]["fields"], **changes}
        said = shipped.refused("T22", answers)
        assert said and renamed.refused("T22", answers) == said, why
    # and the lawful order passes in both
    numbers = [side.issued("T22", CASES["EX09"]["fields"]).number for side in sides]
    assert numbers == [CASES["EX09"]["fields"]["doc_no"]] * 2


def test_every_shipped_kind_has_other_names_here() -> None:
    """Nothing is compared with itself: all is called otherwise but ``remedy``, a word of the lookups, too."""
    for form in shipped_forms():
        other = renamed_definition(form)
        assert other.id != form
        kept = {entry.key for entry in other.fields} & {role.usual_key for role in FIELD_ROLES.values()}
        assert kept <= {"remedy"}, form
