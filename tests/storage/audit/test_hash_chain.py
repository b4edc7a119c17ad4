"""The chain proves the history: nothing is changed, taken out, put in or rolled back without being named."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formsvc.errors import FormsvcError
from formsvc.storage.audit.anchor import AnchorMismatch, anchor_path, read_anchor
from formsvc.storage.audit.hash_chain import NO_SALT, SALT_BYTES, Link, canonical_json
from formsvc.storage.tinydb_sqlite import bigram_index
from formsvc.storage.tinydb_sqlite.rows import row_hash
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.ports import ChainHead, Store
from tests.support.memory_store import MemoryStore
from tests.support.store_processes import allot, start

SERIES = "消限/2026"
Stores = MemoryStore | TinyStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed store with twenty issued numbers, each in a commit of its own."""
    store = TinyStore(tmp_path / "store.db")
    issue(store, 20)
    store.close()
    return tmp_path / "store.db"


def issue(store: Store, count: int) -> None:
    for _ in range(count):
        with store.write() as tx:
            allot(tx, SERIES, "staff")


def told(path: Path, known: ChainHead | None = None) -> list[str]:
    """What verifying says, with the place it says it of."""
    store = TinyStore(path, inspect_only=True)
    found = [f"{finding.part}: {finding}" for finding in store.verify(known)]
    store.close()
    return found


def raw(path: Path) -> sqlite3.Connection:
    """What somebody does who knows SQLite and our layout well."""
    connection = sqlite3.connect(path, isolation_level=None)
    bigram_index.register_functions(connection)
    return connection


def rewrite(path: Path, table: str, key: str, old: str, new: str) -> None:
    """Change a record so that its row's own hash fits again."""
    with closing(raw(path)) as connection:
        (text,) = connection.execute(f"SELECT doc FROM {table} WHERE f_id=?", (key,)).fetchone()
        assert old in text
        text = text.replace(old, new, 1)
        connection.execute(
            f"UPDATE {table} SET doc=?, hash=? WHERE f_id=?", (text, row_hash(text.encode()), key)
        )


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
))  # fmt: skip
def test_there_is_one_way_to_write_a_record_whatever_library_writes_it(value: Any) -> None:
    """Digests of years ago must fit: this is the text that Python's own json gives."""
    assert canonical_json(value).decode() == json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def test_every_commit_moves_the_head_and_the_chain_holds(store: Stores) -> None:
    assert store.head() == ChainHead(0, "0" * 64, "")
    heads = set()
    for _ in range(5):
        issue(store, 1)
        heads.add(store.head())
    assert len(heads) == 5 and store.head().count == 5
    assert store.verify() == []


def test_what_was_undone_leaves_no_link(store: Stores) -> None:
    issue(store, 1)
    before = store.head()
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        allot(tx, SERIES, "staff")
        raise ZeroDivisionError
    with store.read() as tx:
        tx.acts.find()
    assert store.head() == before and store.verify() == []


def test_drafts_change_without_links_until_they_are_handed_in(store: Stores) -> None:
    def save(state: str, text: str) -> None:
        with store.write() as tx:
            (tx.acts.replace if tx.acts.get("A1") else tx.acts.insert)("A1", {"state": state, "text": text})

    save("draft", "一")
    save("draft", "二")
    assert store.head().count == 0
    save("submitted", "三")
    save("draft", "四")
    assert store.head().count == 2
    save("draft", "五")
    assert store.head().count == 2 and store.verify() == []
    with store.write() as tx:
        tx.acts.remove("A1")
    assert store.verify() == []


def test_a_record_changed_by_its_holder_later_does_not_break_the_chain(store: Stores) -> None:
    record = {"state": "issued", "answers": {"party": "甲"}}
    with store.write() as tx:
        tx.acts.insert("A1", record)
        record["answers"]["party"] = "乙"  # type: ignore[index]
    assert store.verify() == []


def test_many_records_in_one_commit_make_several_links(store: Stores) -> None:
    with store.write() as tx:
        for n in range(600):
            tx.numbers.insert(f"{SERIES}/{n}", {"n": n})
    assert store.head().count == 3 and store.verify() == []


def test_a_head_that_was_printed_is_found_in_the_chain_or_missed(store: Stores) -> None:
    issue(store, 3)
    printed = store.head()
    issue(store, 2)
    assert store.verify(printed) == []
    (wrong,) = store.verify(ChainHead(2, printed.hash, ""))
    assert "第 2 笔与所给的锚不符" in str(wrong)
    (wrong,) = store.verify(ChainHead(9, printed.hash, ""))
    assert "没有到所给的锚（第 9 笔）" in str(wrong)


@pytest.mark.parametrize(
    ("table", "key", "old", "new", "named"),
    [
        ("t_acts", f"{SERIES}-7", "责令改正", "责令改邪", "acts“消限/2026-7”与保存时不符"),
        ("t_numbers", f"{SERIES}/7", '"act_id":"消限/2026-7"', '"act_id":"消限/2026-8"', "numbers“消限/2026/7”与"),
        ("t_counters", SERIES, "20", "19", "counters“消限/2026”与保存时不符"),
        ("t_acts", f"{SERIES}-7", '"form":"T22"', '"form":"T22","state":"draft"', "却被改成草稿"),
    ],
)  # fmt: skip
def test_a_record_rewritten_with_a_fitting_hash_is_named(
    path: Path, table: str, key: str, old: str, new: str, named: str
) -> None:
    rewrite(path, table, key, old, new)
    assert any(named in each for each in told(path)), told(path)


def test_a_bit_flipped_in_a_salt_is_told_also_where_the_record_was_written_again(path: Path) -> None:
    """The counter is written in each commit; what the third said of it has long been superseded."""
    with closing(raw(path)) as connection:
        body, salts = connection.execute("SELECT body, salts FROM chain WHERE seq=3").fetchone()
        place = [collection for collection, _key, _digest in json.loads(body)["rows"]].index("counters")
        flipped = bytearray(salts)
        flipped[place * SALT_BYTES + 5] ^= 4
        connection.execute("UPDATE chain SET salts=? WHERE seq=3", (bytes(flipped),))
    assert told(path) == ["chain: 历史链第 3 笔的盐值被改动或损坏。"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE t_events SET doc='{}' WHERE id=3",
        "DELETE FROM t_events WHERE id=3",
        "DELETE FROM t_numbers WHERE id=3",
        "UPDATE chain SET body='{}' WHERE seq=3",
        "DELETE FROM chain WHERE seq=20",
    ],
)
def test_what_is_kept_for_ever_is_refused_to_change(path: Path, statement: str) -> None:
    with closing(raw(path)) as connection, pytest.raises(sqlite3.IntegrityError, match="kept for ever"):
        connection.execute(statement)
    assert told(path) == []


def without_triggers(path: Path, *statements: str) -> None:
    with closing(raw(path)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger' AND name NOT GLOB 'c_*'"
        )
        for (name,) in names.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DELETE FROM t_events WHERE id=3", "chain: events“000000000003”不见了"),
        ("DELETE FROM t_numbers WHERE id=3", "chain: numbers“消限/2026/3”不见了"),
        ("DELETE FROM t_acts WHERE id=3", "chain: acts“消限/2026-3”不见了"),
        ("DELETE FROM chain WHERE seq=3", "chain: 历史链缺少第 3 至 3 笔"),
        ("UPDATE chain SET body=replace(body,'acts','apts') WHERE seq=3", "chain: 历史链第 3 笔与前后不符"),
        ("DELETE FROM chain WHERE seq=20", "anchor: 数据比锚文件"),
    ],
)
def test_what_was_taken_out_behind_our_back_is_named(path: Path, statement: str, named: str) -> None:
    without_triggers(path, statement)
    assert any(each.startswith(named) for each in told(path)), told(path)


def test_a_record_put_in_behind_our_back_is_named(path: Path) -> None:
    with closing(raw(path)) as connection:
        text = '{"id":"X","form":"T22","state":"issued"}'
        connection.execute(
            "INSERT INTO t_acts (f_id, f_form, f_state, hash, doc) VALUES ('X','T22','issued',?,?)",
            (row_hash(text.encode()), text),
        )
    assert told(path) == ["chain: acts有 21 条记录，历史链里有 20 条：有记录不是本系统写入的。"]


def test_an_older_copy_of_the_store_is_refused_at_open(path: Path) -> None:
    shutil.copy(path, path.with_name("older.db"))
    store = TinyStore(path)
    issue(store, 2)
    store.close()
    shutil.copy(path.with_name("older.db"), path)
    with pytest.raises(AnchorMismatch, match="锚记到第 22 笔.*数据只有 20 笔") as refused:
        TinyStore(path)
    assert "store.db.anchor" in refused.value.remedy
    assert any("数据比锚文件" in each for each in told(path))


def test_an_older_copy_that_went_on_elsewhere_is_refused_too(path: Path) -> None:
    (path.parent / "elsewhere").mkdir()
    other = path.parent / "elsewhere" / "store.db"
    shutil.copy(path, other)
    store = TinyStore(path)
    issue(store, 2)
    store.close()
    store = TinyStore(other)
    issue(store, 5)
    store.close()
    shutil.copy(other, path)
    with pytest.raises(AnchorMismatch, match="第 22 笔.*不是当时保存的那一笔"):
        TinyStore(path)


def test_going_back_to_an_older_copy_on_purpose_is_remembered(path: Path) -> None:
    anchor_path(path).unlink()
    store = TinyStore(path)
    issue(store, 1)
    store.close()
    assert read_anchor(anchor_path(path)) == head_of(path)
    assert [each for each in told(path) if "锚文件不在，是重新建立的" in each] == told(path) != []


def head_of(path: Path) -> ChainHead:
    store = TinyStore(path, inspect_only=True)
    head = store.head()
    store.close()
    return head


def test_an_anchor_left_behind_by_a_crash_is_brought_forward(path: Path) -> None:
    behind = anchor_path(path).read_bytes()
    store = TinyStore(path)
    issue(store, 3)
    store.close()
    anchor_path(path).write_bytes(behind)
    TinyStore(path).close()
    assert read_anchor(anchor_path(path)) == head_of(path)
    assert told(path) == []


def test_a_damaged_anchor_is_told(path: Path) -> None:
    content = anchor_path(path).read_bytes()
    anchor_path(path).write_bytes(content.replace(b'"count":20', b'"count":21'))
    with pytest.raises(AnchorMismatch, match="已损坏"):
        TinyStore(path)
    assert any("锚文件" in each and "已损坏" in each for each in told(path))


def test_the_anchor_may_lie_elsewhere(path: Path, tmp_path: Path) -> None:
    place = tmp_path / "usb" / "anchor"
    place.parent.mkdir()
    store = TinyStore(path, anchor=place)
    issue(store, 1)
    store.close()
    assert read_anchor(place) == head_of(path)


def test_an_anchor_that_cannot_be_written_does_not_stop_work_but_is_told(path: Path, tmp_path: Path) -> None:
    store = TinyStore(path, anchor=tmp_path / "nowhere" / "anchor")
    issue(store, 1)
    store._anchor.flush()
    assert "anchor" in store.health()
    store.close()


def test_programs_that_die_leave_a_store_that_opens_and_verifies(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    TinyStore(path).close()
    for _ in range(3):
        writers = [start("allot_until_killed", path, who) for who in "ab"]
        for writer in writers:
            assert writer.stdout and writer.stdout.readline()
        for writer in writers:
            writer.kill()
            writer.communicate()
        TinyStore(path).close()
    assert told(path) == []


def test_a_program_that_ends_leaves_its_anchor(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    program = start("allot_many", path, "one", 3)
    assert program.communicate(timeout=60)[1] == ""
    assert read_anchor(anchor_path(path)) == head_of(path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are there on POSIX only")
def test_a_child_writes_anchors_of_its_own(tmp_path: Path) -> None:
    code = (
        "import os; from pathlib import Path\n"
        "from formsvc.storage.tinydb_store import TinyStore; from tests.support.store_processes import allot\n"
        f"store = TinyStore(Path({str(tmp_path / 'store.db')!r}))\n"
        "def one():\n"
        "    with store.write() as tx: allot(tx, 's', 'x')\n"
        "one(); child = os.fork(); one(); one()\n"
        "if not child: store.close(); os._exit(0)\n"
        "os.waitpid(child, 0); one(); store.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert head_of(tmp_path / "store.db").count == 6
    assert read_anchor(anchor_path(tmp_path / "store.db")) == head_of(tmp_path / "store.db")


def damaged_somewhere(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]


def test_a_flipped_bit_in_the_log_that_drops_commits_is_refused_at_open(tmp_path: Path) -> None:
    """SQLite itself takes a log with a flipped bit for one that ends there, and says that all is well."""
    path = tmp_path / "live" / "store.db"
    store = TinyStore(path)
    issue(store, 5)
    store._anchor.flush()
    copied = tmp_path / "copied"
    copied.mkdir()
    for part in path.parent.iterdir():
        shutil.copy(part, copied / part.name)
    store.close()
    log = copied / "store.db-wal"
    content = log.read_bytes()
    log.write_bytes(damaged_somewhere(content, len(content) * 9 // 10))
    (copied / "store.db-shm").unlink(missing_ok=True)
    with pytest.raises(FormsvcError, match="数据比锚文件"):
        TinyStore(copied / "store.db")


def test_a_flipped_bit_anywhere_in_what_is_kept_is_found(path: Path) -> None:
    """Every hundredth bit of the pages in use; where a page is empty or unused, nothing is lost and nothing told."""
    content = path.read_bytes()
    letters = [place for place in range(0, len(content), 499) if content[place] >= 0x80]
    missed = []
    for place in letters[:40]:
        path.write_bytes(damaged_somewhere(content, place))
        for part in ("-wal", "-shm"):
            path.with_name(f"{path.name}{part}").unlink(missing_ok=True)
        try:
            if not told(path):
                missed.append(place)
        except FormsvcError:
            continue
    path.write_bytes(content)
    assert letters and missed == []


def test_what_is_erased_is_overwritten_even_in_events_and_the_chain_holds(store: Stores) -> None:
    with store.write() as tx:
        tx.acts.insert("A1", {"state": "issued", "answers": {"party_idno": "42068319800101001X"}})
        tx.acts.insert("A2", {"state": "issued"})
        tx.events.insert(tx.next_event_key(), {"act_id": "A1", "note": "张三签收"})
    known = store.head()
    with store.write() as tx:
        tx.erase("acts", "A1", {"state": "issued", "answers": {}})
        tx.erase("events", "000000000001", {"act_id": "A1", "note": ""})
    with store.read() as tx:
        assert tx.acts.get("A1") == {"id": "A1", "state": "issued", "answers": {}}
        assert tx.events.find()[0]["note"] == ""
    assert store.verify(known) == []
    with pytest.raises(RuntimeError), store.write() as tx:
        tx.events.replace("000000000001", {"act_id": "A1"})
    with pytest.raises(FormsvcError), store.write() as tx:
        tx.erase("acts", "A9", {})


def test_a_build_of_sqlite_that_leaves_old_content_in_the_file_is_told_not_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian's overwrites what is gone; the one that comes with Python for Windows does not."""
    connect = sqlite3.connect

    def careless(*place: Any, **more: Any) -> sqlite3.Connection:
        connection = connect(*place, **more)
        connection.execute("PRAGMA secure_delete=OFF")
        return connection

    monkeypatch.setattr(sqlite3, "connect", careless)
    store = TinyStore(tmp_path / "store.db")
    for text in ("旧的当事人" * 300, "新"):
        with store.write() as tx:
            if tx.acts.get("A1"):
                tx.acts.replace("A1", {"party": text})
            else:
                tx.acts.insert("A1", {"party": text})
    store.close()
    assert "旧的当事人".encode() not in (tmp_path / "store.db").read_bytes()


def test_erased_digests_tell_nothing_while_others_do(tmp_path: Path) -> None:
    """Who knows everything but an identity number could try all of them, were it not for the salt."""
    store = TinyStore(tmp_path / "store.db")
    with store.write() as tx:
        tx.acts.insert("A1", {"state": "issued", "party_idno": "42068319800101001X"})
        tx.acts.insert("A2", {"state": "issued", "party_idno": "42068319800101002X"})
    with store.write() as tx:
        tx.erase("acts", "A1", {"state": "issued"})
    store.close()
    with closing(raw(tmp_path / "store.db")) as connection:
        first = Link(*connection.execute("SELECT seq, hash, body, salts FROM chain WHERE seq=1").fetchone())
        triggers = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
        }
    salts = {key: salt for _collection, key, _digest, salt in first.entries()}
    assert salts["A1"] == NO_SALT != salts["A2"]
    assert {"t_events__kept", "t_events__stays", "chain__kept"} <= triggers
    assert b"42068319800101001X" not in (tmp_path / "store.db").read_bytes()
    assert told(tmp_path / "store.db") == []
