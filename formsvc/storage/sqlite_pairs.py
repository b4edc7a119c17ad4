"""An index of the parts of texts: every pair of neighbouring characters of a searched field is a word of it.

Chinese names have two characters, so SQLite's own index of three would not find them.

Rows that were written lately wait in a table beside the index, with the text the index still has of them: a commit need
not pay for the index, and a search looks at the waiting rows as well. The index learns them many at a time.
"""

from __future__ import annotations

import sqlite3

_MOST_WAITING = 64
_END = "\n"
_WIDTH = 8
_MOST_PAIRS = 12


def register(connection: sqlite3.Connection) -> None:
    """The functions that the SQL of searches and of their index calls."""
    connection.create_function("formsvc_contains", 2, _contains, deterministic=True)
    connection.create_function("formsvc_pairs", 1, pairs, deterministic=True)


def _contains(text: object, part: str) -> bool:
    return isinstance(text, str) and part in text.casefold()


def pairs(text: object) -> str:
    """The pairs of neighbouring characters of a text, whatever its case, as words of plain letters."""
    return " ".join(_words(text.casefold() + _END)) if isinstance(text, str) else ""


def index_of(table: str, field: str) -> str:
    """The index of a table's searched field."""
    return f"g_{table}__{field}"


def waiting_for(index: str) -> str:
    """The table of rows that an index does not know yet as they are."""
    return f"w_{index[2:]}"


def make_index(connection: sqlite3.Connection, table: str, field: str) -> None:
    """Index a field's column from now on; triggers note each row that changes, whoever writes it."""
    index, column = index_of(table, field), f"f_{field}"
    connection.execute(
        f"CREATE VIRTUAL TABLE {index} USING fts5(pairs, content='', detail=none, columnsize=0, tokenize='ascii')"
    )
    connection.execute(
        f"INSERT INTO {index} (rowid, pairs) SELECT id, formsvc_pairs({column}) FROM {table}"
        f" WHERE typeof({column})='text'"
    )
    note_changes(connection, table, field)


def note_changes(connection: sqlite3.Connection, table: str, field: str) -> None:
    """Make the triggers that note which rows the index has to learn, in place of any it had."""
    index, column = index_of(table, field), f"f_{field}"
    waiting = waiting_for(index)
    known = f"CASE WHEN typeof(old.{column})='text' THEN old.{column} END"
    moments = {
        "added": ("INSERT", "new.id, NULL"),
        "removed": ("DELETE", f"old.id, {known}"),
        "changed": (f"UPDATE OF {column}", f"old.id, {known}"),
    }
    connection.execute(f"CREATE TABLE IF NOT EXISTS {waiting} (id INTEGER PRIMARY KEY, known TEXT)")
    for name, (moment, row) in moments.items():
        only = f" WHEN old.{column} IS NOT new.{column}" if name == "changed" else ""
        connection.execute(f"DROP TRIGGER IF EXISTS {index}__{name}")
        connection.execute(
            f"CREATE TRIGGER {index}__{name} AFTER {moment} ON {table}{only}"
            f" BEGIN INSERT OR IGNORE INTO {waiting} VALUES ({row}); END"
        )


def learn(connection: sqlite3.Connection, table: str, field: str, *, all_of_them: bool = False) -> None:
    """Let the index learn the rows that wait, once they are many."""
    index, column = index_of(table, field), f"f_{field}"
    waiting = waiting_for(index)
    if not all_of_them:
        many = connection.execute(f"SELECT 1 FROM {waiting} LIMIT 1 OFFSET {_MOST_WAITING}").fetchone()
        if many is None:
            return
    connection.execute(
        f"INSERT INTO {index} ({index}, rowid, pairs) SELECT 'delete', id, formsvc_pairs(known) FROM {waiting}"
        " WHERE known IS NOT NULL"
    )
    connection.execute(
        f"INSERT INTO {index} (rowid, pairs) SELECT id, formsvc_pairs({column}) FROM {table}"
        f" WHERE id IN (SELECT id FROM {waiting}) AND typeof({column})='text'"
    )
    connection.execute(f"DELETE FROM {waiting}")


def words_of(part: str) -> str:
    """What to look for in the index: all pairs of the part; for one character, every pair that begins with it."""
    if len(part) == 1:
        return f"{_letters(part)}*"
    return " ".join(_words(part)[:_MOST_PAIRS])


def _words(text: str) -> list[str]:
    """The pairs, each once: two characters of eight letters each."""
    letters = _letters(text)
    return list({letters[n : n + 2 * _WIDTH]: None for n in range(0, len(letters) - _WIDTH, _WIDTH)})


def _letters(text: str) -> str:
    return text.encode("utf-32-be").hex()
