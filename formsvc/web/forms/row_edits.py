"""Changes to rows that a button asks for: add, copy, move, delete, bring back, fill in from a spreadsheet."""

from __future__ import annotations

import base64
import csv
import io
import json
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
NOT_PASTED = frozenset({"files", "reference", "rows"})
LARGEST_UNDO = 3000


@dataclass(frozen=True)
class Changed:
    """Rows after a change, the path to go to, and what brings a deleted row back."""

    rows: list[Row]
    focus: str
    undo: str = ""


@dataclass(frozen=True)
class Change:
    """What a button asks for: a verb, the key of the rows, and the row it stands in."""

    verb: str
    key: str
    index: int = 0
    rest: str = ""

    @classmethod
    def read(cls, text: str) -> Change | None:
        """From the button's value, ``copy.hazards.1``; None when it is no change to rows."""
        verb, _, rest = text.partition(".")
        key, _, rest = rest.partition(".")
        index, _, rest = rest.partition(".")
        place = parse_whole_number(index or "0")
        if verb not in _VERBS or not key or place is None:
            return None
        return cls(verb, key, place, rest)


def apply(
    change: Change, definition: FormDefinition, answers: Mapping[str, JSON], pasted: str = ""
) -> Changed | None:
    """The rows after a change; None when there are no such rows. Raises InputRefused for more rows than a page can show."""
    spec = definition.field(change.key)
    if spec is None or spec.columns is None:
        return None
    rows = [dict(row) for row in answers.get(change.key) or []]
    if change.verb == "paste":
        return _paste(rows, spec, change, pasted)
    if change.verb not in ("add", "restore") and change.index >= len(rows):
        return None
    changed: Changed = _VERBS[change.verb](rows, spec, change)
    return changed


def _place(spec: Field, index: int) -> str:
    """The first field of a row that the person fills in."""
    column = next((c.key for c in spec.columns or () if c.computed is None), "")
    return f"{spec.key}.{index}.{column}" if column else f"{spec.key}.{index}"


def _add(rows: list[Row], spec: Field, _change: Change) -> Changed:
    return Changed([*rows, {}], _place(spec, len(rows)))


def _copy(rows: list[Row], spec: Field, change: Change) -> Changed:
    rows.insert(change.index + 1, dict(rows[change.index]))
    return Changed(rows, _place(spec, change.index + 1))


def _up(rows: list[Row], spec: Field, change: Change) -> Changed:
    return _swap(rows, spec, change.index, max(change.index - 1, 0))


def _down(rows: list[Row], spec: Field, change: Change) -> Changed:
    return _swap(rows, spec, change.index, min(change.index + 1, len(rows) - 1))


def _swap(rows: list[Row], spec: Field, here: int, there: int) -> Changed:
    rows[here], rows[there] = rows[there], rows[here]
    return Changed(rows, f"{spec.key}.{there}")


def _delete(rows: list[Row], spec: Field, change: Change) -> Changed:
    removed = rows.pop(change.index)
    undo = f"restore.{spec.key}.{change.index}.{_packed(removed)}" if any(removed.values()) else ""
    if not undo or len(undo) > LARGEST_UNDO:
        return Changed(rows, spec.key)
    return Changed(rows, f"{spec.key}.undo", undo)


def _restore(rows: list[Row], spec: Field, change: Change) -> Changed:
    columns = {c.key for c in spec.columns or ()}
    row = {key: value for key, value in _unpacked(change.rest).items() if key in columns}
    rows.insert(change.index, row)
    return Changed(rows, f"{spec.key}.{min(change.index, len(rows) - 1)}")


_VERBS: dict[str, Any] = {
    "add": _add,
    "copy": _copy,
    "up": _up,
    "down": _down,
    "delete": _delete,
    "restore": _restore,
    "paste": None,
}


def _packed(row: Row) -> str:
    text = json.dumps(row, ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(zlib.compress(text)).decode()


def _unpacked(text: str) -> Row:
    try:
        plain = zlib.decompressobj().decompress(base64.urlsafe_b64decode(text), 100_000)
        row = json.loads(plain)
    except (ValueError, RecursionError, zlib.error):
        return {}
    return row if isinstance(row, dict) else {}


def pasted_columns(spec: Field) -> list[Field]:
    """The columns a pasted table fills, in their order."""
    return [c for c in spec.columns or () if c.computed is None and c.kind not in NOT_PASTED]


def _paste(rows: list[Row], spec: Field, change: Change, pasted: str) -> Changed:
    """Cells copied from a spreadsheet, from the given row and column on; a line of headings is passed over."""
    columns = pasted_columns(spec)
    keys = [c.key for c in columns]
    first = keys.index(change.rest) if change.rest in keys else 0
    start = min(change.index, len(rows)) if change.rest else _filled(rows)
    lines = [line for line in _lines(pasted) if any(cell.strip() for cell in line)]
    labels = {c.label for c in columns}
    if is_endless([*rows[:start], *lines]):
        raise InputRefused([too_many_rows(spec.label, spec.key)])
    if lines and len(labels.intersection(cell.strip() for cell in lines[0])) > 1:
        lines = lines[1:]
    for offset, line in enumerate(lines):
        while len(rows) <= start + offset:
            rows.append({})
        rows[start + offset] |= {c.key: _cell(c, t) for c, t in zip(columns[first:], line, strict=False)}
    return Changed(rows, _place(spec, start))


def _lines(pasted: str) -> list[list[str]]:
    """The cells of each line, as a spreadsheet writes them; without its quotation marks where they do not pair."""
    text = pasted.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return list(csv.reader(io.StringIO(text), delimiter="\t"))
    except csv.Error:  # a cell longer than the reader takes, as one quotation mark makes of all that follows
        return [line.split("\t") for line in text.split("\n")]


def _cell(column: Field, text: str) -> str:
    """A cell's text; only fields of several lines keep the line breaks of a cell."""
    return text.strip() if column.kind == "long_text" else " ".join(text.split())


def _filled(rows: list[Row]) -> int:
    """How many rows there are up to the last one with anything in it."""
    return max((i + 1 for i, row in enumerate(rows) if any(row.values())), default=0)
