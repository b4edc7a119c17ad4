"""Bigram index: search for parts of texts, two characters a term.

Chinese names have two characters, so SQLite's own trigram tokenizer would not find them. The index holds the
texts of the table's list index and is updated together with it (see ``list_index``).
"""

from __future__ import annotations

import sqlite3

from formsvc.storage.tinydb_sqlite.values import folded

# Appended to a text, so that its last character begins a bigram, too.
_END_OF_TEXT = "\n"
_HEX_DIGITS = 8  # of one character in UTF-32
_MAX_TERMS = 12  # more terms cost time and hardly narrow a search


def register_functions(connection: sqlite3.Connection) -> None:
    """Register the SQL functions that searches and the index call."""
    connection.create_function("formsvc_contains", 2, _contains, deterministic=True)
    connection.create_function("formsvc_pairs", 1, bigrams, deterministic=True)


def _contains(text: object, part: str) -> bool:
    # ``part`` is folded already, by sql_translation.
    return isinstance(text, str) and part in folded(text)


def bigrams(text: object) -> str:
    """Return each bigram of a folded text as hexadecimal words."""
    return " ".join(_terms(folded(text) + _END_OF_TEXT)) if isinstance(text, str) else ""


def bigram_table(table: str, field: str) -> str:
    return f"g_{table}__{field}"


def create_bigram_index(connection: sqlite3.Connection, table: str, field: str) -> None:
    index, column = bigram_table(table, field), f"f_{field}"
    connection.execute(
        # Contentless and without positions: a search compares each row it finds in full anyway.
        f"CREATE VIRTUAL TABLE {index} USING fts5(pairs, content='', detail=none, columnsize=0, tokenize='ascii')"
    )
    connection.execute(
        f"INSERT INTO {index} (rowid, pairs) SELECT id, formsvc_pairs({column}) FROM {table}"
        f" WHERE typeof({column})='text'"
    )


def update_bigram_index(
    connection: sqlite3.Connection, table: str, listed: str, pending: str, field: str
) -> None:
    """Update the index for the pending rows.

    Call it before the list index is updated, which still has the texts the bigram index knows these rows by.
    A contentless FTS5 table can delete a row only if it is given the old text.
    """
    index, column = bigram_table(table, field), f"f_{field}"
    old, new = f"{listed}.{column}", f"{table}.{column}"
    # CROSS JOIN makes SQLite begin with the pending rows, of which there are few.
    connection.execute(
        f"INSERT INTO {index} ({index}, rowid, pairs) SELECT 'delete', id, formsvc_pairs({old})"
        f" FROM {pending} CROSS JOIN {listed} USING (id) LEFT JOIN {table} USING (id)"
        f" WHERE typeof({old})='text' AND {old} IS NOT {new}"
    )
    connection.execute(
        f"INSERT INTO {index} (rowid, pairs) SELECT id, formsvc_pairs({new})"
        f" FROM {pending} CROSS JOIN {table} USING (id) LEFT JOIN {listed} USING (id)"
        f" WHERE typeof({new})='text' AND {new} IS NOT {old}"
    )


def search_terms(part: str) -> str:
    """Return the FTS5 query for a part of a text.

    One character matches every bigram that begins with it.
    """
    if len(part) == 1:
        return f"{_hex(part)}*"
    return " ".join(_terms(part)[:_MAX_TERMS])


def _terms(text: str) -> list[str]:
    """Return the bigrams, each once, as two times eight digits."""
    letters = _hex(text)
    return list(
        {letters[n : n + 2 * _HEX_DIGITS]: None for n in range(0, len(letters) - _HEX_DIGITS, _HEX_DIGITS)}
    )


def _hex(text: str) -> str:
    return text.encode("utf-32-be").hex()
