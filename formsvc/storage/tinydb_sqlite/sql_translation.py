"""TinyDB queries as SQL conditions: never too few rows, and which of the rows still need a look in Python.

TinyDB gives each query a structural hash, such as ``('and', frozenset({('==', ('state',), 'x'), …}))``; that structure
is what is translated. Rows and lists count as null in SQL, yes and no as 1 and 0 (as in Python). SQLite does not
always read a decimal fraction to the last bit, so comparisons of numbers are a little wider for those.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tinydb.queries import QueryInstance

from formsvc.storage.tinydb_sqlite.values import Condition, matches

_PLAIN_KEY = re.compile(r"\w+")
_ORDERINGS = ("<", "<=", ">", ">=")
_WITHOUT_CASE = frozenset({"Lo", "Nd", "Ps", "Pe", "Po", "Pd"})
_LARGEST_INTEGER = 2**63 - 1
_LARGEST_FRACTION = 1e300


@dataclass(frozen=True)
class Clause:
    """``sql`` selects the rows; ``unsure``, where not empty, those among them that Python must look at."""

    sql: str
    params: tuple[Any, ...] = ()
    unsure: str = ""


EVERYTHING = Clause("1")
UNKNOWN = Clause("1", (), "1")
Columns = Mapping[str, str]


class ConditionQuery(QueryInstance):
    """Conditions of the ports as one TinyDB query."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        self.conditions = tuple(conditions)
        super().__init__(lambda record: all(matches(record, each) for each in self.conditions), None)


def translate(query: object, columns: Columns) -> Clause:
    """The SQL for a query; ``columns`` names the fields that have a column of their own."""
    if isinstance(query, ConditionQuery):
        texts = {
            each.field for each in query.conditions if each.op in (">", ">=") and isinstance(each.value, str)
        }
        return _all_of([_condition(each, columns, each.field in texts) for each in query.conditions])
    if type(query) is QueryInstance and query._hash is not None:
        return _structure(query._hash, columns) or UNKNOWN
    return UNKNOWN


def scalar_of(path: tuple[str, ...], columns: Columns) -> str:
    """The SQL expression for a field: its column, or a look into the document."""
    if len(path) == 1 and path[0] in columns:
        return columns[path[0]]
    return plain_value(path)


def plain_value(path: tuple[str, ...]) -> str:
    """A field of the document where it is a plain value; null where it is a list or an object."""
    place = _place(path)
    return (
        f"CASE WHEN json_type(doc,{place}) IN ('array','object') THEN NULL ELSE json_extract(doc,{place}) END"
    )


def is_plain_key(key: str) -> bool:
    """Whether a key can stand in a JSON path of SQLite."""
    return _PLAIN_KEY.fullmatch(key) is not None


def _place(path: tuple[str, ...]) -> str:
    return "'$" + "".join(f'."{key}"' for key in path) + "'"


def _structure(parts: tuple[Any, ...], columns: Columns) -> Clause | None:
    if parts == ():
        return EVERYTHING
    kind = parts[0]
    if kind == "and":
        return _all_of([_structure(part, columns) for part in parts[1]])
    if kind == "or":
        return _any_of([_structure(part, columns) for part in parts[1]])
    if kind == "not":
        return _not(_structure(parts[1], columns))
    if kind in ("==", "!=", *_ORDERINGS, "one_of", "exists") and _is_plain_path(parts[1]):
        return _leaf(kind, parts[1], parts[2] if len(parts) > 2 else None, columns)
    return None


def _is_plain_path(path: tuple[Any, ...]) -> bool:
    return bool(path) and all(isinstance(key, str) and is_plain_key(key) for key in path)


def _leaf(kind: str, path: tuple[str, ...], value: Any, columns: Columns) -> Clause | None:
    """One comparison with TinyDB's meaning: a document without the field never matches."""
    field, kept_as = scalar_of(path, columns), f"json_type(doc,{_place(path)})"
    if kind == "exists":
        return Clause(f"{kept_as} IS NOT NULL")
    if kind == "one_of":
        return _one_of(field, kept_as, value)
    if value is None:
        return {"==": Clause(f"{kept_as}='null'"), "!=": Clause(f"{kept_as}<>'null'")}.get(kind)
    compared = _compared(field, kind, value)
    if kind == "!=" and compared:
        return _all_of([Clause(f"{kept_as} IS NOT NULL"), compared])
    return compared


def _one_of(field: str, kept_as: str, values: Any) -> Clause | None:
    if not isinstance(values, tuple | frozenset):
        return None
    return _among(field, Clause(f"{kept_as}='null'"), values)


def _condition(condition: Condition, columns: Columns, is_text: bool) -> Clause | None:
    """One condition with the meaning of ``records.matches``: an empty field meets ``!=`` and ``== None``.

    ``is_text``: another condition lets only texts through.
    """
    if not is_plain_key(condition.field):
        return None
    path = (condition.field,)
    field = scalar_of(path, columns)
    empty = Clause(f"({field} IS NULL AND coalesce(json_type(doc,{_place(path)}),'null')='null')")
    op, value = condition.op, condition.value
    if op == "contains":
        part = str(value).casefold()
        return _containing(field, part) if _is_storable(part) else None
    if op == "in":
        return _among(field, empty, value)
    if value is None:
        return empty if op == "==" else _not(empty) if op == "!=" else Clause("0")
    if is_text and isinstance(value, str) and op in ("<", "<=") and _is_storable(value):
        return Clause(f"({field} {op} ?)", (value,))
    return _compared(field, op, value)


def _containing(field: str, part: str) -> Clause:
    """Only a part with letters that have a case may be in a text that does not hold it as it is."""
    if all(unicodedata.category(character) in _WITHOUT_CASE for character in part):
        return Clause(f"(typeof({field})='text' AND instr({field},?)>0)", (part,))
    return Clause(
        f"(typeof({field})='text' AND (instr({field},?)>0 OR formsvc_contains({field},?)))", (part, part)
    )


def _among(field: str, empty: Clause, values: Iterable[Any]) -> Clause | None:
    texts = [value for value in values if isinstance(value, str)]
    others = [value for value in values if not isinstance(value, str)]
    parts: list[Clause | None] = [empty if v is None else _compared(field, "==", v) for v in others]
    if len(texts) == 1:
        parts.append(_compared(field, "==", texts[0]))  # rows of one value stand in an index in their order
    elif texts:
        if not all(map(_is_storable, texts)):
            return None
        parts.append(
            Clause(f"{field} IN (SELECT value FROM json_each(?))", (json.dumps(texts, ensure_ascii=False),))
        )
    return _any_of(parts) if parts else Clause("0")


def _compared(field: str, op: str, value: Any) -> Clause | None:
    if isinstance(value, str):
        return _compared_with_text(field, op, value) if _is_storable(value) else None
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, int) and abs(value) <= _LARGEST_INTEGER:
        return _compared_with_number(field, op, value)
    if isinstance(value, float) and math.isfinite(value) and abs(value) < _LARGEST_FRACTION:
        return _compared_with_number(field, op, value)
    return None


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _compared_with_text(field: str, op: str, value: str) -> Clause:
    """Texts compare by code point in SQLite as in Python; numbers, which SQLite sorts before texts, are left out."""
    if op == "!=":
        return Clause(f"{field} IS NOT ?", (value,))
    guard = f" AND {field} >= ''" if op in ("<", "<=") else ""
    return Clause(f"({field} {op} ?{guard})", (value,))


def _compared_with_number(field: str, op: str, value: int | float) -> Clause:
    fraction = f"typeof({field})='real'"
    slack = abs(value) * 1e-12 + 1e-300
    low, high = value - slack, value + slack
    if op == "!=":
        return Clause(f"({field} IS NOT ? OR {fraction})", (value,), fraction)
    exact = f"({field} {op} ? OR {fraction})"
    if op == "==":
        return Clause(f"({field} BETWEEN ? AND ? AND {exact})", (low, high, value), fraction)
    if op in ("<", "<="):
        return Clause(f"({field}<=? AND {exact})", (high, value), fraction)
    return Clause(f"({field}>=? AND typeof({field})<>'text' AND {exact})", (low, value), fraction)


def _all_of(parts: Iterable[Clause | None]) -> Clause:
    known = [part or UNKNOWN for part in parts]
    return _joined(known, " AND ") if known else EVERYTHING


def _any_of(parts: Iterable[Clause | None]) -> Clause | None:
    known = list(parts)
    certain = [part for part in known if part]
    return _joined(certain, " OR ") if len(certain) == len(known) else None


def _joined(parts: list[Clause], word: str) -> Clause:
    sql = word.join(part.sql for part in parts)
    unsure = " OR ".join(dict.fromkeys(part.unsure for part in parts if part.unsure))
    return Clause(f"({sql})", tuple(value for part in parts for value in part.params), unsure)


def _not(part: Clause | None) -> Clause | None:
    """Only what is certain can be turned round: the opposite of too many would be too few."""
    if part is None or part.unsure:
        return None
    return Clause(f"NOT coalesce({part.sql},0)", part.params)
