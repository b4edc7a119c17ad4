"""What the law refuses on documents that follow later in a case, and what it allows beside each refusal."""

from __future__ import annotations

from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.errors import InputRefused
from formsvc.usecases import operator
from tests.support.case_steps import LATER_CASES, at
from tests.support.issued_acts import before_the_order
from tests.support.memory_office import Office

Changes = dict[str, Any]


@pytest.fixture
def later(office: Office) -> Office:
    """The office on the day of the later cases, with its entrustment."""
    before_the_order(office)
    at(office, "2026-11-23")
    return office


def refusals(office: Office, name: str, changes: Changes) -> dict[str, str]:
    """Field → sentence of what a worked case with changes is refused for."""
    case = LATER_CASES[name]
    given = {
        k: v
        for k, v in {**case["fields"], **changes}.items()
        if k not in ("doc_no", "remedy") and v is not None
    }
    staff, approver = (sample_actor(office.ports, who) for who in ("staff", "approver"))
    try:
        operator.check_issuable(office.ports, staff, approver, case["act"], given)
    except InputRefused as refused:
        return {problem.field: problem.sentence() for problem in refused.problems}
    return {}


def rows(name: str, table: str, *changes: Changes) -> Changes:
    """The rows of a worked case, the first ones with changes."""
    found = [dict(row) for row in LATER_CASES[name]["fields"][table]]
    for row, change in zip(found, changes, strict=False):
        row.update(change)
    return {table: found}


def test_the_worked_cases_can_be_issued(later: Office) -> None:
    assert {name: refusals(later, name, {}) for name in LATER_CASES} == dict.fromkeys(LATER_CASES, {})


@pytest.mark.parametrize(
    ("name", "wrong", "field", "words", "allowed"),
    [
        ("EX49", {"effect_date": "2026-09-01"}, "effect_date", "制作日期", (
            {"effect_date": "2026-09-08", "return_by": "2026-09-11"}, {"effect_date": "2026-09-16"},
            {"effect_date": "2028-03-31", "return_by": "2028-04-05"})),
        ("EX49", {"pending": []}, "pending", "逐件写明", (
            {"pending": [], "no_pending": True},
            {"pending": [{"case_no": "绥北（东）消限字〔2026〕第0003号", "handler": "由受委托组织继续办结"}]},
            {"pending": [{"case_no": "绥北（东）消即字〔2026〕第0003号", "handler": "移交新的受委托组织办理"}]})),
        ("EX49", {"return_docs": [], "return_by": None}, "return_docs", "交回", (
            {"action": "中止", "return_docs": [], "return_by": None},
            {"action": "中止", "resume_date": "2026-12-01"},
            {"return_by": "2026-09-15"})),
        ("EX16", rows("EX16", "decided", {"new_deadline": "2026-10-01"}), "decided.0.new_deadline", "2026年10月20日", (
            rows("EX16", "decided", {"new_deadline": "2026-10-21"}), rows("EX16", "decided", {"new_deadline": "2026-12-18"}),
            rows("EX16", "decided", {"grant": "不予", "new_deadline": None, "note": "可以按期完成"}))),
        ("EX16", {"risk_ok": True}, "risk_ok", "不能准予", (
            {"risk_ok": False},
            {"risk_ok": True, **rows("EX16", "decided", {"grant": "不予", "new_deadline": None, "note": "立即威胁公共安全"})},
            rows("EX16", "decided", {}, {"grant": "准予", "new_deadline": "2026-10-23", "note": None}))),
        ("EX16", {"safe_measures": "停产停业至施工结束"}, "safe_measures", "处罚", (
            {"safe_measures": "自行停止使用二层包间，专人值守"}, {"safe_measures": "夜间专人值守"}, {"safe_measures": "增配灭火器"})),
        ("EX17", {"reason": None}, "reason", "理由", (
            {"reason": "灯具可以按期更换"},
            {"reason": None, **rows("EX17", "decided", {}, {"grant": "准予", "new_deadline": "2026-10-30"})},
            rows("EX17", "decided", {"grant": "不予", "new_deadline": None}))),
        ("EX19", {"materials": []}, "materials", "页数", (
            {"materials": [{"name": "检查记录", "pages": 1}]}, {"contact_phone": "0455-8990003"}, {"reason": "其他", "reason_note": "属行业主管部门职责"})),
        ("EX19", {"dept": "绥化市北林区东河镇人民政府"}, "dept", "自己", (
            {"dept": "绥化市北林区消防救援大队"}, {"dept": "绥化市北林区住房和城乡建设局"}, {"dept": "绥化市公安局北林分局", "reason": "属公安机关管辖"})),
        ("EX19", {"reason": "涉嫌犯罪", "crime_report_ref": "2026年11月22日报告，11月23日批准", "crime_approved_at": "2026-11-23T09:00",
                  "crime_materials": ["移送书", "调查报告"]}, "dept", "公安", (
            {"dept": "绥化市公安局北林分局", "reason": "涉嫌犯罪", "crime_report_ref": "2026年11月22日报告，11月23日批准",
             "crime_approved_at": "2026-11-23T09:00", "crime_materials": ["移送书", "调查报告"]},
            {"reason": "逾期未整改"}, {"reason": "无管辖权"})),
        ("EX50", {"end_date": "2026-11-30"}, "end_date", "三十日", (
            {"end_date": "2026-11-08"}, {"end_date": "2026-11-30", "extension_no": "绥北消封延字〔2026〕第0001号"}, {"end_date": "2026-10-09"})),
        ("EX50", {"ext_organ": "绥化市北林区东河镇人民政府"}, "ext_organ", "消防救援机构", (
            {"ext_organ": "绥化市消防救援支队"}, {"ext_organ": "绥化市北林区消防救援局"}, {"ext_organ": "黑龙江省消防救援总队"})),
        ("EX22", {"close_type": "督促整改完毕"}, "close_type", "改正完毕", (
            {"close_type": "改正完毕"}, {"close_type": "终止调查", "evidence_ref": None}, {"close_type": "对象灭失", "evidence_ref": None})),
        ("EX22", {"evidence_ref": None}, "evidence_ref", "请", (
            {"close_type": "撤销案件", "evidence_ref": None},
            {"close_type": "移送", "evidence_ref": {"number": "绥北（东）消移字〔2026〕第0001号", "title": "案件（线索）移送函", "date": "2026-11-04"}},
            {"unfinished": [{"kind": "其他", "handling": "案卷已补齐"}]})),
        ("EX51", {"collected": False}, "collected", "收齐", (
            {"collected": True}, {"replace_no": None}, {"stage": "已用印未送达", "reason": "对象错误"})),
        ("EX42", {"kind": "更正"}, "kind", "变更", (
            {"kind": "更正", "parts": [{"part": "电话", "from_text": "19900000070", "to_text": "19900000071"}]},
            {"kind": "变更"}, {"kind": "撤销", "parts": None})),
        ("EX42", {"reason": None}, "reason", "理由", (
            {"found_by": "当事人申请", "apply_date": "2026-10-21"}, {"publish": "更正公示"}, {"found_by": "上级指出"})),
    ],
)  # fmt: skip
def test_a_refusal_and_three_neighbours_that_are_allowed(
    later: Office, name: str, wrong: Changes, field: str, words: str, allowed: tuple[Changes, ...]
) -> None:
    refused = refusals(later, name, wrong)
    assert field in refused, refused
    assert words in refused[field]
    assert [refusals(later, name, changes) for changes in allowed] == [{}, {}, {}]
