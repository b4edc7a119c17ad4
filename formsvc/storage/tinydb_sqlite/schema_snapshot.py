"""The tables, indexes and triggers of a file, remembered in it: a bit flipped in one, or one changed by anybody else, is told.

SQLite itself believes whatever stands there. A trigger that refuses to change events, for one, can simply be dropped.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator

from formsvc.i18n.messages import msg

_NAME = "layout"

SchemaDigests = dict[str, str]
"""A digest of each table, index and trigger, by its name."""


def take_snapshot(connection: sqlite3.Connection) -> None:
    """Remember the layout as it is, whatever was remembered."""
    connection.execute("CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
    _store(connection, schema_digests(connection))


def update_snapshot(connection: sqlite3.Connection, before: SchemaDigests) -> None:
    """Remember what has become different since ``before``, in the transaction that changed it.

    What was already not as remembered stays so, and is told by ``differences`` as long as nobody mends it.
    """
    kept = _load(connection)
    if kept is None:
        return
    now = schema_digests(connection)
    for name in before.keys() | now.keys():
        if name not in now:
            kept.pop(name, None)
        elif before.get(name) != now[name]:
            kept[name] = now[name]
    _store(connection, kept)


def is_snapshotted(connection: sqlite3.Connection, name: str) -> bool:
    """Whether a table, index or trigger was made and not dropped again by this program."""
    return name in (_load(connection) or ())


def matches_snapshot(connection: sqlite3.Connection) -> bool:
    """Whether nothing was changed by anybody else or by damage."""
    try:
        return next(snapshot_differences(connection), None) is None
    except sqlite3.DatabaseError:  # not even to be read
        return False


def snapshot_differences(connection: sqlite3.Connection) -> Iterator[str]:
    """What is not as it was remembered, each as a sentence."""
    kept = _load(connection)
    if kept is None:
        yield msg("数据文件里表和索引的清单缺少或已损坏。")
        return
    found = schema_digests(connection)
    for name in sorted(kept.keys() | found.keys()):
        if name not in found:
            yield msg("数据文件里缺少“{name}”（表、索引或触发器）。", name=name)
        elif name not in kept:
            yield msg("数据文件里多了“{name}”（表、索引或触发器），不是本系统建立的。", name=name)
        elif kept[name] != found[name]:
            yield msg("数据文件里“{name}”（表、索引或触发器）的定义被改动或损坏。", name=name)


def _load(connection: sqlite3.Connection) -> SchemaDigests | None:
    row = connection.execute("SELECT value FROM meta WHERE name=?", (_NAME,)).fetchone()
    try:
        kept = json.loads(row[0])
    except (TypeError, ValueError):
        return None
    return kept if isinstance(kept, dict) else None


def _store(connection: sqlite3.Connection, layout: SchemaDigests) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)", (_NAME, json.dumps(layout, sort_keys=True))
    )


def schema_digests(connection: sqlite3.Connection) -> SchemaDigests:
    """The layout as it is; what SQLite makes for itself is left out."""
    columns = ", ".join(f"CAST({each} AS TEXT)" for each in ("name", "type", "tbl_name", "sql"))
    rows = connection.execute(
        f"SELECT {columns} FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return {
        str(name): hashlib.blake2b(json.dumps(parts).encode(), digest_size=8).hexdigest()
        for name, *parts in rows
    }
