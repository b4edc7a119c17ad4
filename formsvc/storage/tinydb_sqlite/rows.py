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
from formsvc.storage.tinydb_sqlite.bigram_index import make_index
from formsvc.storage.tinydb_sqlite.list_index import drop_catalogue, make_catalogue
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.values import decode, encode, scalar

_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_LARGEST_ID = 2**53
_UNIQUE = "SQLITE_CONSTRAINT_UNIQUE"
_ROW_ID = ("SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID")


def sql_name(table: str) -> str:
    """The SQL table of a TinyDB table; SQL names ignore case, so unusual ones are written in hexadecimal."""
    return f"t_{table}" if _PLAIN_NAME.fullmatch(table) else f"x_{table.encode().hex()}"


def table_name(name: str) -> str | None:
    """The TinyDB table of an SQL table; None for a table that holds no documents."""
    if name.startswith("t_"):
        return name[2:]
    try:
        return bytes.fromhex(name[2:]).decode() if name.startswith("x_") else None
    except ValueError:  # a damaged name
        return None


def fingerprint(text: bytes) -> bytes:
    """What tells that a row is still as it was written."""
    return hashlib.blake2b(text, digest_size=16).digest()


def create_table(
    session: Session, name: str, indexes: Sequence[tuple[str, ...]], unique: str, searched: Sequence[str] = ()
) -> None:
    """Make the table; fields of indexes get columns of their own, in front of the document.

    A table with searched fields gets a catalogue, and all indexes but the unique one stand there.
    """
    key = [column_of(unique)] if unique else []
    columns = "".join(f"{column}, " for column in dict.fromkeys([*key, *_listed(indexes, searched)]))
    session.change_tables(
        f"CREATE TABLE {name} (id INTEGER PRIMARY KEY AUTOINCREMENT, {columns}hash BLOB NOT NULL, doc TEXT NOT NULL)"
    )
    if unique:
        session.change_tables(f"CREATE UNIQUE INDEX {name}__key ON {name} ({column_of(unique)})")
    if searched:
        make_lists(session, name, indexes, searched)
    else:
        for index in indexes:
            on = ", ".join(map(column_of, index))
            session.change_tables(f"CREATE INDEX {name}__{'_'.join(index)} ON {name} ({on})")


def make_lists(
    session: Session, name: str, indexes: Sequence[tuple[str, ...]], searched: Sequence[str]
) -> None:
    """Make what lists and searches are answered from, in place of what there was."""
    session.changing_layout()
    drop_catalogue(session, name)
    columns = _listed(indexes, searched)
    make_catalogue(session.connection, name, columns, [list(map(column_of, index)) for index in indexes])
    for field in searched:
        make_index(session.connection, name, field)


def _listed(indexes: Iterable[tuple[str, ...]], searched: Iterable[str]) -> list[str]:
    """The columns that indexes are on and that are searched, each once."""
    return list(map(column_of, dict.fromkeys([*chain.from_iterable(indexes), *searched])))


def column_of(field: str) -> str:
    """The column of an indexed field."""
    return f"f_{field}"


def checked_id(doc_id: Any) -> int:
    """A document id that fits: a whole number."""
    number = int(doc_id)
    if not -_LARGEST_ID < number < _LARGEST_ID:
        raise ValueError(f"Document ID {doc_id} is out of range")
    return number


def wanted_ids(doc_ids: Iterable[Any]) -> list[int]:
    """Those of the ids asked for that can be ids at all, in order."""
    possible = {str(number): number for number in map(_whole, doc_ids) if abs(number) < _LARGEST_ID}
    return sorted(possible[name] for name in {str(each) for each in doc_ids} if name in possible)


def _whole(doc_id: Any) -> int:
    try:
        return int(str(doc_id))
    except ValueError:
        return _LARGEST_ID


@contextmanager
def all_or_nothing(connection: sqlite3.Connection) -> Iterator[None]:
    """Several statements of a longer transaction that stand or fall together."""
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
    """A row as it is stored: its id, its document's text, and the values of its indexed fields."""

    doc_id: int
    text: bytes
    indexed: tuple[Any, ...]


class Statements(NamedTuple):
    """What a table is read and written with. Texts go in and out as the bytes they are, which spares turning them over."""

    fields: tuple[str, ...]
    columns: tuple[str, ...]
    select: str
    insert: str
    update: str

    def indexed(self, document: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values of a document's indexed fields."""
        get = document.get
        return tuple([v if type(v := get(field)) is str else scalar(v) for field in self.fields])

    def row(self, found: tuple[Any, ...]) -> Row:
        """The row that was selected."""
        return Row(found[0], found[2], found[3:])


def statements(session: Session, name: str) -> Statements:
    """Those of a table, put together once."""

    def reckon() -> Statements:
        indexed = session.indexed(name)
        more = "".join(f", {column}" for column in indexed.values())
        return Statements(
            tuple(indexed),
            tuple(indexed.values()),
            f"SELECT id, hash, CAST(doc AS BLOB){more} FROM {name}",
            f"INSERT INTO {name} (id, hash, doc{more}) VALUES (?, ?, CAST(? AS TEXT){', ?' * len(indexed)})",
            f"UPDATE {name} SET hash=?, doc=CAST(? AS TEXT)",
        )

    return session.derived(f"statements {name}", reckon)


def add(session: Session, name: str, document: Mapping[str, Any], text: bytes, doc_id: int | None) -> int:
    """Write a new row, under a new id or the given one."""
    known = statements(session, name)
    row = (doc_id, fingerprint(text), text, *known.indexed(document))
    try:
        added = session.connection.execute(known.insert, row).lastrowid
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorname in _ROW_ID:
            raise ValueError(f"Document with ID {doc_id} already exists") from error
        raise _explained(error, name) from error
    assert added is not None
    return added


def overwrite(session: Session, name: str, document: Mapping[str, Any], text: bytes, doc_id: int) -> None:
    """Write an existing row anew."""
    known = statements(session, name)
    row = known.row(session.connection.execute(f"{known.select} WHERE id=?", (doc_id,)).fetchone())
    change(session, name, row, document, text)


def change(session: Session, name: str, row: Row, document: Mapping[str, Any], text: bytes) -> Row:
    """Write a row anew; indexes of fields that stay the same are left alone. Answers the row as it is then."""
    known = statements(session, name)
    indexed = known.indexed(document)
    statement, changed = known.update, ()
    if indexed != row.indexed:
        places = [place for place, value in enumerate(indexed) if value != row.indexed[place]]
        statement += "".join(f", {known.columns[place]}=?" for place in places)
        changed = tuple(indexed[place] for place in places)
    try:
        session.connection.execute(f"{statement} WHERE id=?", (fingerprint(text), text, *changed, row.doc_id))
    except sqlite3.IntegrityError as error:
        raise _explained(error, name) from error
    return Row(row.doc_id, text, indexed)


def next_id(session: Session, name: str) -> int:
    """The id a document inserted now would get."""
    if name not in session.tables():
        return 1
    last = session.connection.execute("SELECT seq FROM sqlite_sequence WHERE name=?", (name,)).fetchone()
    return last[0] + 1 if last else 1


def _explained(error: sqlite3.IntegrityError, name: str) -> Exception:
    if error.sqlite_errorname == _UNIQUE:
        return Conflict(
            msg("同一编号的记录已经登记过（{name}），没有重复登记。", name=name[2:]),
            msg("请刷新页面后查看已有的记录。"),
        )
    return error


class ChangedRows(MutableMapping[int, Any]):
    """A table's documents by id, read when asked for; ``save`` writes those that have become different."""

    def __init__(self, session: Session, name: str, read: Callable[[Session, int], bytes | None]) -> None:
        self._session = session
        self._connection = session.connection
        self._name = name
        self._read = read
        self._before: dict[int, bytes] = {}
        self._now: dict[int, Any] = {}
        self._removed: set[int] = set()

    def __getitem__(self, doc_id: int) -> Any:
        if doc_id not in self._now:
            text = None if doc_id in self._removed else self._read(self._session, doc_id)
            if text is None:
                raise KeyError(doc_id)
            self._before[doc_id] = text
            self._now[doc_id] = decode(text)
        return self._now[doc_id]

    def __setitem__(self, doc_id: int, document: Any) -> None:
        doc_id = checked_id(doc_id)
        if doc_id not in self._now and doc_id in self:
            self[doc_id]
        if doc_id in self._removed:
            self._removed.discard(doc_id)
            self._before[doc_id] = b""
        self._now[doc_id] = document

    def __delitem__(self, doc_id: int) -> None:
        if doc_id not in self:
            raise KeyError(doc_id)
        self._now.pop(doc_id, None)
        self._removed.add(doc_id)

    def __contains__(self, doc_id: object) -> bool:
        if doc_id in self._now:
            return True
        found = self._connection.execute(f"SELECT 1 FROM {self._name} WHERE id=?", (doc_id,)).fetchone()
        return found is not None and doc_id not in self._removed

    def __iter__(self) -> Iterator[int]:
        stored = [row[0] for row in self._connection.execute(f"SELECT id FROM {self._name} ORDER BY id")]
        known = set(stored)
        added = [doc_id for doc_id in self._now if doc_id not in known]
        return iter([doc_id for doc_id in stored if doc_id not in self._removed] + added)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def save(self) -> None:
        """Write what has changed; all texts are made before the first is written."""
        texts = {doc_id: encode(document) for doc_id, document in self._now.items()}
        changed = {doc_id: text for doc_id, text in texts.items() if self._before.get(doc_id) != text}
        if not changed and not self._removed:
            return
        with all_or_nothing(self._connection):
            self._connection.executemany(
                f"DELETE FROM {self._name} WHERE id=?", [(each,) for each in self._removed]
            )
            for doc_id, text in changed.items():
                known = doc_id in self._before and doc_id not in self._removed
                write = overwrite if known else add
                write(self._session, self._name, self._now[doc_id], text, doc_id)
