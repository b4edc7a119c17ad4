"""Rows of registers as people add, change and end them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from formsvc.domain.accounts.account import ROLE_NAMES, Role
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.parsing import is_iso_day
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.projection import (
    ProjectedRow,
    RowState,
    audience_of_part,
    duplicate_text,
    row_id,
)
from formsvc.domain.registers.timeline import EntryKind, RegisterEntry
from formsvc.domain.search_text import fold_text
from formsvc.errors import Conflict, FormsvcError, InputRefused, Problem
from formsvc.i18n.messages import DefinitionText, format_list, msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.event_records import ADMINISTERED
from formsvc.usecases.ports import Condition, Transaction
from formsvc.usecases.registers.duplicates import DuplicateFound, twin_problem, twins_of
from formsvc.usecases.registers.row_index import bring_up_to_date, distinct_key, index_groups, read_projected
from formsvc.usecases.registers.row_numbers import with_number, with_repeated
from formsvc.usecases.registers.row_owners import belongs_to, complete_part, read_visible
from formsvc.usecases.registers.row_search import get_register, require_row
from formsvc.usecases.registers.rows import add_entry

BY_HAND, MERGED = "by_hand", "merged"


@dataclass(frozen=True)
class RowChange:
    """A row as a person wants it to be.

    ``row`` is its id, "" for a new one; ``seen`` the entry that its page showed; ``day`` from which the change holds,
    today by default. ``values`` of a change may name some columns only. ``accepted`` are rows that a person found to be others
    though they look like duplicates. An ``is_incomplete`` row may lack columns that the register expects: lists name it.
    """

    values: Mapping[str, JSON]
    row: str = ""
    day: str = ""
    reason: str = ""
    seen: str = ""
    accepted: frozenset[str] = frozenset()
    is_incomplete: bool = False


def may_edit(register: RegisterDefinition, actor: Actor) -> bool:
    """Return whether the person may add, change and import rows."""
    if actor.via == "console":
        return bool(register.source.edited_by)
    held = {role for roles in actor.account.roles.values() for role in roles}
    return actor.account.active and bool(held & set(register.source.edited_by))


def require_editor(register: RegisterDefinition, actor: Actor) -> None:
    """Raise FormsvcError unless the person may edit the register."""
    if may_edit(register, actor):
        return
    if not register.source.edited_by:
        raise FormsvcError(
            msg("“{title}”只由文书写入，不能由人修改。", title=register.title),
            msg("需要更正的，请制发相应的文书。"),
        )
    names = format_list([ROLE_NAMES[Role(role)] for role in register.source.edited_by])
    raise RoleMissing(
        msg("您没有修改“{title}”的权限。", title=register.title),
        msg("这本登记簿由{names}维护，请联系他们或者本单位管理员。", names=names),
    )


class RoleMissing(FormsvcError):
    """A register that others keep."""


def keep_row(ports: Ports, actor: Actor, register: str, change: RowChange) -> ProjectedRow:
    """Add a row or change one, and return it as it is stored.

    Nothing is written if nothing changes. Raise InputRefused with a problem for each column, also for doubtful
    duplicates; Conflict if another person changed the row meanwhile.
    """
    definition = get_register(ports, register)
    require_editor(definition, actor)
    bring_up_to_date(ports, definition)
    day = _day(ports, change.day)
    with ports.store.write() as tx:
        before = require_row(tx, actor, definition, change.row) if change.row else None
        if before is not None:
            _require_unchanged(before, change.seen)
        values = _read_values(definition, change, before)
        if before is None:
            values = with_number(tx, definition, with_repeated(tx, actor, definition, values))
        _require_no_twin(tx, actor, definition, values, change, before)
        entry = _entry_for(definition, values, before, day)
        if entry is not None:
            add_entry(tx, signed(ports, actor, entry, change.reason))
        return require_row(
            tx, actor, definition, row_id(definition, values) if before is None else before.row
        )


def _day(ports: Ports, typed: str) -> str:
    if typed and not is_iso_day(typed):
        raise InputRefused([Problem("day", msg("请填写变更日期，如 2026-12-01。"))])
    return typed or ports.clock.today().isoformat()


def _require_unchanged(before: ProjectedRow, seen: str) -> None:
    if seen and seen != before.entry:
        raise Conflict(msg("这一行在您打开以后已经有人改过，没有保存。"), msg("请刷新页面，核对以后再改。"))
    if before.state is RowState.ENDED:
        raise Conflict(msg("这一行已经停用，不能修改。"), msg("需要恢复的，请按新增重新登记。"))


def _read_values(
    register: RegisterDefinition, change: RowChange, before: ProjectedRow | None
) -> dict[str, JSON]:
    """Return the whole row in normal form. Raise InputRefused."""
    values = change.values
    problems = [
        Problem(key, msg("“{title}”没有“{key}”这一列。", title=register.title, key=key))
        for key in values
        if register.column(key) is None
    ]
    read, faults = register.read_row({**(before.values if before else {}), **values})
    open_columns = {*register.source.expected, *register.source.repeated} if change.is_incomplete else set()
    faults = [f for f in faults if f.field not in open_columns or not is_empty(values.get(f.field))]
    # what was kept before under other rules is not asked for again
    problems += [f for f in faults if before is None or f.field.partition(".")[0] in values]
    if before is not None:
        read = {**register.whole_row(before.values), **{key: read[key] for key in values if key in read}}
        problems += [
            Problem(
                key,
                msg("“{label}”认定一行，不能改；请另行新增，再停用这一行。", label=register.label_of(key)),
            )
            for key in register.source.key
            if read[key] != before.values.get(key)
        ]
    if problems:
        raise InputRefused(problems)
    return read


def _require_no_twin(
    tx: Transaction,
    actor: Actor,
    register: RegisterDefinition,
    values: Mapping[str, JSON],
    change: RowChange,
    before: ProjectedRow | None,
) -> None:
    own = before.row if before else row_id(register, values)
    if before is None:
        _require_new_key(tx, actor, register, own)
    slots = [
        number
        for number in range(len(register.source.duplicates))
        if before is None
        or duplicate_text(register, values, number) != duplicate_text(register, before.values, number)
    ]
    twins = [
        t
        for t in twins_of(tx, actor, register, values, own)
        if t[0] in slots and t[1].row not in change.accepted
    ]
    if twins:
        raise DuplicateFound([twin_problem(register, *twin) for twin in twins], [twin for _, twin in twins])


def _require_new_key(tx: Transaction, actor: Actor, register: RegisterDefinition, row: str) -> None:
    visible = read_visible(tx, actor, register.id, row)
    # keys are unique among all rows, also those that the person does not see
    known = visible or read_projected(tx, register.id, row)
    if known is not None and known.state is not RowState.ENDED:
        sentence = msg("“{title}”里已有“{key}”。", title=register.title, key=known.key)
        advice = msg("请打开那一行修改。") if visible else msg("请由经办的机关更正。")
        raise InputRefused([Problem(register.source.key[0], sentence, advice)])


def _entry_for(
    register: RegisterDefinition, values: dict[str, JSON], before: ProjectedRow | None, day: str
) -> RegisterEntry | None:
    if before is None:
        return new_row_entry(register, values, day)
    changes = changed_columns(before.values, values)
    return change_entry(register, before, changes, day) if changes else None


def changed_columns(before: Mapping[str, JSON], after: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the columns that differ; an empty one is like a missing one."""
    return {
        key: value
        for key, value in after.items()
        if before.get(key) != value and not (is_empty(before.get(key)) and is_empty(value))
    }


def new_row_entry(register: RegisterDefinition, values: dict[str, JSON], day: str) -> RegisterEntry:
    """Return the entry that adds a row; other rows of its group stay."""
    group = register.group_of(values)
    if set(register.replaced_together) == set(register.source.key):
        return RegisterEntry("", register.id, group, EntryKind.WRITE.value, day, [values])
    return RegisterEntry(
        "", register.id, group, EntryKind.CHANGE.value, day, [{}], matching_of(register, values), values
    )


def matching_of(register: RegisterDefinition, values: Mapping[str, JSON]) -> dict[str, Any]:
    return {key: values.get(key) for key in register.source.key}


def change_entry(
    register: RegisterDefinition, before: ProjectedRow, changes: Mapping[str, JSON], day: str
) -> RegisterEntry:
    matching = matching_of(register, before.values)
    return RegisterEntry(
        "", register.id, before.group, EntryKind.CHANGE.value, day, [dict(changes)], matching
    )


def signed(ports: Ports, actor: Actor, entry: RegisterEntry, reason: str = "") -> RegisterEntry:
    """Return the entry with who made it and when."""
    now = ports.clock.now().isoformat(timespec="seconds")
    return replace(entry, event=entry.event or BY_HAND, at=now, by=actor.account.id, note=reason.strip())


def end_row(
    ports: Ports, actor: Actor, register: str, row: str, *, reason: str, day: str = "", seen: str = ""
) -> ProjectedRow:
    """End a row; it stays in the history with reason and day.

    Raise InputRefused, and FormsvcError while something is open that needs it.
    """
    definition = get_register(ports, register)
    require_editor(definition, actor)
    if definition.source.ending is None:
        raise FormsvcError(
            msg("“{title}”的行不能由人终止。", title=definition.title), msg("它们由文书写入和终止。")
        )
    if len(reason.strip()) < 2:
        raise InputRefused([Problem("reason", msg("请写明{word}的原因。", word=definition.ending_word))])
    since = _day(ports, day)
    bring_up_to_date(ports, definition)
    with ports.store.write() as tx:
        before = require_row(tx, actor, definition, row)
        _require_unchanged(before, seen)
        _require_nothing_open(tx, actor, definition, before)
        add_entry(tx, signed(ports, actor, end_entry(definition, before, since), reason))
        return require_row(tx, actor, definition, row)


def end_entry(register: RegisterDefinition, before: ProjectedRow, day: str) -> RegisterEntry:
    ending = register.source.ending
    shown: dict[str, JSON] = dict(ending.values) if ending else {}
    if ending and ending.day_column:
        shown[ending.day_column] = day
    matching = matching_of(register, before.values)
    return RegisterEntry("", register.id, before.group, EntryKind.END.value, day, [shown], matching)


def _require_nothing_open(
    tx: Transaction, actor: Actor, register: RegisterDefinition, row: ProjectedRow
) -> None:
    """Raise FormsvcError if rows of another register are open for this one."""
    for matter in register.source.ending.refused_while if register.source.ending else ():
        for column, own in matter.columns.items():
            value = row.values.get(own)
            if is_empty(value):
                continue
            # of every authority: the row must not end while one of them needs it
            part = complete_part(tx, matter.register_name, RowState.CURRENT)
            for record in tx.register_rows.find(part, Condition("search", "contains", fold_text(str(value)))):
                other = record["values"]
                is_closed = any(other.get(key) in words for key, words in matter.closed.items())
                if other.get(column) == value and not is_closed:
                    why = DefinitionText(register.id, matter.message)
                    raise FormsvcError(
                        msg("“{name}”不能停用：{why}", name=register.name_of(row.values), why=why),
                        msg("请先办结，见“{key}”。", key=record["key"])
                        if belongs_to(tx, actor, audience_of_part(record["part"]))
                        else msg("请先由经办的机关办结。"),
                    )


def merge_rows(
    ports: Ports, actor: Actor, register: str, kept: str, merged: str, *, reason: str
) -> ProjectedRow:
    """End a row that is one with another, which takes over what it lacks.

    What documents wrote is not taken over: it would be shown to all who see the row. Both histories name the other
    row. Raise InputRefused without a reason.
    """
    definition = get_register(ports, register)
    require_editor(definition, actor)
    if len(reason.strip()) < 2 or kept == merged:
        raise InputRefused([Problem("reason", msg("请选两行不同的，并写明合并的理由。"))])
    bring_up_to_date(ports, definition)
    day = ports.clock.today().isoformat()
    with ports.store.write() as tx:
        stays, goes = require_row(tx, actor, definition, kept), require_row(tx, actor, definition, merged)
        for row in (stays, goes):
            _require_unchanged(row, "")
        office = read_visible(tx, None, definition.id, goes.row)
        taken = {
            key: value
            for key, value in (office.values if office else {}).items()
            if definition.column(key) and is_empty(stays.values.get(key)) and not is_empty(value)
        }
        ended = replace(end_entry(definition, goes, day), event=MERGED, other=stays.row)
        changed = replace(change_entry(definition, stays, taken, day), event=MERGED, other=goes.row)
        add_entry(tx, signed(ports, actor, ended, reason))
        add_entry(tx, signed(ports, actor, changed, reason))
        return require_row(tx, actor, definition, kept)


def keep_apart(ports: Ports, actor: Actor, register: str, rows: Iterable[str]) -> None:
    """Note that doubtful duplicates are different rows."""
    definition = get_register(ports, register)
    require_editor(definition, actor)
    with ports.store.write() as tx:
        found = [require_row(tx, actor, definition, row) for row in dict.fromkeys(rows)]
        known = tx.settings.get(distinct_key(register))
        pairs = {tuple(sorted(pair)) for pair in (known or {}).get("pairs", ())}
        pairs |= {tuple(sorted((a.row, b.row))) for a in found for b in found if a.row < b.row}
        key, record = distinct_key(register), {"pairs": [list(pair) for pair in sorted(pairs)]}
        (tx.settings.replace if known else tx.settings.insert)(key, record)
        index_groups(tx, register, dict.fromkeys(row.group for row in found))
        names = format_list([f"“{definition.name_of(row.values)}”" for row in found])
        note = msg("登记簿“{title}”：{names}不是重复的。", title=definition.title, names=names)
        record_event(tx, ports.clock, actor, "", ADMINISTERED, note=note, register=register)
