"""Plan of an import of a table into a register, row by row.

A plan reads only. It names what each row would do: add, change, nothing; or why it cannot be imported, or which row it
may be one with. What a person decided about a row makes another plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.headings import match_headings
from formsvc.domain.registers.projection import (
    ProjectedRow,
    RowState,
    duplicate_text,
    record_key,
    row_id,
)
from formsvc.errors import FormsvcError, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Condition, Transaction
from formsvc.usecases.registers.duplicates import twin_problem
from formsvc.usecases.registers.excel.workbooks import WorkbookTable
from formsvc.usecases.registers.row_changes import changed_columns, require_editor
from formsvc.usecases.registers.row_index import bring_up_to_date
from formsvc.usecases.registers.row_numbers import latest_row
from formsvc.usecases.registers.row_owners import read_visible, visible_part
from formsvc.usecases.registers.row_search import get_register

# keys looked up at once
_BATCH = 400


class Outcome(StrEnum):
    """Outcome of the import of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    LEFT_OUT = "left_out"


class Choice(StrEnum):
    """Choice of a person about a doubtful row."""

    SAME = "same"
    ANOTHER = "another"
    LEAVE = "leave"


UNDECIDED = (Outcome.REFUSED, Outcome.DOUBTFUL)


@dataclass(frozen=True)
class RowDecision:
    """Decision of a person about a row, and its corrected cells by column."""

    choice: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ImportRow:
    """Row of a file with the outcome of its import.

    ``before`` is the row it changes, or may be one with; ``changes`` are the columns that differ from it. ``is_other``
    says that a person found a new row to be another than one that looks like it.
    """

    line: int
    outcome: Outcome
    values: Mapping[str, JSON]
    problems: tuple[Problem, ...] = ()
    before: ProjectedRow | None = None
    changes: Mapping[str, JSON] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    is_other: bool = False


@dataclass(frozen=True)
class ImportPlan:
    """Plan of an import; ``reached`` is the length of the chain at that time."""

    register: RegisterDefinition
    rows: tuple[ImportRow, ...]
    reached: int

    @property
    def counts(self) -> Mapping[Outcome, int]:
        counted = Counter(row.outcome for row in self.rows)
        return {outcome: counted.get(outcome, 0) for outcome in Outcome}

    @property
    def undecided(self) -> int:
        return sum(self.counts[outcome] for outcome in UNDECIDED)

    def without_undecided(self) -> ImportPlan:
        """Return the plan that leaves out what is refused or doubtful."""
        rows = (
            replace(row, outcome=Outcome.LEFT_OUT) if row.outcome in UNDECIDED else row for row in self.rows
        )
        return replace(self, rows=tuple(rows))


def read_file(ports: Ports, actor: Actor, register: str, content: bytes) -> WorkbookTable:
    """Return the table of a workbook. Raise FormsvcError if it is none."""
    definition = get_register(ports, register)
    require_editor(definition, actor)
    names = [
        name
        for column in definition.columns
        for name in (*definition.source.headings.get(column.key, ()), column.label)
    ]
    return ports.register_documents.table(content, names)


def matched_columns(register: RegisterDefinition, table: WorkbookTable) -> dict[str, str]:
    """Return the column of each heading, "" for one that names none."""
    known = match_headings(register, table.headings)
    return {heading: known.get(heading, "") for heading in table.headings}


def plan_import(
    ports: Ports,
    actor: Actor,
    register: str,
    table: WorkbookTable,
    columns: Mapping[str, str],
    decisions: Mapping[int, RowDecision] | None = None,
) -> ImportPlan:
    """Return what the import of a table would do.

    ``columns`` maps headings to columns. Raise FormsvcError if it maps two to one, or none.
    """
    definition = get_register(ports, register)
    require_editor(definition, actor)
    _require_usable(definition, columns)
    bring_up_to_date(ports, definition)
    with ports.store.read() as tx:
        planner = _Planner(tx, actor, definition, decisions or {})
        rows = planner.plan(list(_typed_rows(table, columns, decisions or {})))
        return ImportPlan(definition, tuple(rows), tx.reached())


def _require_usable(register: RegisterDefinition, columns: Mapping[str, str]) -> None:
    used = Counter(key for key in columns.values() if key)
    unknown = [key for key in used if register.column(key) is None]
    doubled = [key for key, count in used.items() if count > 1]
    if unknown or doubled:
        label = register.label_of((doubled or unknown)[0])
        raise FormsvcError(
            msg("“{label}”对上了不止一列，或者没有这一列。", label=label), msg("请重新对列，每列只用一次。")
        )
    if not used:
        raise FormsvcError(msg("没有一列对得上“{title}”。", title=register.title), msg("请逐列选择。"))


def _typed_rows(
    table: WorkbookTable, columns: Mapping[str, str], decisions: Mapping[int, RowDecision]
) -> Iterator[tuple[int, dict[str, str]]]:
    for line, texts in table.rows:
        typed = {
            key: text
            for heading, text in zip(table.headings, texts, strict=True)
            if (key := columns.get(heading, ""))
        }
        decided = decisions.get(line)
        yield line, {**typed, **(decided.cells if decided else {})}


class _Planner:
    """Plans the rows of one file against the rows of the register."""

    def __init__(
        self,
        tx: Transaction,
        actor: Actor,
        register: RegisterDefinition,
        decisions: Mapping[int, RowDecision],
    ) -> None:
        self._tx, self._actor, self._register, self._decisions = tx, actor, register, decisions
        latest = latest_row(tx, actor, register)
        self._repeated = {
            key: latest[key] for key in register.source.repeated if not is_empty(latest.get(key))
        }
        self._lines: dict[str, int] = {}

    def plan(self, typed: Sequence[tuple[int, dict[str, str]]]) -> list[ImportRow]:
        read = [(line, texts, *self._register.read_row(texts)) for line, texts in typed]
        stored = self._stored_rows([values for _line, _texts, values, _problems in read])
        return [
            self._plan_row(line, texts, values, problems, stored) for line, texts, values, problems in read
        ]

    def _plan_row(
        self,
        line: int,
        typed: dict[str, str],
        values: dict[str, JSON],
        problems: list[Problem],
        stored: _StoredRows,
    ) -> ImportRow:
        decision = self._decisions.get(line, RowDecision())
        if decision.choice == Choice.LEAVE:
            return ImportRow(line, Outcome.LEFT_OUT, values, typed=typed)
        before, number = stored.match(values)
        if stored.has_hidden(values):
            key = self._register.source.key[0]
            sentence = msg("“{title}”里没有您可以改的这一行。", title=self._register.title)
            problem = Problem(key, sentence, msg("请由经办的机关更正。"))
            return ImportRow(line, Outcome.REFUSED, values, (problem,), typed=typed)
        if before is not None and number is not None:
            is_sure = stored.is_surely_same(values, before, number)
            if decision.choice == Choice.ANOTHER:
                before = None
            elif not is_sure and decision.choice != Choice.SAME:
                doubt = (twin_problem(self._register, number, before),)
                return ImportRow(line, Outcome.DOUBTFUL, values, doubt, before, typed=typed)
        # an empty cell leaves what is registered as it is
        given = {key: value for key, value in values.items() if not is_empty(value)}
        if before is not None:
            problems = [p for p in problems if typed.get(p.field)]
        if problems:
            return ImportRow(line, Outcome.REFUSED, values, tuple(problems), before, typed=typed)
        return self._sound_row(line, typed, given, before, decision)

    def _sound_row(
        self,
        line: int,
        typed: dict[str, str],
        given: dict[str, JSON],
        before: ProjectedRow | None,
        decision: RowDecision,
    ) -> ImportRow:
        merged = {**(before.values if before else self._repeated), **given}
        if before is not None:
            # the file names another number for a row that was found by its code
            merged |= {key: before.values.get(key) for key in self._register.source.key}
        values = self._register.whole_row(merged)
        other = self._line_with_same(line, values, before, decision)
        if other:
            problem = Problem("", msg("与第 {line} 行是同一{unit}。", line=other, unit=self._register.unit))
            return ImportRow(line, Outcome.REFUSED, values, (problem,), before, typed=typed)
        if before is None:
            is_other = decision.choice == Choice.ANOTHER
            return ImportRow(line, Outcome.NEW, values, typed=typed, is_other=is_other)
        changes = changed_columns(before.values, values)
        outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
        return ImportRow(line, outcome, values, (), before, changes, typed)

    def _line_with_same(
        self, line: int, values: dict[str, JSON], before: ProjectedRow | None, decision: RowDecision
    ) -> int:
        """Return an earlier line about the same row, 0 for none."""
        numbered = self._register.source.key_number
        has_key = numbered is None or not is_empty(values.get(numbered.column))
        marks = [before.row] if before else [row_id(self._register, values)] if has_key else []
        if decision.choice != Choice.ANOTHER:
            count = len(self._register.source.duplicates)
            marks += [text for n in range(count) if (text := duplicate_text(self._register, values, n))]
        found = next((self._lines[mark] for mark in marks if mark in self._lines), 0)
        for mark in marks:
            self._lines.setdefault(mark, line)
        return found

    def _stored_rows(self, rows: Sequence[Mapping[str, JSON]]) -> _StoredRows:
        register = self._register
        ids = [record_key(register.id, row_id(register, row)) for row in rows]
        complete = [ProjectedRow.from_record(record) for record in self._find("id", ids)]
        by_id = {row.row: seen for row in complete if (seen := self._visible(row))}
        hidden = {row.row for row in complete if row.row not in by_id and row.state is RowState.CURRENT}
        part = visible_part(self._tx, self._actor, register.id, RowState.CURRENT)
        by_text: list[dict[str, ProjectedRow]] = []
        for number in range(len(register.source.duplicates)):
            texts = [text for row in rows if (text := duplicate_text(register, row, number))]
            slot = f"d{number + 1}"
            found = self._find(slot, texts, part)
            by_text.append({record[slot]: ProjectedRow.from_record(record) for record in found})
        return _StoredRows(register, by_id, by_text, frozenset(hidden))

    def _visible(self, row: ProjectedRow) -> ProjectedRow | None:
        if not row.audience:
            return row
        return read_visible(self._tx, self._actor, self._register.id, row.row)

    def _find(self, name: str, values: Iterable[str], *more: Condition) -> Iterator[dict[str, JSON]]:
        wanted = list(dict.fromkeys(values))
        for start in range(0, len(wanted), _BATCH):
            batch = Condition(name, "in", wanted[start : start + _BATCH])
            yield from self._tx.register_rows.find(*more, batch)


@dataclass(frozen=True)
class _StoredRows:
    """Rows of the register that rows of the file may be about.

    ``hidden`` are the ids of those that the person may not see.
    """

    register: RegisterDefinition
    by_id: Mapping[str, ProjectedRow]
    by_text: Sequence[Mapping[str, ProjectedRow]]
    hidden: frozenset[str]

    def has_hidden(self, values: Mapping[str, JSON]) -> bool:
        return row_id(self.register, values) in self.hidden

    def match(self, values: Mapping[str, JSON]) -> tuple[ProjectedRow | None, int | None]:
        """Return the row with the same key, or a likely duplicate and its rule."""
        same = self.by_id.get(row_id(self.register, values))
        if same is not None and same.state is RowState.CURRENT:
            return same, None
        for number, known in enumerate(self.by_text):
            text = duplicate_text(self.register, values, number)
            if text and text in known:
                return known[text], number
        return None, None

    def is_surely_same(self, values: Mapping[str, JSON], before: ProjectedRow, number: int) -> bool:
        """Return whether a duplicate agrees in the rule's columns and name."""
        compared = {*self.register.source.duplicates[number].columns, self.register.name_column}
        return all(values.get(key) == before.values.get(key) for key in compared)
