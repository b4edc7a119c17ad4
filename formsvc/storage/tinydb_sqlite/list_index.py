"""The catalogue of a table: what lists are narrowed, sorted and searched by, apart from the documents, with the indexes.

An act stands in ten indexes, and each state it takes would move it in most of them. A commit need not pay for that: triggers
only note which rows have changed, and the catalogue learns them many at a time, in the write transaction that finds
many waiting (``sqlite_learning``). Until then a list takes from the catalogue the rows that do not wait, and those that wait
from the table itself, so that it always tells what is so now (``sqlite_reading``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from formsvc.storage.tinydb_sqlite.bigram_index import learn_pairs


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
