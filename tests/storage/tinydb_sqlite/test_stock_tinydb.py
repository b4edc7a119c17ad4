"""``SQLiteTinyDB`` gives the answers stock TinyDB gives."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tinydb import Query, TinyDB, where
from tinydb.operations import delete, increment
from tinydb.queries import QueryInstance
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from formsvc.errors import Conflict, InputRefused
from formsvc.storage.tinydb_sqlite.database import SQLiteStorage, SQLiteTinyDB


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SQLiteTinyDB]:
    with SQLiteTinyDB(tmp_path / "tiny.db") as opened:
        yield opened


KEYS = st.sampled_from(["a", "b", "键", "a.b", 'q"', "", "form"])
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from(
        [2**53, 2**53 + 1, 2**63 - 1, -(2**63) + 1, 0.1 + 0.2, 0.3, 1.0, -0.0, 1e300, 5e-324, 1e17]
    ),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["", "a", "A", "b", "绥", "㐂", "𠮷", "\uffff", "[1]", '{"a":1}', "1", "null", "'", '"', "\\", "\n"]
    ),
)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2)
)
DOCUMENTS = st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=8)


def _comparison(path: list[str], op: str, value: Any) -> QueryInstance:
    field: Any = Query()
    for key in path:
        field = field[key]
    return {
        "==": lambda: field == value,
        "!=": lambda: field != value,
        "<": lambda: field < value,
        "<=": lambda: field <= value,
        ">": lambda: field > value,
        ">=": lambda: field >= value,
        "exists": lambda: field.exists(),
        "one_of": lambda: field.one_of([value, "a", 1]),
        "in_text": lambda: field.one_of("ab绥"),
        "any": lambda: field.any([value]),
        "search": lambda: field.search("a|绥"),
        "fragment": lambda: Query().fragment({path[0]: value}),
        "test": lambda: field.test(lambda stored: stored == value),
        "map": lambda: field.map(str) == str(value),
        "noop": lambda: Query().noop(),
    }[op]()


OPERATORS = [
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "exists",
    "one_of",
    "in_text",
    "any",
    "search",
    "fragment",
    "test",
    "map",
]
LEAVES = st.builds(
    _comparison,
    st.lists(KEYS, min_size=1, max_size=2),
    st.sampled_from([*OPERATORS, "noop"]),
    st.one_of(PLAIN, VALUES),
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda p, q: p & q, inner, inner),
        st.builds(lambda p, q: p | q, inner, inner),
        st.builds(lambda p: ~p, inner),
    ),
    max_leaves=4,
)


def _answer(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except TypeError:
        return TypeError


def _seen(found: list[Document]) -> list[tuple[int, dict[str, Any]]]:
    return [(document.doc_id, dict(document)) for document in found]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@given(documents=DOCUMENTS, query=QUERIES, indexed=st.booleans())
def test_queries_give_the_answers_of_stock_tinydb(
    database: SQLiteTinyDB, documents: list[dict[str, Any]], query: QueryInstance, indexed: bool
) -> None:
    stock = TinyDB(storage=MemoryStorage)
    columns = {"indexes": [("a", "b"), ("form",)]} if indexed else {}
    ours = database.table("indexed" if indexed else "plain", **columns)
    ours.truncate()
    numbered = [Document(document, doc_id) for doc_id, document in enumerate(documents, start=1)]
    stock.insert_multiple(numbered)
    ours.insert_multiple(numbered)
    expected = _answer(lambda: _seen(stock.search(query)))
    if expected is TypeError:
        return  # where stock TinyDB cannot compare, ours may
    assert _seen(ours.search(query)) == expected
    assert ours.count(query) == len(expected)
    assert ours.contains(query) == bool(expected)
    first = ours.get(query)
    assert _seen([] if first is None else [first]) == expected[:1]
    assert ours.remove(query) == [doc_id for doc_id, _ in expected]
    assert len(ours) == len(documents) - len(expected)


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.dictionaries(KEYS, VALUES, max_size=3)),
        st.tuples(st.just("insert_multiple"), DOCUMENTS),
        st.tuples(
            st.just("update"), st.dictionaries(KEYS, VALUES, max_size=2), st.sampled_from(["a", "b", "绥"])
        ),
        st.tuples(
            st.just("update_ids"),
            st.dictionaries(KEYS, VALUES, max_size=2),
            st.lists(st.integers(1, 6), max_size=3),
        ),
        st.tuples(st.just("delete"), st.sampled_from(["a", "b"])),
        st.tuples(st.just("upsert"), st.dictionaries(KEYS, VALUES, max_size=2), st.sampled_from(["a", "b"])),
        st.tuples(st.just("update_multiple"), st.integers(0, 2)),
    ),
    max_size=8,
)


def _change(table: Any, kind: str, *given_values: Any) -> Any:
    if kind == "update":
        return table.update(given_values[0], where("a") == given_values[1])
    if kind == "update_ids":
        return table.update(given_values[0], doc_ids=given_values[1])
    if kind == "delete":
        return table.update(delete(given_values[0]), where(given_values[0]).exists())
    if kind == "upsert":
        return table.upsert(given_values[0], where(given_values[1]).exists())
    if kind == "update_multiple":
        new = given_values[0]
        return table.update_multiple([({"a": new}, where("b").exists()), ({"b": new}, where("a") == new)])
    return getattr(table, kind)(*given_values)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_changes_leave_what_stock_tinydb_leaves(
    database: SQLiteTinyDB, changes: list[tuple[Any, ...]]
) -> None:
    stock = TinyDB(storage=MemoryStorage)
    database.drop_table("changed")
    ours = database.table("changed")
    for change in changes:
        assert _change(ours, *change) == _change(stock, *change)
        assert _seen(ours.all()) == _seen(stock.all())


def test_it_is_used_like_any_tinydb(tmp_path: Path) -> None:
    database = SQLiteTinyDB(tmp_path / "db")
    assert database.insert({"n": 1}) == 1
    assert database.insert_multiple([{"n": 2}, Document({"n": 9}, 9), {"n": 3}]) == [2, 9, 10]
    database.update(increment("n"), where("n") == 3)
    people = database.table("人员 People")
    people.insert({"name": "王"})
    assert database.tables() == {"_default", "人员 People"}
    assert [document["n"] for document in database] == [1, 2, 9, 4]
    assert len(database) == 4 and bool(database.table("empty")) is False
    assert [document.doc_id for document in database.get(doc_ids=[10, "1", 77, math.nan])] == [1, 10]
    assert database.get(doc_id=77) is database.get(doc_id="x") is None
    assert "total=1" in repr(people)
    database.drop_table("人员 People")
    assert database.tables() == {"_default"}
    database.drop_tables()
    assert database.tables() == set()
    database.close()


def test_names_that_differ_in_case_alone_are_different_tables(database: SQLiteTinyDB) -> None:
    database.table("Acts").insert({})
    database.table("acts").insert_multiple([{}, {}])
    assert (len(database.table("Acts")), len(database.table("acts"))) == (1, 2)


def test_an_id_is_never_given_twice(tmp_path: Path) -> None:
    with SQLiteTinyDB(tmp_path / "db") as database:
        assert database.insert_multiple([{}, {}]) == [1, 2]
        database.remove(doc_ids=[2])
        assert database.insert({}) == 3
        database.truncate()
    with SQLiteTinyDB(tmp_path / "db") as database:
        assert database.table("_default")._get_next_id() == 4
        assert database.insert({}) == 4


def test_a_taken_id_is_refused(database: SQLiteTinyDB) -> None:
    database.insert(Document({"n": 1}, 5))
    with pytest.raises(ValueError, match="ID 5 already exists"):
        database.insert(Document({"n": 2}, 5))
    with pytest.raises(ValueError):
        database.insert_multiple([{"n": 3}, Document({"n": 2}, 5)])
    with pytest.raises(ValueError):
        database.insert([1])
    assert _seen(database.all()) == [(5, {"n": 1})]


def test_an_update_that_fails_half_way_changes_nothing(database: SQLiteTinyDB) -> None:
    database.insert_multiple([{"n": 1}, {"n": 2}, {"n": "x"}])
    with pytest.raises(TypeError):
        database.update(increment("n"))
    with pytest.raises(InputRefused):
        database.update({"m": math.nan})
    assert [document["n"] for document in database] == [1, 2, "x"]


def test_a_transaction_holds_for_all_tables(database: SQLiteTinyDB) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction():
        database.table("a").insert({})
        database.table("b").insert({})
        raise ZeroDivisionError
    assert database.tables() == set()
    with database.transaction():
        database.table("a").insert({})
        database.table("b").insert({})
    assert database.tables() == {"a", "b"}


def test_only_changed_rows_are_written(database: SQLiteTinyDB) -> None:
    database.insert_multiple([{"n": n} for n in range(50)])
    with database.transaction() as session:
        before = session.connection.total_changes
        database.update({"n": 7}, where("n") <= 7)
        assert session.connection.total_changes - before == 7


def test_a_unique_field_is_kept_unique(database: SQLiteTinyDB) -> None:
    table = database.table("people", unique="name")
    table.insert_multiple([{"name": "王"}, {"name": "李"}, {}, {}])
    with pytest.raises(Conflict):
        table.insert({"name": "王"})
    with pytest.raises(Conflict):
        table.update({"name": "王"}, where("name") == "李")
    assert table.count(where("name") == "王") == 1


def test_an_unexpectedly_empty_or_persisted_table_keeps_its_documents(
    database: SQLiteTinyDB, tmp_path: Path
) -> None:
    database.table("kept").insert({})
    with SQLiteTinyDB(tmp_path / "tiny.db") as again:
        assert len(again.table("kept", persist_empty=True)) == 1


def test_a_loop_over_a_table_may_change_it(database: SQLiteTinyDB) -> None:
    database.insert_multiple([{"n": n} for n in range(3)])
    for document in database:
        database.update({"n": -1}, doc_ids=[document.doc_id])
    assert database.count(where("n") == -1) == 3


def test_stock_tables_work_too_and_never_lose_an_update(tmp_path: Path) -> None:
    stock = TinyDB(tmp_path / "db", storage=SQLiteStorage)
    assert stock.insert({"n": 1}) == 1
    with SQLiteTinyDB(tmp_path / "db") as ours:

        def meanwhile(document: Any) -> None:
            thread = threading.Thread(target=lambda: ours.insert({"n": 2}))
            thread.start()
            thread.join()
            document["n"] = 5

        with pytest.raises(Conflict):
            stock.update(meanwhile, doc_ids=[1])
        assert [document["n"] for document in ours] == [1, 2]
    assert stock.update({"n": 6}, doc_ids=[1]) == [1]
    assert [document["n"] for document in stock] == [6, 2]
    stock.close()
