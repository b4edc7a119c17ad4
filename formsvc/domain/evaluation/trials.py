"""Trials of expressions over generated answers of a definition.

Each is evaluated over empty, usual, zero, longest and largest answers and each option: what fails by type, can never
be computed, or never holds is a fault of the definition. Deterministic: equal definitions have equal trials.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from formsvc.domain.authorities import Circumstances
from formsvc.domain.definitions.compilation import CompileError
from formsvc.domain.definitions.expression_checks import CONDITIONS, is_constant
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.evaluator import Expression, ExpressionEvaluator, Outcome, OutcomeKind
from formsvc.domain.expressions.functions import OFFICE_FUNCTIONS, functions_for
from formsvc.domain.expressions.syntax import (
    Binary,
    Call,
    ListLiteral,
    Literal,
    Logical,
    Member,
    Name,
    Unary,
)
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.compound import ROW_LIMIT
from formsvc.domain.json_types import JSON
from formsvc.errors import Problem
from formsvc.i18n.messages import msg

# Results of these do not follow from the answers of the form: that none was seen proves nothing.
_OPAQUE = OFFICE_FUNCTIONS | {"lookup", "setting", "matches", "today"}
# Conditions of these alone are decided by the literals in them: all their cases are tried.
_DECIDABLE_NODES = (Literal, Name, Member, Logical, ListLiteral)
_DECIDABLE_CALLS = frozenset(["is_empty", "text_length", "date_of", "size"])
_RELATIONS = frozenset(["==", "!=", "<", "<=", ">", ">=", "in"])
_MOST_TRIALS, _FEWEST_TRIALS = 400, 24
# Trials of a whole definition, shared by its expressions: some seconds for a form of 500 fields.
_TRIALS_OF_FORM = 40_000
_SEED = 20260105
Domains = Mapping[str, Sequence[JSON]]


def try_expressions(definition: FormDefinition, circumstances: Circumstances) -> list[CompileError]:
    """Return an error for each expression that no answers could satisfy."""
    return list(_Trials(definition, circumstances).errors())


@dataclass(frozen=True)
class _Trial:
    """Outcomes of one expression; ``is_exhaustive`` if no case is missing."""

    outcomes: list[Outcome]
    is_exhaustive: bool


class _Trials:
    """Trials of one definition."""

    def __init__(self, definition: FormDefinition, circumstances: Circumstances) -> None:
        self._definition, self._circumstances = definition, circumstances
        self._domains = {f.key: _domain(f) for f in definition.fields}
        owned = sum(1 for _ in definition.compiled.owned_expressions())
        self._most = max(_FEWEST_TRIALS, min(_MOST_TRIALS, _TRIALS_OF_FORM // max(owned, 1)))

    def errors(self) -> Iterator[CompileError]:
        tables = {f.key: f for f in self._definition.fields if f.columns}
        rules = {rule.id: rule for rule in self._definition.rules}
        for owner, role, expression in self._definition.compiled.owned_expressions():
            if role.startswith("carry.") or "item" in expression.names:
                continue
            rule = rules.get(owner) if role in ("check", "message") else None
            table = tables.get(rule.each if rule else owner.partition(".")[0] if "." in owner else "")
            entry = None if rule else self._definition.field(owner)
            trial = self._trial(expression, table)
            sentence = _verdict(role, expression, entry, trial)
            if sentence:
                yield CompileError(owner, role, sentence)

    def _trial(self, expression: Expression, table: Field | None) -> _Trial:
        domains = {name: self._domains[name] for name in sorted(expression.names) if name in self._domains}
        columns = sorted(expression.row_columns()) if table else []
        inner = {
            f"row.{c.key}": _domain(c) for c in (table.columns or () if table else ()) if c.key in columns
        }
        domains = {name: _with_literals(values, expression) for name, values in {**domains, **inner}.items()}
        if "index" in expression.names and table:
            domains["index"] = [0, 1, ROW_LIMIT - 1]
        usual = {c.key: _domain(c)[1] for c in (table.columns or () if table else ())}
        if _size(domains) > self._most:
            domains = {name: _relevant(values, expression) for name, values in domains.items()}
        assignments = _assignments(domains, self._most)
        outcomes = list(self._evaluated(expression, assignments, usual if table else None))
        return _Trial(outcomes, _size(domains) <= self._most and _is_decidable(expression))

    def _evaluated(
        self, expression: Expression, assignments: Iterable[dict[str, JSON]], usual: Mapping[str, JSON] | None
    ) -> Iterator[Outcome]:
        evaluator = ExpressionEvaluator({}, functions_for(self._circumstances, self._definition.lookups))
        for answers in assignments:
            for name, value in answers.items():
                evaluator.bind(name, value)
            if usual is not None:
                row = {name[4:]: value for name, value in answers.items() if name.startswith("row.")}
                evaluator.bind("row", {**usual, **row})
            evaluator.restart()
            yield evaluator.evaluate(expression)


def _assignments(domains: Domains, most: int) -> Iterator[dict[str, JSON]]:
    """Yield combinations: all of them, or each value once and random ones."""
    names = list(domains)
    if _size(domains) <= most:
        for picked in itertools.product(*domains.values()):
            yield dict(zip(names, picked, strict=True))
        return
    usual = {name: values[min(1, len(values) - 1)] for name, values in domains.items()}
    yield {name: values[0] for name, values in domains.items()}
    for name, values in domains.items():
        for value in values:
            yield {**usual, name: value}
    # a seeded generator is wanted here: a check must have the same outcome every time
    pick = random.Random(_SEED)  # noqa: S311 - no secret
    for _ in range(most):
        yield {name: pick.choice(values) for name, values in domains.items()}


def _size(domains: Domains) -> int:
    return prod(len(values) for values in domains.values())


def _is_decidable(expression: Expression) -> bool:
    """Return whether trials of all literals and of other values decide it."""
    return all(
        isinstance(node, _DECIDABLE_NODES)
        or (isinstance(node, Unary) and node.operator == "!")
        or (isinstance(node, Binary) and node.operator in _RELATIONS)
        or (isinstance(node, Call) and node.name in _DECIDABLE_CALLS)
        for node in expression.tree.walk()
    ) and not is_constant(expression)


def _relevant(values: Sequence[JSON], expression: Expression) -> list[JSON]:
    """Return the values that the expression names, and a few others."""
    if not any(isinstance(value, str) for value in values):
        return list(values)
    named = {str(node.value) for node in expression.tree.walk() if isinstance(node, Literal)}
    others = [value for value in values if value not in named]
    return [*others[:4], *(value for value in values if value in named)]


def _domain(entry: Field) -> list[JSON]:
    """Return answers to try, as expressions see them: empty, usual, extreme."""
    kind = FIELD_TYPES[entry.kind]
    return [kind.to_expression(entry, value) for value in kind.trials(entry)]


def _with_literals(values: Sequence[JSON], expression: Expression) -> list[JSON]:
    """Return the values, and those that the expression itself names."""
    literals = [node.value for node in expression.tree.walk() if isinstance(node, Literal)]
    known = {type(value) for value in values} - {type(None)}
    added: list[JSON] = []
    if known == {str}:
        # two texts of which one holds the other, digits and a day: conditions may compare two fields
        added += ["甲", "甲乙丙甲", "12", "2026-01-05"]
    for literal in literals:
        if isinstance(literal, bool) or literal is None:
            continue
        is_count = isinstance(literal, int) and 0 <= literal < ROW_LIMIT
        if isinstance(literal, str) and known == {str}:
            added += [literal, f"{literal}甲", f"甲{literal}", f"甲{literal}甲"]
        elif is_count and known == {str}:
            added += ["长" * (literal + step) for step in (-1, 0, 1)]
        elif is_count and known == {list} and len(values) > 1:
            added += [[*values[1], *values[1]] * (literal + step) for step in (0, 1)]
            added += [values[1] * (literal + step) for step in (-1, 0, 1)]
        elif isinstance(literal, int | float) and (int in known or float in known) and bool not in known:
            number = float if float in known else int
            added += [number(literal) + step for step in (-1, 0, 1)]
    different: list[JSON] = []
    for value in (*values, *added):
        if value not in different:
            different.append(value)
    return different[:60]


def _verdict(role: str, expression: Expression, entry: Field | None, trial: _Trial) -> str:
    """Return what is wrong with an expression by its outcomes, or ""."""
    faulty = next((o for o in trial.outcomes if o.kind is OutcomeKind.FAULTY), None)
    if faulty is not None:
        return faulty.reason
    if role in CONDITIONS or role == "check":
        return _condition_verdict(role, expression, trial)
    if entry is None or role not in ("computed", "default"):
        return ""
    return _value_verdict(role, expression, entry, trial.outcomes)


def _condition_verdict(role: str, expression: Expression, trial: _Trial) -> str:
    values = [o.value for o in trial.outcomes if o.kind is OutcomeKind.VALUE]
    if not all(isinstance(value, bool) for value in values):
        return msg("条件“{source}”得不出是或者否。", source=expression.source)
    if not trial.is_exhaustive:
        return ""
    if not any(values):
        return msg("条件“{source}”无论怎样填写都不成立，请核对写法，或者删去。", source=expression.source)
    if role == "shown" and all(o.is_true for o in trial.outcomes):
        return msg("条件“{source}”无论怎样填写都成立，请核对写法，或者删去 shown。", source=expression.source)
    return ""


def _value_problems(role: str, entry: Field, value: JSON) -> list[Problem]:
    """Return what keeps a value from being an answer.

    A computed value may break a limit: its rule says so to the clerk. A default may not.
    """
    kind = FIELD_TYPES[entry.kind]
    parsed, problems = kind.parse_computed(entry, value, entry.key)
    return problems or (kind.check(entry, parsed, entry.key) if role == "default" else [])


def _value_verdict(role: str, expression: Expression, entry: Field, outcomes: list[Outcome]) -> str:
    values = [o.value for o in outcomes if o.kind is OutcomeKind.VALUE]
    problems = [_value_problems(role, entry, value) for value in values]
    if values and all(problems) and not expression.functions & _OPAQUE:
        return problems[0][0].message
    if values or expression.functions & _OPAQUE or role == "default":
        return ""
    refusals = [o.reason for o in outcomes if o.kind is OutcomeKind.REFUSED]
    reason = refusals[0] if refusals else msg("总是空的。")
    return msg("“{source}”无论怎样填写都算不出来：{reason}", source=expression.source, reason=reason)
