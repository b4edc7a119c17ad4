"""Rules of the office that cases depend on: settings, forms, lives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache, partial
from typing import Any

from formsvc.domain.acts.act import Act
from formsvc.domain.calendar import Calendar
from formsvc.domain.cases.case_act import CaseRules
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.fields import Field
from formsvc.domain.life.act_life import ActLife
from formsvc.usecases.circumstances import get_circumstances, load_calendar, load_office_settings
from formsvc.usecases.context import Ports
from formsvc.usecases.revisions import FormLives

# raised when the same acts ask for other steps than before: what an earlier version computed is not taken over
STEPS_VERSION = 2


@dataclass(frozen=True)
class CaseContext:
    """The office's rules, the forms on offer and today.

    ``titles`` are those of the forms on offer, ``receipts`` the forms that record a service, ``living`` the
    definition with the life of each form that has one, ``life_of`` returns that of a revision.
    """

    rules: CaseRules
    titles: Mapping[str, str]
    receipts: tuple[str, ...]
    living: Mapping[str, FormDefinition]
    life_of: Callable[[str], ActLife | None]
    today: date
    # the values behind ``rules``, one by one
    decided: Mapping[str, Any] = field(default_factory=dict)
    lives: FormLives = FormLives()
    # of the forms on offer: the fields that had another key before
    renamed: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)

    @property
    def offered(self) -> Container[str]:
        return self.titles

    def asks_for_documents(self, acts: Iterable[Act]) -> bool:
        """Return whether steps may change while none of the acts does."""
        return not self.lives.asking_documents.isdisjoint(act.form for act in acts)

    @cached_property
    def brief_rules(self) -> CaseRules:
        """The rules without explanations."""
        return replace(self.rules, explains=False)

    @cached_property
    def rules_key(self) -> str:
        """Return a digest of what steps depend on apart from acts and the day.

        It is the same in every process of an instance. A life that is published again changes no act made before.
        """
        decided = json.dumps(self.decided, sort_keys=True, default=str)
        return _digest(self.rules.calendar, decided, json.dumps(self.lives.first, sort_keys=True))


# a calendar remembers its hash, so that the dates are written out once
@lru_cache(maxsize=8)
def _digest(calendar: Calendar, decided: str, lives: str) -> str:
    days = [sorted(map(str, each)) for each in (calendar.years, calendar.off, calendar.work)]
    known = json.dumps([STEPS_VERSION, days, calendar.weekends_only, decided, lives])
    return hashlib.sha256(known.encode()).hexdigest()


def load_case_context(ports: Ports) -> CaseContext:
    """Return the rules as shipped or as the office decided.

    Do not call inside a transaction: it may publish a changed definition.
    """
    shipped: dict[str, Any] = {}
    current = ports.definitions.current()
    for revision in current.values():
        shipped |= {e["code"]: e["value"] for e in entries_of(revision.definition.lookups, "settings")}
    titles = {form: revision.definition.title for form, revision in current.items()}
    receipts = tuple(form for form, revision in current.items() if revision.definition.serves)
    living = ports.definitions.living_forms()
    lives = ports.definitions.lives()
    with ports.store.read() as tx:
        decided = load_office_settings(tx)
        calendar = load_calendar(ports, tx)
    if not calendar.weekends_only:
        calendar = calendar.with_weekends_for_missing_years()
    decided = shipped | dict(decided)
    today = ports.clock.today()
    # steps are computed once for all who see them: no one's rights narrow what a life may ask for
    known = partial(get_circumstances, ports, reader=None)
    rules = CaseRules(calendar, decided, today, circumstances_of=known)
    life_of = ports.definitions.life_of
    renamed = {form: revision.definition.renamed_fields for form, revision in current.items()}
    return CaseContext(rules, titles, receipts, living, life_of, today, decided, lives, renamed)
