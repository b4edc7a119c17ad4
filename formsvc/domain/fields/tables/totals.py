"""Totals of the columns of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from formsvc.domain.fields.base import FieldKind
from formsvc.domain.fields.field import Field
from formsvc.domain.fields.numbers import DecimalKind, IntegerKind, MoneyKind, plain_text
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg

TOTAL_SUFFIX = "_total"


def printed_totals(
    field: Field, rows: Sequence[Mapping[str, JSON]], kinds: Mapping[str, FieldKind]
) -> dict[str, JSON]:
    """Return the printed total of each column that has one.

    Numbers are added up; of other columns the filled cells are counted.
    """
    totals: dict[str, JSON] = {}
    for column in totalled_columns(field):
        cells = [row.get(column.key) for row in rows if not is_empty(row.get(column.key))]
        kind = kinds[column.kind]
        if is_added_up(column):
            totals[column.key] = kind.display(column, _sum(kind, cells))[""]
        else:
            totals[column.key] = len(cells)
    return totals


def totals_in_words(
    field: Field, rows: Sequence[Mapping[str, JSON]], kinds: Mapping[str, FieldKind]
) -> dict[str, str]:
    """Return the totals with their units, by column."""
    printed = printed_totals(field, rows, kinds)
    return {
        column.key: msg("{told}{unit}", told=str(printed[column.key]), unit=total_unit(column))
        for column in totalled_columns(field)
    }


def totalled_columns(field: Field) -> list[Field]:
    """Return the columns that have a total, in the order of the table."""
    return [column for column in field.columns or () if column.key in (field.total or ())]


def is_added_up(column: Field) -> bool:
    """Return whether the total is a sum; otherwise it counts cells."""
    return column.kind in (IntegerKind.name, DecimalKind.name, MoneyKind.name)


def total_unit(column: Field) -> str:
    """Return the unit of a total: the column's own, or that of counting."""
    if not is_added_up(column):
        return msg("项")
    return column.unit or (msg("元") if column.kind == MoneyKind.name else "")


def _sum(kind: FieldKind, cells: Sequence[JSON]) -> JSON:
    numbers = (number for cell in cells if (number := _number(cell)) is not None)
    total = sum(numbers, Decimal(0))
    if isinstance(kind, MoneyKind):
        return f"{total:.2f}"
    return plain_text(total)


def _number(cell: JSON) -> Decimal | None:
    """Return the number of a cell, None for what is masked or unreadable."""
    try:
        number = Decimal(str(cell))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def total_faults(field: Field) -> list[tuple[str, str]]:
    """Return faults of the columns named under ``total``."""
    columns = [column.key for column in field.columns or ()]
    unknown = [key for key in field.total or () if key not in columns]
    if unknown:
        near = did_you_mean(unknown[0], columns)
        return [("total", msg("合计的列“{key}”不在明细的列中{near}。", key=unknown[0], near=near))]
    if len(set(field.total or ())) < len(field.total or ()):
        return [("total", msg("合计的列有重复。"))]
    return []
