"""Rows of a register as sheets of a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from formsvc.domain.accounts.account import Right
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.base import CellValue
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.registers.cell_texts import text_of_cell
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.personal_columns import has_personal_data, masked_row
from formsvc.domain.registers.projection import ProjectedRow, RowState
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import Transaction
from formsvc.usecases.registers.excel.workbooks import TypedSheet
from formsvc.usecases.registers.row_index import bring_up_to_date
from formsvc.usecases.registers.row_owners import visible_audiences
from formsvc.usecases.registers.row_privacy import load_rows
from formsvc.usecases.registers.row_search import RowFilters, conditions_of, get_register, order_of

_STATES = {RowState.CURRENT: "", RowState.ENDED: msg("已停用"), RowState.PLANNED: msg("尚未生效")}


def export_sheets(
    ports: Ports, actor: Actor, register: str, filters: RowFilters | None = None, *, personal: bool = False
) -> list[TypedSheet]:
    """Return the rows of a list, all pages, with the headings an import reads.

    Tables within rows have sheets of their own. Personal data are masked; with ``personal`` they are not, and the
    export stands in the log.
    """
    definition = get_register(ports, register)
    bring_up_to_date(ports, definition)
    chosen = filters or RowFilters()
    with ports.store.read() as tx:
        rows = list(_rows(tx, actor, definition, chosen, ports))
    if personal and any(has_personal_data(definition, row.values, row.traced) for row in rows):
        log_personal_view(ports, actor, definition, msg("导出“{title}”", title=definition.title))
    shown = rows if personal else [_masked(definition, row) for row in rows]
    return [_main_sheet(ports, definition, shown), *_table_sheets(definition, shown)]


def log_personal_view(
    ports: Ports, actor: Actor, register: RegisterDefinition, what: str, row: ProjectedRow | None = None
) -> None:
    """Log that a person saw personal data of a register unmasked."""
    detail = {"register": register.id, **({"row": row.row} if row else {})}
    with ports.store.write() as tx:
        record_event(tx, ports.clock, actor, "", "Viewed", note=what, **detail)


def may_view(actor: Actor) -> bool:
    """Return whether the person may look at registers.

    People who may view acts may, and administrators.
    """
    return actor.via == "console" or actor.account.is_admin or actor.account.may(Right.VIEW, "")


def _rows(
    tx: Transaction, actor: Actor, register: RegisterDefinition, filters: RowFilters, ports: Ports
) -> Iterator[ProjectedRow]:
    audiences = visible_audiences(tx, actor, register.id)
    conditions = conditions_of(register, filters, ports.clock.today(), audiences)
    slot, descending = order_of(register, filters)
    records = tx.register_rows.find(*conditions, order=slot, descending=descending)
    yield from load_rows(ports, tx, records)


def _masked(register: RegisterDefinition, row: ProjectedRow) -> ProjectedRow:
    return replace(row, values=masked_row(register, row.values, row.traced))


def _main_sheet(ports: Ports, register: RegisterDefinition, rows: list[ProjectedRow]) -> TypedSheet:
    former = _former_columns(register, rows)
    head = [register.heading_of(column.key) for column in register.columns]
    head += [str(msg("{key}（以前的列）", key=key)) for key in former]
    has_states = any(row.state is not RowState.CURRENT for row in rows)
    if has_states:
        head += [str(msg("是否停用")), str(msg("停用日期")), str(msg("停用原因"))]
    lines: list[list[CellValue]] = []
    for row in rows:
        cells = [cell_of(column, row.values.get(column.key)) for column in register.columns]
        cells += [str(row.values.get(key) or "") for key in former]
        if has_states:
            ending = row.ending
            cells += [str(_STATES[row.state]), str(ending.get("day", "")), str(ending.get("reason", ""))]
        lines.append(cells)
    printed = msg("{day} 导出，共 {n} {unit}", day=ports.clock.today(), n=len(rows), unit=register.unit)
    return TypedSheet(str(register.title), head, lines, (str(register.title), str(printed)))


def _former_columns(register: RegisterDefinition, rows: Iterable[ProjectedRow]) -> list[str]:
    """Return the keys that rows still have and the definition has no more."""
    keys = dict.fromkeys(key for row in rows for key, value in row.values.items() if not is_empty(value))
    return [key for key in keys if register.column(key) is None]


def _table_sheets(register: RegisterDefinition, rows: list[ProjectedRow]) -> Iterator[TypedSheet]:
    key_column = register.source.key[0]
    for column in register.columns:
        if not column.columns:
            continue
        head = [
            register.heading_of(key_column),
            str(msg("第几行")),
            *(inner.label for inner in column.columns),
        ]
        lines = [
            [row.key, number, *(cell_of(inner, item.get(inner.key)) for inner in column.columns)]
            for row in rows
            for number, item in enumerate(_items(row.values.get(column.key)), 1)
        ]
        if lines:
            yield TypedSheet(column.label, head, lines)


def _items(value: JSON) -> list[Mapping[str, JSON]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def cell_of(column: Field, value: JSON) -> CellValue:
    """Return a value as a typed cell: a number, a day, or a text."""
    if is_empty(value):
        return ""
    typed = FIELD_TYPES[column.kind].cell(column, value)
    if typed is not None:
        return typed
    if column.columns:
        return str(msg("{n} 行，见工作表“{label}”", n=len(_items(value)), label=column.label))
    return text_of_cell(column, value)


def empty_sheet(register: RegisterDefinition) -> TypedSheet:
    """Return a sheet with the headings alone, to fill in and import."""
    columns = [column for column in register.columns if not column.columns]
    return TypedSheet(str(register.title), [register.heading_of(column.key) for column in columns], [])
