"""Deadlines that an act sets, by the life of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from formsvc.domain.calendar import Calendar, add_working_days
from formsvc.domain.cases.case_act import CaseAct, CaseRules
from formsvc.domain.cases.deadlines import Deadline, in_days, in_months, in_working_days, on_the_day
from formsvc.domain.expressions.evaluator import Outcome, OutcomeKind
from formsvc.domain.life.schema import DeadlineRule
from formsvc.domain.life.scope import LifeScope
from formsvc.domain.parsing import is_iso_day, iso_day
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits

# A deadline, and the rows that it is about; none for one of the whole document.
RowDeadline = tuple[Deadline, frozenset[int]]
_FAILURES = frozenset({OutcomeKind.REFUSED, OutcomeKind.FAULTY, OutcomeKind.UNKNOWN})


def deadlines_of(act: CaseAct, rules: CaseRules) -> list[Deadline]:
    """Return every deadline that an issued act sets, the first due first.

    Serving it is a step and shown there.
    """
    if not act.is_finished or act.life is None:
        return []
    scope = LifeScope(act, act.life, rules)
    by_service = scope.life.service.by if scope.life.service else ""
    found = [
        deadline.explained_on(rules.today, pending=False)
        for rule in scope.life.deadlines
        if rule.id != by_service
        for deadline, _ in named_deadlines(scope, rule.id, rules)
    ]
    return sorted(found, key=lambda deadline: deadline.due)


def named_deadlines(
    scope: LifeScope, name: str, rules: CaseRules, rows: frozenset[int] | None = None
) -> list[RowDeadline]:
    """Return the deadlines of one rule, one for each day; the first due first.

    ``rows`` narrows a rule for rows to some of them.
    """
    number = next(n for n, rule in enumerate(scope.life.deadlines) if rule.id == name)
    computed = _RuleDeadlines(scope, scope.life.deadlines[number], f"deadlines.{number}", rules)
    return computed.by_rows(rows) if computed.rule.each else computed.whole()


def deadline_faults(act: CaseAct, rules: CaseRules) -> Iterator[str]:
    """Yield a sentence for each deadline that cannot be computed."""
    if not act.is_finished or act.life is None:
        return
    scope = LifeScope(act, act.life, rules)
    for number, rule in enumerate(scope.life.deadlines):
        reason = _RuleDeadlines(scope, rule, f"deadlines.{number}", rules).failure()
        if reason:
            yield msg("{name}算不出来：{reason}", name=scope.words(rule.name), reason=reason)


class _RuleDeadlines:
    """The deadlines of one rule."""

    def __init__(self, scope: LifeScope, rule: DeadlineRule, path: str, rules: CaseRules) -> None:
        self.rule = rule
        self._scope, self._path, self._rules = scope, path, rules

    def whole(self) -> list[RowDeadline]:
        values = self._values()
        return [(self._deadline(*values, ""), frozenset())] if values else []

    def by_rows(self, rows: frozenset[int] | None) -> list[RowDeadline]:
        """Return one deadline for all rows with the same days."""
        groups: dict[tuple[str, int], list[tuple[int, str]]] = {}
        for row in self._scope.rows(self.rule.each):
            values = self._values() if rows is None or row.index in rows else None
            if values:
                groups.setdefault(values, []).append((row.index, row.number))
        found = [
            (
                self._deadline(*values, "、".join(number for _, number in members)),
                frozenset(i for i, _ in members),
            )
            for values, members in groups.items()
        ]
        return sorted(found, key=lambda pair: pair[0].due)

    def failure(self) -> str:
        """Return why the deadline cannot be computed, or ""."""
        scope, each = self._scope, self.rule.each
        if each:
            missing = scope.source.missing_field(each)
            reasons = [reason for _ in scope.rows(each) if (reason := self._failed())]
            return missing or next(iter(reasons), "")
        return self._failed()

    def _failed(self) -> str:
        outcomes = [self._scope.outcome(f"{self._path}.{name}") for name in ("when", "from", "count")]
        failed = (o.reason for o in outcomes if o and o.kind in _FAILURES)
        return next(failed, "") or self._unusable(*outcomes[1:])

    def _unusable(self, starts: Outcome | None, counted: Outcome | None) -> str:
        """Return why values that were computed give no day, or ""."""
        if starts and _has_value(starts) and not is_iso_day(starts.value):
            return msg("“{value}”不是日期。", value=str(starts.value)[:20])
        if counted and _has_value(counted) and not abs(counted.value) <= process_limits().period_days:
            return msg("期限超过 {limit} 天，请核对天数。", limit=process_limits().period_days)
        return ""

    def _values(self) -> tuple[str, int] | None:
        """Return the day it begins with and the count; None if there is none."""
        if not self._scope.condition(f"{self._path}.when").is_true:
            return None
        starts, count = self._scope.outcome(f"{self._path}.from"), self.rule.count
        if isinstance(count, str):
            counted = self._scope.outcome(f"{self._path}.count")
            if not _has_value(counted):
                return None
            count = int(counted.value) if counted else 0
            if abs(count) > process_limits().period_days:
                return None
        is_known = starts is not None and _has_value(starts) and is_iso_day(starts.value)
        return (starts.value[:10], count) if starts and is_known else None

    def _deadline(self, starts: str, count: int, numbers: str) -> Deadline:
        return replace(self._counted(starts, count, numbers), late=self.rule.late)

    def _counted(self, starts: str, count: int, numbers: str) -> Deadline:
        rule, calendar = self.rule, self._rules.calendar
        day = iso_day(starts)
        assert day is not None  # noqa: S101 - _values() returns days only
        if not self._rules.explains:
            return Deadline("", _last_day(rule, day, count, calendar), day, "")
        name, event = self._scope.words(rule.name), self._scope.words(rule.event)
        if numbers:
            name = msg("{name}（第{numbers}项）", name=name, numbers=numbers)
        if rule.unit == "on_day" or not count:
            return on_the_day(name, event, day, calendar, rule.law)
        if rule.unit == "workdays":
            return in_working_days(name, event, day, count, calendar, rule.law)
        if rule.unit == "months":
            return in_months(name, event, day, count, calendar, rule.law, rolls=rule.rolls)
        return in_days(name, event, day, count, calendar, rule.law, rolls=rule.rolls)


def _last_day(rule: DeadlineRule, day: date, count: int, calendar: Calendar) -> date:
    """Return the last day alone, as the deadlines compute it."""
    if rule.unit == "on_day" or not count:
        return day
    if rule.unit == "workdays":
        return add_working_days(day, count, calendar)
    if rule.unit == "months":
        return in_months("", "", day, count, calendar, rolls=rule.rolls).due
    return in_days("", "", day, count, calendar, rolls=rule.rolls).due


def _has_value(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.kind is OutcomeKind.VALUE
