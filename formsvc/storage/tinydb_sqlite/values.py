"""Stored values: encoding, comparison and order, in Python as in SQL."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

import orjson

from formsvc.errors import InputRefused, Problem
from formsvc.i18n.messages import msg

JSON = Any
Record = dict[str, JSON]

_MAX_INTEGER = 2**63 - 1  # of SQLite
# Valid JSON, but SQLite's text functions stop at it.
_NUL = b"\\u0000"
_LEAVES = frozenset({str, int, bool, type(None)})
_PLAIN = _LEAVES | {dict, list, float}
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda stored, value: stored < value,
    "<=": lambda stored, value: stored <= value,
    ">": lambda stored, value: stored > value,
    ">=": lambda stored, value: stored >= value,
}
# · • ・ ． ‧ ᛫ and others like them
_UNCOMPARED = re.compile(
    r"[\s\u00b7\u0387\u16eb\u2022\u2024\u2027\u2219\u22c5\u2e31\u2e33\u30fb\u318d\uff0e\uff65.]+"
)
_OPERATORS = frozenset({"==", "!=", "in", "contains", "includes", "mentions", *_ORDERINGS})


class Condition(Protocol):
    """A condition on one top-level field of a record.

    ``op`` is one of ``== != < <= > >= in contains includes``; ``contains`` looks for a part of a text, ignoring
    case, blanks and dots, ``includes`` for one exactly as it is.
    """

    @property
    def field(self) -> str: ...
    @property
    def op(self) -> str: ...
    @property
    def value(self) -> JSON: ...


class Equals(NamedTuple):
    """The condition that a field has one value."""

    field: str
    value: JSON
    op: str = "=="


def encode(record: Mapping[str, JSON]) -> bytes:
    """Return a record as JSON in UTF-8.

    Raise InputRefused for values that JSON or SQLite could not return unchanged: NaN, U+0000, half a
    surrogate pair, integers of more than 64 bits.
    """
    if type(record) is dict and is_orjson_safe(record):
        # orjson is several times faster than json; what it refuses is validated below for a better message.
        with suppress(orjson.JSONEncodeError):
            text = orjson.dumps(record, option=orjson.OPT_STRICT_INTEGER)
            if _NUL not in text:
                return text
    _validate(record, "")
    return _ENCODER.encode(dict(record)).encode()


def decode(text: bytes | str) -> Record:
    record: Record = orjson.loads(text)
    return record


def is_orjson_safe(value: dict[str, Any] | list[Any]) -> bool:
    """Return whether orjson writes the value as ``json`` does, or refuses it."""
    items = value.values() if type(value) is dict else value
    kinds = set(map(type, items))
    if kinds <= _LEAVES:
        return True
    return kinds <= _PLAIN and all(_is_alike(item) for item in items if isinstance(item, dict | list | float))


def _is_alike(item: dict[str, Any] | list[Any] | float) -> bool:
    if isinstance(item, float):
        # orjson writes very large and very small ones in another way, and NaN as null
        return orjson.dumps(item) == repr(item).encode()
    return is_orjson_safe(item)


def _validate(value: object, path: str) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _validate_text(value, path)
    elif isinstance(value, int | float):
        _validate_number(value, path)
    elif isinstance(value, Mapping):
        _validate_keys(value, path)
        for key, item in value.items():
            _validate(item, f"{path}{key}.")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _validate(item, f"{path}{index}.")
    else:
        raise TypeError(f"{type(value).__name__} cannot be stored as JSON: {path.rstrip('.')}")


def _validate_number(value: int | float, path: str) -> None:
    if isinstance(value, int) and abs(value) > _MAX_INTEGER:
        raise _refused(path, msg("整数超出能够保存的范围。"), msg("请改填较小的数，或作为文字填写。"))
    if isinstance(value, float) and not math.isfinite(value):
        raise _refused(path, msg("不是一个确定的数（NaN 或无穷大），不能保存。"), msg("请填写确定的数。"))


def _validate_keys(value: Mapping[object, object], path: str) -> None:
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"keys of a stored record are text, not {type(key).__name__}: {path}{key!r}")
        _validate_text(key, path)


def _validate_text(text: str, path: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        raise _refused(
            path,
            msg(
                "第 {n} 个字是不完整的字符（U+{code}），不能保存。",
                n=error.start + 1,
                code=f"{code:04X}",
            ),
            msg("请重新输入这个字。"),
        ) from error
    if "\0" in text:
        raise _refused(path, msg("含有空字符（U+0000），不能保存。"), msg("请删去后重新填写。"))


def _refused(path: str, message: str, remedy: str) -> InputRefused:
    field = path.rstrip(".")
    return InputRefused([Problem(field, message, remedy)], msg("有内容不能保存：{message}", message=message))


def refuse_unknown_operators(conditions: Iterable[Condition]) -> None:
    for condition in conditions:
        if condition.op not in _OPERATORS:
            raise ValueError(f"unknown operator {condition.op!r}")


def matches(record: Mapping[str, JSON], condition: Condition) -> bool:
    """Return whether a record meets a condition.

    An empty field (missing or null) meets ``!=`` any value; compared with None, ``==`` asks whether it is
    empty. Values of unlike types never match an ordering.
    """
    stored, op, value = record.get(condition.field), condition.op, condition.value
    if op == "==":
        return _same(stored, value)
    if op == "!=":
        return not _same(stored, value)
    if op == "in":
        return any(_same(stored, item) for item in value)
    if op == "mentions":
        return _mentions(stored, value)
    if op == "contains":
        return isinstance(stored, str) and _is_part(str(value), stored)
    if op == "includes":
        return isinstance(stored, str) and str(value) in stored
    comparable = (
        isinstance(stored, str) and isinstance(value, str) or _is_number(stored) and _is_number(value)
    )
    return comparable and _ORDERINGS[op](stored, value)


def folded(text: str) -> str:
    """Return a text as searches compare it: without case, blanks and dots.

    Names of some peoples have a dot between their parts, of which keyboards have a dozen.
    """
    return _UNCOMPARED.sub("", text.casefold())


def _is_part(part: str, text: str) -> bool:
    # a blank or a dot alone is meant as it is
    return folded(part) in folded(text) if folded(part) else part.casefold() in text.casefold()


def _mentions(stored: object, texts: Collection[object]) -> bool:
    """Return whether one of the texts stands in a value, however deep."""
    if isinstance(stored, dict):
        return any(_mentions(each, texts) for each in stored.values())
    if isinstance(stored, list):
        return any(_mentions(each, texts) for each in stored)
    return isinstance(stored, str) and stored in texts


def _same(stored: object, value: object) -> bool:
    return stored is None if value is None else stored is not None and stored == value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def scalar(value: object) -> str | int | float | None:
    """Return the value to sort and group by; None for lists and objects."""
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, str | int | float) else None


def sort_key(value: object) -> tuple[int, Any]:
    """Return a key that sorts empty values first, then numbers, then texts."""
    plain = scalar(value)
    if plain is None:
        return (0, 0)
    return (2, plain) if isinstance(plain, str) else (1, plain)


def group_name(value: object) -> str:
    """Return the name of a value's group; empty values form the group ``""``."""
    plain = scalar(value)
    return "" if plain is None else str(plain)
