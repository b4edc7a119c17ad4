"""Circumstances: all that an evaluation may ask for outside the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from formsvc.domain.acts.act import NUMBERED_STATES, Act, State
from formsvc.domain.authorities import (
    ENTRUSTMENTS,
    Circumstances,
    Entrustment,
    KnownDocument,
    authority_from_record,
    entrustment_from_answers,
    officer_from_record,
)
from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.registers.timeline import EntryKind, RegisterEntry
from formsvc.errors import Conflict
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import Condition, Transaction
from formsvc.usecases.registers.rows import all_entries

SETTINGS_KEY = "office"


def load_circumstances(ports: Ports, tx: Transaction, definition: FormDefinition) -> Circumstances:
    """Return what checks of this definition may ask for.

    Documents are looked up lazily, each in a transaction of its own.
    """

    def look_up(key: str) -> KnownDocument | None:
        with ports.store.read() as now:
            return find_document(ports, now, key)

    def follower(form: str, act_id: str) -> KnownDocument | None:
        with ports.store.read() as now:
            return find_follower(now, form, act_id)

    return Circumstances(
        today=ports.clock.today(),
        calendar=ports.calendar,
        authorities=tuple(authority_from_record(r) for r in tx.authorities.find(order="id")),
        officers=tuple(officer_from_record(r) for r in tx.officers.find(order="id")),
        entrustments=tuple(load_entrustments(tx)),
        lookups=definition.lookups,
        office_settings=load_office_settings(tx),
        offered_forms=ports.definitions.offered_forms(),
        find_document=look_up,
        find_follower=follower,
        missing_glyphs=ports.missing_glyphs,
    )


def get_circumstances(ports: Ports, definition: FormDefinition) -> Circumstances:
    """Return what the checks of this definition may ask for now."""
    with ports.store.read() as tx:
        return load_circumstances(ports, tx, definition)


def load_office_settings(tx: Transaction) -> Mapping[str, Any]:
    record = tx.settings.get(SETTINGS_KEY)
    return {k: v for k, v in (record or {}).items() if k != "id"}


def load_entrustments(tx: Transaction) -> list[Entrustment]:
    """Return the entrustments (委托) of their register, in the order written."""
    histories: dict[str, list[RegisterEntry]] = {}
    for entry in all_entries(tx, ENTRUSTMENTS):
        histories.setdefault(entry.group, []).append(entry)
    found = [_entrustment(sorted(history, key=_by_day)) for history in histories.values()]
    return [entrustment for entrustment in found if entrustment is not None]


def _by_day(entry: RegisterEntry) -> tuple[str, str]:
    return entry.valid_from, entry.id


def _entrustment(history: list[RegisterEntry]) -> Entrustment | None:
    """Return an entrustment as its last entry leaves it, with its versions."""
    versions: list[tuple[date, Entrustment]] = []
    for entry in history:
        since = date.fromisoformat(entry.valid_from)
        if entry.rows:
            row = entry.rows[0]
            act_id = next((e.source_act for e in history if e.kind == EntryKind.WRITE), "")
            versions.append((since, entrustment_from_answers(str(row["doc_no"]), row, act_id)))
        elif versions:
            # a row that is ended is no longer in the register; it was an entrustment all the same
            versions.append((since, replace(versions[-1][1], ended_on=since)))
    return replace(versions[-1][1], versions=tuple(versions)) if versions else None


def find_document(ports: Ports, tx: Transaction, key: str) -> KnownDocument | None:
    """Return the numbered act or paper entrustment with this number or id."""
    record = tx.acts.get(key)
    if record is None:
        found = tx.acts.find(Condition("number", "==", key), limit=1) if key else []
        record = found[0] if found else None
    if record is None:
        return _on_paper(ports, tx, key)
    act = Act.from_record(record)
    return _known(act) if act.status in NUMBERED_STATES else None


def _known(act: Act) -> KnownDocument:
    state = "revoked" if act.is_revoked else act.state
    return KnownDocument(act.number, act.title, act.dated, act.id, act.form, state, act.answers)


def _on_paper(ports: Ports, tx: Transaction, number: str) -> KnownDocument | None:
    """Return an entrustment that was signed before the service was installed."""
    found = tx.entrustments.find(Condition("number", "==", number), limit=1) if number else []
    if not found:
        return None
    answers = found[0]
    dated = str(answers.get("issue_date") or "")
    # the kind of document that would register it now, where there is only one
    kinds = ports.definitions.forms_writing(ENTRUSTMENTS)
    title = ports.definitions.document_name(ENTRUSTMENTS)
    kind = kinds[0] if len(kinds) == 1 else ""
    return KnownDocument(number, title, dated, "", kind, State.ISSUED.value, answers)


def find_follower(tx: Transaction, form: str, act_id: str) -> KnownDocument | None:
    """Return the issued act of `form` made from this act, or None."""
    source = tx.acts.get(act_id) if act_id else None
    if source is None:
        return None
    found = tx.acts.find(
        Condition("form", "==", form),
        Condition("created_at", ">=", source["created_at"]),
        Condition("source_act", "==", act_id),
        Condition("state", "in", [State.ISSUED.value, State.SERVED.value]),
        limit=1,
    )
    return _known(Act.from_record(found[0])) if found else None


def require_only_follower(ports: Ports, tx: Transaction, act: Act) -> None:
    """Raise Conflict if a document has just got the one act it may have."""
    for entry in ports.definitions.revision(act.revision).definition.fields:
        reference = act.answers.get(entry.key) if entry.once else None
        other = find_follower(tx, act.form, reference["act_id"]) if reference else None
        if reference and other is not None and other.act_id != act.id:
            raise Conflict(
                msg("“{document}”刚刚已经办结一份同类文书。", document=reference["number"]),
                msg("请打开已有的一份；确有错误的，先将其作废。"),
            )
