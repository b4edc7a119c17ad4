"""A store in memory: the same rules as the stores on disk, for tests and trials."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from formsvc.domain.json_types import JSON
from formsvc.errors import Busy
from formsvc.i18n.messages import msg
from formsvc.storage.audit.chain_verification import check_chain
from formsvc.storage.audit.hash_chain import (
    BEFORE_ALL,
    NOTHING,
    UNRECORDED,
    Changes,
    Link,
    is_settled,
    names_in,
    no_record,
    now,
    without_salts,
)
from formsvc.storage.record_rules import (
    COLLECTIONS,
    event_key,
    missing,
    refuse_removing,
    refuse_replacing,
    taken,
)
from formsvc.storage.tinydb_sqlite.values import (
    decode,
    encode,
    group_name,
    matches,
    refuse_unknown_operators,
    sort_key,
)
from formsvc.usecases.ports import Collection, Condition, Finding, Head, Record, Transaction


@dataclass(frozen=True)
class _Row:
    sequence: int
    text: bytes
    record: Record


def _record_of(row: _Row) -> Record:
    return row.record


@dataclass
class _Shelf:
    """The rows of one collection; shared between transactions until one of them changes it."""

    rows: dict[str, _Row] = field(default_factory=dict)
    last: int = 0

    def copy(self) -> _Shelf:
        return _Shelf(dict(self.rows), self.last)


class _View:
    """One collection as a transaction sees it."""

    def __init__(self, name: str, transaction: MemoryTransaction) -> None:
        self._name = name
        self._transaction = transaction

    def get(self, key: str) -> Record | None:
        row = self._transaction.shelf(self._name).rows.get(key)
        return decode(row.text) if row else None

    def insert(self, key: str, record: Mapping[str, JSON]) -> None:
        shelf = self._transaction.own_shelf(self._name)
        record = {**record, "id": key}
        text = encode(record)
        if key in shelf.rows:
            raise taken(self._name, key)
        self._transaction.changes.note(self._name, key, no_record, record)
        shelf.last += 1
        shelf.rows[key] = _Row(shelf.last, text, decode(text))

    def replace(self, key: str, record: Mapping[str, JSON]) -> None:
        refuse_replacing(self._name)
        self.overwrite(key, record)

    def overwrite(self, key: str, record: Mapping[str, JSON]) -> None:
        """Write another record in a record's place, whatever collection this is."""
        shelf = self._transaction.own_shelf(self._name)
        record = {**record, "id": key}
        text = encode(record)
        if key not in shelf.rows:
            raise missing(self._name, key)
        self._transaction.changes.note(self._name, key, partial(_record_of, shelf.rows[key]), record)
        shelf.rows[key] = _Row(shelf.rows[key].sequence, text, decode(text))

    def remove(self, key: str) -> None:
        refuse_removing(self._name)
        shelf = self._transaction.own_shelf(self._name)
        if key not in shelf.rows:
            raise missing(self._name, key)
        self._transaction.changes.note(self._name, key, partial(_record_of, shelf.rows[key]), None)
        del shelf.rows[key]

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

    def count(self, *conditions: Condition) -> int:
        return len(self._matching(conditions))

    def groups(self, field: str, *conditions: Condition) -> dict[str, int]:
        counts: dict[str, int] = {}
        for row in self._matching(conditions):
            name = group_name(row.record.get(field))
            counts[name] = counts.get(name, 0) + 1
        return counts

    def _matching(self, conditions: tuple[Condition, ...]) -> list[_Row]:
        refuse_unknown_operators(conditions)
        rows = self._transaction.shelf(self._name).rows.values()
        return [row for row in rows if all(matches(row.record, each) for each in conditions)]


class MemoryTransaction:
    """A view of the shelves as they were when it began, with its own changes."""

    def __init__(self, shelves: Mapping[str, _Shelf], links: Sequence[Link], *, writing: bool) -> None:
        self.shelves = dict(shelves)
        self.changes = Changes()
        self._links, self._reached = links, len(links)
        self._writing = writing
        self._changed: set[str] = set()
        self._thread = threading.get_ident()
        self.ended = False

    def __getattr__(self, name: str) -> Collection:
        if name not in COLLECTIONS:
            raise AttributeError(name)
        return _View(name, self)

    def reached(self) -> int:
        return self._reached

    def written_since(self, reached: int) -> set[tuple[str, str]]:
        return {named for link in self._links[reached : self._reached] for named in names_in(link.body)}

    def next_event_key(self) -> str:
        rows = self.shelf("events").rows
        return event_key(int(max(rows, default="0")) + 1)

    def erase(self, collection: str, key: str, record: Mapping[str, JSON]) -> None:
        """Put another record in a record's place and leave nothing of the former ones."""
        _View(collection, self).overwrite(key, record)
        self.changes.erase(collection, key)

    def shelf(self, name: str) -> _Shelf:
        if self.ended or threading.get_ident() != self._thread:
            raise RuntimeError("a transaction is used inside its own block and thread only")
        return self.shelves[name]

    def own_shelf(self, name: str) -> _Shelf:
        """The shelf for changing: a copy of its own from the first change on."""
        shelf = self.shelf(name)
        if not self._writing:
            raise RuntimeError("a reading block cannot write")
        if name not in self._changed:
            self._changed.add(name)
            shelf = self.shelves[name] = shelf.copy()
        return shelf


class MemoryStore:
    """Records in plain dictionaries. One writer at a time; readers see what was committed when they began."""

    def __init__(self, *, lock_timeout: float = 5.0) -> None:
        self._lock_timeout = lock_timeout
        self._shelves: dict[str, _Shelf] = {name: _Shelf() for name in COLLECTIONS}
        self._links: list[Link] = []
        self._writer = threading.Lock()
        self._current = threading.local()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A snapshot; inside another block of the same thread, that block's own view."""
        outer: MemoryTransaction | None = getattr(self._current, "transaction", None)
        if outer is not None:
            yield outer
            return
        with self._opened(MemoryTransaction(self._shelves, self._links, writing=False)) as transaction:
            yield transaction

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One write transaction; refused inside another block of the same thread."""
        if getattr(self._current, "transaction", None) is not None:
            raise RuntimeError("a write block cannot stand inside another block of the same thread")
        if not self._writer.acquire(timeout=self._lock_timeout):
            raise Busy(msg("数据正被别的操作占用，这次没有保存任何改动。"), msg("请稍候再试一次。"))
        try:
            with self._opened(MemoryTransaction(self._shelves, self._links, writing=True)) as transaction:
                yield transaction
            self._shelves = transaction.shelves
            self._add_links(transaction.changes)
        finally:
            self._writer.release()

    def health(self) -> dict[str, JSON]:
        """What it is and how much it holds."""
        with self.write() as transaction:
            acts = transaction.acts.count()
        kept = sum(len(row.text) for shelf in self._shelves.values() for row in shelf.rows.values())
        return {"engine": "memory", "acts": acts, "bytes": kept}

    def reindex(self) -> None:
        """There are no indexes."""

    def free_bytes(self) -> int:
        """As much as anybody could want."""
        return 2**63

    def head(self) -> Head:
        """How far the chain has come."""
        return self._links[-1].head if self._links else NOTHING

    def verify(self, known: Head | None = None) -> list[Finding]:
        """Compare the chain with the records."""
        rows = {name: shelf.rows for name, shelf in self._shelves.items()}
        settled = {
            name: sum(is_settled(name, row.record) for row in rows[name].values())
            for name in rows
            if name not in UNRECORDED
        }

        def find(name: str, key: str) -> Record | None:
            return rows[name][key].record if key in rows.get(name, {}) else None

        return list(check_chain(self._links, find, settled, known))

    def _add_links(self, changes: Changes) -> None:
        if changes.erased:
            self._links = [without_salts(link, changes.erased) for link in self._links]
        if changes:
            self._links += changes.links_after(self._links[-1].place if self._links else BEFORE_ALL, now())

    @contextmanager
    def _opened(self, transaction: MemoryTransaction) -> Iterator[MemoryTransaction]:
        self._current.transaction = transaction
        try:
            yield transaction
        finally:
            self._current.transaction = None
            transaction.ended = True
