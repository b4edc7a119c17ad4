"""What a session knows of catalogues, and when they learn."""

from __future__ import annotations

import sqlite3

from formsvc.storage.tinydb_sqlite.bigram_index import index_of, pairs
from formsvc.storage.tinydb_sqlite.errors import damaged_index
from formsvc.storage.tinydb_sqlite.list_index import catalogue_of, learn, triggers_of, waiting_for
from formsvc.storage.tinydb_sqlite.session import Session

_MOST_WAITING = 64


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
