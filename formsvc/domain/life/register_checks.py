"""Checks of effects against the registers that they write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from formsvc.domain.definitions.compilation import LIFE, CompiledLife, CompileError
from formsvc.domain.definitions.expression_checks import type_fault
from formsvc.domain.expressions.evaluator import Expression
from formsvc.domain.fields import Field
from formsvc.domain.life.effects import EVENTS, Effect, Verb
from formsvc.domain.life.schema import Life
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg

# Registers by id; None for one whose own definition is faulty.
KnownRegisters = Mapping[str, RegisterDefinition | None]
# Properties of an effect that name columns.
WRITTEN = ("match", "set", "added")


def check_registers(life: Life, compiled: CompiledLife, registers: KnownRegisters) -> Iterator[CompileError]:
    """Yield an error for each register and column that an effect misnames.

    Without them a document could not be issued.
    """
    for event in EVENTS:
        for path, effect in life.effects.located(event):
            if effect.register_name:
                yield from _register_errors(path, effect, compiled, registers)


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
        outer, _, inner = name.partition(".")
        table = register.column(outer) if inner else None
        near = did_you_mean(
            inner if table else outer, [c.key for c in (table or register.source).columns or ()]
        )
        sentence = msg(
            "登记簿“{title}”没有列“{column}”{near}。", title=register.title, column=name, near=near
        )
        yield _error(path, sentence)
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
    written = {*effect.set, *effect.match, *effect.added}
    needed = [c.key for c in register.columns if c.required is True or c.key in register.source.key]
    missing = [key for key in needed if key not in written]
    is_new = effect.verb is Verb.WRITE_ROWS or effect.missing == "add"
    if is_new and missing:
        part = "set" if effect.verb is Verb.WRITE_ROWS else "added"
        yield _error(f"{path}.{part}", _sentence_of_missing(register, missing))
    unnamed = [key for key in register.replaced_together if key not in effect.match]
    if effect.verb is not Verb.WRITE_ROWS and not effect.of and unnamed:
        sentence = msg(
            "改登记簿“{title}”的行须在 match 中写明 {columns}，或者写明 of。",
            title=register.title,
            columns="、".join(unnamed),
        )
        yield _error(f"{path}.match", sentence)


def _sentence_of_missing(register: RegisterDefinition, missing: list[str]) -> str:
    return msg(
        "写入登记簿“{title}”的一行还须写明 {columns}。", title=register.title, columns="、".join(missing)
    )


def _error(path: str, sentence: str) -> CompileError:
    return CompileError(LIFE, path, sentence)
