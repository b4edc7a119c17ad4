"""Migration of stores made by older programs, in numbered steps.

A copy of the file is made first. A released step never changes: it writes out tables and columns as they
were named then. It touches only tables of the store (see ``is_store_table``), because any file of TinyDB
over SQLite may be opened with the store's format. All steps and the new schema version are one transaction.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path

from formsvc.errors import FormsvcError, disk_error
from formsvc.i18n.messages import msg
from formsvc.storage.atomic_files import rename_on_close
from formsvc.storage.audit.chain_table import append_changes, create_chain
from formsvc.storage.audit.hash_chain import CHAIN_BEGUN, CHAIN_START, Changes, no_record, with_checksum
from formsvc.storage.tinydb_sqlite.bigram_index import create_bigram_index
from formsvc.storage.tinydb_sqlite.errors import damaged
from formsvc.storage.tinydb_sqlite.file_format import version_of
from formsvc.storage.tinydb_sqlite.list_index import create_list_index
from formsvc.storage.tinydb_sqlite.schema_snapshot import schema_digests, take_snapshot, update_snapshot

# The first schema version that was ever released.
FIRST_VERSION = 1

# Seconds to wait for another program that is migrating the same file.
_LOCK_TIMEOUT = 300.0

# From this version on, a file has a snapshot of its schema.
_FIRST_SNAPSHOT_VERSION = 8

_SPARE_BYTES = 16 * 2**20  # of the disk, to be left free


@dataclass(frozen=True)
class Step:
    """A migration from the schema version before ``number`` to it."""

    number: int
    run: Callable[[sqlite3.Connection], None]


def is_store_table(connection: sqlite3.Connection, table: str) -> bool:
    # Only the store's tables have the key of a record as a column.
    return "f_id" in column_names(connection, table)


def column_names(connection: sqlite3.Connection, table: str) -> frozenset[str]:
    """Return the names of a table's columns; none for a missing table."""
    return frozenset(column[1] for column in connection.execute(f"PRAGMA table_xinfo({table})"))


def _index_acts_by_source(connection: sqlite3.Connection) -> None:
    """Index acts by the act they were made from; some stores have it already."""
    if not is_store_table(connection, "t_acts"):
        return
    if "f_source_act" not in column_names(connection, "t_acts"):
        connection.execute("ALTER TABLE t_acts ADD COLUMN f_source_act")
        connection.execute(
            "UPDATE t_acts SET f_source_act=json_extract(doc,'$.source_act')"
            " WHERE json_type(doc,'$.source_act')='text'"
        )
    connection.execute(
        "CREATE INDEX IF NOT EXISTS t_acts__source_act_form_dated_state_authority"
        " ON t_acts (f_source_act, f_form, f_dated, f_state, f_authority)"
    )


def _index_acts_by_text(connection: sqlite3.Connection) -> None:
    """Index bigrams of names, titles and numbers."""
    if not is_store_table(connection, "t_acts"):
        return
    connection.execute("ALTER TABLE t_acts ADD COLUMN f_search")
    connection.execute(
        "UPDATE t_acts SET f_search=json_extract(doc,'$.search') WHERE json_type(doc,'$.search')='text'"
    )
    connection.execute("DROP INDEX IF EXISTS t_acts__created_at_form_state_authority_drafter")
    connection.execute(
        "CREATE INDEX t_acts__created_at_form_state_authority_drafter_dated_search"
        " ON t_acts (f_created_at, f_form, f_state, f_authority, f_drafter, f_dated, f_search)"
    )
    create_bigram_index(connection, "t_acts", "search")


def _drop_leases(connection: sqlite3.Connection) -> None:
    # Leases expire within seconds, and version 1 stored another format.
    if is_store_table(connection, "t_leases"):
        connection.execute("DELETE FROM t_leases")


def _begin_chain(connection: sqlite3.Connection) -> None:
    """Add a first link for all that was stored before, and an event about it."""
    if not is_store_table(connection, "t_events"):
        return
    create_chain(connection)
    changes = Changes()
    changes.event = CHAIN_BEGUN
    _add_event(connection, "ChainBegun", "已有的历史记录和数据自此编入历史链")
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type='table' AND name GLOB 't_*'")
    for (table,) in tables.fetchall():
        if is_store_table(connection, table):
            for key, text in connection.execute(f"SELECT f_id, doc FROM {table} ORDER BY id"):
                changes.add(table[2:], key, no_record, json.loads(text))
    append_changes(connection, changes, CHAIN_START)


def _add_event(connection: sqlite3.Connection, kind: str, note: str) -> None:
    last = connection.execute("SELECT max(f_id) FROM t_events").fetchone()[0]
    event = {
        "id": f"{int(last or 0) + 1:012d}",
        "act_id": "",
        "kind": kind,
        "at": datetime.now(timezone(timedelta(hours=8))).isoformat(timespec="seconds"),
        "by": "",
        "by_name": "系统",
        "note": note,
        "via": "console",
        "detail": {},
    }
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    connection.execute(
        "INSERT INTO t_events (f_id, f_act_id, f_at, hash, doc) VALUES (?,?,?,?,?)",
        (event["id"], "", event["at"], hashlib.blake2b(text.encode(), digest_size=16).digest(), text),
    )


def _drop_number_indexes(connection: sqlite3.Connection) -> None:
    # No query used them, and each commit of a number paid for them.
    for index in ("t_numbers__year", "t_numbers__n"):
        connection.execute(f"DROP INDEX IF EXISTS {index}")


def _index_acts_by_day(connection: sqlite3.Connection) -> None:
    """Add the day to the indexes of lists, so that they cover that filter."""
    if not is_store_table(connection, "t_acts"):
        return
    filters = ("form", "state", "authority", "drafter")
    for field in filters:
        fields = [field, "created_at", *(each for each in filters if each != field)]
        connection.execute(f"DROP INDEX IF EXISTS t_acts__{'_'.join(fields)}")
        fields.append("dated")
        columns = ", ".join(f"f_{each}" for each in fields)
        connection.execute(f"CREATE INDEX t_acts__{'_'.join(fields)} ON t_acts ({columns})")
    connection.execute(  # stores of the first days lack it
        "CREATE INDEX IF NOT EXISTS t_acts__dated_form_state_authority_drafter"
        " ON t_acts (f_dated, f_form, f_state, f_authority, f_drafter)"
    )


def _create_list_index_of_acts(connection: sqlite3.Connection) -> None:
    """Move the indexes of acts to a list index."""
    if not is_store_table(connection, "t_acts"):
        return
    _apply_pending_bigrams(connection)
    kept = "SELECT name FROM sqlite_master WHERE type='index' AND tbl_name='t_acts' AND sql IS NOT NULL"
    for (index,) in connection.execute(kept).fetchall():
        if index != "t_acts__key":
            connection.execute(f"DROP INDEX {index}")
    filters = ("drafter", "form", "state", "authority")
    indexes = (
        ("number",),
        ("source_act", "form", "dated", "state", "authority"),
        *((field, "created_at", *(each for each in filters if each != field), "dated") for field in filters),
        ("created_at", *filters, "dated", "search"),
        ("created_at", *filters, "dated"),
        ("dated", *filters),
        ("due", *filters),
    )
    columns = dict.fromkeys(f"f_{field}" for index in indexes for field in index)
    create_list_index(
        connection, "t_acts", list(columns), [[f"f_{field}" for field in each] for each in indexes]
    )


def _apply_pending_bigrams(connection: sqlite3.Connection) -> None:
    """Bring the bigram index up to date with what it was to index later."""
    for moment in ("added", "removed", "changed"):
        connection.execute(f"DROP TRIGGER IF EXISTS g_t_acts__search__{moment}")
    if column_names(connection, "w_t_acts__search"):
        connection.execute(
            "INSERT INTO g_t_acts__search (g_t_acts__search, rowid, pairs)"
            " SELECT 'delete', id, formsvc_pairs(known) FROM w_t_acts__search WHERE known IS NOT NULL"
        )
        connection.execute(
            "INSERT INTO g_t_acts__search (rowid, pairs) SELECT id, formsvc_pairs(f_search) FROM t_acts"
            " WHERE id IN (SELECT id FROM w_t_acts__search) AND typeof(f_search)='text'"
        )
        connection.execute("DROP TABLE w_t_acts__search")


def _add_salt_checksums(connection: sqlite3.Connection) -> None:
    if not column_names(connection, "chain"):
        return
    connection.create_function("formsvc_marked", 1, with_checksum, deterministic=True)
    connection.execute("UPDATE chain SET salts=formsvc_marked(salts) WHERE length(salts) % 16 = 0")


def _rebuild_short_bigrams(connection: sqlite3.Connection) -> None:
    """Rebuild a bigram index that layout 3 created: its words were shorter.

    Nothing was found in it since.
    """
    found = connection.execute("SELECT sql FROM sqlite_master WHERE name='g_t_acts__search'").fetchone()
    if found is not None and "columnsize=0" not in found[0]:
        _rebuild_bigrams(connection)


def _rebuild_bigrams(connection: sqlite3.Connection) -> None:
    """Rebuild the bigram index of the texts that the list index holds.

    Later changes remove these texts from it.
    """
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name='g_t_acts__search'").fetchone():
        return
    connection.execute("DROP TABLE g_t_acts__search")
    connection.execute(
        "CREATE VIRTUAL TABLE g_t_acts__search"
        " USING fts5(pairs, content='', detail=none, columnsize=0, tokenize='ascii')"
    )
    connection.execute(
        "INSERT INTO g_t_acts__search (rowid, pairs)"
        " SELECT id, formsvc_pairs(f_search) FROM c_t_acts WHERE typeof(f_search)='text'"
    )


STEPS: tuple[Step, ...] = (
    Step(2, _index_acts_by_source),
    Step(3, _index_acts_by_text),
    Step(4, _drop_leases),
    Step(5, _begin_chain),
    Step(6, lambda _connection: None),  # superseded by step 10
    Step(7, _drop_number_indexes),
    Step(_FIRST_SNAPSHOT_VERSION, lambda _connection: None),  # ``migrate`` takes the snapshot
    Step(9, _index_acts_by_day),
    Step(10, _create_list_index_of_acts),
    Step(11, _add_salt_checksums),
    # Adds registers and their entries: the store creates tables that are missing. What issued documents
    # wrote into them follows from their definitions, once these are read.
    Step(12, lambda _connection: None),
    # Adds sessions: the store creates the table. All people sign in again.
    Step(13, lambda _connection: None),
    Step(14, _rebuild_short_bigrams),
    # Searches ignore blanks and the dots of names: so does the index.
    Step(15, _rebuild_bigrams),
    # Adds the rows of registers as lists show them: the store creates the table. They follow from the entries,
    # once the registers' definitions are read.
    Step(16, lambda _connection: None),
)

# The schema version this program reads and writes.
VERSION = STEPS[-1].number


def migrate(connection: sqlite3.Connection, path: Path, steps: Iterable[Step] = STEPS) -> Path | None:
    """Migrate the file to the current schema; return the copy's path, or None.

    None: there was nothing to do. Of several programs that start at once one migrates; the others wait.
    """
    steps = tuple(steps)
    if version_of(connection) >= steps[-1].number:
        return None
    patience = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout={int(_LOCK_TIMEOUT * 1000)}")
    try:
        connection.execute("BEGIN IMMEDIATE")
        due = [step for step in steps if step.number > version_of(connection)]
        copy = _copy_file(path, version_of(connection)) if due else None
        before = schema_digests(connection)
        for step in due:
            step.run(connection)
            connection.execute(f"PRAGMA user_version={step.number}")
        if due and due[0].number <= _FIRST_SNAPSHOT_VERSION:
            take_snapshot(connection)
        elif due:
            update_snapshot(connection, before)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute(f"PRAGMA busy_timeout={patience}")
    return copy


def _copy_file(path: Path, version: int) -> Path:
    """Return the path of a checked copy; the caller keeps other writers out."""
    _require_free_space(path)
    copy = _unused_path(path, version)
    with rename_on_close(copy) as part:
        with closing(sqlite3.connect(str(path))) as source, closing(sqlite3.connect(str(part))) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
            found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise damaged(path, msg("内容（{fault}）", fault=found))
    return copy


def copies_of(path: Path) -> list[Path]:
    """Return the copies made before migrations, the oldest first."""
    found = path.parent.glob(f"{path.name}.v*-*.bak")
    return sorted((copy for copy in found if copy.is_file()), key=lambda copy: copy.stat().st_mtime)


def remove_copies(path: Path, older_than: timedelta) -> list[str]:
    """Remove copies made before migrations; return the names."""
    limit = time.time() - older_than.total_seconds()
    old = [copy for copy in copies_of(path) if copy.stat().st_mtime < limit]
    for copy in old:
        try:
            copy.unlink()
        except OSError as error:
            raise disk_error(error, copy) from error
    return [copy.name for copy in old]


def _unused_path(path: Path, version: int) -> Path:
    day = time.strftime("%Y%m%d")
    names = (f"{path.name}.v{version}-{day}{f'-{n}' if n > 1 else ''}.bak" for n in count(1))
    return next(place for place in map(path.with_name, names) if not place.exists())


def _require_free_space(path: Path) -> None:
    # The copy, and the log of the steps, may each grow as large as the file.
    log = path.with_name(f"{path.name}-wal")
    needed = 2 * (path.stat().st_size + (log.stat().st_size if log.exists() else 0)) + _SPARE_BYTES
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise FormsvcError(
            msg(
                "升级数据文件“{path}”之前要先留一份副本，需要约 {needed} MB 空间，只剩 {free} MB，没有升级。",
                path=path,
                needed=-(-needed // 2**20),
                free=free // 2**20,
            ),
            msg("请清理磁盘后重新启动，原有数据没有变动。"),
        )
