"""Searches for parts of texts, narrowed by the index of pairs of characters to the rows that may match.

Each of those, and each row written lately, is still compared in full. Where so many rows may match that looking each up
would cost more than going through all, the index is not asked.
"""

from __future__ import annotations

from formsvc.storage.tinydb_sqlite.bigram_index import index_of, words_of
from formsvc.storage.tinydb_sqlite.index_updates import searched_fields
from formsvc.storage.tinydb_sqlite.list_index import waiting_for
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.sql_translation import ConditionQuery
from formsvc.usecases.ports import Condition

_MOST_ROWS = 2_000


def searches(query: ConditionQuery) -> bool:
    """Whether parts of texts are looked for."""
    return any(condition.op == "contains" for condition in query.conditions)


def candidates(session: Session, table: str, query: ConditionQuery) -> list[int] | None:
    """The rows that an index names for a search of the query; None where they are many, or no index can tell."""
    fields = searched_fields(session, table) if searches(query) else ()
    for condition in query.conditions:
        if condition.op == "contains" and condition.field in fields:
            rows = _rows_with(session, table, condition)
            if rows is not None:
                return rows
    return None


def _rows_with(session: Session, table: str, condition: Condition) -> list[int] | None:
    """The rows that may hold the part; None where they are many, or any row may."""
    words = words_of(str(condition.value).casefold())
    if not words:
        return None
    index = index_of(table, condition.field)
    found = session.connection.execute(
        f"SELECT rowid FROM {index} WHERE {index} MATCH ? UNION SELECT id FROM {waiting_for(table)} LIMIT ?",
        (words, _MOST_ROWS + 1),
    ).fetchall()
    return [row for (row,) in found] if len(found) <= _MOST_ROWS else None
