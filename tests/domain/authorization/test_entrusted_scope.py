"""Whom an entrustment covers, on what basis it stands, and who acts in whose name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from formsvc.domain.authorities import AuthorityKind, IssuingAuthority, Matter
from formsvc.domain.authorization.matters import act_types_of, applies_to, violations_of
from tests.domain.authorization.test_checks import OWN, VIOLATIONS, outcome, problem, under
from tests.support.circumstances import (
    TOWN,
    before_the_entrustment,
    brigade,
    circumstances,
    coordination,
    entrustment,
    town,
)

FIRE_LAW = "《中华人民共和国消防法》"
PERSON: dict[str, Any] = {
    "party_type": "自然人",
    "party_name": "王小二",
    "party_code": None,
    "legal_rep": None,
    "legal_rep_title": None,
    "party_idno": "231202198806129983",
}


def said(form: str, field: str, around: Any = None, **changes: Any) -> str:
    found = outcome(form, around, **changes)
    return "".join(p.sentence() for p in found.problems if p.field.startswith(field))


# The basis of an entrustment ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "clause",
    [
        "《关于进一步加强基层消防安全治理工作的通知》第三条",
        "《绥化市人民政府关于委托执法的意见（试行）》第五条",
        "《中华人民共和国行政处罚法》第二十条",
        "《行政处罚法》第二十条、《关于委托执法的实施方案》第二条",
        "《绥化市消防行政执法委托办法》第六条",
        "《黑龙江省人民政府关于委托消防执法的决定》第一条",
        "《黑龙江省消防条例》关于委托实施行政处罚的条款（条款号待核）",
        "《江苏省消防条例》的有关规定",
        "《江苏省消防条例》",
        "《江苏省消防条例》第××条",
    ],
)
def test_no_entrustment_without_a_law_regulation_or_rule_and_its_article(clause: str) -> None:
    around = before_the_entrustment()
    assert "第二十条第一款" in problem(outcome("T01", around, basis_clause=clause), "basis_clause")
    # what the law allows passes: regulation, rule with its number, law, decision of a people's congress
    for lawful in (
        "《江苏省消防条例》第九十一条第三款",
        "《虚构市消防行政执法委托办法》（虚构市人民政府令第7号）第六条",
        "《中华人民共和国行政处罚法》第二十条和《江苏省消防条例》第九十一条",
        "《黑龙江省人民代表大会常务委员会关于委托消防执法的决定》（虚构）第二条",
    ):
        assert said("T01", "basis_clause", around, basis_clause=lawful) == "", lawful


def test_matters_say_against_whom_and_tell_orders_from_penalties() -> None:
    around = before_the_entrustment()
    row = {
        "code": "WT01",
        "name": "占用疏散通道的处罚",
        "law": f"{FIRE_LAW}第二十八条、第六十条第一款第三项",
        "penalty": "罚款",
    }
    assert "第六十条第二款" in said("T01", "matters", around, matters=[{**row, "against": "单位和个人"}])
    assert "适用对象" in said("T01", "matters", around, matters=[row])
    only_persons = {**row, "law": f"{FIRE_LAW}第二十八条、第六十条第二款", "against": "单位和个人"}
    assert "处罚个人" in said("T01", "matters", around, matters=[only_persons])
    for lawful in (
        {**row, "against": "单位"},
        {**row, "law": f"{row['law']}、第二款", "against": "单位和个人"},
        {**only_persons, "against": "个人"},
    ):
        assert said("T01", "matters", around, matters=[lawful]) == ""
    assert act_types_of(Matter("1", "占用疏散通道的处罚", "", "罚款")) == {"penalty", "order"}
    assert act_types_of(Matter("1", "责令改正", "", "")) == {"order"}
    assert act_types_of(Matter("1", "行政检查", "", "—")) == {"inspect"}


# 60① and 60② ------------------------------------------------------------------------------------------


def only(law: str, against: str = "", penalty: str = "罚款") -> Any:
    """The office whose entrustment has one matter of penalties, and inspection."""
    matters = (Matter("1", "消防处罚", law, penalty, against=against), Matter("2", "行政检查", "", "—"))
    return under(matters=matters, powers="警告、罚款")


def test_an_entrustment_against_units_gives_nothing_against_persons() -> None:
    units, persons = f"{FIRE_LAW}第六十条第一款第三项", f"{FIRE_LAW}第六十条第二款"
    hazard = [{"desc": "占用疏散通道", "location": "一层", "v_code": "V04", "law": f"{FIRE_LAW}第二十八条",
               "measure": "清除杂物", "fix": "限期", "deadline": "2026-10-30"}]  # fmt: skip
    refused = said("T22", "hazards", only(units), hazards=hazard, recheck_by=None, **PERSON)
    assert "只委托了对单位的处罚" in refused and "第二十条第四款" in refused
    assert "只委托了对个人的处罚" in said("T22", "hazards", only(persons), hazards=hazard, recheck_by=None)
    # what the entrustment covers passes
    for around, party in (
        (only(units), {}),
        (only(persons), PERSON),
        (only(f"{units}、第二款"), PERSON),
        (only(f"{units}、第二款"), {}),
        (only(units, "单位和个人"), PERSON),
    ):
        assert "只委托了" not in said("T22", "hazards", around, hazards=hazard, recheck_by=None, **party)


def test_the_second_paragraph_maps_to_the_violations_it_punishes() -> None:
    assert violations_of(Matter("1", "", f"{FIRE_LAW}第六十条第二款"), VIOLATIONS) >= {
        "V03", "V04", "V05", "V06",
    }  # fmt: skip
    assert "V07" not in violations_of(Matter("1", "", f"{FIRE_LAW}第六十条第二款"), VIOLATIONS)
    exits = Matter("1", "", f"{FIRE_LAW}第二十八条、第六十条第一款第三项、第二款")
    assert "V05" not in violations_of(exits, VIOLATIONS)
    assert applies_to(exits, person=True) and applies_to(exits, person=False)
    assert not applies_to(Matter("1", "", f"{FIRE_LAW}第六十条第一款第一项"), person=True)
    assert applies_to(Matter("1", "", f"{FIRE_LAW}第六十三条"), person=True)


# Empowerment, and bodies -------------------------------------------------------------------------------


def test_a_province_empowers_by_its_government_or_its_peoples_congress() -> None:
    empowered = {**OWN, "auth_mode": "M1"}
    for decision in (
        "北林区人民政府关于赋权的通知",
        "北林区人大常委会关于赋权的决定",
        "《绥化市人民代表大会常务委员会关于赋权的决定》",
        "黑龙江省北林区人民政府赋权决定",
    ):
        assert "第二十四条" in said("T22", "assign_doc", **empowered, assign_doc=decision), decision
    for decision in (
        "《黑龙江省人大常委会关于赋予乡镇人民政府行政处罚权的决定》",
        "《黑龙江省人民代表大会常务委员会关于赋权的决定》",
        "上海市人民政府关于赋权街道的决定",
        "《内蒙古自治区人民政府关于赋权的决定》",
    ):
        assert said("T22", "assign_doc", **empowered, assign_doc=decision) == "", decision


def test_a_development_zone_has_its_own_duty_but_no_empowerment() -> None:
    zone = IssuingAuthority("kfq", "绥化经济技术开发区管理委员会", AuthorityKind.DEV_ZONE, people=town.people)
    around = circumstances(authorities=(brigade, town, coordination, zone))
    as_zone = {**OWN, "issuer_name": zone.name}
    assert "不能用" in said("T22", "issuer_name", around, **{**as_zone, "auth_mode": "M1", "assign_doc": "黑政发〔2021〕3号"}) or \
        "不能由" in said("T22", "issuer_name", around, **{**as_zone, "auth_mode": "M1", "assign_doc": "黑政发〔2021〕3号"})  # fmt: skip
    own_duty = outcome("T14", around, **as_zone, authority_text=None)
    assert "87号）第十条，绥化经济技术开发区管理委员会" in str(own_duty.values["authority_text"])
    assert not [p for p in own_duty.problems if p.field in ("auth_mode", "issuer_name")]
    assert "第九条" in str(outcome("T14", **OWN, authority_text=None).values["authority_text"])
    # as issuer of its own notices, like a township
    for form in ("T07", "T08"):
        assert said(form, "issuer_name", around, issuer_name=zone.name) == ""


def test_bodies_that_enforce_nothing_issue_no_orders() -> None:
    for kind in (
        AuthorityKind.STATION,
        AuthorityKind.POLICE_STATION,
        AuthorityKind.PARTY_COMMITTEE,
        AuthorityKind.VILLAGE,
    ):
        body = IssuingAuthority("b", "东河镇虚构机构（样例）", kind, people=town.people)
        around = circumstances(authorities=(brigade, town, coordination, body))
        assert said("T23", "issuer_name", around, issuer_name=body.name), kind
    assert said("T23", "issuer_name", issuer_name=TOWN) == ""
    for lawful in (AuthorityKind.SUBDISTRICT, AuthorityKind.DEV_ZONE):
        body = IssuingAuthority("b", "东河虚构机关（样例）", lawful, people=town.people)
        around = circumstances(authorities=(brigade, town, coordination, body))
        assert said("T23", "issuer_name", around, issuer_name=body.name) == "", lawful
    assert entrustment.agent == TOWN and replace(town, kind=AuthorityKind.SUBDISTRICT).kind == "subdistrict"


# Who may stand where ----------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["副镇长", "镇长助理", "党委书记", "街道办事处副主任", "党政办主任"])
def test_the_first_responsible_is_the_head_of_the_government(title: str) -> None:
    assert "第一责任人应当是" in problem(outcome("T07", first_title=title), "first_title")
    for lawful in (
        "镇长",
        "镇党委副书记、镇长",
        "代镇长",
        "街道办事处主任",
        "党工委副书记、主任",
        "管委会主任",
    ):
        assert said("T07", "first_title", first_title=lawful) == "", lawful


def test_the_main_responsible_is_a_deputy() -> None:
    for title in ("镇长", "镇党委书记", "街道办事处主任"):
        assert "主要责任人应当是分管" in said("T07", "main_title", main_title=title), title
    for lawful in ("副镇长", "镇党委委员、武装部部长", "镇党委副书记", "街道办事处副主任"):
        assert said("T07", "main_title", main_title=lawful) == "", lawful


def test_the_party_secretary_stands_beside_the_head_as_the_office_decided() -> None:
    head = [{"name": "孙书记", "title": "镇党委书记"}]
    alone = outcome("T07", party_head=head)
    assert alone.is_sound and "co_first" not in alone.values
    assert not [n for n in alone.notices if n.field == "party_head"]
    assert [n for n in outcome("T07").notices if n.field == "party_head"]
    two = circumstances(office_settings={"first_responsible_limit": 2})
    assert outcome("T07", two, party_head=head, co_first=True).is_sound
    below = [{"name": "孙书记", "title": "镇党委书记", "area": "全面"}]
    assert any(
        "书记” 一栏" in n.message or "一栏" in n.message for n in outcome("T07", leaders=below).notices
    )


@pytest.mark.parametrize("title", ["主任助理", "驻村第一书记", "村党支部副书记", "村委会副主任", "妇女主任"])
def test_the_head_of_a_village_is_its_secretary_or_director(title: str) -> None:
    from tests.support.circumstances import answers

    villages = answers("T08")["villages"]
    assert "不是" in said("T08", "villages", villages=[{**villages[0], "first_title": title}])
    for lawful in ("村党支部书记", "村党支部书记、村委会主任", "居委会主任", "村主任", "社区党总支书记"):
        assert said("T08", "villages", villages=[{**villages[0], "first_title": lawful}]) == "", lawful
