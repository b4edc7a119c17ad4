"""Layout of a table on the page: one line for each row, or a block."""

from __future__ import annotations

from formsvc.domain.fields.field import Field
from formsvc.i18n.messages import format_list, msg

# room of a control on the page, in characters of text
_WIDTHS = {
    "integer": 5,
    "time": 5,
    "decimal": 6,
    "person": 6,
    "yes_no": 6,
    "money": 7,
    "phone": 8,
    "partial_date": 8,
    "date": 9,
}
_LONGEST_TEXT = 40
_LARGEST_WIDTH = 42
_MOST_COLUMNS = 6
# their controls are lists, pictures or several boxes: no cell holds them
_TALL_KINDS = frozenset({"files", "photographs", "signature", "reference", "rows"})


def is_table(field: Field) -> bool:
    """Return whether the page shows each row on one line.

    What the definition says goes first; otherwise a few short columns that are always shown.
    """
    if field.checklist or not field.columns:
        return False
    if field.layout is not None:
        return field.layout == "table"
    if len(field.columns) > _MOST_COLUMNS or any(c.shown for c in field.columns):
        return False
    widths = [column_width(column) for column in field.columns]
    return None not in widths and sum(w for w in widths if w) <= _LARGEST_WIDTH


def column_width(column: Field) -> int | None:
    """Return the characters that a cell needs, None for a long one."""
    if column.multiline:
        return None
    if column.kind == "choice":
        names = [len(option.name) for option in column.options]
        return min(max(names, default=0), 10) + 3
    if column.kind == "text":
        longest = column.max or _LONGEST_TEXT + 1
        return max(5, min(int(longest), 10)) if longest <= _LONGEST_TEXT else None
    return _WIDTHS.get(column.kind)


def layout_faults(field: Field) -> list[tuple[str, str]]:
    """Return faults of a layout that the columns do not fit in."""
    if field.layout is not None and field.checklist:
        return [("layout", msg("检查表自有版式，不用写 layout。"))]
    tall = [column.label for column in field.columns or () if column.kind in _TALL_KINDS]
    if field.layout != "table" or not tall:
        return []
    sentence = msg(
        "“{columns}”一格放不下（文件、照片、签名、引用），请把 layout 写成 blocks。",
        columns=format_list(tall),
    )
    return [("layout", sentence)]
