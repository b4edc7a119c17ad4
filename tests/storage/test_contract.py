"""What every store promises to the use cases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formsvc.errors import Busy, Conflict, FormsvcError, InputRefused, NotFound
from formsvc.storage.record_rules import COLLECTIONS
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.ports import Condition, Store, Transaction
from tests.support.memory_store import MemoryStore

Stores = MemoryStore | TinyStore


def act(n: int, **fields: Any) -> dict[str, Any]:
    return {"form": "T22", "state": "draft", "created_at": f"2026-01-{n:02d}", "due": None, **fields}


def keep_acts(store: Store, *records: dict[str, Any]) -> None:
    with store.write() as tx:
        for n, record in enumerate(records, start=1):
            tx.acts.insert(f"A{n}", record)


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in found]


def test_a_record_comes_back_as_it_was_given_with_its_key(store: Stores) -> None:
    record = act(1, answers={"party": "绥北㐂𠮷😀", "hazards": [{"no": 1, "done": False, "share": 0.1}]})
    keep_acts(store, record)
    with store.read() as tx:
        assert tx.acts.get("A1") == {**record, "id": "A1"}
        assert tx.acts.get("A2") is None


def test_every_collection_of_the_port_is_there(store: Stores) -> None:
    assert set(COLLECTIONS) == set(Transaction.__annotations__)
    with store.write() as tx:
        for name in COLLECTIONS:
            getattr(tx, name).insert("1", {"name": name})
    with store.read() as tx:
        assert all(getattr(tx, name).count() == 1 for name in COLLECTIONS)


def test_a_key_is_taken_once(store: Stores) -> None:
    keep_acts(store, act(1))
    with pytest.raises(Conflict, match="A1"), store.write() as tx:
        tx.acts.insert("A1", act(2))


def test_a_refused_insert_inside_a_transaction_leaves_the_rest_usable(store: Stores) -> None:
    with store.write() as tx:
        tx.acts.insert("A1", act(1))
        with pytest.raises(Conflict):
            tx.acts.insert("A1", act(2))
        tx.acts.insert("A2", act(2))
    with store.read() as tx:
        assert ids(tx.acts.find()) == ["A1", "A2"]


def test_what_is_not_there_is_not_replaced_or_removed(store: Stores) -> None:
    with pytest.raises(NotFound), store.write() as tx:
        tx.acts.replace("A1", act(1))
    with pytest.raises(NotFound), store.write() as tx:
        tx.acts.remove("A1")


def test_replacing_overwrites_the_whole_record(store: Stores) -> None:
    keep_acts(store, act(1, comment="旧"))
    with store.write() as tx:
        tx.acts.replace("A1", {"form": "T21"})
    with store.read() as tx:
        assert tx.acts.get("A1") == {"form": "T21", "id": "A1"}


def test_a_removed_record_is_gone_and_its_key_free(store: Stores) -> None:
    keep_acts(store, act(1))
    with store.write() as tx:
        tx.acts.remove("A1")
        tx.acts.insert("A1", act(2))
    with store.read() as tx:
        assert tx.acts.count() == 1


def test_an_aborted_transaction_changes_nothing_anywhere(store: Stores) -> None:
    keep_acts(store, act(1))
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.counters.insert("消限/2026", {"last": 1})
        tx.numbers.insert("消限/2026/1", {"n": 1})
        tx.acts.replace("A1", act(1, state="issued"))
        tx.events.insert(tx.next_event_key(), {"act_id": "A1"})
        raise ZeroDivisionError
    with store.read() as tx:
        assert tx.counters.count() == tx.numbers.count() == tx.events.count() == 0
        assert tx.acts.find(Condition("state", "==", "issued")) == []
        assert tx.next_event_key() == "000000000001"


def test_of_two_changes_from_one_revision_one_is_told(store: Stores) -> None:
    def save(revision: int) -> None:
        with store.write() as tx:
            found = tx.acts.get("A1")
            if found is None or found["revision"] != revision:
                raise Conflict("别人刚刚改过。")
            tx.acts.replace("A1", {**found, "revision": revision + 1})

    keep_acts(store, act(1, revision=1))
    save(1)
    with pytest.raises(Conflict):
        save(1)


def test_a_read_sees_what_was_acknowledged_before_it_began_and_nothing_later(store: Stores) -> None:
    reading, written, seen = threading.Event(), threading.Event(), []

    def read_slowly() -> None:
        with store.read() as tx:
            reading.set()
            written.wait(5)
            seen.append(tx.acts.count())
        with store.read() as tx:
            seen.append(tx.acts.count())

    thread = threading.Thread(target=read_slowly)
    thread.start()
    reading.wait(5)
    keep_acts(store, act(1))
    written.set()
    thread.join()
    assert seen == [0, 1]


def test_a_write_block_sees_its_own_changes_and_so_does_a_read_block_inside_it(store: Stores) -> None:
    with store.write() as tx:
        tx.acts.insert("A1", act(1))
        assert tx.acts.count() == 1
        with store.read() as inner:
            assert inner.acts.get("A1")


def test_a_write_block_inside_another_block_is_refused(store: Stores) -> None:
    with store.read(), pytest.raises(RuntimeError), store.write():
        pass
    with store.write(), pytest.raises(RuntimeError), store.write():
        pass
    keep_acts(store, act(1))


def test_a_reading_block_cannot_write(store: Stores) -> None:
    with store.read() as tx, pytest.raises(RuntimeError):
        tx.acts.insert("A1", act(1))


def test_a_transaction_ends_with_its_block(store: Stores) -> None:
    with store.write() as tx:
        pass
    with pytest.raises(RuntimeError):
        tx.acts.get("A1")


def test_a_transaction_stays_with_its_thread(store: Stores) -> None:
    raised: list[Exception] = []
    with store.write() as tx:

        def use() -> None:
            try:
                tx.acts.count()
            except RuntimeError as error:
                raised.append(error)

        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
    assert raised


def test_returned_records_are_private_copies(store: Stores) -> None:
    given_record = act(1, hazards=[{"no": 1}])
    keep_acts(store, given_record)
    given_record["hazards"][0]["no"] = 2
    with store.read() as tx:
        got = tx.acts.get("A1")
        assert got
        got["hazards"][0]["no"] = 3
        tx.acts.find()[0]["hazards"].clear()
    with store.read() as tx:
        again = tx.acts.get("A1")
        assert again and again["hazards"] == [{"no": 1}]


def test_events_are_numbered_without_a_gap(store: Stores) -> None:
    for fail in (False, True, False):
        try:
            with store.write() as tx:
                tx.events.insert(tx.next_event_key(), {"at": "2026-01-01"})
                tx.events.insert(tx.next_event_key(), {"at": "2026-01-01"})
                if fail:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass
    with store.read() as tx:
        assert ids(tx.events.find()) == [f"{n:012d}" for n in range(1, 5)]


def test_events_are_append_only_and_numbers_are_never_removed(store: Stores) -> None:
    with store.write() as tx:
        tx.events.insert(tx.next_event_key(), {})
        tx.numbers.insert("x/2026/1", {"n": 1})
    with store.write() as tx:
        with pytest.raises(RuntimeError):
            tx.events.replace("000000000001", {})
        with pytest.raises(RuntimeError):
            tx.events.remove("000000000001")
        with pytest.raises(RuntimeError):
            tx.numbers.remove("x/2026/1")
        tx.numbers.replace("x/2026/1", {"n": 1, "void": True})


def test_records_come_in_the_order_they_were_added_or_by_a_field(store: Stores) -> None:
    keep_acts(store, act(3, due="2026-03-01"), act(1), act(2, due="2026-02-01"), act(2, due=["x"]))
    with store.read() as tx:
        assert ids(tx.acts.find()) == ["A1", "A2", "A3", "A4"]
        assert ids(tx.acts.find(descending=True, limit=2)) == ["A4", "A3"]
        assert ids(tx.acts.find(order="created_at", offset=1, limit=2)) == ["A3", "A4"]
        assert ids(tx.acts.find(order="created_at", descending=True)) == ["A1", "A4", "A3", "A2"]
        assert ids(tx.acts.find(order="due")) == ["A2", "A4", "A3", "A1"]
        assert ids(tx.acts.find(order="不存在")) == ["A1", "A2", "A3", "A4"]


def test_an_empty_field_meets_only_unequal_and_the_question_for_emptiness(store: Stores) -> None:
    keep_acts(store, act(1), act(2, due="2026-01-09"), {"form": "T22"})
    with store.read() as tx:
        assert ids(tx.acts.find(Condition("due", "!=", "x"))) == ["A1", "A2", "A3"]
        assert ids(tx.acts.find(Condition("due", "<", "9999"))) == ["A2"]
        assert ids(tx.acts.find(Condition("due", "==", None))) == ["A1", "A3"]
        assert ids(tx.acts.find(Condition("due", "!=", None))) == ["A2"]


def test_contains_finds_a_part_of_a_text_whatever_the_case(store: Stores) -> None:
    keep_acts(
        store, act(1, title="绥北镇KTV检查"), act(2, title="绥南"), act(3, title=None), act(4, title=["KTV"])
    )
    with store.read() as tx:
        assert ids(tx.acts.find(Condition("title", "contains", "ktv"))) == ["A1"]
        assert ids(tx.acts.find(Condition("title", "contains", "绥"))) == ["A1", "A2"]
        assert tx.acts.count(Condition("title", "contains", "%")) == 0


@pytest.mark.parametrize("dot", ["·", "•", "・", "．", "‧", "᛫", "∙", "⋅", ".", "", " "])
def test_contains_takes_names_with_whatever_dot_or_blank_for_one(store: Stores, dot: str) -> None:
    """The name is kept as it was typed; what is typed to find it may differ."""
    typed = f"买买提{dot}艾力"
    keep_acts(
        store,
        act(1, title=f"责令 {typed} 改正"),
        act(2, title="买买提艾力克"),
        act(3, title="买买·艾力"),
        act(4, title="张 伟"),
    )
    with store.read() as tx:
        assert tx.acts.get("A1")["title"] == f"责令 {typed} 改正"  # type: ignore[index]
        for part in ("买买提·艾力", "买买提・艾力", "买买提艾力", "买买提　艾力", "提•艾"):
            assert ids(tx.acts.find(Condition("title", "contains", part))) == ["A1", "A2"], part
        assert ids(tx.acts.find(Condition("title", "contains", "张伟"))) == ["A4"]
        assert ids(tx.acts.find(Condition("title", "contains", "张·伟"))) == ["A4"]
        assert ids(tx.acts.find(Condition("title", "contains", "买提买"))) == []


def test_mentions_finds_a_text_however_deep_it_stands(store: Stores) -> None:
    named = {"number": "绥北（东）1号", "act_id": "a1"}
    deep = {"rows": [{"of": [named]}]}
    similar = {"note": "见“a1”", "rows": [{"of": "a12"}], "n": 1}
    keep_acts(store, {"answers": {"ref": named}}, {"answers": deep}, {"answers": similar}, {"other": "a1"})
    with store.read() as tx:
        assert ids(tx.acts.find(Condition("answers", "mentions", ["a1"]))) == ["A1", "A2"]
        assert ids(tx.acts.find(Condition("answers", "mentions", ["绥北（东）1号"]))) == ["A1", "A2"]
        assert tx.acts.count(Condition("answers", "mentions", ["见“a1”"])) == 1
        assert ids(tx.acts.find(Condition("answers", "mentions", ["a12", "a1"]))) == ["A1", "A2", "A3"]
        assert tx.acts.count(Condition("answers", "mentions", [])) == 0
        assert tx.acts.count(Condition("answers", "mentions", ["act_id"])) == 0


def test_groups_count_each_value(store: Stores) -> None:
    keep_acts(store, act(1), act(2, state="issued"), act(3), {"form": "T21", "state": None}, {"n": 1})
    with store.read() as tx:
        assert tx.acts.groups("state") == {"draft": 2, "issued": 1, "": 2}
        assert tx.acts.groups("state", Condition("form", "==", "T22")) == {"draft": 2, "issued": 1}


def test_a_transaction_tells_what_was_written_after_a_moment(store: Stores) -> None:
    with store.read() as tx:
        before = tx.reached()
        assert tx.written_since(before) == set()
    with store.write() as tx:
        tx.acts.insert("A1", act(1, state="issued"))
        tx.settings.insert("mode", {"value": 1})
    with store.write() as tx:
        tx.acts.insert("A2", act(2, state="submitted"))
    with store.read() as tx:
        between = tx.reached()
        assert tx.written_since(before) == {("acts", "A1"), ("acts", "A2"), ("settings", "mode")}
    with store.write() as tx:
        tx.acts.replace("A2", act(2, state="draft"))
        tx.acts.insert("A3", act(3))  # a draft nobody has handed in has no standing
        tx.settings.remove("mode")
    with store.read() as tx:
        assert tx.written_since(between) == {("acts", "A2"), ("settings", "mode")}
        assert tx.written_since(tx.reached()) == set()
        # each link has its own hash, the same for every reader
        hashes = [tx.link_hash(n) for n in range(1, tx.reached() + 1)]
        assert len(set(hashes)) == tx.reached() and all(len(each) == 64 for each in hashes)
        assert tx.link_hash(0) == tx.link_hash(tx.reached() + 1) == ""


def test_a_reading_block_knows_nothing_of_later_writing(store: Stores) -> None:
    told: list[tuple[int, set[tuple[str, str]]]] = []

    def write() -> None:
        with store.write() as tx:
            tx.acts.insert("A1", act(1, state="issued"))

    with store.read() as tx:
        began = tx.reached()
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
        told.append((tx.reached(), tx.written_since(began)))
    assert told == [(began, set())]
    with store.read() as tx:
        assert tx.reached() == began + 1


def test_an_unknown_operator_is_a_fault_of_the_program(store: Stores) -> None:
    with store.read() as tx, pytest.raises(ValueError):
        tx.acts.find(Condition("state", "LIKE", "x"))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), "a\ud800", "a\0", 2**63])
def test_what_could_not_be_given_back_is_refused_by_its_place(store: Stores, bad: object) -> None:
    with pytest.raises(InputRefused) as refused, store.write() as tx:
        tx.acts.insert("A1", act(1, answers={"hazards": [{"deadline": bad}]}))
    assert refused.value.problems[0].field == "answers.hazards.0.deadline"
    assert "不能保存" in str(refused.value) or "超出" in str(refused.value)
    with store.read() as tx:
        assert tx.acts.count() == 0


def test_who_waits_too_long_is_told_so(store: Stores) -> None:
    told: list[FormsvcError] = []

    def try_to_write() -> None:
        try:
            with store.write():
                pass
        except Busy as error:
            told.append(error)

    with store.write():
        thread = threading.Thread(target=try_to_write)
        thread.start()
        thread.join(5)
    assert told and "请稍候" in str(told[0])


def test_health_proves_reading_and_writing(store: Stores) -> None:
    keep_acts(store, act(1))
    health = store.health()
    assert health["acts"] == 1 and health["bytes"] > 0 and health["engine"]


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([2**53, 2**53 + 1, 2**63 - 1, 0.1 + 0.2, 0.3, 1.0, -0.5, 1e300, 5e-324]),
    st.floats(-2, 2, allow_nan=False),
    st.sampled_from(["", "a", "A", "b", "绥", "㐂", "𠮷", "[1]", "{}", "1", "1.0", "'", '"', "ß", "é"]),
    st.sampled_from([[1], [], {"a": 1}, {}]),
)
FIELDS = st.sampled_from(["form", "due", "x", "键", "a.b"])
CONDITIONS = st.one_of(
    st.builds(Condition, FIELDS, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), VALUES),
    st.builds(Condition, FIELDS, st.just("in"), st.lists(VALUES, max_size=3)),
    st.builds(Condition, FIELDS, st.just("contains"), st.sampled_from(["", "a", "绥", "[", "s"])),
    st.builds(Condition, FIELDS, st.just("mentions"), st.lists(st.sampled_from(["", "a", "绥", "[", "s"]))),
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=st.lists(st.dictionaries(FIELDS, VALUES), max_size=8),
    conditions=st.lists(CONDITIONS, max_size=3),
    order=st.one_of(st.just(""), FIELDS),
    descending=st.booleans(),
)
def test_both_stores_answer_every_question_alike(
    both: Callable[[], tuple[Stores, ...]],
    records: list[dict[str, Any]],
    conditions: list[Condition],
    order: str,
    descending: bool,
) -> None:
    answers = []
    for store in both():
        keep_acts(store, *records)
        with store.read() as tx:
            found = tx.acts.find(*conditions, order=order, descending=descending, offset=1, limit=3)
            answers.append((found, tx.acts.count(*conditions), tx.acts.groups("due", *conditions)))
    assert answers[0] == answers[1]
