"""Inspections where the law asks for no certificate, and the brigade's own right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from formsvc.domain.authorities import AuthorityKind
from formsvc.domain.evaluation.evaluation import evaluate
from tests.domain.authorization.test_checks import OWN, outcome
from tests.support.circumstances import (
    BRIGADE,
    TOWN,
    answers,
    brigade,
    circumstances,
    coordination,
    definition,
    town,
)

PLAIN = [{"name": "冯文书", "org": TOWN}, {"name": "李明远", "org": TOWN}]
OWN_POWER: dict[str, Any] = {"auth_mode": "M3", "issuer_name": BRIGADE, "entrust_ref": None}


def said(form: str, field: str, around: Any = None, **changes: Any) -> str:
    found = outcome(form, around, **changes)
    missing = "".join(str(p.field) for p in found.missing_problems)
    return "".join(p.sentence() for p in found.problems if p.field.startswith(field)) + (
        missing if field in missing else ""
    )


@pytest.mark.parametrize("form", ["T14", "T15", "T24"])
def test_own_duty_asks_for_no_certificates_and_the_others_do(form: str) -> None:
    assert said(form, "officers", **OWN, officers=PLAIN) == ""
    assert said(form, "officers", **OWN, officers=PLAIN[:1]) == ""
    # who has a certificate shows it, and a false one is told
    certified = [{**PLAIN[0], "name": "赵正言", "cert_no": "FAKE23120200001", "cert_valid_to": "2029-12-31"}]
    assert said(form, "officers", **OWN, officers=certified) == ""
    wrong = [{**certified[0], "cert_no": "FAKE23120299999"}]
    assert "没有证号" in said(form, "officers", **OWN, officers=wrong)
    # under an entrustment: two, with certificates
    assert "officers.0.cert_no" in said(form, "officers", officers=PLAIN)
    assert "不得少于2人" in said(form, "officers", officers=certified)
    assert "officers.0.cert_no" in said(form, "officers", **OWN_POWER, officers=PLAIN)


@pytest.mark.parametrize("form", ["T14", "T15", "T21", "T22"])
def test_the_brigade_acts_in_its_own_right_without_an_entrustment(form: str) -> None:
    staffed = replace(brigade, people=(*brigade.people, *town.people))
    around = circumstances(authorities=(staffed, town, coordination), entrustments=())
    for field in ("auth_mode", "issuer_name", "entrust_ref", "authority_text"):
        assert said(form, field, around, **OWN_POWER, authority_text=None) == "", field
    found = outcome(form, around, **OWN_POWER, authority_text=None)
    assert found.values["authority_text"].startswith("根据《中华人民共和国消防法》第五十三条，")
    # a township has no such right
    as_town = {**OWN_POWER, "issuer_name": TOWN}
    assert "消防救援机构自己的名义" in said(form, "issuer_name", around, **as_town, authority_text=None)


def test_only_the_brigade_inspects_before_opening() -> None:
    opening = {"form": "营业前检查"}
    entrusted = evaluate(definition("T15"), {**answers("T15"), **opening}, circumstances())
    assert "form" in {p.field for p in entrusted.problems}
    own = evaluate(definition("T15"), {**answers("T15"), **OWN_POWER, **opening}, circumstances())
    assert "form" not in {p.field for p in own.problems}


@pytest.mark.parametrize("kind", ["网格上报", "投诉举报", "派出所移交"])
def test_a_hazard_may_come_from_a_grid_a_tip_off_or_the_police(kind: str) -> None:
    source: dict[str, Any] = {"source_kind": kind, "record_ref": None}
    missing = outcome("T23", **source)
    assert "report_src" in missing.missing and "record_ref" not in missing.missing
    told = {**source, "report_src": "12345平台工单虚构1号（2026年11月20日）"}
    assert not outcome("T23", **told).missing
    assert not outcome("T23", **{**told, "source_date": "2026-11-20"}).missing
    late = outcome("T23", **{**told, "source_date": "2026-12-24"})
    assert any("不能早于来源日期" in p.message for p in late.problems)
    # from an inspection the record is named, as before
    assert "record_ref" in outcome("T23", record_ref=None).missing
    assert "record_ref" in outcome("T23", source_kind="检查记录", record_ref=None).missing


@pytest.mark.parametrize(
    "law",
    [
        "《绥化市人民政府办公室关于进一步加强基层消防安全治理工作的通知》第二条",
        "《2026年消防检查方案》第一条",
        "《中华人民共和国消防法》的有关规定",
        "上级要求",
    ],
)
def test_an_inspection_rests_on_a_law_and_its_article(law: str) -> None:
    assert said("T14", "law", law=law)
    for lawful in (
        "《中华人民共和国消防法》第五十三条",
        "《中华人民共和国消防法》第三十一条、第三十二条",
        "《消防监督检查规定》（公安部令第120号）第十条",
    ):
        assert said("T14", "law", law=lawful) == "", lawful


def test_a_development_zone_rests_on_its_own_article() -> None:
    zone = replace(town, id="zone", name="绥化经济技术开发区管理委员会（虚构）", kind=AuthorityKind.DEV_ZONE)
    around = circumstances(authorities=(brigade, town, coordination, zone))
    for form in ("T23", "T24"):
        for issuer, article in ((zone.name, "第十条"), (TOWN, "第九条")):
            basis = outcome(form, around, issuer_name=issuer).values["duty_basis"]
            assert basis == f"《消防安全责任制实施办法》（国办发〔2017〕87号）{article}", (form, issuer)


@pytest.mark.parametrize("form", ["T25", "T25B", "T28", "T36", "T50"])
def test_the_brigade_extends_transfers_closes_and_revokes_in_its_own_right(form: str) -> None:
    example = {**definition(form).example, **OWN_POWER}
    around = circumstances(entrustments=())

    def told(**changes: Any) -> set[str]:
        found = evaluate(definition(form), {**example, **changes}, around)
        return {p.field for p in found.problems if p.field in ("auth_mode", "issuer_name", "entrust_ref")}

    assert told() == set()
    assert told(issuer_name=TOWN) == {"issuer_name"}
    assert told(issuer_name=TOWN, auth_mode="M0") == set()


def test_the_back_of_a_notice_and_the_remedy_are_as_the_office_decided() -> None:
    assert "back_text" not in outcome("T14").values
    words = circumstances(office_settings={"inspection_notice_back": "严禁……（虚构原文）"})
    assert outcome("T14", words).values["back_text"] == "严禁……（虚构原文）"
    assert "背面" in "".join(n.message for n in outcome("T14").notices)
    for form in ("T21", "T22"):
        assert "行政复议" in outcome(form).values["remedy"]
        without = outcome(form, circumstances(office_settings={"remedy_on_orders": False}))
        assert "remedy" not in without.values and without.is_sound
