"""Pending steps of finished acts, as the due lists keep them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


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
