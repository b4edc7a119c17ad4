"""Checks of effects against the registers that they write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from formsvc.domain.definitions.compilation import LIFE, CompiledLife, CompileError
from formsvc.domain.definitions.expression_checks import type_fault
from formsvc.domain.expressions.evaluator import Expression
from formsvc.domain.fields import Field
from formsvc.domain.life.effects import EVENTS, Effect, Verb
from formsvc.domain.life.schema import Life
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.projection import slot_of
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg

# Registers by id; None for one whose own definition is faulty.
KnownRegisters = Mapping[str, RegisterDefinition | None]
# Properties of an effect that name columns.
WRITTEN = ("match", "set", "added")


def check_registers(
    life: Life, compiled: CompiledLife, registers: KnownRegisters, fields: Iterable[Field]
) -> Iterator[CompileError]:
    """Yield an error for each register and column that an effect misnames.

    Without them a document could not be issued.
    """
    picks = {entry.key: entry.pick.register_name for entry in fields if entry.pick}
    for event in EVENTS:
        for path, effect in life.effects.located(event):
            if effect.register_name:
                yield from _register_errors(path, effect, compiled, registers)
                party = registers.get(picks.get(effect.row_of, ""))
                register = registers.get(effect.register_name)
                if party and register:
                    yield from _party_errors(path, effect, register, party)


def _party_errors(
    path: str, effect: Effect, register: RegisterDefinition, party: RegisterDefinition
) -> Iterator[CompileError]:
    """Yield an error for each column that cannot be taken from a party's row."""
    for part in ("row_match", "row_set"):
        for name, source in getattr(effect, part).items():
            place, unknown = f"{path}.{part}.{name}", None
            column, taken = register.column(name), party.column(source)
            if column is None or taken is None:
                unknown = (register, name) if column is None else (party, source)
            elif column.kind != taken.kind or column.columns:
                sentence = msg("“{column}”与“{taken}”不是同一种列。", column=column.label, taken=taken.label)
                yield _error(place, sentence)
            if unknown:
                yield _unknown_column(place, *unknown)


def _unknown_column(path: str, register: RegisterDefinition, name: str) -> CompileError:
    outer, _, inner = name.partition(".")
    table = register.column(outer) if inner else None
    columns = (table or register.source).columns or ()
    near = did_you_mean(inner if table else outer, [column.key for column in columns])
    return _error(
        path, msg("登记簿“{title}”没有列“{column}”{near}。", title=register.title, column=name, near=near)
    )


def column_of(register: RegisterDefinition | None, name: str) -> Field | None:
    """Return the column meant by ``matters`` or ``matters.name``, or None."""
    outer, _, inner = name.partition(".")
    column = register.column(outer) if register else None
    return column.column(inner) if column and inner else column


def _register_errors(
    path: str, effect: Effect, compiled: CompiledLife, registers: KnownRegisters
) -> Iterator[CompileError]:
    name = effect.register_name
    register = registers.get(name)
    if name not in registers:
        near = did_you_mean(name, registers)
        yield _error(f"{path}.register", msg("没有登记簿“{register}”{near}。", register=name, near=near))
    elif register is None:
        sentence = msg(
            "登记簿“{register}”自己的定义有错误，请先改正 registers/{register}.json。", register=name
        )
        yield _error(f"{path}.register", sentence)
    else:
        for part in WRITTEN:
            for column in getattr(effect, part):
                yield from _column_errors(f"{path}.{part}.{column}", column, compiled, register)
        yield from _missing_columns(path, effect, register)


def _column_errors(
    path: str, name: str, compiled: CompiledLife, register: RegisterDefinition
) -> Iterator[CompileError]:
    column = column_of(register, name)
    if column is None:
        yield _unknown_column(path, register, name)
        return
    expression = compiled.expressions.get(path)
    if expression is None:
        return
    for reason in (
        type_fault(column, expression.source, expression.shape),
        *_row_faults(path, column, expression, compiled),
    ):
        if reason:
            yield _error(path, msg("登记簿“{title}”：{reason}", title=register.title, reason=reason))


def _row_faults(path: str, table: Field, expression: Expression, compiled: CompiledLife) -> Iterator[str]:
    """Yield why columns of whole rows do not fit those of a register's table."""
    for key, shape in (expression.shape.element_shape.members or {}).items():
        column = table.column(key)
        # a column with an expression of its own does not take what stands in the row
        if column is not None and f"{path}.{key}" not in compiled.expressions:
            yield type_fault(column, f"{expression.source}.{key}", shape)


def _missing_columns(path: str, effect: Effect, register: RegisterDefinition) -> Iterator[CompileError]:
    """Yield an error for columns without which no row can be written or found."""
    written = {*effect.set, *effect.match, *effect.added, *effect.row_set}
    number, expected = register.source.key_number, register.source.expected
    needed = [
        c.key
        for c in register.columns
        if (c.required is True and c.key not in expected) or c.key in register.source.key
        if number is None or c.key != number.column
    ]
    missing = [key for key in needed if key not in written]
    is_new = effect.verb is Verb.WRITE_ROWS or effect.missing == "add"
    if is_new and missing:
        part = "set" if effect.verb is Verb.WRITE_ROWS else "added"
        yield _error(f"{path}.{part}", _sentence_of_missing(register, missing))
    unnamed = [key for key in register.replaced_together if key not in effect.matched_columns]
    if (
        effect.verb is not Verb.WRITE_ROWS
        and not effect.of
        and unnamed
        and not any(is_findable(register, key) for key in effect.matched_columns)
    ):
        sentence = msg(
            "改登记簿“{title}”的行须在 match 中写明 {columns}，或者可以筛选、查找的列，或者写明 of。",
            title=register.title,
            columns="、".join(unnamed),
        )
        yield _error(f"{path}.match", sentence)


def is_findable(register: RegisterDefinition, column: str) -> bool:
    """Return whether rows are looked up by the content of a column."""
    return slot_of(register, column).startswith("f") or column in register.searched_columns


def _sentence_of_missing(register: RegisterDefinition, missing: list[str]) -> str:
    return msg(
        "写入登记簿“{title}”的一行还须写明 {columns}。", title=register.title, columns="、".join(missing)
    )


def _error(path: str, sentence: str) -> CompileError:
    return CompileError(LIFE, path, sentence)
