"""TinyDB over SQLite: ``SQLiteTinyDB(path)`` is a TinyDB that several threads and programs may write to at once.

Each table is an SQL table with a row a document; only rows that changed are written, queries run in SQL where their
structure allows. It differs from stock TinyDB in a few ways, all on purpose: documents come in the order of their ids;
an id is never given twice while its table exists; there is no query cache; ``persist_empty`` does not empty a table;
text with U+0000 or half a character, NaN, and integers of more than 64 bits are refused; a comparison of unlike types
that SQL can tell never matches, where stock TinyDB may raise.
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
from formsvc.storage.tinydb_sqlite.list_index import drop_catalogue
from formsvc.storage.tinydb_sqlite.queries import Reader, Sorting
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.values import decode, encode

__all__ = ["SQLiteStorage", "SQLiteTable", "SQLiteTinyDB"]

Tables = dict[str, dict[str, Any]]
Fields = Mapping[str, Any] | Callable[[MutableMapping[str, Any]], None]


class SQLiteStorage(Storage):
    """Serves tables of ``SQLiteTable`` row by row, and stock tables as a whole; a lost update is refused to the latter."""

    def __init__(
        self, path: str | Path, *, lock_timeout: float = 5.0, file_format: FileFormat | None = None
    ) -> None:
        super().__init__()
        self.file = SQLiteFile(Path(path), lock_timeout=lock_timeout, file_format=file_format)
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


class SQLiteTable(Table):
    """A TinyDB table whose documents are rows.

    ``indexes`` names the fields of each index, ``unique`` a field no two documents share, ``searched`` fields
    that ports search for parts of their text; all take effect when the table is made.
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
        super().__init__(storage, name, cache_size=0)
        self._file = storage.file
        self._sql = rows.sql_name(name)
        self._indexes = tuple(indexes)
        self._reader = Reader(storage.file.path, self._sql, self._indexes)
        self._unique = unique
        self._searched = tuple(searched)
        if persist_empty:
            self.make()

    def make(self) -> None:
        """Make the table if it is not there yet."""
        with self._writing():
            pass

    def insert(self, document: Mapping[str, Any]) -> int:
        """Insert a document; answers its id."""
        text, doc_id = self._prepared(document)
        with self._writing() as session:
            return rows.add(session, self._sql, document, text, doc_id)

    def insert_multiple(self, documents: Iterable[Mapping[str, Any]]) -> list[int]:
        """Insert documents, all or none; answers their ids."""
        prepared = [(document, *self._prepared(document)) for document in documents]
        with self._writing() as session, rows.all_or_nothing(session.connection):
            return [rows.add(session, self._sql, *each) for each in prepared]

    def update(
        self, fields: Fields, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None
    ) -> list[int]:
        """Update the documents that match; answers their ids."""
        with self._writing() as session:
            chosen = self._reader.ids(session, cond) if doc_ids is None else doc_ids
            return super().update(fields, None, chosen)

    def upsert(self, document: Mapping[str, Any], cond: QueryLike | None = None) -> list[int]:
        """Update the documents that match or insert one, in one transaction."""
        with self._writing():
            return super().upsert(document, cond)

    def remove(self, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None) -> list[int]:
        """Remove the documents that match; answers their ids."""
        if cond is None and doc_ids is None:
            raise RuntimeError("Use truncate() to remove all documents")
        with self._writing() as session:
            chosen = self._reader.ids(session, cond) if doc_ids is None else doc_ids
            return super().remove(None, chosen)

    def truncate(self) -> None:
        """Remove all documents; their ids stay used."""
        with self._writing() as session:
            session.connection.execute(f"DELETE FROM {self._sql}")

    def get(self, cond: QueryLike | None = None, doc_id: Any = None, doc_ids: Any = None) -> Any:
        """One document by query or id, or those with the given ids."""
        with self._file.read() as session:
            if doc_id is not None:
                return next(iter(self._by_ids(session, [doc_id])), None)
            if doc_ids is not None:
                return self._by_ids(session, list(doc_ids))
            if cond is not None:
                first = next(self._reader.found(session, cond), None)
                return None if first is None else self._document(first)
        raise RuntimeError("You have to pass either cond or doc_id or doc_ids")

    def search(self, cond: QueryLike) -> list[Document]:
        """The documents that match."""
        with self._file.read() as session:
            return [self._document(row) for row in self._reader.found(session, cond)]

    def all(self) -> list[Document]:
        """All documents."""
        with self._file.read() as session:
            return [self._document(row) for row in self._reader.found(session, None)]

    def count(self, cond: QueryLike | None) -> int:
        """How many documents match."""
        with self._file.read() as session:
            return self._reader.count(session, cond)

    def page(self, cond: QueryLike | None, sorting: Sorting) -> list[Document]:
        """The documents that match, sorted, and of those a part."""
        with self._file.read() as session:
            return [self._document(row) for row in self._reader.page(session, cond, sorting)]

    def tally(self, field: str, cond: QueryLike | None) -> dict[str, int]:
        """How many of the documents that match have each value of a field."""
        with self._file.read() as session:
            return self._reader.tally(session, field, cond)

    def __len__(self) -> int:
        return self.count(None)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.all())

    # For a table that is there already and a block that was opened already

    def row(self, session: Session, key: str) -> rows.Row | None:
        """The row whose unique field has this value."""
        return self._reader.row(session, self._unique, key)

    def last_key(self, session: Session) -> str:
        """The greatest value of the unique field; empty without documents."""
        return self._reader.last(session, self._unique)

    def add(self, session: Session, document: Mapping[str, Any]) -> None:
        """Add a document under a new id."""
        rows.add(session, self._sql, document, encode(document), None)

    def rewrite(self, session: Session, row: rows.Row, document: Mapping[str, Any]) -> rows.Row:
        """Put a document in the place of one just read; answers the row as it is then."""
        text = encode(document)
        return row if text == row.text else rows.change(session, self._sql, row, document, text)

    def reindex(self, session: Session) -> None:
        """Make anew what lists and searches are answered from, if it is apart from the documents."""
        if self._searched:
            rows.make_lists(session, self._sql, self._indexes, self._searched)

    def _by_ids(self, session: Session, doc_ids: list[Any]) -> list[Document]:
        texts = ((doc_id, self._reader.text(session, doc_id)) for doc_id in rows.wanted_ids(doc_ids))
        return [self._document((doc_id, decode(text))) for doc_id, text in texts if text is not None]

    def _document(self, row: tuple[int, Mapping[str, Any]]) -> Document:
        return self.document_class(row[1], row[0])

    def _prepared(self, document: Mapping[str, Any]) -> tuple[bytes, int | None]:
        if not isinstance(document, Mapping):
            raise ValueError("Document is not a Mapping")
        doc_id = rows.checked_id(document.doc_id) if isinstance(document, self.document_class) else None
        return encode(document), doc_id

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self._file.write() as session:
            if self._sql not in session.tables():
                if session.remembers(self._sql):
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
            table = rows.ChangedRows(session, self._sql, self._reader.text)
            updater(table)
            table.save()


class SQLiteTinyDB(TinyDB):
    """A TinyDB in a SQLite file."""

    table_class: type[Table] = SQLiteTable
    default_storage_class = SQLiteStorage  # type: ignore[assignment]  # TinyDB declares its own class here

    def __init__(
        self, path: str | Path, *, storage: type[SQLiteStorage] = SQLiteStorage, **kwargs: Any
    ) -> None:
        super().__init__(path, storage=storage, **kwargs)

    @property
    def storage(self) -> SQLiteStorage:
        """The storage, with its transactions."""
        assert isinstance(self._storage, SQLiteStorage)
        return self._storage

    def transaction(self) -> AbstractContextManager[Session]:
        """All changes of the block together or not at all."""
        return self.storage.transaction()

    def snapshot(self) -> AbstractContextManager[Session]:
        """All reading of the block from one moment."""
        return self.storage.snapshot()

    def tables(self) -> set[str]:
        """The names of the tables."""
        return self.storage.names()

    def drop_table(self, name: str) -> None:
        """Drop a table with all its documents."""
        self._tables.pop(name, None)
        self.storage.drop(name)


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
