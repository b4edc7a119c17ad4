"""Operators of expressions over JSON values, as CEL defines them.

Nothing is converted: a whole number and a decimal compare, but do not add. Where CEL would give infinity, the
computation is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from formsvc.domain.expressions.tokens import LARGEST_INTEGER
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits


class EmptyOperand(Exception):  # noqa: N818 - the state of an answer, no error
    """Operand that is an empty answer: the whole has no value."""


class TypeMismatch(Exception):  # noqa: N818 - as TypeError, which it is not
    """Operands of types that the operator does not take."""


class ComputationRefused(ValueError):
    """Values that give no usable result; the text is a sentence for people."""


class AnswerUnknown(ValueError):  # noqa: N818 - a state of the answers, no error
    """Answer that an older document does not have; the text says so."""


class DocumentRow(dict[str, JSON]):
    """Row of a document; ``unknown`` are sentences for columns it lacks."""

    def __init__(self, row: Mapping[str, JSON], unknown: Mapping[str, str]) -> None:
        super().__init__(row)
        self.unknown = unknown


_TYPE_NAMES: Mapping[type, str] = {
    type(None): "null",
    bool: "bool",
    int: "int",
    float: "double",
    str: "text",
    list: "list",
    tuple: "list",
    dict: "map",
}


def type_name(value: JSON) -> str:
    """Return the type: null, bool, int, double, text, list or map."""
    # nearly every value of an expression is exactly one of these
    known = _TYPE_NAMES.get(type(value))
    if known is not None:
        return known
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "double"
        case str():
            return "text"
        case list() | tuple():
            return "list"
        case Mapping():
            return "map"
    return type(value).__name__


def require(*operands: JSON) -> None:
    """Raise EmptyOperand if one of the operands is an empty answer."""
    for operand in operands:
        if operand is None:
            raise EmptyOperand


def truth(value: JSON) -> bool:
    """Return a yes or no. Raise EmptyOperand or TypeMismatch."""
    if isinstance(value, bool):
        return value
    require(value)
    raise TypeMismatch


def _divide_integers(left: int, right: int) -> int:
    # CEL truncates towards zero, Python rounds down
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


_INTEGERS: Mapping[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide_integers,
    "%": lambda a, b: a - b * _divide_integers(a, b),
}
_DOUBLES: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


def require_text_length(length: int) -> None:
    """Raise ComputationRefused for a longer text than a computation makes."""
    most = process_limits().expression_text_characters
    if length > most:
        raise ComputationRefused(
            msg(
                "连成的文字超过 {limit} 字，请缩短，或者调高 FORMSVC_EXPRESSION_TEXT_CHARACTERS。",
                limit=most,
            )
        )


def require_list_length(length: int) -> None:
    """Raise ComputationRefused for a longer list than a computation makes."""
    most = process_limits().expression_list_entries
    if length > most:
        raise ComputationRefused(
            msg("合起来超过 {limit} 项，请减少，或者调高 FORMSVC_EXPRESSION_LIST_ENTRIES。", limit=most)
        )


def calculate(operator: str, left: JSON, right: JSON) -> JSON:
    """Return a sum, product, …. Raise ComputationRefused, TypeMismatch."""
    require(left, right)
    kinds = (type_name(left), type_name(right))
    if operator == "+" and kinds == ("text", "text"):
        require_text_length(len(left) + len(right))
        return left + right
    if operator == "+" and kinds == ("list", "list"):
        require_list_length(len(left) + len(right))
        return [*left, *right]
    if kinds in (("int", "int"), ("double", "double")):
        if operator in "/%" and right == 0:
            raise ComputationRefused(msg("除数是零，不能计算。"))
        if kinds == ("int", "int"):
            return usable_number(_INTEGERS[operator](left, right))
        if operator in _DOUBLES:
            return usable_number(_DOUBLES[operator](left, right))
    raise TypeMismatch


def usable_number(number: int | float) -> int | float:
    """Return a number that a field could hold. Raise ComputationRefused."""
    if isinstance(number, float):
        if not math.isfinite(number):
            raise ComputationRefused(msg("计算结果过大，不能使用。"))
    elif abs(number) > LARGEST_INTEGER:
        raise ComputationRefused(msg("计算结果过大，不能使用。"))
    return number


def negate(value: JSON) -> JSON:
    require(value)
    if type_name(value) not in ("int", "double"):
        raise TypeMismatch
    return -value


_ORDER: Mapping[str, Callable[[JSON, JSON], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_NUMBERS = frozenset({"int", "double"})


def compare(operator: str, left: JSON, right: JSON) -> bool:
    """Return left < right and the like. Raise EmptyOperand, TypeMismatch."""
    require(left, right)
    kinds = {type_name(left), type_name(right)}
    if kinds <= _NUMBERS or kinds in ({"text"}, {"bool"}):
        return _ORDER[operator](left, right)
    raise TypeMismatch


def equal(left: JSON, right: JSON, count: Callable[[int], None]) -> bool:
    """Return whether two values are equal; of unlike types they are not.

    ``count`` is given the number of values compared.
    """
    kinds = (type_name(left), type_name(right))
    if kinds == ("list", "list"):
        count(len(left))
        return len(left) == len(right) and all(equal(a, b, count) for a, b in zip(left, right, strict=True))
    if kinds == ("map", "map"):
        count(len(left))
        return left.keys() == right.keys() and all(equal(left[key], right[key], count) for key in left)
    return bool(left == right) if kinds[0] == kinds[1] or set(kinds) <= _NUMBERS else False


def contains(item: JSON, whole: JSON, count: Callable[[int], None]) -> bool:
    """Return ``item in whole`` for a list or the keys of a map."""
    require(whole)
    if type_name(whole) == "list":
        count(len(whole))
        return any(equal(item, other, count) for other in whole)
    if type_name(whole) != "map" or type_name(item) not in ("text", "int", "bool"):
        raise TypeMismatch
    return isinstance(item, str) and item in whole


def member_of(whole: JSON, key: JSON) -> JSON:
    """Return a value of a map or list. Raise EmptyOperand if there is none."""
    require(whole, key)
    kind = type_name(whole)
    if kind == "list" and type_name(key) == "int":
        if not 0 <= key < len(whole):
            raise EmptyOperand
        return whole[key]
    if kind == "map" and isinstance(key, str):
        if key not in whole:
            if isinstance(whole, DocumentRow) and key in whole.unknown:
                raise AnswerUnknown(whole.unknown[key])
            raise EmptyOperand
        return whole[key]
    raise TypeMismatch
