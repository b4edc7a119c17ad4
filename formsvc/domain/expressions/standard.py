"""CEL's standard functions, as far as definitions may use them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from formsvc.domain import safe_regex
from formsvc.domain.expressions import operators
from formsvc.domain.expressions.operators import ComputationRefused, TypeMismatch, type_name
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg


def _size(value: JSON) -> int:
    operators.require(value)
    if isinstance(value, str):
        # as the library did that read expressions before; text_length counts characters
        return len(value.encode())
    if isinstance(value, list | tuple | Mapping):
        return len(value)
    raise TypeMismatch


def _texts(*values: JSON) -> None:
    operators.require(*values)
    if not all(isinstance(value, str) for value in values):
        raise TypeMismatch


def _contains(whole: JSON, part: JSON) -> bool:
    operators.require(whole, part)
    if isinstance(whole, list | tuple):
        return operators.contains(part, whole, lambda count: None)
    _texts(whole, part)
    return part in whole


def _starts_with(text: JSON, start: JSON) -> bool:
    _texts(text, start)
    return bool(text.startswith(start))


def _ends_with(text: JSON, end: JSON) -> bool:
    _texts(text, end)
    return bool(text.endswith(end))


def _matches(text: JSON, pattern: JSON) -> bool:
    _texts(text, pattern)
    if safe_regex.pattern_error(pattern):
        raise ComputationRefused(safe_regex.pattern_error(pattern))
    return safe_regex.search(pattern, text)


def _int(value: JSON) -> int:
    operators.require(value)
    if isinstance(value, str):
        if not re.fullmatch(r"[+-]?[0-9]{1,19}", value):
            raise ComputationRefused(msg("“{text}”不是整数，不能计算。", text=value[:20]))
        return int(operators.usable_number(int(value)))
    if type_name(value) not in ("int", "double"):
        raise TypeMismatch
    return int(operators.usable_number(int(value)))


def _double(value: JSON) -> float:
    operators.require(value)
    if isinstance(value, str):
        if not re.fullmatch(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?", value):
            raise ComputationRefused(msg("“{text}”不是数字，不能计算。", text=value[:20]))
        return float(value)
    if type_name(value) not in ("int", "double"):
        raise TypeMismatch
    return float(value)


def _string(value: JSON) -> str:
    operators.require(value)
    if isinstance(value, str):
        return value
    if type_name(value) not in ("int", "double"):
        raise TypeMismatch
    text = f"{Decimal(repr(value)):f}"
    return text.removesuffix(".0")


STANDARD: Mapping[str, Callable[..., JSON]] = {
    "size": _size,
    "contains": _contains,
    "startsWith": _starts_with,
    "endsWith": _ends_with,
    "matches": _matches,
    "int": _int,
    "double": _double,
    "string": _string,
}
