"""Index of pending steps by due day, cached per process.

Tens of thousands of acts may have no follow-up. Their answers and explained deadlines are needed only for the
few that are shown; for all others the index keeps the due days. The store's hash chain names the acts written
since the last update, so that the index is never older than the transaction that uses it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

# lists kept at a time: some for each person signed in
_MOST_LISTS = 100


@dataclass(frozen=True, slots=True)
class ActOwnership:
    """Ownership data needed for access checks."""

    id: str
    form: str
    drafter: str
    authority: str
    confidential: bool = False
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PendingAct:
    """A finished act with steps still to be taken.

    ``due_days`` has the last day of each step as an ISO date, empty where the law sets none, ``actions`` what each asks
    for now; ``ancestors`` the acts it was made from, nearest first.
    """

    act: ActOwnership
    dated: str
    due_days: tuple[str, ...]
    actions: tuple[str, ...]
    ancestors: tuple[ActOwnership, ...]


class PendingStep(NamedTuple):
    """One step that an act waits for; sorts by due day, undated steps last."""

    has_no_day: bool
    day: str
    dated: str
    act: str
    step: int
    pending: PendingAct


def steps_of(entry: PendingAct) -> list[PendingStep]:
    return [
        PendingStep(not day, day, entry.dated, entry.act.id, step, entry)
        for step, day in enumerate(entry.due_days)
    ]


@dataclass
class DueIndex:
    """All pending steps of one store. Hold ``lock`` while reading or updating.

    ``chain_length`` is the length of the chain the index is up to date with (-1: never computed),
    ``rules`` what it was computed by.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    chain_length: int = -1
    rules: object = None
    _steps: list[PendingStep] = field(default_factory=list)
    # lists made of the present steps, by what they were made for
    _lists: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def clear(self) -> None:
        self._steps, self._lists = [], {}

    def update(self, acts: Iterable[str], entries: Iterable[PendingAct]) -> None:
        """Replace what is known of these acts; those without an entry are dropped."""
        known = {entry.act.id: entry for entry in entries}
        # a new list each time: readers may still hold the former one
        gone = {*acts, *known}
        others = [wait for wait in self._steps if wait.act not in gone]
        added = [wait for entry in known.values() for wait in steps_of(entry)]
        self._steps, self._lists = sorted(others + added), {}

    def remembered(self, key: tuple[object, ...], make: Callable[[Sequence[PendingStep]], T]) -> T:
        """Return what is made of the steps, made once until they change."""
        with self.lock:
            steps, lists = self._steps, self._lists
        if key not in lists:
            if len(lists) >= _MOST_LISTS:
                lists.clear()
            lists[key] = make(steps)
        found: T = lists[key]
        return found

    def steps(self) -> Sequence[PendingStep]:
        """Return all pending steps, soonest first; the list never changes."""
        return self._steps
