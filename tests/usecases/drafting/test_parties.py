"""Parties of every kind: their certificates, their own words on paper, the duties that bind them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sayings import notices, refusals
from tests.usecases.drafting.conftest import Check

PERSON: dict[str, Any] = {
    "party_type": "自然人",
    "party_name": "王小二",
    "party_code": None,
    "legal_rep": None,
    "legal_rep_title": None,
    "basis_line": None,
    "result_text": None,
}
LOOKS = "男，约五十岁，在老街市场东门12号摊位售卖服装，拒绝出示身份证件"
KINDS = ("EX06", "EX07", "EX08", "EX11")
"""Notice, record, order and urging: each is made out to a person."""


@pytest.mark.parametrize("case", KINDS)
def test_a_person_without_a_resident_card_is_a_party_all_the_same(check: Check, case: str) -> None:
    nothing = check(case, **PERSON)
    assert "证件号码" in refusals(nothing, "party_idno")
    for lawful in (
        {"party_id_kind": "护照", "party_idno": "E12345678"},
        {"party_id_kind": "拒不提供", "party_id_note": LOOKS, "party_phone": "无"},
        {"party_id_kind": "未查明", "party_name": "姓名不详", "party_id_note": LOOKS},
        {"party_idno": "231202198806129983"},
    ):
        assert check(case, **(PERSON | lawful)).problems == (), lawful


def test_a_number_is_checked_by_the_kind_of_certificate(check: Check) -> None:
    for kind, number, reason in (
        ("居民身份证", "231202198806129981", "校验位"),
        (None, "E12345678", "18位"),
        ("港澳居民来往内地通行证", "A12345678", "H或者M"),
    ):
        found = check("EX08", **PERSON, party_id_kind=kind, party_idno=number)
        assert reason in refusals(found, "party_idno"), kind
    for kind, number in (
        ("港澳居民来往内地通行证", "h12345678"),
        ("台湾居民来往大陆通行证", "12345678"),
        ("外国人永久居留身份证", "CHN110012345678"),
        ("港澳台居民居住证", "810000199408230021"),
    ):
        assert refusals(check("EX08", **PERSON, party_id_kind=kind, party_idno=number), "party_idno") == "", (
            kind
        )
    unusual = check("EX08", **PERSON, party_id_kind="护照", party_idno="1-2")
    assert unusual.is_sound and "5至17位" in notices(unusual, "party_idno")


def test_who_refuses_or_is_unknown_is_described(check: Check) -> None:
    for kind in ("拒不提供", "未查明", "其他"):
        assert "身份情况说明" in refusals(check("EX08", **PERSON, party_id_kind=kind), "party_id_note")
        assert check("EX08", **PERSON, party_id_kind=kind, party_id_note=LOOKS).is_sound
    soldier = PERSON | {"party_id_kind": "军官证", "party_idno": "南字第000001号"}
    assert check("EX08", **soldier, party_id_note="某部队（虚构）").is_sound


@pytest.mark.parametrize(
    ("party", "line", "you"),
    [
        (
            PERSON | {"party_idno": "231202198806129983", "party_addr": "绥化市北林区东河镇永兴村三组12号"},
            "王小二　居民身份证：231202198806129983　住址：绥化市北林区东河镇永兴村三组12号　电话：19900000031",
            "你",
        ),
        (
            PERSON | {"party_id_kind": "拒不提供", "party_id_note": LOOKS, "party_phone": "无"},
            f"王小二　证件情况：拒不提供（{LOOKS}）　住址：绥化市北林区东河镇中心街18号　电话：无",
            "你",
        ),
        (
            # typed as a sentence of its own: no stop stands before the bracket
            PERSON | {"party_id_kind": "拒不提供", "party_id_note": f"{LOOKS}。", "party_phone": "无"},
            f"证件情况：拒不提供（{LOOKS}）　住址：",
            "你",
        ),
        (
            {
                "party_type": "个体工商户",
                "party_code": "无",
                "party_code_note": "无照经营",
                "legal_rep_title": None,
            },
            "统一社会信用代码：无（无照经营）　经营者：魏东来　地址：",
            "你单位（场所）",
        ),
        ({"party_type": "非法人组织"}, "　负责人：魏东来　地址：", "你单位（场所）"),
        ({}, "　法定代表人（负责人）：魏东来　地址：", "你单位（场所）"),
    ],
)
def test_each_kind_of_party_has_its_own_words(
    check: Check, party: dict[str, Any], line: str, you: str
) -> None:
    found = check("EX08", **({"basis_line": None} | party))
    assert found.is_sound
    assert line in found.values["party_line"] and found.values["you"] == you


def test_what_was_typed_for_a_company_is_not_printed_of_a_person(check: Check) -> None:
    before = {"legal_rep": "李春晖", "party_code": "91231202MAFAKE0190", "party_idno": "231202198806129983"}
    found = check("EX08", **(PERSON | before))
    assert found.is_sound and "legal_rep" not in found.values
    assert "李春晖" not in found.values["party_line"] and "91231202" not in found.values["party_line"]


def test_a_duty_of_units_is_not_ordered_of_a_person(check: Check) -> None:
    person = PERSON | {"party_idno": "231202198806129983"}
    for code, law in (
        ("V01", "《中华人民共和国消防法》第十六条第一款第二项"),
        ("V14", "《中华人民共和国消防法》第十六条"),
        ("V28", "《中华人民共和国消防法》第二十一条第二款"),
    ):
        said = refusals(check("EX08", **person, hazards=[_hazard(code, law)]), "hazards.0.v_code")
        assert "单位的义务" in said, code
    for code in ("V03", "V04", "V05"):
        found = check("EX08", **person, hazards=[_hazard(code, "《中华人民共和国消防法》第二十八条")])
        assert "单位的义务" not in refusals(found, "hazards"), code
    unit = check(
        "EX08", hazards=[_hazard("V02", "《中华人民共和国消防法》第十六条第一款第二项")], basis_line=None
    )
    assert unit.is_sound


def test_a_wrong_without_a_penalty_is_urged_and_not_ordered(check: Check) -> None:
    for code, law in (
        ("V20", "《中华人民共和国消防法》第三十二条"),
        ("V24", "《中华人民共和国消防法》第二十六条第二款"),
        ("V31", "防火安全公约（《中华人民共和国消防法》第三十二条）"),
    ):
        found = check("EX08", hazards=[_hazard(code, law)], basis_line=None)
        assert "没有罚则" in refusals(found, "hazards.0.v_code"), code
        urged = check("EX11", hazards=[_hazard(code, law)])
        assert "没有罚则" not in refusals(urged, "hazards"), code


def test_the_basis_of_an_order_is_the_penalty_for_this_party(check: Check) -> None:
    both = [_hazard(code, "《中华人民共和国消防法》第二十八条", no) for no, code in ((1, "V06"), (2, "V04"))]
    unit = check("EX08", hazards=both, basis_line=None)
    assert unit.values["basis_line"] == "《中华人民共和国消防法》第六十条第一款第三项、第五项"
    person = check("EX08", **PERSON, party_idno="231202198806129983", hazards=both)
    assert person.values["basis_line"] == "《中华人民共和国消防法》第六十条第二款"
    mixed = [*both, _hazard("V12", "《中华人民共和国消防法》第二十一条第一款", 3)]
    found = check("EX08", hazards=mixed, basis_line=None)
    assert found.values["basis_line"] == (
        "《中华人民共和国消防法》第六十条第一款第三项、第五项、第六十三条第二项"
    )


def _hazard(code: str, law: str, no: int = 1) -> dict[str, Any]:
    where = {"desc": f"问题{no}", "location": "一层东门", "measure": "恢复原状"}
    return {"no": no, **where, "v_code": code, "law": law, "fix": "立即"}
