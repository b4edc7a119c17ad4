"""Values that an expression gives, of any type and size, end in a sentence at the field or in a sound answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formsvc.domain.fields import FIELD_TYPES, Field

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["长" * 25_000, "1e-999999999", "NaN", "￥5", "2026-13-01", "\ud800", "0" * 5000])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
COLUMNS = [{"key": "a", "label": "列", "kind": "money"}, {"key": "b", "label": "列二", "kind": "date"}]
SETTINGS: dict[str, dict[str, Any]] = {
    "choice": {"choices": ["甲", "乙"]},
    "choices": {"choices": ["甲", "乙"]},
    "rows": {"columns": COLUMNS},
    "reference": {"refers_to": "T15"},
}


@pytest.mark.parametrize("name", FIELD_TYPES)
@settings(max_examples=60, deadline=None)
@given(value=ANYTHING)
def test_whatever_is_computed_is_kept_or_refused_in_a_sentence(name: str, value: Any) -> None:
    entry, kind = Field(key="x", label="项目", kind=name, **SETTINGS.get(name, {})), FIELD_TYPES[name]
    kept, problems = kind.parse_computed(entry, value, "x")
    assert all(p.field.startswith("x") and p.message.endswith(("。", "？")) for p in problems)
    again, further = kind.parse(entry, kept, "x")
    assert (again, further) == (kept, [])
    kind.check(entry, kept, "x")
    assert set(kind.display(entry, kept)) == set(kind.suffixes(entry))
    shape = kind.shape(entry)
    seen = kind.to_expression(entry, kept)
    if isinstance(seen, str):
        assert len(seen) <= shape.length
    if isinstance(seen, list):
        assert len(seen) <= shape.count


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("decimal", "某某单位", "不是数字"),
        ("money", "伍仟元整", "不是数字"),
        ("money", float("nan"), "数字过大或者无效"),
        ("money", float("inf"), "数字过大或者无效"),
        ("decimal", [1], "应填写数字"),
        ("money", {"a": 1}, "应填写数字"),
        ("integer", True, "应填写数字"),
        ("text", True, "应填写文字"),
        ("text", ["甲"], "应填写文字"),
        ("choice", "丙", "没有“丙”这一选项"),
        ("date", "明天", "不是日期"),
        ("date", [], ""),
    ],
)
def test_a_value_of_another_type_is_told_at_the_field(name: str, value: Any, said: str) -> None:
    entry = Field(key="x", label="面积", kind=name, **SETTINGS.get(name, {}))
    problems = FIELD_TYPES[name].parse_computed(entry, value, "x")[1]
    assert [said in p.message and p.message.startswith("面积：") for p in problems] == [True] * bool(said)


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_the_values_for_trials_are_sound_answers(name: str) -> None:
    entry, kind = Field(key="x", label="项目", kind=name, **SETTINGS.get(name, {})), FIELD_TYPES[name]
    values = kind.trials(entry)
    assert len(values) >= (2 if kind.holds_answer else 1) and values[0] == kind.empty()
    for value in values[:1] + values[2:]:
        if name not in ("rows", "text", "long_text", "person", "phone", "resident_id", "credit_code", "url"):
            assert kind.parse(entry, value, "x") == (value, []), value


@pytest.mark.parametrize("name", ["date", "datetime", "money", "decimal", "integer"])
def test_a_masked_or_outdated_answer_is_displayed_as_it_is(name: str) -> None:
    entry = Field(key="x", label="项目", kind=name)
    assert FIELD_TYPES[name].display(entry, "****")[""] == "****"
