"""The store compared with stock TinyDB's JSON file, with bare SQLite and with the disk itself.

All contenders take turns in every round, so that a disk or machine that changes its mood changes it for all; ratios
are taken within a round and given as median with quartiles.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from tinydb import Query, TinyDB

from benchmarks.results import result_row
from benchmarks.store_records import encode_records, issue_records, make_act, to_json
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.ports import Condition

# a task that returns seconds has measured a part of itself
Task = Callable[[], Any]
Timed = tuple[float, float]

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 15
STOCK_ROUNDS = {1_000: 5, 10_000: 2, 100_000: 2}
TASKS_A_ROUND = 8
FLOOR, BARE, OURS, STOCK = "append+fdatasync", "bare SQLite", "TinyStore", "stock TinyDB JSON"
# seconds by which each sync takes longer on the disk that is imitated: that of an office computer
SLOW_SYNC = 0.002
MATCHING = {"form": "T22", "state": "issued"}


class _SlowDisk:
    """A disk whose syncs take longer while ``slowed`` tasks run."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.is_possible = False
        if sys.platform.startswith("linux"):
            from tests.support import unsynced_filesystem

            self.is_possible = unsynced_filesystem.library() is not None
            if self.is_possible:
                unsynced_filesystem.watch_sqlite(lambda _path: self.turn())

    def turn(self) -> None:
        if self.seconds:
            time.sleep(self.seconds)

    def slowed(self, task: Task) -> Task:
        """Return the task as it runs on the slow disk."""

        def on_it() -> Any:
            self.seconds = SLOW_SYNC
            try:
                return task()
            finally:
                self.seconds = 0.0

        return on_it


def run() -> list[dict[str, Any]]:
    figures: list[dict[str, Any]] = []
    disk = _SlowDisk()
    for size in SIZES:
        with (
            tempfile.TemporaryDirectory(prefix="bench-store-") as folder,
            _contenders(Path(folder), size, disk) as cases,
        ):
            for case, tasks in cases.items():
                figures += _measure(f"{case}, {size:,} acts", tasks, STOCK_ROUNDS[size])
    return figures


@contextmanager
def _contenders(folder: Path, size: int, disk: _SlowDisk) -> Iterator[dict[str, dict[str, Task]]]:
    chance = random.Random(size)
    acts = [make_act(number, chance) for number in range(size)]
    new_acts = (make_act(number, chance) for number in range(size, size + 1_000_000))
    store, bare, stock = _store(folder, acts), _bare(folder, acts), _stock(folder, acts)
    log = os.open(folder / "log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    keys = [record["id"] for record in chance.sample(acts, min(size, 500))]
    issues = _issues(store, bare, log, [record["id"] for record in acts], chance, disk)
    commits = {name: _part(task) for name, task in issues.items()}
    slowed = {name: disk.slowed(task) for name, task in commits.items()} if disk.is_possible else {}
    try:
        yield {
            "insert and commit": _insertions(store, bare, stock, log, new_acts),
            "commit of an issued act": commits,
            **({f"the same, each sync {SLOW_SYNC * 1000:.0f} ms slower": slowed} if slowed else {}),
            "issue of an act, with the lock and the reading before": {
                name: _whole(task) for name, task in issues.items()
            },
            "change and commit": _changes(store, log, keys, chance),
            "page of 50 and exact total": _lists(store, bare, stock),
            "search of a name of two characters and exact total": _searches(store, bare),
            "get by key": _gets(store, bare, stock, keys, chance),
        }
    finally:
        os.close(log)
        store.close()
        bare.close()
        stock.close()


def _store(folder: Path, acts: list[dict[str, Any]]) -> TinyStore:
    store = TinyStore(folder / "store.db")
    with store.write() as tx:
        for record in acts:
            tx.acts.insert(record["id"], record)
    return store


def _bare(folder: Path, acts: list[dict[str, Any]]) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE acts (id TEXT PRIMARY KEY, form TEXT, state TEXT, created_at TEXT, doc TEXT)"
    )
    connection.execute("CREATE INDEX acts_form ON acts (form, state, created_at)")
    connection.execute("CREATE TABLE counters (id TEXT PRIMARY KEY, doc TEXT)")
    connection.execute("CREATE TABLE numbers (id TEXT PRIMARY KEY, act_id TEXT, doc TEXT)")
    connection.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, act_id TEXT, doc TEXT)")
    for table in ("numbers", "events"):
        connection.execute(f"CREATE INDEX {table}_act ON {table} (act_id)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO acts VALUES (?,?,?,?,?)", map(_bare_row, acts))
    connection.execute("COMMIT")
    return connection


def _bare_row(record: dict[str, Any]) -> tuple[str, ...]:
    return record["id"], record["form"], record["state"], record["created_at"], to_json(record)


def _stock(folder: Path, acts: list[dict[str, Any]]) -> TinyDB:
    content = {"acts": {str(number): record for number, record in enumerate(acts, start=1)}}
    (folder / "stock.json").write_text(json.dumps(content), encoding="utf-8")
    return TinyDB(folder / "stock.json", encoding="utf-8")


def _insertions(
    store: TinyStore, bare: sqlite3.Connection, stock: TinyDB, log: int, acts: Iterator[dict[str, Any]]
) -> dict[str, Task]:
    def ours() -> None:
        record = next(acts)
        with store.write() as tx:
            tx.acts.insert(record["id"], record)

    return {
        FLOOR: _appending(log, encode_records(make_act(0, random.Random(0)))),
        BARE: lambda: bare.execute("INSERT INTO acts VALUES (?,?,?,?,?)", _bare_row(next(acts))),
        OURS: ours,
        STOCK: lambda: stock.table("acts").insert(next(acts)),
    }


def _appending(log: int, content: bytes) -> Task:
    """Return the yardstick: bytes made beforehand, written and synced."""

    def append() -> None:
        os.write(log, content)
        getattr(os, "fdatasync", os.fsync)(log)

    return append


def _issues(
    store: TinyStore,
    bare: sqlite3.Connection,
    log: int,
    keys: list[str],
    chance: random.Random,
    disk: _SlowDisk,
) -> dict[str, Callable[[], Timed]]:
    """Return tasks that commit what issuing commits once files are kept.

    That is the counter, the row of the register, the act, the event, and the link of the chain. Each returns its
    seconds: of the writes alone, and from the start.
    """
    with store.write() as tx:
        tx.counters.insert("消限/2026", {"last": 0})
        first = tx.acts.get(keys[0]) or {}
    bare.execute("INSERT INTO counters VALUES ('消限/2026', ?)", (json.dumps({"last": 0}),))
    link = {"at": "", "rows": [["collection", "key" * 6, "0" * 64]] * 4, "hash": "0" * 64, "salts": "0" * 64}
    append = _appending(log, encode_records({"id": "消限/2026", "last": 1}, *issue_records(first, 1), link))

    def append_and_sync() -> Timed:
        began = time.perf_counter()
        append()
        disk.turn()
        seconds = time.perf_counter() - began
        return seconds, seconds

    approved = chain.from_iterable(repeat(chance.sample(keys, len(keys))))
    approved_in_bare = chain.from_iterable(repeat(chance.sample(keys, len(keys))))
    return {
        FLOOR: append_and_sync,
        BARE: lambda: _issue_in_bare(bare, next(approved_in_bare)),
        OURS: lambda: _issue_in_store(store, next(approved)),
    }


def _issue_in_store(store: TinyStore, key: str) -> Timed:
    start = time.perf_counter()
    with store.write() as tx:
        record = tx.acts.get(key) or {}
        counter = tx.counters.get("消限/2026") or {}
        issued, row, event = issue_records(record, counter["last"] + 1)
        began = time.perf_counter()
        tx.counters.replace("消限/2026", {**counter, "last": row["n"]})
        tx.numbers.insert(row["id"], row)
        tx.acts.replace(record["id"], issued)
        tx.events.insert(tx.next_event_key(), event)
    ended = time.perf_counter()
    return ended - began, ended - start


def _issue_in_bare(bare: sqlite3.Connection, key: str) -> Timed:
    start = time.perf_counter()
    bare.execute("BEGIN IMMEDIATE")
    record = json.loads(bare.execute("SELECT doc FROM acts WHERE id=?", (key,)).fetchone()[0])
    (counted,) = bare.execute("SELECT doc FROM counters WHERE id='消限/2026'").fetchone()
    issued, row, event = issue_records(record, json.loads(counted)["last"] + 1)
    began = time.perf_counter()
    bare.execute("UPDATE counters SET doc=? WHERE id='消限/2026'", (json.dumps({"last": row["n"]}),))
    bare.execute("INSERT INTO numbers VALUES (?,?,?)", (row["id"], key, to_json(row)))
    bare.execute("UPDATE acts SET state=?, doc=? WHERE id=?", (issued["state"], to_json(issued), key))
    bare.execute("INSERT INTO events (act_id, doc) VALUES (?,?)", (key, to_json(event)))
    bare.execute("COMMIT")
    ended = time.perf_counter()
    return ended - began, ended - start


def _part(task: Callable[[], Timed]) -> Task:
    return lambda: task()[0]


def _whole(task: Callable[[], Timed]) -> Task:
    return lambda: task()[1]


def _changes(store: TinyStore, log: int, keys: list[str], chance: random.Random) -> dict[str, Task]:
    def change() -> None:
        key = chance.choice(keys)
        with store.write() as tx:
            record = tx.acts.get(key) or {}
            tx.acts.replace(key, {**record, "saved_at": str(chance.random())})

    return {FLOOR: _appending(log, encode_records(make_act(1, chance))), OURS: change}


def _lists(store: TinyStore, bare: sqlite3.Connection, stock: TinyDB) -> dict[str, Task]:
    conditions = [Condition(field, "==", value) for field, value in MATCHING.items()]
    query = (Query().form == MATCHING["form"]) & (Query().state == MATCHING["state"])
    where = "FROM acts WHERE form=? AND state=?"

    def ours() -> None:
        with store.read() as tx:
            tx.acts.find(*conditions, order="created_at", descending=True, limit=50)
            tx.acts.count(*conditions)

    def bare_sqlite() -> None:
        values = tuple(MATCHING.values())
        page = bare.execute(f"SELECT doc {where} ORDER BY created_at DESC LIMIT 50", values)
        [json.loads(text) for (text,) in page]
        bare.execute(f"SELECT count(*) {where}", values).fetchone()

    def stock_tinydb() -> None:
        stock.table("acts").clear_cache()
        found = stock.table("acts").search(query)
        sorted(found, key=lambda record: str(record["created_at"]), reverse=True)[:50]

    return {BARE: bare_sqlite, OURS: ours, STOCK: stock_tinydb}


def _searches(store: TinyStore, bare: sqlite3.Connection) -> dict[str, Task]:
    where = "FROM acts WHERE state<>'draft' AND instr(doc->>'$.search','张伟')"

    def ours() -> None:
        wanted = Condition("search", "contains", "张伟"), Condition("state", "!=", "draft")
        with store.read() as tx:
            tx.acts.find(*wanted, order="created_at", descending=True, limit=50)
            tx.acts.count(*wanted)

    def bare_sqlite() -> None:
        page = bare.execute(f"SELECT doc {where} ORDER BY created_at DESC LIMIT 50")
        [json.loads(text) for (text,) in page]
        bare.execute(f"SELECT count(*) {where}").fetchone()

    return {BARE: bare_sqlite, OURS: ours}


def _gets(
    store: TinyStore, bare: sqlite3.Connection, stock: TinyDB, keys: list[str], chance: random.Random
) -> dict[str, Task]:
    def ours() -> None:
        with store.read() as tx:
            tx.acts.get(chance.choice(keys))

    def bare_sqlite() -> None:
        (text,) = bare.execute("SELECT doc FROM acts WHERE id=?", (chance.choice(keys),)).fetchone()
        json.loads(text)

    return {
        BARE: bare_sqlite,
        OURS: ours,
        STOCK: lambda: stock.table("acts").get(Query().id == chance.choice(keys)),
    }


def _measure(case: str, tasks: dict[str, Task], stock_rounds: int) -> list[dict[str, Any]]:
    """Measure in turns; stock TinyDB takes part in the first rounds only."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for round_number in range(ROUNDS):
        for name, task in tasks.items():
            if name != STOCK:
                times[name].append(statistics.median(_seconds(task) for _ in range(TASKS_A_ROUND)))
            elif round_number < stock_rounds:
                times[name].append(_seconds(task))
    yardstick = next(iter(tasks))
    return [result_row(case, name, measured, yardstick, times[yardstick]) for name, measured in times.items()]


def _seconds(task: Task) -> float:
    began = time.perf_counter()
    measured = task()
    return measured if isinstance(measured, float) else time.perf_counter() - began
