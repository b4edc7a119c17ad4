"""Problems of single answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from types import MappingProxyType

from formsvc.domain.chinese import long_date
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.definitions.schema import Rule
from formsvc.domain.expressions.evaluator import Expression, ExpressionEvaluator
from formsvc.domain.expressions.functions import printed_value
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.spelling import did_you_mean
from formsvc.errors import Problem
from formsvc.i18n.messages import DefinitionText, msg

LONG_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日", re.ASCII)
NO_VALUES: Mapping[str, str] = MappingProxyType({})
# a program with more of them has mistaken the form; each costs a comparison with every key
MAX_UNKNOWN_KEYS = 100


def unknown_key_problems(
    definition: FormDefinition, answers: Mapping[str, JSON], ignored: frozenset[str]
) -> list[Problem]:
    """Return a problem for each key the definition lacks, in tables too."""
    return list(islice(_unknown_keys(definition, answers, ignored), MAX_UNKNOWN_KEYS))


def _unknown_keys(
    definition: FormDefinition, answers: Mapping[str, JSON], ignored: frozenset[str]
) -> Iterator[Problem]:
    keys = {f.key: f for f in definition.fields if FIELD_TYPES[f.kind].holds_answer}
    for key, value in answers.items():
        entry = keys.get(str(key))
        if entry is None and key not in ignored:
            yield _unknown_key(definition, str(key), str(key), keys)
        elif entry and entry.columns and isinstance(value, list):
            columns = {c.key: c for c in entry.columns}
            cells = [(i, k) for i, row in enumerate(value) if isinstance(row, Mapping) for k in row]
            for index, inner in ((index, inner) for index, inner in cells if inner not in columns):
                yield _unknown_key(definition, f"{key}.{index}.{inner}", str(inner), columns)
            for index, row in enumerate(value):
                if isinstance(row, Mapping):
                    yield from _unknown_inner_keys(definition, entry, f"{key}.{index}", row)


def _unknown_inner_keys(
    definition: FormDefinition, entry: Field, path: str, row: Mapping[str, JSON]
) -> Iterator[Problem]:
    for table in entry.columns or ():
        columns = {c.key: c for c in table.columns or ()}
        rows = row.get(table.key) if columns else None
        for index, inner in enumerate(rows if isinstance(rows, list) else ()):
            for key in inner if isinstance(inner, Mapping) else ():
                if key not in columns:
                    yield _unknown_key(definition, f"{path}.{table.key}.{index}.{key}", str(key), columns)


def _unknown_key(definition: FormDefinition, path: str, key: str, known: Mapping[str, Field]) -> Problem:
    present = next((entry for entry in known.values() if key in entry.formerly), None)
    if present is not None:
        return written_twice(path, key, present)
    return Problem(
        path,
        msg(
            "表单“{title}”没有“{key}”这一项{near}。",
            title=definition.title,
            key=key[:60],
            near=did_you_mean(key, known),
        ),
        msg("请删去或者改正。"),
    )


def written_twice(path: str, key: str, entry: Field) -> Problem:
    """Return the problem of a former key next to the present one."""
    return Problem(
        path,
        msg(
            "“{former}”是“{key}”（{label}）以前的字段名，两个都写了。",
            former=key,
            key=entry.key,
            label=entry.label,
        ),
        msg("请只写“{key}”。", key=entry.key),
    )


def missing_answer(entry: Field, path: str, *, computed: bool) -> Problem:
    if entry.required_message:
        return Problem(path, entry.required_message)
    if computed:
        return Problem(path, msg("{label}由系统生成，所需的内容还不完整。", label=entry.label))
    if entry.kind in ("choice", "choices", "yes_no", "reference", "authority"):
        if entry.kind == "yes_no":
            return Problem(path, msg("请选择“{label}”是或者否。", label=entry.label))
        return Problem(path, msg("请选择{label}。", label=entry.label))
    if FIELD_TYPES[entry.kind].holds_files:
        return Problem(path, msg("请添加{label}。", label=entry.label))
    return Problem(path, msg("请填写{label}。", label=entry.label))


def row_count_problem(entry: Field, expected: int, actual: int) -> Problem:
    """Return the problem of a table that does not match its list entries."""
    return Problem(
        entry.key,
        msg(
            "{label}应与所依据的文书逐条对应，共{wanted}条，现在是{there}条。",
            label=entry.label,
            wanted=expected,
            there=actual,
        ),
        msg("请逐条填写，不增不减。"),
        entry.law,
    )


def differs_from_computed(
    entry: Field, path: str, value: JSON, given_value: JSON, *, needs_registry: bool
) -> Problem:
    """Return the problem of another value given for a computed field.

    ``needs_registry``: it is empty only because something is not registered in this office.
    """
    kind = FIELD_TYPES[entry.kind]
    shown_as = kind.display(entry, given_value)[""] if given_value is not None else None
    typed = msg("“{given}”", given=shown_as) if shown_as is not None else msg("别的内容")
    if is_empty(value):
        return Problem(
            path,
            msg("{label}由系统计算，现在还算不出来，不能填写{typed}。", label=entry.label, typed=typed),
            msg("请删去这一项。"),
            "",
            needs_registry,
        )
    shown = kind.display(entry, value)[""]
    return Problem(
        path,
        msg(
            "{label}由系统计算，应为“{shown}”，填写的是{typed}。", label=entry.label, shown=shown, typed=typed
        ),
        msg("请删去这一项或者改成计算的结果。"),
    )


def definition_fault(form: str, path: str, reason: str) -> Problem:
    return Problem(
        path,
        msg("表单定义“{form}”有错误：{reason}", form=form, reason=reason),
        msg("请告知管理员，填写的内容没有问题。"),
    )


def rule_message(definition: FormDefinition, rule: Rule, expressions: ExpressionEvaluator) -> str:
    """Return the message of a broken rule with the values in its braces."""
    parts = definition.compiled.messages[rule.id]
    values = {
        part.source: _message_value(definition, part, expressions)
        for part in parts
        if isinstance(part, Expression)
    }
    return translatable(definition, rule.message, values)


def translatable(definition: FormDefinition, text: str, values: Mapping[str, str] = NO_VALUES) -> str:
    return DefinitionText(definition.id, text, values) if text else ""


def _message_value(
    definition: FormDefinition, expression: Expression, expressions: ExpressionEvaluator
) -> str:
    """Return an expression's value for a message, dates translatable."""
    value = expressions.evaluate(expression).value
    if not isinstance(value, str):
        return printed_value(value)
    if LONG_DATE.fullmatch(value):
        return long_date(value)
    return DefinitionText(definition.id, value)
