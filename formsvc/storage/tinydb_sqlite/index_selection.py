"""Choice of the index that narrows a list, and of search candidates.

SQLite does not know how often a value occurs: that all acts have one authority, or that hardly any waits for
review. So the first index that leaves fewer than 64 rows is taken; where none does, each is tried on a
sample of rows and the most selective one is taken. ANALYZE would give averages only, and those of the day it
was run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import Any

from formsvc.storage.tinydb_sqlite.bigram_index import bigram_table, search_terms
from formsvc.storage.tinydb_sqlite.list_index import list_table, pending_table, searched_fields
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.sql_translation import MATCH_ALL, Clause, ConditionQuery, translate
from formsvc.storage.tinydb_sqlite.values import Condition, Equals, folded

_FEW_ROWS = 64  # an index that leaves fewer is good enough
# Looking up more rows one by one costs more than a scan of the covering index.
_MAX_CANDIDATES = 2_000
_SAMPLE_SIZE = 32  # rows, evenly spread over the ids
_SEARCH_SAMPLE_SIZE = 256
# Of a search that at least this share of the rows match, a page is soon filled by reading them in their order.
_FREQUENT_SHARE = 1 / 16
# A list of rows with one of so many values is merged from one list for each, all of them sorted by an index.
_MOST_MERGED = 8
# Where an index leaves less than this share of all rows, sorting those is faster than walking the order.
_SORTABLE_SHARE = 1 / 8

_TEXT_OPERATORS = frozenset({"contains", "includes"})
_INDEXABLE = frozenset({"==", "in", "<", "<=", ">", ">="})

Index = tuple[str, ...]


@dataclass(frozen=True)
class ListQuery:
    """Conditions and order of a list, and whether it is a page of one.

    ``merged`` is the field whose values have a list each (see ``merged_field``).
    """

    conditions: tuple[Condition, ...]
    order: str = ""
    is_page: bool = False
    merged: str = ""

    def usable_prefix(self, index: Index) -> Index:
        """Return the leading fields of an index that the conditions narrow."""
        narrowed = {each.field for each in self.conditions if _is_indexable(each)}
        return tuple(takewhile(lambda field: field in narrowed, index))

    def is_sorted_by(self, index: Index) -> bool:
        """Return whether an index yields its rows in the order of the list."""
        equal = {each.field for each in self.conditions if _is_single_value(each)} | {self.merged}
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
        # of equal ones that in the order of the list
        share, best = min(
            zip(shares, usable, strict=True), key=lambda each: (each[0], not query.is_sorted_by(each[1]))
        )
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
    session: Session,
    table: str,
    query: ListQuery,
    indexes: Iterable[Index],
    columns: Mapping[str, str],
    few: int = _FEW_ROWS,
) -> Index:
    """Return the first index that leaves fewer than ``few`` rows, or ()."""
    for index in indexes:
        clause = _index_clause(query, index, columns)
        (number,) = session.connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {clause.sql} LIMIT {few})", clause.params
        ).fetchone()
        if number < few:
            return index
    return ()


def narrow_fields(
    session: Session, table: str, query: ConditionQuery, indexes: Iterable[Index], columns: Mapping[str, str]
) -> frozenset[str]:
    """Return the fields whose index leaves few of the rows to search, or none."""
    asked = ListQuery(query.conditions)
    prefixes = {prefix: index for index in indexes if (prefix := asked.usable_prefix(index))}
    found = _first_selective_index(session, table, asked, prefixes.values(), columns, _MAX_CANDIDATES)
    return frozenset(asked.usable_prefix(found))


def _selectivity(
    session: Session, table: str, query: ListQuery, indexes: Sequence[Index], columns: Mapping[str, str]
) -> list[float]:
    """Return the share of rows each index leaves, estimated from a sample."""
    sample = _sample(session, table, _SAMPLE_SIZE)
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


def _sample(session: Session, table: str, size: int) -> list[int]:
    """Return so many ids at most, spread over all of them."""
    last = session.connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0
    return sorted({last - last * n // size for n in range(size)})


def has_text_search(query: ConditionQuery) -> bool:
    return any(condition.op in _TEXT_OPERATORS for condition in query.conditions)


def covers_search(indexes: Iterable[Index], query: ConditionQuery, order: str) -> bool:
    """Return whether an index has the searched texts in the order of the list."""
    searched = {each.field for each in query.conditions if each.op in _TEXT_OPERATORS}
    return any(index[0] == order and searched <= set(index) for index in indexes)


def merged_field(query: ConditionQuery, order: str, indexes: Sequence[Index]) -> str:
    """Return the field with several values whose lists an index sorts, or ""."""
    if any(index[0] == order for index in indexes):
        return ""
    leading = {index[0] for index in indexes if index[1:2] == (order,)}
    wanted = (each for each in query.conditions if each.op == "in" and each.field in leading)
    return next(
        (
            each.field
            for each in wanted
            if 1 < len(each.value) <= _MOST_MERGED and all(isinstance(value, str) for value in each.value)
        ),
        "",
    )


def queries_by_value(query: ConditionQuery, field: str) -> list[ConditionQuery]:
    """Return the query once for each value that a field may have."""
    condition = next(each for each in query.conditions if each.op == "in" and each.field == field)
    others = [each for each in query.conditions if each is not condition]
    return [ConditionQuery([Equals(field, v), *others]) for v in dict.fromkeys(condition.value)]


@dataclass(frozen=True)
class Candidates:
    """Rows a bigram index yields for a search, each to be compared in full.

    ``ids`` is None if they are more than 2,000; then ``index`` yields them one by one for ``terms``.
    """

    ids: list[int] | None
    index: str
    terms: str


def search_candidates(session: Session, table: str, query: ConditionQuery) -> Candidates | None:
    """Return what a bigram index yields for a search, None if none applies."""
    fields = searched_fields(session, table) if has_text_search(query) else ()
    for field in fields:
        asked = [each for each in query.conditions if each.field == field and each.op in _TEXT_OPERATORS]
        parts = [folded(str(each.value)) for each in asked]
        terms = " ".join(filter(None, map(search_terms, parts)))
        # one character stands for all bigrams that begin with it, which takes long to put together
        if terms and (any(len(part) > 1 for part in parts) or not _is_frequent(session, table, query)):
            return session.remembered(
                (table, field, *((each.op, str(each.value)) for each in asked)),
                partial(_candidates, session, table, asked, terms),
            )
    return None


def _candidates(session: Session, table: str, conditions: Sequence[Condition], terms: str) -> Candidates:
    field = conditions[0].field
    index, listed, most = bigram_table(table, field), list_table(table), _MAX_CANDIDATES
    matches = f"SELECT {index}.rowid FROM {index} CROSS JOIN {listed} ON {listed}.id={index}.rowid"
    # pairs of letters are in many names, all those of a word in few: these are compared at once
    clause = translate(ConditionQuery(conditions), {field: f"+f_{field}"})
    pending = [row for (row,) in session.connection.execute(f"SELECT id FROM {pending_table(table)}")]
    for statement, params in (
        (f"SELECT rowid FROM {index} WHERE {index} MATCH ? LIMIT ?", ()),
        (f"{matches} WHERE {index} MATCH ? AND {clause.sql} LIMIT ?", clause.params),
    ):
        found = session.connection.execute(statement, (terms, *params, most + 1)).fetchall()
        # pending rows are not in the bigram index yet, so each of them is a candidate
        ids = sorted({*pending, *(row for (row,) in found)})
        if len(ids) <= most:
            return Candidates(ids, index, terms)
    return Candidates(None, index, terms)


def _is_frequent(session: Session, table: str, query: ConditionQuery) -> bool:
    """Return whether many rows match, judged by a sample."""
    listed = list_table(table)
    columns = session.indexed_columns(table)
    clause = translate(query, columns)
    # a text that has to be folded takes longer to compare than its bigrams to put together
    is_slow = any(each.op == "contains" for each in query.conditions)
    if is_slow or any(each.field not in columns for each in query.conditions) or clause.uncertain:
        return False
    sample = _sample(session, listed, _SEARCH_SAMPLE_SIZE)
    (total,) = session.connection.execute(
        f"SELECT total({clause.sql}) FROM {listed} WHERE id IN ({','.join(map(str, sample))})", clause.params
    ).fetchone()
    return bool(total >= len(sample) * _FREQUENT_SHARE)


@dataclass(frozen=True)
class SelectPlan:
    """The SQL of a query, on the table or on its list index and pending rows.

    ``clause`` may use indexes; ``plain`` means the same but uses none (its columns have a plus before them).
    ``parts`` mean the same as ``clause`` together, and no two of them the same row. ``candidates`` are those of a search.
    """

    clause: Clause
    plain: Clause
    table: str
    list_source: str
    order_by: str
    parts: tuple[Clause, ...] = ()
    candidates: Candidates | None = None

    @property
    def is_pending(self) -> str:
        return f"id IN (SELECT id FROM {pending_table(self.table)})"

    @property
    def source(self) -> str:
        return self.list_source or self.table

    def select(self, selected: str) -> tuple[str, tuple[Any, ...]]:
        """Return a SELECT over all matching rows, to which ORDER BY can be added."""
        if not self.list_source:
            return f"SELECT {selected} FROM {self.table} WHERE {self.clause.sql}", self.clause.params
        parts = self.parts or (self.clause,)
        arms = [
            f"SELECT {selected} FROM {self.list_source} WHERE {part.sql} AND NOT {self.is_pending}"
            for part in parts
        ]
        arms.append(f"SELECT {selected} FROM {self.table} WHERE {self.is_pending} AND {self.plain.sql}")
        params = tuple(each for part in parts for each in part.params)
        return " UNION ALL ".join(arms), params + self.plain.params

    def select_first(self) -> tuple[str, tuple[Any, ...]]:
        """Return a SELECT over all matching rows that soon yields the first ones."""
        found = self.candidates
        if found is None or found.ids is not None or self.list_source != list_table(self.table):
            return self.select("1")
        # CROSS JOIN makes SQLite take the candidates one by one instead of collecting them
        return (
            f"SELECT 1 FROM {found.index} CROSS JOIN {self.list_source} ON {self.list_source}.id={found.index}.rowid"
            f" WHERE {found.index} MATCH ? AND {self.plain.sql} AND NOT {self.is_pending}"
            f" UNION ALL SELECT 1 FROM {self.table} WHERE {self.is_pending} AND {self.plain.sql}",
            (found.terms, *self.plain.params, *self.plain.params),
        )

    def count_terms(self) -> Iterator[tuple[int, str, tuple[Any, ...]]]:
        """Yield sign, FROM clause and parameters of each count to sum up.

        The rows of the list index, less those of them that are pending, plus the pending ones as the table
        has them now.
        """
        if self.clause == MATCH_ALL:  # without WHERE SQLite counts whole pages
            yield 1, self.source, ()
        else:
            yield 1, f"{self.source} WHERE {self.clause.sql}", self.clause.params
        if self.list_source:
            yield -1, f"{self.list_source} WHERE {self.is_pending} AND {self.plain.sql}", self.plain.params
            yield 1, f"{self.table} WHERE {self.is_pending} AND {self.plain.sql}", self.plain.params
