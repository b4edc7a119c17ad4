"""Rows of registers (登记簿) on a day, and the entries that make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from formsvc.domain.json_types import JSON
from formsvc.domain.registers.timeline import RegisterEntry, arranged
from formsvc.errors import NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Condition, Transaction
from formsvc.usecases.registers.row_index import index_groups
from formsvc.usecases.registers.row_owners import visible_entries

Row = Mapping[str, JSON]


@dataclass(frozen=True)
class RegisterRow:
    """A row in force, with the entry that its values follow from."""

    entry: RegisterEntry
    values: Mapping[str, JSON]


def list_rows(ports: Ports, register: str, day: date | None = None) -> list[RegisterRow]:
    """Return the rows of a register in force on a day, today by default.

    Raise NotFound for an unknown register.
    """
    if register not in ports.definitions.registers():
        raise NotFound(
            msg("没有登记簿“{register}”。", register=register),
            msg("请管理员核对 form_definitions/registers 文件夹。"),
        )
    with ports.store.read() as tx:
        return rows_in_force(tx, register, day or ports.clock.today())


def rows_in_force(tx: Transaction, register: str, day: date) -> list[RegisterRow]:
    on = day.isoformat()
    records = tx.register_entries.find(
        Condition("register", "==", register),
        Condition("valid_to", ">=", on),
        Condition("valid_from", "<=", on),
        Condition("withdrawn", "==", ""),
        order="id",
    )
    return _rows(map(RegisterEntry.from_record, records))


def all_entries(tx: Transaction, register: str) -> list[RegisterEntry]:
    """Return every entry of a register that stands, in the order written."""
    records = tx.register_entries.find(
        Condition("register", "==", register), Condition("withdrawn", "==", ""), order="id"
    )
    return [RegisterEntry.from_record(record) for record in records]


def entries_of_act(tx: Transaction, act_id: str) -> list[RegisterEntry]:
    """Return what a document wrote into registers, withdrawn or not."""
    records = tx.register_entries.find(Condition("source_act", "==", act_id), order="id")
    return [RegisterEntry.from_record(record) for record in records]


def group_history(tx: Transaction, register: str, group: str) -> list[RegisterEntry]:
    """Return the entries about rows that are replaced together."""
    records = tx.register_entries.find(
        Condition("register", "==", register), Condition("group", "==", group), order="id"
    )
    return [RegisterEntry.from_record(record) for record in records]


def visible_history(tx: Transaction, actor: Actor, register: str, group: str) -> list[RegisterEntry]:
    """Return the entries that stand and that the person may see.

    Their rows and days are as if there were no others.
    """
    return arranged(visible_entries(tx, actor, group_history(tx, register, group)))


def visible_rows(tx: Transaction, actor: Actor, register: str, day: date) -> list[RegisterRow]:
    """Return the rows in force on a day, made by entries the person may see."""
    on = day.isoformat()
    histories: dict[str, list[RegisterEntry]] = {}
    for entry in visible_entries(tx, actor, all_entries(tx, register)):
        histories.setdefault(entry.group, []).append(entry)
    return [
        RegisterRow(entry, row)
        for history in histories.values()
        for entry in arranged(history)
        if entry.valid_from <= on <= entry.valid_to
        for row in entry.rows
    ]


def add_entry(tx: Transaction, entry: RegisterEntry) -> RegisterEntry:
    """Store a new entry and bring the days of its group up to date."""
    added = replace(entry, id=f"{next_entry(tx):012d}")
    before = group_history(tx, added.register, added.group)
    after = {each.id: each for each in arranged([*before, added])}
    tx.register_entries.insert(added.id, after[added.id].to_record())
    _replace_changed(tx, before, after)
    index_groups(tx, added.register, [added.group])
    return after[added.id]


def next_entry(tx: Transaction) -> int:
    """Return the number of the next entry."""
    last = tx.register_entries.find(order="id", descending=True, limit=1)
    return int(last[0]["id"]) + 1 if last else 1


def withdraw_entries(
    tx: Transaction, entries: Iterable[RegisterEntry], at: str, by: str
) -> list[RegisterEntry]:
    """Take entries out of the history; what stood before them stands again.

    ``by`` is the id of the document that undoes them.
    """
    withdrawn = [replace(entry, withdrawn=at, withdrawn_by=by) for entry in entries if not entry.withdrawn]
    _replace_all(tx, withdrawn)
    return withdrawn


def restore_entries(tx: Transaction, entries: Iterable[RegisterEntry]) -> None:
    """Put withdrawn entries back into the history."""
    _replace_all(tx, [replace(entry, withdrawn="", withdrawn_by="") for entry in entries])


def _replace_all(tx: Transaction, changed: Sequence[RegisterEntry]) -> None:
    for entry in changed:
        tx.register_entries.replace(entry.id, entry.to_record())
    for register, group in dict.fromkeys((entry.register, entry.group) for entry in changed):
        history = group_history(tx, register, group)
        _replace_changed(tx, history, {each.id: each for each in arranged(history)})
        index_groups(tx, register, [group])


def erase_entries(tx: Transaction, act_id: str, retained: Callable[[str, Row], Row]) -> None:
    """Erase personal data that a document wrote, in later rows as well.

    ``retained`` returns the part of a row of a register that stays.
    """
    for entry in entries_of_act(tx, act_id):
        kept = replace(
            entry,
            given=[dict(retained(entry.register, row)) for row in entry.given],
            added=dict(retained(entry.register, entry.added)),
            note="",
            rows=[dict(retained(entry.register, row)) for row in entry.rows],
        )
        tx.erase("register_entries", entry.id, kept.to_record())
        history = group_history(tx, entry.register, entry.group)
        after = {each.id: each for each in arranged(history)}
        for other in history:
            if after.get(other.id, other) != other:
                tx.erase("register_entries", other.id, after[other.id].to_record())
        index_groups(tx, entry.register, [entry.group])


def _replace_changed(
    tx: Transaction, before: Sequence[RegisterEntry], after: Mapping[str, RegisterEntry]
) -> None:
    for entry in before:
        new = after.get(entry.id, entry)
        if new != entry:
            tx.register_entries.replace(entry.id, new.to_record())


def _rows(entries: Iterable[RegisterEntry]) -> list[RegisterRow]:
    return [RegisterRow(entry, row) for entry in entries for row in entry.rows]
