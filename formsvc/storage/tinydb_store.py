"""The embedded store: TinyDB tables over one SQLite file."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from formsvc.domain.json_types import JSON
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.storage.atomic_files import make_folder, named_when_done, sync_folder
from formsvc.storage.audit import chain_table
from formsvc.storage.audit.anchor import (
    AnchorWriter,
    HistoryCut,
    anchor_of,
    cut_short,
    not_the_same,
    read_anchor,
)
from formsvc.storage.audit.chain_verification import check_chain
from formsvc.storage.audit.hash_chain import ANCHOR_LOST, BEGUN, NOTHING, UNRECORDED, Changes, Unreadable
from formsvc.storage.record_rules import COLLECTIONS, INDEXES, SEARCHED
from formsvc.storage.schema import STORE_FORMAT, files_of
from formsvc.storage.tinydb_sqlite.bigram_index import index_of
from formsvc.storage.tinydb_sqlite.connections import refuse_network_share
from formsvc.storage.tinydb_sqlite.database import SQLiteTable, SQLiteTinyDB
from formsvc.storage.tinydb_sqlite.errors import damaged
from formsvc.storage.tinydb_sqlite.file_format import marker_of
from formsvc.storage.tinydb_sqlite.integrity import copy_to, faults
from formsvc.storage.tinydb_sqlite.list_index import keep_up
from formsvc.storage.tinydb_sqlite.rows import fingerprint
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.values import decode
from formsvc.storage.transactions import TinyTransaction
from formsvc.usecases.ports import Finding, Head, Record, Transaction


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
        refuse_network_share(self.path.absolute().parent, self.path.absolute())
        make_folder(self.path.absolute().parent)
        self._database = SQLiteTinyDB(path, lock_timeout=lock_timeout, file_format=STORE_FORMAT)
        if not known_here:
            sync_folder(self.path.parent)
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
            last = chain_table.last(session.connection)
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
                    chain_table.links(session.connection),
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
        with self._file.at_rest() as session, named_when_done(target) as part:
            copy_to(session, part, shown_as=target)

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
        for name in COLLECTIONS:
            table = self._database.table(
                name, indexes=INDEXES.get(name, ()), unique="id", searched=SEARCHED.get(name, ())
            )
            assert isinstance(table, SQLiteTable)
            tables[name] = table
        with self._file.read() as session:
            whole = chain_table.TABLE in session.tables()
        if not whole or not self._database.tables() >= set(tables):
            with self._file.write() as session:
                if not session.has_layout_remembered:
                    raise damaged(self.path)
                session.changing_layout()
                for table in tables.values():
                    table.make()
                chain_table.lay_out(session.connection)
        return tables

    def _chained(self, session: Session, changes: Changes) -> int:
        """Add the links of a transaction about to be committed; refused where the chain has become shorter."""
        last = chain_table.place(session.connection)
        if last.seq < self._reached:
            reached = Head(self._reached, "", "")
            raise cut_short(self._anchor.place, reached, last.seq)
        if changes.erased and last.seq:
            chain_table.forget(session.connection, changes.erased, last.seq)
            keep_up(session, all_of_them=True)
            for table, fields in SEARCHED.items():
                for index in (index_of(f"t_{table}", field) for field in fields):
                    session.connection.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
        return chain_table.append(session.connection, changes, last)

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
            last = chain_table.last(session.connection)
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
        if anchor is None and chain_table.last(session.connection):
            yield Finding("anchor", msg("没有锚文件“{place}”。", place=self._anchor.place), "notice")

    def _difference(self, session: Session, anchor: Head | None) -> HistoryCut | None:
        if anchor is None or anchor.count == 0:
            return None
        last, there = (
            chain_table.last(session.connection),
            chain_table.link_at(session.connection, anchor.count),
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
