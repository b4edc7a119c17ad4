"""List index of a table: the columns by which lists are read.

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

# While few rows are pending, reading them from the table costs a list little; a refresh writes to all indexes.
_MAX_PENDING = 64


def list_table(table: str) -> str:
    return f"c_{table}"


def pending_table(table: str) -> str:
    """Return the name of the table with the ids of pending rows."""
    return f"w_{table}"


def trigger_names(table: str) -> tuple[str, str, str]:
    added, removed, changed = (f"{list_table(table)}__{moment}" for moment in ("added", "removed", "changed"))
    return added, removed, changed


def create_list_index(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], indexes: Iterable[Sequence[str]]
) -> None:
    """Create and fill a table's list index with indexes and triggers."""
    listed, pending, column_list = list_table(table), pending_table(table), ", ".join(columns)
    connection.execute(f"CREATE TABLE {listed} (id INTEGER PRIMARY KEY, {column_list})")
    connection.execute(f"INSERT INTO {listed} (id, {column_list}) SELECT id, {column_list} FROM {table}")
    for index in indexes:
        name = "_".join(column.removeprefix("f_") for column in index)
        connection.execute(f"CREATE INDEX {listed}__{name} ON {listed} ({', '.join(index)})")
    connection.execute(f"CREATE TABLE {pending} (id INTEGER PRIMARY KEY)")
    # ``UPDATE OF``: a change of other fields leaves the list index right, and costs nothing.
    moments = (("INSERT", "new.id"), ("DELETE", "old.id"), (f"UPDATE OF {column_list}", "old.id"))
    for trigger, (moment, row) in zip(trigger_names(table), moments, strict=True):
        connection.execute(
            f"CREATE TRIGGER {trigger} AFTER {moment} ON {table}"
            f" BEGIN INSERT OR IGNORE INTO {pending} VALUES ({row}); END"
        )


def refresh(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], searched: Iterable[str]
) -> None:
    """Copy the pending rows to the list index and the bigram indexes."""
    listed, pending, column_list = list_table(table), pending_table(table), ", ".join(columns)
    # First, because it reads the former texts from the list index.
    for field in searched:
        update_bigram_index(connection, table, listed, pending, field)
    connection.execute(f"DELETE FROM {listed} WHERE id IN (SELECT id FROM {pending})")
    connection.execute(
        f"INSERT INTO {listed} (id, {column_list}) SELECT id, {column_list} FROM {table}"
        f" WHERE id IN (SELECT id FROM {pending})"
    )
    connection.execute(f"DELETE FROM {pending}")


def listed_columns(session: Session, table: str) -> tuple[str, ...]:
    """Return the columns of a table's list index; () without one."""
    listed = list_table(table)

    def compute() -> tuple[str, ...]:
        return tuple(column for column in session.columns(listed) if column != "id")

    return session.cached(f"listed columns {table}", compute)


def refresh_if_needed(session: Session, table: str = "", *, force: bool = False) -> None:
    """Refresh the list index when more than 64 rows are pending.

    ``table`` empty: that of every table. ``force``: however few are pending. Raise FormsvcError if an index
    is damaged.
    """
    for each in session.cached("tables with a list index", lambda: _tables_with_list_index(session)):
        if table in ("", each) and (force or _has_many_pending(session.connection, each)):
            try:
                refresh(
                    session.connection, each, listed_columns(session, each), searched_fields(session, each)
                )
            except sqlite3.IntegrityError as error:  # entries of a damaged index contradict each other
                raise damaged_index() from error


def _tables_with_list_index(session: Session) -> tuple[str, ...]:
    tables = session.tables()
    return tuple(sorted(name[2:] for name in tables if name.startswith("c_") and name[2:] in tables))


def _has_many_pending(connection: sqlite3.Connection, table: str) -> bool:
    found = connection.execute(f"SELECT 1 FROM {pending_table(table)} LIMIT 1 OFFSET {_MAX_PENDING}")
    return found.fetchone() is not None


def searched_fields(session: Session, table: str) -> tuple[str, ...]:
    # FTS5 keeps a table ``g_<table>__<field>`` in several tables of its own; ``…_data`` is one of them.
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
    if listed_columns(session, table):
        for trigger in trigger_names(table):
            session.execute_ddl(f"DROP TRIGGER IF EXISTS {trigger}")
        for field in searched_fields(session, table):
            session.execute_ddl(f"DROP TABLE IF EXISTS g_{table}__{field}")
        session.execute_ddl(f"DROP TABLE {list_table(table)}")
        session.execute_ddl(f"DROP TABLE IF EXISTS {pending_table(table)}")


def count_differences(session: Session, table: str) -> int:
    """Return how many rows that are not pending differ from the table."""
    columns = listed_columns(session, table)
    if not columns:
        return 0
    listed, is_pending = list_table(table), f"id IN (SELECT id FROM {pending_table(table)})"
    column_list = ", ".join(("id", *columns))
    sides = (
        f"SELECT {column_list} FROM {one} WHERE NOT {is_pending} EXCEPT SELECT {column_list} FROM {other} WHERE NOT {is_pending}"
        for one, other in ((table, listed), (listed, table))
    )
    return sum(session.connection.execute(f"SELECT count(*) FROM ({side})").fetchone()[0] for side in sides)


def is_bigram_index_intact(session: Session, table: str, field: str) -> bool:
    """Return whether a bigram index has the terms of the listed texts."""
    index, connection = bigram_table(table, field), session.connection
    connection.execute(f"CREATE VIRTUAL TABLE temp.indexed_words USING fts5vocab(main, {index}, instance)")
    try:
        indexed = sum(map(hash, connection.execute("SELECT term, doc FROM temp.indexed_words")))
    except sqlite3.DatabaseError:  # the index cannot even be read
        return False
    finally:
        connection.execute("DROP TABLE temp.indexed_words")
    # Sums of hashes are as good as the lists themselves, which would not fit into memory.
    texts = connection.execute(f"SELECT id, f_{field} FROM {list_table(table)}")
    return indexed == sum(hash((word, row)) for row, text in texts for word in bigrams(text).split())
