"""Parts of texts are found by an index of pairs of characters, with the answers a look at every text gives."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formsvc.storage.tinydb_sqlite import bigram_index, index_selection, list_index
from formsvc.storage.tinydb_sqlite.bigram_index import bigrams
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.ports import Condition
from tests.support.memory_store import MemoryStore

TEXTS = st.one_of(
    st.text(st.sampled_from("张伟王芳㐂𠮷ßSsKı﷐1〔 \"'*ǰﬀⅠⅰ\n·•.　"), max_size=6),
    st.none(),
    st.integers(0, 20),
    st.just(["张伟"]),
)


@pytest.mark.parametrize("waiting", [0, 1, 64])
@pytest.mark.parametrize("most", [1, 2_000])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(TEXTS, max_size=6),
    later=st.lists(TEXTS, max_size=6),
    part=st.text(st.sampled_from("张伟王芳㐂𠮷ßSsKı1〔 \"'*jfⅰ\n·.　"), max_size=3),
)
def test_every_part_is_found_also_after_changes(
    both: Callable[[], tuple[MemoryStore, TinyStore]],
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    waiting: int,
    texts: list[Any],
    later: list[Any],
    part: str,
) -> None:
    monkeypatch.setattr(index_selection, "_MAX_CANDIDATES", most)
    monkeypatch.setattr(list_index, "_MAX_PENDING", waiting)
    answers = []
    for store in both():
        with store.write() as tx:
            for n, text in enumerate(texts):
                tx.acts.insert(f"A{n}", {"search": text})
        for n, text in enumerate(later[: len(texts)]):
            with store.write() as tx:
                tx.acts.replace(f"A{n}", {"search": text, "state": "issued"})
        for n in range(0, len(texts), 3):
            with store.write() as tx:
                tx.acts.remove(f"A{n}")
        with store.read() as tx:
            wanted = Condition("search", "contains", part)
            conditions = (wanted, Condition("state", "==", "issued"))
            found = (tx.acts.find(wanted, order="created_at"), tx.acts.find(*conditions))
            counted = (
                tx.acts.count(wanted),
                tx.acts.count(wanted, limit=2),
                tx.acts.count(*conditions, limit=2),
            )
            answers.append((found, counted))
    assert answers[0] == answers[1]


PARTS = st.sampled_from(
    ["objects/current", "objects@donghe/current", "objects@xihe/current", "pledges/current"]
)
ROW_TEXTS = st.text(st.sampled_from("张伟店虚x1|"), max_size=5)


@pytest.mark.parametrize("most", [1, 2_000])
@pytest.mark.parametrize("share", [0.0, 0.5, 2.0])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(PARTS, st.sampled_from("abc"), ROW_TEXTS), max_size=20),
    part=st.text(st.sampled_from("张伟店虚x1"), min_size=1, max_size=2),
    parts=st.lists(PARTS, min_size=1, max_size=3, unique=True),
)
def test_a_page_of_rows_of_several_owners_is_the_page_of_all_sorted(
    both: Callable[[], tuple[MemoryStore, TinyStore]],
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    share: float,
    rows: list[tuple[str, str, str]],
    part: str,
    parts: list[str],
) -> None:
    monkeypatch.setattr(index_selection, "_MAX_CANDIDATES", most)
    monkeypatch.setattr(index_selection, "_FREQUENT_SHARE", share)
    monkeypatch.setattr(list_index, "_MAX_PENDING", 3)
    answers = []
    for store in both():
        for n, (owner, name, text) in enumerate(rows):
            with store.write() as tx:
                tx.register_rows.insert(f"R{n:02d}", {"part": owner, "s1": name, "search": text})
        wanted = (Condition("part", "in", parts), Condition("search", "includes", part))
        with store.read() as tx:
            found = tx.register_rows.find(*wanted, order="s1", offset=1, limit=3)
            last = tx.register_rows.find(wanted[0], order="s1", descending=True, offset=2, limit=4)
            answers.append((found, last, tx.register_rows.count(*wanted, limit=3)))
    assert answers[0] == answers[1]


def test_a_rare_name_is_looked_up_and_not_looked_for(
    tiny: TinyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tiny.write() as tx:
        for n in range(300):
            tx.acts.insert(f"A{n}", {"search": f"责令限期改正 第{n}号", "text": "长" * 3000})
        tx.acts.insert("B", {"search": "张伟"})
    with tiny._file.read() as session:
        plans: list[str] = []
        session.connection.set_trace_callback(plans.append)
        with tiny.read() as tx:
            assert tx.acts.count(Condition("search", "contains", "张伟")) == 1
        session.connection.set_trace_callback(None)
        counted = next(plan for plan in plans if "count(*)" in plan)
        plan = session.connection.execute(f"EXPLAIN QUERY PLAN {counted}").fetchall()
    assert "INTEGER PRIMARY KEY" in plan[0][3], plan


def test_the_index_is_the_same_whether_rows_waited_for_it_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is taken out of the index is just what had been put in: SQLite's own check of the index finds no fault."""
    store = TinyStore(tmp_path / "store.db")
    chance = random.Random(7)
    for _n in range(400):
        with store.write() as tx:
            key, text = f"A{chance.randrange(60)}", {"search": "".join(chance.choices("张伟王芳李", k=4))}
            there = tx.acts.get(key)
            if there and chance.random() < 0.3:
                tx.acts.remove(key)
            else:
                (tx.acts.replace if there else tx.acts.insert)(key, text)
    with store._file.write() as session:
        list_index.refresh_if_needed(session, force=True)
        found = {
            name: {
                row
                for (row,) in session.connection.execute(
                    "SELECT rowid FROM g_t_acts__search WHERE g_t_acts__search MATCH ?",
                    (bigram_index.search_terms(name),),
                )
            }
            for name in ("张伟", "王芳", "伟李", "李李")
        }
        for name, rows in found.items():
            wanted = session.connection.execute("SELECT id FROM t_acts WHERE instr(f_search, ?)", (name,))
            assert rows == {row for (row,) in wanted}
        assert session.connection.execute("SELECT count(*) FROM w_t_acts").fetchone() == (0,)
    store.close()


def test_an_aborted_change_leaves_the_index_as_it_was(tiny: TinyStore) -> None:
    with tiny.write() as tx:
        tx.acts.insert("A", {"search": "张伟"})
    with pytest.raises(ZeroDivisionError), tiny.write() as tx:
        tx.acts.replace("A", {"search": "王芳"})
        raise ZeroDivisionError
    with tiny.read() as tx:
        assert tx.acts.count(Condition("search", "contains", "张伟")) == 1
        assert tx.acts.count(Condition("search", "contains", "王芳")) == 0


def test_a_backup_searches_too(tiny: TinyStore, tmp_path: Path) -> None:
    with tiny.write() as tx:
        tx.acts.insert("A", {"search": "张伟"})
    tiny.backup(tmp_path / "copy.db")
    copy = TinyStore(tmp_path / "copy.db")
    with copy.read() as tx:
        assert tx.acts.count(Condition("search", "contains", "张伟")) == 1
    assert copy.verify() == []
    copy.close()


def test_pairs_are_plain_words() -> None:
    assert bigrams("张伟") == "00005f2000004f1f 00004f1f0000000a"
    assert bigrams("") == "" and bigrams(None) == ""
