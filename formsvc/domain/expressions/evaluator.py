"""Expressions: CEL with the trade's functions.

Compiled and checked when a definition is loaded, evaluated on the server only. Dates are ISO text, every field is
always bound, an empty answer is null. A failure never shows a trace: an expression that meets an empty answer is
*empty*, a rule that cannot be computed is *refused* with its sentence, anything else makes the definition *faulty*.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import cel

from formsvc.domain.expressions.functions import ARITIES
from formsvc.domain.expressions.syntax import MACROS, ExpressionStructure, parse_structure
from formsvc.domain.json_types import JSON
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import join_messages, msg

# Limits on what one definition can cost: every expression runs at each evaluation of a form.
LENGTH_LIMIT = 1000
NESTING_LIMIT = 16
MACRO_NESTING_LIMIT = 2
# each map may multiply the size of what it is given: 60 of them in 671 characters took all memory
MAP_LIMIT = 2
STANDARD_ARITIES = {
    "size": (1, 1),
    "contains": (2, 2),
    "startsWith": (2, 2),
    "endsWith": (2, 2),
    "matches": (2, 2),
    "int": (1, 1),
    "double": (1, 1),
    "string": (1, 1),
    "has": (1, 1),
    **dict.fromkeys(MACROS - {"map"}, (3, 3)),
    "map": (3, 4),
}
_KEYWORDS = frozenset({"true", "false", "null", "in"})
# Names in expressions are short; a looser comparison would suggest unrelated ones.
_CUTOFF = 0.6


class OutcomeKind(Enum):
    """Kind of result of an evaluation."""

    VALUE = "value"
    EMPTY = "empty"
    REFUSED = "refused"
    FAULTY = "faulty"


@dataclass(frozen=True)
class Outcome:
    """Result of an evaluation: a value, or the reason why there is none."""

    kind: OutcomeKind
    value: JSON = None
    reason: str = ""

    @property
    def is_true(self) -> bool:
        """True for a condition that holds; an empty one does not."""
        return self.kind is OutcomeKind.VALUE and self.value is True


@dataclass(frozen=True)
class Expression:
    """Compiled expression; ``names`` are the fields it uses."""

    source: str
    names: frozenset[str]
    functions: frozenset[str]
    structure: ExpressionStructure
    program: Any = field(repr=False, compare=False)

    def row_columns(self) -> frozenset[str]:
        """Return the columns of its own row that the expression reads."""
        return frozenset(m.name for m in self.structure.members if m.source == "row")


class InvalidExpression(ValueError):
    """Expression that cannot be used; ``messages`` say why."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.messages = tuple(sentences)
        super().__init__(join_messages(*self.messages))


def compile_expression(source: str, known: Mapping[str, frozenset[str] | None]) -> Expression:
    """Compile and check an expression.

    ``known`` maps each bound name to its members (columns of a table, parts of a reference), or to None if these are not
    known. Raise InvalidExpression with every fault.
    """
    program = _compile_program(source)
    shape = parse_structure(source)
    used = program.references()
    names = frozenset(used["variables"]) - shape.bound_variables
    called = frozenset(name for name in used["functions"] if name.isidentifier())
    faults = [
        *_size_faults(shape),
        *_name_faults(names, shape, known),
        *_call_faults(called, shape),
    ]
    if faults:
        raise InvalidExpression(faults)
    return Expression(source, names, called, shape, program)


def _compile_program(source: str) -> Any:
    if not source.strip():
        raise InvalidExpression([msg("表达式是空的。")])
    if len(source) > LENGTH_LIMIT:
        raise InvalidExpression([msg("表达式超过 {limit} 个字符，请拆开。", limit=LENGTH_LIMIT)])
    try:
        return cel.compile(source)
    except ValueError as error:
        # cel reports the position only within its English text.
        place = re.search(r"<input>:\d+:(\d+)", str(error))
        where = msg("第 {n} 个字符附近", n=place.group(1)) if place else ""
        shown = "".join(mark if mark.isprintable() else " " for mark in source)
        raise InvalidExpression(
            [msg("表达式{where}有语法错误，写的是“{shown}”，请改正。", where=where, shown=shown)]
        ) from None


def _size_faults(shape: ExpressionStructure) -> list[str]:
    faults: list[str] = []
    if shape.nesting > NESTING_LIMIT:
        faults.append(msg("括号嵌套超过 {limit} 层，请拆开。", limit=NESTING_LIMIT))
    if shape.macro_nesting > MACRO_NESTING_LIMIT:
        faults.append(
            msg(
                "对明细的逐行运算嵌套超过 {limit} 层，请拆开。",
                limit=MACRO_NESTING_LIMIT,
            )
        )
    if shape.map_count > MAP_LIMIT:
        faults.append(msg("一个表达式里 map 超过 {limit} 个，请拆成几个字段。", limit=MAP_LIMIT))
    return faults


def _name_faults(
    names: frozenset[str], shape: ExpressionStructure, known: Mapping[str, frozenset[str] | None]
) -> list[str]:
    faults: list[str] = [
        msg("不认识的字段“{name}”{near}。", name=name, near=did_you_mean(name, known, cutoff=_CUTOFF))
        for name in sorted(names - set(known))
    ]
    faults += [
        msg("逐行运算的变量“{name}”与字段同名，请换一个名字。", name=name)
        for name in sorted(shape.bound_variables & set(known))
    ]
    for member in sorted(shape.members, key=lambda m: (m.source, m.name)):
        members = known.get(member.source)
        if members is not None and member.name not in members:
            faults.append(
                msg(
                    "“{source}”里没有“{name}”{near}。",
                    source=member.source,
                    name=member.name,
                    near=did_you_mean(member.name, members, cutoff=_CUTOFF),
                )
            )
    return faults


def _call_faults(called: frozenset[str], shape: ExpressionStructure) -> list[str]:
    arities = {**STANDARD_ARITIES, **ARITIES}
    faults: list[str] = [
        msg("不认识的函数“{name}”{near}。", name=name, near=did_you_mean(name, arities, cutoff=_CUTOFF))
        for name in sorted(called - set(arities))
    ]
    for name, count in shape.calls:
        least, most = arities.get(name, (0, 99))
        if not least <= count <= most and name not in _KEYWORDS:
            expected = str(least) if least == most else msg("{least} 至 {most}", least=least, most=most)
            faults.append(
                msg(
                    "函数“{name}”要 {wanted} 个参数，写了 {count} 个。",
                    name=name,
                    wanted=expected,
                    count=count,
                )
            )
    return faults


class ExpressionEvaluator:
    """Evaluates expressions over one set of values."""

    def __init__(self, values: Mapping[str, JSON], functions: Mapping[str, Callable[..., JSON]]) -> None:
        self._values: dict[str, JSON] = dict(values)
        self._failures: list[Exception] = []
        guarded = {name: _guard(function, self._failures) for name, function in functions.items()}
        self._context = cel.Context(self._values, guarded)

    def bind(self, name: str, value: JSON) -> None:
        self._values[name] = value
        self._context.add_variable(name, value)

    def evaluate(self, expression: Expression) -> Outcome:
        # One list for all functions: cel hides which call failed, and the first failure is the cause.
        self._failures.clear()
        try:
            value = expression.program.execute(self._context)
        except (TypeError, KeyError, IndexError, RuntimeError, ValueError, ArithmeticError) as failure:
            return self._failed_outcome(expression, failure)
        if self._failures:
            return self._failed_outcome(expression, self._failures[0])
        if value is None:
            return Outcome(OutcomeKind.EMPTY)
        return Outcome(OutcomeKind.VALUE, value)

    def _failed_outcome(self, expression: Expression, failure: Exception) -> Outcome:
        refusal = next((f for f in self._failures if isinstance(f, ValueError)), None)
        if refusal is not None:
            return Outcome(OutcomeKind.REFUSED, reason=str(refusal))
        if any(_has_empty_part(self._values.get(name)) for name in expression.names):
            return Outcome(OutcomeKind.EMPTY)
        return Outcome(
            OutcomeKind.FAULTY,
            reason=msg(
                "表达式“{source}”无法计算（{kind}）。", source=expression.source, kind=type(failure).__name__
            ),
        )


def _guard(function: Callable[..., JSON], failures: list[Exception]) -> Callable[..., JSON]:
    """Wrap a function so that it returns null and records its failure."""

    def call(*arguments: JSON) -> JSON:
        try:
            return function(*arguments)
        except (ValueError, TypeError, KeyError, ArithmeticError, AttributeError, IndexError) as failure:
            failures.append(failure.with_traceback(None))
            return None

    return call


def _has_empty_part(value: JSON) -> bool:
    """Return whether a value or any part of it is empty."""
    if isinstance(value, Mapping):
        return any(_has_empty_part(part) for part in value.values())
    if isinstance(value, list):
        return not value or any(_has_empty_part(part) for part in value)
    return value is None or value == ""
