"""Asking one SQL table of documents: what SQL can answer it answers, the rest is looked at in Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinydb.queries import QueryLike

from formsvc.sentences import say
from formsvc.storage.query_sql import EVERYTHING, Clause, ConditionQuery, is_plain_key, scalar_of, translate
from formsvc.storage.records import decode, group_name, sort_key
from formsvc.storage.sqlite_errors import damaged
from formsvc.storage.sqlite_rows import Row, fingerprint
from formsvc.storage.sqlite_search import candidates, searches
from formsvc.storage.sqlite_session import Session
from formsvc.usecases.ports import Record

Found = tuple[int, Record]

_NO_ROWS = "(SELECT 0 AS id, NULL AS hash, NULL AS doc WHERE 0)"


@dataclass(frozen=True)
class Sorting:
    """By a top-level field, else by id; from ``offset`` on, ``limit`` at most."""

    order: str = ""
    descending: bool = False
    offset: int = 0
    limit: int | None = None

    def cut(self, found: list[Found]) -> list[Found]:
        """The wanted part of the documents, sorted."""
        found.sort(key=lambda row: (sort_key(row[1].get(self.order)), row[0]), reverse=self.descending)
        return found[self.offset : None if self.limit is None else self.offset + self.limit]


class Reader:
    """Reads one table in whatever transaction it is given; a table that is not there yet has no documents."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def text(self, session: Session, doc_id: int) -> str | None:
        """A document's JSON text, checked against the hash of its row."""
        row = session.connection.execute(
            f"SELECT hash, doc FROM {self._rows(session)} WHERE id=?", (doc_id,)
        ).fetchone()
        return None if row is None else self._checked(doc_id, *row)

    def row(self, session: Session, field: str, value: str) -> Row | None:
        """The row in which a field no two documents share has this value."""
        columns = session.indexed(self._name)
        row = session.connection.execute(
            f"SELECT id, hash, doc, {', '.join(columns.values())} FROM {self._name} WHERE {columns[field]}=?",
            (value,),
        ).fetchone()
        if row is None:
            return None
        return Row(row[0], self._checked(*row[:3]), dict(zip(columns.values(), row[3:], strict=True)))

    def last(self, session: Session, field: str) -> str:
        """The greatest value of a field no two documents share; empty without documents."""
        column = session.indexed(self._name)[field]
        found = session.connection.execute(
            f"SELECT {column} FROM {self._name} ORDER BY {column} DESC LIMIT 1"
        )
        return str((found.fetchone() or ("",))[0])

    def found(self, session: Session, query: QueryLike | None) -> Iterator[Found]:
        """Documents that match, in the order of their ids, all of them with no query."""
        clause = self._clause(session, query)
        rows = session.connection.execute(
            f"SELECT id, hash, doc FROM {self._rows(session)} WHERE {clause.sql} ORDER BY id", clause.params
        )
        for doc_id, mark, text in rows:
            document = decode(self._checked(doc_id, mark, text))
            if query is None or query(document):
                yield doc_id, document

    def ids(self, session: Session, query: QueryLike | None) -> list[int]:
        """The ids of the documents that match."""
        clause = self._clause(session, query)
        if not self._is_certain(session, clause):
            return [doc_id for doc_id, _ in self.found(session, query)]
        rows = session.connection.execute(
            f"SELECT id FROM {self._rows(session)} WHERE {clause.sql} ORDER BY id", clause.params
        )
        return [doc_id for (doc_id,) in rows]

    def count(self, session: Session, query: QueryLike | None) -> int:
        """How many documents match."""
        clause = self._clause(session, query)
        if not self._is_certain(session, clause):
            return sum(1 for _ in self.found(session, query))
        counted = session.connection.execute(
            f"SELECT count(*) FROM {self._rows(session)} WHERE {clause.sql}", clause.params
        )
        number: int = counted.fetchone()[0]
        return number

    def page(self, session: Session, query: QueryLike | None, sorting: Sorting) -> list[Found]:
        """Documents that match, sorted, and of those a part."""
        clause = self._clause(session, query, sorting)
        if not self._is_certain(session, clause) or (sorting.order and not is_plain_key(sorting.order)):
            return sorting.cut(list(self.found(session, query)))
        way = "DESC" if sorting.descending else "ASC"
        by = (
            f"{scalar_of((sorting.order,), session.indexed(self._name))} {way}, id {way}"
            if sorting.order
            else f"id {way}"
        )
        limit = -1 if sorting.limit is None else sorting.limit
        ids = session.connection.execute(
            f"SELECT id FROM {self._rows(session)} WHERE {clause.sql} ORDER BY {by} LIMIT ? OFFSET ?",
            (*clause.params, limit, sorting.offset),
        ).fetchall()
        texts = ((doc_id, self.text(session, doc_id)) for (doc_id,) in ids)
        return [(doc_id, decode(text)) for doc_id, text in texts if text is not None]

    def tally(self, session: Session, field: str, query: QueryLike | None) -> dict[str, int]:
        """How many of the documents that match have each value of a field."""
        counts: dict[str, int] = {}
        for value, number in self._tallied(session, field, query):
            counts[group_name(value)] = counts.get(group_name(value), 0) + number
        return counts

    def _tallied(self, session: Session, field: str, query: QueryLike | None) -> Iterator[tuple[Any, int]]:
        clause = self._clause(session, query)
        if is_plain_key(field):
            value = scalar_of((field,), session.indexed(self._name))
            fractions = f"typeof({value})='real'"
            unsure = f"({clause.unsure} OR {fractions})" if clause.unsure else fractions
            if self._is_certain(session, Clause(clause.sql, clause.params, unsure)):
                yield from session.connection.execute(
                    f"SELECT {value}, count(*) FROM {self._rows(session)} WHERE {clause.sql} GROUP BY 1",
                    clause.params,
                )
                return
        for _, document in self.found(session, query):
            yield document.get(field), 1

    def _clause(self, session: Session, query: QueryLike | None, sorting: Sorting | None = None) -> Clause:
        """The SQL of a query. A column with a plus before it takes no part in choosing an index, so that all rows are
        gone through by the index of their order, which has what is needed, instead of being looked up one by one."""
        if query is None:
            return EVERYTHING
        columns = session.indexed(self._name)
        if not isinstance(query, ConditionQuery):
            return translate(query, columns)
        found = candidates(session, self._name, query)
        if found is not None:
            clause = translate(query, columns)
            return Clause(
                f"(id IN ({','.join(map(str, found))}) AND {clause.sql})", clause.params, clause.unsure
            )
        if searches(query) or (sorting and _is_loose(query, sorting)):
            columns = {field: f"+{column}" for field, column in columns.items()}
        return translate(query, columns)

    def _is_certain(self, session: Session, clause: Clause) -> bool:
        """Whether SQL alone selects the right rows: no row among them needs a look in Python."""
        if clause.unsure in ("", "1"):
            return not clause.unsure
        doubtful = f"SELECT 1 FROM {self._rows(session)} WHERE {clause.sql} AND ({clause.unsure}) LIMIT 1"
        return session.connection.execute(doubtful, clause.params).fetchone() is None

    def _rows(self, session: Session) -> str:
        """What to select from: the table, or nothing where it is not there yet."""
        return self._name if self._name in session.tables() else _NO_ROWS

    def _checked(self, doc_id: int, mark: bytes, text: str) -> str:
        if not isinstance(text, str) or mark != fingerprint(text):
            raise damaged(self._path, say("“{table}”第 {n} 条记录", table=self._name[2:], n=doc_id))
        return text


def _is_loose(query: ConditionQuery, sorting: Sorting) -> bool:
    """Whether so many rows may match that a short page is found sooner in their order than by sorting them."""
    fields = {condition.field for condition in query.conditions}
    exact = any(condition.op in ("==", "in") for condition in query.conditions)
    return bool(sorting.order) and sorting.limit is not None and sorting.order not in fields and not exact
