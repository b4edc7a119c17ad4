"""Effects carried out in the transaction of what caused them.

Nothing is evaluated here: the plan was made before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from formsvc.domain.acts.act import Act, State, require_voidable
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.life.effect_plans import PlannedEffect
from formsvc.domain.life.effects import MOVED_DAY, MOVED_ITEM, REGISTER_VERBS, Verb
from formsvc.domain.life.register_checks import is_findable
from formsvc.domain.numbering.register import Voiding
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.projection import RowState, filter_text, slot_of
from formsvc.domain.registers.timeline import EntryKind, RegisterEntry, arranged
from formsvc.domain.search_text import fold_text
from formsvc.errors import Conflict, FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.acts.receipts import undo_receipt
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.effects.plans import EffectPlan, EndingPlan, find_target
from formsvc.usecases.effects.standing import bring_up_to_date, notify_unfinished, require_nothing_finished
from formsvc.usecases.effects.undoing import add_consequence, case_beginning, related_acts, undo_effects
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import Condition, Transaction
from formsvc.usecases.registers.row_numbers import with_number
from formsvc.usecases.registers.row_owners import complete_part
from formsvc.usecases.registers.rows import add_entry, entries_of_act, group_history


def carry_out(ports: Ports, tx: Transaction, actor: Actor, act: Act, plan: EffectPlan) -> None:
    """Do what a document does; ``act`` is as it is stored now.

    Raise Conflict if something it needs has changed since the plan was made.
    """
    write_rows(ports, tx, actor, act, plan.effects)
    _move_deadlines(ports, tx, act, [p for p in plan.effects if p.verb is Verb.MOVE_DEADLINES])
    for planned in plan.effects:
        if planned.verb in (Verb.CLOSE_CASE, Verb.LOCK_CASE):
            first = case_beginning(tx, find_target(tx, planned.target) or act)
            add_consequence(ports, tx, first.id, act, _cause(planned))
        elif planned.verb is Verb.MARK_DOCUMENT:
            marked = find_target(tx, planned.target)
            if marked:
                add_consequence(ports, tx, marked.id, act, _cause(planned), values=dict(planned.changes))
        elif planned.verb in (Verb.VOID_DOCUMENT, Verb.REVOKE_DOCUMENT):
            ended = find_target(tx, planned.target)
            ending = plan.endings.get(ended.id) if ended else None
            if ending:
                end = _void_by_document if planned.verb is Verb.VOID_DOCUMENT else _revoke
                end(ports, tx, actor, act, ending, planned)


def write_rows(
    ports: Ports, tx: Transaction, actor: Actor, act: Act, effects: Iterable[PlannedEffect]
) -> None:
    """Carry out those of the effects that concern registers."""
    rows = [planned for planned in effects if planned.verb in REGISTER_VERBS]
    if rows:
        _RowWriter(ports, tx, actor, act).write(rows)


def _cause(planned: PlannedEffect) -> tuple[str, str, str]:
    return planned.verb.value, planned.event, planned.day


# Registers -------------------------------------------------------------------------------------------


class _RowWriter:
    """Writes the entries of one document into registers."""

    def __init__(self, ports: Ports, tx: Transaction, actor: Actor, act: Act) -> None:
        self._tx, self._act = tx, act
        self._registers = ports.definitions.registers_in_use()
        self._now = ports.clock.now().isoformat(timespec="seconds")
        self._by = actor.account.id
        self._numbers: dict[str, str] = {}

    def write(self, effects: Iterable[PlannedEffect]) -> None:
        """Write new rows first, those of one group together."""
        effects = list(effects)
        written: dict[tuple[str, str, str], RegisterEntry] = {}
        for planned in effects:
            if planned.verb is Verb.WRITE_ROWS:
                register = self._registers[planned.register]
                row = with_number(self._tx, register, register.whole_row(planned.changes), self._numbers)
                key = (register.id, register.group_of(row), planned.day)
                entry = written.get(key) or self._entry(planned, EntryKind.WRITE, key[1])
                written[key] = replace(entry, given=[*entry.given, row])
        for entry in written.values():
            add_entry(self._tx, entry)
        for planned in effects:
            if planned.verb is not Verb.WRITE_ROWS:
                self._change(planned)

    def _change(self, planned: PlannedEffect) -> None:
        register = self._registers[planned.register]
        kind = EntryKind.CHANGE if planned.verb is Verb.CHANGE_ROWS else EntryKind.END
        found = [
            each for each in self._candidates(register, planned) if self._has_row(register, each, planned)
        ]
        targets = found[:1] if planned.first_only else found
        added: dict[str, JSON] = {}
        if not targets and planned.missing == "add" and kind is EntryKind.CHANGE:
            new = register.whole_row({**planned.added, **planned.match, **planned.changes})
            added = with_number(self._tx, register, new)
            targets = [(register.group_of(added), planned.day)]
        if not targets and planned.missing == "refuse":
            raise Conflict(
                msg(
                    "登记簿“{title}”里没有要改的一行（{wanted}）。",
                    title=register.title,
                    wanted="、".join(str(value) for value in planned.match.values()),
                ),
                msg("请核对所依据的文书和日期，或者请管理员登记。"),
            )
        for group, day in targets:
            entry = replace(self._entry(planned, kind, group), valid_from=day)
            given = [dict(planned.changes)] if kind is EntryKind.CHANGE else []
            add_entry(self._tx, replace(entry, given=given, matching=dict(planned.match), added=added))

    def _candidates(self, register: RegisterDefinition, planned: PlannedEffect) -> list[tuple[str, str]]:
        """Return the groups that an effect may be about, each with its day."""
        if planned.target:
            source = find_target(self._tx, planned.target)
            entries = entries_of_act(self._tx, source.id) if source else []
            groups = [e.group for e in entries if e.register == register.id and not e.withdrawn]
            return [(group, planned.day) for group in dict.fromkeys(groups)]
        if all(column in planned.match for column in register.replaced_together):
            return [(register.group_of(planned.match), planned.day)]
        return self._matching_groups(register, planned)

    def _matching_groups(self, register: RegisterDefinition, planned: PlannedEffect) -> list[tuple[str, str]]:
        """Return the groups in force with the wanted contents.

        What was entered after the day of the document changes from the day it was entered on.
        """
        conditions = [
            Condition(slot_of(register, column), "==", filter_text(value))
            if slot_of(register, column).startswith("f")
            else Condition("search", "contains", fold_text(filter_text(value)))
            for column, value in planned.match.items()
            if is_findable(register, column) and not is_empty(value)
        ]
        if not conditions:
            columns = "、".join(register.replaced_together)
            raise FormsvcError(
                msg(
                    "改登记簿“{title}”的行须在 match 中写明 {columns}。",
                    title=register.title,
                    columns=columns,
                ),
                msg("请告知管理员改正定义，填写的内容没有问题。"),
            )
        part = complete_part(self._tx, register.id, RowState.CURRENT)
        records = self._tx.register_rows.find(part, *conditions, order="s1")
        return list({r["group"]: max(planned.day, str(r["begun"])) for r in records}.items())

    def _has_row(self, register: RegisterDefinition, each: tuple[str, str], planned: PlannedEffect) -> bool:
        group, day = each
        entries = arranged(group_history(self._tx, register.id, group))
        return any(
            entry.valid_from <= day <= entry.valid_to
            and any(_matches(row, planned.match) for row in entry.rows)
            for entry in entries
        )

    def _entry(self, planned: PlannedEffect, kind: EntryKind, group: str) -> RegisterEntry:
        return RegisterEntry(
            "", planned.register, group, kind.value, planned.day, source_act=self._act.id,
            event=planned.event, at=self._now, by=self._by,
        )  # fmt: skip


def _matches(row: Mapping[str, JSON], wanted: Mapping[str, JSON]) -> bool:
    return all(row.get(column) == value for column, value in wanted.items())


# Other documents -------------------------------------------------------------------------------------


def _move_deadlines(ports: Ports, tx: Transaction, act: Act, moves: list[PlannedEffect]) -> None:
    """Note the new deadlines on the document that set the former ones."""
    moved: dict[str, tuple[PlannedEffect, dict[str, str]]] = {}
    for planned in moves:
        target = find_target(tx, planned.target)
        # of a document outside the system there is nothing to change here
        if target is None:
            continue
        _, items = moved.setdefault(target.id, (planned, {}))
        items[str(planned.changes[MOVED_ITEM])] = str(planned.changes[MOVED_DAY])
    for target_id, (planned, items) in moved.items():
        add_consequence(ports, tx, target_id, act, _cause(planned), items=items)


def _void_by_document(
    ports: Ports, tx: Transaction, actor: Actor, act: Act, ending: EndingPlan, planned: PlannedEffect
) -> None:
    add_consequence(ports, tx, ending.act.id, act, _cause(planned))
    given = ending.voiding or Voiding(str(act.title))
    reason = msg("据《{title}》{number}：{reason}", title=act.title, number=act.number, reason=given.reason)
    void_document(ports, tx, actor, replace(ending, voiding=replace(given, reason=str(reason))), by=act.id)


def _revoke(
    ports: Ports, tx: Transaction, actor: Actor, act: Act, ending: EndingPlan, planned: PlannedEffect
) -> None:
    """Take its effects from a document; it stays as it was issued."""
    undo_effects(ports, tx, ending.act, by=act.id)
    add_consequence(ports, tx, ending.act.id, act, _cause(planned))
    revoked = Act.from_record(tx.acts.get(ending.act.id) or {})
    note = msg("据《{title}》{number}撤销", title=act.title, number=act.number)
    record_event(tx, ports.clock, actor, revoked.id, "Revoked", note=note, by_act=act.id)
    carry_out(ports, tx, actor, revoked, ending.effects)


def void_document(ports: Ports, tx: Transaction, actor: Actor, ending: EndingPlan, *, by: str = "") -> Act:
    """Void a numbered act that is not served; its number stays used.

    ``by`` is the id of the document that voids it. Raise TransitionRefused, and Conflict while a finished document
    stands on it.
    """
    act = Act.from_record(tx.acts.get(ending.act.id) or {})
    rule = require_voidable(act)
    later = bring_up_to_date(ports, tx, act, ending.later)
    require_nothing_finished(act, later, without=by)
    _require_reversible(ports, tx, act)
    given = ending.voiding or Voiding("")
    now = ports.clock.now().isoformat(timespec="seconds")
    void = act.changed(now, state=State.VOID.value, void_reason=given.reason.strip())
    tx.acts.replace(act.id, void.to_record())
    for row in tx.numbers.find(Condition("act_id", "==", act.id)):
        voided = given.row_changes(actor.account.display_name, now)
        tx.numbers.replace(row["id"], {**row, **voided, "backfill_reason": row.get("reason", "")})
    record_event(
        tx, ports.clock, actor, act.id, rule.event,
        note=given.reason.strip(), stage=given.stage, approver=given.approver,
    )  # fmt: skip
    undo_effects(ports, tx, void)
    undo_receipt(ports, tx, actor, void)
    notify_unfinished(ports, tx, actor, void, later, without=by)
    carry_out(ports, tx, actor, void, ending.effects)
    return void


def _require_reversible(ports: Ports, tx: Transaction, act: Act) -> None:
    """Raise FormsvcError if the act voided another: that cannot be undone."""
    for other in related_acts(ports, tx, act):
        if any(c["do"] == Verb.VOID_DOCUMENT and c["act"] == act.id for c in other.consequences):
            raise FormsvcError(
                msg("“{number}”已据本件作废，作废不能恢复，本件不能再作废。", number=other.number),
                msg("确有错误的，请另行制作文书，取新号。"),
            )
