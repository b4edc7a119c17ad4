"""Checklists: items, results that may be assumed, rows of exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from formsvc.domain.acts.act import NUMBERED_STATES, Act, State
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.fields import Field
from formsvc.domain.fields.checklist import Checklist, ChecklistExceptions
from formsvc.domain.json_types import JSON, Values, is_empty
from formsvc.usecases.access import may_see
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.effects.current_answers import current_answers
from formsvc.usecases.ports import Condition

CONFIRMED, REOPENED = "ItemsConfirmed", "ItemsReopened"
Row = dict[str, Any]


@dataclass(frozen=True)
class ChecklistItem:
    """One entry of the catalogue; the results that pass come first.

    ``codes`` are the violations that it may be, ``suggested`` the one for each result.
    """

    code: str
    name: str
    group: str
    results: tuple[str, ...]
    passing: frozenset[str]
    codes: tuple[str, ...]
    suggested: Mapping[str, str]
    is_applicable: bool

    def fails(self, result: JSON) -> bool:
        """Return whether this is one of the results that do not pass."""
        return result in self.results and result not in self.passing

    def suggestion(self, result: JSON) -> str:
        """Return the violation to suggest for a result, "" if there are several."""
        usual = self.codes[0] if len(self.codes) == 1 else ""
        return self.suggested.get(str(result), usual)


@dataclass(frozen=True)
class FormerRecord:
    """The latest record of the same party before this one, results by item."""

    act_id: str = ""
    number: str = ""
    dated: str = ""
    results: Mapping[str, str] = field(default_factory=dict)


def checklist_fields(definition: FormDefinition) -> Iterator[tuple[Field, Checklist]]:
    """Yield the tables that are filled as checklists."""
    for spec in definition.fields:
        if spec.checklist:
            yield spec, spec.checklist


def items_of(definition: FormDefinition, spec: Field, values: Values) -> list[ChecklistItem]:
    """Return the items of a checklist in the order of its catalogue."""
    checklist, column = spec.checklist, spec.column(spec.checklist.item) if spec.checklist else None
    if checklist is None or column is None:
        return []
    scope = checklist.applies
    place = values.get(scope.field) if scope else None
    return [_item(checklist, entry, place) for entry in entries_of(definition.lookups, column.lookup or "")]


def _item(checklist: Checklist, entry: Mapping[str, Any], place: JSON) -> ChecklistItem:
    passing = frozenset(entry.get(checklist.passing) or ())
    exceptions = checklist.exceptions
    applies_to = entry.get(checklist.applies.key) if checklist.applies else None
    suggested = entry.get(exceptions.suggested) if exceptions else None
    return ChecklistItem(
        code=str(entry["code"]),
        name=str(entry.get("short") or entry["name"]),
        group=str(entry.get(checklist.group) or ""),
        results=tuple(sorted(entry[checklist.results], key=lambda result: result not in passing)),
        passing=passing,
        codes=tuple(entry.get(exceptions.offered) or ()) if exceptions else (),
        suggested=suggested if isinstance(suggested, Mapping) else {},
        is_applicable=is_empty(place) or not isinstance(applies_to, list) or place in applies_to,
    )


def assumed_result(checklist: Checklist, item: ChecklistItem, former: FormerRecord) -> str:
    """Return the result that “the rest passes” writes, "" if it must be asked.

    The one of last time if that passed, else the only passing one; what does not apply is never assumed.
    """
    last = former.results.get(item.code, "")
    if last in item.passing:
        return last
    usual = [r for r in item.results if r in item.passing and r not in checklist.not_assumed]
    return usual[0] if len(usual) == 1 else ""


def former_record(ports: Ports, actor: Actor, act: Act, spec: Field) -> FormerRecord:
    """Return the latest record of the same party that the person may see."""
    if not spec.checklist or not act.party:
        return FormerRecord()
    states = [state.value for state in NUMBERED_STATES if state is not State.VOID]
    with ports.store.read() as tx:
        records = tx.acts.find(
            Condition("form", "==", act.form),
            Condition("state", "in", states),
            Condition("search", "contains", act.party.lower()),
            order="dated",
            descending=True,
            # acts of other parties may contain the name
            limit=20,
        )
    for former in map(Act.from_record, records):
        if former.id != act.id and former.party == act.party and may_see(actor, former):
            rows = rows_in(current_answers(ports.definitions, former).get(spec.key))
            results = {str(row.get(spec.checklist.item)): str(row.get(spec.checklist.result)) for row in rows}
            return FormerRecord(former.id, former.number, former.dated, results)
    return FormerRecord()


def rows_in(value: JSON) -> list[Row]:
    """Return the rows of an answer; a program may have stored anything."""
    return [dict(row) for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def rest_of(
    checklist: Checklist, items: Sequence[ChecklistItem], rows: Sequence[Row], former: FormerRecord
) -> tuple[dict[str, str], list[ChecklistItem]]:
    """Return what would be written for undecided items, and those to be asked."""
    decided = {row.get(checklist.item) for row in rows if not is_empty(row.get(checklist.result))}
    open_items = [item for item in items if item.is_applicable and item.code not in decided]
    assumed = {item.code: assumed_result(checklist, item, former) for item in open_items}
    written = {code: result for code, result in assumed.items() if result}
    return written, [item for item in open_items if not assumed[item.code]]


def with_results(checklist: Checklist, rows: Sequence[Row], written: Mapping[str, str]) -> list[Row]:
    """Return the rows with results for further items; decided ones stay."""
    kept = [
        {**row, checklist.result: written[code]} if (code := str(row.get(checklist.item))) in written else row
        for row in rows
    ]
    known = {row.get(checklist.item) for row in rows}
    return [
        *kept,
        *({checklist.item: c, checklist.result: r} for c, r in written.items() if c not in known),
    ]


def without_results(checklist: Checklist, rows: Sequence[Row], codes: Sequence[str]) -> list[Row]:
    """Return the rows without the results of these items, notes kept."""
    kept = [{**row, checklist.result: ""} if row.get(checklist.item) in codes else row for row in rows]
    return [row for row in kept if any(v for k, v in row.items() if k != checklist.item)]


def with_exceptions(definition: FormDefinition, answers: Values, stored: Values) -> dict[str, JSON]:
    """Return the tables of exceptions, changed to follow the results.

    Each item that fails gets a row with the suggested violation; a row without anything typed goes when its item passes.
    ``stored`` are the answers before: the suggestion follows a result that was changed since.
    """
    changed: dict[str, JSON] = {}
    for spec, checklist in checklist_fields(definition):
        table = definition.field(checklist.exceptions.rows) if checklist.exceptions else None
        if checklist.exceptions is None or table is None:
            continue
        results = {
            item.code: (item, result)
            for item in items_of(definition, spec, answers)
            for row in rows_in(answers.get(spec.key))
            if row.get(checklist.item) == item.code
            and item.codes
            and item.fails(result := row.get(checklist.result))
        }
        before = rows_in(answers.get(table.key))
        earlier = {
            row.get(checklist.item): row.get(checklist.result) for row in rows_in(stored.get(spec.key))
        }
        changed_now = {code for code, (_item, result) in results.items() if earlier.get(code) != result}
        after = _followed(before, table, checklist.exceptions, results, changed_now)
        if after != before:
            changed[table.key] = after
    return changed


def _followed(
    before: Sequence[Row],
    table: Field,
    exceptions: ChecklistExceptions,
    results: Mapping[str, tuple[ChecklistItem, JSON]],
    changed_now: set[str],
) -> list[Row]:
    after: list[Row] = []
    for row in before:
        code = str(row.get(exceptions.item) or "")
        if not code or not _is_untouched(row, table, exceptions):
            after.append(row)
        elif code in results:
            suggested = results[code][0].suggestion(results[code][1])
            follows = code in changed_now and suggested and row.get(exceptions.code) != suggested
            # without the other cells: they take the defaults of the new violation
            after.append({exceptions.item: code, exceptions.code: suggested} if follows else row)
    while after and all(is_empty(cell) for cell in after[-1].values()):
        after.pop()
    linked = {row.get(exceptions.item) for row in after}
    for code, (item, result) in results.items():
        if code not in linked:
            after.append({exceptions.item: code, exceptions.code: item.suggestion(result)})
    return after if any(row.get(exceptions.item) for row in (*before, *after)) else list(before)


def _is_untouched(row: Row, table: Field, exceptions: ChecklistExceptions) -> bool:
    """Return whether a row holds nothing but what the service filled in."""
    own = {exceptions.item, exceptions.code}
    own |= {c.key for c in table.columns or () if c.default is not None or c.computed is not None}
    return all(is_empty(cell) for key, cell in row.items() if key not in own)
