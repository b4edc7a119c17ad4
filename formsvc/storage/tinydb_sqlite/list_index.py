"""List index of a table: the columns that lists are filtered, sorted and searched by, apart from the documents.

A document stands in up to ten indexes, and each change would move it in most of them. A commit need not pay for that:
triggers only note which rows have changed, and the write transaction that finds many of them pending updates the
index for all at once. Until then a query reads the rows that are not pending from the list index and the others from
the table itself (see ``queries``), so that a list is always up to date.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from formsvc.storage.tinydb_sqlite.bigram_index import index_of, learn_pairs, pairs
from formsvc.storage.tinydb_sqlite.errors import damaged_index
from formsvc.storage.tinydb_sqlite.session import Session

_MOST_WAITING = 64


def catalogue_of(table: str) -> str:
    """The catalogue of a table."""
    return f"c_{table}"


def waiting_for(table: str) -> str:
    """The table of rows that the catalogue does not know yet as they are."""
    return f"w_{table}"


def triggers_of(table: str) -> tuple[str, str, str]:
    """What notes that a row was added, removed, changed."""
    added, removed, changed = (
        f"{catalogue_of(table)}__{moment}" for moment in ("added", "removed", "changed")
    )
    return added, removed, changed


def make_catalogue(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], indexes: Iterable[Sequence[str]]
) -> None:
    """Make the catalogue of a table with columns and indexes on them; it learns each row from now on."""
    catalogue, waiting, named = catalogue_of(table), waiting_for(table), ", ".join(columns)
    connection.execute(f"CREATE TABLE {catalogue} (id INTEGER PRIMARY KEY, {named})")
    connection.execute(f"INSERT INTO {catalogue} (id, {named}) SELECT id, {named} FROM {table}")
    for index in indexes:
        name = "_".join(column.removeprefix("f_") for column in index)
        connection.execute(f"CREATE INDEX {catalogue}__{name} ON {catalogue} ({', '.join(index)})")
    connection.execute(f"CREATE TABLE {waiting} (id INTEGER PRIMARY KEY)")
    moments = (("INSERT", "new.id"), ("DELETE", "old.id"), (f"UPDATE OF {named}", "old.id"))
    for trigger, (moment, row) in zip(triggers_of(table), moments, strict=True):
        connection.execute(
            f"CREATE TRIGGER {trigger} AFTER {moment} ON {table}"
            f" BEGIN INSERT OR IGNORE INTO {waiting} VALUES ({row}); END"
        )


def learn(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], searched: Iterable[str]
) -> None:
    """Bring the rows that wait into the catalogue and into the indexes of parts of texts."""
    catalogue, waiting, named = catalogue_of(table), waiting_for(table), ", ".join(columns)
    for field in searched:
        learn_pairs(connection, table, catalogue, waiting, field)
    connection.execute(f"DELETE FROM {catalogue} WHERE id IN (SELECT id FROM {waiting})")
    connection.execute(
        f"INSERT INTO {catalogue} (id, {named}) SELECT id, {named} FROM {table}"
        f" WHERE id IN (SELECT id FROM {waiting})"
    )
    connection.execute(f"DELETE FROM {waiting}")


def catalogued(session: Session, table: str) -> tuple[str, ...]:
    """The columns a table's catalogue has; none for a table without one."""
    catalogue = catalogue_of(table)

    def reckon() -> tuple[str, ...]:
        return tuple(column for column in session.columns(catalogue) if column != "id")

    return session.derived(f"catalogue {table}", reckon)


def keep_up(session: Session, table: str = "", *, all_of_them: bool = False) -> None:
    """Let catalogues learn what was written lately, once that is much; that of one table, or all."""
    for each in session.derived("catalogues", lambda: _catalogued_tables(session)):
        if table in ("", each) and (all_of_them or _many_wait(session.connection, each)):
            try:
                learn(session.connection, each, catalogued(session, each), searched_fields(session, each))
            except sqlite3.IntegrityError as error:  # parts of the index that exclude one another
                raise damaged_index() from error


def _catalogued_tables(session: Session) -> tuple[str, ...]:
    tables = session.tables()
    return tuple(sorted(name[2:] for name in tables if name.startswith("c_") and name[2:] in tables))


def _many_wait(connection: sqlite3.Connection, table: str) -> bool:
    found = connection.execute(f"SELECT 1 FROM {waiting_for(table)} LIMIT 1 OFFSET {_MOST_WAITING}")
    return found.fetchone() is not None


def searched_fields(session: Session, table: str) -> tuple[str, ...]:
    """The fields of a table that have an index of parts of their text."""
    begin, end = f"g_{table}__", "_data"
    return session.derived(
        f"searched {table}",
        lambda: tuple(
            sorted(
                name[len(begin) : -len(end)]
                for name in session.tables()
                if name.startswith(begin) and name.endswith(end)
            )
        ),
    )


def drop_catalogue(session: Session, table: str) -> None:
    """Drop what a table has beside it."""
    if catalogued(session, table):
        for trigger in triggers_of(table):
            session.change_tables(f"DROP TRIGGER IF EXISTS {trigger}")
        for field in searched_fields(session, table):
            session.change_tables(f"DROP TABLE IF EXISTS g_{table}__{field}")
        session.change_tables(f"DROP TABLE {catalogue_of(table)}")
        session.change_tables(f"DROP TABLE IF EXISTS {waiting_for(table)}")


def differences(session: Session, table: str) -> int:
    """How many rows of the catalogue, none of them waiting, are not as in the table; also those that one of them lacks."""
    columns = catalogued(session, table)
    if not columns:
        return 0
    catalogue, waits = catalogue_of(table), f"id IN (SELECT id FROM {waiting_for(table)})"
    named = ", ".join(("id", *columns))
    sides = (
        f"SELECT {named} FROM {one} WHERE NOT {waits} EXCEPT SELECT {named} FROM {other} WHERE NOT {waits}"
        for one, other in ((table, catalogue), (catalogue, table))
    )
    return sum(session.connection.execute(f"SELECT count(*) FROM ({side})").fetchone()[0] for side in sides)


def search_is_whole(session: Session, table: str, field: str) -> bool:
    """Whether the index of parts of texts has just the words of the texts in the catalogue, each with its row.

    Sums of hashes are compared: as good as comparing the lists, which would not fit into memory.
    """
    index, connection = index_of(table, field), session.connection
    connection.execute(f"CREATE VIRTUAL TABLE temp.indexed_words USING fts5vocab(main, {index}, instance)")
    try:
        found = sum(map(hash, connection.execute("SELECT term, doc FROM temp.indexed_words")))
    except sqlite3.DatabaseError:  # not even to be read
        return False
    finally:
        connection.execute("DROP TABLE temp.indexed_words")
    texts = connection.execute(f"SELECT id, f_{field} FROM {catalogue_of(table)}")
    return found == sum(hash((word, row)) for row, text in texts for word in pairs(text).split())
