"""Lists come from a catalogue that learns acts later, many at a time: nobody can tell from the answers, and indexes give them."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formsvc.storage.tinydb_sqlite import list_index
from formsvc.storage.tinydb_sqlite.bigram_index import register_functions, search_terms
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.ports import Condition, Transaction
from tests.support.memory_store import MemoryStore

Step = tuple[str, int, dict[str, Any]]

DAYS = st.sampled_from(["2026-01-05", "2026-06-30", "2026-07-01", "", None, 3])
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "form": st.sampled_from(["T14", "T22"]),
    "state": st.sampled_from(["draft", "issued", "served"]),
    "authority": st.sampled_from(["东河镇", "西河镇"]),
    "drafter": st.sampled_from(["staff", "clerk"]),
    "number": st.sampled_from(["1号", "2号", ""]),
    "source_act": st.sampled_from(["A1", "", None]),
    "dated": DAYS,
    "due": DAYS,
    "created_at": DAYS,
    "party": st.sampled_from(["张伟副食店", "王芳饭店", None]),
}
ACTS = st.fixed_dictionaries({}, optional=FIELDS)
STEPS = st.lists(st.tuples(st.sampled_from("irxd"), st.integers(0, 5), ACTS), max_size=14)
CONDITIONS = st.one_of(
    *(
        st.builds(Condition, st.just(field), st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), values)
        for field, values in FIELDS.items()
    ),
    *(
        st.builds(Condition, st.just(field), st.just("in"), st.lists(values, max_size=2))
        for field, values in FIELDS.items()
    ),
)
QUESTIONS = st.tuples(
    st.lists(CONDITIONS, max_size=4),
    st.sampled_from(["", *FIELDS]),
    st.booleans(),
    st.integers(0, 2),
    st.sampled_from([None, 0, 2]),
)


def take(tx: Transaction, step: Step) -> None:
    """Insert, replace or remove an act, where that is possible."""
    kind, n, act = step
    there = tx.acts.get(f"A{n}") is not None
    if kind == "i" and not there:
        tx.acts.insert(f"A{n}", act)
    elif kind == "r" and there:
        tx.acts.replace(f"A{n}", act)
    elif kind == "x" and there:
        tx.acts.remove(f"A{n}")


def answers(tx: Transaction, question: tuple[Any, ...]) -> tuple[Any, ...]:
    conditions, order, descending, offset, limit = question
    page = tx.acts.find(*conditions, order=order, descending=descending, offset=offset, limit=limit)
    return page, tx.acts.count(*conditions), tx.acts.groups("state", *conditions), tx.acts.groups("party")


@pytest.mark.parametrize("waiting", [0, 2, 64])
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=STEPS, last=STEPS, question=QUESTIONS)
def test_whatever_waits_the_answers_are_the_same(
    both: Callable[[], tuple[MemoryStore, TinyStore]],
    monkeypatch: pytest.MonkeyPatch,
    waiting: int,
    before: list[Step],
    last: list[Step],
    question: tuple[Any, ...],
) -> None:
    monkeypatch.setattr(list_index, "_MAX_PENDING", waiting)
    given_by = []
    for store in both():
        for step in before:
            with store.write() as tx:
                take(tx, step)
        with store.write() as tx:
            for step in last:
                take(tx, step)
            inside = answers(tx, question)
        with store.read() as tx:
            given_by.append((inside, answers(tx, question)))
        assert [str(found) for found in store.verify() if found.part == "store"] == []
    assert given_by[0] == given_by[1]


def fill(store: TinyStore, acts: int = 3_000) -> None:
    """An office with one authority, where nearly all acts are issued or served and hardly any wait for review."""
    chance = random.Random(acts)
    with store.write() as tx:
        for n in range(acts):
            tx.acts.insert(
                f"A{n}",
                {
                    "form": f"T{min(int(chance.expovariate(0.2)), 39)}",
                    "state": "submitted" if n % 1000 == 7 else chance.choice(("issued", "served")),
                    "authority": "东河镇",
                    "drafter": f"staff-{chance.randrange(3)}",
                    "number": f"{n}号",
                    "source_act": "",
                    "dated": f"2026-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
                    "created_at": f"2026-01-01T{n:08d}",
                    "due": "",
                    "search": f"责令限期改正 {n}号",
                },
            )


def plans(store: TinyStore, ask: Callable[[Transaction], object]) -> list[str]:
    """How SQLite goes about the rows of the catalogue and of the table for what is asked, in order."""
    with store._file.read() as session, store.read() as tx:
        asked: list[str] = []
        session.connection.set_trace_callback(asked.append)
        ask(tx)
        session.connection.set_trace_callback(None)
        statements = [
            each
            for each in asked
            if "t_acts" in each and "WHERE id=" not in each and each.startswith("SELECT")
        ]
        steps = [
            row[3] for each in statements for row in session.connection.execute(f"EXPLAIN QUERY PLAN {each}")
        ]
    return [step for step in steps if " c_t_acts" in step or " t_acts" in step]


@pytest.mark.parametrize(
    ("conditions", "order", "listed", "counted"),
    [
        ([], "created_at", "created_at", ""),
        ([("form", "==", "T7"), ("state", "==", "issued"), ("authority", "==", "东河镇")], "created_at", "form", "form"),
        ([("form", "==", "T0"), ("state", "==", "submitted")], "created_at", "state", "state"),
        ([("authority", "in", ["东河镇"]), ("state", "!=", "draft")], "created_at", "authority", "authority"),
        ([("authority", "in", ["东河镇", "西河镇"]), ("state", "!=", "draft")], "created_at", "created_at", "authority"),
        ([("dated", ">=", "2026-03-01"), ("dated", "<=", "2026-09-30")], "created_at", "created_at", "dated"),
        ([("state", "==", "issued"), ("dated", ">=", "2026-12-28")], "created_at", "dated", "dated"),
        ([("due", ">", ""), ("due", "<=", "2026-12-31")], "due", "due", "due"),
        ([("number", "==", "7号")], "", "number", "number"),
        ([("source_act", "==", "A7"), ("form", "in", ["T3", "T7"])], "created_at", "source_act", "source_act"),
    ],
)  # fmt: skip
def test_the_index_that_leaves_the_fewest_acts_is_taken(
    tiny: TinyStore, conditions: list[tuple[str, str, Any]], order: str, listed: str, counted: str
) -> None:
    fill(tiny)
    wanted = [Condition(*each) for each in conditions]
    page = plans(tiny, lambda tx: tx.acts.find(*wanted, order=order, descending=True, limit=50))
    assert any(f"INDEX c_t_acts__{listed}" in step for step in page), page
    assert not any(step in ("SCAN t_acts", "SCAN c_t_acts") for step in page), page
    count = plans(tiny, lambda tx: tx.acts.count(*wanted))
    assert not counted or any(f"COVERING INDEX c_t_acts__{counted}" in step for step in count), count


def test_a_walk_by_keys_goes_by_the_index_of_keys(tiny: TinyStore) -> None:
    fill(tiny)
    wanted = Condition("state", "==", "issued"), Condition("id", ">", "A5")
    (step,) = plans(tiny, lambda tx: tx.acts.find(*wanted, order="id", limit=50))
    assert step == "SEARCH t_acts USING INDEX t_acts__key (f_id>?)"


def test_a_commit_leaves_catalogue_and_search_alone_until_many_acts_wait(tiny: TinyStore) -> None:
    looked_up = "SELECT count(*) FROM g_t_acts__search WHERE g_t_acts__search MATCH ?"

    def known() -> tuple[int, int]:
        with tiny._file.read() as session:
            listed = session.connection.execute("SELECT count(*) FROM c_t_acts").fetchone()[0]
            return listed, session.connection.execute(looked_up, (search_terms("张伟"),)).fetchone()[0]

    learnt = []
    for n in range(65):
        with tiny.write() as tx:
            tx.acts.insert(f"A{n}", {"state": "issued", "search": "张伟"})
        learnt.append(known())
        with tiny.read() as tx:
            assert tx.acts.count(Condition("state", "==", "issued")) == n + 1
            assert tx.acts.count(Condition("search", "contains", "张伟")) == n + 1
    assert learnt == [(0, 0)] * 64 + [(65, 65)]


def test_lists_asked_for_in_a_long_transaction_do_not_look_at_each_act_written_in_it(tiny: TinyStore) -> None:
    with tiny._file.write() as session, tiny._transaction(session) as tx:
        for n in range(300):
            tx.acts.insert(f"A{n}", {"number": f"{n}号"})
            assert tx.acts.count(Condition("number", "==", f"{n}号")) == 1
            assert session.connection.execute("SELECT count(*) FROM w_t_acts").fetchone()[0] <= 65


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (
            ["UPDATE c_t_acts SET f_state='void' WHERE id=3", "DELETE FROM c_t_acts WHERE id=4"],
            "目录有 3 处与内容不符",
        ),
        (["DELETE FROM g_t_acts__search_data WHERE id=(SELECT max(id) FROM g_t_acts__search_data)"], "查找索引与内容不符"),
        (["INSERT INTO g_t_acts__search (rowid, pairs) VALUES (3, '00005f2000004f1f')"], "查找索引与内容不符"),
    ],
)  # fmt: skip
def test_lists_altered_by_another_program_are_told_and_made_anew(
    tmp_path: Path, statements: list[str], told: str
) -> None:
    store = TinyStore(tmp_path / "store.db")
    fill(store, 100)
    store.close()
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as connection:
        register_functions(connection)
        for statement in statements:
            connection.execute(statement)
    store = TinyStore(tmp_path / "store.db")
    found = store.verify()
    assert {each.part for each in found} == {"store"}
    assert any(told in str(each) and "formsvc reindex" in str(each) for each in found), found
    store.reindex()
    assert store.verify() == []
    with store.read() as tx:
        assert tx.acts.count(Condition("search", "contains", "责令限期")) == 100
        assert tx.acts.count(Condition("state", "!=", "void")) == 100
    with store.write() as tx:
        tx.acts.insert("B", {"search": "王芳饭店"})
    with store.read() as tx:
        assert tx.acts.count(Condition("search", "contains", "王芳")) == 1
    store.close()
