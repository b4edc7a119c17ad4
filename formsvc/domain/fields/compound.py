"""Field kinds made of parts: tables, references."""

from __future__ import annotations

from collections.abc import Mapping, Sized

from formsvc.domain.expressions import shapes
from formsvc.domain.expressions.shapes import Shape
from formsvc.domain.fields.base import FieldKind
from formsvc.domain.fields.dates import DateKind
from formsvc.domain.fields.field import Field
from formsvc.domain.fields.former_keys import with_former_properties
from formsvc.domain.fields.identifiers import tidy_number
from formsvc.domain.fields.tables.inner import count_inner_rows, too_many_inner_rows
from formsvc.domain.fields.tables.layout import layout_faults
from formsvc.domain.fields.tables.totals import TOTAL_SUFFIX, printed_totals, total_faults
from formsvc.domain.fields.text import clean_text
from formsvc.domain.json_types import JSON, is_empty
from formsvc.errors import Problem
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits

_REFERENCE_KEYS = ("number", "title", "date", "act_id")


class ReferenceKind(FieldKind):
    """Document referred to: ours by number, another by title and date."""

    name = "reference"
    title = msg("引用文书")
    may_be_subject = False
    computed_from = frozenset({"text", "map"})
    properties = frozenset({"refers_to", "carry", "once"})
    # many only bring in what is printed
    printed_if = "never"

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        parts = raw if isinstance(raw, Mapping) else {"number": raw}
        unknown = [str(key) for key in parts if key not in _REFERENCE_KEYS]
        if unknown:
            raise ValueError(
                msg("引用文书不认识“{name}”，只有 number、title、date、act_id。", name=unknown[0])
            )
        texts = {key: clean_text(parts.get(key) or "") for key in _REFERENCE_KEYS}
        most = process_limits().text_characters
        if max(map(len, texts.values())) > most:
            raise ValueError(msg("文书的名称超过 {limit} 字，请缩短。", limit=most))
        dated = DateKind().parse_value(field, texts["date"]) if texts["date"] else ""
        if not texts["number"] and not texts["act_id"] and not (texts["title"] and dated):
            raise ValueError(msg("请填写文号；没有文号的文书，请写明名称和日期。"))
        return {**texts, "number": tidy_number(texts["number"]), "date": dated}

    def parse(self, field: Field, raw: JSON, path: str) -> tuple[JSON, list[Problem]]:
        if isinstance(raw, Mapping) and all(is_empty(part) for part in raw.values()):
            return None, []
        return super().parse(field, raw, path)

    def shape(self, field: Field) -> Shape:
        part = shapes.text(process_limits().text_characters)
        members = {"number": part, "title": part, "act_id": part, "date": shapes.DAY}
        return shapes.optional(shapes.map_of(members))

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        dated = DateKind().display(field, value["date"])[""] if value else ""
        return {
            "": (value["number"] or value["title"]) if value else "",
            "_title": value["title"] if value else "",
            "_date": dated,
        }

    def suffixes(self, field: Field) -> tuple[str, ...]:
        return ("", "_title", "_date")

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "北消安办〔2026〕1号"

    def trials(self, field: Field) -> list[JSON]:
        known = {"number": "北消安办〔2026〕1号", "title": "通知", "date": "2026-01-05", "act_id": "a1"}
        longest = "书" * process_limits().text_characters
        return [None, known, {"number": "", "title": longest, "date": "2100-12-31", "act_id": ""}]

    def schema(self, field: Field) -> dict[str, JSON]:
        text = {"type": "string"}
        outside = {
            "type": "object",
            "properties": dict.fromkeys(_REFERENCE_KEYS, text),
            "additionalProperties": False,
        }
        return {"oneOf": [text, outside]}


def is_endless(rows: Sized) -> bool:
    """Return whether no page could show so many rows, blank ones included."""
    return len(rows) > 2 * process_limits().table_rows


def too_many_rows(label: str, path: str) -> Problem:
    return Problem(
        path,
        msg("{label}：超过 {limit} 行，请分成几件办理。", label=label, limit=process_limits().table_rows),
    )


def overflow_problem(field: Field, rows: JSON) -> Problem | None:
    """Return the problem of a table too long to be shown on any page."""
    if not field.columns or not isinstance(rows, list):
        return None
    if is_endless(rows):
        return too_many_rows(field.label, field.key)
    held = count_inner_rows(field, [row for row in rows if isinstance(row, Mapping)])
    return too_many_inner_rows(field.label, field.key) if held > 2 * process_limits().inner_rows else None


class RowsKind(FieldKind):
    """A table. Blank rows at its end are dropped, others keep their place."""

    name = "rows"
    title = msg("明细表")
    may_be_subject = False
    computed_from = frozenset({"list"})
    properties = frozenset({"columns", "layout", "total", "min", "max", "each_of", "checklist"})
    EMPTY: JSON = []
    limit_unit = msg("行")

    def __init__(self, kinds: Mapping[str, FieldKind]) -> None:
        self._kinds = kinds

    def parse(self, field: Field, raw: JSON, path: str) -> tuple[JSON, list[Problem]]:
        if _is_blank(raw):
            return [], []
        if not isinstance(raw, list | tuple) or not all(isinstance(row, Mapping) for row in raw):
            return [], [Problem(path, msg("{label}：应是若干行，每行写明各列。", label=field.label))]
        # Before parsing, so that a hostile request of a million rows costs nothing.
        if is_endless(raw):
            return [], [too_many_rows(field.label, path)]
        if count_inner_rows(field, list(raw)) > 2 * process_limits().inner_rows:
            return [], [too_many_inner_rows(field.label, path)]
        rows: list[Mapping[str, JSON]] = []
        problems: list[Problem] = []
        filled = 0
        for index, row in enumerate(raw):
            cells, cell_problems = self._parse_row(field, row, f"{path}.{index}")
            rows.append(cells)
            problems += cell_problems
            # Blank rows in between stay: the paths of problems and the printed numbers count them.
            if cell_problems or not all(is_empty(cell) for cell in cells.values()):
                filled = index + 1
        if filled > process_limits().table_rows:
            return [], [too_many_rows(field.label, path)]
        if count_inner_rows(field, rows[:filled]) > process_limits().inner_rows:
            return [], [too_many_inner_rows(field.label, path)]
        return rows[:filled], problems

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        rows, problems = self.parse(field, raw, field.key)
        if problems:
            raise ValueError(problems[0].message)
        return rows

    def _parse_row(
        self, field: Field, answers: Mapping[str, JSON], path: str
    ) -> tuple[dict[str, JSON], list[Problem]]:
        cells: dict[str, JSON] = {}
        problems: list[Problem] = []
        for column in field.columns or ():
            kind = self._kinds[column.kind]
            cells[column.key], cell_problems = kind.parse(
                column, answers.get(column.key), f"{path}.{column.key}"
            )
            problems += cell_problems
        return cells, problems

    def check(self, field: Field, value: JSON, path: str) -> list[Problem]:
        problems = super().check(field, value, path)
        for index, row in enumerate(value or []):
            for column in field.columns or ():
                kind = self._kinds[column.kind]
                problems += kind.check(column, row.get(column.key), f"{path}.{index}.{column.key}")
        return problems

    def size(self, value: JSON) -> float | None:
        return len(value)

    def largest_size(self, field: Field) -> float | None:
        return process_limits().table_rows

    def shape(self, field: Field) -> Shape:
        return shapes.list_of(self.row_shape(field), process_limits().table_rows)

    def row_shape(self, field: Field) -> Shape:
        """Return the shape of one row."""
        kinds = {c.key: self._kinds[c.kind] for c in field.columns or () if c.kind in self._kinds}
        columns = [c for c in field.columns or () if c.key in kinds]
        return shapes.map_of(
            {
                c.key: _flat_shape(c, self._kinds) if c.kind == self.name else kinds[c.key].shape(c)
                for c in columns
            }
        )

    def to_expression(self, field: Field, value: JSON) -> JSON:
        return [self.bound_row(field, row) for row in value or []]

    def bound_row(self, field: Field, row: Mapping[str, JSON]) -> dict[str, JSON]:
        """Return one row as expressions see it."""
        return {c.key: self._kinds[c.kind].to_expression(c, row.get(c.key)) for c in field.columns or ()}

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        rows = value or []
        printed: dict[str, JSON] = {
            "": [self._printed_row(field, row, index) for index, row in enumerate(rows)]
        }
        if field.total:
            printed[TOTAL_SUFFIX] = printed_totals(field, rows, self._kinds)
        return printed

    def suffixes(self, field: Field) -> tuple[str, ...]:
        return ("", TOTAL_SUFFIX) if field.total else ("",)

    def _printed_row(self, field: Field, row: Mapping[str, JSON], index: int) -> dict[str, JSON]:
        printed: dict[str, JSON] = {}
        for column in field.columns or ():
            for suffix, shown in self._kinds[column.kind].display(column, row.get(column.key)).items():
                printed[column.key + suffix] = shown
        printed["no"] = printed.get("no") or str(index + 1)
        return printed

    def example(self, field: Field) -> JSON:
        if field.example is not None:
            return field.example
        row = {c.key: self._kinds[c.kind].example(c) for c in field.columns or () if c.required is True}
        return [dict(row) for _ in range(max(1, int(field.min or 1)))]

    def trials(self, field: Field) -> list[JSON]:
        choices = {c.key: self._column_trials(c) for c in field.columns or ()}
        longest = max(map(len, choices.values()), default=1)
        # row n has the n-th value of each column: none, usual, extreme ones
        rows = [{key: values[n % len(values)] for key, values in choices.items()} for n in range(longest)]
        usual = rows[1 % longest]
        return [
            [],
            [usual],
            [usual, usual],
            rows[:1],
            *([row] for row in rows[2:8]),
            rows,
            [rows[-1]] * process_limits().table_rows,
        ]

    def _column_trials(self, column: Field) -> list[JSON]:
        """Return the trials of a column, those of rows within rows shortened."""
        most = process_limits().inner_rows // process_limits().table_rows
        trials = self._kinds[column.kind].trials(column)
        return [value[:most] for value in trials] if column.kind == self.name else trials

    def schema(self, field: Field) -> dict[str, JSON]:
        columns = field.columns or []
        row: dict[str, JSON] = {
            "type": "object",
            "properties": with_former_properties(
                columns, {c.key: {"title": c.label, **self._kinds[c.kind].schema(c)} for c in columns}
            ),
            "required": [
                c.key for c in columns if c.required is True and c.computed is None and not c.formerly
            ],
            "additionalProperties": False,
        }
        return {"type": "array", "maxItems": int(field.max or process_limits().table_rows), "items": row}

    def faults(self, field: Field) -> list[tuple[str, str]]:
        if not field.columns:
            return [("columns", msg("明细表须写明各列（columns）。"))]
        return [*layout_faults(field), *total_faults(field)]


def _flat_shape(table: Field, kinds: Mapping[str, FieldKind]) -> Shape:
    """Return the shape of rows within rows; a further level is a fault."""
    columns = [c for c in table.columns or () if c.kind in kinds and c.kind != RowsKind.name]
    row = shapes.map_of({c.key: kinds[c.kind].shape(c) for c in columns})
    return shapes.list_of(row, process_limits().table_rows)


def _is_blank(cell: JSON) -> bool:
    return is_empty(cell.strip() if isinstance(cell, str) else cell)
