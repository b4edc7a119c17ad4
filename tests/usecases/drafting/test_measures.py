"""Measures to be taken are no penalties and no coercion; facts and titles may contain any word."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sayings import refusals
from tests.usecases.drafting.conftest import Check

# Each word that is a penalty or coercion in law, and three measures that the law allows beside it.
MEASURES = [
    ("停产停业整顿", "行政处罚", ("清除货架，恢复畅通", "停止营业期间加强巡查", "更换失效的灭火器")),
    ("责令关闭该场所", "行政处罚", ("关闭防火门", "不得擅自关停消防水泵", "没收到的器材尽快补齐")),
    ("停止使用该场所", "行政处罚", ("停止使用存在隐患的线路", "停止使用过期灭火器", "自行停止使用二层仓库")),
    ("临时查封二层", "行政强制措施", ("消防水管采取防冻结措施", "整改二层隐患", "防止管道冻结")),
    ("封闭二层", "行政强制措施", ("恢复被封闭的安全出口", "改造为封闭楼梯间", "用防火材料封闭管道井孔洞")),
    (
        "切断电源",
        "不能由本机关实施",
        ("自行切断电源后更换线路", "完善火灾时切断非消防电源的功能", "安装充满自动断电的装置"),
    ),
    (
        "强制拆除铁栅栏",
        "行政强制执行",
        ("自行拆除铁栅栏", "拆除铁栅栏或者改为可从内部开启", "搬离堆放的杂物"),
    ),
]


@pytest.mark.parametrize(("unlawful", "reason", "lawful"), MEASURES)
@pytest.mark.parametrize("case", ["EX07", "EX08", "EX09", "EX11"])
def test_no_measure_is_a_penalty_or_coercion(
    check: Check, case: str, unlawful: str, reason: str, lawful: tuple[str, ...]
) -> None:
    said = refusals(check(case, **_measure(check, case, f"整改到位，{unlawful}")), "hazards.0.measure")
    assert reason in said and "请" in said
    for measure in lawful:
        assert refusals(check(case, **_measure(check, case, measure)), "hazards") == "", measure


@pytest.mark.parametrize("mode", ["M1", "M3"])
def test_no_mode_lets_a_penalty_stand_as_a_measure(check: Check, mode: str) -> None:
    def said(measure: str) -> str:
        found = check("EX09", **_measure(check, "EX09", measure), auth_mode=mode, entrust_ref=None)
        return refusals(found, "hazards.0.measure")

    for unlawful, reason, lawful in MEASURES:
        assert reason in said(f"整改到位，{unlawful}"), unlawful
        assert [said(measure) for measure in lawful] == [""] * len(lawful)


def test_own_duty_neither_orders_nor_threatens(check: Check) -> None:
    for measure, word in (
        ("拆除，否则予以罚款", "罚款"),
        ("责令拆除防盗网", "责令"),
        ("逾期的立案查处", "立案"),
    ):
        said = refusals(check("EX11", **_measure(check, "EX11", measure)), "hazards.0.measure")
        assert word in said and "督促" in said
    for measure in (
        "拆除防盗网；逾期的移送消防救援机构",
        "对照《中华人民共和国行政处罚法》第二十八条自查",
        "按《高层民用建筑消防安全管理规定》第四十七条“拒不改正的，处以罚款”的提示及时整改",
    ):
        assert check("EX11", **_measure(check, "EX11", measure)).is_sound, measure


def test_facts_and_laws_may_contain_any_word(check: Check) -> None:
    rows = _rows(check, "EX11")
    rows[0] |= {
        "desc": "2025年受到大队行政处罚后再次封闭安全出口，被责令改正未改",
        "location": "原查封的二层",
    }
    assert check("EX11", hazards=rows).is_sound
    records = _rows(check, "EX07")
    records[0] |= {"desc": "安全出口被封闭，断电后疏散指示标志不亮"}
    assert check("EX07", hazards=records, result_text=None).is_sound


def test_a_village_committee_is_ordered_by_its_own_law(check: Check) -> None:
    committee = {"party_name": "北林区东河镇永兴村村民委员会", "party_type": "非法人组织"}
    measure = _measure(check, "EX11", "责令于期限前制定防火安全公约")
    assert "责令" in refusals(check("EX11", **measure), "hazards")
    assert refusals(check("EX11", **(measure | committee)), "hazards") == ""
    fined = _measure(check, "EX11", "予以罚款")
    assert "罚款" in refusals(check("EX11", **(fined | committee)), "hazards")


def _rows(check: Check, case: str) -> list[dict[str, Any]]:
    return [dict(row) for row in check(case).values["hazards"]]


def _measure(check: Check, case: str, measure: str) -> dict[str, Any]:
    rows = _rows(check, case)
    rows[0] |= {"measure": measure}
    return {"hazards": rows}
