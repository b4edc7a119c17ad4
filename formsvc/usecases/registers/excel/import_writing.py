"""Writing of a planned import in one transaction, and its withdrawal."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.projection import project, record_key, row_id, without_marks
from formsvc.domain.registers.timeline import RegisterEntry, arranged
from formsvc.errors import Conflict, FormsvcError, NotFound
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.event_records import ADMINISTERED
from formsvc.usecases.ports import Transaction
from formsvc.usecases.registers.duplicates import MOST_NAMED
from formsvc.usecases.registers.excel.import_plan import ImportPlan, ImportRow, Outcome
from formsvc.usecases.registers.row_changes import change_entry, new_row_entry, require_editor
from formsvc.usecases.registers.row_index import index_groups
from formsvc.usecases.registers.row_numbers import with_number
from formsvc.usecases.registers.row_search import get_register
from formsvc.usecases.registers.rows import (
    add_entry,
    entries_of_act,
    group_history,
    next_entry,
    withdraw_entries,
)

IMPORTED = "imported"
WITHDRAWABLE = timedelta(days=7)
_REPORTED_EVERY = 200
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ImportReceipt:
    """An import that was written: its id, who made it when, and its counts."""

    batch: str
    added: int
    changed: int
    at: str = ""
    by: str = ""
    file: str = ""
    withdrawn: str = ""


def source_of_import(batch: str) -> str:
    """Return what stands for an act in the entries of an import."""
    return f"import/{batch}"


def write_import(
    ports: Ports, actor: Actor, plan: ImportPlan, file: str, progress: Progress = lambda _done, _all: None
) -> ImportReceipt:
    """Write the new and the changed rows of a plan, all of them or none.

    Raise FormsvcError while a row is undecided, Conflict if the register has changed since the plan was made.
    """
    register = plan.register
    require_editor(register, actor)
    if plan.undecided:
        raise FormsvcError(
            msg("还有 {n} 行没有决定，一行也没有导入。", n=plan.undecided),
            msg("请逐行改正、决定，或者明确把它们先放下。"),
        )
    rows = [row for row in plan.rows if row.outcome in (Outcome.NEW, Outcome.CHANGED)]
    batch = secrets.token_hex(6)
    mold = RegisterEntry(
        "", register.id, "", "", ports.clock.today().isoformat(), source_act=source_of_import(batch),
        event=IMPORTED, at=ports.clock.now().isoformat(timespec="seconds"), by=actor.account.id, file=file,
    )  # fmt: skip
    with ports.store.write() as tx:
        _require_as_planned(tx, plan)
        writer = _ImportWriter(tx, register, mold)
        for done, row in enumerate(rows, 1):
            writer.write(row)
            if done % _REPORTED_EVERY == 0 or done == len(rows):
                progress(done, len(rows))
        writer.mark_duplicates()
        receipt = ImportReceipt(batch, plan.counts[Outcome.NEW], plan.counts[Outcome.CHANGED])
        note = msg(
            "登记簿“{title}”从“{file}”导入：新增 {added} 行，变更 {changed} 行。",
            title=register.title, file=file, added=receipt.added, changed=receipt.changed,
        )  # fmt: skip
        record_event(
            tx, ports.clock, actor, "", ADMINISTERED, note=note, register=register.id, batch=batch,
            added=receipt.added, changed=receipt.changed, file=file,
        )  # fmt: skip
    return receipt


def _require_as_planned(tx: Transaction, plan: ImportPlan) -> None:
    written = (key for name, key in tx.written_since(plan.reached) if name == "register_entries")
    if any((tx.register_entries.get(key) or {}).get("register") == plan.register.id for key in written):
        raise Conflict(
            msg("核对以后“{title}”有改动，一行也没有导入。", title=plan.register.title),
            msg("请再核对一遍，然后导入。"),
        )


class _ImportWriter:
    """Writes rows of one import; a new row costs two records and no reading."""

    def __init__(self, tx: Transaction, register: RegisterDefinition, mold: RegisterEntry) -> None:
        self._tx, self._register, self._mold = tx, register, mold
        self._last_numbers: dict[str, str] = {}
        self._next = next_entry(tx)
        self._is_alone = set(register.replaced_together) == set(register.source.key)
        self._with_twins: list[str] = []

    def write(self, row: ImportRow) -> None:
        day = self._mold.valid_from
        if row.before is not None:
            self._add(change_entry(self._register, row.before, row.changes, day), row)
            return
        values = with_number(self._tx, self._register, dict(row.values), self._last_numbers)
        entry = new_row_entry(self._register, values, day)
        key = record_key(self._register.id, row_id(self._register, values))
        # a row of before that ended has a history
        if self._is_alone and self._tx.register_rows.get(key) is None:
            self._insert(entry, row)
        else:
            self._add(entry, row)

    def _add(self, entry: RegisterEntry, row: ImportRow) -> None:
        added = add_entry(self._tx, self._signed(entry, row))
        self._next = int(added.id) + 1

    def _insert(self, entry: RegisterEntry, row: ImportRow) -> None:
        (stored,) = arranged([replace(self._signed(entry, row), id=f"{self._next:012d}")])
        self._tx.register_entries.insert(stored.id, stored.to_record())
        self._next += 1
        day = datetime.fromisoformat(stored.at).date()
        for record in without_marks(project(self._register, [stored], day)):
            self._tx.register_rows.insert(record["id"], record)
        # no other new row looks like one that is there: it would be doubtful
        if row.is_other:
            self._with_twins.append(stored.group)

    def _signed(self, entry: RegisterEntry, row: ImportRow) -> RegisterEntry:
        mold = self._mold
        return replace(
            entry, source_act=mold.source_act, event=mold.event, at=mold.at, by=mold.by, file=mold.file,
            line=row.line,
        )  # fmt: skip

    def mark_duplicates(self) -> None:
        """Mark the rows that a person found to be others and that look alike."""
        index_groups(self._tx, self._register.id, self._with_twins)


def get_import(ports: Ports, register: str, batch: str) -> ImportReceipt:
    """Return an import that was written. Raise NotFound."""
    with ports.store.read() as tx:
        entries = _entries_of(tx, register, batch)
    first = entries[0]
    added = sum(entry.kind == "write" or bool(entry.added) for entry in entries)
    return ImportReceipt(batch, added, len(entries) - added, first.at, first.by, first.file, first.withdrawn)


def _entries_of(tx: Transaction, register: str, batch: str) -> list[RegisterEntry]:
    entries = [e for e in entries_of_act(tx, source_of_import(batch)) if e.register == register]
    if not entries:
        raise NotFound(msg("没有这次导入。"), msg("请从登记簿的变更记录打开。"))
    return entries


def withdraw_import(ports: Ports, actor: Actor, register: str, batch: str) -> int:
    """Take an import back as a whole; return how many rows it concerned.

    Raise FormsvcError after seven days, or if a row of it was changed since.
    """
    definition = get_register(ports, register)
    require_editor(definition, actor)
    now = ports.clock.now()
    with ports.store.write() as tx:
        entries = _entries_of(tx, register, batch)
        standing = [entry for entry in entries if not entry.withdrawn]
        if not standing:
            raise FormsvcError(msg("这次导入已经撤回。"))
        if now - datetime.fromisoformat(standing[0].at) > WITHDRAWABLE:
            raise FormsvcError(msg("导入超过 7 天，不能整批撤回。"), msg("请逐行更正，或者从备份核对。"))
        changed = list(_changed_since(tx, definition, standing))
        if changed:
            raise FormsvcError(
                msg(
                    "导入以后有 {n} 行又改过（{names}等），不能整批撤回。",
                    n=len(changed),
                    names=format_list(changed[:MOST_NAMED]),
                ),
                msg("请逐行更正。"),
            )
        withdraw_entries(tx, standing, now.isoformat(timespec="seconds"), source_of_import(batch))
        note = msg(
            "撤回登记簿“{title}”的一次导入（{file}），{n} 行。",
            title=definition.title,
            file=standing[0].file,
            n=len(standing),
        )
        record_event(tx, ports.clock, actor, "", ADMINISTERED, note=note, register=register, batch=batch)
    return len(standing)


def _changed_since(
    tx: Transaction, register: RegisterDefinition, entries: Iterable[RegisterEntry]
) -> Iterator[str]:
    """Yield the names of rows that have later entries than the import's."""
    for entry in entries:
        later = group_history(tx, register.id, entry.group)
        if any(
            each.id > entry.id and not each.withdrawn and each.source_act != entry.source_act
            for each in later
        ):
            yield register.name_of(entry.rows[0]) if entry.rows else entry.group
