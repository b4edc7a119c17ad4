"""What the store on disk promises beyond the contract: safe settings, indexes, threads, tidy closing."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from formsvc.storage.tinydb_store import TinyStore
from tests.support.store_processes import allot

SERIES = "消限/2026"


def test_each_commit_is_synced_to_the_disk(tmp_path: Path, tiny: TinyStore) -> None:
    with tiny._file.read() as session:
        asked = ("journal_mode", "synchronous", "locking_mode")
        assert [session.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in asked] == [
            "wal",
            2,
            "normal",
        ]


def test_threads_take_each_number_once(tiny: TinyStore) -> None:
    taken: list[int] = []

    def write() -> None:
        for _ in range(20):
            with tiny.write() as tx:
                number = allot(tx, SERIES, "thread")
            taken.append(number)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 161))


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files the Linux way")
def test_connections_are_closed_with_their_threads(tiny: TinyStore) -> None:
    def read() -> None:
        with tiny.read() as tx:
            tx.acts.count()

    read()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(30):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert len(os.listdir("/proc/self/fd")) <= before + 3


def test_a_closed_store_leaves_one_whole_file_and_is_not_used_again(tmp_path: Path) -> None:
    store = TinyStore(tmp_path / "store.db")
    with store.write() as tx:
        allot(tx, SERIES, "w")
    store.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "store.db",
        "store.db.anchor",
        "store.db.created",
    ]
    with pytest.raises(RuntimeError), store.read():
        pass


def test_an_autosave_writes_a_few_pages_only(tmp_path: Path, tiny: TinyStore) -> None:
    log = tmp_path / "store.db-wal"
    with tiny.write() as tx:
        for n in range(300):
            tx.acts.insert(
                f"A{n}", {"form": "T22", "state": "draft", "created_at": str(n), "text": "责令改正" * 400}
            )
    before = log.stat().st_size
    with tiny.write() as tx:
        found = tx.acts.get("A7")
        tx.acts.replace("A7", {**(found or {}), "text": "改期改正" * 400})
    assert log.stat().st_size - before <= 6 * 4200
