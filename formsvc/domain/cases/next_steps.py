"""Deadlines set by a case's acts, and its next steps.

Pure: the acts, their lives and the office's settings are passed in; nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from formsvc.domain.cases.act_deadlines import deadlines_of, named_deadlines
from formsvc.domain.cases.case_act import CaseAct, CaseRules, NextStep, acts_with_depth
from formsvc.domain.cases.deadlines import Deadline
from formsvc.domain.cases.hazards import ordered_again
from formsvc.domain.expressions.evaluator import OutcomeKind
from formsvc.domain.life.schema import FollowUp
from formsvc.domain.life.scope import LifeScope, Row
from formsvc.i18n.messages import join_messages, msg

__all__ = [
    "SERVICE",
    "CaseAct",
    "CaseRules",
    "NextStep",
    "acts_with_depth",
    "deadlines_of",
    "next_steps",
    "possible_steps",
]

# Acts by the id of the act they were made from, oldest first; void ones are left out.
MadeFrom = Mapping[str, Sequence[CaseAct]]
# The step of serving an act; follow-ups have the id that their definition gives them.
SERVICE = "service"
_FAILURES = frozenset({OutcomeKind.REFUSED, OutcomeKind.FAULTY, OutcomeKind.UNKNOWN})


def next_steps(acts: Sequence[CaseAct], rules: CaseRules) -> list[NextStep]:
    """Return what must still be done, by deadline; steps without one last."""
    steps = list(_all_steps(acts, rules, must=True))
    return sorted(steps, key=lambda s: (s.deadline is None, s.deadline.due if s.deadline else date.max))


def possible_steps(acts: Sequence[CaseAct], rules: CaseRules) -> list[NextStep]:
    """Return what may be done next, in the order of the acts."""
    # what must be done in this case already is not offered a second time from another document of it
    due = {form for step in _all_steps(acts, rules, must=True) for form in step.forms}
    steps = _all_steps(acts, rules, must=False)
    return [
        step
        for step in steps
        if not (step.forms and due.issuperset(step.forms)) and not _is_too_late(step, rules.today)
    ]


def _is_too_late(step: NextStep, today: date) -> bool:
    return step.deadline is not None and step.deadline.late == "stop" and step.is_late(today)


def _all_steps(acts: Sequence[CaseAct], rules: CaseRules, *, must: bool) -> Iterator[NextStep]:
    made_from: dict[str, list[CaseAct]] = {}
    for act in sorted(acts, key=lambda a: a.dated):
        if act.source and (act.is_finished or act.is_in_progress):
            made_from.setdefault(act.source, []).append(act)
    for act in acts:
        if act.is_finished and act.life:
            scope = LifeScope(act, act.life, rules)
            siblings = [a for a in made_from.get(act.source, ()) if a.is_finished] if act.source else []
            yield from _StepsAfter(scope, made_from.get(act.id, ()), rules, siblings).steps(must=must)


class _StepsAfter:
    """Steps that one finished act asks for, given what was made from it.

    ``siblings`` are what was made from the same source, the act among them.
    """

    def __init__(
        self,
        scope: LifeScope,
        made: Sequence[CaseAct],
        rules: CaseRules,
        siblings: Sequence[CaseAct],
    ) -> None:
        self._scope, self._made, self._rules, self._siblings = scope, made, rules, siblings
        self._act = scope.act

    def steps(self, *, must: bool) -> Iterator[NextStep]:
        """Yield what must be done, or what may be."""
        if must:
            yield from self._service_step()
        for number, rule in enumerate(self._scope.life.follow_ups):
            if rule.must is not must:
                continue
            path = f"follow_ups.{number}"
            if rule.each:
                yield from self._row_steps(path, rule)
            else:
                yield from self._whole_step(path, rule)

    def _service_step(self) -> Iterator[NextStep]:
        service, act = self._scope.life.service, self._act
        if service is None or act.served_on or act.is_struck_off(SERVICE):
            return
        required = service.required
        if required is False or (required is not True and not self._holds("service.required")):
            return
        why = (
            msg(
                "《{title}》{number}还没有送达{to}。",
                title=act.title,
                number=act.number,
                to=self._scope.words(service.to),
            )
            if service.to
            else msg("《{title}》{number}还没有送达。", title=act.title, number=act.number)
        )
        deadline = next((d for d, _ in self._deadlines(service.by)), None)
        yield self._step(SERVICE, service.forms, service.title, why, deadline)

    def _whole_step(self, path: str, rule: FollowUp) -> Iterator[NextStep]:
        if self._act.is_struck_off(rule.id):
            return
        finished = self._finished(rule)
        if (rule.must or rule.once) and any(
            self._scope.is_answered_by(f"{path}.answered", a) for a in finished
        ):
            return
        condition = self._scope.condition(f"{path}.when")
        if condition.kind in _FAILURES:
            yield self._undecided_step(rule, condition.reason)
        elif condition.is_true:
            deadline = next((d for d, _ in self._deadlines(rule.by)), None)
            yield self._rule_step(rule, self._scope.text(f"{path}.why", rule.why), deadline)

    def _row_steps(self, path: str, rule: FollowUp) -> Iterator[NextStep]:
        """Yield a step for each day by which some of the open rows are due."""
        missing = self._scope.source.missing_field(rule.each)
        if missing:
            if not self._act.is_struck_off(rule.id):
                yield self._undecided_step(rule, missing)
            return
        pending = self._open_rows(path, rule)
        due = self._deadlines(rule.by, frozenset(row.index for row in pending))
        undated = {row.index for row in pending} - {index for _, rows in due for index in rows}
        groups: list[tuple[Deadline | None, frozenset[int]]] = [*due]
        for deadline, indexes in [*groups, *([(None, frozenset(undated))] if undated else ())]:
            numbers = tuple(row.number for row in pending if row.index in indexes)
            why = self._scope.text(f"{path}.why", rule.why, numbers="、".join(numbers))
            yield self._rule_step(rule, why, deadline, numbers)

    def _open_rows(self, path: str, rule: FollowUp) -> list[Row]:
        finished = self._finished(rule)
        items = self._scope.life.items
        is_about_items = items is not None and items.rows == rule.each
        # an item that was ordered once more is followed in its new order
        elsewhere = ordered_again(self._act, self._siblings) if is_about_items else frozenset()
        return [
            row
            for row in self._scope.rows(rule.each)
            if row.index not in elsewhere
            and not self._act.is_struck_off(rule.id, row.number)
            and self._holds(f"{path}.when")
            and not any(self._scope.is_answered_by(f"{path}.answered", made, row) for made in finished)
        ]

    def _holds(self, path: str) -> bool:
        """Return whether a condition holds, or cannot be decided."""
        condition = self._scope.condition(path)
        return condition.is_true or condition.kind in _FAILURES

    def _deadlines(
        self, by: str, rows: frozenset[int] | None = None
    ) -> list[tuple[Deadline, frozenset[int]]]:
        found = named_deadlines(self._scope, by, self._rules, rows) if by else []
        if not self._rules.explains:
            return found
        return [(deadline.explained_on(self._rules.today, pending=True), of) for deadline, of in found]

    def _finished(self, rule: FollowUp) -> list[CaseAct]:
        forms = rule.forms.split("/")
        return [act for act in self._made if act.is_finished and act.form in forms]

    def _undecided_step(self, rule: FollowUp, reason: str) -> NextStep:
        act = self._act
        why = msg("《{title}》{number}：", title=act.title, number=act.number)
        return self._rule_step(rule, join_messages(why, reason))

    def _rule_step(
        self, rule: FollowUp, why: str, deadline: Deadline | None = None, items: tuple[str, ...] = ()
    ) -> NextStep:
        return self._step(rule.id, rule.forms, rule.title, why, deadline, items, must=rule.must)

    def _step(
        self,
        step: str,
        forms: str,
        title: str,
        why: str,
        deadline: Deadline | None = None,
        items: tuple[str, ...] = (),
        *,
        must: bool = True,
    ) -> NextStep:
        possible = tuple(form for form in forms.split("/") if form)
        begun = next((a for a in self._made if a.is_in_progress and a.form in possible), None)
        form = next(iter(possible), "")
        words = self._scope.words(title)
        return NextStep(
            form,
            words,
            self._act,
            why,
            deadline,
            begun=begun.id if begun else "",
            begun_state=begun.state if begun else "",
            step=step,
            items=items,
            forms=possible,
            must=must,
        )
