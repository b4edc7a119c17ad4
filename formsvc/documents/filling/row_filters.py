"""Filters over the rows of a table: columns, totals, counts, single rows.

They see what is printed: numbers are texts, amounts have commas. An empty cell is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import Any, NoReturn

from formsvc.documents.filling.budget import current_budget
from formsvc.documents.filling.inserts import FittedPicture
from formsvc.documents.filling.template_names import MissingName
from formsvc.domain.fields.base import RULE
from formsvc.i18n.messages import msg

Row = Mapping[str, Any]
# a picture may be as large as the page
SMALLEST_MM, LARGEST_MM = 5, 250
# Amounts are printed to the fen, other numbers without zeros at their end.
_PLACES_OF_AMOUNTS = 2


def rows_where(rows: Iterable[Row], key: str, value: Any) -> list[Row]:
    return [row for row in _counted(rows) if _cell(row, key) == value]


def column_of(rows: Iterable[Row], key: str) -> list[Any]:
    return [_cell(row, key) for row in _counted(rows)]


def sum_of(values: Iterable[Any], key: str = "") -> str:
    """Return the total of numbers or of a column, printed as they are.

    Raise ValueError for what is no number.
    """
    texts = [str(value) for value in _filled(values, key)]
    if RULE in texts:
        # paper to be filled in by hand
        return RULE
    numbers = [_number(text) for text in texts]
    total = sum(numbers, Decimal(0))
    places = max((len(text.partition(".")[2]) for text in texts), default=0)
    are_amounts = bool(texts) and all(len(text.partition(".")[2]) == _PLACES_OF_AMOUNTS for text in texts)
    return f"{total:,.{places}f}" if are_amounts else f"{total:.{places}f}"


def count_of(values: Iterable[Any], key: str = "") -> int:
    return len(_filled(values, key))


def distinct(values: Iterable[Any], key: str = "") -> list[Any]:
    """Return each value, or each cell of a column, once."""
    return list(dict.fromkeys(_filled(values, key)))


def row_of(rows: Iterable[Row], key: str, value: Any) -> Row | None:
    """Return the one row with this cell, or None.

    Raise ValueError if there are several.
    """
    found = rows_where(rows, key, value)
    if len(found) > 1:
        raise ValueError(msg("有 {count} 行都是“{value}”，不能确定是哪一行", count=len(found), value=value))
    return found[0] if found else None


def pairs_of(rows: Iterable[Row]) -> list[Row]:
    """Return the rows two by two, as ``left`` and ``right``.

    The last ``right`` of an odd number is a row of empty cells.
    """
    found = _counted(rows)
    empty = dict.fromkeys(found[0] if found else (), "")
    return [
        {"left": left, "right": right}
        for left, right in zip_longest(found[::2], found[1::2], fillvalue=empty)
    ]


def fit_picture(picture: Any, width_mm: float, height_mm: float) -> Any:
    """Return a picture that fits a box in millimetres; other values unchanged.

    Where a signature is not drawn, the value is an empty text.
    """
    box = (min(max(side, SMALLEST_MM), LARGEST_MM) for side in (width_mm, height_mm))
    return picture.fitted(*box) if isinstance(picture, FittedPicture) else picture


def _counted(values: Iterable[Any]) -> list[Any]:
    found = list(values)
    current_budget().spend_turns(len(found))
    return found


def _filled(values: Iterable[Any], key: str) -> list[Any]:
    cells = column_of(values, key) if key else _counted(values)
    return [cell for cell in cells if cell is not None and cell != ""]


def _number(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise ValueError(msg("“{text}”不是数字，不能合计", text=text[:20])) from None


def _cell(row: Row, key: str) -> Any:
    if key not in row:
        _raise_missing_column(row, key)
    return row[key]


def _raise_missing_column(row: Row, key: str) -> NoReturn:
    raise MissingName(f"no column {key}", key, row)


ROW_FILTERS: Mapping[str, Callable[..., Any]] = {
    "where": rows_where,
    "pluck": column_of,
    "sum_of": sum_of,
    "count_of": count_of,
    "distinct": distinct,
    "row_of": row_of,
    "pairs": pairs_of,
    "fit": fit_picture,
}
