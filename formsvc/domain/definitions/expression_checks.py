"""Checks of compiled expressions against the places they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from formsvc.domain.definitions.compilation import CompiledDefinition, CompileError
from formsvc.domain.definitions.schema import Rule
from formsvc.domain.expressions.evaluator import Expression
from formsvc.domain.expressions.shapes import Shape
from formsvc.domain.expressions.syntax import Call, Name
from formsvc.domain.expressions.wording import kind_names
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.i18n.messages import msg

CONDITIONS = ("required", "shown", "readonly", "typed_when", "personal_when")
_VALUES = ("computed", "default")
_CONSTANT_REMEDIES = {
    "required": msg("请写不加引号的 true 或者 false"),
    "shown": msg("请删去 shown，或者写一条与其他字段有关的条件"),
    "readonly": msg("请写不加引号的 true，或者写一条与其他字段有关的条件"),
    "typed_when": msg("请删去 typed_when，或者写一条与其他字段有关的条件"),
    "personal_when": msg("请删去 personal_when，或者写一条与其他字段有关的条件"),
    "check": msg("请写一条与字段有关的条件，或者删去这一条核对"),
}


def check_expressions(
    fields: Iterable[Field], rules: Iterable[Rule], compiled: CompiledDefinition
) -> Iterator[CompileError]:
    """Yield expressions whose results cannot be used, and rings of ``shown``."""
    known = dict(_by_path(fields))
    for (path, role), expression in compiled.expressions.items():
        entry = known.get(path)
        if entry is not None:
            for sentence in _role_faults(entry, role, expression, known):
                yield CompileError(path, role, sentence)
    for rule in rules:
        check = compiled.checks.get(rule.id)
        for sentence in _condition_faults("check", check) if check else ():
            yield CompileError(rule.id, "check", sentence)
        for part in compiled.messages.get(rule.id, ()):
            if isinstance(part, Expression) and part.shape.present_kinds == {"map"}:
                sentence = msg("“{source}”印不成文字，请写明其中一项。", source=part.source)
                yield CompileError(rule.id, "message", sentence)
    yield from _rings(known, compiled)


def _by_path(fields: Iterable[Field]) -> Iterator[tuple[str, Field]]:
    for entry in fields:
        yield entry.key, entry
        for column in entry.columns or ():
            yield f"{entry.key}.{column.key}", column


def _role_faults(
    entry: Field, role: str, expression: Expression, known: Mapping[str, Field]
) -> Iterator[str]:
    if role in CONDITIONS:
        yield from _condition_faults(role, expression)
    elif role in _VALUES:
        yield from _value_faults(entry, expression)
    elif role == "options.where":
        yield from _type_of_condition(expression)
    elif role.startswith("carry."):
        target = known.get(role.removeprefix("carry."))
        yield from _value_faults(target, expression) if target else ()
    elif role == "each_of" and expression.shape.present_kinds and "list" not in expression.shape.kinds:
        yield msg(
            "“{source}”得出的是{kinds}，each_of 应得出一列内容。",
            source=expression.source,
            kinds=kind_names(expression.shape),
        )
    elif (
        role == "options.expression"
        and expression.shape.present_kinds
        and "list" not in expression.shape.kinds
    ):
        yield msg(
            "“{source}”得出的是{kinds}，选项应得出一列内容。",
            source=expression.source,
            kinds=kind_names(expression.shape),
        )


def _type_of_condition(expression: Expression) -> Iterator[str]:
    kinds = expression.shape.present_kinds
    if kinds and "bool" not in kinds:
        yield msg(
            "条件“{source}”得出的是{kinds}，得不出是或者否。",
            source=expression.source,
            kinds=kind_names(expression.shape),
        )


def _condition_faults(role: str, expression: Expression) -> Iterator[str]:
    wrong = list(_type_of_condition(expression))
    yield from wrong
    if not wrong and is_constant(expression):
        yield msg(
            "条件“{source}”不看任何字段，结果总是一样，{remedy}。",
            source=expression.source,
            remedy=_CONSTANT_REMEDIES[role],
        )


def is_constant(expression: Expression) -> bool:
    """Return whether an expression reads nothing that could change."""
    return not any(isinstance(node, Name | Call) for node in expression.tree.walk())


def _value_faults(entry: Field, expression: Expression) -> Iterator[str]:
    kind, shape = FIELD_TYPES.get(entry.kind), expression.shape
    sentence = type_fault(entry, expression.source, expression.shape)
    if sentence:
        yield sentence
    elif kind is not None and shape.is_only("text") and shape.words is not None:
        for word in sorted(shape.words):
            for problem in kind.parse_computed(entry, word, entry.key)[1][:1]:
                yield problem.message


def type_fault(entry: Field, source: str, shape: Shape) -> str:
    """Return why no type of an expression's results fits a field, or ""."""
    kind, found = FIELD_TYPES.get(entry.kind), shape.present_kinds
    if kind is None or not found or found & kind.computed_from:
        return ""
    return msg(
        "“{source}”得出的是{kinds}，不能填入“{label}”（{title}）。",
        source=source,
        kinds=kind_names(shape),
        label=entry.label,
        title=kind.title,
    )


def _rings(known: Mapping[str, Field], compiled: CompiledDefinition) -> Iterator[CompileError]:
    """Yield an error for fields whose appearance hangs on one another."""
    shown = {path: e for (path, role), e in compiled.expressions.items() if role == "shown"}
    graph = {path: _read_paths(path, expression) & set(shown) for path, expression in shown.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        ring = list(reversed(error.args[1]))
        labels = " → ".join(known[path].label for path in ring)
        sentence = msg("是否出现互相决定：{labels}，都不会出现，请删去其中一个条件。", labels=labels)
        yield CompileError(ring[0], "shown", sentence)


def _read_paths(path: str, expression: Expression) -> set[str]:
    table = path.partition(".")[0]
    columns = {f"{table}.{column}" for column in expression.row_columns()}
    return set(expression.names) | columns
