"""What a document wrote into a row is for those who may see the document; others see the row without it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from formsvc.documents.checking.folders import FolderLibrary
from formsvc.domain.accounts.account import Account
from formsvc.domain.acts.act import Act
from formsvc.domain.registers.projection import ProjectedRow, RowState
from formsvc.domain.registers.timeline import EntryKind, RegisterEntry
from formsvc.errors import FormsvcError, InputRefused, NotFound
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.context import CONSOLE, Actor, Ports
from formsvc.usecases.definitions import DefinitionRepository
from formsvc.usecases.ports import Transaction
from formsvc.usecases.registers.excel.import_plan import Outcome, matched_columns, plan_import
from formsvc.usecases.registers.excel.import_writing import write_import
from formsvc.usecases.registers.excel.row_export import export_sheets
from formsvc.usecases.registers.excel.workbooks import WorkbookTable
from formsvc.usecases.registers.list_counts import CountCache
from formsvc.usecases.registers.row_changes import RowChange, end_row, keep_row, merge_rows
from formsvc.usecases.registers.row_history import row_history
from formsvc.usecases.registers.row_search import (
    RowFilters,
    duplicate_groups,
    find_rows,
    get_register,
    list_page,
    read_row,
)
from formsvc.usecases.registers.rows import add_entry, entries_of_act, withdraw_entries
from tests.support.checkers import DirectChecker
from tests.support.memory_office import make_office
from tests.support.paths import ROOT

STAND: dict[str, Any] = {
    "kind": "消火栓", "addr": "虚构站前路3号", "village": "站前社区", "owner": "虚构水务站", "state": "完好",
}  # fmt: skip


def person(name: str, authority: str, role: str = "staff") -> Actor:
    return Actor(Account(name, name, authority, {authority: [role]}))


TOWN, TOWN_TOO, BRIGADE = (
    person("镇办事员", "donghe"),
    person("镇审核人", "donghe", "reviewer"),
    person("大队", "brigade"),
)
ADMIN = Actor(Account("admin", "管理员", "", {"*": ["admin", "staff"]}))
CONSOLE_ACTOR = Actor(CONSOLE, via="console")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Ports:
    """An office with the shipped registers, on a store of files; its documents are of one shipped kind."""
    folder = tmp_path_factory.mktemp("prepared")
    office = make_office(folder / "kinds")
    for name in ("lookups", "registers"):
        shutil.copytree(ROOT / "form_definitions" / name, folder / "definitions" / name)
    store = TinyStore(folder / "store.db")
    library = FolderLibrary(folder / "definitions", folder / "definitions", DirectChecker())
    definitions = DefinitionRepository(library, store, office.ports.files, office.clock)
    definitions.registers()
    with office.ports.store.read() as tx:
        (revision,) = tx.revisions.find(limit=1)
    with store.write() as tx:
        tx.revisions.insert("K1", {**revision, "id": "K1"})
    return replace(office.ports, store=store, definitions=definitions)


@pytest.fixture
def ports(prepared: Ports, tmp_path: Path) -> Iterator[Ports]:
    """The same office with a store of its own."""
    assert isinstance(prepared.store, TinyStore)
    prepared.store.backup(tmp_path / "store.db")
    store = TinyStore(tmp_path / "store.db")
    yield replace(prepared, store=store)
    store.close()


@pytest.fixture
def stand(ports: Ports) -> ProjectedRow:
    """A hydrant that the office registered by hand."""
    return keep_row(ports, TOWN, "facilities", RowChange(STAND))


def written_by(
    ports: Ports, authority: str, row: ProjectedRow, changes: dict[str, Any], **act: Any
) -> RegisterEntry:
    """A document of an authority that changed a row of the office."""
    with ports.store.write() as tx:
        known = issued(tx, f"act{tx.acts.count() + 1}", authority, **act)
        return add_entry(tx, entry(row, changes, known.id))


def issued(tx: Transaction, id_: str, authority: str, **more: Any) -> Act:
    """A document that an authority issued."""
    act = Act(id_, "K", "K1", "核查记录", "issued", authority=authority, **more)
    tx.acts.insert(act.id, act.to_record())
    return act


def group_of(row: dict[str, Any]) -> str:
    return json.dumps([row["fac_no"]], ensure_ascii=False)


def entry(row: ProjectedRow, changes: dict[str, Any], act: str) -> RegisterEntry:
    return RegisterEntry(
        "", row.register, row.group, EntryKind.CHANGE, "2026-09-21", [changes],
        {"fac_no": row.values["fac_no"]}, source_act=act, event="issued", at="2026-09-21T10:00:00", by="x",
    )  # fmt: skip


def seen(ports: Ports, actor: Actor, row: ProjectedRow, column: str = "state") -> str:
    """A column on the row, in the list, in the search and in the workbook: the same everywhere."""
    values = [
        read_row(ports, actor, "facilities", row.row).values,
        *(
            each.values
            for each in list_page(ports, actor, "facilities", RowFilters()).rows
            if each.row == row.row
        ),
        *(each.values for each in find_rows(ports, actor, "facilities", str(row.key)) if each.row == row.row),
    ]
    assert len(values) == 3, "once in the list, once in the search"
    head, *lines = [
        [str(cell) for cell in line]
        for sheet in export_sheets(ports, actor, "facilities")[:1]
        for line in (sheet.head, *sheet.rows)
    ]
    label = get_register(ports, "facilities").label_of(column)
    (line,) = [each for each in lines if row.key in each]
    (shown,) = {str(each[column]) for each in values} | {line[head.index(label)]}
    return shown


def test_a_change_by_a_document_is_seen_by_its_authority_and_administrators(
    ports: Ports, stand: ProjectedRow
) -> None:
    written_by(ports, "brigade", stand, {"state": "损坏"})
    assert [seen(ports, each, stand) for each in (TOWN, BRIGADE, ADMIN, CONSOLE_ACTOR)] == [
        "完好", "损坏", "损坏", "损坏",
    ]  # fmt: skip
    for actor, found in ((TOWN, 0), (BRIGADE, 1)):
        broken = RowFilters(columns={"state": "损坏"})
        assert list_page(ports, actor, "facilities", broken).total == found
        counts = CountCache().get(ports, actor, get_register(ports, "facilities"))
        assert [view.count for view in counts.views if view.title == "损坏"] == [found]
        assert counts.values["state"], "values to filter by"


def test_people_change_the_row_as_they_see_it_and_each_side_keeps_its_own(
    ports: Ports, stand: ProjectedRow
) -> None:
    written_by(ports, "brigade", stand, {"state": "损坏", "manager": "孙大"})
    before = read_row(ports, TOWN, "facilities", stand.row)
    sent = {**before.values, "owner": "虚构镇水务所"}
    keep_row(ports, TOWN, "facilities", RowChange(sent, stand.row, seen=before.entry))
    shown = [read_row(ports, each, "facilities", stand.row).values for each in (TOWN, BRIGADE)]
    assert [(v["owner"], v["state"], v.get("manager") or "") for v in shown] == [
        ("虚构镇水务所", "完好", ""), ("虚构镇水务所", "损坏", "孙大"),
    ]  # fmt: skip


def test_the_history_names_a_foreign_change_without_day_number_or_values(
    ports: Ports, stand: ProjectedRow
) -> None:
    written_by(ports, "brigade", stand, {"state": "损坏"})
    register = get_register(ports, "facilities")
    lines = row_history(ports, TOWN, register, read_row(ports, TOWN, "facilities", stand.row))
    assert [(line.kind, line.day, line.by, line.changes) for line in lines[:1]] == [("hidden", "", "", ())]
    assert [line.kind for line in lines] == ["hidden", "begun"]
    own = row_history(ports, BRIGADE, register, read_row(ports, BRIGADE, "facilities", stand.row))
    assert [line.kind for line in own] == ["changed", "begun"] and own[0].changes[0].after == "损坏"


def test_a_confidential_document_changes_a_row_for_its_readers_alone_and_is_not_told_of(
    ports: Ports, stand: ProjectedRow
) -> None:
    written_by(ports, "donghe", stand, {"state": "损坏"}, confidential=True, readers=["镇办事员"])
    others = person("另一办事员", "donghe")
    assert [seen(ports, each, stand) for each in (TOWN, TOWN_TOO, others, BRIGADE, ADMIN)] == [
        "损坏", "损坏", "完好", "完好", "完好",
    ]  # fmt: skip
    register = get_register(ports, "facilities")
    lines = row_history(ports, others, register, read_row(ports, others, "facilities", stand.row))
    assert [line.kind for line in lines] == ["begun"], "not even that there is one"


def test_a_row_that_a_confidential_document_wrote_is_its_readers_alone(ports: Ports) -> None:
    with ports.store.write() as tx:
        act = issued(tx, "secret", "donghe", confidential=True, readers=["镇办事员"])
        row = {**STAND, "fac_no": "01-0009"}
        add_entry(tx, RegisterEntry(
            "", "facilities", group_of(row), EntryKind.WRITE, "2026-09-21",
            [row], source_act=act.id, at="2026-09-21T10:00:00",
        ))  # fmt: skip
    (found,) = list_page(ports, TOWN, "facilities", RowFilters()).rows
    for actor in (person("另一办事员", "donghe"), BRIGADE, ADMIN):
        assert list_page(ports, actor, "facilities", RowFilters()).total == 0
        with pytest.raises(NotFound):
            read_row(ports, actor, "facilities", found.row)
        with pytest.raises(InputRefused, match="里已有“01-0009”") as refused:
            keep_row(ports, actor, "facilities", RowChange(row))
        assert "经办的机关" in str(refused.value.problems[0].remedy)
    # the next row repeats what the latest one says, not that of a document one may not see
    with ports.store.write() as tx:
        entry_of = entries_of_act(tx, "secret")[0]
        withdraw_entries(tx, [entry_of], "2026-09-21T11:00:00", "")
    assert list_page(ports, TOWN, "facilities", RowFilters()).total == 0


def test_columns_repeated_from_the_latest_row_are_those_that_the_person_sees(
    ports: Ports, stand: ProjectedRow
) -> None:
    written_by(ports, "brigade", stand, {"owner": "虚构大队"})
    new = {key: value for key, value in STAND.items() if key != "owner"}
    for actor, owner in ((TOWN, "虚构水务站"), (BRIGADE, "虚构大队")):
        added = keep_row(ports, actor, "facilities", RowChange({**new, "addr": f"虚构{owner}院内"}))
        assert added.values["owner"] == owner
        end_row(ports, actor, "facilities", added.row, reason="重复登记")
        with ports.store.write() as tx:
            latest = written_by_again(tx, stand)
        assert latest.rows


def written_by_again(tx: Any, row: ProjectedRow) -> RegisterEntry:
    """The document of the brigade writes once more, last of all."""
    return add_entry(tx, entry(row, {"owner": "虚构大队"}, "act1"))


def test_a_row_ended_by_a_foreign_document_goes_on_for_those_who_may_not_see_it(
    ports: Ports, stand: ProjectedRow
) -> None:
    with ports.store.write() as tx:
        issued(tx, "gone", "brigade")
        ending = RegisterEntry(
            "", "facilities", stand.group, EntryKind.END, "2026-09-21", [{"state": "停用"}],
            {"fac_no": stand.key}, source_act="gone", at="2026-09-21T10:00:00",
        )  # fmt: skip
        add_entry(tx, ending)
    states = [read_row(ports, each, "facilities", stand.row).state for each in (TOWN, BRIGADE)]
    assert states == [RowState.CURRENT, RowState.ENDED]
    assert list_page(ports, TOWN, "facilities", RowFilters(view="ended")).total == 0


def test_a_merge_takes_over_nothing_that_a_document_wrote(ports: Ports, stand: ProjectedRow) -> None:
    twin = keep_row(
        ports, BRIGADE, "facilities", RowChange({**STAND, "addr": "虚构站前路5号", "note": "井盖松"})
    )
    written_by(ports, "brigade", twin, {"phone": "19900000098"})
    merge_rows(ports, BRIGADE, "facilities", stand.row, twin.row, reason="同一处")
    for actor in (TOWN, BRIGADE):
        merged = read_row(ports, actor, "facilities", stand.row).values
        assert merged["note"] == "井盖松" and not merged.get("phone")


def test_duplicates_are_told_to_those_who_see_both_rows(ports: Ports, stand: ProjectedRow) -> None:
    other = keep_row(ports, TOWN, "facilities", RowChange({**STAND, "addr": "虚构站前路5号"}))
    written_by(ports, "brigade", other, {"addr": STAND["addr"]})
    assert duplicate_groups(ports, TOWN, "facilities") == []
    found = {row.row for row in duplicate_groups(ports, BRIGADE, "facilities")}
    assert found == {stand.row, other.row}
    # one that all see is told to all, also after a document changed something else
    third = keep_row(
        ports, TOWN, "facilities",
        RowChange({**STAND, "addr": "虚构站前路3 号"}, accepted=frozenset([stand.row])),
    )  # fmt: skip
    written_by(ports, "brigade", third, {"state": "损坏"})
    assert {row.row for row in duplicate_groups(ports, TOWN, "facilities")} == {stand.row, third.row}


def test_an_import_changes_what_the_person_sees_and_refuses_rows_that_they_may_not_see(
    ports: Ports, stand: ProjectedRow
) -> None:
    written_by(ports, "brigade", stand, {"state": "损坏"})
    with ports.store.write() as tx:
        row = {**STAND, "fac_no": "01-0009", "addr": "虚构东街1号"}
        add_entry(tx, RegisterEntry(
            "", "facilities", group_of(row), EntryKind.WRITE, "2026-09-21",
            [row], source_act="act1", at="2026-09-21T10:00:00",
        ))  # fmt: skip
    head = ("编号", "类别", "位置", "村（社区）", "状态", "备注")
    lines = (
        (2, (stand.key, "消火栓", STAND["addr"], "站前社区", "完好", "已刷漆")),
        (3, ("01-0009", "消火栓", "虚构东街1号", "站前社区", "完好", "")),
        (4, ("", "消火栓", "虚构东街1号", "站前社区", "完好", "")),
    )
    table = WorkbookTable("消火栓", head, lines)
    columns = matched_columns(get_register(ports, "facilities"), table)
    plan = plan_import(ports, TOWN, "facilities", table, columns)
    assert [row.outcome for row in plan.rows] == [Outcome.CHANGED, Outcome.REFUSED, Outcome.NEW]
    assert set(plan.rows[0].changes) == {"note"}
    assert plan.rows[1].before is None and "经办的机关" in str(plan.rows[1].problems[0].remedy)
    with pytest.raises(FormsvcError, match="没有决定"):
        write_import(ports, TOWN, plan, "消火栓.xlsx")
    write_import(ports, TOWN, plan.without_undecided(), "消火栓.xlsx")
    assert (seen(ports, TOWN, stand), seen(ports, BRIGADE, stand)) == ("完好", "损坏")
    assert seen(ports, TOWN, stand, "note") == seen(ports, BRIGADE, stand, "note") == "已刷漆"
    plan = plan_import(ports, BRIGADE, "facilities", table, columns)
    assert [row.outcome for row in plan.rows[:2]] == [Outcome.CHANGED, Outcome.UNCHANGED]


def test_five_documents_apart_are_hidden_together_rather_than_shown(
    ports: Ports, stand: ProjectedRow
) -> None:
    columns = ("owner", "manager", "checker", "note", "name")
    for number, column in enumerate(columns):
        readers = [f"读者{number}"]
        written_by(ports, "donghe", stand, {column: "密"}, confidential=True, readers=readers)
    for number, column in enumerate(columns):
        reader = person(f"读者{number}", "donghe")
        shown = read_row(ports, reader, "facilities", stand.row).values
        read = {key for key in columns if shown.get(key) == "密"}
        assert read == ({column} if number < 3 else set()), "the last two are taken together"
    assert {
        k for k in columns if read_row(ports, TOWN_TOO, "facilities", stand.row).values[k] == "密"
    } == set(columns)
