"""Row edits by buttons: add, copy, move, delete, restore, paste."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import Field
from formsvc.domain.fields.compound import is_endless, too_many_rows
from formsvc.domain.json_types import JSON
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import InputRefused

Row = dict[str, JSON]
UNPASTABLE_KINDS = frozenset({"files", "reference", "rows"})
# The undo is kept with the session, which each request reads
MAX_UNDO_LENGTH = 3000
# Excel and WPS quote a cell that has line breaks; a quotation mark that is not closed before the next cell is a letter
_PASTED_CELL = re.compile(r'"((?:[^"\t]|"")*+)"(?=[\t\n]|\Z)|([^\t\n]*)')


@dataclass(frozen=True)
class EditedRows:
    """Rows after an edit, the path to focus, the edit that undoes a delete.

    ``inner`` is the name of the table within a row that was edited, with the number of its rows: ``items-0-parts-3``.
    """

    rows: list[Row]
    focus: str
    undo: str = ""
    inner: str = ""

    @property
    def counts(self) -> str:
        """Return how many rows each table has that was edited: ``items-2``."""
        outer = f"{self.focus.partition('.')[0]}-{len(self.rows)}"
        return f"{outer},{self.inner}" if self.inner else outer


@dataclass(frozen=True)
class RowEdit:
    """A button's request; the meaning of ``rest`` depends on the verb."""

    verb: str
    key: str
    index: int = 0
    rest: str = ""

    @classmethod
    def parse(cls, text: str) -> RowEdit | None:
        """Parse a button's value like ``copy.hazards.1``, else return None."""
        verb, _, rest = text.partition(".")
        key, _, rest = rest.partition(".")
        index, _, rest = rest.partition(".")
        number = parse_whole_number(index or "0")
        if verb not in _VERBS or not key or number is None:
            return None
        return cls(verb, key, number, rest)


def apply_edit(
    edit: RowEdit, definition: FormDefinition, answers: Mapping[str, JSON], pasted: str = ""
) -> EditedRows | None:
    """Return the edited rows, None if there are none.

    Raise InputRefused above the row limit.
    """
    spec = definition.field(edit.key)
    if spec is None:
        return _apply_inner_edit(edit, definition, answers, pasted)
    if spec.columns is None:
        return None
    rows = [dict(row) for row in answers.get(edit.key) or []]
    return _edited(edit, spec, rows, pasted)


def _apply_inner_edit(
    edit: RowEdit, definition: FormDefinition, answers: Mapping[str, JSON], pasted: str
) -> EditedRows | None:
    """Return the outer rows, with the rows within one of them edited.

    The key of such an edit is the name of the inner table: ``items-0-parts``.
    """
    outer, _, rest = edit.key.partition("-")
    index, _, column = rest.partition("-")
    table, place = definition.field(outer), parse_whole_number(index)
    spec = table.column(column) if table else None
    rows = [dict(row) for row in answers.get(outer) or []]
    if table is None or spec is None or spec.columns is None or place is None or place >= len(rows):
        return None
    # paths within are those of the outer row
    named = spec.model_copy(update={"key": f"{outer}.{place}.{column}"})
    edited = _edited(edit, named, [dict(row) for row in rows[place].get(column) or []], pasted)
    if edited is None:
        return None
    rows[place][column] = edited.rows
    undo = edited.undo.replace(f".{named.key}.", f".{edit.key}.", 1)
    return EditedRows(rows, edited.focus, undo, f"{edit.key}-{len(edited.rows)}")


def _edited(edit: RowEdit, spec: Field, rows: list[Row], pasted: str) -> EditedRows | None:
    if edit.verb in CHECKLIST_VERBS:
        return None
    if edit.verb == "paste":
        return _paste(rows, spec, edit, pasted)
    if edit.verb not in ("add", "restore") and edit.index >= len(rows):
        return None
    edited: EditedRows = _VERBS[edit.verb](rows, spec, edit)
    return edited


def _first_editable_path(spec: Field, index: int) -> str:
    """Return the path of the first field of a row that is not computed."""
    column = next((c.key for c in spec.columns or () if c.computed is None or c.typed_when), "")
    return f"{spec.key}.{index}.{column}" if column else f"{spec.key}.{index}"


def _add(rows: list[Row], spec: Field, _edit: RowEdit) -> EditedRows:
    return EditedRows([*rows, {}], _first_editable_path(spec, len(rows)))


def _copy(rows: list[Row], spec: Field, edit: RowEdit) -> EditedRows:
    rows.insert(edit.index + 1, dict(rows[edit.index]))
    return EditedRows(rows, _first_editable_path(spec, edit.index + 1))


def _up(rows: list[Row], spec: Field, edit: RowEdit) -> EditedRows:
    return _swap(rows, spec, edit.index, max(edit.index - 1, 0))


def _down(rows: list[Row], spec: Field, edit: RowEdit) -> EditedRows:
    return _swap(rows, spec, edit.index, min(edit.index + 1, len(rows) - 1))


def _swap(rows: list[Row], spec: Field, index: int, target: int) -> EditedRows:
    rows[index], rows[target] = rows[target], rows[index]
    return EditedRows(rows, f"{spec.key}.{target}")


def _delete(rows: list[Row], spec: Field, edit: RowEdit) -> EditedRows:
    removed = rows.pop(edit.index)
    undo = f"restore.{spec.key}.{edit.index}.{_encode_row(removed)}" if any(removed.values()) else ""
    if not undo or len(undo) > MAX_UNDO_LENGTH:
        return EditedRows(rows, spec.key)
    return EditedRows(rows, f"{spec.key}.undo", undo)


def _restore(rows: list[Row], spec: Field, edit: RowEdit) -> EditedRows:
    # The address may have been edited by hand: only columns of this field come back
    columns = {c.key for c in spec.columns or ()}
    row = {key: value for key, value in _decode_row(edit.rest).items() if key in columns}
    rows.insert(edit.index, row)
    return EditedRows(rows, f"{spec.key}.{min(edit.index, len(rows) - 1)}")


_VERBS: dict[str, Any] = {
    "add": _add,
    "copy": _copy,
    "up": _up,
    "down": _down,
    "delete": _delete,
    "restore": _restore,
    "paste": None,
    # of checklists (checklist.py)
    "confirm": None,
    "reopen": None,
}
CHECKLIST_VERBS = ("confirm", "reopen")


def _encode_row(row: Row) -> str:
    text = json.dumps(row, ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(zlib.compress(text)).decode()


def _decode_row(text: str) -> Row:
    try:
        # Bounded: a short text can decompress to gigabytes
        plain = zlib.decompressobj().decompress(base64.urlsafe_b64decode(text), 100_000)
        row = json.loads(plain)
    except (ValueError, RecursionError, zlib.error):
        return {}
    return row if isinstance(row, dict) else {}


def pasted_columns(spec: Field) -> list[Field]:
    """Return the columns that a pasted table fills, in order."""
    return [c for c in spec.columns or () if c.computed is None and c.kind not in UNPASTABLE_KINDS]


def _paste(rows: list[Row], spec: Field, edit: RowEdit, pasted: str) -> EditedRows:
    """Fill in cells of a spreadsheet, by the labels of its heading if any."""
    columns = pasted_columns(spec)
    keys = [c.key for c in columns]
    first = keys.index(edit.rest) if edit.rest in keys else 0
    start = min(edit.index, len(rows)) if edit.rest else _filled_row_count(rows)
    lines = [line for line in _parse_cells(pasted) if any(cell.strip() for cell in line)]
    labels = {c.label for c in columns}
    if is_endless([*rows[:start], *lines]):
        raise InputRefused([too_many_rows(spec.label, spec.key)])
    into: list[Field | None] = [*columns[first:]]
    # Two labels make a heading: one alone may be an answer
    if lines and len(labels.intersection(cell.strip() for cell in lines[0])) > 1:
        by_label = {c.label: c for c in columns}
        # the columns may stand in another order, and between others that this table does not have
        into = [by_label.get(cell.strip()) for cell in lines.pop(0)]
    for offset, line in enumerate(lines):
        while len(rows) <= start + offset:
            rows.append({})
        rows[start + offset] |= {c.key: _cell(c, t) for c, t in zip(into, line, strict=False) if c}
    return EditedRows(rows, _first_editable_path(spec, start))


def _parse_cells(pasted: str) -> list[list[str]]:
    """Return the cells of tab-separated text, quoted as spreadsheets do."""
    text = pasted.replace("\r\n", "\n").replace("\r", "\n")
    lines: list[list[str]] = [[]]
    at = 0
    while cell := _PASTED_CELL.match(text, at):
        lines[-1].append(cell[2] if cell[1] is None else cell[1].replace('""', '"'))
        at = cell.end() + 1
        if at > len(text):
            break
        if text[at - 1] == "\n":
            lines.append([])
    return lines


def _cell(column: Field, text: str) -> str:
    """Return a cell's text; only multi-line fields keep its line breaks."""
    return text.strip() if column.kind == "long_text" else " ".join(text.split())


def _filled_row_count(rows: list[Row]) -> int:
    """Return the number of rows up to the last with a value."""
    return max((i + 1 for i, row in enumerate(rows) if any(row.values())), default=0)
