"""The table of functions in docs/field-kinds.md: every function stands in it, and every example is true."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from formsvc.domain.authorities import KnownDocument
from formsvc.domain.expressions.evaluator import ExpressionEvaluator, read_expression
from formsvc.domain.expressions.functions import functions_for
from formsvc.domain.expressions.signatures import OWN_FUNCTIONS
from tests.support.circumstances import circumstances, definition
from tests.support.paths import ROOT

TABLE = (
    (ROOT / "docs/field-kinds.md")
    .read_text(encoding="utf-8")
    .partition("| 函数 | 得到 | 例 |\n|---|---|---|\n")[2]
)
LINES = TABLE.partition("\n\n")[0].splitlines()
EXAMPLES = [pair for line in LINES for pair in re.findall(r"`([^`]+)` = `([^`]+)`", line)]
SHOP = "福满家（虚构）"
ORDER = KnownDocument(
    "FAKE限〔2026〕1号",
    "责令限期改正通知书",
    "2026-09-21",
    "order",
    "T22",
    "served",
    {"party_name": SHOP, "deadline": "2026-10-16"},
    service={"method": "直接送达", "served_at": "2026-09-22T09:00"},
)
EXTENSION = KnownDocument(
    "FAKE延〔2026〕1号",
    "准予延期通知书",
    "2026-10-10",
    "ext",
    "T25B",
    "issued",
    {"new_deadline": "2026-10-30"},
)
ANSWERS = {
    "order_ref": {"number": ORDER.number, "title": ORDER.title, "date": ORDER.dated, "act_id": ORDER.act_id},
    "items": [
        {"no": 1, "kind": "通道", "day": "2026-10-30", "cost": 50000},
        {"no": 2, "kind": "通道", "day": "2026-10-16", "cost": 30050},
    ],
}


def value_of(source: str) -> Any:
    """What an example gives in the sample office, which made two notices to the shop this year."""
    made = {("T25B", "order"): [EXTENSION]}
    around = circumstances(
        [ORDER, EXTENSION],
        last_answer=lambda issuer, key: "周国栋" if key == "approver" else "",
        find_made_from=lambda form, act_id: made.get((form, act_id), []),
        count_documents=lambda form, party, year, issuer: (
            (1 if issuer else 2) if (form, party, year) == ("T14", SHOP, 2026) else 0
        ),
    )
    evaluator = ExpressionEvaluator(ANSWERS, functions_for(around, definition("T22").lookups))
    return evaluator.evaluate(read_expression(source)).value


@pytest.mark.parametrize(("source", "result"), EXAMPLES)
def test_an_example_gives_what_stands_beside_it(source: str, result: str) -> None:
    assert value_of(source) == json.loads(result)


def test_every_function_stands_in_the_table_with_an_example() -> None:
    named = {name for line in LINES for name in re.findall(r"`(\w+)\(", line.split("|")[1])}
    shown = {name for source, _ in EXAMPLES for name in read_expression(source).functions}
    assert named == OWN_FUNCTIONS and shown >= OWN_FUNCTIONS
