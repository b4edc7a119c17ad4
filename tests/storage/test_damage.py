"""A file that is missing, cut, altered, foreign or newer: a clear sentence, and no further damage."""

from __future__ import annotations

import os
import random
import re
import sqlite3
import sys
import threading
from pathlib import Path

import pytest

from formsvc.errors import FormsvcError
from formsvc.storage.audit.anchor import anchor_path
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.schema import store_files
from formsvc.storage.tinydb_sqlite import connections, file_format
from formsvc.storage.tinydb_sqlite.bigram_index import register_functions
from formsvc.storage.tinydb_sqlite.connections import network_share
from formsvc.storage.tinydb_sqlite.file_format import marker_of
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.maintenance.integrity import check_integrity
from formsvc.usecases.ports import Condition
from tests.support.store_processes import allot

SERIES = "消限/2026"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed store with twenty issued numbers."""
    store = TinyStore(tmp_path / "store.db")
    with store.write() as tx:
        for _ in range(20):
            allot(tx, SERIES, "staff")
    store.close()
    return tmp_path / "store.db"


def assert_refused_untouched(path: Path, told: str) -> None:
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(FormsvcError, match=told) as refused:
        opened = TinyStore(path)
        with opened.write() as tx:
            allot(tx, SERIES, "staff")
    assert refused.value.remedy
    assert (path.read_bytes() if path.exists() else None) == before


def alter(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert content.count(old) >= 1 and len(old) == len(new)
    path.write_bytes(content.replace(old, new, 1))


def test_a_letter_changed_on_the_disk_is_noticed_named_and_nothing_more_is_written(path: Path) -> None:
    alter(path, "责令改正".encode(), "责令改邪".encode())
    store = TinyStore(path)
    assert (
        [(found.part, "表“acts”第" in str(found)) for found in store.verify()]
        == [("store", True)] * len(store.verify())
        != []
    )
    with pytest.raises(FormsvcError, match="“acts”第 .* 条记录.*已损坏"), store.read() as tx:
        tx.acts.find()
    with pytest.raises(FormsvcError, match="停止写入"), store.write() as tx:
        allot(tx, SERIES, "staff")
    store.close()


def test_an_index_column_that_differs_from_its_record_is_named(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE t_acts SET f_state='issued' WHERE id=3")
    connection.close()
    store = TinyStore(path)
    assert [str(found) for found in store.verify()] == ["表“acts”第 3 条记录的索引列与内容不符。"]
    store.close()


def told_of(path: Path) -> list[str]:
    """What verify, or opening the file at all, says of it."""
    try:
        store = TinyStore(path, inspect_only=True)
    except FormsvcError as refused:
        return [str(refused)]
    try:
        return [str(found) for found in store.verify() if found.level == "error"]
    finally:
        store.close()


def test_a_bit_flipped_in_any_written_text_is_found(path: Path) -> None:
    """Record, index, chain, or the words that make a table: wherever eight bytes of text stand together."""
    with sqlite3.connect(path) as connection:
        register_functions(connection)
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA secure_delete=ON")  # as the store: no copies that belong to nothing
        connection.execute("VACUUM")
    connection.close()
    whole = path.read_bytes()
    texts = [part.span() for part in re.finditer(rb"[\x20-\x7e\x80-\xf4]{8,}", whole[100:])]
    places = [100 + place for start, end in texts for place in range(start + 3, end - 3)]
    chance = random.Random(7)
    missed = []
    for place in chance.sample(places, 150):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        if not told_of(path):
            missed.append((place, whole[place - 8 : place + 8]))
    assert missed == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ("DROP TRIGGER t_events__kept", "缺少“t_events__kept”"),
        ("DROP INDEX c_t_acts__number", "缺少“c_t_acts__number”"),
        ("CREATE TRIGGER mine AFTER INSERT ON t_numbers BEGIN SELECT 1; END", "多了“mine”"),
        ("ALTER TABLE t_events ADD COLUMN more", "“t_events”（表、索引或触发器）的定义被改动"),
        ("DELETE FROM sqlite_sequence WHERE name='t_counters'", "“t_counters”用过的编号"),
        ("UPDATE sqlite_sequence SET seq=3 WHERE name='t_acts'", "“t_acts”用过的编号"),
        ("INSERT INTO sqlite_sequence VALUES ('t_others', 3)", "“t_others”用过的编号"),
        ("DELETE FROM meta WHERE name='layout'", "清单缺少"),
        ("UPDATE meta SET value='{' WHERE name='layout'", "清单缺少或已损坏"),
    ],
)
def test_tables_indexes_and_triggers_changed_by_another_program_are_told(
    path: Path, changed: str, told: str
) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(changed)
    connection.close()
    assert any(told in sentence for sentence in told_of(path))


def altered_layout(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as connection:
        register_functions(connection)
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_a_table_lost_is_not_begun_anew_as_if_nothing_had_stood_there(path: Path) -> None:
    altered_layout(path, "DROP TRIGGER t_numbers__stays", "DROP TABLE t_numbers")
    assert_refused_untouched(path, "已损坏")


def test_a_table_lost_while_the_program_runs_is_not_begun_anew(path: Path) -> None:
    store = TinyStore(path)
    altered_layout(path, "DROP TRIGGER t_numbers__stays", "DROP TABLE t_numbers")
    with pytest.raises(FormsvcError, match="已损坏"), store.write() as tx:
        allot(tx, SERIES, "staff")
    assert any("缺少“t_numbers”" in str(found) for found in store.verify())
    store.close()


def test_making_the_lists_anew_does_not_hide_what_else_was_changed(path: Path) -> None:
    altered_layout(path, "DROP TRIGGER t_events__kept", "DROP INDEX c_t_acts__number")
    store = TinyStore(path)
    store.reindex()
    assert [str(found) for found in store.verify() if found.level == "error"] == [
        "数据文件里缺少“t_events__kept”（表、索引或触发器）。"
    ]
    store.close()


def test_a_column_that_has_lost_its_name_is_told_as_damage(path: Path) -> None:
    altered_layout(path, "ALTER TABLE t_settings RENAME COLUMN f_id TO f_ie")
    store = TinyStore(path)
    with pytest.raises(FormsvcError, match="已损坏"), store.write() as tx:
        tx.settings.get("office")
    store.close()


def test_a_list_that_meets_a_damaged_record_says_so(path: Path) -> None:
    alter(path, b'{"form":"T22"', b'{"form"."T22"')
    store = TinyStore(path)
    with pytest.raises(FormsvcError, match="已损坏"), store.read() as tx:
        tx.acts.count(Condition("remark", "!=", "x"))
    store.close()


@pytest.mark.parametrize(("old", "new"), [(b'"rows":[[', b'"rows";[['), (b'"at":"2', b'"at":"\xff')])
def test_a_damaged_last_link_is_among_what_is_found(
    path: Path, tmp_path: Path, old: bytes, new: bytes
) -> None:
    with sqlite3.connect(path) as connection:
        (body,) = connection.execute("SELECT body FROM chain ORDER BY seq DESC").fetchone()
    connection.close()
    begin = body.encode()[:120]
    alter(path, begin, begin.replace(old, new))
    store = TinyStore(path, inspect_only=True)
    found = check_integrity(store, FolderFiles(tmp_path / "files"))
    assert any(each.part in ("chain", "store") for each in found.findings)
    store.close()


def test_a_damaged_index_of_keys_does_not_keep_verify_going_round(path: Path, tmp_path: Path) -> None:
    altered_layout(path, "UPDATE t_acts SET f_id='zz' WHERE id=3")
    store = TinyStore(path, inspect_only=True)
    found = check_integrity(store, FolderFiles(tmp_path / "files"))
    assert any("索引" in str(each) for each in found.findings)
    store.close()


def test_a_damaged_search_index_is_told_with_its_cure_and_stops_nothing_else(path: Path) -> None:
    part = Condition("search", "contains", "顺达")
    store = TinyStore(path)
    with store.write() as tx:
        for n in range(70):  # more than wait to be learnt
            tx.acts.insert(f"act-{n}", {"form": "T22", "search": f"北林区顺达汽车修理厂 {n}"})
    altered_layout(path, "UPDATE g_t_acts__search_data SET block=substr(block, 1, 20) WHERE id>10")
    with pytest.raises(FormsvcError, match="查找用的索引已损坏") as told, store.read() as tx:
        tx.acts.find(part)
    assert "formsvc reindex" in told.value.remedy
    with store.write() as tx:
        allot(tx, SERIES, "staff")
    store.reindex()
    with store.read() as tx:
        assert len(tx.acts.find(part)) == 70
    assert store.verify() == []
    store.close()


def test_a_text_that_is_none_any_more_is_told_and_nothing_more_is_written(path: Path) -> None:
    alter(path, "责令改正".encode(), b"\xff" + "责令改正".encode()[1:])
    assert told_of(path)
    store = TinyStore(path)
    with pytest.raises(FormsvcError, match="已损坏"), store.read() as tx:
        tx.acts.find()
    with pytest.raises(FormsvcError, match="停止写入"), store.write() as tx:
        allot(tx, SERIES, "staff")
    store.close()


def test_an_unharmed_store_has_no_faults(path: Path) -> None:
    store = TinyStore(path)
    assert store.verify() == []
    store.close()


def test_a_cut_file_is_told(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)
    before = path.read_bytes()
    with pytest.raises(FormsvcError, match="损坏"):
        store = TinyStore(path)
        with store.read() as tx:
            for collection in (tx.acts, tx.events, tx.numbers, tx.counters, tx.settings):
                collection.find()
                collection.count()
    assert path.read_bytes() == before


def test_a_file_of_something_else_is_left_alone(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)
    assert_refused_untouched(path, "已损坏")


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE t_acts (x)")
    connection.close()
    assert_refused_untouched(tmp_path / "other.db", "别的程序")


def test_a_newer_store_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    assert_refused_untouched(path, "较新版本")


@pytest.mark.parametrize("how", ["missing", "emptied"])
def test_a_store_that_vanished_is_not_begun_anew(path: Path, how: str) -> None:
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(b"")
    assert_refused_untouched(path, "不见了")
    marker_of(path).unlink()
    anchor_path(path).unlink()
    TinyStore(path).close()


def test_a_store_removed_with_all_its_files_is_begun_anew(path: Path) -> None:
    for part in store_files(path):
        part.unlink(missing_ok=True)
    store = TinyStore(path)
    with store.read() as tx:
        assert tx.acts.count() == 0
    store.close()


@pytest.mark.skipif(os.name != "posix", reason="Windows lets nobody rename a file that is open")
def test_a_store_taken_away_while_in_use_is_noticed(path: Path) -> None:
    store = TinyStore(path)
    path.rename(path.with_name("elsewhere.db"))
    with pytest.raises(FormsvcError, match="不见了"), store.write():
        pass
    path.write_bytes(path.with_name("elsewhere.db").read_bytes())
    with pytest.raises(FormsvcError, match="被替换"), store.read():
        pass
    store.close()


def test_a_store_that_another_program_makes_just_now_is_not_taken_for_a_lost_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def asked(path: Path) -> Path:
        if not made:
            made.append(path)
            TinyStore(path).close()
        return marker_of(path)

    monkeypatch.setattr(file_format, "marker_of", asked)
    TinyStore(tmp_path / "store.db").close()
    assert made == [tmp_path / "store.db"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows is asked for the kind of a drive")
def test_a_network_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 0:21 / / rw - ext4 /dev/vda rw\n"
        f"40 22 0:50 / {tmp_path}/town\\040share rw,relatime shared:1 - cifs //server/share rw\n"
        f"41 40 0:51 / {tmp_path}/town\\040share/local rw - ext4 /dev/vdb rw\n",
        encoding="utf-8",
    )
    assert network_share(tmp_path / "town share" / "instance", mounts) == "cifs"
    assert network_share(tmp_path / "town share" / "local" / "x", mounts) == ""
    assert network_share(tmp_path, mounts) == ""
    monkeypatch.setattr(connections, "network_share", lambda path: "cifs")
    with pytest.raises(FormsvcError, match="网络共享"):
        TinyStore(tmp_path / "store.db")
    assert not (tmp_path / "store.db").exists()


def test_a_backup_taken_during_writes_is_a_moment_of_the_history(path: Path, tmp_path: Path) -> None:
    store = TinyStore(path)
    stop = threading.Event()

    def write_on() -> None:
        while not stop.is_set():
            with store.write() as tx:
                allot(tx, SERIES, "writer")

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        for n in range(3):
            store.backup(tmp_path / "copies" / f"{n}.db") if n else (tmp_path / "copies").mkdir()
    finally:
        stop.set()
        writer.join()
    copy = TinyStore(tmp_path / "copies" / "2.db")
    assert copy.verify() == []
    with copy.read() as tx, store.read() as now:
        last = tx.counters.get(SERIES)
        assert last and last["last"] == tx.acts.count() == tx.events.count() == tx.numbers.count() >= 20
        events = tx.events.find()
        assert events == now.events.find(limit=len(events))
    copy.close()
    store.close()


def test_a_backup_never_overwrites_half_way(path: Path, tmp_path: Path) -> None:
    store = TinyStore(path)
    with pytest.raises(FormsvcError):
        store.backup(tmp_path / "nowhere" / "copy.db")
    assert not list(tmp_path.glob("**/*.part"))
    store.close()
