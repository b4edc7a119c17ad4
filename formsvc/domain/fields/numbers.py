"""Field kinds for numbers: whole, decimal, money."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation

from formsvc.domain.fields.base import FieldKind
from formsvc.domain.fields.field import Field
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg

# Large enough for any sum, small enough to stay exact as a float in expressions.
LARGEST = Decimal(10) ** 12
_LIMITS = frozenset({"min", "max", "unit"})


def _parse_decimal(raw: JSON) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
        raise ValueError(msg("应填写数字。"))
    if isinstance(raw, int) and abs(raw) > LARGEST or isinstance(raw, str) and len(raw) > 60:
        raise ValueError(msg("数字过大或者无效。"))
    text = unicodedata.normalize("NFKC", str(raw)).replace(",", "").replace(" ", "").replace("−", "-")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(msg("“{given}”不是数字。", given=str(raw)[:20])) from None
    if not number.is_finite() or abs(number) > LARGEST:
        raise ValueError(msg("数字过大或者无效。"))
    return number


def _format_plain(number: Decimal) -> str:
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


class IntegerKind(FieldKind):
    """A whole number."""

    name = "integer"
    title = msg("整数")
    properties = _LIMITS

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        number = _parse_decimal(raw)
        if number != number.to_integral_value():
            raise ValueError(msg("应填写整数。"))
        return int(number)

    def size(self, value: JSON) -> float | None:
        return float(value)

    def normalise(self, value: JSON) -> JSON:
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else int(field.min or 1)

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": "integer", **_bounds(field)}


class DecimalKind(IntegerKind):
    """Decimal number, kept as text so that 2860.5 stays 2860.5."""

    name = "decimal"
    title = msg("小数")

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        number = _parse_decimal(raw)
        if len(_format_plain(number).partition(".")[2]) > 6:
            raise ValueError(msg("最多写 6 位小数。"))
        return _format_plain(number)

    def to_expression(self, field: Field, value: JSON) -> JSON:
        return None if value is None else float(value)

    def normalise(self, value: JSON) -> JSON:
        return None if value is None else _format_plain(Decimal(str(round(value, 6))))

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

    def to_expression(self, field: Field, value: JSON) -> JSON:
        # Whole fen, because CEL's doubles would not add up to the fen.
        return None if value is None else int(Decimal(value) * 100)

    def normalise(self, value: JSON) -> JSON:
        return None if value is None else f"{Decimal(int(value)) / 100:.2f}"

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        return {"": "" if value is None else f"{Decimal(value):,.2f}"}

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else f"{field.min or 1000:g}"

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": ["number", "string"], **_bounds(field)}


def _bounds(field: Field) -> dict[str, JSON]:
    bounds = {"minimum": field.min, "maximum": field.max}
    return {word: limit for word, limit in bounds.items() if limit is not None}
