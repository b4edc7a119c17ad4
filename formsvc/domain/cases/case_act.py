"""Acts of a case and its next steps, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from formsvc.domain.authorities import Circumstances
from formsvc.domain.calendar import Calendar
from formsvc.domain.cases.deadlines import Deadline
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.functions import functions_for
from formsvc.domain.json_types import JSON
from formsvc.domain.life.act_life import ActLife

Functions = Mapping[str, Callable[..., JSON]]


@dataclass(frozen=True)
class StruckOff:
    """A step that need not be done any more, with the reason.

    ``item`` is the number of one item of the step, or "" for the whole step.
    """

    step: str
    item: str
    reason: str
    at: str
    by: str
    by_name: str


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
    struck_off: tuple[StruckOff, ...] = ()
    life: ActLife | None = field(default=None, repr=False, compare=False)

    @property
    def is_finished(self) -> bool:
        """True if it was issued or recorded and is neither void nor revoked."""
        return self.state in ("issued", "served")

    @property
    def is_in_progress(self) -> bool:
        return self.state in ("draft", "submitted", "reviewed", "approved")

    @property
    def reference(self) -> str:
        """Its number, or its title if it has none."""
        return self.number or self.title

    def is_struck_off(self, step: str, item: str = "") -> bool:
        return any(s.step == step and s.item in ("", item) for s in self.struck_off)


@dataclass(frozen=True)
class NextStep:
    """Document to make next in a case: from which act, why, and by when.

    ``step`` is the id of the follow-up, or SERVICE; ``items`` the numbers of the items it is about. ``forms`` are the
    forms of which one is enough, ``form`` the first. ``begun`` is the id of an act already begun for it, or "", ``begun_state`` its state.
    """

    form: str
    title: str
    after: CaseAct
    why: str
    deadline: Deadline | None = None
    begun: str = ""
    begun_state: str = ""
    step: str = ""
    items: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    must: bool = True

    def is_late(self, today: date) -> bool:
        return self.deadline is not None and self.deadline.is_past(today)


@dataclass(frozen=True)
class CaseRules:
    """The calendar, the office's settings and the day that a life depends on.

    Without ``explains`` deadlines and steps come without their sentences.
    """

    calendar: Calendar
    settings: Mapping[str, Any]
    today: date = date.min
    # false for lists that show days only: sentences are half the work
    explains: bool = True
    # the documents that a life of a definition may ask for; none are known by default
    circumstances_of: Callable[[FormDefinition], Circumstances] | None = None
    _functions: dict[str, Functions] = field(default_factory=dict, repr=False, compare=False)

    def setting(self, name: str) -> Any:
        """Return the office's value of a setting, else the one shipped."""
        return self.settings[name]

    def day_count(self, name: str) -> int:
        """Return a number of days that the office has set."""
        return int(self.setting(name))

    def functions_of(self, definition: FormDefinition) -> Functions:
        """Return the functions that the expressions of a life may call."""
        key = f"{definition.id} {id(definition)}"
        if key not in self._functions:
            self._functions[key] = functions_for(self._circumstances(definition), definition.lookups)
        return self._functions[key]

    def _circumstances(self, definition: FormDefinition) -> Circumstances:
        known = Circumstances(self.today, self.calendar, office_settings=self.settings)
        if self.circumstances_of is None or not definition.compiled.life.asks_for_documents:
            return known
        documents = self.circumstances_of(definition)
        return replace(documents, today=self.today, calendar=self.calendar, office_settings=self.settings)


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
