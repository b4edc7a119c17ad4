"""The days on which acts wait for something, kept by the process that reckoned them.

An office may have tens of thousands of acts that nobody has followed up. Their answers and the sentences that explain
each deadline are needed for the few that are shown; of the others only the days are kept. The store's chain tells which
acts were written since, so that the book is never behind the transaction it is asked in.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class ActOwnership:
    """An act as far as rights ask: whose it is. ``id`` is empty for nobody's."""

    id: str
    form: str
    drafter: str
    authority: str


@dataclass(frozen=True, slots=True)
class PendingAct:
    """A finished act that steps for something.

    ``days`` has the last day of each step as ISO date, empty where the law sets none, in the order of the steps;
    ``line`` the acts it was made from, the nearest first.
    """

    act: ActOwnership
    dated: str
    due: str
    due_days: tuple[str, ...]
    ancestors: tuple[ActOwnership, ...]


class PendingStep(NamedTuple):
    """One step an act steps for, the ``step``-th of those that follow it; sorted soonest first, what has no day last."""

    has_no_day: bool
    day: str
    dated: str
    act: str
    step: int
    pending: PendingAct


def steps_of(entry: PendingAct) -> list[PendingStep]:
    """The steps of one act."""
    return [
        PendingStep(not day, day, entry.dated, entry.act.id, step, entry)
        for step, day in enumerate(entry.due_days)
    ]


@dataclass
class DueIndex:
    """All entries of one store. Whoever reads or changes them holds ``lock``.

    ``reached`` is how far the chain had come, ``rules`` what was reckoned by, ``since`` the first day looked back from.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    chain_length: int = -1
    rules: object = None
    computed_on: date = date.max
    _steps: list[PendingStep] = field(default_factory=list)

    def clear(self) -> None:
        """Begin anew."""
        self._steps = []

    def update(self, acts: Iterable[str], entries: Iterable[PendingAct]) -> None:
        """What is known of some acts now; those without an entry wait for nothing."""
        known = {entry.act.id: entry for entry in entries}
        gone = {*acts, *known}
        others = [wait for wait in self._steps if wait.act not in gone]
        added = [wait for entry in known.values() for wait in steps_of(entry)]
        self._steps = sorted(others + added)

    def steps(self) -> Sequence[PendingStep]:
        """Every step somebody has to take, soonest first; what was answered once does not change any more."""
        return self._steps
