"""Checks of fields that are picked from a register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from formsvc.domain.definitions.compilation import CompiledDefinition, CompileError
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.field import Pick, PickedContent
from formsvc.domain.fields.options.source import OptionSource
from formsvc.domain.privacy.personal_answers import BY_KIND
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg

# By id; None for one whose own definition is faulty.
_Registers = Mapping[str, RegisterDefinition | None]


def check_picks(fields: Sequence[Field], registers: _Registers | None) -> Iterator[CompileError]:
    """Yield an error for each field, register and column that a pick misnames.

    Without ``registers`` only the fields are looked at.
    """
    keys = {entry.key: entry for entry in fields}
    for entry in fields:
        for column in entry.columns or ():
            if column.pick:
                owner = f"{entry.key}.{column.key}"
                yield CompileError(owner, "pick", msg("明细的列不能从登记簿选，请写在字段上。"))
        if entry.pick is None:
            continue
        if entry.kind != "text" or entry.computed:
            yield CompileError(entry.key, "pick", msg("只有填写的文字（text）字段可以从登记簿选。"))
        yield from _field_errors(entry, entry.pick, keys)
        if registers is not None:
            yield from _register_errors(entry.key, entry.pick, registers)


def check_options(
    fields: Sequence[Field], compiled: CompiledDefinition, registers: _Registers
) -> Iterator[CompileError]:
    """Yield an error for each register and column that options misname."""
    for path, source in _option_sources(fields):
        if source.register_name is None:
            continue
        yield from _unknown_register(path, "options.register", source.register_name, registers)
        register = registers.get(source.register_name)
        if register is None:
            continue
        named = [(part, key) for part in ("value", "label") if (key := getattr(source, part))]
        yield from _unknown_columns(path, "options", named, register)
        for part, key in named:
            column = register.column(key)
            if column is not None and (column.personal or column.kind in BY_KIND):
                sentence = msg("“{label}”是个人信息，只显示一部分，不能作选项。", label=column.label)
                yield CompileError(path, f"options.{part}", sentence)
        condition = compiled.expression(path, "options.where")
        read = sorted(condition.members_of("option")) if condition else []
        yield from _unknown_columns(path, "options.where", (("", key) for key in read), register)


def _option_sources(fields: Sequence[Field]) -> Iterator[tuple[str, OptionSource]]:
    for entry in fields:
        if entry.option_source:
            yield entry.key, entry.option_source
        for column in entry.columns or ():
            if column.option_source:
                yield f"{entry.key}.{column.key}", column.option_source


def _field_errors(entry: Field, pick: Pick, keys: Mapping[str, Field]) -> Iterator[CompileError]:
    if entry.key not in pick.fields:
        sentence = msg("选中的一行须填好“{field}”自己，请写明取哪一列。", field=entry.label)
        yield CompileError(entry.key, "pick.fields", sentence)
    for target in (*pick.fields, *pick.contents):
        known = keys.get(target)
        if known is None:
            sentence = msg(
                "要填的字段“{target}”不存在{near}。", target=target, near=did_you_mean(target, keys)
            )
            yield CompileError(entry.key, _place_of(pick, target), sentence)
        elif known.computed or known.columns:
            sentence = msg("“{target}”由系统计算或者是明细，不能从登记簿填。", target=target)
            yield CompileError(entry.key, _place_of(pick, target), sentence)
        elif target in pick.contents:
            yield from _content_errors(entry.key, known, pick.contents[target])


def _place_of(pick: Pick, target: str) -> str:
    return f"pick.{'fields' if target in pick.fields else 'contents'}.{target}"


def _content_errors(owner: str, target: Field, contents: Iterable[PickedContent]) -> Iterator[CompileError]:
    kind = FIELD_TYPES[target.kind]
    for number, content in enumerate(contents):
        value, problems = kind.parse(target, content.value, target.key)
        for problem in problems or kind.check(target, value, target.key):
            yield CompileError(owner, f"pick.contents.{target.key}.{number}.value", problem.message)


def _register_errors(owner: str, pick: Pick, registers: _Registers) -> Iterator[CompileError]:
    register = registers.get(pick.register_name)
    yield from _unknown_register(owner, "pick.register", pick.register_name, registers)
    if register:
        yield from _unknown_columns(owner, "pick.fields", pick.fields.items(), register)
        yield from _unknown_columns(
            owner, "pick.shown", ((str(n), key) for n, key in enumerate(pick.shown)), register
        )
        for target, contents in pick.contents.items():
            columns = ((f"{n}.when.{key}", key) for n, content in enumerate(contents) for key in content.when)
            yield from _unknown_columns(owner, f"pick.contents.{target}", columns, register)
    overdue = pick.overdue
    if overdue is None:
        return
    yield from _unknown_register(owner, "pick.overdue.register", overdue.register_name, registers)
    other = registers.get(overdue.register_name)
    if other:
        own = ((key, key) for key in (*overdue.columns, *overdue.closed))
        yield from _unknown_columns(owner, "pick.overdue.columns", own, other)
        yield from _unknown_columns(owner, "pick.overdue.day", [("", overdue.day)], other)
    if register:
        yield from _unknown_columns(owner, "pick.overdue.columns", overdue.columns.items(), register)


def _unknown_register(owner: str, place: str, name: str, registers: _Registers) -> Iterator[CompileError]:
    if name not in registers:
        sentence = msg("没有登记簿“{register}”{near}。", register=name, near=did_you_mean(name, registers))
        yield CompileError(owner, place, sentence)


def _unknown_columns(
    owner: str, place: str, named: Iterable[tuple[str, str]], register: RegisterDefinition
) -> Iterator[CompileError]:
    keys = [column.key for column in register.columns]
    for step, column in named:
        if column not in keys:
            near = did_you_mean(column, keys)
            sentence = msg(
                "登记簿“{title}”没有列“{column}”{near}。", title=register.title, column=column, near=near
            )
            yield CompileError(owner, f"{place}.{step}" if step else place, sentence)
