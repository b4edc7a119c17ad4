"""Every expression of a definition, compiled, and the order in which computed fields are computed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from formsvc.domain.definitions.schema import Rule
from formsvc.domain.expressions.evaluator import Expression, ExpressionFaulty, compile_expression
from formsvc.domain.expressions.functions import IMPLIED_LOOKUPS
from formsvc.domain.fields import Field
from formsvc.i18n.messages import msg

REFERENCE_PARTS = frozenset({"number", "title", "date", "act_id"})
ROLES = ("required", "shown", "computed", "default", "each_of", "personal_when")
COUNTERPART = "item"
"""What a row of ``each_of`` stands for, in the expressions of its columns."""
Known = Mapping[str, frozenset[str] | None]
Message = tuple[str | Expression, ...]
_IN_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass
class Compiled:
    """Compiled expressions by (path of the field, role); rules by id; ``order`` of what is computed."""

    expressions: dict[tuple[str, str], Expression] = field(default_factory=dict)
    checks: dict[str, Expression] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    order: tuple[str, ...] = ()

    def of(self, path: str, role: str) -> Expression | None:
        """The expression of a field's role, or None."""
        return self.expressions.get((path, role))

    def everything(self) -> Iterator[Expression]:
        """Every expression there is."""
        yield from self.expressions.values()
        yield from self.checks.values()
        for message in self.messages.values():
            yield from (part for part in message if isinstance(part, Expression))

    def settings(self) -> frozenset[str]:
        """The office's own rules that expressions ask for."""
        return frozenset(name for e in self.everything() for name in e.shape.settings)

    def lookups(self) -> frozenset[str]:
        """The lookups that expressions read."""
        named = {name for e in self.everything() for name in e.shape.lookups}
        implied = {IMPLIED_LOOKUPS[f] for e in self.everything() for f in e.functions if f in IMPLIED_LOOKUPS}
        return frozenset(named | implied)


@dataclass(frozen=True)
class Trouble:
    """An expression that cannot be used: the field's path or the rule's id, the property, and why."""

    owner: str
    part: str
    sentence: str


def unknown_lookups(compiled: Compiled, lookups: Mapping[str, object]) -> Iterator[Trouble]:
    """Code lists that expressions name and nobody has written."""
    written = [(path, role, e) for (path, role), e in compiled.expressions.items()]
    written += [(rule, "check", e) for rule, e in compiled.checks.items()]
    for rule, message in compiled.messages.items():
        written += [(rule, "message", part) for part in message if isinstance(part, Expression)]
    for owner, part, expression in written:
        for name in sorted(expression.shape.lookups - set(lookups)):
            yield Trouble(owner, part, msg("没有代码表“{name}”。", name=name))


def known_names(fields: Iterable[Field]) -> dict[str, frozenset[str] | None]:
    """What is bound in every expression, with the members each name has."""
    known: dict[str, frozenset[str] | None] = {}
    for entry in fields:
        if entry.kind == "rows":
            known[entry.key] = frozenset(c.key for c in entry.columns or ())
        elif entry.kind == "reference":
            known[entry.key] = REFERENCE_PARTS
        else:
            known[entry.key] = None if entry.kind == "files" else frozenset()
    return known


def compile_all(fields: Iterable[Field], rules: Iterable[Rule]) -> tuple[Compiled, list[Trouble]]:
    """Compile everything; what cannot be used is left out and told."""
    fields, rules = tuple(fields), tuple(rules)
    known = known_names(fields)
    compiled, troubles = Compiled(), []
    for entry in fields:
        troubles += _compile_field(compiled, entry, entry.key, known)
        inner = {**known, "row": frozenset(c.key for c in entry.columns or ()), "index": None}
        if entry.each_of:
            inner[COUNTERPART] = None
        for column in entry.columns or ():
            troubles += _compile_field(compiled, column, f"{entry.key}.{column.key}", inner)
    for rule in rules:
        troubles += _compile_rule(compiled, rule, fields, known)
    compiled.order, cycles = _order(fields, compiled)
    return compiled, [*troubles, *cycles]


def _compile_field(compiled: Compiled, entry: Field, path: str, known: Known) -> list[Trouble]:
    written = {role: getattr(entry, role) for role in ROLES}
    for target, source in (entry.carry or {}).items():
        written[f"carry.{target}"] = source
    troubles = []
    for role, source in written.items():
        if not isinstance(source, str):
            continue
        names = {**known, "source": None} if role.startswith("carry.") else known
        try:
            compiled.expressions[path, role] = compile_expression(source, names)
        except ExpressionFaulty as error:
            troubles += [Trouble(path, role, sentence) for sentence in error.sentences]
    return troubles


def _compile_rule(compiled: Compiled, rule: Rule, fields: tuple[Field, ...], known: Known) -> list[Trouble]:
    names = dict(known)
    rows = next((f for f in fields if f.key == rule.each), None) if rule.each else None
    if rows:
        names |= {"row": frozenset(c.key for c in rows.columns or ()), "index": None}
    if rows and rows.each_of:
        names[COUNTERPART] = None
    troubles = []
    try:
        compiled.checks[rule.id] = compile_expression(rule.check, names)
    except ExpressionFaulty as error:
        troubles += [Trouble(rule.id, "check", sentence) for sentence in error.sentences]
    try:
        compiled.messages[rule.id] = _message(rule.message, names)
    except ExpressionFaulty as error:
        troubles += [Trouble(rule.id, "message", sentence) for sentence in error.sentences]
    return troubles


def _message(text: str, known: Known) -> Message:
    pieces = _IN_BRACES.split(text)
    return tuple(compile_expression(piece, known) if i % 2 else piece for i, piece in enumerate(pieces))


def _order(fields: tuple[Field, ...], compiled: Compiled) -> tuple[tuple[str, ...], list[Trouble]]:
    """Fields with something computed, each after what it uses; rows stand for their computed columns."""
    uses: dict[str, set[str]] = {}
    troubles: list[Trouble] = []
    for entry in fields:
        columns, cycles = _column_order(entry, compiled)
        troubles += cycles
        sources = [
            compiled.of(entry.key, "computed"),
            compiled.of(entry.key, "each_of"),
            *(compiled.of(f"{entry.key}.{c}", "computed") for c in columns),
        ]
        if any(sources):
            used = {name for e in sources if e for name in e.names}
            uses[entry.key] = used - {"row", "index", COUNTERPART} - ({entry.key} if columns else set())
    graph = {key: used & set(uses) for key, used in uses.items()}
    try:
        return tuple(TopologicalSorter(graph).static_order()), troubles
    except CycleError as error:
        return (), [*troubles, _cycle(error.args[1])]


def column_order(entry: Field, compiled: Compiled) -> tuple[str, ...]:
    """The computed columns of rows, each after the columns it uses."""
    return _column_order(entry, compiled)[0]


def _column_order(entry: Field, compiled: Compiled) -> tuple[tuple[str, ...], list[Trouble]]:
    computed = {c.key: compiled.of(f"{entry.key}.{c.key}", "computed") for c in entry.columns or ()}
    graph = {key: e.row_columns() & {k for k, v in computed.items() if v} for key, e in computed.items() if e}
    try:
        return tuple(TopologicalSorter(graph).static_order()), []
    except CycleError as error:
        return (), [_cycle([f"{entry.key}.{key}" for key in error.args[1]])]


def _cycle(keys: list[str]) -> Trouble:
    return Trouble(
        keys[0], "computed", msg("计算循环：{keys}，至少有一个不能由其他几个算出。", keys=" → ".join(keys))
    )
