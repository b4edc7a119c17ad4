"""The export is a file stock TinyDB opens; the import gives back what was exported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tinydb import Query, TinyDB

from formsvc.errors import FormsvcError
from formsvc.storage.backup.json_export import export_json, import_json
from formsvc.storage.record_rules import COLLECTIONS
from formsvc.storage.tinydb_store import TinyStore
from tests.support.memory_store import MemoryStore

Stores = MemoryStore | TinyStore


@pytest.fixture
def filled(store: Stores) -> Stores:
    with store.write() as tx:
        for n in range(1, 1203):
            tx.acts.insert(f"A{n:05d}", {"form": "T22" if n % 3 else "T21", "party": "绥北㐂𠮷😀", "n": n})
        tx.acts.remove("A00002")
        tx.events.insert(tx.next_event_key(), {"act_id": "A00001"})
    return store


def test_stock_tinydb_opens_the_export_and_answers(filled: Stores, tmp_path: Path) -> None:
    counts = export_json(filled, tmp_path / "全部.json")
    assert counts["acts"] == 1201 and counts["events"] == 1
    with TinyDB(tmp_path / "全部.json") as stock:
        assert stock.tables() == {*COLLECTIONS, "_export"}
        acts = stock.table("acts")
        assert len(acts) == 1201
        assert acts.count(Query().form == "T21") == 400
        found = acts.get(Query().id == "A00003")
        assert found == {"form": "T21", "party": "绥北㐂𠮷😀", "n": 3, "id": "A00003"}


def test_what_stock_tinydb_changed_comes_back(filled: Stores, tmp_path: Path) -> None:
    export_json(filled, tmp_path / "all.json")
    with TinyDB(tmp_path / "all.json") as stock:
        stock.table("acts").update({"party": "改"}, Query().id == "A00003")
        stock.table("acts").insert({"id": "A99999", "form": "T22"})
    again = TinyStore(tmp_path / "again" / "store.db")
    counts = import_json(tmp_path / "all.json", again)
    assert counts["acts"] == 1202
    with again.read() as tx, filled.read() as before:
        changed = tx.acts.get("A00003")
        assert changed and changed["party"] == "改"
        assert tx.acts.find(limit=100, offset=10) == before.acts.find(limit=100, offset=10)
        assert tx.acts.find(descending=True, limit=1)[0]["id"] == "A99999"
        assert tx.next_event_key() == "000000000002"
    again.close()


def test_a_store_that_is_not_empty_is_left_as_it_is(filled: Stores, tmp_path: Path) -> None:
    export_json(filled, tmp_path / "all.json")
    with pytest.raises(FormsvcError, match="不是空的"):
        import_json(tmp_path / "all.json", filled)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"acts": {"1": {"id": "A1"', "不是完整的 JSON"),
        ('{"acts": {"1": {"id": "A1", "x": NaN}}}', "NaN"),
        ("[1]", "不是 TinyDB"),
        ('{"acts": {"1": {"form": "T22"}}}', "第 1 条没有标识"),
        ('{"acts": {"x": {"id": "A1"}}}', "没有编号"),
        ('{"people": {"1": {"id": "A1"}}}', "people"),
        ('{"_export": {"1": {"format": 99}}}', "较新版本"),
        ('{"acts": {"1": {"id": "A1"}, "2": {"id": "A1"}}}', "已经登记过"),
    ],
)
def test_a_file_that_is_not_an_export_changes_nothing(
    store: Stores, tmp_path: Path, content: str, told: str
) -> None:
    (tmp_path / "all.json").write_text(content, encoding="utf-8")
    with pytest.raises(FormsvcError, match=told):
        import_json(tmp_path / "all.json", store)
    with store.read() as tx:
        assert all(getattr(tx, name).count() == 0 for name in COLLECTIONS)


def test_an_export_that_cannot_be_written_leaves_the_old_one(filled: Stores, tmp_path: Path) -> None:
    export_json(filled, tmp_path / "all.json")
    before = (tmp_path / "all.json").read_bytes()
    assert json.loads(before)["_export"]["1"]["counts"]["acts"] == 1201
    with pytest.raises(FormsvcError):
        export_json(filled, tmp_path / "nowhere" / "all.json")
    assert (tmp_path / "all.json").read_bytes() == before
    assert list(tmp_path.glob("*.part")) == list(tmp_path.glob(".*.part")) == []
