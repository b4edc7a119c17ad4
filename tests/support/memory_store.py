"""A store in memory that follows the rules of the store on disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from formsvc.domain.json_types import JSON
from formsvc.errors import Busy
from formsvc.i18n.messages import msg
from formsvc.storage.audit.chain_verification import verify_chain
from formsvc.storage.audit.hash_chain import (
    CHAIN_START,
    EMPTY_CHAIN,
    UNAUDITED,
    Changes,
    Link,
    is_audited,
    local_timestamp,
    no_record,
    records_named,
    without_salts,
)
from formsvc.storage.record_rules import (
    COLLECTIONS,
    duplicate_key,
    event_key,
    not_found,
    refuse_removing,
    refuse_replacing,
)
from formsvc.storage.tinydb_sqlite.values import (
    decode,
    encode,
    group_name,
    matches,
    refuse_unknown_operators,
    sort_key,
)
from formsvc.usecases.ports import ChainHead, Collection, Condition, IntegrityFinding, Record, Transaction


@dataclass(frozen=True)
class _Row:
    sequence: int
    text: bytes
    record: Record


def _record_of(row: _Row) -> Record:
    return row.record


@dataclass
class _CollectionData:
    """Rows of a collection, shared by transactions until one changes it."""

    rows: dict[str, _Row] = field(default_factory=dict)
    last: int = 0

    def copy(self) -> _CollectionData:
        return _CollectionData(dict(self.rows), self.last)


# the write block that this thread stands in, of any store
WRITING = threading.local()


class MemoryCollection:
    """A collection as a transaction sees it."""

    def __init__(self, name: str, transaction: MemoryTransaction) -> None:
        self._name = name
        self._transaction = transaction

    def get(self, key: str) -> Record | None:
        row = self._transaction.data_of(self._name).rows.get(key)
        return decode(row.text) if row else None

    def insert(self, key: str, record: Mapping[str, JSON]) -> None:
        data = self._transaction.writable_data(self._name)
        record = {**record, "id": key}
        text = encode(record)
        if key in data.rows:
            raise duplicate_key(self._name, key)
        self._transaction.changes.add(self._name, key, no_record, record)
        data.last += 1
        data.rows[key] = _Row(data.last, text, decode(text))

    def replace(self, key: str, record: Mapping[str, JSON]) -> None:
        refuse_replacing(self._name)
        self.overwrite(key, record)

    def overwrite(self, key: str, record: Mapping[str, JSON]) -> None:
        """Replace a record, also in an append-only collection."""
        data = self._transaction.writable_data(self._name)
        record = {**record, "id": key}
        text = encode(record)
        if key not in data.rows:
            raise not_found(self._name, key)
        self._transaction.changes.add(self._name, key, partial(_record_of, data.rows[key]), record)
        data.rows[key] = _Row(data.rows[key].sequence, text, decode(text))

    def remove(self, key: str) -> None:
        refuse_removing(self._name)
        data = self._transaction.writable_data(self._name)
        if key not in data.rows:
            raise not_found(self._name, key)
        self._transaction.changes.add(self._name, key, partial(_record_of, data.rows[key]), None)
        del data.rows[key]

    def find(
        self,
        *conditions: Condition,
        order: str = "",
        descending: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[Record]:
        found = self._matching(conditions)
        found.sort(key=lambda row: (sort_key(row.record.get(order)), row.sequence), reverse=descending)
        end = None if limit is None else offset + limit
        return [decode(row.text) for row in found[offset:end]]

    def count(self, *conditions: Condition, limit: int | None = None) -> int:
        return len(self._matching(conditions)[:limit])

    def groups(self, field: str, *conditions: Condition) -> dict[str, int]:
        counts: dict[str, int] = {}
        for row in self._matching(conditions):
            name = group_name(row.record.get(field))
            counts[name] = counts.get(name, 0) + 1
        return counts

    def _matching(self, conditions: tuple[Condition, ...]) -> list[_Row]:
        refuse_unknown_operators(conditions)
        rows = self._transaction.data_of(self._name).rows.values()
        return [row for row in rows if all(matches(row.record, each) for each in conditions)]


class MemoryTransaction:
    """The collections as of the transaction's beginning, with its own changes."""

    def __init__(
        self, collections: Mapping[str, _CollectionData], links: Sequence[Link], *, writing: bool
    ) -> None:
        self.collections = dict(collections)
        self.changes = Changes()
        self._links, self._reached = links, len(links)
        self._writing = writing
        self._changed: set[str] = set()
        self._thread = threading.get_ident()
        self.ended = False

    def __getattr__(self, name: str) -> Collection:
        if name not in COLLECTIONS:
            raise AttributeError(name)
        return MemoryCollection(name, self)

    def reached(self) -> int:
        return self._reached

    def written_since(self, reached: int) -> set[tuple[str, str]]:
        return {named for link in self._links[reached : self._reached] for named in records_named(link.body)}

    def link_hash(self, number: int) -> str:
        return self._links[number - 1].hash.hex() if 0 < number <= self._reached else ""

    def next_event_key(self) -> str:
        rows = self.data_of("events").rows
        return event_key(int(max(rows, default="0")) + 1)

    def erase(self, collection: str, key: str, record: Mapping[str, JSON]) -> None:
        MemoryCollection(collection, self).overwrite(key, record)
        self.changes.erase(collection, key)

    def data_of(self, name: str) -> _CollectionData:
        if self.ended or threading.get_ident() != self._thread:
            raise RuntimeError("a transaction is used inside its own block and thread only")
        return self.collections[name]

    def writable_data(self, name: str) -> _CollectionData:
        """Return the collection's data, copied at its first change."""
        data = self.data_of(name)
        if not self._writing:
            raise RuntimeError("a reading block cannot write")
        if name not in self._changed:
            self._changed.add(name)
            data = self.collections[name] = data.copy()
        return data


class MemoryStore:
    """Records in dictionaries, for one writer at a time.

    Readers see what was committed when they began.
    """

    def __init__(self, *, lock_timeout: float = 5.0) -> None:
        self._lock_timeout = lock_timeout
        self._collections: dict[str, _CollectionData] = {name: _CollectionData() for name in COLLECTIONS}
        self._links: list[Link] = []
        self._writer = threading.Lock()
        self._current = threading.local()
        self._written = -1e9

    def copy(self) -> MemoryStore:
        """A store of its own with the records of this one."""
        copied = MemoryStore(lock_timeout=self._lock_timeout)
        copied.become(self)
        return copied

    def become(self, other: MemoryStore) -> None:
        """Hold the records of another store, and nothing else."""
        # rows never change: a write block replaces the data of a collection
        self._collections, self._links = dict(other._collections), list(other._links)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        outer: MemoryTransaction | None = getattr(self._current, "transaction", None)
        if outer is not None:
            yield outer
            return
        with self._opened(MemoryTransaction(self._collections, self._links, writing=False)) as transaction:
            yield transaction

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        if getattr(self._current, "transaction", None) is not None:
            raise RuntimeError("a write block cannot stand inside another block of the same thread")
        if not self._writer.acquire(timeout=self._lock_timeout):
            raise Busy(msg("数据正被别的操作占用，这次没有保存任何改动。"), msg("请稍候再试一次。"))
        WRITING.open = True
        try:
            with self._opened(MemoryTransaction(self._collections, self._links, writing=True)) as transaction:
                yield transaction
            self._collections = transaction.collections
            self._add_links(transaction.changes)
            self._written = time.monotonic()
        finally:
            WRITING.open = False
            self._writer.release()

    def health(self) -> dict[str, JSON]:
        with self.write() as transaction:
            acts = transaction.acts.count()
        kept = sum(len(row.text) for data in self._collections.values() for row in data.rows.values())
        return {"engine": "memory", "acts": acts, "bytes": kept}

    def is_written_within(self, seconds: float) -> bool:
        return time.monotonic() < self._written + seconds

    def reindex(self) -> None:
        """Do nothing: there are no indexes."""

    def free_bytes(self) -> int:
        return 2**63

    def head(self) -> ChainHead:
        return self._links[-1].head if self._links else EMPTY_CHAIN

    def verify(self, known: ChainHead | None = None) -> list[IntegrityFinding]:
        rows = {name: data.rows for name, data in self._collections.items()}
        settled = {
            name: sum(is_audited(name, row.record) for row in rows[name].values())
            for name in rows
            if name not in UNAUDITED
        }

        def find(name: str, key: str) -> Record | None:
            return rows[name][key].record if key in rows.get(name, {}) else None

        return list(verify_chain(self._links, find, settled, known))

    def _add_links(self, changes: Changes) -> None:
        if changes.erased:
            self._links = [without_salts(link, changes.erased) for link in self._links]
        if changes:
            self._links += changes.to_links(
                self._links[-1].position if self._links else CHAIN_START, local_timestamp()
            )

    @contextmanager
    def _opened(self, transaction: MemoryTransaction) -> Iterator[MemoryTransaction]:
        self._current.transaction = transaction
        try:
            yield transaction
        finally:
            self._current.transaction = None
            transaction.ended = True
