"""Compilation of a definition's expressions, and their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import chain

from formsvc.domain.definitions.schema import Rule
from formsvc.domain.definitions.scope import ITEM_VARIABLE, Scope, scope_of
from formsvc.domain.expressions.analysis import NO_VOCABULARY, Vocabulary
from formsvc.domain.expressions.evaluator import (
    Expression,
    InvalidExpression,
    compile_expression,
    read_expression,
)
from formsvc.domain.expressions.functions import IMPLIED_LOOKUPS, OFFICE_FUNCTIONS
from formsvc.domain.expressions.shapes import Shape
from formsvc.domain.fields import Field
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits

ROLES = ("required", "shown", "readonly", "computed", "typed_when", "default", "each_of", "personal_when")
# Owner of the errors of a life: no field and no rule can have this name.
LIFE = "/life"
_SOURCE = Shape(frozenset({"map"}))
MessageTemplate = tuple[str | Expression, ...]
_IN_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class CompiledLife:
    """Compiled expressions and texts of a life, by their path in it.

    A path is that of the property: ``deadlines.0.from``.
    """

    expressions: Mapping[str, Expression] = field(default_factory=dict)
    texts: Mapping[str, MessageTemplate] = field(default_factory=dict)

    def all_expressions(self) -> Iterator[tuple[str, Expression]]:
        """Yield each expression with its path, those in texts included."""
        yield from self.expressions.items()
        for path, template in self.texts.items():
            yield from ((path, part) for part in template if isinstance(part, Expression))

    @cached_property
    def asks_for_documents(self) -> bool:
        """True if a step depends on other documents or the office's records.

        What effects read when they are written makes no difference to steps.
        """
        called = (
            expression.functions
            for path, expression in self.all_expressions()
            if not path.startswith("effects")
        )
        return any(functions & OFFICE_FUNCTIONS for functions in called)


@dataclass(frozen=True)
class CompiledDefinition:
    """Compiled expressions of fields, by (path, role), and of rules, by id.

    ``computation_order`` lists the computed fields, each after the fields it uses.
    """

    expressions: Mapping[tuple[str, str], Expression] = field(default_factory=dict)
    checks: Mapping[str, Expression] = field(default_factory=dict)
    messages: Mapping[str, MessageTemplate] = field(default_factory=dict)
    computation_order: tuple[str, ...] = ()
    life: CompiledLife = field(default_factory=lambda: CompiledLife())

    def expression(self, path: str, role: str) -> Expression | None:
        return self.expressions.get((path, role))

    def owned_expressions(self) -> Iterator[tuple[str, str, Expression]]:
        """Yield each expression with its owner and property."""
        for (path, role), expression in self.expressions.items():
            yield path, role, expression
        for rule_id, check in self.checks.items():
            yield rule_id, "check", check
        for rule_id, template in self.messages.items():
            for part in template:
                if isinstance(part, Expression):
                    yield rule_id, "message", part

    def setting_names(self) -> frozenset[str]:
        """Return the office settings that expressions read."""
        return frozenset(name for e in self._all_expressions() for name in e.structure.settings)

    def _all_expressions(self) -> Iterator[Expression]:
        yield from (expression for *_, expression in self.owned_expressions())
        yield from (expression for _, expression in self.life.all_expressions())

    def lookup_names(self) -> frozenset[str]:
        """Return the lookups read, named or implied by a function."""
        names: set[str] = set()
        for expression in self._all_expressions():
            names |= expression.structure.lookups
            names |= {IMPLIED_LOOKUPS[f] for f in expression.functions if f in IMPLIED_LOOKUPS}
        return frozenset(names)


@dataclass(frozen=True)
class CompileError:
    """Expression that cannot be used.

    ``owner`` is a field path, a rule id or LIFE.
    """

    owner: str
    property_name: str
    message: str


def undefined_lookups(compiled: CompiledDefinition, lookups: Mapping[str, object]) -> Iterator[CompileError]:
    """Yield an error for each lookup named that no file defines."""
    of_life = ((LIFE, path, expression) for path, expression in compiled.life.all_expressions())
    for owner, property_name, expression in chain(compiled.owned_expressions(), of_life):
        for name in sorted(expression.structure.lookups - set(lookups)):
            near = did_you_mean(name, lookups)
            yield CompileError(owner, property_name, msg("没有代码表“{name}”{near}。", name=name, near=near))


def read_definition_expressions(fields: Iterable[Field], rules: Iterable[Rule]) -> CompiledDefinition:
    """Compile the expressions of a definition that was checked once."""
    return _Compiler(tuple(fields), None).compile_all(rules)[0]


def compile_definition(
    fields: Iterable[Field], rules: Iterable[Rule], vocabulary: Vocabulary = NO_VOCABULARY
) -> tuple[CompiledDefinition, list[CompileError]]:
    """Compile every expression; those with errors are left out and reported."""
    return _Compiler(tuple(fields), vocabulary).compile_all(rules)


@dataclass(frozen=True)
class ExpressionCompiler:
    """Compiles expressions; without a vocabulary nothing is checked.

    A stored revision stays as it was published.
    """

    vocabulary: Vocabulary | None

    def compile(self, source: str, scope: Scope) -> Expression:
        """Return the expression. Raise InvalidExpression."""
        if self.vocabulary is None:
            return read_expression(source)
        return compile_expression(source, scope.members, scope.shapes, self.vocabulary)

    def compile_message(self, text: str, scope: Scope) -> MessageTemplate:
        """Return a text with the expressions in its braces."""
        # re.split with one group: every odd piece is the content of a pair of braces
        pieces = _IN_BRACES.split(text)
        return tuple(self.compile(piece, scope) if i % 2 else piece for i, piece in enumerate(pieces))


class _Compiler:
    """Collects the compiled expressions and the errors of one definition."""

    def __init__(self, fields: tuple[Field, ...], vocabulary: Vocabulary | None) -> None:
        self._fields, self._compiler = fields, ExpressionCompiler(vocabulary)
        self._scope = scope_of(fields)
        self._expressions: dict[tuple[str, str], Expression] = {}
        self._checks: dict[str, Expression] = {}
        self._messages: dict[str, MessageTemplate] = {}
        self._errors: list[CompileError] = []

    def compile_all(self, rules: Iterable[Rule]) -> tuple[CompiledDefinition, list[CompileError]]:
        for entry in self._fields:
            self._compile_field(entry, entry.key, self._scope)
            for column in entry.columns or ():
                self._compile_field(column, f"{entry.key}.{column.key}", self._scope.in_rows(entry))
        rules = list(rules)
        for rule in rules:
            self._compile_rule(rule)
        order = self._computation_order()
        if self._compiler.vocabulary is not None and not self._errors:
            self._errors += self._cost_errors(rules)
        compiled = CompiledDefinition(self._expressions, self._checks, self._messages, order)
        return compiled, self._errors

    def _cost_errors(self, rules: Iterable[Rule]) -> Iterator[CompileError]:
        """Yield an error if one evaluation of the form could take too long."""
        in_rows = {rule.id for rule in rules if rule.each}
        compiled = CompiledDefinition(self._expressions, self._checks, self._messages)
        costs = [
            (e.steps * _repetitions(role, in_rows="." in owner or owner in in_rows), owner, role)
            for owner, role, e in compiled.owned_expressions()
            if not role.startswith("carry.")
        ]
        total = sum(cost for cost, *_ in costs)
        most = process_limits().expression_steps
        if total > most:
            cost, owner, role = max(costs)
            sentence = msg(
                "整份表单算一次最多可能要 {total} 步，超过 {limit} 步，其中这一条要 {cost} 步。请减少逐行运算，或者调高 FORMSVC_EXPRESSION_STEPS。",
                total=total,
                limit=most,
                cost=cost,
            )
            yield CompileError(owner, role, sentence)

    def _compile_rule(self, rule: Rule) -> None:
        rows = next((f for f in self._fields if f.key == rule.each), None) if rule.each else None
        scope = self._scope.in_rows(rows) if rows else self._scope
        try:
            self._checks[rule.id] = self._compiler.compile(rule.check, scope)
        except InvalidExpression as error:
            self._report(rule.id, "check", error)
        try:
            self._messages[rule.id] = self._compiler.compile_message(rule.message, scope)
        except InvalidExpression as error:
            self._report(rule.id, "message", error)

    def _compile_field(self, entry: Field, path: str, scope: Scope) -> None:
        sources = {role: getattr(entry, role) for role in ROLES}
        for target, source in (entry.carry or {}).items():
            sources[f"carry.{target}"] = source
        if entry.option_source:
            sources |= dict(entry.option_source.expressions())
        for role, source in sources.items():
            # ``required`` may be a plain bool
            if not isinstance(source, str):
                continue
            visible = self._visible(role, scope)
            try:
                self._expressions[path, role] = self._compiler.compile(source, visible)
            except InvalidExpression as error:
                self._report(path, role, error)

    def _visible(self, role: str, scope: Scope) -> Scope:
        """Return the names that an expression of this role may use."""
        if role.startswith("carry."):
            return scope.with_names(source=_SOURCE)
        if role.startswith("options."):
            # options are the same for all rows of a table
            return self._scope.with_names(**({"option": _SOURCE} if role == "options.where" else {}))
        return scope

    def _report(self, owner: str, property_name: str, error: InvalidExpression) -> None:
        self._errors += [CompileError(owner, property_name, message) for message in error.messages]

    def _computation_order(self) -> tuple[str, ...]:
        """Return computed fields, each after those it uses; () for a cycle."""
        uses: dict[str, set[str]] = {}
        for entry in self._fields:
            columns = self._column_order(entry)
            sources = [
                self._expressions.get((entry.key, "computed")),
                self._expressions.get((entry.key, "each_of")),
                *(self._expressions.get((f"{entry.key}.{c}", "computed")) for c in columns),
                *(self._expressions.get((f"{entry.key}.{c}", "typed_when")) for c in columns),
                self._expressions.get((entry.key, "typed_when")),
            ]
            if any(sources):
                used = {name for e in sources if e for name in e.names}
                # A column may read its own table: the order of columns is settled apart.
                uses[entry.key] = used - {"row", "index", ITEM_VARIABLE} - ({entry.key} if columns else set())
        graph = {key: used & set(uses) for key, used in uses.items()}
        try:
            return tuple(TopologicalSorter(graph).static_order())
        except CycleError as error:
            self._errors.append(_cycle_error(error.args[1]))
            return ()

    def _column_order(self, entry: Field) -> tuple[str, ...]:
        try:
            return _sorted_columns(entry, self._expressions)
        except CycleError as error:
            self._errors.append(_cycle_error([f"{entry.key}.{key}" for key in error.args[1]]))
            return ()


def _repetitions(role: str, *, in_rows: bool) -> int:
    """Return how often one evaluation runs an expression at most."""
    if role.startswith("options."):
        return process_limits().option_rows if role == "options.where" else 1
    return process_limits().table_rows if in_rows else 1


def column_order(entry: Field, compiled: CompiledDefinition) -> tuple[str, ...]:
    """Return the computed columns of a table, each after those it uses.

    None if they form a cycle, which compilation reports.
    """
    try:
        return _sorted_columns(entry, compiled.expressions)
    except CycleError:
        return ()


def _sorted_columns(entry: Field, expressions: Mapping[tuple[str, str], Expression]) -> tuple[str, ...]:
    """Return computed columns in order. Raise CycleError for a cycle."""
    computed = {
        column.key: expression
        for column in entry.columns or ()
        if (expression := expressions.get((f"{entry.key}.{column.key}", "computed")))
    }
    graph = {key: expression.row_columns() & set(computed) for key, expression in computed.items()}
    return tuple(TopologicalSorter(graph).static_order())


def _cycle_error(keys: list[str]) -> CompileError:
    sentence = msg("计算循环：{keys}，至少有一个不能由其他几个算出。", keys=" → ".join(keys))
    return CompileError(keys[0], "computed", sentence)
