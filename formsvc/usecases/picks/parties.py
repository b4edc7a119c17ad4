"""Parties of documents compared with the registers they are picked from.

Which row a party is follows from the register's rules of duplicates: the same code, or the same name and address. So
it is known for parties that were typed, too, and for documents of before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from formsvc.domain.acts.act import Act, State
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.field import Pick
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.registers.cell_texts import translatable_cell
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.personal_columns import masked_row
from formsvc.domain.registers.projection import ProjectedRow
from formsvc.errors import NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.access import visible_act
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.effects.late_parties import write_party_rows
from formsvc.usecases.picks.offers import pick_of
from formsvc.usecases.picks.row_contents import values_to_fill
from formsvc.usecases.picks.twins import find_twin, picked_fields
from formsvc.usecases.ports import Transaction
from formsvc.usecases.registers.row_changes import RowChange, keep_row, may_edit


@dataclass(frozen=True)
class Difference:
    """A field whose answer is not what the register has; that one masked."""

    field: Field
    here: str
    there: str


@dataclass(frozen=True)
class PickedParty:
    """A party of a document, and its row in the register, if it has one."""

    field: Field
    register: RegisterDefinition
    name: str
    row: ProjectedRow | None
    differences: tuple[Difference, ...]

    @property
    def is_new(self) -> bool:
        return self.row is None


def compare_parties(
    ports: Ports, actor: Actor, definition: FormDefinition, answers: Mapping[str, JSON]
) -> list[PickedParty]:
    """Return the parties that a document names, each with its row.

    The row is as the person sees it.
    """
    with ports.store.read() as tx:
        return [
            _compared(tx, actor, definition, entry, entry.pick, register, answers)
            for entry, register in picked_fields(ports.definitions.registers(), definition.fields)
            if entry.pick and str(answers.get(entry.key) or "").strip()
        ]


def _compared(
    tx: Transaction,
    actor: Actor,
    definition: FormDefinition,
    entry: Field,
    pick: Pick,
    register: RegisterDefinition,
    answers: Mapping[str, JSON],
) -> PickedParty:
    twin = find_twin(tx, actor, register, pick, answers)
    row = twin[1] if twin else None
    differences = _differences(definition, pick, register, answers, row.values) if row else ()
    return PickedParty(entry, register, str(answers.get(entry.key)), row, differences)


def _differences(
    definition: FormDefinition,
    pick: Pick,
    register: RegisterDefinition,
    answers: Mapping[str, JSON],
    row: Mapping[str, JSON],
) -> tuple[Difference, ...]:
    kept, shown = values_to_fill(definition, pick, row), masked_row(register, row)
    found = []
    for target, value in kept.items():
        entry = definition.field(target)
        here = answers.get(target)
        # an answer that the form hides or leaves open says nothing against the register
        if entry and target in pick.fields and not is_empty(here) and here != value:
            key = pick.fields[target]
            there = (
                translatable_cell(register.id, register.column(key), shown.get(key))
                if shown.get(key) != row.get(key)
                else translatable_cell(definition.id, entry, value)
            )
            found.append(Difference(entry, translatable_cell(definition.id, entry, here), there))
    return tuple(found)


def parties_to_keep(ports: Ports, actor: Actor, act: Act) -> list[PickedParty]:
    """Return the parties that a register lacks, or has with other values.

    Only for submitted acts, and for people who may edit the register.
    """
    if act.status in (State.DRAFT, State.VOID) or act.erased or act.confidential:
        return []
    definition = ports.definitions.revision(act.revision).definition
    return [
        party
        for party in compare_parties(ports, actor, definition, act.answers)
        if party.field.pick
        and party.field.pick.kept
        and may_edit(party.register, actor)
        and (party.is_new or party.differences)
    ]


def keep_party(ports: Ports, actor: Actor, act_id: str, key: str) -> ProjectedRow:
    """Add the party of an act to its register, or bring its row up to date.

    Pressed twice it writes once. Raise InputRefused for columns that the register refuses, NotFound.
    """
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
    definition = ports.definitions.revision(act.revision).definition
    _entry, pick = pick_of(definition, key)
    party = next(
        (p for p in compare_parties(ports, actor, definition, act.answers) if p.field.key == key), None
    )
    if party is None or act.status is State.DRAFT:
        raise NotFound(msg("这件文书没有可以登记的当事人。"), msg("请刷新页面后查看。"))
    answers = {column: act.answers.get(target) for target, column in pick.fields.items()}
    filled = {column: value for column, value in answers.items() if not is_empty(value)}
    # what the form calls otherwise than the register is left to the person who keeps it
    given = {c: v for c, v in filled.items() if c == party.register.name_column or _is_accepted(party, c, v)}
    reason = msg("据《{title}》{number}", title=act.title, number=act.number)
    row = party.row.row if party.row else ""
    change = RowChange(given, row=row, reason=str(reason), is_incomplete=True)
    kept = keep_row(ports, actor, party.register.id, change)
    if party.is_new:
        write_party_rows(ports, actor, act, key)
    return kept


def _is_accepted(party: PickedParty, column: str, value: JSON) -> bool:
    """Return whether the register takes this content of a choice."""
    entry = party.register.column(column)
    return entry is None or not entry.options or not FIELD_TYPES[entry.kind].parse(entry, value, column)[1]
