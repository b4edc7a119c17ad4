"""TinyDB queries as SQL conditions: never too few rows.

TinyDB gives each query a structural hash, such as ``('and', frozenset({('==', ('state',), 'x'), …}))``; that
structure is translated. Lists and objects count as null in SQL, True and False as 1 and 0 (as in Python).
SQLite does not always read a decimal fraction to the last bit, so comparisons of numbers are a little wider
for those.
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

from formsvc.storage.tinydb_sqlite.values import Condition, folded, matches

_PLAIN_KEY = re.compile(r"\w+")
_ORDERINGS = ("<", "<=", ">", ">=")
# Letters without case, digits, punctuation: categories of Unicode whose characters casefold to themselves.
_CASELESS = frozenset({"Lo", "Nd", "Ps", "Pe", "Po", "Pd"})
_LARGEST_INTEGER = 2**63 - 1
_LARGEST_FRACTION = 1e300  # beyond it the tolerance below could overflow


@dataclass(frozen=True)
class Clause:
    """An SQL condition; rows that meet ``uncertain`` Python must check."""

    sql: str
    params: tuple[Any, ...] = ()
    uncertain: str = ""


MATCH_ALL = Clause("1")
UNKNOWN = Clause("1", (), "1")
Columns = Mapping[str, str]


class ConditionQuery(QueryInstance):
    """Conditions on top-level fields as one TinyDB query."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        self.conditions = tuple(conditions)
        super().__init__(lambda record: all(matches(record, each) for each in self.conditions), None)


def translate(query: object, columns: Columns) -> Clause:
    """Return the SQL for a query, or ``UNKNOWN`` for every row.

    ``columns`` names the fields that have a column of their own.
    """
    if isinstance(query, ConditionQuery):
        texts = {
            each.field for each in query.conditions if each.op in (">", ">=") and isinstance(each.value, str)
        }
        return _all_of(
            [_translate_condition(each, columns, each.field in texts) for each in query.conditions]
        )
    if type(query) is QueryInstance and query._hash is not None:
        return _translate_hash(query._hash, columns) or UNKNOWN
    return UNKNOWN


def scalar_expression(path: tuple[str, ...], columns: Columns) -> str:
    """Return the SQL of a field: its column, or a look into the document."""
    if len(path) == 1 and path[0] in columns:
        return columns[path[0]]
    return plain_value(path)


def plain_value(path: tuple[str, ...]) -> str:
    """Return the SQL of a document's field; null for a list or an object."""
    place = _json_path(path)
    return (
        f"CASE WHEN json_type(doc,{place}) IN ('array','object') THEN NULL ELSE json_extract(doc,{place}) END"
    )


def is_plain_key(key: str) -> bool:
    """Return whether a key can be written in SQLite's JSON paths."""
    return _PLAIN_KEY.fullmatch(key) is not None


def _json_path(path: tuple[str, ...]) -> str:
    return "'$" + "".join(f'."{key}"' for key in path) + "'"


def _translate_hash(parts: tuple[Any, ...], columns: Columns) -> Clause | None:
    if parts == ():
        return MATCH_ALL
    kind = parts[0]
    if kind == "and":
        return _all_of([_translate_hash(part, columns) for part in parts[1]])
    if kind == "or":
        return _any_of([_translate_hash(part, columns) for part in parts[1]])
    if kind == "not":
        return _not(_translate_hash(parts[1], columns))
    if kind in ("==", "!=", *_ORDERINGS, "one_of", "exists") and _is_plain_path(parts[1]):
        return _translate_comparison(kind, parts[1], parts[2] if len(parts) > 2 else None, columns)
    return None


def _is_plain_path(path: tuple[Any, ...]) -> bool:
    return bool(path) and all(isinstance(key, str) and is_plain_key(key) for key in path)


def _translate_comparison(kind: str, path: tuple[str, ...], value: Any, columns: Columns) -> Clause | None:
    # A document without the field never matches, as in TinyDB.
    field, json_type = scalar_expression(path, columns), f"json_type(doc,{_json_path(path)})"
    if kind == "exists":
        return Clause(f"{json_type} IS NOT NULL")
    if kind == "one_of":
        return _translate_one_of(field, json_type, value)
    if value is None:
        return {"==": Clause(f"{json_type}='null'"), "!=": Clause(f"{json_type}<>'null'")}.get(kind)
    compared = _compare(field, kind, value)
    if kind == "!=" and compared:
        return _all_of([Clause(f"{json_type} IS NOT NULL"), compared])
    return compared


def _translate_one_of(field: str, json_type: str, values: Any) -> Clause | None:
    if not isinstance(values, tuple | frozenset):
        return None
    return _is_in(field, Clause(f"{json_type}='null'"), values)


def _translate_condition(condition: Condition, columns: Columns, is_text: bool) -> Clause | None:
    """Return the SQL of one condition, with the meaning of ``values.matches``.

    ``is_text``: another condition lets only texts through.
    """
    if not is_plain_key(condition.field):
        return None
    path = (condition.field,)
    field = scalar_expression(path, columns)
    empty = Clause(f"({field} IS NULL AND coalesce(json_type(doc,{_json_path(path)}),'null')='null')")
    op, value = condition.op, condition.value
    if op == "contains":
        part = folded(str(value)) or str(value).casefold()
        return _contains(field, part) if _is_storable(part) else None
    if op == "includes":
        part = str(value)
        return (
            Clause(f"(instr({field},?)>0 AND typeof({field})='text')", (part,))
            if _is_storable(part)
            else None
        )
    if op == "mentions":
        # the whole document is looked through; Python checks the few rows where the text stands in it
        quoted = tuple(json.dumps(each, ensure_ascii=False) for each in value)
        found = " OR ".join("instr(doc,?)>0" for _ in quoted) or "0"
        return Clause(f"({found})", quoted, "1") if all(map(_is_storable, quoted)) else None
    if op == "in":
        return _is_in(field, empty, value)
    if value is None:
        return empty if op == "==" else _not(empty) if op == "!=" else Clause("0")
    if is_text and isinstance(value, str) and op in ("<", "<=") and _is_storable(value):
        return Clause(f"({field} {op} ?)", (value,))
    return _compare(field, op, value)


def _contains(field: str, part: str) -> Clause:
    # Folding is slow, as it calls Python for each row. Characters without case stand in a text that has them, blanks
    # and dots between them or not: only a text with the first and the last of them is folded.
    if part and all(unicodedata.category(character) in _CASELESS for character in part):
        return Clause(
            f"(typeof({field})='text' AND (instr({field},?)>0 OR"
            f" (instr({field},?)>0 AND instr({field},?)>0 AND formsvc_contains({field},?))))",
            (part, part[0], part[-1], part),
        )
    return Clause(
        f"(typeof({field})='text' AND (instr({field},?)>0 OR formsvc_contains({field},?)))", (part, part)
    )


def _is_in(field: str, empty: Clause, values: Iterable[Any]) -> Clause | None:
    texts = [value for value in values if isinstance(value, str)]
    others = [value for value in values if not isinstance(value, str)]
    parts: list[Clause | None] = [empty if v is None else _compare(field, "==", v) for v in others]
    if len(texts) == 1:
        parts.append(_compare(field, "==", texts[0]))  # a single value keeps the rows in index order
    elif texts:
        if not all(map(_is_storable, texts)):
            return None
        parts.append(
            Clause(f"{field} IN (SELECT value FROM json_each(?))", (json.dumps(texts, ensure_ascii=False),))
        )
    return _any_of(parts) if parts else Clause("0")


def _compare(field: str, op: str, value: Any) -> Clause | None:
    if isinstance(value, str):
        return _compare_text(field, op, value) if _is_storable(value) else None
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, int) and abs(value) <= _LARGEST_INTEGER:
        return _compare_number(field, op, value)
    if isinstance(value, float) and math.isfinite(value) and abs(value) < _LARGEST_FRACTION:
        return _compare_number(field, op, value)
    return None


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _compare_text(field: str, op: str, value: str) -> Clause:
    if op == "!=":
        return Clause(f"{field} IS NOT ?", (value,))
    # Texts compare by code point in SQLite as in Python; numbers, which SQLite sorts first, are left out.
    guard = f" AND {field} >= ''" if op in ("<", "<=") else ""
    return Clause(f"({field} {op} ?{guard})", (value,))


def _compare_number(field: str, op: str, value: int | float) -> Clause:
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
    clauses = [part or UNKNOWN for part in parts]
    return _join(clauses, " AND ") if clauses else MATCH_ALL


def _any_of(parts: Iterable[Clause | None]) -> Clause | None:
    clauses = list(parts)
    certain = [part for part in clauses if part]
    return _join(certain, " OR ") if len(certain) == len(clauses) else None


def _join(parts: list[Clause], word: str) -> Clause:
    sql = word.join(part.sql for part in parts)
    unsure = " OR ".join(dict.fromkeys(part.uncertain for part in parts if part.uncertain))
    return Clause(f"({sql})", tuple(value for part in parts for value in part.params), unsure)


def _not(part: Clause | None) -> Clause | None:
    # The opposite of a condition that selects too many rows would select too few.
    if part is None or part.uncertain:
        return None
    return Clause(f"NOT coalesce({part.sql},0)", part.params)
