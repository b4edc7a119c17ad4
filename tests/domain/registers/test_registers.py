"""What a register is, which faults hold it back, and what its rows are on a day."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from formsvc.domain.registers.definition import RegisterDefinition, register_schema
from formsvc.domain.registers.loader import read_register
from formsvc.domain.registers.timeline import EntryKind, RegisterEntry, arranged, rows_on
from tests.support.circumstances import read_folder
from tests.support.paths import ROOT

LOOKUPS = read_folder("lookups")
SHIPPED = read_folder("registers")
KEYS: dict[str, Any] = {
    "id": "keys",
    "title": "钥匙登记",
    "key": ["room", "name"],
    "replaced_together": ["room"],
    "columns": [
        {"key": "room", "label": "房间", "kind": "text", "required": True},
        {"key": "name", "label": "持有人", "kind": "text", "max": 10},
        {"key": "since", "label": "领取日期", "kind": "date"},
    ],
}


def faults_of(**changes: Any) -> list[str]:
    return [fault.message for fault in read_register({**KEYS, **changes}, LOOKUPS, "registers/keys.json")[1]]


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_shipped_registers_have_no_fault_and_survive_being_stored(name: str) -> None:
    register, faults = read_register(SHIPPED[name], LOOKUPS, f"registers/{name}.json")
    assert faults == () and register is not None
    resolved = register.to_resolved()
    assert RegisterDefinition.from_resolved(json.loads(json.dumps(resolved))).to_resolved() == resolved


def test_the_schema_for_editors_is_current() -> None:
    kept = (ROOT / "docs/register-definition.schema.json").read_text(encoding="utf-8")
    written = json.dumps(register_schema(), ensure_ascii=False, indent=2) + "\n"
    assert kept == written, "write the new schema to that file"


def test_every_fault_of_a_register_is_named_with_what_to_write() -> None:
    columns = KEYS["columns"]
    assert faults_of() == []
    assert faults_of(id="key") == ["编号“key”与文件名“keys”不同，请改成一样。"]
    assert "没有名为“rom”的列" in faults_of(key=["rom", "name"], replaced_together=[])[0]
    assert faults_of(replaced_together=["since"]) == ["“since”不在 key 中，不能据以整体替换。"]
    shown = [*columns[:2], {**columns[2], "shown": "true"}]
    assert faults_of(columns=shown) == ["登记簿的列不能写“shown”：内容由文书的 effects 写入。"]
    assert "没有“dat”这种字段类型" in faults_of(columns=[*columns[:2], {**columns[2], "kind": "dat"}])[0]
    several = faults_of(id="key", replaced_together=["since"], columns=shown)
    assert len(several) == 3, "all of them at once"


def entry(number: int, day: str, *names: str, **more: Any) -> RegisterEntry:
    rows = [{"room": "101", "name": name} for name in names]
    return RegisterEntry(f"{number:03d}", "keys", "101", EntryKind.WRITE, day, rows, **more)


def holders(entries: list[RegisterEntry], day: str) -> list[str]:
    return [row["name"] for row in rows_on(arranged(entries), date.fromisoformat(day))]


def test_rows_hold_from_their_day_until_the_day_before_they_are_replaced() -> None:
    history = [entry(1, "2026-03-01", "甲", "乙"), entry(2, "2026-06-01", "丙")]
    first, second = arranged(history)
    assert (first.valid_from, first.valid_to) == ("2026-03-01", "2026-05-31")
    assert second.replaces == first.id and second.valid_to == "9999-12-31"
    assert holders(history, "2026-02-28") == []
    assert holders(history, "2026-05-31") == ["甲", "乙"]
    assert holders(history, "2026-06-01") == ["丙"]


def test_what_is_written_later_for_an_earlier_day_ends_where_the_next_begins() -> None:
    history = [entry(1, "2026-06-01", "丙"), entry(2, "2026-03-01", "甲")]
    assert holders(history, "2026-04-01") == ["甲"] and holders(history, "2026-07-01") == ["丙"]


def test_of_two_entries_of_one_day_the_later_holds_on_it() -> None:
    assert holders([entry(1, "2026-03-01", "甲"), entry(2, "2026-03-01", "乙")], "2026-03-01") == ["乙"]


def test_an_entry_withdrawn_leaves_the_others_as_if_it_had_never_been() -> None:
    change = RegisterEntry(
        "002", "keys", "101", EntryKind.CHANGE, "2026-04-01", [{"since": "2026-04-01"}], {"name": "甲"}
    )
    history = [entry(1, "2026-03-01", "甲", "乙"), change, entry(3, "2026-06-01", "丙")]
    assert rows_on(arranged(history), date(2026, 4, 2)) == [
        {"room": "101", "name": "甲", "since": "2026-04-01"},
        {"room": "101", "name": "乙"},
    ]
    without_change = [history[0], replace(change, withdrawn="2026-07-01"), history[2]]
    assert arranged(without_change) == arranged([history[0], history[2]])
    without_first = [replace(history[0], withdrawn="2026-07-01"), *history[1:]]
    assert holders(without_first, "2026-05-01") == [] and holders(without_first, "2026-06-01") == ["丙"]


def test_an_end_takes_the_matching_rows_away_and_no_others() -> None:
    end = RegisterEntry("002", "keys", "101", EntryKind.END, "2026-04-01", matching={"name": "甲"})
    history = [entry(1, "2026-03-01", "甲", "乙"), end]
    assert holders(history, "2026-03-31") == ["甲", "乙"] and holders(history, "2026-04-01") == ["乙"]
