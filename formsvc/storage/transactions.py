"""One transaction of the embedded store, and the collections it gives access to."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping
from functools import partial

from formsvc.domain.json_types import JSON
from formsvc.errors import Conflict
from formsvc.storage.audit import chain_table
from formsvc.storage.audit.hash_chain import Changes, no_record
from formsvc.storage.record_rules import (
    COLLECTIONS,
    event_key,
    missing,
    refuse_removing,
    refuse_replacing,
    taken,
)
from formsvc.storage.tinydb_sqlite.database import SQLiteTable
from formsvc.storage.tinydb_sqlite.queries import Sorting
from formsvc.storage.tinydb_sqlite.rows import Row
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.sql_translation import ConditionQuery
from formsvc.storage.tinydb_sqlite.values import decode, refuse_unknown_operators
from formsvc.usecases.ports import Collection, Condition, Record

_MOST_ROWS_KEPT = 64


class _View:
    """One collection: a TinyDB table as a transaction sees it."""

    def __init__(self, table: SQLiteTable, transaction: TinyTransaction) -> None:
        self._all = table
        self._transaction = transaction
        self._read: dict[str, Row] = {}

    def get(self, key: str) -> Record | None:
        row = self._row(key)
        return None if row is None else decode(row.text)

    def insert(self, key: str, record: Mapping[str, JSON]) -> None:
        record = {**record, "id": key}
        try:
            self._all.add(self._transaction.writing(), record)
        except Conflict:
            raise taken(self._all.name, key) from None
        self._note(key, None, record)

    def replace(self, key: str, record: Mapping[str, JSON]) -> None:
        refuse_replacing(self._all.name)
        self.overwrite(key, record)

    def overwrite(self, key: str, record: Mapping[str, JSON]) -> None:
        """Write another record in a record's place, whatever collection this is."""
        row = self._row(key)
        if row is None:
            raise missing(self._all.name, key)
        record = {**record, "id": key}
        self._read[key] = self._all.rewrite(self._transaction.writing(), row, record)
        self._note(key, row, record)

    def remove(self, key: str) -> None:
        refuse_removing(self._all.name)
        row = self._row(key)
        if row is None:
            raise missing(self._all.name, key)
        del self._read[key]
        self._table.remove(doc_ids=[row.doc_id])
        self._note(key, row, None)

    def find(
        self,
        *conditions: Condition,
        order: str = "",
        descending: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[Record]:
        page = self._table.page(_query(conditions), Sorting(order, descending, offset, limit))
        return [dict(document) for document in page]

    def count(self, *conditions: Condition) -> int:
        return self._table.count(_query(conditions))

    def groups(self, field: str, *conditions: Condition) -> dict[str, int]:
        return self._table.tally(field, _query(conditions))

    def last_key(self) -> str:
        """The greatest key; empty without records."""
        return self._all.last_key(self._transaction.session())

    def _row(self, key: str) -> Row | None:
        """The row of a record; nobody else changes it while a block lasts, so it is read once."""
        session = self._transaction.session()
        row = self._read.get(key)
        if row is None:
            row = self._all.row(session, key)
            if row is not None:
                if len(self._read) >= _MOST_ROWS_KEPT:
                    self._read.clear()
                self._read[key] = row
        return row

    def _note(self, key: str, old: Row | None, new: Mapping[str, JSON] | None) -> None:
        before = partial(decode, old.text) if old else no_record
        self._transaction.changes.note(self._all.name, key, before, new)

    @property
    def _table(self) -> SQLiteTable:
        self._transaction.check()
        return self._all


def _query(conditions: tuple[Condition, ...]) -> ConditionQuery:
    refuse_unknown_operators(conditions)
    return ConditionQuery(conditions)


class TinyTransaction:
    """The tables, for the thread and the time of one transaction."""

    def __init__(self, tables: Mapping[str, SQLiteTable], session: Session) -> None:
        self._tables = tables
        self._session: Session | None = session
        self._thread = threading.get_ident()
        self._views: dict[str, _View] = {}
        self.changes = Changes()
        self.ended = False

    def check(self) -> None:
        """A transaction is used inside its own block and thread only."""
        if self.ended or threading.get_ident() != self._thread:
            raise RuntimeError("a transaction is used inside its own block and thread only")

    def __getattr__(self, name: str) -> Collection:
        # Few transactions use more than three of the seventeen collections.
        if name not in COLLECTIONS:
            raise AttributeError(name)
        view = self._view(name)
        setattr(self, name, view)
        return view

    def _view(self, name: str) -> _View:
        """Return the one view of a collection: it caches rows, so a second one could be stale."""
        if name not in self._views:
            self._views[name] = _View(self._tables[name], self)
        return self._views[name]

    def session(self) -> Session:
        """The connection, while it may be used."""
        self.check()
        assert self._session is not None
        return self._session

    def writing(self) -> Session:
        """The connection in a block that writes."""
        session = self.session()
        if session.mode != "write":
            raise RuntimeError("a reading block cannot write")
        return session

    @property
    def _connection(self) -> sqlite3.Connection:
        return self.session().connection

    def end(self) -> None:
        """Let go of the connection, so that it is closed when its thread ends."""
        self.ended = True
        self._session = None

    def reached(self) -> int:
        """How many links the chain has in this transaction's view."""
        return chain_table.length(self._connection)

    def written_since(self, reached: int) -> set[tuple[str, str]]:
        """What the links after so many name."""
        return chain_table.named_after(self._connection, reached)

    def next_event_key(self) -> str:
        """The key after the last event's."""
        return event_key(int(self._view("events").last_key() or 0) + 1)

    def erase(self, collection: str, key: str, record: Mapping[str, JSON]) -> None:
        """Put another record in a record's place and leave nothing of the former ones."""
        with chain_table.events_unlocked(self._connection):
            self._view(collection).overwrite(key, record)
        self.changes.erase(collection, key)
