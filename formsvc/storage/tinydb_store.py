"""The embedded store: TinyDB over one SQLite file, with a hash chain."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from formsvc.domain.json_types import JSON
from formsvc.errors import FormsvcError, disk_error
from formsvc.i18n.messages import msg
from formsvc.storage.atomic_files import make_folder, rename_on_close, sync_folder
from formsvc.storage.audit import chain_table
from formsvc.storage.audit.anchor import (
    AnchorMismatch,
    AnchorWriter,
    anchor_path,
    chain_behind_anchor,
    hash_mismatch,
    read_anchor,
)
from formsvc.storage.audit.chain_verification import verify_chain
from formsvc.storage.audit.hash_chain import (
    ANCHOR_LOST,
    CHAIN_BEGUN,
    EMPTY_CHAIN,
    UNAUDITED,
    Changes,
    UnreadableLink,
)
from formsvc.storage.places import Places, needs_remembering, remember_places, require_places
from formsvc.storage.record_rules import COLLECTIONS, INDEXES, SEARCHED
from formsvc.storage.schema import STORE_FORMAT, store_files
from formsvc.storage.tinydb_sqlite.bigram_index import bigram_table
from formsvc.storage.tinydb_sqlite.connections import refuse_network_share
from formsvc.storage.tinydb_sqlite.database import SQLiteTable, SQLiteTinyDB
from formsvc.storage.tinydb_sqlite.errors import damaged
from formsvc.storage.tinydb_sqlite.file_format import marker_of
from formsvc.storage.tinydb_sqlite.integrity import copy_database, find_faults
from formsvc.storage.tinydb_sqlite.list_index import refresh_if_needed
from formsvc.storage.tinydb_sqlite.rows import row_hash
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.values import decode
from formsvc.storage.transactions import TinyTransaction
from formsvc.usecases.ports import ChainHead, IntegrityFinding, Record, Transaction


class TinyStore:
    """Records in TinyDB tables over SQLite, shared by threads and programs.

    ``lock_timeout`` is in seconds. ``anchor`` is the path of the anchor file, next to the store by default.
    ``inspect_only``: open it even if it does not fit the anchor, and write no anchor. With ``places``, refuse
    to open it with other places than it remembers.
    """

    def __init__(
        self,
        path: Path,
        *,
        lock_timeout: float = 5.0,
        anchor: Path | None = None,
        inspect_only: bool = False,
        places: Places | None = None,
    ) -> None:
        self.path = Path(path)
        existed = marker_of(self.path).exists()
        refuse_network_share(self.path.absolute().parent, self.path.absolute())
        make_folder(self.path.absolute().parent)
        self._database = SQLiteTinyDB(path, lock_timeout=lock_timeout, file_format=STORE_FORMAT)
        # Synced before anything is acknowledged: a power cut must not take the new file's name away.
        if not existed:
            try:
                sync_folder(self.path.parent)
            except OSError as error:
                raise disk_error(error, self.path.parent) from error
        self._file = self._database.storage.file
        self._tables = self._create_tables()
        self._anchor = AnchorWriter(anchor or anchor_path(self.path), self.head)
        self._reached = 0
        if places:
            self._require_places(places)
        if not inspect_only:
            self._check_anchor(existed)
        if places and not inspect_only:
            self._remember_places(places)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self._file.read() as session, self._transaction(session) as transaction:
            yield transaction

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a write transaction; refused inside another block of the thread."""
        if self._file.mode:
            raise RuntimeError("a write block cannot stand inside another block of the same thread")
        with self._file.write() as session:
            with self._transaction(session) as transaction:
                yield transaction
            changed = bool(transaction.changes)
            if changed:
                reached = self._append_links(session, transaction.changes)
        if changed:
            self._reached = max(self._reached, reached)
            self._anchor.schedule()
        if transaction.changes.erased:
            self._truncate_log()

    def health(self) -> dict[str, JSON]:
        """Write and read something; return figures. Raise FormsvcError on failure."""
        with self._file.write() as session:
            session.connection.execute("INSERT OR REPLACE INTO meta VALUES ('health', datetime('now'))")
            acts = len(self._tables["acts"])
        return {
            "engine": "tinydb",
            "acts": acts,
            "bytes": sum(part.stat().st_size for part in store_files(self.path) if part.exists()),
            "free_bytes": self.free_bytes(),
            **({"anchor": self._anchor.fault} if self._anchor.fault else {}),
        }

    def is_written_within(self, seconds: float) -> bool:
        return self._file.is_written_within(seconds)

    def free_bytes(self) -> int:
        return shutil.disk_usage(self.path.parent).free

    def head(self) -> ChainHead:
        with self._file.read() as session:
            last = chain_table.last_link(session.connection)
            return last.head if last else EMPTY_CHAIN

    def verify(self, known: ChainHead | None = None) -> list[IntegrityFinding]:
        """Read everything; return a finding for each place that was altered.

        ``known`` is a head the chain must pass through.
        """
        self._anchor.flush()
        try:
            anchor, findings = read_anchor(self._anchor.path), list[IntegrityFinding]()
        except AnchorMismatch as mismatch:
            anchor, findings = None, [IntegrityFinding("anchor", str(mismatch))]
        with self._file.read() as session:
            findings += [IntegrityFinding("store", fault) for fault in find_faults(session)]
            try:
                findings += verify_chain(
                    chain_table.iter_links(session.connection),
                    lambda name, key: self._read_unchecked(session, name, key),
                    self._audited_counts(session),
                    known,
                )
                findings += self._anchor_findings(session, anchor)
            except sqlite3.DatabaseError as error:
                findings.append(
                    IntegrityFinding("store", msg("数据文件读到一半出错：{error}。", error=error))
                )
            except UnreadableLink:
                findings.append(IntegrityFinding("chain", msg("历史链里有的内容已损坏，读不出来。")))
        return findings

    def reindex(self) -> None:
        with self._file.write() as session:
            for table in self._tables.values():
                table.reindex(session)

    def backup(self, target: Path) -> None:
        """Write a consistent copy, itself a store, while the store is in use."""
        with self._file.outside_transaction() as session, rename_on_close(target) as part:
            copy_database(session, part, shown_as=target)

    def close(self) -> None:
        self._anchor.flush()
        self._database.close()

    @contextmanager
    def _transaction(self, session: Session) -> Iterator[TinyTransaction]:
        transaction = TinyTransaction(self._tables, session)
        try:
            yield transaction
        finally:
            transaction.end()

    def _create_tables(self) -> dict[str, SQLiteTable]:
        tables: dict[str, SQLiteTable] = {}
        for name in COLLECTIONS:
            table = self._database.table(
                name, indexes=INDEXES.get(name, ()), unique="id", searched=SEARCHED.get(name, ())
            )
            assert isinstance(table, SQLiteTable)
            tables[name] = table
        with self._file.read() as session:
            has_chain = chain_table.TABLE in session.tables()
        if not has_chain or not self._database.tables() >= set(tables):
            with self._file.write() as session:
                # Tables are created only in a file whose schema no other program has changed.
                if not session.matches_snapshot:
                    raise damaged(self.path)
                session.begin_schema_change()
                for table in tables.values():
                    table.create()
                chain_table.create_chain(session.connection)
        return tables

    def _append_links(self, session: Session, changes: Changes) -> int:
        """Add the links of a transaction about to be committed; return their end."""
        last = chain_table.chain_position(session.connection)
        # The chain is shorter than when this program last wrote: an older file has taken its place.
        if last.seq < self._reached:
            reached = ChainHead(self._reached, "", "")
            raise chain_behind_anchor(self._anchor.path, reached, last.seq)
        if changes.erased and last.seq:
            chain_table.destroy_salts(session.connection, changes.erased, last.seq)
            # Pending rows and unmerged segments of the bigram index would keep what is erased.
            refresh_if_needed(session, force=True)
            for table, fields in SEARCHED.items():
                for index in (bigram_table(f"t_{table}", field) for field in fields):
                    session.connection.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
        return chain_table.append_changes(session.connection, changes, last)

    def _truncate_log(self) -> None:
        # The log may still hold what was erased. Where a reader is in the way, later commits overwrite it.
        with suppress(FormsvcError), self._file.outside_transaction() as session:
            session.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _require_places(self, places: Places) -> None:
        try:
            with self._file.read() as session:
                require_places(session, places)
        except FormsvcError:
            self._database.close()
            raise

    def _remember_places(self, places: Places) -> None:
        with self._file.read() as session:
            is_new = needs_remembering(session, places)
        if is_new:
            with self._file.write() as session:
                remember_places(session, places)

    def _check_anchor(self, existed: bool) -> None:
        """Compare chain and anchor; write the anchor if a crash left it behind."""
        # The anchor is read first: it may then be behind what is read of the chain, but not ahead.
        anchor = read_anchor(self._anchor.path)
        with self._file.read() as session:
            last = chain_table.last_link(session.connection)
            mismatch = self._anchor_mismatch(session, anchor)
        if mismatch:
            self._database.close()
            raise mismatch
        self._reached = last.seq if last else 0
        if last and anchor is None and existed and CHAIN_BEGUN not in last.body:
            changes = Changes()
            changes.event = ANCHOR_LOST
            with self._file.write() as session:
                self._append_links(session, changes)
        if anchor is None or (last and anchor.count < last.seq):
            self._anchor.schedule()
            self._anchor.flush()

    def _anchor_findings(self, session: Session, anchor: ChainHead | None) -> Iterator[IntegrityFinding]:
        mismatch = self._anchor_mismatch(session, anchor)
        if mismatch:
            yield IntegrityFinding("anchor", str(mismatch))
        if anchor is None and chain_table.last_link(session.connection):
            yield IntegrityFinding("anchor", msg("没有锚文件“{place}”。", place=self._anchor.path), "notice")

    def _anchor_mismatch(self, session: Session, anchor: ChainHead | None) -> AnchorMismatch | None:
        if anchor is None or anchor.count == 0:
            return None
        last = chain_table.last_link(session.connection)
        link = chain_table.link_at(session.connection, anchor.count)
        if link is None:
            return chain_behind_anchor(self._anchor.path, anchor, last.seq if last else 0)
        return None if link.hash.hex() == anchor.hash else hash_mismatch(self._anchor.path, anchor)

    def _read_unchecked(self, session: Session, name: str, key: str) -> Record | None:
        """Return a record as stored. Raise LookupError if its hash is wrong."""
        if name not in self._tables:
            return None
        row = session.connection.execute(f"SELECT hash, doc FROM t_{name} WHERE f_id=?", (key,)).fetchone()
        if row is None:
            return None
        if not isinstance(row[1], str) or row_hash(row[1].encode()) != row[0]:
            raise LookupError(key)
        return decode(row[1])

    def _audited_counts(self, session: Session) -> dict[str, int]:
        counts = {}
        for name in self._tables:
            if name not in UNAUDITED:
                drafts = " WHERE f_state IS NOT 'draft'" if name == "acts" else ""
                row = session.connection.execute(f"SELECT count(*) FROM t_{name}{drafts}").fetchone()
                counts[name] = int(row[0])
        return counts
