"""Values of the expressions of one act's life."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from formsvc.domain.cases.case_act import CaseAct, CaseRules
from formsvc.domain.chinese import long_date
from formsvc.domain.expressions.evaluator import Expression, ExpressionEvaluator, Outcome, OutcomeKind
from formsvc.domain.expressions.functions import printed_value
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.domain.life.act_life import ActLife
from formsvc.domain.life.schema import Life
from formsvc.domain.parsing import iso_day
from formsvc.i18n.messages import DefinitionText

_TRUE = Outcome(OutcomeKind.VALUE, value=True)
_DATE_LENGTH = len("2026-01-05")


@dataclass(frozen=True)
class Row:
    """One row of an act's table: its position from 0, its printed number.

    ``named`` is the number that documents made since call it by.
    """

    index: int
    number: str
    values: Mapping[str, Any]
    named: str


class LifeScope:
    """Evaluates the expressions of one act's life, by their path in it."""

    def __init__(self, act: CaseAct, life: ActLife, rules: CaseRules) -> None:
        self.act, self.source, self._explains = act, life, rules.explains
        self._compiled = life.definition.compiled.life
        self._table = ""
        bound = {
            entry.key: FIELD_TYPES[entry.kind].to_expression(entry, act.answers.get(entry.key))
            for entry in life.used_fields
        }
        self._bound = bound
        self._evaluator = ExpressionEvaluator(
            {**bound, "this": document_facts(act)}, rules.functions_of(life.definition)
        )

    @property
    def life(self) -> Life:
        return self.source.life

    def outcome(self, path: str) -> Outcome | None:
        """Return the outcome of an expression; None if there is none at the path."""
        expression = self._compiled.expressions.get(path)
        return self._evaluate(expression) if expression else None

    def _evaluate(self, expression: Expression) -> Outcome:
        missing = self.source.missing_answer(expression, self._table)
        if missing:
            return Outcome(OutcomeKind.REFUSED, reason=missing)
        return self._evaluator.evaluate(expression)

    def condition(self, path: str) -> Outcome:
        """Return the outcome of a condition; true if nothing stands there."""
        return self.outcome(path) or _TRUE

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the rows of a table, each with ``row`` and ``index`` bound."""
        self._table = table
        shown = self._bound.get(table)
        for row in rows_of(self.act, table):
            values = shown[row.index] if isinstance(shown, list) and row.index < len(shown) else row.values
            self._evaluator.bind("row", values)
            self._evaluator.bind("index", row.index)
            yield row
        self._table = ""

    def is_answered_by(self, path: str, made: CaseAct, row: Row | None = None) -> bool:
        """Return whether a document made from the act counts as the answer."""
        self._evaluator.bind("made", {**document_facts(made), "answers": answers_of(made)})
        self._evaluator.bind("found", found_row(made, row) if row else None)
        return self.condition(path).is_true

    def text(self, path: str, written: str, **values: str) -> str:
        """Return a text of the life with the values of its expressions."""
        if not self._explains:
            return ""
        for name, value in values.items():
            self._evaluator.bind(name, value)
        parts = self._compiled.texts.get(path, ())
        shown = {part.source: self._shown(part) for part in parts if isinstance(part, Expression)}
        return DefinitionText(self.source.definition.id, written, shown)

    def _shown(self, expression: Expression) -> str:
        value = self._evaluate(expression).value
        if not isinstance(value, str):
            return printed_value(value)
        if len(value) == _DATE_LENGTH and value[4:5] == "-" and (day := iso_day(value)):
            return long_date(day)
        return DefinitionText(self.source.definition.id, value)

    def words(self, text: str) -> str:
        """Return a text of the definition that pages can translate."""
        return DefinitionText(self.source.definition.id, text)


def document_facts(act: CaseAct) -> dict[str, JSON]:
    """Return the facts of a document as expressions of a life see them."""
    return {
        "id": act.id,
        "act_id": act.id,
        "form": act.form,
        "title": str(act.title),
        "number": act.number,
        "date": act.dated.isoformat(),
        "served_on": act.served_on.isoformat() if act.served_on else None,
        "state": act.state,
        "mode": act.mode,
    }


def answers_of(act: CaseAct) -> dict[str, JSON]:
    """Return the answers with an empty one for each field left out."""
    fields = act.life.fields.values() if act.life else ()
    return {**_blank(fields), **act.answers}


def _blank(fields: Iterable[Field]) -> dict[str, JSON]:
    return dict.fromkeys(key for entry in fields for key in (entry.key, *entry.formerly))


def rows_of(act: CaseAct, table: str) -> Iterator[Row]:
    """Yield the rows of a table with the numbers its items are known by."""
    items = act.life.life.items if act.life else None
    column = items.number if items and items.rows == table else ""
    # papers of before the first life number their items by position, not by the column
    by_position = act.life is not None and not act.life.is_own
    for index, values in enumerate(act.answers.get(table) or ()):
        named = str(values.get(column) or index + 1)
        yield Row(index, str(index + 1) if by_position else named, values, named)


def found_row(made: CaseAct, row: Row) -> Mapping[str, JSON]:
    """Return the row of a made document with the result of an item."""
    results = made.life.life.results if made.life else None
    if made.life is None or results is None:
        return {}
    entry = made.life.fields[results.rows]
    blank = _blank(entry.columns or ())
    rows = list(enumerate(made.answers.get(results.rows) or ()))
    for index, values in rows:
        number = values.get(results.number) if results.number and made.life.is_own else None
        # without a number of the document looked at the rows answer one another by their position
        if str(number) == row.named if number else index == row.index:
            return {**blank, **values}
    return blank
