"""From what was filled in to what stands on the document."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formsvc.domain.authorities import KnownDocument
from formsvc.domain.definition_loader import load_definition
from formsvc.domain.evaluation.evaluation import (
    Evaluation,
    carried_values,
    document_context,
    evaluate,
    initial_answers,
)
from tests.support.circumstances import ENTRUSTMENT, RECORD, TOWN, answers, circumstances, definition


def outcome(form: str, **changes: Any) -> Evaluation:
    """The example of a form with changes, evaluated in the sample office."""
    return evaluate(definition(form), answers(form, **changes), circumstances())


def problem(found: Evaluation, field: str) -> str:
    """What is said at a field."""
    said = [p.sentence() for p in found.problems if p.field == field]
    assert said, [(p.field, p.message) for p in found.problems]
    return said[0]


def notice(found: Evaluation, field: str) -> str:
    """What is pointed out at a field without standing against it."""
    said = [p.sentence() for p in found.notices if p.field == field]
    assert said, [(p.field, p.message) for p in found.notices]
    return said[0]


def record(**changes: Any) -> KnownDocument:
    """The inspection record of the sample case as our own act."""
    values = dict(evaluate(definition("T15"), answers("T15"), circumstances()).values)
    return KnownDocument(RECORD, "消防安全检查记录", "2026-09-18", "a15", "T15", "issued", values | changes)


# -- the order of things


def test_an_unknown_key_is_refused_by_name_in_rows_too() -> None:
    rows = [{**answers("T22")["hazards"][0], "deadlin": "2026-10-30"}]
    found = outcome("T22", remark="x", hazards=rows)
    assert "没有“remark”这一项" in problem(found, "remark")
    assert "是否想写“deadline”" in problem(found, "hazards.0.deadlin")


def test_the_number_is_never_taken_from_the_form() -> None:
    found = outcome("T22", doc_no="绥北（东）消限字〔2026〕第9999号")
    assert found.is_sound and "doc_no" not in found.values


def test_a_browser_form_may_bring_other_fields() -> None:
    around = circumstances()
    given_ = answers("T22", csrf_token="x", recheck_by="2026-01-01")
    found = evaluate(definition("T22"), given_, around, strict_keys=False)
    assert found.is_sound and found.values["recheck_by"] == "2026-11-04"


def test_a_computed_value_that_differs_is_refused_with_both_values() -> None:
    said = problem(outcome("T22", recheck_by="2026-11-05"), "recheck_by")
    assert "2026年11月4日" in said and "2026年11月5日" in said
    assert outcome("T22", recheck_by="2026年11月4日").is_sound


def test_what_is_hidden_is_dropped_before_checking() -> None:
    found = outcome("T22", party_idno="231202198806129981", assign_doc="黑政发〔2021〕3号")
    assert found.is_sound and not {"party_idno", "assign_doc"} & set(found.values)
    assert "party_idno" not in found.visible


def test_a_natural_person_needs_an_identity_number_and_no_credit_code() -> None:
    found = outcome("T21", party_type="自然人", party_idno="")
    assert {"party_idno"} <= found.missing and "party_code" not in found.values
    assert outcome("T21", party_type="自然人", party_idno="231202198806129983", legal_rep="").is_sound


def test_without_a_licence_the_code_is_无_and_is_explained() -> None:
    assert outcome("T22", party_code="无").missing == {"party_code_note"}
    assert outcome("T22", party_code="无", party_code_note="尚未办理营业执照").is_sound


def test_while_filling_only_entered_things_are_wrong_and_the_rest_is_missing() -> None:
    found = evaluate(definition("T22"), {}, circumstances(), complete=False)
    assert found.problems == () and "record_ref" in found.missing
    assert {p.field for p in found.missing_problems} == found.missing
    told = set(evaluate(definition("T22"), {}, circumstances()).problems)
    assert told == {p for p in found.missing_problems if p.field not in found.computed}


def test_what_could_not_be_read_is_kept_as_typed_in_the_draft_only() -> None:
    found = evaluate(definition("T22"), {"check_date": "2026-13-45"}, circumstances(), complete=False)
    assert found.draft["check_date"] == "2026-13-45" and found.values["check_date"] is None
    assert "check_date" not in found.missing and "authority_text" not in found.draft


def test_choosing_a_violation_fills_in_its_article_while_the_form_is_filled() -> None:
    rows = [{"v_code": "V13"}]
    found = evaluate(definition("T22"), {"hazards": rows}, circumstances(), complete=False)
    assert found.values["hazards"][0]["law"] == "《中华人民共和国消防法》第二十七条第二款"
    assert found.filled == {"hazards.0.law", "hazards.0.fix"}
    assert "hazards.0.law" in evaluate(definition("T22"), {"hazards": rows}, circumstances()).missing


def test_a_new_draft_begins_with_today() -> None:
    assert initial_answers(definition("T14"), circumstances()) == {"issue_date": "2026-09-21"}


def test_answers_that_pass_pass_again_unchanged() -> None:
    first = outcome("T15")
    again = evaluate(definition("T15"), first.values, circumstances())
    assert again.is_sound and again.values == first.values


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([f.key for f in definition("T22").fields]),
        st.none()
        | st.text(max_size=8)
        | st.integers()
        | st.lists(st.dictionaries(st.text(max_size=5), st.text()), max_size=2),
    )
)
def test_no_input_breaks_an_evaluation(given_: dict[str, Any]) -> None:
    for complete in (True, False):
        found = evaluate(definition("T22"), given_, circumstances(), complete=complete)
        assert not any("表单定义" in p.message for p in found.problems)
        document_context(definition("T22"), found.values, "", circumstances())


# -- T22 责令限期改正通知书


def test_an_order_is_made_within_three_working_days_of_the_inspection() -> None:
    assert outcome("T22", issue_date="2026-09-22").is_sound
    late = outcome("T22", issue_date="2026-09-23")
    said = problem(late, "late_reason")
    assert "迟延的理由" in said and "最迟2026-09-22" in said


def test_an_order_is_not_older_than_the_inspection() -> None:
    assert "早于检查日期" in problem(outcome("T22", issue_date="2026-09-17"), "issue_date")


def hazard(**changes: Any) -> list[dict[str, Any]]:
    """One hazard with a deadline."""
    return [{**answers("T22")["hazards"][0], **changes}]


def test_every_deadline_lies_after_the_order() -> None:
    found = outcome("T22", hazards=hazard(deadline="2026-09-21"), recheck_by=None)
    assert "晚于制作日期" in problem(found, "hazards.0.deadline")


def test_a_deadline_is_needed_and_only_deadlines_belong_here() -> None:
    assert outcome("T22", hazards=hazard(deadline=""), recheck_by=None).missing >= {"hazards.0.deadline"}
    found = outcome("T22", hazards=hazard(fix="立即"), recheck_by=None)
    assert "责令立即改正通知书" in problem(found, "hazards.0.fix")


def test_reinspection_is_due_three_working_days_after_the_earliest_deadline() -> None:
    rows = [*hazard(deadline="2026-09-30"), *hazard(deadline="2026-10-30")]
    assert outcome("T22", hazards=rows, recheck_by=None).values["recheck_by"] == "2026-10-10"


def test_a_deadline_on_a_day_off_is_pointed_out() -> None:
    assert "不是工作日" in notice(
        outcome("T22", hazards=hazard(deadline="2026-10-03"), recheck_by=None), "hazards.0.deadline"
    )


def test_a_deadline_in_a_year_without_table_is_told_in_a_sentence() -> None:
    found = outcome("T22", hazards=hazard(deadline="2031-01-15"), recheck_by=None)
    assert "2031年的放假安排表" in problem(found, "recheck_by")


def test_the_organs_and_the_remedy_come_from_the_authority() -> None:
    values = outcome("T22").values
    assert (values["review_organ"], values["court"]) == ("绥化市北林区人民政府", "绥化市北林区人民法院")
    assert values["remedy"].startswith(
        "对本通知书不服的，可以自收到之日起六十日内向绥化市北林区人民政府申请行政复议"
    )


def test_an_order_follows_its_record() -> None:
    around = circumstances([record()])
    found = evaluate(
        definition("T22"), answers("T22", check_date="2026-09-17", party_name="别家商店"), around
    )
    assert "2026-09-18" in problem(found, "check_date") and "福满家" in problem(found, "party_name")
    fine = evaluate(definition("T22"), answers("T22"), around)
    assert fine.is_sound and fine.values["record_ref"]["act_id"] == "a15"


def test_an_order_takes_party_officers_and_dated_hazards_from_the_record() -> None:
    brought = carried_values(definition("T22"), "record_ref", record().answers)
    assert [(h["no"], h["fix"]) for h in brought["hazards"]] == [(3, "限期"), (4, "限期")]
    assert brought["check_date"] == "2026-09-18" and brought["party_name"] == answers("T22")["party_name"]
    given_ = {
        **brought,
        "record_ref": RECORD,
        "issue_date": "2026-09-21",
        "drafter": "赵正言",
        "approver": "周国栋",
    }
    assert evaluate(definition("T22"), given_, circumstances([record()])).is_sound


def test_hazards_keep_the_number_they_had_in_the_record_even_when_none_was_typed() -> None:
    rows = [{**row, "no": None} for row in record().answers["hazards"]]
    brought = carried_values(definition("T22"), "record_ref", record(hazards=rows).answers)
    assert [h["no"] for h in brought["hazards"]] == [3, 4]


# -- references


def test_a_reference_must_be_the_right_kind_of_act_in_force_and_not_younger() -> None:
    wrong = KnownDocument(RECORD, "消防安全检查通知书", "2026-09-16", "a14", "T14", "issued", {})
    found = evaluate(definition("T22"), answers("T22"), circumstances([wrong]))
    assert "不能作为检查记录" in problem(found, "record_ref")
    void = KnownDocument(RECORD, "消防安全检查记录", "2026-09-18", "a15", "T15", "void", {})
    assert "已作废" in problem(
        evaluate(definition("T22"), answers("T22"), circumstances([void])), "record_ref"
    )
    late = {"number": "检字〔2026〕第0001号", "title": "检查记录", "date": "2026-09-22"}
    assert "早于所依据的检查记录" in problem(outcome("T22", record_ref=late), "issue_date")


def test_a_number_unknown_here_is_taken_as_an_outside_document_and_pointed_out() -> None:
    assert "按系统外的文书处理" in notice(outcome("T22"), "record_ref")
    assert not [n for n in outcome("T14").notices if n.field == "approve_ref"]


# -- T15 消防安全检查记录


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"end_at": "2026-09-18T09:00"}, "end_at", "晚于开始"),
        ({"issue_date": "2026-09-17"}, "issue_date", "早于检查日期"),
        (
            {"items": [{"code": "C22", "result": "堵塞"}]},
            "items.0.result",
            "完好、未配置、失效、缺少、类型错误、位置不当",
        ),
        ({"items": [{"code": "C22", "result": "完好", "group": "管理"}]}, "items.0.group", "设施"),
        ({"items": [{"code": "C22", "result": "完好"}] * 2}, "items.1.code", "列了两次"),
        ({"items": [{"code": "C99", "result": "完好"}]}, "items.0.code", "没有“C99”"),
        ({"no_hazard": True}, "no_hazard", "不能再列隐患明细"),
        ({"no_hazard": True, "hazards": []}, "no_hazard", "不合格的结果"),
        ({"hazards": []}, "hazards", "请填写"),
        ({"result": ["未发现问题"]}, "result", "不能选“未发现问题”"),
        ({"result": ["责令立即改正"]}, "result", "限期改正的问题"),
        ({"result": ["责令限期改正"]}, "result", "立即改正的问题"),
        ({"bldg_area": 0}, "bldg_area", "0.01"),
        ({"refused": True}, "refuse_sign", "请填写"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(changes: dict[str, Any], field: str, said: str) -> None:
    assert said in problem(outcome("T15", **changes), field)


def test_a_record_without_hazards_needs_nothing_more() -> None:
    passing = [{"code": "C04", "result": "有"}, {"code": "C21", "result": "不涉及"}]
    found = outcome("T15", items=passing, no_hazard=True, hazards=[], result=["未发现问题"])
    assert found.is_sound


def test_an_order_in_the_record_needs_a_hazard_to_order() -> None:
    rows = [row for row in answers("T15")["hazards"] if row["fix"] == "立即"]
    found = outcome("T15", hazards=rows)
    assert "没有限期改正的问题" in problem(found, "result")


def test_own_duty_may_only_urge_or_transfer() -> None:
    own = {"auth_mode": "M0", "issuer_name": TOWN, "approver": "李明远", "entrust_ref": None}
    assert "M0" in problem(outcome("T15", **own), "result")
    assert outcome("T15", **own, result=["督促整改", "移送"], transfer_to="北林区消防救援大队").is_sound


def test_a_failed_item_suggests_its_violation_or_a_transfer() -> None:
    items = [
        {"code": "C12", "result": "堵塞占用"},
        {"code": "C10", "result": "否"},
        {"code": "C20", "result": "不符合"},
    ]
    found = outcome("T15", items=items)
    assert "建议列入V13" in notice(found, "items.1.result")
    assert "移送" in notice(found, "items.2.result")
    assert not [n for n in found.notices if n.field == "items.0.result"]


def test_an_urgent_inspection_may_have_its_notice_later() -> None:
    assert "notice_ref" in outcome("T15", notice_ref=None).missing
    found = outcome("T15", notice_ref=None, urgent=True)
    assert found.is_sound and "24小时" in notice(found, "notice_ref")


# -- T14 消防安全检查通知书


def test_the_inspection_ends_after_it_begins() -> None:
    assert "早于开始时间" in problem(outcome("T14", check_to="2026-09-18T08:00"), "check_to")


def test_an_inspection_on_a_holiday_is_pointed_out() -> None:
    found = outcome("T14", check_from="2026-10-01T09:00", check_to="2026-10-01T10:00")
    assert found.is_sound and "不是工作日" in notice(found, "check_from")


def test_more_inspections_than_announced_need_a_reason() -> None:
    assert outcome("T14", freq_no=3).missing == {"freq_reason"}
    assert outcome("T14", freq_no=3, freq_reason="投诉举报").is_sound


# -- T01, T07


def test_an_entrustment_without_legal_basis_is_not_made() -> None:
    found = evaluate(definition("T01"), answers("T01", basis_clause=""), circumstances(entrustments=()))
    assert "第二十条" in problem(found, "basis_clause")


def test_the_term_of_an_entrustment_has_an_end_after_its_beginning() -> None:
    around = circumstances(entrustments=())
    found = evaluate(definition("T01"), answers("T01", end_date="2026-04-01"), around)
    assert "晚于起始日期" in problem(found, "end_date")
    long = evaluate(definition("T01"), answers("T01", end_date="2029-04-01"), around)
    assert long.is_sound and "超过3年" in notice(long, "end_date")
    short = evaluate(definition("T01"), answers("T01", end_date="2029-03-31"), around)
    assert not [n for n in short.notices if n.field == "end_date"]


def test_an_office_may_decide_on_another_limit() -> None:
    around = circumstances(entrustments=(), office_settings={"entrustment_max_years": 1})
    found = evaluate(definition("T01"), answers("T01"), around)
    assert "超过1年" in notice(found, "end_date")


def test_a_leader_is_listed_once() -> None:
    leaders = [*answers("T07")["leaders"], {"name": "李明远", "title": "镇长", "area": "全面"}]
    assert "李明远已经列过" in problem(outcome("T07", leaders=leaders), "leaders.4.name")


def test_copies_end_with_a_full_stop() -> None:
    assert "句号" in problem(outcome("T07", copies_line="抄送：北林区消防救援大队"), "copies_line")


# -- what documents print


def test_a_document_prints_names_dates_and_numbers_of_rows() -> None:
    values = outcome("T15").values
    context = document_context(
        definition("T15"), values, "绥北（东）消监查字〔2026〕第0007号", circumstances()
    )
    assert context["doc_no"] == "绥北（东）消监查字〔2026〕第0007号"
    assert context["form_title"] == "消防安全检查记录"
    assert context["start_at"] == "2026年9月18日9时05分"
    assert (context["bldg_area"], context["copies_line"], context["no_hazard"]) == ("2860.5", "", False)
    assert [i["code_name"] for i in context["items"]][-1] == "营业前消防安全检查"
    assert [h["no"] for h in context["hazards"]] == ["1", "2", "3", "4"]
    assert context["entrust_ref"] == ENTRUSTMENT
    assert [p["name"] for p in context["photos"]] == ["IMG_0001.jpg", "IMG_0002.jpg", "IMG_0003.jpg"]
    assert context["photos"][0]["picture"] == "（IMG_0001.jpg，另附）", "named, not uploaded"


def test_before_issue_the_number_reads_待编号_and_every_field_is_bound() -> None:
    context = document_context(definition("T22"), {}, "", circumstances())
    assert context["doc_no"] == "待编号"
    assert {f.key for f in definition("T22").fields} <= set(context)


def test_a_broken_expression_names_the_definition_and_not_the_person() -> None:
    source = {
        "id": "X01",
        "title": "试验文书",
        "template": "X01.docx",
        "numbering": {"style": "none"},
        "sections": [{"title": "内容", "fields": [{"key": "a", "label": "甲", "kind": "text"}]}],
        "rules": [{"id": "r", "check": 'setting("most") > 1', "message": "x", "field": "a"}],
    }
    office = circumstances(office_settings={"most": "一"})
    found = evaluate(load_definition(source, {}, {}), {"a": "一"}, office)
    assert "表单定义“X01”有错误" in problem(found, "a")


def test_what_follows_from_a_fault_is_not_told_beside_it() -> None:
    found = evaluate(definition("T22"), answers("T22", entrust_ref={"number": ["x"]}), circumstances())
    assert [p.field for p in found.problems] == ["entrust_ref"]


def test_a_document_of_ours_that_is_not_there_is_refused_whatever_its_number() -> None:
    bogus = {"number": "绥北（东）消监查字〔2026〕第0007号", "act_id": "nope"}
    found = evaluate(definition("T22"), answers("T22", record_ref=bogus), circumstances())
    assert "没有这件文书" in next(p.message for p in found.problems if p.field == "record_ref")


def test_a_deadline_in_a_year_without_holidays_is_reckoned_by_weekends_and_told() -> None:
    from formsvc.domain.calendar import OFFICIAL

    around = circumstances(calendar=OFFICIAL.with_weekends_for_missing_years())
    given = answers("T22", recheck_by=None)
    given["hazards"] = [{**row, "deadline": "2027-01-28"} for row in given["hazards"]]
    found = evaluate(definition("T22"), given, around)
    assert found.problems == () and found.values["recheck_by"] == "2027-02-02"
    assert "2027年的放假安排表尚未导入" in next(n.message for n in found.notices if n.field == "recheck_by")
