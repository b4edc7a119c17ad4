"""Trials of the expressions of a life over generated answers."""

from __future__ import annotations

from collections.abc import Iterator

from formsvc.domain.acts.act import State
from formsvc.domain.authorities import Circumstances
from formsvc.domain.definitions.compilation import LIFE, CompileError
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.trials import (
    Domains,
    KnownMaps,
    Trial,
    Trials,
    common_problem,
    condition_fault,
    is_opaque,
    never_computed,
)
from formsvc.domain.expressions.evaluator import Expression
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.life.compilation import FOUND, MADE, THIS
from formsvc.domain.life.effects import MOVED_DAY, Verb
from formsvc.domain.life.register_checks import KnownRegisters, column_of
from formsvc.domain.parsing import is_iso_day
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits

_CONDITIONS = ("when", "required")
# what is bound to these depends on other documents, whose definitions are not at hand
_OF_OTHERS = frozenset({MADE, FOUND})


def try_life(
    definition: FormDefinition, circumstances: Circumstances, registers: KnownRegisters
) -> list[CompileError]:
    """Return an error for each life expression that nothing satisfies."""
    return list(_LifeTrials(definition, circumstances, registers).errors())


class _LifeTrials:
    """Trials of one life."""

    def __init__(
        self, definition: FormDefinition, circumstances: Circumstances, registers: KnownRegisters
    ) -> None:
        self._definition, self._registers = definition, registers
        self._trials = Trials(definition, circumstances)
        self._known: KnownMaps = {THIS: _facts_of(definition)}

    def errors(self) -> Iterator[CompileError]:
        for path, expression in self._definition.compiled.life.all_expressions():
            if expression.names & _OF_OTHERS or "item" in expression.names:
                continue
            trial = self._trials.run(expression, self._table_of(path), self._known)
            sentence = trial.failure or self._verdict(path, expression, trial)
            if sentence:
                yield CompileError(LIFE, path, sentence)

    def _table_of(self, path: str) -> Field | None:
        """Return the table whose rows an expression is evaluated for."""
        life, steps = self._definition.life, path.split(".", 4)
        if life is None or len(steps) < 3:
            return None
        if steps[0] != "effects":
            rule = getattr(life, steps[0])[int(steps[1])]
            return self._definition.field(rule.each) if rule.each else None
        effect = getattr(life.effects, steps[1])[int(steps[2])]
        column = steps[4] if len(steps) > 4 else ""
        outer = getattr(effect, steps[3]).get(column.partition(".")[0], "") if "." in column else ""
        table = outer.strip() or effect.rows
        entry = self._definition.field(table) if table.isidentifier() else None
        return entry if entry and entry.columns else None

    def _verdict(self, path: str, expression: Expression, trial: Trial) -> str:
        """Return what is wrong with an expression by its outcomes, or ""."""
        steps = path.split(".", 4)
        if steps[-1] in _CONDITIONS and len(steps) < 5:
            return condition_fault("when", expression, trial)
        if steps[0] == "deadlines":
            return _day_fault(expression, trial) if steps[2] == "from" else _period_fault(expression, trial)
        if steps[0] != "effects":
            return ""
        if steps[3] == "date":
            return _day_fault(expression, trial)
        life = self._definition.life
        effect = getattr(life.effects, steps[1])[int(steps[2])] if life else None
        if effect is None or len(steps) < 5:
            return ""
        if effect.verb is Verb.MOVE_DEADLINES and steps[4] == MOVED_DAY:
            return _day_fault(expression, trial)
        column = column_of(self._registers.get(effect.register_name), steps[4])
        return _column_fault(column, expression, trial)


def _facts_of(definition: FormDefinition) -> Domains:
    """Return what ``this`` may be when the life is asked."""
    return {
        "id": ["FAKE-1"],
        "act_id": ["FAKE-1"],
        "form": [definition.id],
        "title": [str(definition.title)],
        "number": ["", "FAKE〔2026〕1号"],
        "date": ["2026-01-05", "2026-12-31"],
        "served_on": [None, "2026-01-06"],
        "state": [state.value for state in State],
        "mode": list(definition.modes) or [""],
    }


def _day_fault(expression: Expression, trial: Trial) -> str:
    """Return why an expression gives no day, or "".

    A field for text is refused though a day could be typed into it: nothing checks what is typed.
    """
    values = trial.values
    is_any_text = (
        expression.shape.is_only("text") and not expression.shape.format and not is_opaque(expression)
    )
    other = next((value for value in values if not is_iso_day(value)), None)
    if other is not None and (is_any_text or not any(is_iso_day(value) for value in values)):
        return msg(
            "“{source}”应得出日期，有的填法得出的是“{value}”，请写日期字段。",
            source=expression.source,
            value=str(other)[:20],
        )
    return never_computed(expression, trial, msg("总是空的。"))


def _period_fault(expression: Expression, trial: Trial) -> str:
    values = [value for value in trial.values if isinstance(value, int | float)]
    if (
        values
        and not is_opaque(expression)
        and all(abs(value) > process_limits().period_days for value in values)
    ):
        return msg("期限超过 {limit} 天，请核对天数。", limit=process_limits().period_days)
    return never_computed(expression, trial, msg("总是空的。"))


def _column_fault(column: Field | None, expression: Expression, trial: Trial) -> str:
    """Return why a column could never be written, or "".

    One that is always empty clears what stood there.
    """
    if column is not None and trial.values and not is_opaque(expression):
        kind, words = FIELD_TYPES[column.kind], expression.shape.words or ()
        found = (kind.parse_computed(column, value, column.key)[1] for value in trial.values)
        # what can really come out: trials of choices try other texts as well
        sure = sorted({value for value in trial.values if isinstance(value, str) and value in words})
        refused = next((p for word in sure for p in kind.parse_computed(column, word, column.key)[1]), None)
        refused = refused or common_problem(found)
        if refused is not None:
            return refused.message
    return never_computed(expression, trial)
