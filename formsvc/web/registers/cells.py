"""Rows of a register as pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.registers.cell_texts import translatable_cell
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.personal_columns import has_personal_data, masked_row
from formsvc.domain.registers.projection import ProjectedRow, RowState
from formsvc.i18n.messages import DefinitionText, join_messages
from formsvc.web.filters import day


@dataclass(frozen=True)
class Cell:
    """A cell with its column's name; ``is_missing``: it should be filled in."""

    name: str
    text: str
    is_number: bool = False
    is_day: bool = False
    is_missing: bool = False


@dataclass(frozen=True)
class ShownRow:
    """A row of a list; ``ending`` says when and why it ended."""

    id: str
    name: str
    subtitle: str
    cells: tuple[Cell, ...]
    ending: str = ""


def shown_row(register: RegisterDefinition, row: ProjectedRow, columns: Sequence[str]) -> ShownRow:
    """Return a row with these columns; personal data are masked."""
    values = masked_row(register, row.values, row.traced)
    subtitle = register.source.subtitle_column
    return ShownRow(
        row.row,
        register.name_of(values) or _("（未填）"),
        cell_text(register, subtitle, values.get(subtitle)) if subtitle else "",
        tuple(_cell(register, key, values) for key in columns),
        _ending_text(register, row),
    )


def _ending_text(register: RegisterDefinition, row: ProjectedRow) -> str:
    if row.state is RowState.PLANNED:
        return str(_("%(day)s 起", day=day(row.turns)))
    if row.state is not RowState.ENDED:
        return ""
    reason = DefinitionText(register.id, row.ending.get("reason", "")) or _("由文书终止")
    return str(_("%(day)s，%(reason)s", day=day(row.ending.get("day")), reason=reason))


def _cell(register: RegisterDefinition, key: str, values: Mapping[str, JSON]) -> Cell:
    column = register.column(key)
    kind = column.kind if column else ""
    return Cell(
        register.label_of(key),
        cell_text(register, key, values.get(key)),
        kind in ("integer", "decimal", "money"),
        kind == "date",
        is_empty(values.get(key)) and key in register.source.expected,
    )


def cell_text(register: RegisterDefinition, key: str, value: JSON) -> str:
    """Return a value in a few words; days as 2026-12-01."""
    column = register.column(key)
    if column is not None and column.kind == "date" and isinstance(value, str):
        return value
    text = translatable_cell(register.id, column, value)
    return join_messages(text, column.unit, separator=" ") if column and column.unit and text else text


def row_lines(
    register: RegisterDefinition, row: ProjectedRow, *, personal: bool
) -> list[tuple[str, str, bool]]:
    """Return name, text and whether it is missing, for each column."""
    values = row.values if personal else masked_row(register, row.values, row.traced)
    return [
        (column.label, cell.text, cell.is_missing)
        for column in register.columns
        for cell in [_cell(register, column.key, values)]
        if cell.text or cell.is_missing
    ]


def hides_personal(register: RegisterDefinition, row: ProjectedRow) -> bool:
    """Return whether a row has texts that are masked."""
    return has_personal_data(register, row.values, row.traced)
