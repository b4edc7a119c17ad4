"""Several programs at once, programs that are killed or stopped, and forks."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from formsvc.errors import Busy, FormsvcError
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.ports import Condition
from tests.support.store_processes import allot, start

SERIES = ("消限/2026", "消通/2026")
posix_only = pytest.mark.skipif(os.name != "posix", reason="signals and forks of POSIX")


def assert_numbers_are_sound(store: TinyStore) -> dict[str, int]:
    """Each series runs from 1 to its counter; number, act and event are there together. Answers the counters."""
    last = {}
    with store.read() as tx:
        for series in SERIES:
            rows = tx.numbers.find(Condition("series", "==", series), order="n")
            counter = tx.counters.get(series)
            assert [row["n"] for row in rows] == list(range(1, len(rows) + 1))
            assert (counter["last"] if counter else 0) == len(rows)
            assert all(tx.acts.get(row["act_id"]) for row in rows)
            last[series] = len(rows)
        events = tx.events.find(order="id")
        assert [event["id"] for event in events] == [f"{n:012d}" for n in range(1, len(events) + 1)]
        assert (
            len(events) == len({event["act_id"] for event in events}) == sum(last.values()) == tx.acts.count()
        )
    return last


def test_four_programs_take_each_number_once_and_leave_none_out(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    writers = [start("allot_many", path, f"w{n}", 100) for n in range(4)]
    acknowledged: list[str] = []
    for writer in writers:
        out, err = writer.communicate(timeout=60)
        assert writer.returncode == 0, err
        acknowledged += out.split()
    store = TinyStore(path)
    last = assert_numbers_are_sound(store)
    assert len(acknowledged) == len(set(acknowledged)) == sum(last.values()) == 4 * 86
    store.close()


@posix_only
def test_nothing_acknowledged_is_lost_when_writers_are_killed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    moments = random.Random(7)
    acknowledged: list[int] = []
    deadline = time.monotonic() + 15
    for _ in range(4):
        writers = [start("allot_until_killed", path, f"w{n}") for n in range(4)]
        for writer in writers:
            assert writer.stdout
            acknowledged.append(int(writer.stdout.readline()))
        for writer in writers:
            time.sleep(moments.uniform(0, 0.05))
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            # communicate() would begin after what readline() has read ahead, in the middle of a line
            assert writer.stdout
            acknowledged += [int(line) for line in writer.stdout.read().splitlines()]
            writer.communicate()
        store = TinyStore(path)
        assert assert_numbers_are_sound(store)["消限/2026"] >= max(acknowledged)
        store.close()
        if time.monotonic() > deadline:
            break
    assert len(acknowledged) == len(set(acknowledged)) > 20


@posix_only
def test_a_stopped_writer_makes_others_busy_in_time_and_its_half_work_vanishes(tmp_path: Path) -> None:
    holder = start("hold_lock", tmp_path / "store.db")
    assert holder.stdout and holder.stdout.readline() == "holding\n"
    store = TinyStore(tmp_path / "store.db", lock_timeout=0.4)
    began = time.monotonic()
    with pytest.raises(Busy, match="没有保存任何改动"), store.write():
        pass
    assert 0.3 < time.monotonic() - began < 2
    with store.read() as tx:
        assert tx.acts.count() == 0
    holder.kill()
    holder.wait()
    with store.write() as tx:
        assert allot(tx, SERIES[0], "next") == 1
    store.close()


@posix_only
def test_after_one_has_waited_in_vain_the_next_are_told_at_once_until_the_lock_is_free(
    tmp_path: Path,
) -> None:
    holder = start("hold_lock", tmp_path / "store.db")
    assert holder.stdout and holder.stdout.readline() == "holding\n"
    store = TinyStore(tmp_path / "store.db", lock_timeout=2)
    took = []
    for _ in range(3):
        began = time.monotonic()
        with pytest.raises(Busy), store.write():
            pass
        took.append(time.monotonic() - began)
    assert took[0] > 1.9 and max(took[1:]) < 1
    holder.kill()
    holder.wait()
    with store.write() as tx:
        assert allot(tx, SERIES[0], "next") == 1
    holding = threading.Event()

    def hold() -> None:
        other = TinyStore(tmp_path / "store.db")
        with other.write():
            holding.set()
            time.sleep(0.8)
        other.close()

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait()
    with store.write() as tx:
        assert allot(tx, SERIES[0], "patient") == 2
    thread.join()
    store.close()


def in_child(task: Callable[[], None]) -> str:
    """Run in a forked child; answers what it raised."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            task()
            said = "well"
        except BaseException as error:  # noqa: BLE001 — nothing may leave the child
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        said = answer.read().decode()
    os.waitpid(child, 0)
    return said


@posix_only
def test_parent_and_forked_children_all_write(tiny: TinyStore) -> None:
    def write() -> None:
        with tiny.write() as tx:
            allot(tx, SERIES[0], str(os.getpid()))

    for _ in range(5):
        write()
        assert in_child(write) == "well"
    write()
    assert assert_numbers_are_sound(tiny)[SERIES[0]] == 11


@posix_only
def test_what_a_child_wrote_stays_when_its_parent_closes_the_store(tmp_path: Path) -> None:
    """The parent's last close would remove the log under a child that only believes to hold a lock."""
    store = TinyStore(tmp_path / "store.db")
    with store.read():
        pass
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        with store.read():
            os.write(ready[1], b"x")
            os.read(go[0], 1)
        with store.write() as tx:
            allot(tx, SERIES[0], "child")
        os._exit(0)
    os.read(ready[0], 1)
    with store.write() as tx:
        allot(tx, SERIES[1], "parent")
    store.close()
    os.write(go[1], b"x")
    assert os.waitpid(child, 0)[1] == 0
    again = TinyStore(tmp_path / "store.db")
    assert assert_numbers_are_sound(again) == {SERIES[0]: 1, SERIES[1]: 1}
    again.close()


@posix_only
def test_a_child_forked_in_the_middle_of_a_transaction_is_told_to_start_anew(tiny: TinyStore) -> None:
    def go_on() -> None:
        with tiny.read():
            pass

    with tiny.write() as tx:
        allot(tx, SERIES[0], "parent")
        said = in_child(go_on)
        assert said.startswith("FormsvcError") and "重新启动" in said
        allot(tx, SERIES[0], "parent")
    assert assert_numbers_are_sound(tiny)[SERIES[0]] == 2


@posix_only
def test_a_block_does_not_commit_in_the_child_of_a_fork(tiny: TinyStore) -> None:
    def leave_block() -> None:
        with tiny.write() as tx:
            allot(tx, SERIES[0], "parent")
            if os.fork() == 0:
                return
            os.wait()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        parent = os.getpid()
        try:
            leave_block()
        except RuntimeError:
            os._exit(0 if os.getpid() != parent else 1)
    with tiny.read() as tx:
        assert tx.acts.count() == 0


def test_many_programs_may_make_the_store_at_once(tmp_path: Path) -> None:
    makers = [start("rare_characters", tmp_path / f"{n}" / "store.db") for n in (1, 1, 1, 2)]
    results = [maker.communicate(timeout=60) + (maker.returncode,) for maker in makers]
    assert sorted(code for *_, code in results) in ([0, 0, 1, 1], [0, 0, 0, 0]), results
    assert all("Conflict" in err for _, err, code in results if code)


@pytest.mark.parametrize("locale", ["C", "zh_CN.GBK", "en_US.ISO-8859-1"])
def test_the_encoding_of_the_machine_does_not_matter(tmp_path: Path, locale: str) -> None:
    writer = start(
        "rare_characters", tmp_path / "store.db", LC_ALL=locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    out, err = writer.communicate(timeout=60)
    assert out.strip() == ascii({"party": "绥北㐂𠮷😀é", "id": "㐂𠮷😀"}), err


@posix_only
def test_a_full_disk_is_told_and_leaves_what_was_saved(tmp_path: Path) -> None:
    writer = start("write_under_limit", tmp_path / "store.db", 2_000_000)
    out, err = writer.communicate(timeout=60)
    assert writer.returncode == 0, err
    *numbers, said = out.splitlines()
    assert said.startswith("FormsvcError") and "没有保存" in said
    store = TinyStore(tmp_path / "store.db")
    assert assert_numbers_are_sound(store)[SERIES[0]] == len(numbers) > 5
    with store.write() as tx:
        assert allot(tx, SERIES[0], "after") == len(numbers) + 1
    store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A disk of one megabyte, where the tests may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting needs root on Linux")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting is not permitted")
    return place


def test_a_disk_without_space_is_told_and_leaves_what_was_saved(small_disk: Path) -> None:
    try:
        store = TinyStore(small_disk / "store.db")
        saved = 0
        with pytest.raises(FormsvcError, match="磁盘"):
            while True:
                with store.write() as tx:
                    saved = allot(tx, SERIES[0], "w")
        saved = assert_numbers_are_sound(store)[SERIES[0]]
        assert saved > 5
        store.close()
        again = TinyStore(small_disk / "store.db")
        assert assert_numbers_are_sound(again)[SERIES[0]] == saved
        again.close()
    finally:
        subprocess.run(["umount", small_disk], check=True)


def test_a_disk_that_may_only_be_read_is_told(small_disk: Path) -> None:
    try:
        store = TinyStore(small_disk / "store.db")
        with store.write() as tx:
            allot(tx, SERIES[0], "w")
        store.close()
        subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
        with pytest.raises(FormsvcError) as told:
            opened = TinyStore(small_disk / "store.db")
            with opened.write() as tx:
                allot(tx, SERIES[0], "w")
        assert "store.db" in told.value.message and told.value.remedy
    finally:
        subprocess.run(["umount", small_disk], check=True)
