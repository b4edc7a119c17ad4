"""History of one row by date: old and new values, who, and from where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from formsvc.domain.acts.act import Act
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.registers.cell_texts import translatable_cell
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.personal_columns import masked_row
from formsvc.domain.registers.projection import ProjectedRow, row_id
from formsvc.domain.registers.timeline import RegisterEntry, arranged
from formsvc.i18n.messages import DefinitionText, msg
from formsvc.usecases.access import may_see
from formsvc.usecases.context import CONSOLE, Actor, Ports
from formsvc.usecases.ports import Transaction
from formsvc.usecases.registers.excel.import_writing import IMPORTED
from formsvc.usecases.registers.row_owners import is_confidential, may_see_owner, owner_of
from formsvc.usecases.registers.rows import group_history, visible_history


@dataclass(frozen=True)
class CellChange:
    """A column with its text before and after; one of them may be empty."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class HistoryLine:
    """One entry about a row.

    ``kind`` is ``begun``, ``changed``, ``ended`` or ``hidden`` (what documents of other authorities did; it says nothing more); ``act`` a document the person may see, ``number`` of one
    that made the entry, ``batch`` the import, ``other`` the row it was merged with.
    """

    day: str
    at: str
    by: str
    kind: str
    changes: tuple[CellChange, ...]
    note: str = ""
    act: str = ""
    number: str = ""
    file: str = ""
    line: int = 0
    batch: str = ""
    other: str = ""


def row_history(
    ports: Ports, actor: Actor, register: RegisterDefinition, row: ProjectedRow, *, personal: bool = False
) -> list[HistoryLine]:
    """Return what happened to a row, the latest first; personal data masked.

    Entries of documents that the person may not see are left out, as from the row.
    """
    with ports.store.read() as tx:
        entries = visible_history(tx, actor, register.id, row.group)
        found = list(_lines(tx, actor, register, row, entries, personal=personal))
        if _is_hidden_in_part(tx, actor, register, row):
            found.append(HistoryLine("", "", "", "hidden", ()))
    return found[::-1]


def _is_hidden_in_part(
    tx: Transaction, actor: Actor, register: RegisterDefinition, row: ProjectedRow
) -> bool:
    """Return whether a document of another authority changed the row.

    Of a confidential document not even that is stated.
    """
    before: dict[str, JSON] | None = None
    for entry in arranged(group_history(tx, register.id, row.group)):
        after = _row_after(register, entry, row)
        owner = owner_of(tx, entry)
        if after != before and not may_see_owner(tx, actor, owner) and not is_confidential(owner):
            return True
        before = after
    return False


def _row_after(
    register: RegisterDefinition, entry: RegisterEntry, row: ProjectedRow
) -> dict[str, JSON] | None:
    return next((dict(r) for r in entry.rows if row_id(register, r) == row.row.partition("-")[0]), None)


def _lines(
    tx: Transaction,
    actor: Actor,
    register: RegisterDefinition,
    row: ProjectedRow,
    entries: list[RegisterEntry],
    *,
    personal: bool,
) -> Iterator[HistoryLine]:
    before: dict[str, JSON] | None = None
    for entry in entries:
        after = _row_after(register, entry, row)
        if after is None and before is None:
            continue
        kind = "begun" if before is None else "ended" if after is None else "changed"
        changes = (
            tuple(_changes(register, before, after, row.traced, personal=personal))
            if kind == "changed"
            else ()
        )
        if kind != "changed" or changes or entry.other:
            yield _line(tx, actor, register, entry, kind, changes)
        before = after


def _changes(
    register: RegisterDefinition,
    before: dict[str, JSON] | None,
    after: dict[str, JSON] | None,
    traced: dict[str, str],
    *,
    personal: bool,
) -> Iterator[CellChange]:
    old, new = before or {}, after or {}
    shown_old, shown_new = (
        (old, new) if personal else (masked_row(register, old, traced), masked_row(register, new, traced))
    )
    for column in register.columns:
        key = column.key
        if old.get(key) == new.get(key) or (is_empty(old.get(key)) and is_empty(new.get(key))):
            continue
        yield CellChange(
            column.label,
            translatable_cell(register.id, column, shown_old.get(key)),
            translatable_cell(register.id, column, shown_new.get(key)),
        )


def _line(
    tx: Transaction,
    actor: Actor,
    register: RegisterDefinition,
    entry: RegisterEntry,
    kind: str,
    changes: tuple[CellChange, ...],
) -> HistoryLine:
    record = tx.acts.get(entry.source_act) if entry.source_act else None
    act = Act.from_record(record) if record else None
    if act is not None and not may_see(actor, act):
        act = None
    account = tx.accounts.get(entry.by) or {}
    who = msg("控制台") if entry.by == CONSOLE.id else str(account.get("display_name") or entry.by)
    return HistoryLine(
        entry.valid_from, entry.at, who, kind, changes,
        note=DefinitionText(register.id, entry.note),
        act=act.id if act else "", number=(act.number or act.title) if act else "",
        file=entry.file, line=entry.line, batch=entry.source_act.partition("/")[2] if entry.event == IMPORTED else "",
        other=entry.other,
    )  # fmt: skip
