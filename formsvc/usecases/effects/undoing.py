"""Undoing of what a document did to registers and other documents."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from formsvc.domain.acts.act import Act
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.life.effects import EVENTS, Verb
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import Transaction
from formsvc.usecases.registers.rows import entries_of_act, restore_entries, withdraw_entries

# chains are short; the limit ends a loop in damaged data


def undo_effects(
    ports: Ports, tx: Transaction, act: Act, events: Collection[str] = EVENTS, *, by: str = ""
) -> None:
    """Undo what a document did at these events; what others did stays.

    ``by`` is the id of the document that undoes it, itself by default. What it had undone stands again.
    """
    now = ports.clock.now().isoformat(timespec="seconds")
    undone_by = by or act.id
    entries = [entry for entry in entries_of_act(tx, act.id) if entry.event in events]
    withdraw_entries(tx, entries, now, undone_by)
    for target in related_acts(ports, tx, act):
        mine = [c for c in target.consequences if _is_of(c, act, events)]
        if not mine:
            continue
        _replace(tx, target, now, [_withdrawn(c, undone_by) if c in mine else c for c in target.consequences])
        if any(c["do"] == Verb.REVOKE_DOCUMENT for c in mine):
            _restore_effects(ports, tx, target.id, undone_by=act.id)


def _restore_effects(ports: Ports, tx: Transaction, act_id: str, *, undone_by: str) -> None:
    """Let stand again what a document did and another document undid."""
    record = tx.acts.get(act_id)
    if record is None:
        return
    act, now = Act.from_record(record), ports.clock.now().isoformat(timespec="seconds")
    restore_entries(tx, [e for e in entries_of_act(tx, act_id) if e.withdrawn_by == undone_by])
    for target in related_acts(ports, tx, act):
        restored = [
            {**c, "withdrawn_by": ""} if c["act"] == act_id and c["withdrawn_by"] == undone_by else c
            for c in target.consequences
        ]
        if restored != target.consequences:
            _replace(tx, target, now, restored)


def _is_of(consequence: dict[str, Any], act: Act, events: Collection[str]) -> bool:
    is_standing = not consequence["withdrawn_by"]
    return is_standing and consequence["act"] == act.id and consequence["event"] in events


def _withdrawn(consequence: dict[str, Any], by: str) -> dict[str, Any]:
    return {**consequence, "withdrawn_by": by}


def _replace(tx: Transaction, act: Act, now: str, consequences: list[dict[str, Any]]) -> None:
    tx.acts.replace(act.id, act.changed(now, consequences=consequences).to_record())


def add_consequence(
    ports: Ports, tx: Transaction, target_id: str, act: Act, planned: tuple[str, str, str], **more: Any
) -> None:
    """Note on a document what another one did to it.

    ``planned`` are verb, event and day.
    """
    now = ports.clock.now().isoformat(timespec="seconds")
    target = Act.from_record(tx.acts.get(target_id) or {})
    verb, event, day = planned
    consequence = {
        "do": verb, "act": act.id, "title": str(act.title), "number": act.number, "event": event, "day": day,
        "at": now, "withdrawn_by": "", **more,
    }  # fmt: skip
    _replace(tx, target, now, [*target.consequences, consequence])


def related_acts(ports: Ports, tx: Transaction, act: Act) -> Iterator[Act]:
    """Yield the documents that an act's effects can reach, each once.

    Those its references name, and those that the case of each began with.
    """
    definition = ports.definitions.revision(act.revision).definition
    found = {first.id: first for first in [case_beginning(tx, act)]}
    for act_id in (act.source_act, *referenced_ids(definition, act)):
        record = tx.acts.get(act_id) if act_id else None
        if record:
            named = Act.from_record(record)
            first = case_beginning(tx, named)
            found |= {named.id: named, first.id: first}
    yield from found.values()


def referenced_ids(definition: FormDefinition, act: Act) -> list[str]:
    """Return the ids of our own documents that an act refers to."""
    references = [act.answers.get(f.key) for f in definition.fields if f.kind == "reference"]
    return [str(r["act_id"]) for r in references if isinstance(r, dict) and r.get("act_id")]


def case_beginning(tx: Transaction, act: Act) -> Act:
    """Return the act that a case began with, visible or not."""
    # `passed` ends a loop in damaged data
    passed: set[str] = set()
    while act.id not in passed:
        passed.add(act.id)
        record = tx.acts.get(act.source_act) if act.source_act else None
        if record is None:
            break
        act = Act.from_record(record)
    return act
