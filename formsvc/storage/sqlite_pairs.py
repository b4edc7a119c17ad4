"""An index of the parts of texts: every pair of neighbouring characters of a searched field is a word of it.

Chinese names have two characters, so SQLite's own index of three would not find them.
"""

from __future__ import annotations

import sqlite3

_END = "\n"
_WIDTH = 8
_MOST_PAIRS = 12


def register(connection: sqlite3.Connection) -> None:
    """The functions that the SQL of searches, and the triggers of searched tables, call."""
    connection.create_function("formsvc_contains", 2, _contains, deterministic=True)
    connection.create_function("formsvc_pairs", 1, pairs, deterministic=True)


def _contains(text: object, part: str) -> bool:
    return isinstance(text, str) and part in text.casefold()


def pairs(text: object) -> str:
    """The pairs of neighbouring characters of a text, whatever its case, as words of plain letters."""
    return " ".join(_words(text.casefold() + _END)) if isinstance(text, str) else ""


def make_index(connection: sqlite3.Connection, table: str, field: str) -> None:
    """Index a field's column from now on; triggers keep the index in step with the rows, whoever writes them."""
    index, column = f"g_{table}__{field}", f"f_{field}"
    forget = (
        f"INSERT INTO {index} ({index}, rowid, pairs) SELECT 'delete', old.id, formsvc_pairs(old.{column})"
        f" WHERE typeof(old.{column})='text';"
    )
    learn = (
        f"INSERT INTO {index} (rowid, pairs) SELECT new.id, formsvc_pairs(new.{column})"
        f" WHERE typeof(new.{column})='text';"
    )
    changed = f"AFTER UPDATE OF {column} ON {table} WHEN old.{column} IS NOT new.{column}"
    for statement in (
        f"CREATE VIRTUAL TABLE {index} USING fts5(pairs, content='', detail=none, columnsize=0, tokenize='ascii')",
        f"CREATE TRIGGER {index}__added AFTER INSERT ON {table} BEGIN {learn} END",
        f"CREATE TRIGGER {index}__removed AFTER DELETE ON {table} BEGIN {forget} END",
        f"CREATE TRIGGER {index}__changed {changed} BEGIN {forget} {learn} END",
        f"INSERT INTO {index} (rowid, pairs) SELECT id, formsvc_pairs({column}) FROM {table}"
        f" WHERE typeof({column})='text'",
    ):
        connection.execute(statement)


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
