"""Ledger (台账) of one kind of act as an Excel workbook."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

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
    from formsvc.documents.generated import text_workbook

    book, sheet = text_workbook.new_workbook(definition.id)
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
            text_workbook.write_text(sheet.cell(row=r, column=c), text, bold=r == 1)
    widths = [max(_width(str(cell)) for cell in column) for column in zip(*rows, strict=True)]
    text_workbook.set_widths(sheet, [min(WIDEST, width + 2) for width in widths])
    sheet.freeze_panes = "B2"
    return text_workbook.workbook_bytes(book)


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


def _width(text: str) -> int:
    line = max(text.split("\n"), key=len, default="")
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in line)
