"""Queries on one SQL table of documents.

What SQL can decide is selected in SQL; a query that it cannot decide is evaluated in Python over the rows
SQL leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from tinydb.queries import QueryLike

from formsvc.i18n.messages import msg
from formsvc.storage.tinydb_sqlite.errors import damaged
from formsvc.storage.tinydb_sqlite.index_selection import (
    Candidates,
    ListQuery,
    SelectPlan,
    choose_index_fields,
    covers_search,
    has_text_search,
    merged_field,
    narrow_fields,
    queries_by_value,
    search_candidates,
)
from formsvc.storage.tinydb_sqlite.list_index import (
    list_table,
    listed_columns,
    pending_table,
    refresh_if_needed,
)
from formsvc.storage.tinydb_sqlite.rows import Row, row_hash, table_statements
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.sql_translation import (
    MATCH_ALL,
    Clause,
    ConditionQuery,
    is_plain_key,
    scalar_expression,
    translate,
)
from formsvc.storage.tinydb_sqlite.values import Equals, Record, decode, group_name, sort_key

StoredDocument = tuple[int, Record]  # id and content

_COLUMN = re.compile(r"\bf_\w+")
_DOCUMENT = re.compile(r"\bdoc\b")
# Source of rows for a table that does not exist yet.
_NO_ROWS = "(SELECT 0 AS id, NULL AS hash, NULL AS doc WHERE 0)"


@dataclass(frozen=True)
class Sorting:
    """Order by a top-level field, else by id, and the page to return."""

    order: str = ""
    descending: bool = False
    offset: int = 0
    limit: int | None = None

    def apply(self, found: list[StoredDocument]) -> list[StoredDocument]:
        found.sort(key=lambda row: (sort_key(row[1].get(self.order)), row[0]), reverse=self.descending)
        return found[self.offset : None if self.limit is None else self.offset + self.limit]


class TableReader:
    """Reads of one table, in the caller's transaction.

    ``indexes`` names the fields of each index. A missing table has no documents.
    """

    def __init__(self, path: Path, name: str, indexes: Sequence[tuple[str, ...]] = ()) -> None:
        self._path = path
        self._name = name
        self._indexes = indexes

    def read_text(self, session: Session, doc_id: int) -> bytes | None:
        """Return a document's JSON text, or None.

        Raise StoreDamaged if it does not fit its hash.
        """
        row = session.connection.execute(
            f"SELECT hash, CAST(doc AS BLOB) FROM {self._source(session)} WHERE id=?", (doc_id,)
        ).fetchone()
        return None if row is None else self._verified(doc_id, *row)

    def find_row(self, session: Session, field: str, value: str) -> Row | None:
        statements = table_statements(session, self._name)
        row = session.connection.execute(f"{statements.select} WHERE f_{field}=?", (value,)).fetchone()
        if row is None:
            return None
        self._verified(*row[:3])
        return statements.to_row(row)

    def greatest(self, session: Session, field: str) -> str:
        """Return the greatest value of the unique field; empty without documents."""
        column = session.indexed_columns(self._name)[field]
        found = session.connection.execute(
            f"SELECT {column} FROM {self._name} ORDER BY {column} DESC LIMIT 1"
        )
        return str((found.fetchone() or ("",))[0])

    def iter_matching(self, session: Session, query: QueryLike | None) -> Iterator[StoredDocument]:
        plan = self._plan(session, query)
        where, params = plan.plain.sql, plan.plain.params
        if plan.list_source:
            where = (
                f"id IN (SELECT id FROM {plan.list_source} WHERE {plan.clause.sql}"
                f" UNION ALL SELECT id FROM {pending_table(self._name)}) AND {where}"
            )
            params = plan.clause.params + params
        elif query is not None:
            where = plan.clause.sql
        rows = session.connection.execute(
            f"SELECT id, hash, CAST(doc AS BLOB) FROM {plan.table} WHERE {where} ORDER BY id", params
        )
        for doc_id, mark, text in rows:
            document = decode(self._verified(doc_id, mark, text))
            if query is None or query(document):
                yield doc_id, document

    def matching_ids(self, session: Session, query: QueryLike | None) -> list[int]:
        plan = self._plan(session, query)
        if not _is_exact(session, plan):
            return [doc_id for doc_id, _ in self.iter_matching(session, query)]
        statement, params = plan.select("id")
        return [doc_id for (doc_id,) in session.connection.execute(f"{statement} ORDER BY id", params)]

    def count(self, session: Session, query: QueryLike | None, limit: int | None = None) -> int:
        if limit is not None:
            return self._count_up_to(session, query, limit)
        # Nearly all acts are no drafts: the few that are get counted, and subtracted from the rest.
        if isinstance(query, ConditionQuery):
            unlike = [each for each in query.conditions if each.op == "!=" and isinstance(each.value, str)]
            if len(unlike) == 1 and not has_text_search(query):
                others = [each for each in query.conditions if each != unlike[0]]
                like = ConditionQuery([*others, Equals(unlike[0].field, unlike[0].value)])
                return self._count(session, ConditionQuery(others)) - self._count(session, like)
        return self._count(session, query)

    def _count(self, session: Session, query: QueryLike | None) -> int:
        plan = self._plan(session, query)
        if not _is_exact(session, plan):
            return sum(1 for _ in self.iter_matching(session, query))
        counted = (
            (sign, session.connection.execute(f"SELECT count(*) FROM {rows}", params).fetchone()[0])
            for sign, rows, params in plan.count_terms()
        )
        return sum(sign * number for sign, number in counted)

    def _count_up_to(self, session: Session, query: QueryLike | None, limit: int) -> int:
        plan = self._plan(session, query)
        if not _is_exact(session, plan):
            return sum(1 for _ in islice(self.iter_matching(session, query), limit))
        statement, params = plan.select_first()
        counted = session.connection.execute(
            f"SELECT count(*) FROM ({statement} LIMIT ?)", (*params, limit)
        ).fetchone()
        return int(counted[0])

    def page(self, session: Session, query: QueryLike | None, sorting: Sorting) -> list[StoredDocument]:
        plan = self._plan(session, query, sorting)
        if not _is_exact(session, plan) or (sorting.order and not is_plain_key(sorting.order)):
            return sorting.apply(list(self.iter_matching(session, query)))
        way = "DESC" if sorting.descending else "ASC"
        limit = -1 if sorting.limit is None else sorting.limit
        statement, params = plan.select(f"id, {plan.order_by} AS place")
        ids = session.connection.execute(
            f"{statement} ORDER BY place {way}, id {way} LIMIT ? OFFSET ?", (*params, limit, sorting.offset)
        ).fetchall()
        texts = ((doc_id, self.read_text(session, doc_id)) for doc_id, _place in ids)
        return [(doc_id, decode(text)) for doc_id, text in texts if text is not None]

    def count_by(self, session: Session, field: str, query: QueryLike | None) -> dict[str, int]:
        counts: dict[str, int] = {}
        for value, number in self._value_counts(session, field, query):
            counts[group_name(value)] = counts.get(group_name(value), 0) + number
        return {value: number for value, number in counts.items() if number}

    def _value_counts(
        self, session: Session, field: str, query: QueryLike | None
    ) -> Iterator[tuple[Any, int]]:
        if is_plain_key(field):
            value = scalar_expression((field,), session.indexed_columns(self._name))
            plan = self._plan(session, query, extra=value)
            if _is_exact(session, plan, unless=f"typeof({value})='real'"):
                for sign, rows, params in plan.count_terms():
                    grouped = f"SELECT {value}, count(*) FROM {rows} GROUP BY 1"
                    for each, number in session.connection.execute(grouped, params):
                        yield each, sign * number
                return
        for _, document in self.iter_matching(session, query):
            yield document.get(field), 1

    def _plan(
        self, session: Session, query: QueryLike | None, sorting: Sorting | None = None, extra: str = ""
    ) -> SelectPlan:
        """Return the SQL of a query. ``extra`` is an expression selected besides."""
        table, columns = self._source(session), session.indexed_columns(self._name)
        clause = plain = MATCH_ALL
        candidates: Candidates | None = None
        parts: tuple[Clause, ...] = ()
        # A plus before a column keeps SQLite from using its index, so that all rows are read from the covering index
        # of their order instead of being looked up one by one.
        named = columns
        if query is not None:
            unindexed = {field: f"+{column}" for field, column in columns.items()}
            plain = translate(query, unindexed)
            narrow = self._narrow_fields(session, query, columns)
            if isinstance(query, ConditionQuery) and not narrow:
                candidates = search_candidates(session, self._name, query)
            if narrow:
                named = {field: columns[field] if field in narrow else unindexed[field] for field in columns}
                clause = translate(query, named)
            elif candidates is not None and candidates.ids is not None:
                named = unindexed
                clause = replace(plain, sql=f"(id IN ({','.join(map(str, candidates.ids))}) AND {plain.sql})")
            else:
                named = self._index_columns(session, query, columns, unindexed, sorting or Sorting())
                clause = translate(query, named)
                merged = self._merged_field(query, sorting)
                if merged and isinstance(query, ConditionQuery):
                    parts = tuple(translate(each, named) for each in queries_by_value(query, merged))
        order = sorting.order if sorting and is_plain_key(sorting.order) else ""
        by = scalar_expression((order,), named) if order else "id"
        sql = f"{clause.sql} {clause.uncertain} {by} {extra}"
        return SelectPlan(clause, plain, table, self._list_source(session, sql), by, parts, candidates)

    def _narrow_fields(self, session: Session, query: QueryLike, columns: dict[str, str]) -> frozenset[str]:
        if not isinstance(query, ConditionQuery) or not has_text_search(query):
            return frozenset()
        if not listed_columns(session, self._name) or self._needs_table(session, query, Sorting()):
            return frozenset()
        return narrow_fields(session, list_table(self._name), query, self._indexes, columns)

    def _merged_field(self, query: QueryLike, sorting: Sorting | None) -> str:
        if sorting is None or sorting.limit is None or not isinstance(query, ConditionQuery):
            return ""
        return merged_field(query, sorting.order, self._indexes)

    def _list_source(self, session: Session, sql: str) -> str:
        """Return the list index as a FROM clause; empty if it lacks a column."""
        listed = frozenset(listed_columns(session, self._name))
        columns = frozenset(_COLUMN.findall(sql))
        if not listed or not columns or not columns <= listed:
            return ""
        # Only a write transaction may change the index; a reader merges the pending rows itself.
        if session.mode == "write":
            refresh_if_needed(session, self._name)
        list_index = list_table(self._name)
        if not _DOCUMENT.search(sql):
            return list_index
        document = f"(SELECT doc FROM {self._name} WHERE {self._name}.id={list_index}.id)"
        return f"(SELECT *, {document} AS doc FROM {list_index})"

    def _index_columns(
        self,
        session: Session,
        query: QueryLike,
        columns: dict[str, str],
        unindexed: dict[str, str],
        sorting: Sorting,
    ) -> dict[str, str]:
        """Return the columns, a plus before those not to be looked up."""
        if not columns or not isinstance(query, ConditionQuery) or self._needs_table(session, query, sorting):
            return columns
        is_page = sorting.limit is not None and bool(sorting.order)
        if has_text_search(query) and (not is_page or covers_search(self._indexes, query, sorting.order)):
            fields: frozenset[str] | None = frozenset({sorting.order})
        else:
            merged = self._merged_field(query, sorting)
            list_query = ListQuery(query.conditions, sorting.order, is_page, merged)
            table = list_table(self._name) if listed_columns(session, self._name) else self._name
            fields = choose_index_fields(session, table, list_query, self._indexes, columns)
        if fields is None:
            return columns
        return {field: columns[field] if field in fields else unindexed[field] for field in columns}

    def _needs_table(self, session: Session, query: ConditionQuery, sorting: Sorting) -> bool:
        """Return whether the query uses an indexed field the list index lacks."""
        listed, indexed = listed_columns(session, self._name), session.indexed_columns(self._name)
        fields = {sorting.order, *(each.field for each in query.conditions)}
        return bool(listed) and any(field in indexed and indexed[field] not in listed for field in fields)

    def _source(self, session: Session) -> str:
        return self._name if self._name in session.tables() else _NO_ROWS

    def _verified(self, doc_id: int, mark: bytes, text: bytes) -> bytes:
        if not isinstance(text, bytes) or mark != row_hash(text):
            raise damaged(self._path, msg("“{table}”第 {n} 条记录", table=self._name[2:], n=doc_id))
        return text


def _is_exact(session: Session, plan: SelectPlan, unless: str = "") -> bool:
    """Return whether SQL alone selects the right rows.

    It does unless one of them is uncertain (see ``Clause``), or meets ``unless``.
    """
    unsure, plain_doubt = (
        " OR ".join(each for each in (of, unless) if each)
        for of in (plan.clause.uncertain, plan.plain.uncertain)
    )
    if unsure in ("", "1"):
        return not unsure
    doubtful_rows = f"SELECT 1 FROM {plan.source} WHERE {plan.clause.sql} AND ({unsure})"
    params = plan.clause.params
    if plan.list_source:
        doubtful_rows += f" UNION ALL SELECT 1 FROM {plan.table} WHERE {plan.is_pending} AND {plan.plain.sql} AND ({plain_doubt})"
        params += plan.plain.params
    return session.connection.execute(f"{doubtful_rows} LIMIT 1", params).fetchone() is None
