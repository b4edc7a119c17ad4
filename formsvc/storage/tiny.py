"""The embedded store: TinyDB tables over one SQLite file."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from tinydb import where

from formsvc.domain.errors import Conflict
from formsvc.storage.query_sql import ConditionQuery
from formsvc.storage.records import (
    COLLECTIONS,
    SEARCHED,
    Views,
    event_key,
    missing,
    refuse_removing,
    refuse_replacing,
    refuse_unknown_operators,
    taken,
)
from formsvc.storage.sqlite_check import copy_to, faults
from formsvc.storage.sqlite_reading import Sorting
from formsvc.storage.sqlite_schema import files_of
from formsvc.storage.sqlite_tinydb import SQLiteTable, SQLiteTinyDB
from formsvc.usecases.ports import JSON, Condition, Record, Transaction


class _View:
    """One collection: a TinyDB table as a transaction sees it."""

    def __init__(self, table: SQLiteTable, transaction: TinyTransaction) -> None:
        self._all = table
        self._transaction = transaction

    def get(self, key: str) -> Record | None:
        found = self._table.get(where("id") == key)
        return None if found is None else dict(found)

    def insert(self, key: str, record: Mapping[str, JSON]) -> None:
        try:
            self._table.insert({**record, "id": key})
        except Conflict:
            raise taken(self._all.name, key) from None

    def replace(self, key: str, record: Mapping[str, JSON]) -> None:
        refuse_replacing(self._all.name)

        def overwrite(document: MutableMapping[str, JSON]) -> None:
            document.clear()
            document.update(record, id=key)

        if not self._table.update(overwrite, where("id") == key):
            raise missing(self._all.name, key)

    def remove(self, key: str) -> None:
        refuse_removing(self._all.name)
        if not self._table.remove(where("id") == key):
            raise missing(self._all.name, key)

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

    @property
    def _table(self) -> SQLiteTable:
        self._transaction.check()
        return self._all


def _query(conditions: tuple[Condition, ...]) -> ConditionQuery:
    refuse_unknown_operators(conditions)
    return ConditionQuery(conditions)


class TinyTransaction(Views):
    """The tables, for the thread and the time of one transaction."""

    def __init__(self, tables: Mapping[str, SQLiteTable]) -> None:
        super().__init__(lambda name: _View(tables[name], self))
        self._thread = threading.get_ident()
        self.ended = False

    def check(self) -> None:
        """A transaction is used inside its own block and thread only."""
        if self.ended or threading.get_ident() != self._thread:
            raise RuntimeError("a transaction is used inside its own block and thread only")

    def next_event_key(self) -> str:
        """The key after the last event's."""
        last = self.events.find(order="id", descending=True, limit=1)
        return event_key(int(last[0]["id"]) + 1 if last else 1)


class TinyStore:
    """Records in TinyDB tables over SQLite. Several threads and programs may use the same file."""

    def __init__(self, path: Path, *, lock_timeout: float = 5.0) -> None:
        self.path = Path(path)
        self._database = SQLiteTinyDB(path, lock_timeout=lock_timeout)
        self._file = self._database.storage.file
        self._tables = self._made_tables()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A snapshot; inside another block of the same thread, that block's own view."""
        with self._file.read():
            yield from self._transaction()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One write transaction; refused inside another block of the same thread."""
        if self._file.mode:
            raise RuntimeError("a write block cannot stand inside another block of the same thread")
        with self._file.write():
            yield from self._transaction()

    def health(self) -> dict[str, JSON]:
        """Proof that the store can be read and written."""
        with self._file.write() as session:
            session.connection.execute("INSERT OR REPLACE INTO meta VALUES ('health', datetime('now'))")
            acts = len(self._tables["acts"])
        return {
            "engine": "tinydb",
            "acts": acts,
            "bytes": sum(part.stat().st_size for part in files_of(self.path) if part.exists()),
            "free_bytes": shutil.disk_usage(self.path.parent).free,
        }

    def verify(self) -> list[str]:
        """Read everything and name every place that is not as it was written."""
        with self._file.read() as session:
            return list(faults(session))

    def backup(self, target: Path) -> None:
        """Write a consistent copy to a new file while the store is in use; it can be opened as a store."""
        with self._file.at_rest() as session:
            copy_to(session, target)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _transaction(self) -> Iterator[Transaction]:
        transaction = TinyTransaction(self._tables)
        try:
            yield transaction
        finally:
            transaction.ended = True

    def _made_tables(self) -> dict[str, SQLiteTable]:
        tables: dict[str, SQLiteTable] = {}
        for name, indexes in COLLECTIONS.items():
            table = self._database.table(name, indexes=indexes, unique="id", searched=SEARCHED.get(name, ()))
            assert isinstance(table, SQLiteTable)
            tables[name] = table
        if not self._database.tables() >= set(tables):
            with self._file.write():
                for table in tables.values():
                    table.make()
        return tables
