"""Conditions and computed values: what is refused when a definition is loaded, and how evaluations end."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from formsvc.domain.expressions.evaluator import (
    Expression,
    ExpressionEvaluator,
    InvalidExpression,
    OutcomeKind,
    compile_expression,
    read_expression,
)
from formsvc.domain.expressions.functions import functions_for
from formsvc.domain.expressions.operators import type_name
from formsvc.domain.expressions.shapes import INT, list_of, map_of, shape_of, text
from formsvc.domain.expressions.signatures import OWN_FUNCTIONS, SIGNATURES
from tests.support.circumstances import ENTRUSTMENT, circumstances, definition

KNOWN = {"hazards": frozenset({"fix", "deadline"}), "issue_date": None, "n": None, "text": None}


def faults(source: str) -> str:
    """What is said against an expression."""
    with pytest.raises(InvalidExpression) as refused:
        compile_expression(source, KNOWN)
    return str(refused.value)


def outcome(source: str, **values: Any) -> Any:
    """How an expression ends over these values."""
    expression: Expression = compile_expression(source, {**KNOWN, **dict.fromkeys(values)})
    around = circumstances()
    bench = ExpressionEvaluator(
        {**dict.fromkeys(KNOWN), **values}, functions_for(around, definition("T22").lookups)
    )
    return bench.evaluate(expression)


@pytest.mark.parametrize("source", ["1 + 1", "workdays_after(issue_date, 3)", "lookup('nothing', 'a', 'b')"])
def test_a_bench_goes_when_nobody_holds_it(source: str) -> None:
    bench = ExpressionEvaluator(
        dict.fromkeys(KNOWN), functions_for(circumstances(), definition("T22").lookups)
    )
    bench.evaluate(compile_expression(source, KNOWN))
    held = weakref.ref(bench)
    del bench
    gc.collect()
    assert held() is None


def test_the_variable_of_a_row_is_not_a_field() -> None:
    expression = compile_expression(
        'hazards.filter(h, h.fix == "限期").all(x, x.deadline > issue_date)', KNOWN
    )
    assert expression.names == {"hazards", "issue_date"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("issue_dat > n", "是否想写“issue_date”"),
        ("hazards.all(h, h.deadlin > issue_date)", "是否想写“deadline”"),
        ("workday_after(issue_date, 3)", "是否想写“workdays_after”"),
        ("workdays_after(issue_date)", "要 2 个参数，写了 1 个"),
        ("n >", "语法错误"),
        ("检查日期 > n", "语法错误"),
        ("", "空的"),
        ("n == 1 || " * 200 + "true", "1000"),
        ("(" * 17 + "n" + ")" * 17 + " == 1", "16"),
        ("hazards.all(a, hazards.all(b, hazards.all(c, a.fix == c.fix)))", "2 层"),
        ("hazards.all(n, n.fix == text)", "同名"),
        ('["xxxxxxxx"]' + ".map(x, x + x)" * 60 + "[0]", "map"),
        ("hazards.map(a, hazards).map(b, b.map(c, hazards)).size()", "map"),
        ('__import__("os")', "不认识的函数"),
    ],
)
def test_a_faulty_expression_is_refused_with_what_to_write(source: str, said: str) -> None:
    assert said in faults(source)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("sum_of(items.map(i, i.what)) > 1", "“sum_of”的各项应是数字，写的是文字"),
        ("count_of(distinct(items)) > 1", "“distinct”的各项应是"),
        ('row_of(items, "cots", 1).what == "甲"', "明细里没有“cots”这一列"),
        ('row_of(items, "no", 1).waht == "甲"', "没有“waht”"),
        ("sum_of(n) > 1", "第 1 个参数应是列表"),
    ],
)
def test_a_total_over_the_wrong_column_is_refused(source: str, said: str) -> None:
    row = map_of({"no": INT, "what": text(500), "cost": INT})
    known = {"items": frozenset({"no", "what", "cost"}), "n": frozenset[str]()}
    with pytest.raises(InvalidExpression) as refused:
        compile_expression(source, known, {"items": list_of(row, 200), "n": INT})
    assert said in str(refused.value)
    for sound in (
        "sum_of(items.map(i, i.cost)) > 1",
        "count_of(distinct(items.map(i, i.what))) == 1",
        'row_of(items, "no", n).what == "甲"',
    ):
        compile_expression(sound, known, {"items": list_of(row, 200), "n": INT})


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("sum_of(items.map(i, i.cost))", 80050),
        ("sum_of([0.1, 0.2, null])", 0.3),
        ('count_of(["甲", null, ""])', 1),
        ("sum_of(items.filter(i, i.cost > 90000).map(i, i.cost))", 0),
        ("distinct([1, true, 1, 0, false])", [1, True, 0, False]),
        ('row_of(items, "no", 3)', None),
        ('row_of(items, "no", null)', None),
    ],
)
def test_totals_leave_out_what_is_not_filled_in(source: str, answer: Any) -> None:
    items = [{"no": 1, "what": "甲", "cost": 50000}, {"no": 2, "what": "乙", "cost": 30050}]
    assert outcome(source, items=items).value == answer


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('row_of(items, "what", "甲")', "明细里有 2 行都是“甲”"),
        ("sum_of(items.map(i, i.what))", "只有数字能合计"),
        ("distinct(items)", "只有文字和数字能去掉重复"),
        ("sum_of([9000000000000000000, 9000000000000000000])", "计算结果过大"),
    ],
)
def test_what_cannot_be_totalled_is_told_and_never_guessed(source: str, said: str) -> None:
    rows = [{"no": 1, "what": "甲"}, {"no": 2, "what": "甲"}]
    bench = ExpressionEvaluator({"items": rows}, functions_for(circumstances(), {}))
    found = bench.evaluate(read_expression(source))
    assert found.kind is OutcomeKind.REFUSED and said in found.reason


def test_an_empty_answer_makes_a_check_not_applicable() -> None:
    assert outcome("issue_date > text").kind is OutcomeKind.EMPTY
    assert outcome(
        "hazards.all(h, h.deadline > issue_date)", hazards=[{"fix": "立即", "deadline": None}]
    ).kind is (OutcomeKind.EMPTY)


def test_any_other_failure_makes_the_definition_faulty_and_leaves_no_trace(
    capfd: pytest.CaptureFixture[str],
) -> None:
    found = outcome("n > text", n=1, text="一")
    assert found.kind is OutcomeKind.FAULTY and "n > text" in found.reason
    assert capfd.readouterr() == ("", "")


def test_a_year_without_holiday_table_is_told_in_a_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    found = outcome('workdays_after("2031-01-05", 3)')
    assert found.kind is OutcomeKind.REFUSED and "2031年" in found.reason
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ('workdays_after("2026-09-18", 3)', "2026-09-22"),
        ('workdays_after("2026-09-30", 3)', "2026-10-10"),
        ('workdays_between("2026-09-18", "2026-09-22")', 3),
        ('days_after("2026-02-27", 2)', "2026-03-01"),
        ('months_after("2026-08-31", 6)', "2027-02-28"),
        ('date_of("2026-09-18T09:05")', "2026-09-18"),
        ('is_working_day("2026-09-20")', True),
        ('is_working_day("2026-10-01")', False),
        ('text_length("消防")', 2),
        ('is_empty("")', True),
        ('first_of(["", "甲"])', "甲"),
        ('min_of(["2026-10-30", null, "2026-10-16"])', "2026-10-16"),
        ('joined(["甲", "乙"], "、")', "甲、乙"),
        ("capital_amount(500000)", "伍仟元整"),
        ("capital_amount(3000.5)", "叁仟元伍角整"),
        ('chinese_date("2026-11-23")', "二〇二六年十一月二十三日"),
        ('long_date("2026-03-09")', "2026年3月9日"),
        ('lookup("violations", "V04", "law")', "《中华人民共和国消防法》第二十八条"),
        ('setting("recheck_workdays")', 3),
        ('review_organ_of("绥化市北林区消防救援大队")', "绥化市北林区人民政府"),
        ('court_of("绥化市北林区消防救援大队")', "绥化市北林区人民法院"),
        ('contains_any("临时查封", ["查封", "扣押"])', True),
    ],
)
def test_functions_of_the_trade(source: str, answer: Any) -> None:
    assert outcome(source).value == answer


def test_the_sentence_of_authority_names_principal_agent_and_entrustment() -> None:
    found = outcome(
        'authority_sentence("M2", "绥化市北林区消防救援大队", text, null)', text={"number": ENTRUSTMENT}
    )
    assert found.value == (
        "根据《中华人民共和国消防法》第五十三条，绥化市北林区消防救援大队"
        "（委托绥化市北林区东河镇人民政府实施，委托书：绥北消委字〔2026〕第0001号）"
    )


def test_a_remedy_is_not_printed_before_organ_and_court_are_known() -> None:
    assert outcome('remedy_text("R3", "绥化市北林区人民政府", null)').kind is OutcomeKind.EMPTY


def test_every_function_has_a_signature() -> None:
    assert set(functions_for(circumstances(), {})) == set(OWN_FUNCTIONS)


SAMPLES = [(name, arguments) for name, s in SIGNATURES.items() for arguments in s.samples]


@pytest.mark.parametrize(("name", "arguments"), SAMPLES)
def test_a_function_gives_what_its_signature_says(name: str, arguments: tuple[Any, ...]) -> None:
    names = [f"x{place}" for place in range(len(arguments))]
    call = f"{name}({', '.join(names)})"
    found = outcome(call, **dict(zip(names, arguments, strict=True)))
    result = SIGNATURES[name].result([shape_of(argument) for argument in arguments])
    assert found.kind in (OutcomeKind.VALUE, OutcomeKind.EMPTY)
    assert type_name(found.value) in result.kinds
    if isinstance(found.value, str):
        assert len(found.value) <= result.length


def test_every_function_has_values_to_try_it_with() -> None:
    assert {name for name, _ in SAMPLES} == set(SIGNATURES)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("joined(long, long)", "连成的文字超过 200000 字"),
        ("text_of_many + text_of_many", "连成的文字超过 200000 字"),
        ('days_after("2026-01-05", 1000000000000)', "超出可用的范围"),
        ('months_after("2026-01-05", 1000000000000)', "超出可用的范围"),
        ('workdays_after("2026-01-05", 1000000000000)', "期限超过 3700 天"),
        ('workdays_between("1900-01-05", "2100-01-05")', "期限超过 3700 天"),
        ("days_after(text, 1)", "“消防”不是日期"),
        ("9000000000000000000 * n", "计算结果过大"),
        ("1 / (n - n)", "除数是零"),
        ("1.0 / (0.5 - 0.5)", "除数是零"),
        ("int(text)", "“消防”不是整数"),
        ("long.map(a, long.map(b, long.map(c, 1)))", "没有算完"),
    ],
)
def test_what_cannot_be_computed_is_told_in_a_sentence(source: str, said: str) -> None:
    values = {"long": ["长" * 90] * 2400, "text_of_many": "长" * 100_001, "n": 7, "text": "消防"}
    bench = ExpressionEvaluator(values, functions_for(circumstances(), {}))
    found = bench.evaluate(read_expression(source))
    assert found.kind is OutcomeKind.REFUSED and said in found.reason


def test_the_steps_of_a_run_stay_below_the_estimate() -> None:
    rows = [{"fix": "限期", "deadline": "2026-10-16"}] * 200
    sources = [
        'hazards.filter(h, h.fix == "限期").all(x, x.deadline > "2026-01-05")',
        "hazards.all(a, hazards.exists_one(b, a.fix == b.fix))",
        'numbered(hazards.map(h, h.fix + "（" + h.deadline + "）"), "；")',
        "hazards == hazards || hazards.map(h, [h.fix]) == [[text]]",
    ]
    shapes = {"hazards": list_of(map_of({"fix": text(4), "deadline": text(10)}), 200), "text": text(500)}
    for source in sources:
        expression = compile_expression(source, KNOWN, shapes)
        bench = ExpressionEvaluator({"hazards": rows, "text": "x"}, functions_for(circumstances(), {}))
        bench.evaluate(expression)
        assert 0 < bench.steps <= expression.steps, source
