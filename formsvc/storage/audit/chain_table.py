"""Hash chain in a SQLite file: a table of links, and protecting triggers."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from formsvc.storage.audit.hash_chain import (
    CHAIN_START,
    ChainPosition,
    Changes,
    Link,
    UnreadableLink,
    canonical_json,
    local_timestamp,
    records_named,
    without_salts,
)

TABLE = "chain"
# They stop mistakes; the chain itself finds intent. The salts alone may change, when a record is erased.
_TRIGGERS = {
    "chain__kept": "BEFORE UPDATE OF seq, hash, body ON chain",
    "chain__stays": "BEFORE DELETE ON chain",
    "t_events__kept": "BEFORE UPDATE ON t_events",
    "t_events__stays": "BEFORE DELETE ON t_events",
    "t_numbers__stays": "BEFORE DELETE ON t_numbers",
}


def create_chain(connection: sqlite3.Connection) -> None:
    """Create the table, and the triggers on those tables that exist."""
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {TABLE}"
        " (seq INTEGER PRIMARY KEY, hash BLOB NOT NULL, body TEXT NOT NULL, salts BLOB NOT NULL)"
    )
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    for trigger, moment in _TRIGGERS.items():
        if moment.split()[-1] in tables:
            connection.execute(
                f"CREATE TRIGGER IF NOT EXISTS {trigger} {moment}"
                " BEGIN SELECT RAISE(ABORT, 'this is kept for ever as it was written'); END"
            )


def last_link(connection: sqlite3.Connection) -> Link | None:
    return next(_select_links(connection, "ORDER BY seq DESC LIMIT 1"), None)


def chain_position(connection: sqlite3.Connection) -> ChainPosition:
    """Return number and hash of the last link, without reading its body."""
    row = connection.execute(f"SELECT seq, hash FROM {TABLE} ORDER BY seq DESC LIMIT 1").fetchone()
    return ChainPosition(*row) if row else CHAIN_START


def link_at(connection: sqlite3.Connection, seq: int) -> Link | None:
    return next(_select_links(connection, "WHERE seq=?", seq), None)


def iter_links(connection: sqlite3.Connection) -> Iterator[Link]:
    return _select_links(connection, "ORDER BY seq")


def _select_links(connection: sqlite3.Connection, which: str, *values: object) -> Iterator[Link]:
    """Yield links. Raise UnreadableLink for columns of unexpected types."""
    for row in connection.execute(f"SELECT seq, hash, body, salts FROM {TABLE} {which}", values):
        if tuple(map(type, row)) != (int, bytes, str, bytes):
            raise UnreadableLink
        yield Link(*row)


def length(connection: sqlite3.Connection) -> int:
    found = connection.execute(f"SELECT max(seq) FROM {TABLE}").fetchone()[0]
    return int(found or 0)


def records_after(connection: sqlite3.Connection, seq: int) -> set[tuple[str, str]]:
    """Return collection and key of each record that later links name."""
    bodies = connection.execute(f"SELECT body FROM {TABLE} WHERE seq>?", (seq,))
    return {named for (body,) in bodies for named in records_named(body)}


@contextmanager
def events_writable(connection: sqlite3.Connection) -> Iterator[None]:
    """Lift the trigger on events for the block, which erases one."""
    connection.execute("DROP TRIGGER IF EXISTS t_events__kept")
    yield
    create_chain(connection)


def destroy_salts(connection: sqlite3.Connection, erased: Collection[tuple[str, str]], until: int) -> None:
    """Zero the salts of some records in all links up to ``until``."""
    # A search in the text, so that only links which name one of the records are parsed.
    connection.create_function("formsvc_names", 2, _names_any, deterministic=True)
    quoted = [canonical_json([collection, key])[:-1].decode() for collection, key in erased]
    links = list(
        _select_links(connection, "WHERE seq<=? AND formsvc_names(body, ?)", until, "\n".join(quoted))
    )
    for link in links:
        forgetful = without_salts(link, erased)
        if forgetful != link:
            connection.execute(f"UPDATE {TABLE} SET salts=? WHERE seq=?", (forgetful.salts, link.seq))


def _names_any(body: str, wanted: str) -> bool:
    return any(each in body for each in wanted.split("\n"))


def append_changes(connection: sqlite3.Connection, changes: Changes, after: ChainPosition) -> int:
    """Add the links of a transaction; return the number of the last one."""
    seq = after.seq
    for link in changes.to_links(after, local_timestamp()):
        seq = link.seq
        connection.execute(
            f"INSERT INTO {TABLE} (seq, hash, body, salts) VALUES (?,?,?,?)",
            (link.seq, link.hash, link.body, link.salts),
        )
    return seq
