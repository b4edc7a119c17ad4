"""An index of the parts of texts: every pair of neighbouring characters of a searched field is a word of it.

Chinese names have two characters, so SQLite's own index of three would not find them.

The index knows the texts that the catalogue of the table has (``sqlite_catalogue``) and learns new ones together with it.
"""

from __future__ import annotations

import sqlite3

_END_OF_TEXT = "\n"
_HEX_DIGITS = 8
_MAX_TERMS = 12


def register_functions(connection: sqlite3.Connection) -> None:
    """The functions that the SQL of searches and of their index calls."""
    connection.create_function("formsvc_contains", 2, _contains, deterministic=True)
    connection.create_function("formsvc_pairs", 1, bigrams, deterministic=True)


def _contains(text: object, part: str) -> bool:
    return isinstance(text, str) and part in text.casefold()


def bigrams(text: object) -> str:
    """The pairs of neighbouring characters of a text, whatever its case, as words of plain letters."""
    return " ".join(_terms(text.casefold() + _END_OF_TEXT)) if isinstance(text, str) else ""


def bigram_table(table: str, field: str) -> str:
    """The index of a table's searched field."""
    return f"g_{table}__{field}"


def create_bigram_index(connection: sqlite3.Connection, table: str, field: str) -> None:
    """Index the texts that a field's column has now."""
    index, column = bigram_table(table, field), f"f_{field}"
    connection.execute(
        f"CREATE VIRTUAL TABLE {index} USING fts5(pairs, content='', detail=none, columnsize=0, tokenize='ascii')"
    )
    connection.execute(
        f"INSERT INTO {index} (rowid, pairs) SELECT id, formsvc_pairs({column}) FROM {table}"
        f" WHERE typeof({column})='text'"
    )


def update_bigram_index(
    connection: sqlite3.Connection, table: str, catalogue: str, waiting: str, field: str
) -> None:
    """Let the index learn the rows that wait, while the catalogue still has the texts the index knows them by.

    CROSS JOIN makes SQLite begin with those that wait, of which there are few.
    """
    index, column = bigram_table(table, field), f"f_{field}"
    known, now = f"{catalogue}.{column}", f"{table}.{column}"
    connection.execute(
        f"INSERT INTO {index} ({index}, rowid, pairs) SELECT 'delete', id, formsvc_pairs({known})"
        f" FROM {waiting} CROSS JOIN {catalogue} USING (id) LEFT JOIN {table} USING (id)"
        f" WHERE typeof({known})='text' AND {known} IS NOT {now}"
    )
    connection.execute(
        f"INSERT INTO {index} (rowid, pairs) SELECT id, formsvc_pairs({now})"
        f" FROM {waiting} CROSS JOIN {table} USING (id) LEFT JOIN {catalogue} USING (id)"
        f" WHERE typeof({now})='text' AND {now} IS NOT {known}"
    )


def search_terms(part: str) -> str:
    """What to look for in the index: all pairs of the part; for one character, every pair that begins with it."""
    if len(part) == 1:
        return f"{_hex(part)}*"
    return " ".join(_terms(part)[:_MAX_TERMS])


def _terms(text: str) -> list[str]:
    """The pairs, each once: two characters of eight letters each."""
    letters = _hex(text)
    return list(
        {letters[n : n + 2 * _HEX_DIGITS]: None for n in range(0, len(letters) - _HEX_DIGITS, _HEX_DIGITS)}
    )


def _hex(text: str) -> str:
    return text.encode("utf-32-be").hex()
