"""Field kinds for numbers: whole, decimal, money."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from formsvc.domain.expressions import shapes
from formsvc.domain.expressions.shapes import Shape
from formsvc.domain.fields.base import CellValue, FieldKind
from formsvc.domain.fields.field import Field
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg

# Large enough for any sum, small enough to stay exact as a float in expressions.
LARGEST = Decimal(10) ** 12
_LARGEST_FEN = LARGEST * 100
_LIMITS = frozenset({"min", "max", "unit"})

# Digits, grouped by threes or not, and a decimal point. No exponent: 1e-999999999 is twelve characters and a
# gigabyte of digits. No other grouping: 1,5 may mean 1.5 or 15, and a wrong figure in a document is a lost case.
_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:[, ]\d{3})+)?(?:\.\d*)?", re.ASCII)
_UNUSABLE = re.compile(r"[+-]?(?:nan|inf|infinity|[\d.]+e[+-]?\d+)", re.ASCII | re.IGNORECASE)
_KEPT = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
# full-width forms of a Chinese input method, and the minus sign; NFKC would also read 10² as 102
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", ord("−"): "-"}


def _parse_decimal(raw: JSON, largest: Decimal = LARGEST) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
        raise ValueError(msg("应填写数字。"))
    if isinstance(raw, int) and abs(raw) > largest or isinstance(raw, str) and len(raw) > 60:
        raise ValueError(msg("数字过大或者无效。"))
    # the text of a float may have an exponent; its range is bounded
    number = Decimal(str(raw)) if not isinstance(raw, str) else _decimal_of_text(raw)
    if not number.is_finite() or abs(number) > largest:
        raise ValueError(msg("数字过大或者无效。"))
    return number


def _decimal_of_text(raw: str) -> Decimal:
    text = raw.translate(_HALF_WIDTH).strip()
    if _UNUSABLE.fullmatch(text):
        raise ValueError(msg("数字过大或者无效。"))
    if not _NUMBER.fullmatch(text) or not re.search(r"\d", text):
        raise ValueError(msg("“{given}”不是数字。", given=raw[:20]))
    return Decimal(re.sub("[, ]", "", text))


def plain_text(number: Decimal) -> str:
    """Return a number without exponent and without zeros at its end."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _exact(value: JSON) -> Decimal | None:
    """Return the number of a kept text, None for what was kept otherwise."""
    return Decimal(value) if isinstance(value, str) and _KEPT.fullmatch(value) else None


class IntegerKind(FieldKind):
    """A whole number."""

    name = "integer"
    title = msg("整数")
    computed_from = shapes.NUMBERS
    properties = _LIMITS

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        number = _parse_decimal(raw)
        if number != number.to_integral_value():
            raise ValueError(msg("应填写整数。"))
        return int(number)

    def cell(self, field: Field, value: JSON) -> CellValue | None:
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def size(self, value: JSON) -> float | None:
        return float(value)

    def largest_size(self, field: Field) -> float | None:
        return float(LARGEST)

    def shape(self, field: Field) -> Shape:
        return shapes.optional(shapes.INT)

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else int(field.min or 1)

    def trials(self, field: Field) -> list[JSON]:
        return [None, *(self.parse_value(field, n) for n in _trial_numbers(field))]

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": "integer", **_bounds(field)}


class DecimalKind(IntegerKind):
    """Decimal number, kept as text so that 2860.5 stays 2860.5."""

    name = "decimal"
    title = msg("小数")

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        number = _parse_decimal(raw)
        if len(plain_text(number).partition(".")[2]) > 6:
            raise ValueError(msg("最多写 6 位小数。"))
        return plain_text(number)

    def cell(self, field: Field, value: JSON) -> CellValue | None:
        return _exact(value)

    def to_expression(self, field: Field, value: JSON) -> JSON:
        return None if value is None else float(value)

    def shape(self, field: Field) -> Shape:
        return shapes.optional(shapes.DOUBLE)

    def from_expression(self, field: Field, value: JSON) -> JSON:
        # sums of doubles have digits that no one typed: 0.1 + 0.2
        return _parse_decimal(round(value, 6)) if isinstance(value, float) else value

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else f"{field.min or 1:g}"

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": ["string", "number"], "pattern": r"^-?\d+(\.\d+)?$", **_bounds(field)}


class MoneyKind(FieldKind):
    """Amount in yuan, kept as text to the fen.

    Expressions see whole fen; limits are in yuan.
    """

    name = "money"
    title = msg("金额（元）")
    computed_from = shapes.NUMBERS
    properties = _LIMITS
    limit_unit = msg("元")

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        text = raw.lstrip("¥￥").removesuffix("元") if isinstance(raw, str) else raw
        number = _parse_decimal(text)
        if number != round(number, 2):
            raise ValueError(msg("金额最多写到分。"))
        if number < 0:
            raise ValueError(msg("金额不能是负数。"))
        return f"{number:.2f}"

    def size(self, value: JSON) -> float | None:
        return float(value)

    def largest_size(self, field: Field) -> float | None:
        return float(LARGEST)

    def cell(self, field: Field, value: JSON) -> CellValue | None:
        return _exact(value)

    def to_expression(self, field: Field, value: JSON) -> JSON:
        # Whole fen, because CEL's doubles would not add up to the fen.
        return None if value is None else int(Decimal(value) * 100)

    def shape(self, field: Field) -> Shape:
        return shapes.optional(shapes.INT)

    def from_expression(self, field: Field, value: JSON) -> JSON:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        # parsed before anything is formatted: NaN and infinity have no whole part
        return _parse_decimal(Decimal(int(_parse_decimal(value, _LARGEST_FEN))) / 100)

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        try:
            return {"": "" if value is None else f"{Decimal(value):,.2f}"}
        except ArithmeticError:
            # masked, or kept from a time when the field was of another kind
            return {"": str(value)}

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else f"{field.min or 1000:g}"

    def trials(self, field: Field) -> list[JSON]:
        return [None, *(self.parse_value(field, n) for n in _trial_numbers(field))]

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": ["number", "string"], **_bounds(field)}


def has_no_integer(field: Field) -> bool:
    """Return whether no whole number lies between the limits of one."""
    if field.kind != IntegerKind.name or field.min is None or field.max is None:
        return False
    return math.ceil(field.min) > math.floor(field.max)


def _trial_numbers(field: Field) -> list[int]:
    """Return a usual number, the ends of the field's limits, and extremes."""
    least = int(field.min) if field.min is not None else 0
    most = int(field.max) if field.max is not None else int(LARGEST)
    usual = min(max(least, 3), most)
    numbers = (usual, 1, 2, 0, least, least + 1, most - 1, most, int(LARGEST))
    return [n for n in dict.fromkeys(numbers) if 0 <= n <= LARGEST]


def _bounds(field: Field) -> dict[str, JSON]:
    bounds = {"minimum": field.min, "maximum": field.max}
    return {word: limit for word, limit in bounds.items() if limit is not None}
