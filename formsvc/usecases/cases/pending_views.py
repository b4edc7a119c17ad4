"""Sorted parts of the pending steps: those of a person, and their cases.

A view is made once, some 20 ms for 30,000 steps; later changes of single acts are put in their places.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Protocol

from formsvc.usecases.cases.pending import PendingAct, PendingStep

# without the act itself, which has no order
_ORDER = itemgetter(0, 1, 2, 3, 4)
Wanted = Callable[[PendingStep], bool]


class View(Protocol):
    """Something made of the pending steps."""

    def replace(self, gone: Iterable[PendingStep], added: Iterable[PendingStep]) -> None: ...


def remove_step(steps: list[PendingStep], step: PendingStep) -> None:
    """Remove a step from a sorted list, if it is there."""
    place = bisect_left(steps, _ORDER(step), key=_ORDER)
    if place < len(steps) and _ORDER(steps[place]) == _ORDER(step):
        del steps[place]


def insert_step(steps: list[PendingStep], step: PendingStep) -> None:
    insort(steps, step, key=_ORDER)


class StepView:
    """Some of the steps, soonest first, undated ones last."""

    def __init__(self, steps: Iterable[PendingStep], wanted: Wanted) -> None:
        self._wanted = wanted
        self.steps = [step for step in steps if wanted(step)]

    def replace(self, gone: Iterable[PendingStep], added: Iterable[PendingStep]) -> None:
        """Put the steps of changed acts in their places."""
        for step in gone:
            remove_step(self.steps, step)
        for step in added:
            if self._wanted(step):
                insert_step(self.steps, step)

    def bounds(self, until: str) -> tuple[int, int]:
        """Return how many steps are due by a day, and how many have a day."""
        dated = bisect_left(self.steps, True, key=itemgetter(0))
        return bisect_right(self.steps, until, hi=dated, key=itemgetter(1)), dated


class CaseView:
    """Cases with some of the steps, by the first step of each."""

    def __init__(
        self, steps: Iterable[PendingStep], wanted: Wanted, root_of: Callable[[PendingAct], str]
    ) -> None:
        self._wanted, self._root_of = wanted, root_of
        self._steps: dict[str, list[PendingStep]] = {}
        for step in steps:
            if wanted(step):
                self._steps.setdefault(root_of(step.pending), []).append(step)
        self._order = sorted((_ORDER(own[0]), root) for root, own in self._steps.items())

    def replace(self, gone: Iterable[PendingStep], added: Iterable[PendingStep]) -> None:
        """Put the cases of changed acts in their places."""
        for step in gone:
            if self._wanted(step):
                self._change(self._root_of(step.pending), step, remove_step)
        for step in added:
            if self._wanted(step):
                self._change(self._root_of(step.pending), step, insert_step)

    def _change(
        self, root: str, step: PendingStep, change: Callable[[list[PendingStep], PendingStep], None]
    ) -> None:
        own = self._steps.setdefault(root, [])
        before = own[0] if own else None
        change(own, step)
        after = own[0] if own else None
        if not own:
            del self._steps[root]
        if before is after:
            return
        if before is not None:
            del self._order[bisect_left(self._order, (_ORDER(before), root))]
        if after is not None:
            insort(self._order, (_ORDER(after), root))

    def count(self, before: str = "") -> int:
        """Return how many cases there are, or have a step due before a day."""
        if not before:
            return len(self._order)
        return bisect_left(self._order, ((False, before), ""))

    def roots(self, start: int, stop: int) -> Sequence[str]:
        """Return the ids of the first acts of a part of the cases."""
        return [root for _, root in self._order[start:stop]]
