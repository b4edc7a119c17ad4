"""The chain in a SQLite file: a table of links, and triggers that refuse to change what is kept for ever."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from formsvc.storage.audit.hash_chain import (
    BEFORE_ALL,
    Changes,
    Link,
    Place,
    Unreadable,
    canonical,
    names_in,
    now,
    without_salts,
)

TABLE = "chain"
_KEPT = {
    "chain__kept": "BEFORE UPDATE OF seq, hash, body ON chain",
    "chain__stays": "BEFORE DELETE ON chain",
    "t_events__kept": "BEFORE UPDATE ON t_events",
    "t_events__stays": "BEFORE DELETE ON t_events",
    "t_numbers__stays": "BEFORE DELETE ON t_numbers",
}


def lay_out(connection: sqlite3.Connection) -> None:
    """Make the table, and the triggers on those tables that are there."""
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {TABLE}"
        " (seq INTEGER PRIMARY KEY, hash BLOB NOT NULL, body TEXT NOT NULL, salts BLOB NOT NULL)"
    )
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    for trigger, moment in _KEPT.items():
        if moment.split()[-1] in tables:
            connection.execute(
                f"CREATE TRIGGER IF NOT EXISTS {trigger} {moment}"
                " BEGIN SELECT RAISE(ABORT, 'this is kept for ever as it was written'); END"
            )


def last(connection: sqlite3.Connection) -> Link | None:
    """The link at the head."""
    return next(_links(connection, "ORDER BY seq DESC LIMIT 1"), None)


def place(connection: sqlite3.Connection) -> Place:
    """How far the chain has come."""
    row = connection.execute(f"SELECT seq, hash FROM {TABLE} ORDER BY seq DESC LIMIT 1").fetchone()
    return Place(*row) if row else BEFORE_ALL


def link_at(connection: sqlite3.Connection, seq: int) -> Link | None:
    """The link at a place."""
    return next(_links(connection, "WHERE seq=?", seq), None)


def links(connection: sqlite3.Connection) -> Iterator[Link]:
    """All links from the first on."""
    return _links(connection, "ORDER BY seq")


def _links(connection: sqlite3.Connection, which: str, *values: object) -> Iterator[Link]:
    """Raises Unreadable where the columns are not what a link has."""
    for row in connection.execute(f"SELECT seq, hash, body, salts FROM {TABLE} {which}", values):
        if tuple(map(type, row)) != (int, bytes, str, bytes):
            raise Unreadable
        yield Link(*row)


def length(connection: sqlite3.Connection) -> int:
    """How many links there are."""
    found = connection.execute(f"SELECT max(seq) FROM {TABLE}").fetchone()[0]
    return int(found or 0)


def named_after(connection: sqlite3.Connection, seq: int) -> set[tuple[str, str]]:
    """Collection and key of each record that the links after one name."""
    bodies = connection.execute(f"SELECT body FROM {TABLE} WHERE seq>?", (seq,))
    return {named for (body,) in bodies for named in names_in(body)}


@contextmanager
def events_unlocked(connection: sqlite3.Connection) -> Iterator[None]:
    """Within a transaction, what erases by rule may write over events."""
    connection.execute("DROP TRIGGER IF EXISTS t_events__kept")
    yield
    lay_out(connection)


def forget(connection: sqlite3.Connection, erased: Collection[tuple[str, str]], until: int) -> None:
    """Destroy the salts of some records in all links up to one."""
    connection.create_function("formsvc_names", 2, _names, deterministic=True)
    quoted = [canonical([collection, key])[:-1].decode() for collection, key in erased]
    named = list(_links(connection, "WHERE seq<=? AND formsvc_names(body, ?)", until, "\n".join(quoted)))
    for link in named:
        forgetful = without_salts(link, erased)
        if forgetful != link:
            connection.execute(f"UPDATE {TABLE} SET salts=? WHERE seq=?", (forgetful.salts, link.seq))


def _names(body: str, wanted: str) -> bool:
    return any(each in body for each in wanted.split("\n"))


def append(connection: sqlite3.Connection, changes: Changes, after: Place) -> int:
    """Add what a transaction has written; answers how many links there are then."""
    seq = after.seq
    for link in changes.links_after(after, now()):
        seq = link.seq
        connection.execute(
            f"INSERT INTO {TABLE} (seq, hash, body, salts) VALUES (?,?,?,?)",
            (link.seq, link.hash, link.body, link.salts),
        )
    return seq
