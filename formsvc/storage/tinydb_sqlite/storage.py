"""The TinyDB storage that keeps a database in one SQLite file."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from formsvc.errors import Conflict
from formsvc.i18n.messages import msg
from formsvc.storage.record_rules import decode
from formsvc.storage.tinydb_sqlite import rows
from formsvc.storage.tinydb_sqlite.connections import SQLiteFile
from formsvc.storage.tinydb_sqlite.index_updates import drop_catalogue
from formsvc.storage.tinydb_sqlite.queries import Reader
from formsvc.storage.tinydb_sqlite.session import Session

Tables = dict[str, dict[str, Any]]


class SQLiteStorage(Storage):
    """Serves tables of ``SQLiteTable`` row by row, and stock tables as a whole; a lost update is refused to the latter."""

    def __init__(self, path: str | Path, *, lock_timeout: float = 5.0) -> None:
        super().__init__()
        self.file = SQLiteFile(Path(path), lock_timeout=lock_timeout)
        self._seen = threading.local()

    def transaction(self) -> AbstractContextManager[Session]:
        """All changes of the block together or not at all."""
        return self.file.write()

    def snapshot(self) -> AbstractContextManager[Session]:
        """All reading of the block from one moment."""
        return self.file.read()

    def names(self) -> set[str]:
        """The names of the tables."""
        with self.file.read() as session:
            return set(_tables(session))

    def drop(self, table: str) -> None:
        """Drop a table with all its documents."""
        with self.file.write() as session:
            if table in _tables(session):
                name = rows.sql_name(table)
                drop_catalogue(session, name)
                session.change_tables(f"DROP TABLE {name}")

    def read(self) -> Tables | None:
        """Everything, as stock tables want it."""
        with self.file.read() as session:
            self._seen.version = _version(session)
            everything = {
                table: _documents(session, name) for table, name in sorted(_tables(session).items())
            }
        return everything or None

    def write(self, data: Tables) -> None:
        """Make the content this; refused if another program or thread wrote since this thread read."""
        with self.file.write() as session:
            seen = self._seen.__dict__.pop("version", None)
            if seen is not None and seen != _version(session):
                raise Conflict(msg("别处刚刚改动了数据，这次没有保存，以免覆盖。"), msg("请重新读取后再改。"))
            for table in set(_tables(session)) - set(data):
                self.drop(table)
            for table, documents in data.items():
                _become(session, self.file.path, rows.sql_name(table), documents)

    def close(self) -> None:
        """Close the connections of all threads."""
        self.file.close()


def _version(session: Session) -> int:
    version: int = session.connection.execute("PRAGMA data_version").fetchone()[0]
    return version


def _tables(session: Session) -> dict[str, str]:
    named = ((rows.table_name(name), name) for name in session.tables())
    return {table: name for table, name in named if table is not None}


def _documents(session: Session, name: str) -> dict[str, Any]:
    stored = session.connection.execute(f"SELECT id, doc FROM {name} ORDER BY id")
    return {str(doc_id): decode(text) for doc_id, text in stored}


def _become(session: Session, path: Path, name: str, documents: dict[str, Any]) -> None:
    if name not in session.tables():
        rows.create_table(session, name, (), "")
    table = rows.ChangedRows(session, name, Reader(path, name).text)
    wanted = {rows.checked_id(doc_id): document for doc_id, document in documents.items()}
    for doc_id in set(table) - set(wanted):
        del table[doc_id]
    for doc_id, document in wanted.items():
        table[doc_id] = document
    table.save()
