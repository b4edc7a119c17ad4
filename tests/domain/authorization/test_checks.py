"""Who may do what, and the sentence and article with which the rest is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from formsvc.domain.authorities import Circumstances, KnownDocument, Matter
from formsvc.domain.authorization.checks import authority_findings
from formsvc.domain.authorization.jurisdiction import AreaMatch, match_area
from formsvc.domain.authorization.matters import (
    act_types_of,
    not_entrustable_in,
    provisions_of,
    violations_of,
)
from formsvc.domain.chinese import parse_chinese_number
from formsvc.domain.evaluation.evaluation import Evaluation, evaluate
from tests.support.circumstances import (
    BRIGADE,
    RECORD,
    TOWN,
    answers,
    circumstances,
    coordination,
    definition,
    entrustment,
    officers,
    town,
)

VIOLATIONS = definition("T22").lookups["violations"]["entries"]
REGIONS = definition("T22").lookups["regions"]["entries"]
OWN: dict[str, Any] = {
    "auth_mode": "M0",
    "issuer_name": TOWN,
    "drafter": "冯文书",
    "approver": "李明远",
    "entrust_ref": None,
}


def outcome(form: str, around: Circumstances | None = None, **changes: Any) -> Evaluation:
    """The example of a form with changes."""
    return evaluate(definition(form), answers(form, **changes), around or circumstances())


def problem(found: Evaluation, field: str) -> str:
    """What is said at a field."""
    said = "".join(p.sentence() for p in found.problems if p.field == field)
    assert said, [(p.field, p.message) for p in found.problems]
    return said


def under(**changes: Any) -> Circumstances:
    """The office with its entrustment changed."""
    return circumstances(entrustments=(replace(entrustment, **changes),))


# -- mode and authority


def test_own_duty_may_not_order() -> None:
    said = problem(outcome("T22", auth_mode="M0"), "auth_mode")
    assert "督促整改" in said and "国办发〔2017〕87号" in said


def test_a_township_may_inspect_on_its_own_duty_in_its_own_name_only() -> None:
    assert outcome("T14", **OWN).is_sound
    assert "第九条" in problem(
        outcome("T14", **{**OWN, "issuer_name": BRIGADE, "approver": "周国栋"}), "issuer_name"
    )


@pytest.mark.parametrize(
    "name", ["东河镇消防安全委员会办公室", "东河镇消安办", "消防工作联席会议", coordination.name]
)
def test_a_coordinating_body_may_not_inspect(name: str) -> None:
    assert "国办发〔2024〕54号" in problem(outcome("T14", issuer_name=name), "issuer_name")


def test_an_authority_must_be_registered_and_of_the_right_kind() -> None:
    assert "没有登记过制发机关" in problem(outcome("T14", issuer_name="北林区东河镇政府"), "issuer_name")
    assert "不能由" in problem(outcome("T07", issuer_name=BRIGADE), "issuer_name")


def test_empowerment_needs_the_provincial_decision() -> None:
    empowered: dict[str, Any] = {
        "auth_mode": "M1",
        "issuer_name": TOWN,
        "approver": "李明远",
        "entrust_ref": None,
    }
    assert "第二十四条" in problem(outcome("T22", **empowered), "assign_doc")
    found = outcome("T22", **empowered, assign_doc="黑政发〔2021〕3号")
    assert found.is_sound and any("清单" in n.message for n in found.notices)
    listed = circumstances(authorities=(replace(town, assign_doc="黑政发〔2099〕1号"),))
    assert "黑政发〔2099〕1号" in problem(
        outcome("T22", listed, **empowered, assign_doc="黑政发〔2021〕3号"), "assign_doc"
    )


# -- entrustment


def test_an_entrusted_act_needs_a_registered_entrustment() -> None:
    assert "委托书" in problem(outcome("T22", entrust_ref=None), "entrust_ref")
    found = outcome("T22", circumstances(entrustments=()))
    assert "没有登记过委托书" in problem(found, "entrust_ref")
    assert all(p.registered_here for p in found.problems)


def test_an_entrusted_act_is_done_in_the_name_of_the_principal() -> None:
    assert f"制发机关应为“{BRIGADE}”" in problem(outcome("T22", issuer_name=TOWN), "issuer_name")


def test_the_entrustment_covers_the_day_of_the_act_and_the_day_it_is_dated() -> None:
    assert "2026-09-21不在" in problem(outcome("T22", under(ends_on=date(2026, 9, 20))), "issue_date")
    assert "2026-09-18不在" in problem(outcome("T22", under(starts_on=date(2026, 9, 19))), "check_date")
    assert "终止" in problem(outcome("T22", under(ended_on=date(2026, 9, 1))), "issue_date")


def test_a_violation_outside_the_entrusted_matters_may_not_be_ordered() -> None:
    rows = [{**answers("T22")["hazards"][0], "v_code": "V13"}]
    assert "不在委托书" in problem(outcome("T22", hazards=rows), "hazards.0.v_code")


def test_a_violation_outside_the_entrusted_matters_may_be_recorded_and_is_pointed_out() -> None:
    rows = [*answers("T15")["hazards"], {**answers("T15")["hazards"][2], "no": 5, "v_code": "V13"}]
    found = outcome("T15", hazards=rows)
    assert found.is_sound and any(n.field == "hazards.4.v_code" for n in found.notices)


def test_inspection_must_be_entrusted_by_name() -> None:
    only = under(matters=entrustment.matters[:4], powers="警告、罚款")
    assert "没有载明行政检查" in problem(outcome("T14", only), "entrust_ref")


def test_the_place_must_lie_in_the_entrusted_area() -> None:
    assert "地域范围" in problem(outcome("T14", place_addr="绥化市北林区西岭镇1号"), "place_addr")
    assert "地域范围" in problem(outcome("T22", party_addr="海伦市人民街1号"), "party_addr")
    vague = outcome("T14", place_addr="中心街18号一至三层")
    assert vague.is_sound and any(n.field == "place_addr" for n in vague.notices)


def test_key_units_are_excluded_here_and_through_the_record() -> None:
    assert "重点单位" in problem(outcome("T15", place_nature="重点单位"), "place_nature")
    record = KnownDocument(
        RECORD, "消防安全检查记录", "2026-09-18", "a", "T15", "issued", {"place_nature": "重点单位"}
    )
    assert "重点单位" in problem(outcome("T22", circumstances([record])), "record_ref")


# -- officers


def officer(**changes: Any) -> list[dict[str, Any]]:
    """The two officers of the example, the second one changed."""
    first, second = answers("T14")["officers"]
    return [first, {**second, **changes}]


def test_two_officers_are_needed() -> None:
    first, _ = answers("T14")["officers"]
    assert "第四十二条" in problem(outcome("T14", officers=[first]), "officers")
    assert "现在是1人" in problem(outcome("T14", officers=[first, first]), "officers")


@pytest.mark.parametrize(
    ("changes", "column", "said"),
    [
        ({"cert_valid_to": "2026-09-17"}, "cert_valid_to", "到期"),
        ({"cert_no": "FAKE23120299999"}, "cert_no", "名册中没有证号"),
        ({"name": "孙起草"}, "name", "登记的是钱守规"),
        ({"name": "网格员王五"}, "name", "网格员"),
        ({"org": "东河镇永兴村民委员会"}, "org", "村民委员会"),
        ({"cert_no": "12"}, "cert_no", "6至20位"),
    ],
)
def test_an_officer_without_a_valid_certificate_is_refused(
    changes: dict[str, Any], column: str, said: str
) -> None:
    assert said in problem(outcome("T14", officers=officer(**changes)), f"officers.1.{column}")


def test_the_register_decides_on_the_day_of_the_act() -> None:
    lapsed = circumstances(officers=(officers[0], replace(officers[1], valid_to=date(2026, 9, 17))))
    assert "有效期" in problem(outcome("T14", lapsed), "officers.1.cert_no")
    stopped = circumstances(officers=(officers[0], replace(officers[1], active=False)))
    assert "停用" in problem(outcome("T14", stopped), "officers.1.cert_no")
    assert outcome("T14", circumstances(officers=())).is_sound


# -- names


def test_drafter_and_approver_are_people_of_the_authority_or_its_agent() -> None:
    assert "不是" in problem(outcome("T22", drafter="孙某"), "drafter")
    assert outcome("T22", drafter="孙起草").is_sound
    assert "李明远" in problem(outcome("T01", approver="李明远"), "approver")


# -- the entrustment itself


def entrusting(**changes: Any) -> Evaluation:
    """The entrustment of the example, before any was in force."""
    return outcome("T01", circumstances(entrustments=()), **changes)


@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("临时查封", "《中华人民共和国行政强制法》第十七条"),
        ("扣押物品", "《中华人民共和国行政强制法》第十七条"),
        ("消防安全检查合格许可", "《中华人民共和国行政处罚法》第二十条"),
        ("拘留", "《中华人民共和国行政处罚法》第十八条第三款"),
    ],
)
def test_coercion_licences_and_detention_may_not_be_entrusted(name: str, law: str) -> None:
    matters = [{**answers("T01")["matters"][0], "name": name}]
    assert law in problem(entrusting(matters=matters), "matters.0.name")


def test_powers_may_say_what_is_not_entrusted() -> None:
    assert entrusting(powers="警告、罚款；不得实施查封、扣押").is_sound is False
    assert entrusting(powers="警告、罚款；不得实施行政强制措施").is_sound


def test_an_agent_must_be_able_to_hold_power() -> None:
    assert "第二十一条" in problem(entrusting(agent_name="东河镇消安办"), "agent_name")
    assert "第二十一条" in problem(
        entrusting(agent_officers=answers("T01")["agent_officers"][:1]), "agent_officers"
    )


def test_a_matter_is_entrusted_once_at_a_time_in_one_area() -> None:
    again = outcome("T01")
    assert "同期不得重复委托" in problem(again, "matters.0.name")
    assert outcome("T01", start_date="2028-04-01", end_date="2030-03-31").is_sound
    elsewhere: dict[str, Any] = {"agent_name": "绥化市北林区西岭镇人民政府", "area": "西岭镇行政区域"}
    assert outcome("T01", **elsewhere).is_sound


# -- what a matter covers


@pytest.mark.parametrize(
    ("text", "provisions"),
    [
        ("《中华人民共和国消防法》第二十八条、第六十条第一款第三项、第二款", {(28,), (60, 1, 3), (60, 2)}),
        ("《中华人民共和国消防法》第十六条、第六十条第一款第（一）项", {(16,), (60, 1, 1)}),
        ("《黑龙江省消防条例》第二十条、《中华人民共和国消防法》第五十三条", {(53,)}),
        ("消防法第六十三条第二项", {(63, 1, 2)}),
    ],
)
def test_provisions_are_read_from_a_citation(text: str, provisions: set[tuple[int, ...]]) -> None:
    assert provisions_of(text) == provisions


def test_a_matter_covers_the_violations_of_its_penalty_clause() -> None:
    covered = [sorted(violations_of(m, VIOLATIONS)) for m in entrustment.matters]
    assert covered == [["V04", "V22"], ["V05", "V30"], ["V06", "V30"], ["V01", "V02"], []]
    told = Matter("x", "x", "", v_codes=("V13",))
    assert violations_of(told, VIOLATIONS) == {"V13"}


def test_a_shared_penalty_clause_covers_only_the_article_named() -> None:
    matter = Matter("x", "未履行职责的处罚", "《中华人民共和国消防法》第十六条、第六十七条")
    assert violations_of(matter, VIOLATIONS) == {"V14"}


def test_a_matter_says_which_acts_it_allows() -> None:
    assert act_types_of(entrustment.matters[0]) == {"order", "penalty"}
    assert act_types_of(entrustment.matters[4]) == {"inspect"}


@pytest.mark.parametrize(
    ("text", "value"), [("十", 10), ("十六", 16), ("六十七", 67), ("二十", 20), ("一百零三", 103)]
)
def test_numerals_of_articles(text: str, value: int) -> None:
    assert parse_chinese_number(text) == value


def test_a_clause_that_forbids_is_no_fault() -> None:
    assert not_entrustable_in("不得实施行政强制措施") is None
    assert not_entrustable_in("罚款，强制拆除") is not None


# -- where


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("绥化市北林区东河镇中心街18号", AreaMatch.INSIDE),
        ("东河镇永兴村二组", AreaMatch.INSIDE),
        ("绥化市北林区西岭镇1号", AreaMatch.OUTSIDE),
        ("西岭镇永兴村", AreaMatch.OUTSIDE),
        ("海伦市东河镇1号", AreaMatch.OUTSIDE),
        ("绥化市北林区康庄路1号", AreaMatch.UNDECIDED),
        ("中心街18号", AreaMatch.UNDECIDED),
    ],
)
def test_an_address_tells_whether_a_place_lies_in_the_area(address: str, where: AreaMatch) -> None:
    assert match_area(address, ["231202990"], REGIONS) is where


def test_authority_findings_name_what_forbids_the_act() -> None:
    values = outcome("T14").values
    assert authority_findings(definition("T14"), values, circumstances())[0] == []
    assert authority_findings(definition("T14"), {**values, "auth_mode": "M1"}, circumstances())[0]


def test_under_an_entrustment_the_agents_people_draft_but_do_not_sign() -> None:
    assert not outcome("T22", drafter="钱守规").problems
    signed = outcome("T22", approver="李明远")
    assert "李明远" in problem(signed, "approver") and "第二十条" in problem(signed, "approver")


def test_a_wrong_mode_or_entrustment_is_not_blamed_on_the_names() -> None:
    cases: tuple[dict[str, Any], ...] = (
        {"auth_mode": "M9"},
        {"entrust_ref": "绥北消委字〔2026〕第0099号"},
        {"auth_mode": "M0"},
    )
    for changes in cases:
        found = outcome("T22", **changes)
        assert found.problems
        assert not {p.field for p in found.problems} & {"drafter", "approver", "authority_text", "remedy"}


def test_the_clause_that_permits_entrusting_names_its_law() -> None:
    for clause in ("无", "见附件", "上级要求"):
        assert "书名号" in problem(outcome("T01", basis_clause=clause), "basis_clause")
