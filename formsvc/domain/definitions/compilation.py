"""Compilation of a definition's expressions, and their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from formsvc.domain.definitions.schema import Rule
from formsvc.domain.expressions.evaluator import Expression, InvalidExpression, compile_expression
from formsvc.domain.expressions.functions import IMPLIED_LOOKUPS
from formsvc.domain.fields import Field
from formsvc.i18n.messages import msg

REFERENCE_PARTS = frozenset({"number", "title", "date", "act_id"})
ROLES = ("required", "shown", "computed", "default", "each_of", "personal_when")
# In the columns of an ``each_of`` table this name is bound to the list entry that the row belongs to.
ITEM_VARIABLE = "item"
# Each bound name with its members, or None if the members are not known.
Names = Mapping[str, frozenset[str] | None]
MessageTemplate = tuple[str | Expression, ...]
_IN_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class CompiledDefinition:
    """Compiled expressions of fields, by (path, role), and of rules, by id.

    ``computation_order`` lists the computed fields, each after the fields it uses.
    """

    expressions: Mapping[tuple[str, str], Expression] = field(default_factory=dict)
    checks: Mapping[str, Expression] = field(default_factory=dict)
    messages: Mapping[str, MessageTemplate] = field(default_factory=dict)
    computation_order: tuple[str, ...] = ()

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
        return frozenset(name for *_, e in self.owned_expressions() for name in e.structure.settings)

    def lookup_names(self) -> frozenset[str]:
        """Return the lookups read, named or implied by a function."""
        names: set[str] = set()
        for *_, expression in self.owned_expressions():
            names |= expression.structure.lookups
            names |= {IMPLIED_LOOKUPS[f] for f in expression.functions if f in IMPLIED_LOOKUPS}
        return frozenset(names)


@dataclass(frozen=True)
class CompileError:
    """Expression that cannot be used; ``owner`` is a field path or rule id."""

    owner: str
    property_name: str
    message: str


def undefined_lookups(compiled: CompiledDefinition, lookups: Mapping[str, object]) -> Iterator[CompileError]:
    """Yield an error for each lookup named that no file defines."""
    for owner, property_name, expression in compiled.owned_expressions():
        for name in sorted(expression.structure.lookups - set(lookups)):
            yield CompileError(owner, property_name, msg("没有代码表“{name}”。", name=name))


def bound_names(fields: Iterable[Field]) -> dict[str, frozenset[str] | None]:
    """Return the names bound in every expression, each with its members."""
    names: dict[str, frozenset[str] | None] = {}
    for entry in fields:
        if entry.kind == "rows":
            names[entry.key] = frozenset(c.key for c in entry.columns or ())
        elif entry.kind == "reference":
            names[entry.key] = REFERENCE_PARTS
        else:
            names[entry.key] = None if entry.kind == "files" else frozenset()
    return names


def compile_definition(
    fields: Iterable[Field], rules: Iterable[Rule]
) -> tuple[CompiledDefinition, list[CompileError]]:
    """Compile every expression; those with errors are left out and reported."""
    compiler = _Compiler(tuple(fields))
    for rule in rules:
        compiler.compile_rule(rule)
    return compiler.finish()


class _Compiler:
    """Collects the compiled expressions and the errors of one definition."""

    def __init__(self, fields: tuple[Field, ...]) -> None:
        self._fields = fields
        self._names = bound_names(fields)
        self._expressions: dict[tuple[str, str], Expression] = {}
        self._checks: dict[str, Expression] = {}
        self._messages: dict[str, MessageTemplate] = {}
        self._errors: list[CompileError] = []
        for entry in fields:
            self._compile_field(entry, entry.key, self._names)
            for column in entry.columns or ():
                self._compile_field(column, f"{entry.key}.{column.key}", self._names_in_rows(entry))

    def finish(self) -> tuple[CompiledDefinition, list[CompileError]]:
        order = self._computation_order()
        compiled = CompiledDefinition(self._expressions, self._checks, self._messages, order)
        return compiled, self._errors

    def compile_rule(self, rule: Rule) -> None:
        rows = next((f for f in self._fields if f.key == rule.each), None) if rule.each else None
        names = self._names_in_rows(rows) if rows else self._names
        try:
            self._checks[rule.id] = compile_expression(rule.check, names)
        except InvalidExpression as error:
            self._report(rule.id, "check", error)
        try:
            self._messages[rule.id] = _compile_message(rule.message, names)
        except InvalidExpression as error:
            self._report(rule.id, "message", error)

    def _names_in_rows(self, entry: Field) -> Names:
        names: dict[str, frozenset[str] | None] = dict(self._names)
        names |= {"row": frozenset(c.key for c in entry.columns or ()), "index": None}
        if entry.each_of:
            names[ITEM_VARIABLE] = None
        return names

    def _compile_field(self, entry: Field, path: str, names: Names) -> None:
        sources = {role: getattr(entry, role) for role in ROLES}
        for target, source in (entry.carry or {}).items():
            sources[f"carry.{target}"] = source
        for role, source in sources.items():
            # ``required`` may be a plain bool
            if not isinstance(source, str):
                continue
            visible = {**names, "source": None} if role.startswith("carry.") else names
            try:
                self._expressions[path, role] = compile_expression(source, visible)
            except InvalidExpression as error:
                self._report(path, role, error)

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


def _compile_message(text: str, names: Names) -> MessageTemplate:
    # re.split with one group: every odd piece is the content of a pair of braces
    pieces = _IN_BRACES.split(text)
    return tuple(compile_expression(piece, names) if i % 2 else piece for i, piece in enumerate(pieces))


def _cycle_error(keys: list[str]) -> CompileError:
    sentence = msg("计算循环：{keys}，至少有一个不能由其他几个算出。", keys=" → ".join(keys))
    return CompileError(keys[0], "computed", sentence)
