"""Ledger (台账) of one kind of act as an Excel workbook.

The first sheet has one row an act. Tables and texts longer than a cell have sheets of their own, by document number.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from formsvc.domain.acts.act import Act
from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.base import CellValue
from formsvc.domain.fields.former_keys import with_present_keys
from formsvc.domain.fields.roles import Roles
from formsvc.domain.parsing import iso_day

FIXED = ("文号", "状态", "当事人", "成文日期", "编号时间", "承办人", "签发人", "作废理由")
# of an act without number, as the sheets of its tables name it
ID = "系统编号"
# characters; wider columns push the others off the screen
WIDEST = 40
# of a cell (ECMA-376 and Excel), in UTF-16 units; a part of a text beyond that
_CELL_UNITS = 32_767
_PART_CHARACTERS = 16_000
_LONG_TEXTS = "长文字"
Row = list[CellValue]


@dataclass
class LedgerSheet:
    """A sheet: its name, the head and the rows."""

    title: str
    head: list[str]
    rows: list[Row] = field(default_factory=list)


def ledger_workbook(
    definition: FormDefinition, acts: Sequence[Act], revisions: Mapping[str, FormDefinition] | None = None
) -> bytes:
    """Return the workbook; ``revisions`` are the definitions acts have."""
    from formsvc.documents.generated import text_workbook

    sheets = _ledger_sheets(definition, acts, revisions or {})
    book, worksheet = text_workbook.new_workbook(sheets[0].title)
    names = text_workbook.sheet_names([sheet.title for sheet in sheets])
    for number, (sheet, name) in enumerate(zip(sheets, names, strict=True)):
        target = worksheet if number == 0 else book.create_sheet(name)
        rows: list[Row] = [[*sheet.head], *sheet.rows]
        for r, row in enumerate(rows, 1):
            for c, value in enumerate(row, 1):
                text_workbook.write_value(target.cell(row=r, column=c), value, bold=r == 1)
        widths = [
            max(_width(text_workbook.shown_text(cell)) for cell in column) for column in _columns(sheet)
        ]
        text_workbook.set_widths(target, [min(WIDEST, width + 2) for width in widths])
        target.freeze_panes = "B2"
    return text_workbook.workbook_bytes(book)


def _columns(sheet: LedgerSheet) -> Iterable[tuple[CellValue, ...]]:
    return zip(sheet.head, *sheet.rows, strict=True)


def _ledger_sheets(
    definition: FormDefinition, acts: Sequence[Act], revisions: Mapping[str, FormDefinition]
) -> list[LedgerSheet]:
    shown = [_ShownAct(act, definition, revisions.get(act.revision, definition)) for act in acts]
    columns = _ledger_columns(definition, shown)
    main = LedgerSheet(definition.id, [*FIXED, *(label for label, _key in columns), ID])
    tables: dict[str, LedgerSheet] = {}
    for label, key in columns:
        known = [entry for act in shown if (entry := act.field(key)) and entry.columns]
        if known:
            tables[key] = LedgerSheet(label, _table_head(known))
    long_texts = LedgerSheet(_LONG_TEXTS, [FIXED[0], ID, "栏目", "第几段", "文字"])
    for act in shown:
        row: Row = [*act.fixed_cells(definition.roles)]
        for _label, key in columns:
            row.append(act.cell(key))
            if key in tables:
                tables[key].rows += act.table_rows(key, tables[key].head)
        row.append(act.act.id)
        main.rows.append(
            [
                _fitting(value, name, act, tables, long_texts)
                for name, value in zip(main.head, row, strict=True)
            ]
        )
    more = [sheet for sheet in (*tables.values(), long_texts) if sheet.rows]
    return [main, *more]


def _ledger_columns(definition: FormDefinition, acts: Sequence[_ShownAct]) -> list[tuple[str, str]]:
    """Return label and key: the fields of today, then those of before."""
    roles = definition.roles
    fixed = {"doc_no", *map(roles.key, ("date", "drafter", "approver"))}
    present = {f.key: f.label for f in _answered(definition) if f.key not in fixed}
    former: dict[str, str] = {}
    for act in acts:
        for entry in _answered(act.own):
            if entry.key not in fixed and entry.key not in act.renamed and entry.key not in present:
                former[entry.key] = f"{entry.label}（以前的表单）"
    return [
        *((label, key) for key, label in present.items()),
        *((label, key) for key, label in former.items()),
    ]


def _answered(definition: FormDefinition) -> list[Field]:
    return [entry for entry in definition.fields if FIELD_TYPES[entry.kind].holds_answer]


def _table_head(known: Sequence[Field]) -> list[str]:
    labels = dict.fromkeys(
        label for entry in known for column in entry.columns or () for label in _labels(column)
    )
    return [FIXED[0], ID, "第几行", *labels]


class _ShownAct:
    """An act's answers under the present keys, with their fields."""

    def __init__(self, act: Act, present: FormDefinition, own: FormDefinition) -> None:
        self.act, self.own = act, own
        self._present = {f.key: f for f in present.fields}
        self.renamed = {name for f in present.fields for name in f.formerly}
        self._answers = with_present_keys(present.renamed_fields, act.answers)

    def field(self, key: str) -> Field | None:
        """Return the field as it was when the act was made, if it had one."""
        own = next((f for f in self.own.fields if f.key == key), None)
        present = self._present.get(key)
        if own is None or present is None or own.columns is None or present.columns is None:
            return own or present
        return own.model_copy(update={"columns": _all_columns(present.columns, own.columns)})

    def fixed_cells(self, roles: Roles) -> Row:
        act = self.act
        return [
            act.number,
            act.state_name,
            act.party,
            _day_or_text(act.dated),
            _moment_or_text(act.issued_at[:16]),
            roles.text(self._answers, "drafter"),
            roles.text(self._answers, "approver"),
            act.void_reason,
        ]

    def cell(self, key: str) -> CellValue:
        entry = self.field(key)
        return "" if entry is None else _cell(entry, self._answers.get(key))

    def table_rows(self, key: str, head: Sequence[str]) -> Iterator[Row]:
        entry, rows = self.field(key), self._answers.get(key)
        if entry is None or not isinstance(rows, list):
            return
        for number, row in enumerate(rows, 1):
            for cells in _lines(entry, row):
                yield [self.act.number, self.act.id, number, *(cells.get(label, "") for label in head[3:])]


def _labels(column: Field) -> list[str]:
    """Return the heading of a column, or those of the rows within it."""
    return [f"{column.label} › {inner.label}" for inner in column.columns or ()] or [column.label]


def _lines(entry: Field, row: Mapping[str, Any]) -> Iterator[dict[str, CellValue]]:
    """Yield the cells of a row by heading: a line for each row within it."""
    columns = entry.columns or ()
    own = {c.label: _cell(c, row.get(c.key)) for c in columns if not c.columns}
    inner = [(c, row.get(c.key) or []) for c in columns if c.columns]
    for number in range(max(1, *(len(rows) for _column, rows in inner)) if inner else 1):
        held = {
            f"{column.label} › {c.label}": _cell(c, rows[number].get(c.key))
            for column, rows in inner
            if number < len(rows)
            for c in column.columns or ()
        }
        yield {**own, **held}


def _all_columns(present: Sequence[Field], own: Sequence[Field]) -> list[Field]:
    """Return the columns of today as the act had them, then those taken out."""
    as_made = {column.key: column for column in own}
    known = {name for column in present for name in (column.key, *column.formerly)}
    return [
        *(as_made.get(column.key, column) for column in present),
        *(column for column in own if column.key not in known),
    ]


def _cell(entry: Field, value: Any) -> CellValue:
    kind = FIELD_TYPES[entry.kind]
    typed = kind.cell(entry, value)
    return _printed_text(entry, value) if typed is None else typed


def _printed_text(entry: Field, value: Any) -> str:
    kind = FIELD_TYPES[entry.kind]
    shown = kind.words(entry, value) if kind.holds_files else kind.display(entry, value)[""]
    if isinstance(shown, bool):
        return "是" if shown else "否"
    if entry.columns and isinstance(value, list):
        texts = ["，".join(filter(None, (_text_in_row(c, row) for c in entry.columns))) for row in value]
        return "\n".join(f"{n}. {text}" for n, text in enumerate(texts, 1))
    return "\n".join(map(str, shown)) if isinstance(shown, list) else str(shown)


def _text_in_row(column: Field, row: Mapping[str, Any]) -> str:
    return _printed_text(column, row.get(column.key)).replace("\n", "、")


def _fitting(
    value: CellValue, label: str, act: _ShownAct, tables: Mapping[str, LedgerSheet], long_texts: LedgerSheet
) -> CellValue:
    """Return a value that a cell can hold; a longer text goes elsewhere whole."""
    if not isinstance(value, str) or len(value.encode("utf-16-le")) // 2 <= _CELL_UNITS:
        return value
    if any(sheet.title == label for sheet in tables.values()):
        return f"共 {value.count(chr(10)) + 1} 行，超过一格能放的字数，见工作表“{label[:20]}”"
    parts = [value[at : at + _PART_CHARACTERS] for at in range(0, len(value), _PART_CHARACTERS)]
    long_texts.rows += [[act.act.number, act.act.id, label, n, part] for n, part in enumerate(parts, 1)]
    return f"共 {len(value)} 字，超过一格能放的字数，见工作表“{_LONG_TEXTS}”"


def _day_or_text(text: str) -> CellValue:
    try:
        return iso_day(text) or ""
    except ValueError:
        return text


def _moment_or_text(text: str) -> CellValue:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def _width(text: str) -> int:
    line = max(text.split("\n"), key=len, default="")
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in line)
