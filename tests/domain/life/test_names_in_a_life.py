"""What a life names must exist when the definition is checked, not when a document is issued."""

from __future__ import annotations

import json
from typing import Any

import pytest

from formsvc.domain.definition_loader import load_definition
from formsvc.domain.definitions.cross_checks import check_between
from formsvc.domain.life.register_checks import KnownRegisters
from formsvc.errors import DefinitionFaulty, Fault
from tests.domain.life.test_life_definition import deadline, follow_up, kind
from tests.support.circumstances import definition, listed_kinds, read_folder, shipped_registers

# those that a reinspection answers, and what they are made from and followed by
SHIPPED = ("T14", "T15", "T21", "T22", "T23", "T24", "T25", "T25B", "T28", "T33", "T34", "T36", "T50")
# one row of the shipped register of hazards
ROW = {"doc_no": "this.number", "no": "index + 1", "desc": "row.what", "state": '"已发现"'}
NOTE = {"key": "note", "label": "说明", "kind": "text"}
SEEN = {"key": "seen", "label": "看过", "kind": "yes_no"}
AGREED = {"key": "agreed", "label": "是否同意", "kind": "choice", "choices": ["同意", "不同意"]}
# picked from the register of parties
OWNER = {
    "key": "owner",
    "label": "当事人",
    "kind": "text",
    "pick": {"register": "objects", "fields": {"owner": "name", "owner_code": "code"}},
}
OWNER_CODE = {"key": "owner_code", "label": "信用代码", "kind": "credit_code"}
# rows of which one column is of another kind than the register's
LISTED = {
    "key": "listed",
    "label": "事项表",
    "kind": "rows",
    "columns": [
        {"key": "code", "label": "已核对", "kind": "yes_no"},
        {"key": "name", "label": "事项", "kind": "text"},
    ],
}
ENTRUSTED: dict[str, Any] = {
    "do": "write_rows",
    "register": "entrustments",
    "set": {
        "doc_no": "this.number",
        "principal_name": '"甲"',
        "agent_name": '"乙"',
        "start_date": "seen_on",
        "end_date": "seen_on",
    },
}
WRITES = "/life/effects/issued/0"


def writes(**changes: Any) -> dict[str, Any]:
    """A life that writes each point into the register of hazards."""
    effect = {"do": "write_rows", "register": "hazards", "rows": "points", "set": ROW, **changes}
    return {"effects": {"issued": [effect]}}


def changes_rows(**changes: Any) -> dict[str, Any]:
    effect = {"do": "change_rows", "register": "hazards", "of": "earlier", "match": {"no": "1"}}
    return {"effects": {"issued": [{**effect, "set": {"state": '"已销号"'}, **changes}]}}


def faults(life: dict[str, Any], registers: KnownRegisters | None = None, /, **header: Any) -> list[Fault]:
    """The errors of a kind with this life."""
    source = {**kind(life, NOTE, SEEN, AGREED), **header}
    known = shipped_registers() if registers is None else registers
    try:
        load_definition(source, read_folder("groups"), read_folder("lookups"), "X01.json", registers=known)
    except DefinitionFaulty as refused:
        return [fault for fault in refused.faults if fault.level == "error"]
    return []


@pytest.mark.parametrize(
    ("life", "where", "said"),
    [
        (writes(register="hazard"), f"{WRITES}/register", "没有登记簿“hazard”，是否想写“hazards”"),
        (writes(set={**ROW, "descr": "row.what"}), f"{WRITES}/set/descr", "没有列“descr”，是否想写“desc”"),
        (writes(set={**ROW, "deadline": "seen"}), f"{WRITES}/set/deadline", "不能填入“整改期限”"),
        (writes(set={**ROW, "state": '"已发觉"'}), f"{WRITES}/set/state", "没有“已发觉”这一选项"),
        (writes(set={**ROW, "fix": "agreed"}), f"{WRITES}/set/fix", "改正方式"),
        (writes(set={"desc": "row.what"}), f"{WRITES}/set", "还须写明 doc_no、no、state"),
        (writes(set={**ROW, "desc": "row.waht"}), f"{WRITES}/set/desc", "“waht”，是否想写“what”"),
        (writes(rows="point"), f"{WRITES}/rows", "“point”不是明细表"),
        (writes(date="note"), f"{WRITES}/date", "应得出日期"),
        (writes(when="size(points) < 0"), f"{WRITES}/when", "无论怎样填写都不成立"),
        (writes(when='this.mode == "M7"'), f"{WRITES}/when", "“M7”不是可选项"),
        (writes(when='this.state == "issed"'), f"{WRITES}/when", "是否想写“issued”"),
        (writes(set={**ROW, "no": '"甲" * 2'}), f"{WRITES}/set/no", "不能用“*”计算"),
        (writes(set={**ROW, "no": "1 / 0"}), f"{WRITES}/set/no", "无论怎样填写都算不出来"),
        (changes_rows(of="earler"), f"{WRITES}/of", "引用文书的字段，是否想写“earlier”"),
        (changes_rows(of=""), f"{WRITES}/match", "须在 match 中写明 doc_no，或者可以筛选、查找的列，或者写明 of"),
        (changes_rows(row_set={"obj_no": "obj_no"}), f"{WRITES}/row_of", "还须写明 row_of"),
        (
            changes_rows(row_of="owner", row_set={"obj_no": "obj_nr"}),
            f"{WRITES}/row_set/obj_no",
            "没有列“obj_nr”，是否想写“obj_no”",
        ),
        (changes_rows(row_of="owner", row_set={"no": "obj_no"}), f"{WRITES}/row_set/no", "不是同一种列"),
        (
            changes_rows(of="", row_of="owner", row_match={"obj_no": "obj_no"}, missing="add"),
            f"{WRITES}/missing",
            "missing 写 skip 或者 refuse",
        ),
        (changes_rows(row_of="note"), f"{WRITES}/row_of", "应是从登记簿选的字段"),
        (changes_rows(missing="add", added={"desc": "note"}), f"{WRITES}/added", "还须写明 doc_no"),
        (changes_rows(match={"nr": "1"}), f"{WRITES}/match/nr", "没有列“nr”"),
        (
            {"effects": {"issued": [{"do": "void_document", "of": "earlier", "set": {"reson": "note"}}]}},
            f"{WRITES}/set/reson",
            "是否想写“reason”",
        ),
        (writes(register="entrustments", set={"matters": "listed"}), f"{WRITES}/set/matters", "“listed.code”得出的是是否，不能填入“代码”"),
        (writes(register="entrustments", set={"matters.name": "row.what"}), f"{WRITES}/set/matters.name", "还须写“matters”"),
        (
            writes(register="entrustments", set={"matters": "points", "matters.nam": "row.what"}),
            f"{WRITES}/set/matters.nam",
            "没有列“matters.nam”，是否想写“name”",
        ),
        ({"deadlines": [deadline(**{"from": "note"})]}, "/life/deadlines/0/from", "应得出日期"),
        ({"deadlines": [deadline(**{"from": '"明天"'})]}, "/life/deadlines/0/from", "应得出日期"),
        ({"deadlines": [deadline(count=99999)]}, "/life/deadlines/0/count", "期限超过 3700 天"),
        ({"deadlines": [deadline(count="size(points) + 4000")]}, "/life/deadlines/0/count", "期限超过"),
        ({"deadlines": [deadline(count='lookup("law", "x", "name")')]}, "/life/deadlines/0/count", "“laws”"),
        ({"deadlines": [deadline(when="seen_on < seen_on")]}, "/life/deadlines/0/when", "都不成立"),
        (
            {"follow_ups": [follow_up(when='agreed == "同意" && agreed == "不同意"')]},
            "/life/follow_ups/0/when",
            "都不成立",
        ),
        ({"follow_ups": [follow_up(when='agreed == "不知道"')]}, "/life/follow_ups/0/when", "不是可选项"),
        ({"service": {"required": 'agreed == "是"'}}, "/life/service/required", "不是可选项"),
    ],
)  # fmt: skip
def test_a_name_or_a_value_that_cannot_be_is_told_with_its_place(
    life: dict[str, Any], where: str, said: str
) -> None:
    found = [fault for fault in faults(life, modes=["M0", "M1"], **_AUTHORITY) if fault.where == where]
    assert found, faults(life, modes=["M0", "M1"], **_AUTHORITY)
    assert said in found[0].message and "办理规则" in found[0].place, found[0]


# modes need the fields of the authority
_AUTHORITY: dict[str, Any] = {
    "sections": [
        *kind({}, NOTE, SEEN, AGREED, LISTED, OWNER, OWNER_CODE)["sections"],
        {"title": "权限", "fields": ["@ISS", "@AUTH"]},
    ]
}


def test_no_alarm_on_what_can_be() -> None:
    for life in (
        writes(),
        writes(when="!is_empty(row.until)", date="is_empty(row.until) ? seen_on : row.until"),
        writes(set={**ROW, "state": 'agreed == "同意" ? "已销号" : "待复查"', "closed_date": "null"}),
        {
            "effects": {
                "issued": [
                    {
                        **ENTRUSTED,
                        "set": {**ENTRUSTED["set"], "matters": "listed", "matters.code": "row.name"},
                    }
                ]
            }
        },
        {"effects": {"issued": [{**ENTRUSTED, "set": {**ENTRUSTED["set"], "matters": "points"}}]}},
        changes_rows(),
        changes_rows(of="", match={"state": '"待复查"'}, missing="skip"),
        changes_rows(of="", match={}, row_of="owner", row_match={"obj_no": "obj_no"}, missing="skip"),
        changes_rows(of="", match={"doc_no": "earlier.number", "no": "1"}),
        changes_rows(missing="add", added={"doc_no": "this.number"}),
        {"deadlines": [deadline(**{"from": "this.served_on"}, when="size(points) > 3")]},
        {"deadlines": [deadline(**{"from": "days_after(seen_on, 3)"}, count="size(points)")]},
        {"follow_ups": [follow_up(when='today() > "2026-01-01" && agreed != "同意"')]},
        {"service": {"required": 'this.mode != "M1" && seen == true'}},
        {"follow_ups": [follow_up(when='this.act_id != this.id || size(made_from(this, "X02")) == 0')]},
    ):
        assert faults(life, modes=["M0", "M1"], **_AUTHORITY) == [], life


def test_a_register_that_is_itself_faulty_is_named_as_what_to_mend_first() -> None:
    (fault,) = faults(writes(), {**shipped_registers(), "hazards": None})
    assert fault.where == f"{WRITES}/register" and "请先改正 registers/hazards.json" in fault.message
    # one that the kind does not write is none of its business
    assert faults(writes(), {**shipped_registers(), "responsible": None}) == []
    assert faults({}, dict.fromkeys(shipped_registers())) == []
    assert faults(changes_rows(), {**shipped_registers(), "entrustments": None}) == []


# Between kinds ----------------------------------------------------------------------------------------


def cross_faults(**changes: dict[str, Any]) -> list[Fault]:
    """What the shipped kinds do not agree on after changes to the life of some."""
    forms = {name: json.loads(json.dumps(definition(name).to_resolved())) for name in SHIPPED}
    for form, life in changes.items():
        for part, entries in life.items():
            if isinstance(entries, dict):
                forms[form]["life"].setdefault(part, {}).update(entries)
            else:
                forms[form]["life"][part][0] |= entries[0]
    return check_between(forms, SHIPPED, listed_kinds())


@pytest.mark.parametrize(
    ("form", "life", "where", "said"),
    [
        ("T22", {"follow_ups": [{"forms": "T2A"}]}, "/life/follow_ups/0/forms", "没有“T2A”这种文书"),
        ("T22", {"service": {"forms": "T34/T34X"}}, "/life/service/forms", "没有“T34X”这种文书"),
        ("T22", {"follow_ups": [{"answered": "found.reslt == null"}]}, "/life/follow_ups/0/answered", "“result”"),
        (
            "T22",
            {"follow_ups": [{"answered": 'found.result == "改好了"'}]},
            "/life/follow_ups/0/answered",
            "“改好了”不是可选项",
        ),
        (
            "T22",
            {"follow_ups": [{"answered": "made.answers.recheck_day > row.deadline"}]},
            "/life/follow_ups/0/answered",
            "recheck_date",
        ),
        (
            "T22",
            {"follow_ups": [{"forms": "T28", "answered": "found.result != null"}]},
            "/life/follow_ups/0/answered",
            "没有逐项写明结果",
        ),
        ("T22", {"deadlines": [{"when": 'size(made_from(record_ref, "T2X")) > 0'}]}, "/life/deadlines/0/when", "T2X"),
        ("T24", {"follow_ups": [{"when": 'is_empty(referred(order_ref, "hazrads"))'}]}, "/life/follow_ups/0/when", "“hazrads”"),
    ],
)  # fmt: skip
def test_what_another_kind_does_not_have_is_told_in_the_life(
    form: str, life: dict[str, Any], where: str, said: str
) -> None:
    (fault,) = cross_faults(**{form: life})
    assert (fault.file, fault.where) == (f"{form}.json", where)
    assert said in fault.message and "办理规则" in fault.place and fault.level == "error"


def test_no_alarm_on_kinds_that_are_listed_or_read_rightly() -> None:
    assert cross_faults() == []
    assert cross_faults(T22={"follow_ups": [{"answered": 'found.result in ["已改正", "部分改正"]'}]}) == []
    assert (
        cross_faults(T22={"follow_ups": [{"answered": '"移送" in made.answers.next || made.mode == "M0"'}]})
        == []
    )
    # listed, though nobody has drawn it up yet
    assert cross_faults(T22={"follow_ups": [{"forms": "T29/T24"}], "service": {"forms": "T34/T54"}}) == []


def test_deadlines_can_only_be_moved_where_there_are_some() -> None:
    forms = {name: json.loads(json.dumps(definition(name).to_resolved())) for name in SHIPPED}
    for form in ("T21", "T22", "T23", "T33"):
        forms[form]["life"]["items"].pop("deadline")
    found = [fault for fault in check_between(forms, SHIPPED, listed_kinds()) if fault.where.endswith("/of")]
    assert {fault.file for fault in found} == {"T25B.json"}
    assert "没有写明逐项办理的 deadline" in found[0].message
