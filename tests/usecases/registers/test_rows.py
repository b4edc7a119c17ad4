"""Registers in an office: a faulty one is held back alone; rows have a history and are in every copy of the data."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from formsvc.documents.checking.folders import FolderLibrary
from formsvc.domain.registers.timeline import EntryKind, RegisterEntry
from formsvc.errors import NotFound
from formsvc.storage.backup.json_export import export_json, import_json
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.definitions import DefinitionRepository
from formsvc.usecases.registers.rows import add_entry, list_rows, rows_in_force, withdraw_entries
from tests.support.checkers import DirectChecker
from tests.support.memory_office import Office, make_office
from tests.support.paths import ROOT

DAY = date(2026, 9, 21)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of definitions with the shipped registers and no forms."""
    for name in ("lookups", "registers"):
        shutil.copytree(ROOT / "form_definitions" / name, tmp_path / "definitions" / name)
    return tmp_path / "definitions"


def repository(office: Office, folder: Path) -> DefinitionRepository:
    library = FolderLibrary(folder, folder, DirectChecker())
    return DefinitionRepository(library, office.ports.store, office.ports.files, office.clock)


def test_a_faulty_register_is_held_back_with_its_faults_and_the_last_good_one_goes_on(
    office: Office, folder: Path
) -> None:
    file = folder / "registers" / "hazards.json"
    good = json.loads(file.read_text(encoding="utf-8"))
    assert {"entrustments", "hazards", "responsible"} <= set(repository(office, folder).registers())
    file.write_text(json.dumps({**good, "title": "新台账", "key": ["doc_nr"]}), encoding="utf-8")
    broken = repository(office, folder)
    assert broken.registers()["hazards"].title == good["title"]
    assert [(f.file, f.where) for f in broken.faults() if f.file.startswith("registers")] == [
        ("registers/hazards.json", "/key/0")
    ]
    file.write_text(json.dumps({**good, "title": "新台账"}), encoding="utf-8")
    mended = repository(office, folder)
    assert mended.registers()["hazards"].title == "新台账" and mended.faults() == ()


def test_a_register_that_does_not_exist_is_no_empty_list(office: Office) -> None:
    assert list_rows(office.ports, "hazards") == []
    with pytest.raises(NotFound, match="没有登记簿“hazard”"):
        list_rows(office.ports, "hazard")


def row(day: str, name: str) -> RegisterEntry:
    return RegisterEntry("", "keys", "101", EntryKind.WRITE, day, [{"room": "101", "name": name}])


def test_rows_are_kept_by_day_checked_by_verify_and_carried_by_the_export(tmp_path: Path) -> None:
    store = TinyStore(tmp_path / "a" / "store.db")
    with store.write() as tx:
        add_entry(tx, row("2026-06-01", "丙"))
        first = add_entry(tx, row("2026-03-01", "甲"))
    with store.read() as tx:
        assert [r.values["name"] for r in rows_in_force(tx, "keys", date(2026, 5, 31))] == ["甲"]
        assert [r.values["name"] for r in rows_in_force(tx, "keys", date(2026, 6, 1))] == ["丙"]
        assert rows_in_force(tx, "keys", date(2026, 2, 1)) == []
    with store.write() as tx:
        withdraw_entries(tx, [first], "2026-09-21T10:00:00", "")
    with store.read() as tx:
        assert rows_in_force(tx, "keys", date(2026, 5, 31)) == []
        kept = tx.register_entries.find(order="id")
    assert len(kept) == 2, "a withdrawn entry stays in the history"
    assert store.verify() == []
    export_json(store, tmp_path / "out.json")
    other = TinyStore(tmp_path / "b" / "store.db")
    import_json(tmp_path / "out.json", other)
    with other.read() as tx:
        assert tx.register_entries.find(order="id") == kept
    other.close()
    backup = tmp_path / "copy.db"
    store.backup(backup)
    store.close()
    copied = TinyStore(backup)
    with copied.read() as tx:
        assert tx.register_entries.find(order="id") == kept
    copied.close()


def test_entries_of_one_transaction_keep_their_order(tmp_path: Path) -> None:
    store = TinyStore(tmp_path / "store.db")
    with store.write() as tx:
        written = [add_entry(tx, replace(row("2026-03-01", name), group=name)) for name in "甲乙丙"]
    assert [each.id for each in written] == ["000000000001", "000000000002", "000000000003"]
    store.close()
