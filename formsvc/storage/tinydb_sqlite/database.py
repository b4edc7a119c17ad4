"""TinyDB's classes over SQLite: storage, table and database.

See README.md for the differences from stock TinyDB, all on purpose.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.storages import Storage
from tinydb.table import Document, Table

from formsvc.errors import Conflict
from formsvc.i18n.messages import msg
from formsvc.storage.tinydb_sqlite import rows
from formsvc.storage.tinydb_sqlite.connections import SQLiteFile
from formsvc.storage.tinydb_sqlite.errors import damaged
from formsvc.storage.tinydb_sqlite.file_format import FileFormat
from formsvc.storage.tinydb_sqlite.list_index import drop_list_index
from formsvc.storage.tinydb_sqlite.queries import Sorting, TableReader
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.values import decode, encode

__all__ = ["SQLiteStorage", "SQLiteTable", "SQLiteTinyDB"]

Tables = dict[str, dict[str, Any]]
Fields = Mapping[str, Any] | Callable[[MutableMapping[str, Any]], None]


class SQLiteStorage(Storage):
    """A TinyDB storage; it also serves stock tables, reading and writing all."""

    def __init__(
        self, path: str | Path, *, lock_timeout: float = 5.0, file_format: FileFormat | None = None
    ) -> None:
        super().__init__()
        self.file = SQLiteFile(Path(path), lock_timeout=lock_timeout, file_format=file_format)
        self._last_read = threading.local()

    def transaction(self) -> AbstractContextManager[Session]:
        """Open a write transaction: all changes of the block, or none."""
        return self.file.write()

    def snapshot(self) -> AbstractContextManager[Session]:
        """Open a read transaction: everything is read as of one moment."""
        return self.file.read()

    def table_names(self) -> set[str]:
        with self.file.read() as session:
            return set(_tables(session))

    def drop(self, table: str) -> None:
        with self.file.write() as session:
            if table in _tables(session):
                name = rows.to_sql_name(table)
                drop_list_index(session, name)
                session.execute_ddl(f"DROP TABLE {name}")

    def read(self) -> Tables | None:
        """Return all documents of all tables, or None if there are no tables."""
        with self.file.read() as session:
            self._last_read.version = _version(session)
            everything = {
                table: _documents(session, name) for table, name in sorted(_tables(session).items())
            }
        return everything or None

    def write(self, data: Tables) -> None:
        """Replace the content of all tables.

        Raise Conflict if another program or thread wrote since this thread read: stock tables write back
        what they read.
        """
        with self.file.write() as session:
            seen = self._last_read.__dict__.pop("version", None)
            if seen is not None and seen != _version(session):
                raise Conflict(msg("别处刚刚改动了数据，这次没有保存，以免覆盖。"), msg("请重新读取后再改。"))
            for table in set(_tables(session)) - set(data):
                self.drop(table)
            for table, documents in data.items():
                _replace_documents(session, self.file.path, rows.to_sql_name(table), documents)

    def close(self) -> None:
        self.file.close()


class SQLiteTable(Table):
    """A TinyDB table whose documents are rows.

    ``indexes`` names the fields of each index, ``unique`` a field no two documents share, ``searched``
    fields with a bigram index; all take effect when the table is created.
    """

    def __init__(
        self,
        storage: SQLiteStorage,
        name: str,
        cache_size: int = 0,
        persist_empty: bool = False,
        *,
        indexes: Sequence[tuple[str, ...]] = (),
        unique: str = "",
        searched: Sequence[str] = (),
    ) -> None:
        # TinyDB's query cache would not notice what other programs write.
        super().__init__(storage, name, cache_size=0)
        self._file = storage.file
        self._sql = rows.to_sql_name(name)
        self._indexes = tuple(indexes)
        self._reader = TableReader(storage.file.path, self._sql, self._indexes)
        self._unique = unique
        self._searched = tuple(searched)
        if persist_empty:
            self.create()

    def create(self) -> None:
        with self._writing():
            pass

    def insert(self, document: Mapping[str, Any]) -> int:
        text, doc_id = self._encode(document)
        with self._writing() as session:
            return rows.insert_row(session, self._sql, document, text, doc_id)

    def insert_multiple(self, documents: Iterable[Mapping[str, Any]]) -> list[int]:
        """Insert documents, all or none; return their ids."""
        prepared = [(document, *self._encode(document)) for document in documents]
        with self._writing() as session, rows.savepoint(session.connection):
            return [rows.insert_row(session, self._sql, *each) for each in prepared]

    def update(
        self, fields: Fields, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None
    ) -> list[int]:
        """Update matching documents, all or none; return their ids."""
        with self._writing() as session:
            chosen = self._reader.matching_ids(session, cond) if doc_ids is None else doc_ids
            return super().update(fields, None, chosen)

    def upsert(self, document: Mapping[str, Any], cond: QueryLike | None = None) -> list[int]:
        """Update matching documents or insert one, in one transaction."""
        with self._writing():
            return super().upsert(document, cond)

    def remove(self, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None) -> list[int]:
        if cond is None and doc_ids is None:
            raise RuntimeError("Use truncate() to remove all documents")
        with self._writing() as session:
            chosen = self._reader.matching_ids(session, cond) if doc_ids is None else doc_ids
            return super().remove(None, chosen)

    def truncate(self) -> None:
        """Remove all documents; their ids are not given again."""
        with self._writing() as session:
            session.connection.execute(f"DELETE FROM {self._sql}")

    def get(self, cond: QueryLike | None = None, doc_id: Any = None, doc_ids: Any = None) -> Any:
        with self._file.read() as session:
            if doc_id is not None:
                return next(iter(self._by_ids(session, [doc_id])), None)
            if doc_ids is not None:
                return self._by_ids(session, list(doc_ids))
            if cond is not None:
                first = next(self._reader.iter_matching(session, cond), None)
                return None if first is None else self._to_document(first)
        raise RuntimeError("You have to pass either cond or doc_id or doc_ids")

    def search(self, cond: QueryLike) -> list[Document]:
        with self._file.read() as session:
            return [self._to_document(row) for row in self._reader.iter_matching(session, cond)]

    def all(self) -> list[Document]:
        with self._file.read() as session:
            return [self._to_document(row) for row in self._reader.iter_matching(session, None)]

    def count(self, cond: QueryLike | None, limit: int | None = None) -> int:
        with self._file.read() as session:
            return self._reader.count(session, cond, limit)

    def page(self, cond: QueryLike | None, sorting: Sorting) -> list[Document]:
        with self._file.read() as session:
            return [self._to_document(row) for row in self._reader.page(session, cond, sorting)]

    def count_by(self, field: str, cond: QueryLike | None) -> dict[str, int]:
        with self._file.read() as session:
            return self._reader.count_by(session, field, cond)

    def __len__(self) -> int:
        return self.count(None)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.all())

    # Without TinyDB's overhead: for an existing table, in a transaction of the caller.

    def find_row(self, session: Session, key: str) -> rows.Row | None:
        return self._reader.find_row(session, self._unique, key)

    def greatest_key(self, session: Session) -> str:
        """Return the greatest value of the unique field; empty without documents."""
        return self._reader.greatest(session, self._unique)

    def add(self, session: Session, document: Mapping[str, Any]) -> None:
        rows.insert_row(session, self._sql, document, encode(document), None)

    def update_row(self, session: Session, row: rows.Row, document: Mapping[str, Any]) -> rows.Row:
        text = encode(document)
        return row if text == row.text else rows.update_row(session, self._sql, row, document, text)

    def reindex(self, session: Session) -> None:
        """Rebuild the list index and bigram indexes, if the table has any."""
        if self._searched:
            rows.rebuild_list_index(session, self._sql, self._indexes, self._searched)

    def _by_ids(self, session: Session, doc_ids: list[Any]) -> list[Document]:
        texts = ((doc_id, self._reader.read_text(session, doc_id)) for doc_id in rows.possible_ids(doc_ids))
        return [self._to_document((doc_id, decode(text))) for doc_id, text in texts if text is not None]

    def _to_document(self, row: tuple[int, Mapping[str, Any]]) -> Document:
        return self.document_class(row[1], row[0])

    def _encode(self, document: Mapping[str, Any]) -> tuple[bytes, int | None]:
        if not isinstance(document, Mapping):
            raise ValueError("Document is not a Mapping")
        doc_id = rows.validate_id(document.doc_id) if isinstance(document, self.document_class) else None
        return encode(document), doc_id

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self._file.write() as session:
            if self._sql not in session.tables():
                # A table that existed and is gone is damage; creating it again would hide that.
                if session.is_snapshotted(self._sql):
                    raise damaged(self._file.path)
                rows.create_table(session, self._sql, self._indexes, self._unique, self._searched)
            yield session

    def _get_next_id(self) -> int:
        with self._file.read() as session:
            return rows.next_id(session, self._sql)

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        return {str(document.doc_id): document for document in self.all()}

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        with self._writing() as session:
            table = rows.TableBuffer(session, self._sql, self._reader.read_text)
            updater(table)
            table.save()


class SQLiteTinyDB(TinyDB):
    """A TinyDB in one SQLite file, for several threads and programs at once."""

    table_class: type[Table] = SQLiteTable
    default_storage_class = SQLiteStorage  # type: ignore[assignment]  # TinyDB declares its own class here

    def __init__(
        self, path: str | Path, *, storage: type[SQLiteStorage] = SQLiteStorage, **kwargs: Any
    ) -> None:
        super().__init__(path, storage=storage, **kwargs)

    @property
    def storage(self) -> SQLiteStorage:
        assert isinstance(self._storage, SQLiteStorage)
        return self._storage

    def transaction(self) -> AbstractContextManager[Session]:
        return self.storage.transaction()

    def snapshot(self) -> AbstractContextManager[Session]:
        return self.storage.snapshot()

    def tables(self) -> set[str]:
        return self.storage.table_names()

    def drop_table(self, name: str) -> None:
        self._tables.pop(name, None)
        self.storage.drop(name)


def _version(session: Session) -> int:
    # It changes whenever another connection commits.
    version: int = session.connection.execute("PRAGMA data_version").fetchone()[0]
    return version


def _tables(session: Session) -> dict[str, str]:
    named = ((rows.to_table_name(name), name) for name in session.tables())
    return {table: name for table, name in named if table is not None}


def _documents(session: Session, name: str) -> dict[str, Any]:
    stored = session.connection.execute(f"SELECT id, doc FROM {name} ORDER BY id")
    return {str(doc_id): decode(text) for doc_id, text in stored}


def _replace_documents(session: Session, path: Path, name: str, documents: dict[str, Any]) -> None:
    if name not in session.tables():
        rows.create_table(session, name, (), "")
    table = rows.TableBuffer(session, name, TableReader(path, name).read_text)
    new_documents = {rows.validate_id(doc_id): document for doc_id, document in documents.items()}
    for doc_id in set(table) - set(new_documents):
        del table[doc_id]
    for doc_id, document in new_documents.items():
        table[doc_id] = document
    table.save()
