"""The embedded store: TinyDB tables over one SQLite file."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from formsvc.domain.json_types import JSON
from formsvc.errors import Conflict, FormsvcError
from formsvc.i18n.messages import msg
from formsvc.storage.audit import chain_table as sqlite_chain
from formsvc.storage.audit.anchor import (
    AnchorWriter,
    HistoryCut,
    anchor_of,
    cut_short,
    not_the_same,
    read_anchor,
)
from formsvc.storage.audit.chain_verification import check_chain
from formsvc.storage.audit.hash_chain import (
    ANCHOR_LOST,
    BEGUN,
    NOTHING,
    UNRECORDED,
    Changes,
    Unreadable,
    no_record,
)
from formsvc.storage.record_rules import (
    COLLECTIONS,
    SEARCHED,
    Views,
    decode,
    event_key,
    missing,
    refuse_removing,
    refuse_replacing,
    refuse_unknown_operators,
    taken,
)
from formsvc.storage.schema import files_of, marker_of
from formsvc.storage.tinydb_sqlite.bigram_index import index_of
from formsvc.storage.tinydb_sqlite.database import SQLiteTable, SQLiteTinyDB
from formsvc.storage.tinydb_sqlite.errors import damaged
from formsvc.storage.tinydb_sqlite.index_updates import keep_up
from formsvc.storage.tinydb_sqlite.integrity import copy_to, faults
from formsvc.storage.tinydb_sqlite.queries import Sorting
from formsvc.storage.tinydb_sqlite.rows import Row, fingerprint
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.sql_translation import ConditionQuery
from formsvc.usecases.ports import Condition, Finding, Head, Record, Transaction

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


class TinyTransaction(Views):
    """The tables, for the thread and the time of one transaction."""

    def __init__(self, tables: Mapping[str, SQLiteTable], session: Session) -> None:
        self._tables = tables
        self._session: Session | None = session
        self._thread = threading.get_ident()
        self.changes = Changes()
        self.ended = False

    def check(self) -> None:
        """A transaction is used inside its own block and thread only."""
        if self.ended or threading.get_ident() != self._thread:
            raise RuntimeError("a transaction is used inside its own block and thread only")

    def __getattr__(self, name: str) -> _View:
        """A collection, made when it is first asked for: few transactions want them all."""
        if name not in COLLECTIONS:
            raise AttributeError(name)
        view = _View(self._tables[name], self)
        setattr(self, name, view)
        return view

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
        return sqlite_chain.length(self._connection)

    def written_since(self, reached: int) -> set[tuple[str, str]]:
        """What the links after so many name."""
        return sqlite_chain.named_after(self._connection, reached)

    def next_event_key(self) -> str:
        """The key after the last event's."""
        events: _View = self.events  # type: ignore[assignment]
        return event_key(int(events.last_key() or 0) + 1)

    def erase(self, collection: str, key: str, record: Mapping[str, JSON]) -> None:
        """Put another record in a record's place and leave nothing of the former ones."""
        with sqlite_chain.events_unlocked(self._connection):
            view: _View = getattr(self, collection)
            view.overwrite(key, record)
        self.changes.erase(collection, key)


class TinyStore:
    """Records in TinyDB tables over SQLite. Several threads and programs may use the same file.

    ``anchor`` is where the anchor lies, beside the file by default. ``examined``: opened to be looked at only, whatever
    the anchor says, and without writing one.
    """

    def __init__(
        self, path: Path, *, lock_timeout: float = 5.0, anchor: Path | None = None, examined: bool = False
    ) -> None:
        self.path = Path(path)
        known_here = marker_of(self.path).exists()
        self._database = SQLiteTinyDB(path, lock_timeout=lock_timeout)
        self._file = self._database.storage.file
        self._tables = self._made_tables()
        self._anchor = AnchorWriter(anchor or anchor_of(self.path), self.head)
        self._reached = 0
        if not examined:
            self._come_to_anchor(known_here)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A snapshot; inside another block of the same thread, that block's own view."""
        with self._file.read() as session, self._transaction(session) as transaction:
            yield transaction

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One write transaction; refused inside another block of the same thread."""
        if self._file.mode:
            raise RuntimeError("a write block cannot stand inside another block of the same thread")
        with self._file.write() as session:
            with self._transaction(session) as transaction:
                yield transaction
            changed = bool(transaction.changes)
            if changed:
                reached = self._chained(session, transaction.changes)
        if changed:
            self._reached = max(self._reached, reached)
            self._anchor.due()
        if transaction.changes.erased:
            self._empty_log()

    def health(self) -> dict[str, JSON]:
        """Proof that the store can be read and written."""
        with self._file.write() as session:
            session.connection.execute("INSERT OR REPLACE INTO meta VALUES ('health', datetime('now'))")
            acts = len(self._tables["acts"])
        return {
            "engine": "tinydb",
            "acts": acts,
            "bytes": sum(part.stat().st_size for part in files_of(self.path) if part.exists()),
            "free_bytes": self.free_bytes(),
            **({"anchor": self._anchor.fault} if self._anchor.fault else {}),
        }

    def free_bytes(self) -> int:
        """How much more fits on the disk."""
        return shutil.disk_usage(self.path.parent).free

    def head(self) -> Head:
        """How far the chain has come."""
        with self._file.read() as session:
            last = sqlite_chain.last(session.connection)
            return last.head if last else NOTHING

    def verify(self, known: Head | None = None) -> list[Finding]:
        """Read everything and name every place that is not as it was written."""
        self._anchor.flush()
        try:
            anchor, found = read_anchor(self._anchor.place), list[Finding]()
        except HistoryCut as damaged:
            anchor, found = None, [Finding("anchor", str(damaged))]
        with self._file.read() as session:
            found += [Finding("store", told) for told in faults(session)]
            try:
                found += check_chain(
                    sqlite_chain.links(session.connection),
                    lambda name, key: self._raw(session, name, key),
                    self._settled(session),
                    known,
                )
                found += self._against_anchor(session, anchor)
            except sqlite3.DatabaseError as error:
                found.append(Finding("store", msg("数据文件读到一半出错：{error}。", error=error)))
            except Unreadable:
                found.append(Finding("chain", msg("历史链里有的内容已损坏，读不出来。")))
        return found

    def reindex(self) -> None:
        """Make anew what lists and searches are answered from."""
        with self._file.write() as session:
            for table in self._tables.values():
                table.reindex(session)

    def backup(self, target: Path) -> None:
        """Write a consistent copy to a new file while the store is in use; it can be opened as a store."""
        with self._file.at_rest() as session:
            copy_to(session, target)

    def close(self) -> None:
        """Close the file."""
        self._anchor.flush()
        self._database.close()

    @contextmanager
    def _transaction(self, session: Session) -> Iterator[TinyTransaction]:
        transaction = TinyTransaction(self._tables, session)
        try:
            yield transaction
        finally:
            transaction.end()

    def _made_tables(self) -> dict[str, SQLiteTable]:
        tables: dict[str, SQLiteTable] = {}
        for name, indexes in COLLECTIONS.items():
            table = self._database.table(name, indexes=indexes, unique="id", searched=SEARCHED.get(name, ()))
            assert isinstance(table, SQLiteTable)
            tables[name] = table
        with self._file.read() as session:
            whole = sqlite_chain.TABLE in session.tables()
        if not whole or not self._database.tables() >= set(tables):
            with self._file.write() as session:
                if not session.has_layout_remembered:
                    raise damaged(self.path)
                session.changing_layout()
                for table in tables.values():
                    table.make()
                sqlite_chain.lay_out(session.connection)
        return tables

    def _chained(self, session: Session, changes: Changes) -> int:
        """Add the links of a transaction about to be committed; refused where the chain has become shorter."""
        last = sqlite_chain.place(session.connection)
        if last.seq < self._reached:
            reached = Head(self._reached, "", "")
            raise cut_short(self._anchor.place, reached, last.seq)
        if changes.erased and last.seq:
            sqlite_chain.forget(session.connection, changes.erased, last.seq)
            keep_up(session, all_of_them=True)
            for table, fields in SEARCHED.items():
                for index in (index_of(f"t_{table}", field) for field in fields):
                    session.connection.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
        return sqlite_chain.append(session.connection, changes, last)

    def _empty_log(self) -> None:
        """The log may hold what was erased; emptied at once if no reader is in the way, else by and by."""
        with suppress(FormsvcError), self._file.at_rest() as session:
            session.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _come_to_anchor(self, known_here: bool) -> None:
        """Compare the chain with its anchor, and bring the anchor forward where a crash left it behind.

        The anchor is read first: it may then be behind what is read of the chain, but not ahead.
        """
        anchor = read_anchor(self._anchor.place)
        with self._file.read() as session:
            last = sqlite_chain.last(session.connection)
            wrong = self._difference(session, anchor)
        if wrong:
            self._database.close()
            raise wrong
        self._reached = last.seq if last else 0
        if last and anchor is None and known_here and BEGUN not in last.body:
            changes = Changes()
            changes.told = ANCHOR_LOST
            with self._file.write() as session:
                self._chained(session, changes)
        if anchor is None or (last and anchor.count < last.seq):
            self._anchor.due()
            self._anchor.flush()

    def _against_anchor(self, session: Session, anchor: Head | None) -> Iterator[Finding]:
        wrong = self._difference(session, anchor)
        if wrong:
            yield Finding("anchor", str(wrong))
        if anchor is None and sqlite_chain.last(session.connection):
            yield Finding("anchor", msg("没有锚文件“{place}”。", place=self._anchor.place), "notice")

    def _difference(self, session: Session, anchor: Head | None) -> HistoryCut | None:
        if anchor is None or anchor.count == 0:
            return None
        last, there = (
            sqlite_chain.last(session.connection),
            sqlite_chain.link_at(session.connection, anchor.count),
        )
        if there is None:
            return cut_short(self._anchor.place, anchor, last.seq if last else 0)
        return None if there.hash.hex() == anchor.hash else not_the_same(self._anchor.place, anchor)

    def _raw(self, session: Session, name: str, key: str) -> Record | None:
        """A record as it lies there. Raises LookupError where its own hash does not fit."""
        if name not in self._tables:
            return None
        row = session.connection.execute(f"SELECT hash, doc FROM t_{name} WHERE f_id=?", (key,)).fetchone()
        if row is None:
            return None
        if not isinstance(row[1], str) or fingerprint(row[1].encode()) != row[0]:
            raise LookupError(key)
        return decode(row[1])

    def _settled(self, session: Session) -> dict[str, int]:
        """How many records of each collection the chain must vouch for."""
        counts = {}
        for name in self._tables:
            if name not in UNRECORDED:
                drafts = " WHERE f_state IS NOT 'draft'" if name == "acts" else ""
                row = session.connection.execute(f"SELECT count(*) FROM t_{name}{drafts}").fetchone()
                counts[name] = int(row[0])
        return counts
