"""Owners of what documents wrote in registers, and who may see it.

What people or an import wrote is the office's. What a document wrote is seen only by those who may see the document:
its owner is the authority of the document, or a confidential document itself. People who may not see it see the rows
as if it had never been written (``domain.registers.audiences``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache, partial

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Act
from formsvc.domain.registers.audiences import hides_owners, includes
from formsvc.domain.registers.projection import (
    ProjectedRow,
    RowState,
    audience_of_part,
    part_of,
    parts_with_audience,
    record_keys,
)
from formsvc.domain.registers.timeline import RegisterEntry
from formsvc.usecases.access import may_see
from formsvc.usecases.context import Actor
from formsvc.usecases.ports import Condition, Transaction

_CONFIDENTIAL = "!"


def owner_of(tx: Transaction, entry: RegisterEntry) -> str:
    """Return the owner of what an entry wrote, "" for the office."""
    record = tx.acts.get(entry.source_act) if entry.source_act else None
    if record is None:
        return ""
    act = Act.from_record(record)
    return f"{_CONFIDENTIAL}{act.id}" if act.confidential else act.authority


def is_confidential(owner: str) -> bool:
    return owner.startswith(_CONFIDENTIAL)


def may_see_owner(tx: Transaction, actor: Actor | None, owner: str) -> bool:
    """Return whether the person may see what an owner wrote.

    None sees what the office wrote.
    """
    if not owner:
        return True
    if actor is None or actor.via == "console":
        return actor is not None
    if is_confidential(owner):
        record = tx.acts.get(owner.removeprefix(_CONFIDENTIAL))
        return record is not None and may_see(actor, Act.from_record(record))
    return actor.account.is_admin or actor.account.may(Right.VIEW, owner)


def belongs_to(tx: Transaction, actor: Actor | None, audience: str) -> bool:
    """Return whether the person belongs to an audience."""
    return includes(audience, partial(may_see_owner, tx, actor))


def visible_entries(
    tx: Transaction, actor: Actor | None, entries: Iterable[RegisterEntry]
) -> list[RegisterEntry]:
    """Return the entries that the person may see."""
    return [entry for entry in entries if may_see_owner(tx, actor, owner_of(tx, entry))]


def visible_audiences(tx: Transaction, actor: Actor | None, register: str) -> tuple[str, ...]:
    """Return the audiences of rows of a register to which the person belongs.

    The office, whose rows all see, is not among them.
    """
    may_see_one = cache(partial(may_see_owner, tx, actor))
    return tuple(each for each in row_audiences(tx, register) if includes(each, may_see_one))


def row_audiences(tx: Transaction, register: str) -> list[str]:
    """Return the audiences of rows of a register, without everybody."""
    kept = tx.settings.get(_audiences_key(register))
    return list(kept["audiences"]) if kept else _stored_audiences(tx, register)


def keep_audiences(tx: Transaction, register: str, found: Collection[str]) -> None:
    """Keep audiences of rows that are stored now.

    To count them in a hundred thousand rows takes a tenth of a second, and every list asks for them.
    """
    key = _audiences_key(register)
    kept = tx.settings.get(key)
    known = set(kept["audiences"] if kept else _stored_audiences(tx, register))
    if known.issuperset(found) and (kept or not known):
        return
    record = {"audiences": sorted(known | set(found))}
    (tx.settings.replace if kept else tx.settings.insert)(key, record)


def _audiences_key(register: str) -> str:
    return f"register_audiences/{register}"


def _stored_audiences(tx: Transaction, register: str) -> list[str]:
    first, after = parts_with_audience(register)
    parts = tx.register_rows.groups("part", Condition("part", ">=", first), Condition("part", "<", after))
    return sorted({audience_of_part(part) for part in parts})


def part_condition(register: str, state: RowState, audiences: tuple[str, ...] | list[str]) -> Condition:
    """Return the condition of the rows for everybody and these audiences."""
    office = part_of(register, state)
    if not audiences:
        return Condition("part", "==", office)
    return Condition("part", "in", [office, *(part_of(register, state, each) for each in audiences)])


def visible_part(tx: Transaction, actor: Actor | None, register: str, state: RowState) -> Condition:
    """Return the condition of the rows in a state that the person may see."""
    return part_condition(register, state, visible_audiences(tx, actor, register))


def complete_part(tx: Transaction, register: str, state: RowState) -> Condition:
    """Return the condition of all rows with what all owners wrote."""
    complete = [each for each in row_audiences(tx, register) if not hides_owners(each)]
    return part_condition(register, state, complete)


def read_visible(tx: Transaction, actor: Actor | None, register: str, row: str) -> ProjectedRow | None:
    """Return a stored row as the person may see it, None if there is none."""
    first, after = record_keys(register, row)
    for record in tx.register_rows.find(Condition("id", ">=", first), Condition("id", "<", after)):
        found = ProjectedRow.from_record(record)
        # rows with the same key differ in what follows the id
        if found.row == row and belongs_to(tx, actor, found.audience):
            return found
    return None
