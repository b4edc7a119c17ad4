"""The tables, indexes and triggers of a file, remembered in it: a bit flipped in one, or one changed by anybody else, is told.

SQLite itself believes whatever stands there. A trigger that refuses to change events, for one, can simply be dropped.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator

from formsvc.sentences import say

_NAME = "layout"


def note(connection: sqlite3.Connection) -> None:
    """Remember the layout as it is; in the transaction that changed it."""
    connection.execute("CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
    kept = json.dumps(_digests(connection), sort_keys=True)
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_NAME, kept))


def differences(connection: sqlite3.Connection) -> Iterator[str]:
    """What is not as it was remembered, each as a sentence."""
    row = connection.execute("SELECT value FROM meta WHERE name=?", (_NAME,)).fetchone()
    try:
        kept: dict[str, str] = json.loads(row[0])
    except (TypeError, ValueError):
        yield say("数据文件里表和索引的清单缺少或已损坏。")
        return
    found = _digests(connection)
    for name in sorted(kept.keys() | found.keys()):
        if name not in found:
            yield say("数据文件里缺少“{name}”（表、索引或触发器）。", name=name)
        elif name not in kept:
            yield say("数据文件里多了“{name}”（表、索引或触发器），不是本系统建立的。", name=name)
        elif kept[name] != found[name]:
            yield say("数据文件里“{name}”（表、索引或触发器）的定义被改动或损坏。", name=name)


def _digests(connection: sqlite3.Connection) -> dict[str, str]:
    """By name; what SQLite makes for itself is left out."""
    rows = connection.execute(
        "SELECT name, type, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return {
        str(name): hashlib.blake2b(json.dumps(parts).encode(), digest_size=8).hexdigest()
        for name, *parts in rows
    }
