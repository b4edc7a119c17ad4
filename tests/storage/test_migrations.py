"""A store of an older program becomes one of today's, with a copy of it as it was; a newer one is left alone."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from formsvc.bootstrap import OfficeClock
from formsvc.errors import FormsvcError
from formsvc.limits import Limits
from formsvc.storage import migrations
from formsvc.storage.audit.anchor import AnchorMismatch, anchor_path
from formsvc.storage.migrations import VERSION, Step
from formsvc.storage.schema import STORE_FORMAT, store_files
from formsvc.storage.tinydb_sqlite.bigram_index import register_functions, search_terms
from formsvc.storage.tinydb_sqlite.database import SQLiteTinyDB
from formsvc.storage.tinydb_sqlite.file_format import marker_of, version_of
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.numbering.series_lease import lease_series
from formsvc.usecases.ports import Condition, Policy
from tests.support.store_processes import start

# The layout of the first release, as its program wrote it
FIRST_LAYOUT = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE t_acts (id INTEGER PRIMARY KEY AUTOINCREMENT, f_id, f_form, f_created_at, f_state, f_authority, f_drafter,
  f_number, f_dated, f_due, hash BLOB NOT NULL, doc TEXT NOT NULL);
CREATE UNIQUE INDEX t_acts__key ON t_acts (f_id);
CREATE INDEX t_acts__form_created_at_state_authority_drafter
  ON t_acts (f_form, f_created_at, f_state, f_authority, f_drafter);
CREATE INDEX t_acts__number ON t_acts (f_number);
CREATE INDEX t_acts__due_form_state_authority_drafter ON t_acts (f_due, f_form, f_state, f_authority, f_drafter);
CREATE TABLE t_events (id INTEGER PRIMARY KEY AUTOINCREMENT, f_id, f_act_id, f_at, hash BLOB NOT NULL, doc TEXT NOT NULL);
CREATE UNIQUE INDEX t_events__key ON t_events (f_id);
CREATE INDEX t_events__act_id ON t_events (f_act_id);
CREATE INDEX t_events__at ON t_events (f_at);
CREATE TABLE t_leases (id INTEGER PRIMARY KEY AUTOINCREMENT, f_id, hash BLOB NOT NULL, doc TEXT NOT NULL);
CREATE UNIQUE INDEX t_leases__key ON t_leases (f_id);
PRAGMA application_id=1179603533;
PRAGMA user_version=1;
"""
FIELDS = {
    "t_acts": "id form created_at state authority drafter number dated due",
    "t_events": "id act_id at",
    "t_leases": "id",
}

ACTS: list[dict[str, Any]] = [
    {
        "id": "R1",
        "form": "T15",
        "state": "issued",
        "created_at": "2026-01-05",
        "source_act": "",
        "search": "绥东检记〔2026〕1号 张伟副食店",
    },
    {
        "id": "N1",
        "form": "T22",
        "state": "issued",
        "created_at": "2026-01-06",
        "source_act": "R1",
        "number": "1号",
    },
    {"id": "N2", "form": "T22", "state": "draft", "created_at": "2026-01-07", "source_act": "R1"},
    {"id": "N3", "form": "T22", "state": "draft", "created_at": "2026-01-08"},
    {"id": "N4", "form": "T22", "state": "draft", "created_at": "2026-01-09", "source_act": None},
]
EVENTS = [
    {"id": f"{n:012d}", "act_id": act["id"], "at": act["created_at"]} for n, act in enumerate(ACTS, start=1)
]

LEASE = {"id": "sb/2026", "holder": "", "until": ""}
"""A series' lease as the first program kept it, which knew no queue."""


def keep(connection: sqlite3.Connection, table: str, record: dict[str, Any]) -> None:
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    fields = FIELDS[table].split()
    row = [
        *(record.get(field) for field in fields),
        hashlib.blake2b(text.encode(), digest_size=16).digest(),
        text,
    ]
    columns = ", ".join([*(f"f_{field}" for field in fields), "hash", "doc"])
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(row))})", row)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store as the first release left it."""
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(FIRST_LAYOUT)
        for act in ACTS:
            keep(connection, "t_acts", act)
        for event in EVENTS:
            keep(connection, "t_events", event)
        keep(connection, "t_leases", LEASE)
        connection.commit()
    marker_of(path).write_text("x", encoding="utf-8")
    return path


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return version_of(connection)


def copies(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.bak"))


def test_an_old_store_opens_with_all_it_held_and_todays_indexes(old: Path) -> None:
    store = TinyStore(old)
    with store.read() as tx:
        assert tx.acts.find() == ACTS
        *before, chained = tx.events.find()
        assert before == EVENTS
        assert (chained["id"], chained["kind"]) == (f"{len(EVENTS) + 1:012d}", "ChainBegun")
        assert tx.settings.count() == 0
        made = tx.acts.find(Condition("source_act", "==", "R1"), order="created_at")
        assert [act["id"] for act in made] == ["N1", "N2"]
        assert tx.acts.count(Condition("source_act", "==", None)) == 2
        assert [act["id"] for act in tx.acts.find(Condition("search", "contains", "张伟"))] == ["R1"]
    assert store.verify() == []
    store.close()
    assert version(old) == VERSION
    with closing(sqlite3.connect(old)) as connection:
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT id FROM c_t_acts WHERE f_source_act='R1'"
        ).fetchall()
    assert "c_t_acts__source_act" in plan[0][3]


def laid_out(path: Path) -> dict[str, str]:
    """Indexes, triggers and tables of the search by name, as they were made."""
    with closing(sqlite3.connect(path)) as connection:
        return dict(
            connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
                " AND (type<>'table' OR name GLOB 'g_*' OR name GLOB 'w_*' OR name GLOB 'c_*')"
            )
        )


def test_an_old_store_is_laid_out_as_one_made_today(old: Path, tmp_path: Path) -> None:
    TinyStore(old).close()
    TinyStore(tmp_path / "today.db").close()
    assert laid_out(old) == laid_out(tmp_path / "today.db")


WAITING = """
CREATE TABLE w_t_acts__search (id INTEGER PRIMARY KEY, known TEXT);
CREATE TRIGGER g_t_acts__search__changed AFTER UPDATE OF f_search ON t_acts WHEN old.f_search IS NOT new.f_search
  BEGIN INSERT OR IGNORE INTO w_t_acts__search
  VALUES (old.id, CASE WHEN typeof(old.f_search)='text' THEN old.f_search END); END;
"""
"""How the ninth layout noted what its index of parts of texts had still to learn."""


def test_what_waited_for_the_search_of_an_older_program_is_found(old: Path) -> None:
    act = {**ACTS[0], "search": "绥东检记〔2026〕1号 王芳饭店"}
    text = json.dumps(act, ensure_ascii=False, separators=(",", ":"))
    mark = hashlib.blake2b(text.encode(), digest_size=16).digest()
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        register_functions(connection)
        migrations.migrate(connection, old, [step for step in migrations.STEPS if step.number <= 9])
        connection.executescript(WAITING)
        connection.execute(
            "UPDATE t_acts SET f_search=?, doc=?, hash=? WHERE f_id='R1'", (act["search"], text, mark)
        )
    store = TinyStore(old)
    with store.read() as tx:
        assert [found["id"] for found in tx.acts.find(Condition("search", "contains", "王芳"))] == ["R1"]
    with store._file.read() as session:
        looked_up = "SELECT rowid FROM g_t_acts__search WHERE g_t_acts__search MATCH ?"
        assert session.connection.execute(looked_up, (search_terms("张伟"),)).fetchall() == []
        assert session.connection.execute(looked_up, (search_terms("王芳"),)).fetchall() == [(1,)]
    store.close()


def test_salts_of_an_older_program_are_marked(old: Path) -> None:
    TinyStore(old).close()
    with closing(sqlite3.connect(old)) as connection:
        register_functions(connection)
        connection.execute("UPDATE chain SET salts=substr(salts, 1, length(salts) - 8)")
        connection.execute("PRAGMA user_version=10")
        connection.commit()
    store = TinyStore(old)
    assert store.verify() == []
    store.close()
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT DISTINCT length(salts) % 16 FROM chain").fetchall() == [(8,)]


def test_what_an_older_program_kept_is_vouched_for_from_then_on(old: Path) -> None:
    TinyStore(old).close()
    with closing(sqlite3.connect(old)) as connection:
        register_functions(connection)
        text = json.dumps({**ACTS[1], "number": "2号"}, ensure_ascii=False)
        mark = hashlib.blake2b(text.encode(), digest_size=16).digest()
        connection.execute("UPDATE t_acts SET doc=?, hash=?, f_number='2号' WHERE f_id='N1'", (text, mark))
        with pytest.raises(sqlite3.IntegrityError, match="kept for ever"):
            connection.execute("DELETE FROM t_events WHERE id=1")
        connection.commit()
    store = TinyStore(old)
    assert [str(found) for found in store.verify()] == [
        "acts“N1”与保存时不符，被改动或损坏（历史链第 1 笔）。"
    ]
    store.close()


def test_numbers_can_be_taken_from_a_series_that_an_older_program_used(old: Path) -> None:
    store = TinyStore(old)
    ports: Any = SimpleNamespace(store=store, clock=OfficeClock(), policy=Policy(), limits=Limits())
    with lease_series(ports, LEASE["id"]) as asked:
        assert asked.should_poll()
        with store.write() as tx:
            assert asked.acquire(tx)
    store.close()


def test_the_store_as_it_was_lies_beside_it(old: Path) -> None:
    TinyStore(old).close()
    (copy,) = copies(old)
    with closing(sqlite3.connect(copy)) as connection:
        assert version_of(connection) == 1
        kept = [json.loads(text) for (text,) in connection.execute("SELECT doc FROM t_acts ORDER BY id")]
    assert kept == ACTS
    TinyStore(old).close()
    assert copies(old) == [copy], "a store of today is not copied again"


def test_the_copy_can_take_the_place_of_the_store(old: Path) -> None:
    TinyStore(old).close()
    (copy,) = copies(old)
    for part in store_files(old)[:3]:
        part.unlink(missing_ok=True)
    shutil.copy(copy, old)
    with pytest.raises(AnchorMismatch):
        TinyStore(old)
    anchor_path(old).unlink()
    store = TinyStore(old)
    with store.read() as tx:
        assert tx.acts.find() == ACTS
    store.close()
    assert len(copies(old)) == 2, "the copy of the day is not overwritten"


def test_a_step_that_fails_leaves_the_store_as_it_was(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM t_acts")
        raise ZeroDivisionError

    steps = (*migrations.STEPS, Step(VERSION + 1, fail))
    with closing(sqlite3.connect(old, isolation_level=None)) as connection, pytest.raises(ZeroDivisionError):
        register_functions(connection)
        migrations.migrate(connection, old, steps)
    assert version(old) == 1
    TinyStore(old).close()
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT count(*) FROM t_acts").fetchone() == (len(ACTS),)


def test_a_disk_too_full_for_the_copy_is_told_and_nothing_changes(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(100 * 2**20, 99 * 2**20, 2**20))
    with pytest.raises(FormsvcError, match="只剩 1 MB，没有升级"):
        TinyStore(old)
    assert version(old) == 1 and copies(old) == []


def test_programs_that_start_together_migrate_once(old: Path) -> None:
    started = [start("rare_characters", old) for _ in range(3)]
    told = [program.communicate(timeout=30) for program in started]
    assert [program.returncode for program in started].count(0) == 1, told  # the others find their key taken
    assert all("已经登记过" in error for _, error in told if error)
    assert version(old) == VERSION and len(copies(old)) == 1


def test_a_running_older_program_stops_once_the_file_is_newer(old: Path) -> None:
    store = TinyStore(old)
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("CREATE TABLE later (x)")
        connection.execute(f"PRAGMA user_version={VERSION + 1}")
    with pytest.raises(FormsvcError, match="较新版本"), store.write() as tx:
        tx.acts.insert("N9", {})
    store.close()


def test_a_plain_tinydb_with_a_table_of_acts_is_not_taken_for_a_store(tmp_path: Path) -> None:
    with SQLiteTinyDB(tmp_path / "tiny.db", file_format=STORE_FORMAT) as database:
        database.table("acts").insert({"source_act": "x"})
    with closing(sqlite3.connect(tmp_path / "tiny.db")) as connection:
        connection.execute("PRAGMA user_version=1")
    with SQLiteTinyDB(tmp_path / "tiny.db", file_format=STORE_FORMAT) as database:
        assert database.table("acts").all() == [{"source_act": "x"}]
    with closing(sqlite3.connect(tmp_path / "tiny.db")) as connection:
        assert "f_source_act" not in migrations.column_names(connection, "t_acts")


def test_steps_are_numbered_without_a_gap() -> None:
    numbers = [step.number for step in migrations.STEPS]
    assert numbers == list(range(migrations.FIRST_VERSION + 1, VERSION + 1))
