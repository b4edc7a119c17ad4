"""Rows of registers that fields list as options."""

from __future__ import annotations

from collections.abc import Callable

from formsvc.domain.authorities import OptionRows
from formsvc.domain.fields import FIELD_TYPES
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.personal_columns import masked_row
from formsvc.domain.registers.projection import ProjectedRow, RowState
from formsvc.i18n.messages import join_messages, msg
from formsvc.limits import process_limits
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Transaction
from formsvc.usecases.registers.row_owners import complete_part, visible_part
from formsvc.usecases.registers.row_privacy import load_rows


def find_option_rows(ports: Ports, reader: Actor | None) -> Callable[[str], OptionRows]:
    """Return what gives the rows in force of a register, read once each.

    Those that ``reader`` may see, personal texts masked; None is the service itself.
    """
    known: dict[str, OptionRows] = {}

    def rows_of(name: str) -> OptionRows:
        if name not in known:
            known[name] = _read_rows(ports, reader, name)
        return known[name]

    return rows_of


def _read_rows(ports: Ports, reader: Actor | None, name: str) -> OptionRows:
    register = ports.definitions.registers().get(name)
    if register is None:
        return OptionRows(name, (), msg("没有登记簿“{register}”，请告知管理员。", register=name))
    most = process_limits().option_rows
    with ports.store.read() as tx:
        rows = _rows_in_force(ports, tx, reader, register, most + 1)
    if len(rows) > most:
        sentence = msg("{title}超过 {limit} 行，列不成选项，请告知管理员。", title=register.title, limit=most)
        return OptionRows(register.title, (), sentence)
    return OptionRows(register.title, tuple(_contents(register, row) for row in rows))


def _rows_in_force(
    ports: Ports, tx: Transaction, reader: Actor | None, register: RegisterDefinition, limit: int
) -> list[ProjectedRow]:
    if reader is None:
        part = complete_part(tx, register.id, RowState.CURRENT)
    else:
        part = visible_part(tx, reader, register.id, RowState.CURRENT)
    return load_rows(ports, tx, tx.register_rows.find(part, order="s1", limit=limit))


def _contents(register: RegisterDefinition, row: ProjectedRow) -> tuple[dict[str, JSON], dict[str, str]]:
    """Return a row as expressions see it, and the texts of its cells."""
    masked = masked_row(register, row.values, row.traced)
    values, texts = {}, {}
    for column in register.columns:
        kind = FIELD_TYPES[column.kind]
        value = row.values.get(column.key)
        values[column.key] = kind.to_expression(column, kind.empty() if value is None else value)
        shown = masked.get(column.key)
        words = "" if is_empty(shown) else kind.words(column, shown)
        texts[column.key] = (
            join_messages(*map(str, words), separator="、") if isinstance(words, list) else str(words)
        )
    return values, texts
