"""Searches for parts of texts, narrowed by the index of pairs of characters to the rows that may match.

Each of those, and each row written lately, is still compared in full. Where so many rows may match that looking each up
would cost more than going through all, the index is not asked.
"""

from __future__ import annotations

from formsvc.storage.query_sql import ConditionQuery
from formsvc.storage.sqlite_pairs import learn, waiting_for, words_of
from formsvc.storage.sqlite_session import Session
from formsvc.usecases.ports import Condition

_MOST_ROWS = 2_000


def indexes_of(session: Session, table: str) -> dict[str, str]:
    """The indexes of a table's searched fields, by field."""
    begin = f"g_{table}__"
    tables = session.tables()
    return {
        name[len(begin) :]: name for name in tables if name.startswith(begin) and f"{name}_data" in tables
    }


def keep_up(session: Session, table: str = "", *, all_of_them: bool = False) -> None:
    """Let the indexes learn what was written lately, once that is much; those of one table, or of all."""
    for searched, field in session.derived("searched", lambda: _searched_fields(session)):
        if table in ("", searched):
            learn(session.connection, searched, field, all_of_them=all_of_them)


def _searched_fields(session: Session) -> list[tuple[str, str]]:
    """The tables and fields that have an index of parts of texts."""
    indexes = (name[:-5] for name in session.tables() if name.startswith("g_") and name.endswith("_data"))
    tables = sorted({index[2:].rpartition("__")[0] for index in indexes})
    return [(table, field) for table in tables for field in indexes_of(session, table)]


def searches(query: ConditionQuery) -> bool:
    """Whether parts of texts are looked for."""
    return any(condition.op == "contains" for condition in query.conditions)


def candidates(session: Session, table: str, query: ConditionQuery) -> list[int] | None:
    """The rows that an index names for a search of the query; None where they are many, or no index can tell."""
    indexes = indexes_of(session, table) if searches(query) else {}
    for condition in query.conditions:
        if condition.op == "contains" and condition.field in indexes:
            rows = _rows_with(session, indexes[condition.field], condition)
            if rows is not None:
                return rows
    return None


def _rows_with(session: Session, index: str, condition: Condition) -> list[int] | None:
    """The rows that may hold the part; None where they are many, or any row may."""
    words = words_of(str(condition.value).casefold())
    if not words:
        return None
    found = session.connection.execute(
        f"SELECT rowid FROM {index} WHERE {index} MATCH ? UNION SELECT id FROM {waiting_for(index)} LIMIT ?",
        (words, _MOST_ROWS + 1),
    ).fetchall()
    return [row for (row,) in found] if len(found) <= _MOST_ROWS else None
