"""Ledger (台账) of one kind of act as an Excel workbook."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from formsvc.domain.acts.act import Act
from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.former_keys import with_present_keys
from formsvc.domain.fields.roles import Roles

FIXED = ("文号", "状态", "当事人", "成文日期", "编号时间", "承办人", "签发人", "作废理由")
# characters; wider columns push the others off the screen
WIDEST = 40


def ledger_workbook(definition: FormDefinition, acts: list[Act]) -> bytes:
    """Return one row an act: fixed columns, then every field."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = definition.id
    roles = definition.roles
    fixed = {"doc_no", *map(roles.key, ("date", "drafter", "approver"))}
    fields = [f for f in definition.fields if f.key not in fixed]
    rows = [[*FIXED, *(f.label for f in fields)]]
    for act in acts:
        answers = with_present_keys(definition.renamed_fields, act.answers)
        rows.append(
            [*_fixed_cells(act, roles, answers), *(_printed_text(f, answers.get(f.key)) for f in fields)]
        )
    for r, row in enumerate(rows, 1):
        for c, text in enumerate(row, 1):
            cell = sheet.cell(row=r, column=c)
            assert isinstance(cell, Cell)
            _write_text(cell, text, head=r == 1)
    for c in range(1, len(rows[0]) + 1):
        widest = max(_width(str(row[c - 1])) for row in rows)
        sheet.column_dimensions[get_column_letter(c)].width = min(WIDEST, widest + 2)
    sheet.freeze_panes = "B2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fixed_cells(act: Act, roles: Roles, answers: Mapping[str, Any]) -> list[str]:
    return [
        act.number,
        act.state_name,
        act.party,
        act.dated,
        act.issued_at[:16].replace("T", " "),
        roles.text(answers, "drafter"),
        roles.text(answers, "approver"),
        act.void_reason,
    ]


def _printed_text(field: Field, value: Any) -> str:
    value_text = FIELD_TYPES[field.kind].display(field, value)[""]
    if isinstance(value_text, bool):
        return "是" if value_text else "否"
    if isinstance(value_text, list):
        return "\n".join(
            "，".join(map(str, row.values())) if isinstance(row, dict) else str(row) for row in value_text
        )
    return str(value_text)


def _write_text(cell: Cell, text: str, *, head: bool) -> None:
    cell.value = text
    # a text that begins with = would else become a formula
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if head:
        cell.font = Font(bold=True)


def _width(text: str) -> int:
    line = max(text.split("\n"), key=len, default="")
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in line)
