"""Which index is to narrow a list.

SQLite does not know how often a value occurs: that all acts have one authority, or that hardly any waits for review. So
the first index that leaves a handful of rows is taken; where none does, each is tried on a few rows from all over the
table, and the one that leaves the fewest is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from formsvc.storage.tinydb_sqlite.bigram_index import index_of, words_of
from formsvc.storage.tinydb_sqlite.list_index import searched_fields, waiting_for
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.sql_translation import Clause, ConditionQuery, translate
from formsvc.storage.tinydb_sqlite.values import Condition

_HANDFUL = 64
_MOST_ROWS = 2_000
_SAMPLE = 32
_FEW = 1 / 8
"""Where an index leaves less than this part of all rows, sorting those is quicker than to look for some in order."""

_NARROWING = frozenset({"==", "in", "<", "<=", ">", ">="})

Index = tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What a list asks for: conditions, and for a page of it the field it is sorted by."""

    conditions: tuple[Condition, ...]
    order: str = ""
    is_short: bool = False

    def usable(self, index: Index) -> Index:
        """The first fields of an index that conditions narrow; none if it is no help."""
        narrowed = {each.field for each in self.conditions if _narrows(each)}
        return tuple(takewhile(lambda field: field in narrowed, index))

    def is_sorted_by(self, index: Index) -> bool:
        """Whether the rows that an index leaves come in the order of the list."""
        equal = {each.field for each in self.conditions if _is_one_value(each)}
        before = tuple(takewhile(lambda field: field in equal and field != self.order, index))
        return index[len(before) :][:1] == (self.order,)


def _narrows(condition: Condition) -> bool:
    """Whether an index can find what meets a condition. Emptiness cannot be told from an index alone."""
    values = condition.value if condition.op == "in" else [condition.value]
    return condition.op in _NARROWING and None not in values


def _is_one_value(condition: Condition) -> bool:
    return condition.op == "==" or (condition.op == "in" and len(condition.value) == 1)


def speaking_fields(
    session: Session, table: str, wanted: Wanted, indexes: Iterable[Index], columns: Mapping[str, str]
) -> frozenset[str] | None:
    """The fields that are to have a say in choosing an index; None where SQLite is to choose among all."""
    usable = [index for index in indexes if wanted.usable(index)]
    if not usable:
        return frozenset({wanted.order}) if wanted.is_short else None
    best, share = usable[0], 0.0
    if len(usable) > 1 or (wanted.is_short and not wanted.is_sorted_by(best)):
        found = _handful(session, table, wanted, usable, columns)
        if found:
            return frozenset(wanted.usable(found))
        shares = _shares(session, table, wanted, usable, columns)
        share, best = min(zip(shares, usable, strict=True), key=lambda each: each[0])
    if wanted.is_sorted_by(best):
        return frozenset({wanted.order, *wanted.usable(best)})
    if wanted.is_short and share > _FEW:
        return frozenset({wanted.order})
    return frozenset(wanted.usable(best))


def _clause(wanted: Wanted, index: Index, columns: Mapping[str, str]) -> Clause:
    """What an index asks of the rows it leaves."""
    fields = wanted.usable(index)
    narrowing = (each for each in wanted.conditions if each.field in fields and _narrows(each))
    return translate(ConditionQuery(narrowing), columns)


def _handful(
    session: Session, table: str, wanted: Wanted, indexes: Iterable[Index], columns: Mapping[str, str]
) -> Index:
    """The first index that leaves a handful of rows only; empty if none does."""
    for index in indexes:
        clause = _clause(wanted, index, columns)
        (number,) = session.connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {clause.sql} LIMIT {_HANDFUL})", clause.params
        ).fetchone()
        if number < _HANDFUL:
            return index
    return ()


def _shares(
    session: Session, table: str, wanted: Wanted, indexes: Sequence[Index], columns: Mapping[str, str]
) -> list[float]:
    """The part of the rows that each index leaves, as a sample tells."""
    last = session.connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0
    sample = sorted({last - last * n // _SAMPLE for n in range(_SAMPLE)})
    sums: list[str] = []
    params: list[Any] = []
    for index in indexes:
        clause = _clause(wanted, index, columns)
        sums.append(f"total({clause.sql})")
        params += clause.params
    found = session.connection.execute(
        f"SELECT {', '.join(sums)} FROM {table} WHERE id IN ({','.join(map(str, sample))})", params
    ).fetchone()
    return [total / len(sample) for total in found]


def searches(query: ConditionQuery) -> bool:
    """Whether parts of texts are looked for."""
    return any(condition.op == "contains" for condition in query.conditions)


def candidates(session: Session, table: str, query: ConditionQuery) -> list[int] | None:
    """The rows that an index names for a search of the query; None where they are many, or no index can tell."""
    fields = searched_fields(session, table) if searches(query) else ()
    for condition in query.conditions:
        if condition.op == "contains" and condition.field in fields:
            rows = _rows_with(session, table, condition)
            if rows is not None:
                return rows
    return None


def _rows_with(session: Session, table: str, condition: Condition) -> list[int] | None:
    """The rows that may hold the part; None where they are many, or any row may."""
    words = words_of(str(condition.value).casefold())
    if not words:
        return None
    index = index_of(table, condition.field)
    found = session.connection.execute(
        f"SELECT rowid FROM {index} WHERE {index} MATCH ? UNION SELECT id FROM {waiting_for(table)} LIMIT ?",
        (words, _MOST_ROWS + 1),
    ).fetchall()
    return [row for (row,) in found] if len(found) <= _MOST_ROWS else None
