"""The store side by side with stock TinyDB's JSON file, with bare SQLite and with the disk itself.

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
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.ports import Condition

Task = Callable[[], Any]
"""What is measured. One that answers seconds has measured a part of itself."""

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 15
STOCK_ROUNDS = {1_000: 5, 10_000: 2, 100_000: 2}
TASKS_A_ROUND = 8
FORMS = tuple(f"T{number:02d}" for number in range(1, 41))
STATES = ("draft", "submitted", "reviewed", "issued", "served")
FAMILIES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
FLOOR, BARE, OURS, STOCK = "append+fdatasync", "bare SQLite", "TinyStore", "stock TinyDB JSON"
SLOW_SYNC = 0.002
"""Seconds by which each sync takes longer on the disk that is imitated: that of an office computer."""
MATCHING = {"form": "T22", "state": "issued"}


class _SlowDisk:
    """Makes each sync of SQLite's, and of the yardstick, take longer while it is asked to."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.is_possible = False
        if sys.platform.startswith("linux"):
            from tests.support import unsynced_filesystem as power_cut

            self.is_possible = power_cut.library() is not None
            if self.is_possible:
                power_cut.watch_sqlite(lambda _path: self.turn())

    def turn(self) -> None:
        """Take the time."""
        if self.seconds:
            time.sleep(self.seconds)

    def slowed(self, task: Task) -> Task:
        """The task on the slow disk."""

        def on_it() -> Any:
            self.seconds = SLOW_SYNC
            try:
                return task()
            finally:
                self.seconds = 0.0

        return on_it


def run() -> list[dict[str, Any]]:
    """Every figure as a row: case, contender, median in milliseconds, ratio to the yardstick with its quartiles."""
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


def act(number: int, chance: random.Random) -> dict[str, Any]:
    """An act of some 4.5 KB."""
    return {
        "id": f"A{number:07d}",
        "form": chance.choice(FORMS),
        "state": chance.choice(STATES),
        "authority": f"township-{chance.randrange(20)}",
        "drafter": f"user-{chance.randrange(40)}",
        "number": f"绥北（东）消限字〔2026〕第{number:04d}号",
        "dated": f"2026-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
        "created_at": f"2026-01-01T{number:08d}",
        "due": None,
        "source_act": "",
        "search": f"绥北（东）消限字〔2026〕第{number:04d}号 责令限期改正通知书 东津镇{_name(chance)}副食商店",
        "answers": {f"field_{n}": "消防安全检查发现的问题和整改要求" * 2 for n in range(40)},
    }


def _name(chance: random.Random) -> str:
    return chance.choice(FAMILIES) + chance.choice(GIVEN) + chance.choice(GIVEN)


@contextmanager
def _contenders(folder: Path, size: int, disk: _SlowDisk) -> Iterator[dict[str, dict[str, Task]]]:
    chance = random.Random(size)
    acts = [act(number, chance) for number in range(size)]
    new_acts = (act(number, chance) for number in range(size, size + 1_000_000))
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
    return record["id"], record["form"], record["state"], record["created_at"], _text(record)


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
        FLOOR: _appending(log, _bytes_of(act(0, random.Random(0)))),
        BARE: lambda: bare.execute("INSERT INTO acts VALUES (?,?,?,?,?)", _bare_row(next(acts))),
        OURS: ours,
        STOCK: lambda: stock.table("acts").insert(next(acts)),
    }


def _bytes_of(*records: dict[str, Any]) -> bytes:
    return b"".join(_text(record).encode() for record in records)


def _appending(log: int, content: bytes) -> Task:
    """The disk itself: bytes made beforehand, written and synced."""

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
) -> dict[str, Callable[[], tuple[float, float]]]:
    """What issuing commits, its files being kept: the counter, the register's row, the act, the event, and the link of
    the chain. Each answers what that took, from the first of them being handed over until they are on the disk, and what
    the whole transaction took, with the wait for the lock and the reading. The yardstick appends the same records. Bare
    SQLite does without hashes, checks, chain and the search of names, and has one index a table beside the keys."""
    approved = chain.from_iterable(repeat(chance.sample(keys, len(keys))))
    approved_there = chain.from_iterable(repeat(chance.sample(keys, len(keys))))
    with store.write() as tx:
        tx.counters.insert("消限/2026", {"last": 0})
        first = tx.acts.get(keys[0]) or {}

    def issue() -> tuple[float, float]:
        start = time.perf_counter()
        with store.write() as tx:
            record = tx.acts.get(next(approved)) or {}
            counter = tx.counters.get("消限/2026") or {}
            issued, row, event = _issued(record, counter["last"] + 1)
            began = time.perf_counter()
            tx.counters.replace("消限/2026", {**counter, "last": row["n"]})
            tx.numbers.insert(row["id"], row)
            tx.acts.replace(record["id"], issued)
            tx.events.insert(tx.next_event_key(), event)
        ended = time.perf_counter()
        return ended - began, ended - start

    bare.execute("INSERT INTO counters VALUES ('消限/2026', ?)", (json.dumps({"last": 0}),))

    def issue_bare() -> tuple[float, float]:
        start = time.perf_counter()
        key = next(approved_there)
        bare.execute("BEGIN IMMEDIATE")
        record = json.loads(bare.execute("SELECT doc FROM acts WHERE id=?", (key,)).fetchone()[0])
        (counted,) = bare.execute("SELECT doc FROM counters WHERE id='消限/2026'").fetchone()
        issued, row, event = _issued(record, json.loads(counted)["last"] + 1)
        began = time.perf_counter()
        bare.execute("UPDATE counters SET doc=? WHERE id='消限/2026'", (json.dumps({"last": row["n"]}),))
        bare.execute("INSERT INTO numbers VALUES (?,?,?)", (row["id"], key, _text(row)))
        bare.execute("UPDATE acts SET state=?, doc=? WHERE id=?", (issued["state"], _text(issued), key))
        bare.execute("INSERT INTO events (act_id, doc) VALUES (?,?)", (key, _text(event)))
        bare.execute("COMMIT")
        ended = time.perf_counter()
        return ended - began, ended - start

    link = {"at": "", "rows": [["collection", "key" * 6, "0" * 64]] * 4, "hash": "0" * 64, "salts": "0" * 64}
    append = _appending(log, _bytes_of({"id": "消限/2026", "last": 1}, *_issued(first, 1), link))

    def append_and_sync() -> tuple[float, float]:
        began = time.perf_counter()
        append()
        disk.turn()
        took = time.perf_counter() - began
        return took, took

    return {FLOOR: append_and_sync, BARE: issue_bare, OURS: issue}


def _part(task: Callable[[], tuple[float, float]]) -> Task:
    return lambda: task()[0]


def _whole(task: Callable[[], tuple[float, float]]) -> Task:
    return lambda: task()[1]


def _text(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)


def _issued(record: dict[str, Any], n: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The act as issued, its row of the register, its event."""
    number = f"绥北（东）消限字〔2027〕第{n:04d}号"
    files = {"number": number, "word": "a" * 64, "pdf": "b" * 64}
    issued = {**record, **files, "state": "issued", "n": n, "search": f"{number} {record['search']}"}
    row = {
        "id": f"消限/2027/{n:06d}", "series": "消限", "year": 2027, "n": n, "text": number, "state": "issued",
        "act_id": record["id"], "title": "责令限期改正通知书", "party": "某某副食商店", "dated": record["dated"],
        "at": "2027-01-04T09:00:00", "by": "李明远", "reason": "",
    }  # fmt: skip
    event = {
        "act_id": record["id"], "kind": "Issued", "at": "2027-01-04T09:00:00", "by": "approver", "by_name": "李明远",
        "note": "", "via": "web", "detail": files,
    }  # fmt: skip
    return issued, row, event


def _changes(store: TinyStore, log: int, keys: list[str], chance: random.Random) -> dict[str, Task]:
    def change() -> None:
        key = chance.choice(keys)
        with store.write() as tx:
            record = tx.acts.get(key) or {}
            tx.acts.replace(key, {**record, "saved_at": str(chance.random())})

    return {FLOOR: _appending(log, _bytes_of(act(1, chance))), OURS: change}


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
    """Rounds in turn; stock TinyDB, hundreds of times slower, takes part in the first few only."""
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
