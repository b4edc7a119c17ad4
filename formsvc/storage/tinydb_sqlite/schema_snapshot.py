"""Snapshot of the schema, snapshot in the file, to find changes by others.

SQLite believes all that ``sqlite_master`` holds: a flipped bit in it, or a dropped trigger, would go
unnoticed without digests of all tables, indexes and triggers.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator

from formsvc.i18n.messages import msg

_NAME = "layout"  # the row of ``meta``

SchemaDigests = dict[str, str]  # digest of each table, index and trigger, by name


def take_snapshot(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
    _store(connection, schema_digests(connection))


def update_snapshot(connection: sqlite3.Connection, before: SchemaDigests) -> None:
    """Store what has changed since ``before``, in the changing transaction."""
    snapshot = _load(connection)
    if snapshot is None:
        return
    # What already differed from the snapshot keeps differing, so that a check still reports it.
    now = schema_digests(connection)
    for name in before.keys() | now.keys():
        if name not in now:
            snapshot.pop(name, None)
        elif before.get(name) != now[name]:
            snapshot[name] = now[name]
    _store(connection, snapshot)


def is_snapshotted(connection: sqlite3.Connection, name: str) -> bool:
    """Return whether this program created the object and did not drop it."""
    return name in (_load(connection) or ())


def matches_snapshot(connection: sqlite3.Connection) -> bool:
    try:
        return next(snapshot_differences(connection), None) is None
    except sqlite3.DatabaseError:  # the schema cannot even be read
        return False


def snapshot_differences(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield a sentence for each object that differs from the snapshot."""
    snapshot = _load(connection)
    if snapshot is None:
        yield msg("数据文件里表和索引的清单缺少或已损坏。")
        return
    current = schema_digests(connection)
    for name in sorted(snapshot.keys() | current.keys()):
        if name not in current:
            yield msg("数据文件里缺少“{name}”（表、索引或触发器）。", name=name)
        elif name not in snapshot:
            yield msg("数据文件里多了“{name}”（表、索引或触发器），不是本系统建立的。", name=name)
        elif snapshot[name] != current[name]:
            yield msg("数据文件里“{name}”（表、索引或触发器）的定义被改动或损坏。", name=name)


def _load(connection: sqlite3.Connection) -> SchemaDigests | None:
    row = connection.execute("SELECT value FROM meta WHERE name=?", (_NAME,)).fetchone()
    try:
        snapshot = json.loads(row[0])
    except (TypeError, ValueError):
        return None
    return snapshot if isinstance(snapshot, dict) else None


def _store(connection: sqlite3.Connection, layout: SchemaDigests) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)", (_NAME, json.dumps(layout, sort_keys=True))
    )


def schema_digests(connection: sqlite3.Connection) -> SchemaDigests:
    """Return the digests of all objects but SQLite's own."""
    # CAST: a damaged column may hold a blob, which Python could not hash as text.
    columns = ", ".join(f"CAST({each} AS TEXT)" for each in ("name", "type", "tbl_name", "sql"))
    rows = connection.execute(
        f"SELECT {columns} FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return {
        str(name): hashlib.blake2b(json.dumps(parts).encode(), digest_size=8).hexdigest()
        for name, *parts in rows
    }
