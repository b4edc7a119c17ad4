"""What townships meet most (电动自行车、高层、装修材料、农村柴草、燃气): ordered where a penalty stands, else urged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.usecases import operator
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.complete_submission import check_answers
from tests.support.circumstances import read_folder
from tests.support.issued_acts import CASES
from tests.support.sayings import refusals
from tests.usecases.drafting.conftest import Check

KNOWN = {entry["code"]: entry for entry in read_folder("lookups")["violations"]["entries"]}
MET_MOST = [f"V{number}" for number in range(21, 33)]
WITHOUT_PENALTY = ("V23", "V24", "V31")
# the clauses that the entrustment of the worked case names cover these two
ENTRUSTED = ("V22", "V30")
HIGH_RISE = {
    "code": "WT06",
    "name": "高层民用建筑停放、充电电动自行车的处罚",
    "law": "《高层民用建筑消防安全管理规定》第四十七条第七项",
    "against": "单位和个人",
    "act_types": ["行政处罚"],
    "penalty": "警告、罚款",
}


def about(check: Check, case: str, code: str) -> Evaluation:
    """A worked case whose first item is about this violation."""
    law = KNOWN[code]["law"] or "《高层民用建筑消防安全管理规定》第三十七条"
    row = {**CASES[case]["fields"]["hazards"][0], "v_code": code, "law": law}
    return check(case, hazards=[row], basis_line=None)


def test_an_order_asks_for_a_penalty_and_an_entrusted_clause_and_urging_for_neither(check: Check) -> None:
    for code in MET_MOST:
        said = refusals(about(check, "EX08", code), "hazards.0.v_code")
        assert ("没有罚则" in said) is (code in WITHOUT_PENALTY), code
        assert ("不在委托书" in said) is (code not in ENTRUSTED), code
        assert about(check, "EX11", code).problems == (), code


def test_a_clause_of_the_rules_for_high_rises_is_entrusted_and_used(
    ports: Ports, actor: Callable[[str], Actor]
) -> None:
    staff = actor("staff")
    agreed: dict[str, Any] = CASES["EX01"]["fields"]
    wider = {**agreed, "matters": [*agreed["matters"], HIGH_RISE]}
    operator.issue_at_once(ports, staff, actor("approver"), "T01", wider)

    def check(case: str, /, **changes: Any) -> Evaluation:
        given = {k: v for k, v in {**CASES[case]["fields"], **changes}.items() if v is not None}
        return check_answers(ports, staff, CASES[case]["act"], given)

    ordered = about(check, "EX08", "V21")
    assert refusals(ordered, "hazards.0.v_code") == ""
    assert "《高层民用建筑消防安全管理规定》第四十七条第七项" in ordered.values["basis_line"]
    for code in ENTRUSTED:
        assert refusals(about(check, "EX08", code), "hazards.0.v_code") == ""
    assert "不在委托书" in refusals(about(check, "EX08", "V26"), "hazards.0.v_code")


@pytest.mark.parametrize("case", ["EX08", "EX09"])
def test_an_order_names_the_article_that_was_broken(check: Check, case: str) -> None:
    def said(law: str) -> str:
        row = {**CASES[case]["fields"]["hazards"][0], "law": law}
        return refusals(check(case, hazards=[row], basis_line=None), "hazards.0.law")

    for vague in ("《中华人民共和国消防法》的相关规定", "消防安全有关规定", "《建筑防火通用规范》"):
        assert "没有写到条" in said(vague), vague
    for lawful in (
        "《中华人民共和国消防法》第二十八条",
        "《高层民用建筑消防安全管理规定》第三十七条第一款",
        "《建筑灭火器配置设计规范》（GB 50140—2005）第5.2.1条",
    ):
        assert said(lawful) == "", lawful
