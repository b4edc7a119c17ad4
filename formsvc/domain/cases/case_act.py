"""Acts of a case and its next steps, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from formsvc.domain.calendar import Calendar
from formsvc.domain.cases.deadlines import Deadline
from formsvc.domain.json_types import JSON

# Returns the office's value of a setting, else the one shipped in the lookup ``settings``.
Setting = Callable[[str], Any]


@dataclass(frozen=True)
class CaseAct:
    """One act of a case; ``served_on`` is None until it was served."""

    id: str
    form: str
    title: str
    number: str
    dated: date
    state: str
    mode: str = ""
    party: str = ""
    source: str = ""
    served_on: date | None = None
    served_by_receipt: bool = False
    answers: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def is_finished(self) -> bool:
        """True if it was issued or recorded and is not void."""
        return self.state in ("issued", "served")

    @property
    def is_in_progress(self) -> bool:
        return self.state in ("draft", "submitted", "reviewed", "approved")

    @property
    def reference(self) -> str:
        """Its number, or its title if it has none."""
        return self.number or self.title


@dataclass(frozen=True)
class NextStep:
    """Form to make next in a case: from which act, why, and by when.

    ``begun`` is the id of an act already begun for it, or "".
    """

    form: str
    title: str
    after: CaseAct
    why: str
    deadline: Deadline | None = None
    begun: str = ""

    def is_late(self, today: date) -> bool:
        return self.deadline is not None and self.deadline.is_past(today)


@dataclass(frozen=True)
class CaseRules:
    """The calendar and the office's settings that deadlines depend on."""

    calendar: Calendar
    setting: Setting

    def day_count(self, name: str) -> int:
        """Return a number of days that the office has set."""
        return int(self.setting(name))


def acts_with_depth(acts: Iterable[CaseAct]) -> list[tuple[CaseAct, int]]:
    """Return the acts, each after the one it was made from, with its depth."""
    acts = sorted(acts, key=lambda act: (act.dated, act.form, act.number))
    known = {act.id for act in acts}
    roots = [act for act in acts if act.source not in known]
    ordered: list[tuple[CaseAct, int]] = []
    waiting = [(act, 0) for act in reversed(roots)]
    while waiting:
        act, depth = waiting.pop()
        ordered.append((act, depth))
        children = [later for later in acts if later.source == act.id and later.id != act.id]
        waiting += [(later, depth + 1) for later in reversed(children)]
    return ordered
