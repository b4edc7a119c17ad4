"""Transactions of the embedded store, and the collections in them."""

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
    duplicate_key,
    event_key,
    not_found,
    refuse_removing,
    refuse_replacing,
)
from formsvc.storage.tinydb_sqlite.database import SQLiteTable
from formsvc.storage.tinydb_sqlite.queries import Sorting
from formsvc.storage.tinydb_sqlite.rows import Row
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.sql_translation import ConditionQuery
from formsvc.storage.tinydb_sqlite.values import decode, refuse_unknown_operators
from formsvc.usecases.ports import Collection, Condition, Record

_MAX_CACHED_ROWS = 64


class TableCollection:
    """A collection as a transaction sees it: a table and cached rows."""

    def __init__(self, table: SQLiteTable, transaction: TinyTransaction) -> None:
        self.table = table
        self._transaction = transaction
        self._cached_rows: dict[str, Row] = {}

    def get(self, key: str) -> Record | None:
        row = self._row(key)
        return None if row is None else decode(row.text)

    def insert(self, key: str, record: Mapping[str, JSON]) -> None:
        record = {**record, "id": key}
        try:
            self.table.add(self._transaction.writable_session(), record)
        except Conflict:
            raise duplicate_key(self.table.name, key) from None
        self._record_change(key, None, record)

    def replace(self, key: str, record: Mapping[str, JSON]) -> None:
        refuse_replacing(self.table.name)
        self.overwrite(key, record)

    def overwrite(self, key: str, record: Mapping[str, JSON]) -> None:
        """Replace a record, also in an append-only collection."""
        row = self._row(key)
        if row is None:
            raise not_found(self.table.name, key)
        record = {**record, "id": key}
        self._cached_rows[key] = self.table.update_row(self._transaction.writable_session(), row, record)
        self._record_change(key, row, record)

    def remove(self, key: str) -> None:
        refuse_removing(self.table.name)
        row = self._row(key)
        if row is None:
            raise not_found(self.table.name, key)
        del self._cached_rows[key]
        self._open_table.remove(doc_ids=[row.doc_id])
        self._record_change(key, row, None)

    def find(
        self,
        *conditions: Condition,
        order: str = "",
        descending: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[Record]:
        page = self._open_table.page(_query(conditions), Sorting(order, descending, offset, limit))
        return [dict(document) for document in page]

    def count(self, *conditions: Condition, limit: int | None = None) -> int:
        return self._open_table.count(_query(conditions), limit)

    def groups(self, field: str, *conditions: Condition) -> dict[str, int]:
        return self._open_table.count_by(field, _query(conditions))

    def last_key(self) -> str:
        return self.table.greatest_key(self._transaction.session())

    def _row(self, key: str) -> Row | None:
        # No other writer can change a row while the transaction lasts, so each is read once.
        session = self._transaction.session()
        row = self._cached_rows.get(key)
        if row is None:
            row = self.table.find_row(session, key)
            if row is not None:
                if len(self._cached_rows) >= _MAX_CACHED_ROWS:
                    self._cached_rows.clear()
                self._cached_rows[key] = row
        return row

    def _record_change(self, key: str, old: Row | None, new: Mapping[str, JSON] | None) -> None:
        before = partial(decode, old.text) if old else no_record
        self._transaction.changes.add(self.table.name, key, before, new)

    @property
    def _open_table(self) -> SQLiteTable:
        self._transaction.require_open()
        return self.table


def _query(conditions: tuple[Condition, ...]) -> ConditionQuery:
    refuse_unknown_operators(conditions)
    return ConditionQuery(conditions)


class TinyTransaction:
    """A transaction on the SQLite file, for one thread and one block."""

    def __init__(self, tables: Mapping[str, SQLiteTable], session: Session) -> None:
        self._tables = tables
        self._session: Session | None = session
        self._thread = threading.get_ident()
        self._collections: dict[str, TableCollection] = {}
        self.changes = Changes()
        self.ended = False

    def require_open(self) -> None:
        if self.ended or threading.get_ident() != self._thread:
            raise RuntimeError("a transaction is used inside its own block and thread only")

    def __getattr__(self, name: str) -> Collection:
        # Collections are made on demand: few transactions use more than three of them.
        if name not in COLLECTIONS:
            raise AttributeError(name)
        collection = self._collection(name)
        setattr(self, name, collection)
        return collection

    def _collection(self, name: str) -> TableCollection:
        # One collection object each: it caches rows, and a second one could serve stale ones.
        if name not in self._collections:
            self._collections[name] = TableCollection(self._tables[name], self)
        return self._collections[name]

    def session(self) -> Session:
        """Return the session. Raise RuntimeError outside the block or its thread."""
        self.require_open()
        assert self._session is not None
        return self._session

    def writable_session(self) -> Session:
        """Return the session. Raise RuntimeError in a block that reads."""
        session = self.session()
        if session.mode != "write":
            raise RuntimeError("a reading block cannot write")
        return session

    @property
    def _connection(self) -> sqlite3.Connection:
        return self.session().connection

    def end(self) -> None:
        self.ended = True
        # Dropped, so that the connection is closed when its thread ends.
        self._session = None

    def reached(self) -> int:
        return chain_table.length(self._connection)

    def written_since(self, reached: int) -> set[tuple[str, str]]:
        return chain_table.records_after(self._connection, reached)

    def link_hash(self, number: int) -> str:
        link = chain_table.link_at(self._connection, number)
        return link.hash.hex() if link else ""

    def next_event_key(self) -> str:
        return event_key(int(self._collection("events").last_key() or 0) + 1)

    def erase(self, collection: str, key: str, record: Mapping[str, JSON]) -> None:
        """Replace a record and destroy what proves its former versions."""
        with chain_table.events_writable(self._connection):
            self._collection(collection).overwrite(key, record)
        self.changes.erase(collection, key)
