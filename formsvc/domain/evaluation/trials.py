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
from types import MappingProxyType

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
from formsvc.domain.json_types import JSON
from formsvc.errors import Problem
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits

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
# For each name that is bound to a map: answers to try for its members.
KnownMaps = Mapping[str, Domains]


def try_expressions(definition: FormDefinition, circumstances: Circumstances) -> list[CompileError]:
    """Return an error for each expression that no answers could satisfy."""
    return list(Trials(definition, circumstances).errors())


@dataclass(frozen=True)
class Trial:
    """Outcomes of one expression; ``is_exhaustive`` if no case is missing."""

    outcomes: list[Outcome]
    is_exhaustive: bool

    @property
    def values(self) -> list[JSON]:
        return [o.value for o in self.outcomes if o.kind is OutcomeKind.VALUE]

    @property
    def failure(self) -> str:
        """Return what is wrong with the types of an expression, or ""."""
        return next((o.reason for o in self.outcomes if o.kind is OutcomeKind.FAULTY), "")


class Trials:
    """Trials of one definition."""

    def __init__(self, definition: FormDefinition, circumstances: Circumstances) -> None:
        self._definition, self._circumstances = definition, circumstances
        self._domains = {f.key: domain_of(f) for f in definition.fields}
        self._rows = {f.key: {c.key: domain_of(c) for c in f.columns} for f in definition.fields if f.columns}
        owned = sum(1 for _ in definition.compiled.owned_expressions())
        owned += sum(1 for _ in definition.compiled.life.all_expressions())
        self._most = max(_FEWEST_TRIALS, min(_MOST_TRIALS, _TRIALS_OF_FORM // max(owned, 1)))

    def errors(self) -> Iterator[CompileError]:
        """Yield an error for each unusable expression of a field or rule."""
        tables = {f.key: f for f in self._definition.fields if f.columns}
        rules = {rule.id: rule for rule in self._definition.rules}
        for owner, role, expression in self._definition.compiled.owned_expressions():
            if role.startswith("carry.") or "item" in expression.names:
                continue
            rule = rules.get(owner) if role in ("check", "message") else None
            table = tables.get(rule.each if rule else owner.partition(".")[0] if "." in owner else "")
            entry = None if rule else self._definition.field(owner)
            trial = self.run(expression, table)
            sentence = _verdict(role, expression, entry, trial)
            if sentence:
                yield CompileError(owner, role, sentence)

    def run(
        self, expression: Expression, table: Field | None, known: KnownMaps = MappingProxyType({})
    ) -> Trial:
        """Evaluate an expression over generated answers.

        ``table`` is the one whose rows it is evaluated for; ``known`` has answers to try for the members of further names.
        """
        maps = {**known, **({"row": self._rows[table.key]} if table else {})}
        domains = {name: self._domains[name] for name in sorted(expression.names) if name in self._domains}
        read = sorted((m.source, m.name) for m in expression.structure.members)
        inner = {
            f"{name}.{member}": maps[name][member] for name, member in read if member in maps.get(name, ())
        }
        domains = {name: _with_literals(values, expression) for name, values in {**domains, **inner}.items()}
        if "index" in expression.names and table:
            domains["index"] = [0, 1, process_limits().table_rows - 1]
        if _size(domains) > self._most:
            domains = {name: _relevant(values, expression) for name, values in domains.items()}
        assignments = _assignments(domains, self._most)
        usual = {
            name: {key: values[min(1, len(values) - 1)] for key, values in members.items()}
            for name, members in maps.items()
        }
        outcomes = list(self._evaluated(expression, assignments, usual))
        return Trial(outcomes, _size(domains) <= self._most and _is_decidable(expression))

    def _evaluated(
        self,
        expression: Expression,
        assignments: Iterable[dict[str, JSON]],
        usual: Mapping[str, Mapping[str, JSON]],
    ) -> Iterator[Outcome]:
        evaluator = ExpressionEvaluator({}, functions_for(self._circumstances, self._definition.lookups))
        for answers in assignments:
            maps = {name: dict(members) for name, members in usual.items()}
            for path, value in answers.items():
                name, _, member = path.partition(".")
                if member:
                    maps[name][member] = value
                else:
                    evaluator.bind(name, value)
            for name, members in maps.items():
                evaluator.bind(name, members)
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


def domain_of(entry: Field) -> list[JSON]:
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
        is_count = isinstance(literal, int) and 0 <= literal < process_limits().table_rows
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


def _verdict(role: str, expression: Expression, entry: Field | None, trial: Trial) -> str:
    """Return what is wrong with an expression by its outcomes, or ""."""
    if trial.failure:
        return trial.failure
    if role in CONDITIONS or role == "check":
        return condition_fault(role, expression, trial)
    if entry is None or role not in ("computed", "default"):
        return ""
    return _value_verdict(role, expression, entry, trial)


def condition_fault(role: str, expression: Expression, trial: Trial) -> str:
    """Return what is wrong with a condition by its outcomes, or ""."""
    values = trial.values
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


def _value_verdict(role: str, expression: Expression, entry: Field, trial: Trial) -> str:
    if not is_opaque(expression):
        common = common_problem(_value_problems(role, entry, value) for value in trial.values)
        if common is not None:
            return common.message
    return "" if role == "default" else never_computed(expression, trial, msg("总是空的。"))


def common_problem(found: Iterable[list[Problem]]) -> Problem | None:
    """Return the first problem if every value has one.

    Reads no further than the first that has none.
    """
    first: Problem | None = None
    for problems in found:
        if not problems:
            return None
        first = first or problems[0]
    return first


def is_opaque(expression: Expression) -> bool:
    """Return whether its results do not follow from the answers alone."""
    return bool(expression.functions & _OPAQUE)


def never_computed(expression: Expression, trial: Trial, empty: str = "") -> str:
    """Return why an expression never has a value, or "".

    ``empty`` is the reason where it is always empty; without one that is no fault.
    """
    if trial.values or is_opaque(expression):
        return ""
    refusals = [o.reason for o in trial.outcomes if o.kind is OutcomeKind.REFUSED]
    reason = refusals[0] if refusals else empty
    if not reason:
        return ""
    return msg("“{source}”无论怎样填写都算不出来：{reason}", source=expression.source, reason=reason)
