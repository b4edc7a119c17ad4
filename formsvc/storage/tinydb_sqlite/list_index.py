"""List index of a table: the columns that lists are filtered, sorted and searched by, apart from the documents.

A document stands in up to ten indexes, and each change would move it in most of them. A commit need not pay for that:
triggers only note which rows have changed, and the write transaction that finds many of them pending updates the
index for all at once. Until then a query reads the rows that are not pending from the list index and the others from
the table itself (see ``queries``), so that a list is always up to date.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from formsvc.storage.tinydb_sqlite.bigram_index import bigram_table, bigrams, update_bigram_index
from formsvc.storage.tinydb_sqlite.errors import damaged_index
from formsvc.storage.tinydb_sqlite.session import Session

_MAX_PENDING = 64


def list_table(table: str) -> str:
    """The catalogue of a table."""
    return f"c_{table}"


def pending_table(table: str) -> str:
    """The table of rows that the catalogue does not know yet as they are."""
    return f"w_{table}"


def trigger_names(table: str) -> tuple[str, str, str]:
    """What notes that a row was added, removed, changed."""
    added, removed, changed = (f"{list_table(table)}__{moment}" for moment in ("added", "removed", "changed"))
    return added, removed, changed


def create_list_index(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], indexes: Iterable[Sequence[str]]
) -> None:
    """Make the catalogue of a table with columns and indexes on them; it learns each row from now on."""
    catalogue, waiting, named = list_table(table), pending_table(table), ", ".join(columns)
    connection.execute(f"CREATE TABLE {catalogue} (id INTEGER PRIMARY KEY, {named})")
    connection.execute(f"INSERT INTO {catalogue} (id, {named}) SELECT id, {named} FROM {table}")
    for index in indexes:
        name = "_".join(column.removeprefix("f_") for column in index)
        connection.execute(f"CREATE INDEX {catalogue}__{name} ON {catalogue} ({', '.join(index)})")
    connection.execute(f"CREATE TABLE {waiting} (id INTEGER PRIMARY KEY)")
    moments = (("INSERT", "new.id"), ("DELETE", "old.id"), (f"UPDATE OF {named}", "old.id"))
    for trigger, (moment, row) in zip(trigger_names(table), moments, strict=True):
        connection.execute(
            f"CREATE TRIGGER {trigger} AFTER {moment} ON {table}"
            f" BEGIN INSERT OR IGNORE INTO {waiting} VALUES ({row}); END"
        )


def refresh(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], searched: Iterable[str]
) -> None:
    """Bring the rows that wait into the catalogue and into the indexes of parts of texts."""
    catalogue, waiting, named = list_table(table), pending_table(table), ", ".join(columns)
    for field in searched:
        update_bigram_index(connection, table, catalogue, waiting, field)
    connection.execute(f"DELETE FROM {catalogue} WHERE id IN (SELECT id FROM {waiting})")
    connection.execute(
        f"INSERT INTO {catalogue} (id, {named}) SELECT id, {named} FROM {table}"
        f" WHERE id IN (SELECT id FROM {waiting})"
    )
    connection.execute(f"DELETE FROM {waiting}")


def listed_columns(session: Session, table: str) -> tuple[str, ...]:
    """The columns a table's catalogue has; none for a table without one."""
    catalogue = list_table(table)

    def reckon() -> tuple[str, ...]:
        return tuple(column for column in session.columns(catalogue) if column != "id")

    return session.cached(f"catalogue {table}", reckon)


def refresh_if_needed(session: Session, table: str = "", *, force: bool = False) -> None:
    """Let catalogues learn what was written lately, once that is much; that of one table, or all."""
    for each in session.cached("catalogues", lambda: _tables_with_list_index(session)):
        if table in ("", each) and (force or _has_many_pending(session.connection, each)):
            try:
                refresh(
                    session.connection, each, listed_columns(session, each), searched_fields(session, each)
                )
            except sqlite3.IntegrityError as error:  # parts of the index that exclude one another
                raise damaged_index() from error


def _tables_with_list_index(session: Session) -> tuple[str, ...]:
    tables = session.tables()
    return tuple(sorted(name[2:] for name in tables if name.startswith("c_") and name[2:] in tables))


def _has_many_pending(connection: sqlite3.Connection, table: str) -> bool:
    found = connection.execute(f"SELECT 1 FROM {pending_table(table)} LIMIT 1 OFFSET {_MAX_PENDING}")
    return found.fetchone() is not None


def searched_fields(session: Session, table: str) -> tuple[str, ...]:
    """The fields of a table that have an index of parts of their text."""
    begin, end = f"g_{table}__", "_data"
    return session.cached(
        f"searched {table}",
        lambda: tuple(
            sorted(
                name[len(begin) : -len(end)]
                for name in session.tables()
                if name.startswith(begin) and name.endswith(end)
            )
        ),
    )


def drop_list_index(session: Session, table: str) -> None:
    """Drop what a table has beside it."""
    if listed_columns(session, table):
        for trigger in trigger_names(table):
            session.execute_ddl(f"DROP TRIGGER IF EXISTS {trigger}")
        for field in searched_fields(session, table):
            session.execute_ddl(f"DROP TABLE IF EXISTS g_{table}__{field}")
        session.execute_ddl(f"DROP TABLE {list_table(table)}")
        session.execute_ddl(f"DROP TABLE IF EXISTS {pending_table(table)}")


def count_differences(session: Session, table: str) -> int:
    """How many rows of the catalogue, none of them waiting, are not as in the table; also those that one of them lacks."""
    columns = listed_columns(session, table)
    if not columns:
        return 0
    catalogue, waits = list_table(table), f"id IN (SELECT id FROM {pending_table(table)})"
    named = ", ".join(("id", *columns))
    sides = (
        f"SELECT {named} FROM {one} WHERE NOT {waits} EXCEPT SELECT {named} FROM {other} WHERE NOT {waits}"
        for one, other in ((table, catalogue), (catalogue, table))
    )
    return sum(session.connection.execute(f"SELECT count(*) FROM ({side})").fetchone()[0] for side in sides)


def is_bigram_index_intact(session: Session, table: str, field: str) -> bool:
    """Whether the index of parts of texts has just the words of the texts in the catalogue, each with its row.

    Sums of hashes are compared: as good as comparing the lists, which would not fit into memory.
    """
    index, connection = bigram_table(table, field), session.connection
    connection.execute(f"CREATE VIRTUAL TABLE temp.indexed_words USING fts5vocab(main, {index}, instance)")
    try:
        found = sum(map(hash, connection.execute("SELECT term, doc FROM temp.indexed_words")))
    except sqlite3.DatabaseError:  # not even to be read
        return False
    finally:
        connection.execute("DROP TABLE temp.indexed_words")
    texts = connection.execute(f"SELECT id, f_{field} FROM {list_table(table)}")
    return found == sum(hash((word, row)) for row, text in texts for word in bigrams(text).split())
