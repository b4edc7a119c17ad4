"""Asking one SQL table of documents: what SQL can answer it answers, the rest is looked at in Python."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tinydb.queries import QueryLike

from formsvc.i18n.messages import msg
from formsvc.storage.tinydb_sqlite.errors import damaged
from formsvc.storage.tinydb_sqlite.index_selection import Wanted, candidates, searches, speaking_fields
from formsvc.storage.tinydb_sqlite.list_index import catalogue_of, catalogued, keep_up, waiting_for
from formsvc.storage.tinydb_sqlite.rows import Row, fingerprint, statements
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.sql_translation import (
    EVERYTHING,
    Clause,
    ConditionQuery,
    is_plain_key,
    scalar_of,
    translate,
)
from formsvc.storage.tinydb_sqlite.values import Equals, Record, decode, group_name, sort_key

Found = tuple[int, Record]

_COLUMN = re.compile(r"\bf_\w+")
_DOCUMENT = re.compile(r"\bdoc\b")
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


@dataclass(frozen=True)
class _Asked:
    """What a query asks for in SQL: of the table as it is, or of its catalogue and of the rows that wait for it.

    ``clause`` is for what has indexes; ``plain`` is the same with no say in which of them is taken; ``by`` is what the
    rows are sorted by.
    """

    clause: Clause
    plain: Clause
    table: str
    catalogue: str
    by: str

    @property
    def waits(self) -> str:
        """Whether a row waits for the catalogue."""
        return f"id IN (SELECT id FROM {waiting_for(self.table)})"

    @property
    def listed(self) -> str:
        """What to select from first: the catalogue, with the documents where they are looked into; or the table."""
        return self.catalogue or self.table

    def union(self, selected: str) -> tuple[str, tuple[Any, ...]]:
        """A statement for something of each row that matches, and its parameters; its order and limit can follow."""
        if not self.catalogue:
            return f"SELECT {selected} FROM {self.table} WHERE {self.clause.sql}", self.clause.params
        return (
            f"SELECT {selected} FROM {self.catalogue} WHERE {self.clause.sql} AND NOT {self.waits}"
            f" UNION ALL SELECT {selected} FROM {self.table} WHERE {self.waits} AND {self.plain.sql}",
            self.clause.params + self.plain.params,
        )

    def portions(self) -> Iterator[tuple[int, str, tuple[Any, ...]]]:
        """What to count: 1 for rows to add, -1 for rows to take away, and where they are."""
        if self.clause == EVERYTHING:  # SQLite counts whole pages then
            yield 1, self.listed, ()
        else:
            yield 1, f"{self.listed} WHERE {self.clause.sql}", self.clause.params
        if self.catalogue:
            yield -1, f"{self.catalogue} WHERE {self.waits} AND {self.plain.sql}", self.plain.params
            yield 1, f"{self.table} WHERE {self.waits} AND {self.plain.sql}", self.plain.params


class Reader:
    """Reads one table in whatever transaction it is given; a table that is not there yet has no documents.

    ``indexes`` names the fields of its indexes.
    """

    def __init__(self, path: Path, name: str, indexes: Sequence[tuple[str, ...]] = ()) -> None:
        self._path = path
        self._name = name
        self._indexes = indexes

    def text(self, session: Session, doc_id: int) -> bytes | None:
        """A document's JSON text, checked against the hash of its row."""
        row = session.connection.execute(
            f"SELECT hash, CAST(doc AS BLOB) FROM {self._rows(session)} WHERE id=?", (doc_id,)
        ).fetchone()
        return None if row is None else self._checked(doc_id, *row)

    def row(self, session: Session, field: str, value: str) -> Row | None:
        """The row in which a field no two documents share has this value."""
        known = statements(session, self._name)
        found = session.connection.execute(f"{known.select} WHERE f_{field}=?", (value,)).fetchone()
        if found is None:
            return None
        self._checked(*found[:3])
        return known.row(found)

    def last(self, session: Session, field: str) -> str:
        """The greatest value of a field no two documents share; empty without documents."""
        column = session.indexed(self._name)[field]
        found = session.connection.execute(
            f"SELECT {column} FROM {self._name} ORDER BY {column} DESC LIMIT 1"
        )
        return str((found.fetchone() or ("",))[0])

    def found(self, session: Session, query: QueryLike | None) -> Iterator[Found]:
        """Documents that match, in the order of their ids, all of them with no query."""
        asked = self._asked(session, query)
        where, params = asked.plain.sql, asked.plain.params
        if asked.catalogue:
            where = (
                f"id IN (SELECT id FROM {asked.catalogue} WHERE {asked.clause.sql}"
                f" UNION ALL SELECT id FROM {waiting_for(self._name)}) AND {where}"
            )
            params = asked.clause.params + params
        elif query is not None:
            where = asked.clause.sql
        rows = session.connection.execute(
            f"SELECT id, hash, CAST(doc AS BLOB) FROM {asked.table} WHERE {where} ORDER BY id", params
        )
        for doc_id, mark, text in rows:
            document = decode(self._checked(doc_id, mark, text))
            if query is None or query(document):
                yield doc_id, document

    def ids(self, session: Session, query: QueryLike | None) -> list[int]:
        """The ids of the documents that match."""
        asked = self._asked(session, query)
        if not _is_certain(session, asked):
            return [doc_id for doc_id, _ in self.found(session, query)]
        statement, params = asked.union("id")
        return [doc_id for (doc_id,) in session.connection.execute(f"{statement} ORDER BY id", params)]

    def count(self, session: Session, query: QueryLike | None) -> int:
        """How many documents match.

        Nearly all acts are no drafts: those that are are counted, and taken from the rest.
        """
        if isinstance(query, ConditionQuery):
            unlike = [each for each in query.conditions if each.op == "!=" and isinstance(each.value, str)]
            if len(unlike) == 1 and not searches(query):
                others = [each for each in query.conditions if each != unlike[0]]
                like = ConditionQuery([*others, Equals(unlike[0].field, unlike[0].value)])
                return self._counted(session, ConditionQuery(others)) - self._counted(session, like)
        return self._counted(session, query)

    def _counted(self, session: Session, query: QueryLike | None) -> int:
        asked = self._asked(session, query)
        if not _is_certain(session, asked):
            return sum(1 for _ in self.found(session, query))
        counted = (
            (sign, session.connection.execute(f"SELECT count(*) FROM {rows}", params).fetchone()[0])
            for sign, rows, params in asked.portions()
        )
        return sum(sign * number for sign, number in counted)

    def page(self, session: Session, query: QueryLike | None, sorting: Sorting) -> list[Found]:
        """Documents that match, sorted, and of those a part."""
        asked = self._asked(session, query, sorting)
        if not _is_certain(session, asked) or (sorting.order and not is_plain_key(sorting.order)):
            return sorting.cut(list(self.found(session, query)))
        way = "DESC" if sorting.descending else "ASC"
        limit = -1 if sorting.limit is None else sorting.limit
        statement, params = asked.union(f"id, {asked.by} AS place")
        ids = session.connection.execute(
            f"{statement} ORDER BY place {way}, id {way} LIMIT ? OFFSET ?", (*params, limit, sorting.offset)
        ).fetchall()
        texts = ((doc_id, self.text(session, doc_id)) for doc_id, _place in ids)
        return [(doc_id, decode(text)) for doc_id, text in texts if text is not None]

    def tally(self, session: Session, field: str, query: QueryLike | None) -> dict[str, int]:
        """How many of the documents that match have each value of a field."""
        counts: dict[str, int] = {}
        for value, number in self._tallied(session, field, query):
            counts[group_name(value)] = counts.get(group_name(value), 0) + number
        return {value: number for value, number in counts.items() if number}

    def _tallied(self, session: Session, field: str, query: QueryLike | None) -> Iterator[tuple[Any, int]]:
        if is_plain_key(field):
            value = scalar_of((field,), session.indexed(self._name))
            asked = self._asked(session, query, also=value)
            if _is_certain(session, asked, but=f"typeof({value})='real'"):
                for sign, rows, params in asked.portions():
                    grouped = f"SELECT {value}, count(*) FROM {rows} GROUP BY 1"
                    for each, number in session.connection.execute(grouped, params):
                        yield each, sign * number
                return
        for _, document in self.found(session, query):
            yield document.get(field), 1

    def _asked(
        self, session: Session, query: QueryLike | None, sorting: Sorting | None = None, also: str = ""
    ) -> _Asked:
        """The SQL of a query. A column with a plus before it takes no part in choosing an index, so that all rows are
        gone through by the index of their order, which has what is needed, instead of being looked up one by one."""
        table, columns = self._rows(session), session.indexed(self._name)
        clause = plain = EVERYTHING
        speaking = columns
        if query is not None:
            silent = {field: f"+{column}" for field, column in columns.items()}
            plain = translate(query, silent)
            found = candidates(session, self._name, query) if isinstance(query, ConditionQuery) else None
            if found is not None:
                speaking = silent
                clause = replace(plain, sql=f"(id IN ({','.join(map(str, found))}) AND {plain.sql})")
            else:
                speaking = self._speaking(session, query, columns, silent, sorting or Sorting())
                clause = translate(query, speaking)
        order = sorting.order if sorting and is_plain_key(sorting.order) else ""
        by = scalar_of((order,), speaking) if order else "id"
        looked_at = f"{clause.sql} {clause.unsure} {by} {also}"
        return _Asked(clause, plain, table, self._catalogue_for(session, looked_at), by)

    def _catalogue_for(self, session: Session, looked_at: str) -> str:
        """What stands for the catalogue in the SQL of a question that looks at these things; empty if it is no help."""
        listed = frozenset(catalogued(session, self._name))
        columns = frozenset(_COLUMN.findall(looked_at))
        if not listed or not columns or not columns <= listed:
            return ""
        if session.mode == "write":
            keep_up(session, self._name)
        catalogue = catalogue_of(self._name)
        if not _DOCUMENT.search(looked_at):
            return catalogue
        document = f"(SELECT doc FROM {self._name} WHERE {self._name}.id={catalogue}.id)"
        return f"(SELECT *, {document} AS doc FROM {catalogue})"

    def _speaking(
        self,
        session: Session,
        query: QueryLike,
        columns: dict[str, str],
        silent: dict[str, str],
        sorting: Sorting,
    ) -> dict[str, str]:
        """The columns, with a plus before those that have no say in choosing an index."""
        if not columns or not isinstance(query, ConditionQuery) or self._needs_table(session, query, sorting):
            return columns
        if searches(query):
            fields: frozenset[str] | None = frozenset({sorting.order})
        else:
            wanted = Wanted(
                query.conditions, sorting.order, sorting.limit is not None and bool(sorting.order)
            )
            table = catalogue_of(self._name) if catalogued(session, self._name) else self._name
            fields = speaking_fields(session, table, wanted, self._indexes, columns)
        if fields is None:
            return columns
        return {field: columns[field] if field in fields else silent[field] for field in columns}

    def _needs_table(self, session: Session, query: ConditionQuery, sorting: Sorting) -> bool:
        """Whether a question looks at an indexed field that the catalogue lacks, such as the key."""
        listed, indexed = catalogued(session, self._name), session.indexed(self._name)
        fields = {sorting.order, *(each.field for each in query.conditions)}
        return bool(listed) and any(field in indexed and indexed[field] not in listed for field in fields)

    def _rows(self, session: Session) -> str:
        """What to select from: the table, or nothing where it is not there yet."""
        return self._name if self._name in session.tables() else _NO_ROWS

    def _checked(self, doc_id: int, mark: bytes, text: bytes) -> bytes:
        if not isinstance(text, bytes) or mark != fingerprint(text):
            raise damaged(self._path, msg("“{table}”第 {n} 条记录", table=self._name[2:], n=doc_id))
        return text


def _is_certain(session: Session, asked: _Asked, but: str = "") -> bool:
    """Whether SQL alone selects the right rows: no row among them needs a look in Python, nor is as ``but`` says."""
    unsure, plainly = (
        " OR ".join(each for each in (of, but) if each) for of in (asked.clause.unsure, asked.plain.unsure)
    )
    if unsure in ("", "1"):
        return not unsure
    doubtful = f"SELECT 1 FROM {asked.listed} WHERE {asked.clause.sql} AND ({unsure})"
    params = asked.clause.params
    if asked.catalogue:
        doubtful += f" UNION ALL SELECT 1 FROM {asked.table} WHERE {asked.waits} AND {asked.plain.sql} AND ({plainly})"
        params += asked.plain.params
    return session.connection.execute(f"{doubtful} LIMIT 1", params).fetchone() is None
