"""Choice of the index that narrows a list, and of search candidates.

SQLite does not know how often a value occurs: that all acts have one authority, or that hardly any waits for
review. So the first index that leaves fewer than 64 rows is taken; where none does, each is tried on a
sample of rows and the most selective one is taken. ANALYZE would give averages only, and those of the day it
was run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from formsvc.storage.tinydb_sqlite.bigram_index import bigram_table, search_terms
from formsvc.storage.tinydb_sqlite.list_index import pending_table, searched_fields
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.sql_translation import Clause, ConditionQuery, translate
from formsvc.storage.tinydb_sqlite.values import Condition, folded

_FEW_ROWS = 64  # an index that leaves fewer is good enough
# Looking up more rows one by one costs more than a scan of the covering index.
_MAX_CANDIDATES = 2_000
_SAMPLE_SIZE = 32  # rows, evenly spread over the ids
# Where an index leaves less than this share of all rows, sorting those is faster than walking the order.
_SORTABLE_SHARE = 1 / 8

_TEXT_OPERATORS = frozenset({"contains", "includes"})
_INDEXABLE = frozenset({"==", "in", "<", "<=", ">", ">="})

Index = tuple[str, ...]


@dataclass(frozen=True)
class ListQuery:
    """Conditions and order of a list, and whether it is a page of one."""

    conditions: tuple[Condition, ...]
    order: str = ""
    is_page: bool = False

    def usable_prefix(self, index: Index) -> Index:
        """Return the leading fields of an index that the conditions narrow."""
        narrowed = {each.field for each in self.conditions if _is_indexable(each)}
        return tuple(takewhile(lambda field: field in narrowed, index))

    def is_sorted_by(self, index: Index) -> bool:
        """Return whether an index yields its rows in the order of the list."""
        equal = {each.field for each in self.conditions if _is_single_value(each)}
        before = tuple(takewhile(lambda field: field in equal and field != self.order, index))
        return index[len(before) :][:1] == (self.order,)


def _is_indexable(condition: Condition) -> bool:
    # An empty field may be null or missing; the index alone does not show which.
    values = condition.value if condition.op == "in" else [condition.value]
    return condition.op in _INDEXABLE and None not in values


def _is_single_value(condition: Condition) -> bool:
    return condition.op == "==" or (condition.op == "in" and len(condition.value) == 1)


def choose_index_fields(
    session: Session, table: str, query: ListQuery, indexes: Iterable[Index], columns: Mapping[str, str]
) -> frozenset[str] | None:
    """Return the fields whose index SQLite may use, or None for any."""
    usable = [index for index in indexes if query.usable_prefix(index)]
    if not usable:
        return frozenset({query.order}) if query.is_page else None
    best, share = usable[0], 0.0
    if len(usable) > 1 or (query.is_page and not query.is_sorted_by(best)):
        index = _first_selective_index(session, table, query, usable, columns)
        if index:
            return frozenset(query.usable_prefix(index))
        shares = _selectivity(session, table, query, usable, columns)
        share, best = min(zip(shares, usable, strict=True), key=lambda each: each[0])
    if query.is_sorted_by(best):
        return frozenset({query.order, *query.usable_prefix(best)})
    if query.is_page and share > _SORTABLE_SHARE:
        return frozenset({query.order})
    return frozenset(query.usable_prefix(best))


def _index_clause(query: ListQuery, index: Index, columns: Mapping[str, str]) -> Clause:
    """Return the part of the query that an index answers."""
    fields = query.usable_prefix(index)
    narrowing = (each for each in query.conditions if each.field in fields and _is_indexable(each))
    return translate(ConditionQuery(narrowing), columns)


def _first_selective_index(
    session: Session, table: str, query: ListQuery, indexes: Iterable[Index], columns: Mapping[str, str]
) -> Index:
    """Return the first index that leaves fewer than 64 rows, or ()."""
    for index in indexes:
        clause = _index_clause(query, index, columns)
        (number,) = session.connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {clause.sql} LIMIT {_FEW_ROWS})",
            clause.params,
        ).fetchone()
        if number < _FEW_ROWS:
            return index
    return ()


def _selectivity(
    session: Session, table: str, query: ListQuery, indexes: Sequence[Index], columns: Mapping[str, str]
) -> list[float]:
    """Return the share of rows each index leaves, estimated from a sample."""
    last = session.connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0
    sample = sorted({last - last * n // _SAMPLE_SIZE for n in range(_SAMPLE_SIZE)})
    sums: list[str] = []
    params: list[Any] = []
    for index in indexes:
        clause = _index_clause(query, index, columns)
        sums.append(f"total({clause.sql})")
        params += clause.params
    found = session.connection.execute(
        f"SELECT {', '.join(sums)} FROM {table} WHERE id IN ({','.join(map(str, sample))})", params
    ).fetchone()
    return [total / len(sample) for total in found]


def has_text_search(query: ConditionQuery) -> bool:
    return any(condition.op in _TEXT_OPERATORS for condition in query.conditions)


def search_candidates(session: Session, table: str, query: ConditionQuery) -> list[int] | None:
    """Return the ids a bigram index yields for a search, or None to scan.

    Each of them still has to be compared in full. None: there are more than 2,000, or no index applies.
    """
    fields = searched_fields(session, table) if has_text_search(query) else ()
    for field in fields:
        asked = (each for each in query.conditions if each.field == field)
        parts = [folded(str(each.value)) for each in asked if each.op in _TEXT_OPERATORS]
        rows = _rows_containing(session, table, field, parts)
        if rows is not None:
            return rows
    return None


def _rows_containing(session: Session, table: str, field: str, parts: Iterable[str]) -> list[int] | None:
    terms = " ".join(filter(None, map(search_terms, parts)))
    if not terms:
        return None
    index = bigram_table(table, field)
    found = session.connection.execute(
        # Pending rows are not in the bigram index yet, so each of them is a candidate.
        f"SELECT rowid FROM {index} WHERE {index} MATCH ? UNION SELECT id FROM {pending_table(table)} LIMIT ?",
        (terms, _MAX_CANDIDATES + 1),
    ).fetchall()
    return [row for (row,) in found] if len(found) <= _MAX_CANDIDATES else None
