"""Rows of a planned import as the page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.personal_columns import masked_row
from formsvc.domain.registers.row_rules import DuplicateRule
from formsvc.i18n.messages import join_messages
from formsvc.usecases.registers.excel.import_plan import UNDECIDED, ImportPlan, ImportRow, Outcome
from formsvc.usecases.registers.row_history import CellChange
from formsvc.web.registers import cells

# what has to be decided comes first, what changes nothing last
_ORDER = (
    Outcome.REFUSED,
    Outcome.DOUBTFUL,
    Outcome.CHANGED,
    Outcome.NEW,
    Outcome.LEFT_OUT,
    Outcome.UNCHANGED,
)
_SHOWN_TEXTS = 6


@dataclass(frozen=True)
class Correction:
    """A cell that can be typed again."""

    column: str
    label: str
    typed: str
    sentence: str


@dataclass(frozen=True)
class ReviewRow:
    """A row of the file with its outcome."""

    line: int
    outcome: str
    name: str
    summary: str
    changes: tuple[CellChange, ...]
    corrections: tuple[Correction, ...]
    reasons: tuple[str, ...]
    twin: str
    twin_name: str


def review_rows(register: RegisterDefinition, plan: ImportPlan, view: str) -> list[ReviewRow]:
    """Return the rows of a view; ``undecided`` are those to decide."""
    wanted = {outcome.value for outcome in UNDECIDED} if view == "undecided" else {view} if view else None
    chosen = [row for row in plan.rows if wanted is None or row.outcome.value in wanted]
    chosen.sort(key=lambda row: (_ORDER.index(row.outcome), row.line))
    return [_review_row(register, row) for row in chosen]


def _review_row(register: RegisterDefinition, row: ImportRow) -> ReviewRow:
    before = row.before
    corrections = tuple(
        Correction(p.field, register.label_of(p.field), row.typed.get(p.field, ""), p.sentence())
        for p in row.problems
        if p.field and row.outcome is Outcome.REFUSED
    )
    # of a doubtful row there is nothing to correct, only to decide
    reasons = tuple(p.message for p in row.problems if not p.field or row.outcome is Outcome.DOUBTFUL)
    return ReviewRow(
        row.line,
        row.outcome.value,
        register.name_of(row.values) or row.typed.get(register.name_column, ""),
        _summary(register, row),
        tuple(_changes(register, row)),
        corrections,
        reasons,
        before.row if before and row.outcome is Outcome.DOUBTFUL else "",
        register.name_of(before.values) if before and row.outcome is Outcome.DOUBTFUL else "",
    )


def _summary(register: RegisterDefinition, row: ImportRow) -> str:
    keys = dict.fromkeys((*register.listed_columns, *compared_columns(register.source.duplicates)))
    values = row.values
    texts = (cells.cell_text(register, key, values.get(key)) for key in keys)
    shown = [text for text in texts if text and text != register.name_of(values)]
    return join_messages(*shown[:_SHOWN_TEXTS], separator="　")


def compared_columns(rules: list[DuplicateRule]) -> list[str]:
    """Return the columns by which duplicates are found."""
    return [key for rule in rules for key in rule.columns]


def _changes(register: RegisterDefinition, row: ImportRow) -> list[CellChange]:
    if row.before is None:
        return []
    old = masked_row(register, row.before.values)
    return [
        CellChange(
            register.label_of(key),
            cells.cell_text(register, key, old.get(key)),
            cells.cell_text(register, key, value),
        )
        for key, value in row.changes.items()
    ]
