"""Circumstances: all that an evaluation may ask for outside the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from formsvc.domain.accounts.account import Right
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
from formsvc.domain.calendar import OFFICIAL_TABLES, Calendar, calendar_of
from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.fields import Field
from formsvc.domain.fields.former_keys import all_paths
from formsvc.domain.numbering.document_number import written_forms
from formsvc.domain.registers.timeline import EntryKind, RegisterEntry
from formsvc.errors import Problem
from formsvc.limits import process_limits
from formsvc.usecases.access import may_see
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.effects.current_answers import current_answers
from formsvc.usecases.picks.counted_documents import IN_FORCE, count_documents, counted_authorities
from formsvc.usecases.picks.twins import register_notices
from formsvc.usecases.ports import Condition, Transaction
from formsvc.usecases.registers.option_rows import find_option_rows
from formsvc.usecases.registers.rows import all_entries

SETTINGS_KEY = "office"
# key of the settings under which the imported tables of days off are stored
CALENDAR_KEY = "calendar"
# documents looked through for what a person wrote last
_RECENT_ACTS = 30


class _DocumentsFor:
    """Documents as one evaluation of a definition may know them."""

    def __init__(self, ports: Ports, definition: FormDefinition, reader: Actor | None) -> None:
        self._ports, self._reader = ports, reader
        # what it says would become readable in a document that everyone may see
        self._keeps_back = definition.header.confidential is None
        # ids that an expression reached from a document the reader may see
        self._reached: set[str] = set()

    def find(self, key: str) -> KnownDocument | None:
        """Return the document of a number or act id that the reader may see."""
        reader = None if key in self._reached else self._reader
        with self._ports.store.read() as tx:
            known = find_document(self._ports, tx, key, reader)
        return self._kept_back(_with_fields(self._ports, known)) if known else None

    def _kept_back(self, known: KnownDocument) -> KnownDocument:
        is_kept_back = known.confidential and self._keeps_back
        return replace(known, answers={}, fields=frozenset()) if is_kept_back else known

    def follower(self, form: str, act_id: str) -> KnownDocument | None:
        """Return the finished act of a form made from an act, or None."""
        with self._ports.store.read() as tx:
            found = find_made_from(tx, form, act_id, limit=1)
        return next(iter(self._readable(found)), None)

    def made_from(self, form: str, act_id: str) -> list[KnownDocument]:
        """Return the finished acts of a form made from an act.

        A rule of law counts them all; number and day of one that the reader may not see are left out.
        """
        with self._ports.store.read() as tx:
            found = find_made_from(tx, form, act_id)
        self._reached |= {act.id for act in found}
        return self._readable(found)

    def _readable(self, acts: Sequence[Act]) -> list[KnownDocument]:
        """Return the acts, without what the reader may not see of them."""
        return [
            self._kept_back(_known(act))
            if self._reader is None or may_see(self._reader, act)
            else KnownDocument("", act.title, "", act.id, act.form, act.state)
            for act in acts
        ]


def load_circumstances(
    ports: Ports, tx: Transaction, definition: FormDefinition, reader: Actor | None
) -> Circumstances:
    """Return what checks of this definition may ask for.

    Documents are looked up lazily, each in a transaction of its own, and only those that ``reader`` may see;
    None is the service itself, which evaluates again what was submitted.
    """
    documents = _DocumentsFor(ports, definition, reader)

    def count(form: str, party: str, year: int, issuer: str) -> int:
        with ports.store.read() as now:
            counted = counted_authorities(now, reader, issuer) if issuer else None
            return count_documents(now, form, party, year, counted)

    def last_answer(issuer: str, key: str) -> str:
        with ports.store.read() as now:
            return find_last_answer(now, reader, definition, issuer, key) if reader else ""

    def notices(fields: Sequence[Field], values: Mapping[str, Any]) -> list[Problem]:
        with ports.store.read() as now:
            return register_notices(now, reader, ports.definitions.registers_in_use(), fields, values)

    return Circumstances(
        today=ports.clock.today(),
        calendar=load_calendar(ports, tx),
        authorities=tuple(authority_from_record(r) for r in tx.authorities.find(order="id")),
        officers=tuple(officer_from_record(r) for r in tx.officers.find(order="id")),
        entrustments=tuple(load_entrustments(tx)),
        lookups=definition.lookups,
        office_settings=load_office_settings(tx),
        offered_forms=ports.definitions.offered_forms(),
        find_document=documents.find,
        find_follower=documents.follower,
        find_made_from=documents.made_from,
        count_documents=count,
        missing_glyphs=ports.missing_glyphs,
        last_answer=last_answer,
        register_notices=notices,
        option_rows=find_option_rows(ports, reader),
    )


def get_circumstances(ports: Ports, definition: FormDefinition, reader: Actor | None) -> Circumstances:
    """Return what the checks of this definition may ask for now."""
    with ports.store.read() as tx:
        return load_circumstances(ports, tx, definition, reader)


def load_calendar(ports: Ports, tx: Transaction) -> Calendar:
    """Return the calendar with the tables this office imported."""
    return calendar_with(ports.calendar, office_tables(tx))


def calendar_with(shipped: Calendar, tables: Mapping[int, Mapping[str, Any]]) -> Calendar:
    """Return the shipped calendar with the tables of an office."""
    return _extended(shipped, json.dumps(tables, sort_keys=True)) if tables else shipped


def get_calendar(ports: Ports) -> Calendar:
    with ports.store.read() as tx:
        return load_calendar(ports, tx)


def office_tables(tx: Transaction) -> dict[int, Mapping[str, Any]]:
    """Return the imported table of each year that is in use."""
    record = tx.settings.get(CALENDAR_KEY) or {}
    return {int(year): tables[-1] for year, tables in record.get("tables", {}).items() if tables}


# The same calendar for the same tables: the DueIndex compares calendars at each request
@lru_cache(maxsize=8)
def _extended(shipped: Calendar, stored: str) -> Calendar:
    tables = {int(year): table for year, table in json.loads(stored).items()}
    if shipped.years & tables.keys():
        # a table replaces the shipped one of its year, whose days off would otherwise stay
        both = {**OFFICIAL_TABLES, **tables}
        calendar = calendar_of(both[year] for year in sorted(both))
        return calendar.with_weekends_for_missing_years() if shipped.weekends_only else calendar
    calendar = shipped
    for year in sorted(tables):
        calendar = calendar.with_table(tables[year])
    return calendar


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


def find_document(ports: Ports, tx: Transaction, key: str, reader: Actor | None) -> KnownDocument | None:
    """Return the numbered act or paper entrustment with this number or id.

    None as well if the reader may not see it.
    """
    record = tx.acts.get(key)
    if record is None:
        found = tx.acts.find(Condition("number", "in", written_forms(key)), limit=2) if key else []
        # two series may differ in zeros alone: then the number means what it says
        record = next((r for r in found if len(found) == 1 or r["number"] == key), None)
    if record is None:
        return _on_paper(ports, tx, key, reader)
    act = Act.from_record(record)
    if act.status not in NUMBERED_STATES or not (reader is None or may_see(reader, act)):
        return None
    return _known(replace(act, answers=dict(current_answers(ports.definitions, act))))


def _known(act: Act) -> KnownDocument:
    state = "revoked" if act.is_revoked else act.state
    return KnownDocument(
        act.number,
        act.title,
        act.dated,
        act.id,
        act.form,
        state,
        act.answers,
        revision=act.revision,
        service=act.service,
        confidential=act.confidential,
    )


def _with_fields(ports: Ports, known: KnownDocument) -> KnownDocument:
    """Return the document with what its revision has, and what it lacks."""
    if not known.revision:
        return known
    definition = ports.definitions.revision(known.revision).definition
    current = ports.definitions.offered_revision(known.kind)
    newer = current.definition if current and current.id != known.revision else definition
    own = all_paths((*definition.renamed_fields, *newer.renamed_fields), _labels_by_path(definition))
    lacking = {path: label for path, label in _labels_by_path(newer).items() if path not in own}
    life = ports.definitions.life_of(known.revision)
    items = life.life.items if life else None
    # papers of before the first life number their items by position, not by the column
    numbers = {items.rows: items.number if life and life.is_own else ""} if items else {}
    return replace(known, fields=own, lacking=lacking, roles=definition.roles, numbers=numbers)


def _labels_by_path(definition: FormDefinition) -> dict[str, str]:
    """Return the labels of fields and of columns, by path."""
    labels = {entry.key: entry.label for entry in definition.fields}
    for entry in definition.fields:
        labels |= {f"{entry.key}.{column.key}": column.label for column in entry.columns or ()}
    return labels


def _on_paper(ports: Ports, tx: Transaction, number: str, reader: Actor | None) -> KnownDocument | None:
    """Return an entrustment that was signed before the service was installed."""
    found = tx.entrustments.find(Condition("number", "==", number), limit=1) if number else []
    if not found:
        return None
    answers = found[0]
    if reader is not None and not _may_see_entrustment(tx, reader, answers):
        return None
    dated = str(answers.get("issue_date") or "")
    # the kind of document that would register it now, where there is only one
    kinds = ports.definitions.forms_writing(ENTRUSTMENTS)
    title = ports.definitions.document_name(ENTRUSTMENTS)
    kind = kinds[0] if len(kinds) == 1 else ""
    return KnownDocument(number, title, dated, "", kind, State.ISSUED.value, answers)


def _may_see_entrustment(tx: Transaction, reader: Actor, answers: Mapping[str, Any]) -> bool:
    """Return whether a person works for one of its sides."""
    sides = {str(answers.get(side) or "") for side in ("principal_name", "agent_name")}
    places = [record["id"] for record in tx.authorities.find() if record["name"] in sides]
    return reader.account.is_admin or any(reader.account.may(Right.VIEW, place) for place in places)


def find_made_from(tx: Transaction, form: str, act_id: str, limit: int | None = None) -> list[Act]:
    """Return the issued acts of `form` made from this act, oldest first.

    Without a limit at most one more than an expression may read: its function refuses that many.
    """
    source = tx.acts.get(act_id) if act_id else None
    if source is None:
        return []
    found = tx.acts.find(
        Condition("form", "==", form),
        Condition("created_at", ">=", source["created_at"]),
        Condition("source_act", "==", act_id),
        Condition("state", "in", IN_FORCE),
        order="created_at",
        limit=process_limits().made_documents + 1 if limit is None else limit,
    )
    return [Act.from_record(record) for record in found]


def find_last_answer(
    tx: Transaction, reader: Actor, definition: FormDefinition, issuer: str, key: str
) -> str:
    """Return what a person last wrote into a field, "" if nothing.

    Only in submitted documents of their own; with ``issuer`` only in those of that authority.
    """
    own = Condition("drafter", "==", reader.account.id), Condition("state", "!=", State.DRAFT.value)
    issued_by = definition.roles.key("issuer")
    for record in tx.acts.find(*own, order="created_at", descending=True, limit=_RECENT_ACTS):
        answers = record["answers"]
        given = answers.get(key)
        # of a document that was referred to, its number
        written = given.get("number") if isinstance(given, Mapping) else given
        if isinstance(written, str) and written and issuer in ("", answers.get(issued_by)):
            return written
    return ""
