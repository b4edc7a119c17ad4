"""The worked cases of the trade, and the inputs that must be refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from formsvc.domain.authorities import KnownDocument
from formsvc.domain.evaluation.evaluation import Evaluation, evaluate
from tests.support.circumstances import before_the_entrustment, circumstances, definition
from tests.support.paths import EXAMPLES as EXAMPLES_FILE

EXAMPLES: dict[str, Any] = json.loads(EXAMPLES_FILE.read_text(encoding="utf-8"))
CASES = {case["act"]: case for case in EXAMPLES["cases"]}
REFUSALS = [
    (act, entry["input"], entry["expect"])
    for entry in EXAMPLES["negative"]
    for act in (CASES if entry["act"] == "*" else [entry["act"]])
    if act in CASES and "doc_no" not in entry["input"] and set(entry["input"]) <= set(CASES[act]["fields"])
]

REASON_OF_DELAY = "late_reason"
"""Where a date that is too late is refused: the law asks for the reason."""

DOCUMENTS = [
    KnownDocument(
        c["fields"]["doc_no"], c["title"], c["fields"]["issue_date"], "", c["act"], "issued", c["fields"]
    )
    for c in EXAMPLES["cases"]
]
"""The documents of the cases, on which later ones rest."""


def outcome(act: str, **changes: Any) -> Evaluation:
    """A case with changes, under the circumstances of its day."""
    around = before_the_entrustment() if act == "T01" else circumstances(DOCUMENTS)
    return evaluate(definition(act), {**CASES[act]["fields"], **changes}, around)


@pytest.mark.parametrize("act", CASES)
def test_a_worked_case_passes_every_check(act: str) -> None:
    assert outcome(act).problems == ()


@pytest.mark.parametrize("act", CASES)
def test_what_the_case_gives_as_computed_is_computed_without_it(act: str) -> None:
    fields = CASES[act]["fields"]
    computed = {f.key for f in definition(act).fields if f.computed}
    found = outcome(act, **dict.fromkeys(computed & set(fields)))
    assert {k: found.values[k] for k in computed & set(fields)} == {
        k: fields[k] for k in computed & set(fields)
    }


@pytest.mark.parametrize(("act", "changes", "reason"), REFUSALS)
def test_a_wrong_input_is_refused_at_its_field(act: str, changes: dict[str, Any], reason: str) -> None:
    found = outcome(act, **changes)
    named = [p for p in found.problems if p.field.partition(".")[0] in {*changes, REASON_OF_DELAY}]
    assert named, reason
    assert all(p.sentence().endswith("。") for p in found.problems)


@pytest.mark.parametrize(
    ("act", "changes", "field", "words"),
    [
        ("T01", {"basis_clause": ""}, "basis_clause", ["法规依据", "第二十条"]),
        ("T01", {"matters": [{"name": "临时查封"}]}, "matters.0.name", ["强制措施", "行政强制法》第十七条"]),
        (
            "T14",
            {"officers": CASES["T14"]["fields"]["officers"][:1]},
            "officers",
            ["不得少于2人", "第四十二条"],
        ),
        ("T14", {"issuer_name": "东河镇消防安全委员会办公室"}, "issuer_name", ["议事协调机构", "54号"]),
        ("T22", {"issue_date": "2026-09-23"}, "late_reason", ["3个工作日", "最迟2026-09-22"]),
        ("T22", {"party_code": "91231202MAFAKE0191"}, "party_code", ["校验位"]),
    ],
)
def test_the_refusal_gives_the_reason_of_the_trade(
    act: str, changes: dict[str, Any], field: str, words: list[str]
) -> None:
    said = "".join(p.sentence() for p in outcome(act, **changes).problems if p.field == field)
    assert all(word in said for word in words), said
