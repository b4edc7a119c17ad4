"""Stored rows of registers as lists show them, kept with the entries.

They are written in the transaction of each entry, and built again for a register whose definition changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache, partial

from formsvc.domain.registers.audiences import is_seen_by_all
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.projection import (
    DUPLICATE_SLOTS,
    ProjectedRow,
    RowState,
    audience_of_part,
    project_audiences,
    signature_of,
    without_marks,
)
from formsvc.domain.registers.timeline import RegisterEntry
from formsvc.errors import FormsvcError
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import Condition, Record, Transaction
from formsvc.usecases.registers.row_owners import keep_audiences, owner_of, part_condition, row_audiences

# in the settings: which registers' rows are stored as their present definitions ask for
KEY = "register_rows"
_PAGE = 500
# rows that share a text are compared; of more than these all are doubtful
_MOST_COMPARED = 40


def stored_definition(tx: Transaction, register: str) -> RegisterDefinition | None:
    """Return a register's definition in use, None without a usable one."""
    record = tx.registers.get(register)
    if record is None:
        return None
    text = json.dumps(record["definition"], ensure_ascii=False, sort_keys=True)
    try:
        return _definition_of(text)
    except (FormsvcError, ValueError, TypeError, KeyError):
        return None


@lru_cache(maxsize=64)
def _definition_of(text: str) -> RegisterDefinition:
    return RegisterDefinition.from_resolved(json.loads(text))


def index_groups(tx: Transaction, register: str, groups: Iterable[str], day: date | None = None) -> None:
    """Store the rows of these groups as of a day.

    Without ``day`` it is the last on which one of their entries was written: rows that turn later are turned by
    ``turn_rows``.
    """
    definition = stored_definition(tx, register)
    if definition is None:
        return
    index = _GroupIndex(tx, definition)
    for group in groups:
        index.store(group, day)


class _GroupIndex:
    """Stores rows of one register in one transaction."""

    def __init__(self, tx: Transaction, register: RegisterDefinition) -> None:
        self._tx, self._register = tx, register
        self._distinct = distinct_pairs(tx, register.id)

    def store(self, group: str, day: date | None) -> None:
        records = self._tx.register_entries.find(
            Condition("register", "==", self._register.id), Condition("group", "==", group), order="id"
        )
        entries = [RegisterEntry.from_record(record) for record in records]
        before = {record["id"]: record for record in self._stored(group)}
        as_of = day or _last_day(entries)
        rows = project_audiences(self._register, entries, as_of, partial(owner_of, self._tx))
        after = {record["id"]: record for record in without_marks(rows)}
        keep_audiences(self._tx, self._register.id, _audiences_of(after.values()))
        for key in before.keys() - after.keys():
            self._tx.register_rows.remove(key)
        for key, record in after.items():
            known = before.get(key)
            if known is None:
                self._tx.register_rows.insert(key, record)
            else:
                record["duplicate"] = known.get("duplicate", "")
                if known != record:
                    self._tx.register_rows.replace(key, record)
        self._mark_duplicates([*before.values(), *after.values()])

    def _stored(self, group: str) -> list[Record]:
        return self._tx.register_rows.find(
            Condition("register", "==", self._register.id), Condition("group", "==", group)
        )

    def _mark_duplicates(self, changed: Iterable[Record]) -> None:
        slots = DUPLICATE_SLOTS
        touched = {(slot, r[slot]) for r in changed for slot in slots if r.get(slot)}
        rows: dict[str, Record] = {}
        for slot, text in sorted(touched):
            rows |= {record["id"]: record for record in self._sharing(slot, text)}
        for key, record in rows.items():
            shared = next((record[slot] for slot in slots if self._has_twin(record, slot)), "")
            if record.get("duplicate", "") != shared:
                self._tx.register_rows.replace(key, {**record, "duplicate": shared})

    def _sharing(self, slot: str, text: str) -> list[Record]:
        """Return the rows in force that share a text, of all audiences."""
        audiences = row_audiences(self._tx, self._register.id)
        part = part_condition(self._register.id, RowState.CURRENT, audiences)
        return self._tx.register_rows.find(part, Condition(slot, "==", text), limit=_MOST_COMPARED)

    def _has_twin(self, record: Record, slot: str) -> bool:
        """Return whether all who see the row see one and the same twin of it."""
        if not record.get(slot):
            return False
        others: dict[str, set[str]] = {}
        for each in self._sharing(slot, record[slot]):
            if frozenset((record["row"], each["row"])) not in self._distinct and each["row"] != record["row"]:
                others.setdefault(each["row"], set()).add(audience_of_part(each["part"]))
        own = audience_of_part(record["part"])
        return any(is_seen_by_all(own, stored) for stored in others.values())


def _audiences_of(records: Iterable[Record]) -> set[str]:
    return {audience_of_part(record["part"]) for record in records} - {""}


def _last_day(entries: Iterable[RegisterEntry]) -> date:
    moments = [moment for entry in entries for moment in (entry.at, entry.withdrawn) if moment]
    return date.fromisoformat(max(moments)[:10]) if moments else date.max


def distinct_pairs(tx: Transaction, register: str) -> frozenset[frozenset[str]]:
    """Return the pairs of rows that a person found to be two and not one."""
    record = tx.settings.get(distinct_key(register)) or {}
    return frozenset(frozenset(pair) for pair in record.get("pairs", ()))


def distinct_key(register: str) -> str:
    return f"register_distinct/{register}"


def bring_up_to_date(ports: Ports, register: RegisterDefinition) -> None:
    """Rebuild rows whose definition changed; turn those that are due.

    Writes: do not call inside a transaction.
    """
    rebuild_all(ports, {register.id: register})


def rebuild_all(ports: Ports, registers: Mapping[str, RegisterDefinition]) -> None:
    """Rebuild rows whose register's definition changed; turn those due."""
    with ports.store.read() as tx:
        known = _signatures(tx)
        has_due = bool(tx.register_rows.find(*_due_by(ports.clock.today()), limit=1))
    for register in registers.values():
        if known.get(register.id) != signature_of(register):
            rebuild_rows(ports, register)
    if has_due:
        turn_rows(ports)


def _due_by(today: date) -> tuple[Condition, Condition]:
    return Condition("turns", ">", ""), Condition("turns", "<=", today.isoformat())


def rebuild_rows(ports: Ports, register: RegisterDefinition) -> None:
    """Rebuild the rows of a register, some hundred groups a transaction."""
    groups = dict.fromkeys(_groups(ports, register.id))
    pending = list(groups)
    for start in range(0, len(pending), _PAGE):
        with ports.store.write() as tx:
            index_groups(tx, register.id, pending[start : start + _PAGE], ports.clock.today())
    with ports.store.write() as tx:
        definition = stored_definition(tx, register.id)
        # another process may have published a newer one meanwhile
        if definition is not None:
            signatures = {**_signatures(tx), register.id: signature_of(definition)}
            record: Record = {"id": KEY, "signatures": signatures}
            if tx.settings.get(KEY) is None:
                tx.settings.insert(KEY, record)
            else:
                tx.settings.replace(KEY, record)


def _groups(ports: Ports, register: str) -> Iterator[str]:
    last = ""
    while True:
        with ports.store.read() as tx:
            page = tx.register_entries.find(
                Condition("register", "==", register), Condition("id", ">", last), order="id", limit=_PAGE
            )
        yield from (record["group"] for record in page)
        if len(page) < _PAGE:
            return
        last = page[-1]["id"]


def turn_rows(ports: Ports) -> None:
    """Bring rows up to date whose change was entered for a day that has come."""
    today = ports.clock.today()
    with ports.store.write() as tx:
        due = tx.register_rows.find(*_due_by(today), limit=_PAGE)
        groups = dict.fromkeys((r["register"], r["group"]) for r in due)
        for register, group in groups:
            index_groups(tx, register, [group], today)


def _signatures(tx: Transaction) -> dict[str, str]:
    return dict((tx.settings.get(KEY) or {}).get("signatures", {}))


def read_projected(tx: Transaction, register: str, row: str) -> ProjectedRow | None:
    """Return a stored row, None if there is none."""
    record = tx.register_rows.get(f"{register}/{row}")
    return ProjectedRow.from_record(record) if record else None
