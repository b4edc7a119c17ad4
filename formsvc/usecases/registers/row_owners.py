"""Owners of register rows: who may see what a document wrote there.

A row that people or an import wrote is the office's. A row that a document wrote is seen only by those who may see the
document: its owner is the authority of the document, or a confidential document itself.
"""

from __future__ import annotations

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Act
from formsvc.domain.registers.projection import RowState, owned_parts, owner_of_part, part_of
from formsvc.domain.registers.timeline import RegisterEntry
from formsvc.usecases.access import may_see
from formsvc.usecases.context import Actor
from formsvc.usecases.ports import Condition, Transaction

_CONFIDENTIAL = "!"


def owner_of(tx: Transaction, entry: RegisterEntry) -> str:
    """Return the owner of the rows that an entry wrote, "" for the office."""
    record = tx.acts.get(entry.source_act) if entry.source_act else None
    if record is None:
        return ""
    act = Act.from_record(record)
    return f"{_CONFIDENTIAL}{act.id}" if act.confidential else act.authority


def may_see_owner(tx: Transaction, actor: Actor, owner: str) -> bool:
    """Return whether the person may see the rows of an owner."""
    if not owner or actor.via == "console":
        return True
    if owner.startswith(_CONFIDENTIAL):
        record = tx.acts.get(owner.removeprefix(_CONFIDENTIAL))
        return record is not None and may_see(actor, Act.from_record(record))
    return actor.account.is_admin or actor.account.may(Right.VIEW, owner)


def visible_owners(tx: Transaction, actor: Actor, register: str) -> tuple[str, ...]:
    """Return the owners of rows of a register that the person may see.

    The office, whose rows all see, is not among them.
    """
    return tuple(owner for owner in row_owners(tx, register) if may_see_owner(tx, actor, owner))


def row_owners(tx: Transaction, register: str) -> list[str]:
    """Return the owners of rows of a register, without the office."""
    first, after = owned_parts(register)
    parts = tx.register_rows.groups("part", Condition("part", ">=", first), Condition("part", "<", after))
    return sorted({owner_of_part(part) for part in parts})


def part_condition(register: str, state: RowState, owners: tuple[str, ...] | list[str]) -> Condition:
    """Return the condition of the office's rows and those of the owners."""
    office = part_of(register, state)
    if not owners:
        return Condition("part", "==", office)
    return Condition("part", "in", [office, *(part_of(register, state, owner) for owner in owners)])


def visible_part(tx: Transaction, actor: Actor, register: str, state: RowState) -> Condition:
    """Return the condition of the rows in a state that the person may see."""
    return part_condition(register, state, visible_owners(tx, actor, register))
