"""How a store made by an older program becomes one of today's: numbered steps forward, a copy of the file first.

A step never changes once it has been released: it writes out the tables and columns as they were named then, instead of
asking the program how they are named now. It touches only tables of the store (see ``is_kept_by_store``), because any
TinyDB file of ours may be opened through the same door. All steps, and the new number of the file, are one transaction.
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

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.storage.atomic_files import named_when_done
from formsvc.storage.audit.chain_table import append, lay_out
from formsvc.storage.audit.hash_chain import BEFORE_ALL, BEGUN, Changes, marked, no_record
from formsvc.storage.tinydb_sqlite.bigram_index import make_index
from formsvc.storage.tinydb_sqlite.errors import damaged
from formsvc.storage.tinydb_sqlite.file_format import version_of
from formsvc.storage.tinydb_sqlite.list_index import make_catalogue
from formsvc.storage.tinydb_sqlite.schema_snapshot import layout_of, note, note_changes

FIRST = 1
"""The number of the first layout that was ever released."""

_PATIENCE = 300.0
"""Seconds a program that starts waits for another one that is migrating the same file."""

_LAYOUT_REMEMBERED = 8
"""The first step after which a file says which tables it has."""

_SPARE = 16 * 2**20


@dataclass(frozen=True)
class Step:
    """What brings a file to layout ``number`` from the one before it."""

    number: int
    told: str
    run: Callable[[sqlite3.Connection], None]


def is_kept_by_store(connection: sqlite3.Connection, table: str) -> bool:
    """Whether an SQL table is there and is one the store keeps: those have the key of a record as a column."""
    return "f_id" in columns_of(connection, table)


def columns_of(connection: sqlite3.Connection, table: str) -> frozenset[str]:
    """The names of a table's columns; none for a table that is not there."""
    return frozenset(column[1] for column in connection.execute(f"PRAGMA table_xinfo({table})"))


def _acts_by_their_source(connection: sqlite3.Connection) -> None:
    """Acts made from another act are found by an index; some stores have it already."""
    if not is_kept_by_store(connection, "t_acts"):
        return
    if "f_source_act" not in columns_of(connection, "t_acts"):
        connection.execute("ALTER TABLE t_acts ADD COLUMN f_source_act")
        connection.execute(
            "UPDATE t_acts SET f_source_act=json_extract(doc,'$.source_act')"
            " WHERE json_type(doc,'$.source_act')='text'"
        )
    connection.execute(
        "CREATE INDEX IF NOT EXISTS t_acts__source_act_form_dated_state_authority"
        " ON t_acts (f_source_act, f_form, f_dated, f_state, f_authority)"
    )


def _acts_by_parts_of_their_text(connection: sqlite3.Connection) -> None:
    """Parts of names, titles and numbers are found by an index of pairs of characters."""
    if not is_kept_by_store(connection, "t_acts"):
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
    make_index(connection, "t_acts", "search")


def _nobody_waiting_for_a_number(connection: sqlite3.Connection) -> None:
    """Whose turn it is counts for seconds only, and early stores told it in another shape."""
    if is_kept_by_store(connection, "t_leases"):
        connection.execute("DELETE FROM t_leases")


def _history_chained(connection: sqlite3.Connection) -> None:
    """What was kept before there was a chain is vouched for from now on; that this was done is an event itself."""
    if not is_kept_by_store(connection, "t_events"):
        return
    lay_out(connection)
    changes = Changes()
    changes.told = BEGUN
    _add_event(connection, "ChainBegun", "已有的历史记录和数据自此编入历史链")
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type='table' AND name GLOB 't_*'")
    for (table,) in tables.fetchall():
        if is_kept_by_store(connection, table):
            for key, text in connection.execute(f"SELECT f_id, doc FROM {table} ORDER BY id"):
                changes.note(table[2:], key, no_record, json.loads(text))
    append(connection, changes, BEFORE_ALL)


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


def _fewer_indexes_of_numbers(connection: sqlite3.Connection) -> None:
    """Nothing looks for a number by its year or place alone, and each commit of a number paid for it."""
    for index in ("t_numbers__year", "t_numbers__n"):
        connection.execute(f"DROP INDEX IF EXISTS {index}")


def _lists_by_days(connection: sqlite3.Connection) -> None:
    """A list narrowed by several fields and by days need not look at each act for its day."""
    if not is_kept_by_store(connection, "t_acts"):
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


def _acts_in_a_catalogue(connection: sqlite3.Connection) -> None:
    """Commits only note which acts the indexes of lists and searches have to learn."""
    if not is_kept_by_store(connection, "t_acts"):
        return
    _search_has_learnt(connection)
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
    make_catalogue(
        connection, "t_acts", list(columns), [[f"f_{field}" for field in each] for each in indexes]
    )


def _search_has_learnt(connection: sqlite3.Connection) -> None:
    """Nothing waits for the index of parts of texts, as it was noted until now."""
    for moment in ("added", "removed", "changed"):
        connection.execute(f"DROP TRIGGER IF EXISTS g_t_acts__search__{moment}")
    if columns_of(connection, "w_t_acts__search"):
        connection.execute(
            "INSERT INTO g_t_acts__search (g_t_acts__search, rowid, pairs)"
            " SELECT 'delete', id, formsvc_pairs(known) FROM w_t_acts__search WHERE known IS NOT NULL"
        )
        connection.execute(
            "INSERT INTO g_t_acts__search (rowid, pairs) SELECT id, formsvc_pairs(f_search) FROM t_acts"
            " WHERE id IN (SELECT id FROM w_t_acts__search) AND typeof(f_search)='text'"
        )
        connection.execute("DROP TABLE w_t_acts__search")


def _salts_marked(connection: sqlite3.Connection) -> None:
    """A damaged salt is told also where a record has been written again since."""
    if not columns_of(connection, "chain"):
        return
    connection.create_function("formsvc_marked", 1, marked, deterministic=True)
    connection.execute("UPDATE chain SET salts=formsvc_marked(salts) WHERE length(salts) % 16 = 0")


STEPS: tuple[Step, ...] = (
    Step(2, "acts found by the act they were made from", _acts_by_their_source),
    Step(3, "acts found by parts of their text", _acts_by_parts_of_their_text),
    Step(4, "nobody waiting for a number", _nobody_waiting_for_a_number),
    Step(5, "history in a chain", _history_chained),
    Step(6, "search learns by and by", lambda _connection: None),  # as the tenth step does it
    Step(7, "fewer indexes of numbers", _fewer_indexes_of_numbers),
    Step(_LAYOUT_REMEMBERED, "layout remembered", lambda _connection: None),  # as after each step from now on
    Step(9, "lists by days", _lists_by_days),
    Step(10, "acts in a catalogue", _acts_in_a_catalogue),
    Step(11, "salts marked", _salts_marked),
)

VERSION = STEPS[-1].number
"""The layout this program reads and writes."""


def migrate(connection: sqlite3.Connection, path: Path, steps: Iterable[Step] = STEPS) -> Path | None:
    """Bring a file of ours to today's layout; answers where the copy of the file as it was lies, None if it was new.

    Of several programs that start at once one migrates; the others wait for it and find nothing left to do.
    """
    steps = tuple(steps)
    if version_of(connection) >= steps[-1].number:
        return None
    patience = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout={int(_PATIENCE * 1000)}")
    try:
        connection.execute("BEGIN IMMEDIATE")
        due = [step for step in steps if step.number > version_of(connection)]
        copy = _copied(path, version_of(connection)) if due else None
        before = layout_of(connection)
        for step in due:
            step.run(connection)
            connection.execute(f"PRAGMA user_version={step.number}")
        if due and due[0].number <= _LAYOUT_REMEMBERED:
            note(connection)
        elif due:
            note_changes(connection, before)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute(f"PRAGMA busy_timeout={patience}")
    return copy


def _copied(path: Path, version: int) -> Path:
    """A checked copy of the file beside it, taken while the caller keeps all other writers out."""
    _refuse_if_cramped(path)
    copy = _free_name(path, version)
    with named_when_done(copy) as part:
        with closing(sqlite3.connect(str(path))) as source, closing(sqlite3.connect(str(part))) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
            found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise damaged(path, msg("内容（{fault}）", fault=found))
    return copy


def _free_name(path: Path, version: int) -> Path:
    day = time.strftime("%Y%m%d")
    names = (f"{path.name}.v{version}-{day}{f'-{n}' if n > 1 else ''}.bak" for n in count(1))
    return next(place for place in map(path.with_name, names) if not place.exists())


def _refuse_if_cramped(path: Path) -> None:
    """The copy, and the log of the steps, may each grow as large as the file."""
    log = path.with_name(f"{path.name}-wal")
    needed = 2 * (path.stat().st_size + (log.stat().st_size if log.exists() else 0)) + _SPARE
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
