"""The documents of one TinyDB table as rows of one SQL table."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, NamedTuple

from formsvc.errors import Conflict
from formsvc.i18n.messages import msg
from formsvc.storage.tinydb_sqlite.bigram_index import create_bigram_index
from formsvc.storage.tinydb_sqlite.list_index import create_list_index, drop_list_index
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.values import decode, encode, scalar

_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_LARGEST_ID = 2**53
_UNIQUE = "SQLITE_CONSTRAINT_UNIQUE"
_ROW_ID = ("SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID")


def to_sql_name(table: str) -> str:
    # SQL names ignore case, so any other name is written in hexadecimal.
    return f"t_{table}" if _PLAIN_NAME.fullmatch(table) else f"x_{table.encode().hex()}"


def to_table_name(name: str) -> str | None:
    """Return the TinyDB table of an SQL table; None if it has no documents."""
    if name.startswith("t_"):
        return name[2:]
    try:
        return bytes.fromhex(name[2:]).decode() if name.startswith("x_") else None
    except ValueError:  # the name is damaged
        return None


def row_hash(text: bytes) -> bytes:
    """Return the hash that proves a row to be as it was written (16 bytes)."""
    return hashlib.blake2b(text, digest_size=16).digest()


def create_table(
    session: Session, name: str, indexes: Sequence[tuple[str, ...]], unique: str, searched: Sequence[str] = ()
) -> None:
    """Create a table with a column for each indexed field.

    A table with searched fields gets a list index, which then has all indexes but the unique one.
    """
    key = [column_name(unique)] if unique else []
    columns = "".join(f"{column}, " for column in dict.fromkeys([*key, *_list_columns(indexes, searched)]))
    session.execute_ddl(
        f"CREATE TABLE {name} (id INTEGER PRIMARY KEY AUTOINCREMENT, {columns}hash BLOB NOT NULL, doc TEXT NOT NULL)"
    )
    if unique:
        session.execute_ddl(f"CREATE UNIQUE INDEX {name}__key ON {name} ({column_name(unique)})")
    if searched:
        rebuild_list_index(session, name, indexes, searched)
    else:
        for index in indexes:
            on = ", ".join(map(column_name, index))
            session.execute_ddl(f"CREATE INDEX {name}__{'_'.join(index)} ON {name} ({on})")


def rebuild_list_index(
    session: Session, name: str, indexes: Sequence[tuple[str, ...]], searched: Sequence[str]
) -> None:
    """Create the list index and bigram indexes, replacing existing ones."""
    session.begin_schema_change()
    drop_list_index(session, name)
    columns = _list_columns(indexes, searched)
    create_list_index(session.connection, name, columns, [list(map(column_name, index)) for index in indexes])
    for field in searched:
        create_bigram_index(session.connection, name, field)


def _list_columns(indexes: Iterable[tuple[str, ...]], searched: Iterable[str]) -> list[str]:
    return list(map(column_name, dict.fromkeys([*chain.from_iterable(indexes), *searched])))


def column_name(field: str) -> str:
    return f"f_{field}"


def validate_id(doc_id: Any) -> int:
    """Return a document id as int. Raise ValueError if it is out of range."""
    number = int(doc_id)
    if not -_LARGEST_ID < number < _LARGEST_ID:
        raise ValueError(f"Document ID {doc_id} is out of range")
    return number


def possible_ids(doc_ids: Iterable[Any]) -> list[int]:
    """Return, sorted, those of the ids that a document can have."""
    possible = {
        str(number): number for number in map(_int_or_too_large, doc_ids) if abs(number) < _LARGEST_ID
    }
    return sorted(possible[name] for name in {str(each) for each in doc_ids} if name in possible)


def _int_or_too_large(doc_id: Any) -> int:
    try:
        return int(str(doc_id))
    except ValueError:
        return _LARGEST_ID


@contextmanager
def savepoint(connection: sqlite3.Connection) -> Iterator[None]:
    """Undo all statements of the block if it raises."""
    connection.execute("SAVEPOINT together")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO together")
            connection.execute("RELEASE together")
        raise
    connection.execute("RELEASE together")


class Row(NamedTuple):
    """A stored row: id, JSON text, and the values of its indexed fields."""

    doc_id: int
    text: bytes
    indexed: tuple[Any, ...]


class TableStatements(NamedTuple):
    """SQL statements to read and write a table.

    Texts are passed as bytes, which saves decoding and encoding them.
    """

    fields: tuple[str, ...]
    columns: tuple[str, ...]
    select: str
    insert: str
    update: str

    def indexed_values(self, document: Mapping[str, Any]) -> tuple[Any, ...]:
        get = document.get
        return tuple([v if type(v := get(field)) is str else scalar(v) for field in self.fields])

    def to_row(self, found: tuple[Any, ...]) -> Row:
        return Row(found[0], found[2], found[3:])


def table_statements(session: Session, name: str) -> TableStatements:
    """Return the statements of a table, cached until the schema changes."""

    def compute() -> TableStatements:
        indexed = session.indexed_columns(name)
        more = "".join(f", {column}" for column in indexed.values())
        return TableStatements(
            tuple(indexed),
            tuple(indexed.values()),
            f"SELECT id, hash, CAST(doc AS BLOB){more} FROM {name}",
            f"INSERT INTO {name} (id, hash, doc{more}) VALUES (?, ?, CAST(? AS TEXT){', ?' * len(indexed)})",
            f"UPDATE {name} SET hash=?, doc=CAST(? AS TEXT)",
        )

    return session.cached(f"statements {name}", compute)


def insert_row(
    session: Session, name: str, document: Mapping[str, Any], text: bytes, doc_id: int | None
) -> int:
    """Insert a row, under a new id if ``doc_id`` is None; return its id."""
    statements = table_statements(session, name)
    row = (doc_id, row_hash(text), text, *statements.indexed_values(document))
    try:
        added = session.connection.execute(statements.insert, row).lastrowid
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorname in _ROW_ID:
            raise ValueError(f"Document with ID {doc_id} already exists") from error
        raise _to_conflict(error, name) from error
    assert added is not None
    return added


def overwrite_row(session: Session, name: str, document: Mapping[str, Any], text: bytes, doc_id: int) -> None:
    statements = table_statements(session, name)
    row = statements.to_row(
        session.connection.execute(f"{statements.select} WHERE id=?", (doc_id,)).fetchone()
    )
    update_row(session, name, row, document, text)


def update_row(session: Session, name: str, row: Row, document: Mapping[str, Any], text: bytes) -> Row:
    statements = table_statements(session, name)
    indexed = statements.indexed_values(document)
    statement, changed = statements.update, ()
    # Only changed columns are named: SQLite then leaves the other indexes alone, and the triggers silent.
    if indexed != row.indexed:
        places = [place for place, value in enumerate(indexed) if value != row.indexed[place]]
        statement += "".join(f", {statements.columns[place]}=?" for place in places)
        changed = tuple(indexed[place] for place in places)
    try:
        session.connection.execute(f"{statement} WHERE id=?", (row_hash(text), text, *changed, row.doc_id))
    except sqlite3.IntegrityError as error:
        raise _to_conflict(error, name) from error
    return Row(row.doc_id, text, indexed)


def next_id(session: Session, name: str) -> int:
    if name not in session.tables():
        return 1
    last = session.connection.execute("SELECT seq FROM sqlite_sequence WHERE name=?", (name,)).fetchone()
    return last[0] + 1 if last else 1


def _to_conflict(error: sqlite3.IntegrityError, name: str) -> Exception:
    if error.sqlite_errorname == _UNIQUE:
        return Conflict(
            msg("同一编号的记录已经登记过（{name}），没有重复登记。", name=name[2:]),
            msg("请刷新页面后查看已有的记录。"),
        )
    return error


class TableBuffer(MutableMapping[int, Any]):
    """A table's documents by id, read on demand; ``save`` writes changed ones."""

    def __init__(self, session: Session, name: str, read: Callable[[Session, int], bytes | None]) -> None:
        self._session = session
        self._connection = session.connection
        self._name = name
        self._read = read
        self._stored_texts: dict[int, bytes] = {}
        self._documents: dict[int, Any] = {}
        self._removed: set[int] = set()

    def __getitem__(self, doc_id: int) -> Any:
        if doc_id not in self._documents:
            text = None if doc_id in self._removed else self._read(self._session, doc_id)
            if text is None:
                raise KeyError(doc_id)
            self._stored_texts[doc_id] = text
            self._documents[doc_id] = decode(text)
        return self._documents[doc_id]

    def __setitem__(self, doc_id: int, document: Any) -> None:
        doc_id = validate_id(doc_id)
        if doc_id not in self._documents and doc_id in self:
            self[doc_id]
        if doc_id in self._removed:
            self._removed.discard(doc_id)
            self._stored_texts[doc_id] = b""
        self._documents[doc_id] = document

    def __delitem__(self, doc_id: int) -> None:
        if doc_id not in self:
            raise KeyError(doc_id)
        self._documents.pop(doc_id, None)
        self._removed.add(doc_id)

    def __contains__(self, doc_id: object) -> bool:
        if doc_id in self._documents:
            return True
        found = self._connection.execute(f"SELECT 1 FROM {self._name} WHERE id=?", (doc_id,)).fetchone()
        return found is not None and doc_id not in self._removed

    def __iter__(self) -> Iterator[int]:
        stored = [row[0] for row in self._connection.execute(f"SELECT id FROM {self._name} ORDER BY id")]
        known = set(stored)
        added = [doc_id for doc_id in self._documents if doc_id not in known]
        return iter([doc_id for doc_id in stored if doc_id not in self._removed] + added)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def save(self) -> None:
        """Write changed documents, all or none."""
        # All are encoded before the first is written: a document that is refused leaves nothing changed.
        texts = {doc_id: encode(document) for doc_id, document in self._documents.items()}
        changed = {doc_id: text for doc_id, text in texts.items() if self._stored_texts.get(doc_id) != text}
        if not changed and not self._removed:
            return
        with savepoint(self._connection):
            self._connection.executemany(
                f"DELETE FROM {self._name} WHERE id=?", [(each,) for each in self._removed]
            )
            for doc_id, text in changed.items():
                known = doc_id in self._stored_texts and doc_id not in self._removed
                write = overwrite_row if known else insert_row
                write(self._session, self._name, self._documents[doc_id], text, doc_id)
