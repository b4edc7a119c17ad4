"""Functions over lists and tables: totals, counts, single rows.

What is not filled in is left out. What cannot be totalled is refused, never skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from formsvc.domain.expressions.operators import (
    equal,
    member_of,
    require_list_length,
    type_name,
    usable_number,
)
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg


def non_empty(values: JSON) -> list[JSON]:
    """Return the elements that are filled in. Raise ValueError for too many."""
    if values is not None and not isinstance(values, list | tuple):
        raise TypeError
    require_list_length(len(values or ()))
    return [v for v in values or () if v is not None and v != ""]


def sum_of(values: JSON) -> JSON:
    """Return the total, 0 of none; amounts are whole fen, so they stay exact."""
    numbers = non_empty(values)
    if not all(type_name(number) in ("int", "double") for number in numbers):
        raise ValueError(msg("只有数字能合计，明细请先取出其中一列。"))
    if all(isinstance(number, int) for number in numbers):
        return usable_number(sum(numbers))
    # by their digits, so that 0.1 and 0.2 are 0.3
    return usable_number(float(sum(Decimal(str(number)) for number in numbers)))


def count_of(values: JSON) -> int:
    return len(non_empty(values))


def distinct(values: JSON) -> list[JSON]:
    """Return each value once, in the order of its first appearance."""
    found = non_empty(values)
    if not all(type_name(value) in ("bool", "int", "double", "text") for value in found):
        raise ValueError(msg("只有文字和数字能去掉重复，明细请先取出其中一列。"))
    unique: dict[tuple[bool, JSON], JSON] = {}
    for value in found:
        # 1 and true are equal to Python
        unique.setdefault((isinstance(value, bool), value), value)
    return list(unique.values())


def row_of(rows: JSON, column: JSON, value: JSON) -> JSON:
    """Return the one row with this value in a column, or None.

    Raise ValueError if there are several: which one is meant cannot be known.
    """
    if value is None or value == "":
        return None
    found = [row for row in non_empty(rows) if equal(_cell(row, column), value, _uncounted)]
    if len(found) > 1:
        raise ValueError(
            msg("明细里有 {count} 行都是“{value}”，不能确定是哪一行，请核对。", count=len(found), value=value)
        )
    return found[0] if found else None


def _cell(row: JSON, column: JSON) -> JSON:
    if not isinstance(row, Mapping):
        raise ValueError(msg("只能在明细里找一行。"))
    return member_of(row, column)


def _uncounted(count: int) -> None:
    """Count no steps: the cost of the function covers them."""
