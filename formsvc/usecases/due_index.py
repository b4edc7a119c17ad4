"""Index of pending steps by due day, cached per process.

Tens of thousands of acts may have no follow-up. Their answers and explained deadlines are needed only for the
few that are shown; for all others the index keeps the due days. The store's hash chain names the acts written
since the last update, so that the index is never older than the transaction that uses it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar, cast

from formsvc.usecases.cases.pending import PendingAct, PendingStep, steps_of
from formsvc.usecases.cases.pending_views import View, insert_step, remove_step

V = TypeVar("V", bound=View)
T = TypeVar("T")

# views kept at a time: up to four for each person at work, each some hundred kilobytes
_MOST_VIEWS = 80
# acts whose steps are remembered in words
_MOST_KNOWN = 4_000
# so many changed steps are sorted in at once rather than one by one
_MANY = 1_000


@dataclass
class DueIndex:
    """All pending steps of one store. Hold ``lock`` while reading or changing.

    ``chain_length`` is the length of the chain the index is up to date with (-1: never computed), ``rules`` and ``day``
    what it was computed by. ``is_kept`` is true where a thread of the process computes what takes long.
    """

    lock: threading.RLock = field(default_factory=threading.RLock)
    chain_length: int = -1
    rules: str = ""
    day: date = date.min
    is_kept: bool = False
    _entries: dict[str, PendingAct] = field(default_factory=dict)
    _steps: list[PendingStep] = field(default_factory=list)
    _views: OrderedDict[Hashable, View] = field(default_factory=OrderedDict)
    # what steps of acts in a certain version are, in words
    _known: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)

    @property
    def is_computed(self) -> bool:
        return self.chain_length >= 0

    @property
    def entries(self) -> Mapping[str, PendingAct]:
        """All acts with pending steps by id."""
        return self._entries

    def fill(self, entries: Iterable[PendingAct], *, rules: str, day: date, chain_length: int) -> None:
        """Replace everything."""
        self._entries = {entry.act.id: entry for entry in entries}
        self._sort()
        self.rules, self.day, self.chain_length = rules, day, chain_length

    def update(self, acts: Iterable[str], entries: Iterable[PendingAct]) -> None:
        """Replace what is known of these acts; those without an entry are dropped."""
        new = {entry.act.id: entry for entry in entries}
        former = [self._entries.pop(id_, None) for id_ in {*acts, *new}]
        gone = [step for entry in former if entry for step in steps_of(entry)]
        added = [step for entry in new.values() for step in steps_of(entry)]
        self._entries |= new
        if len(gone) + len(added) > _MANY:
            self._sort()
            return
        for step in gone:
            remove_step(self._steps, step)
        for step in added:
            insert_step(self._steps, step)
        for view in self._views.values():
            view.replace(gone, added)

    def _sort(self) -> None:
        self._steps = sorted(step for entry in self._entries.values() for step in steps_of(entry))
        self._views.clear()

    def view(self, key: Hashable, make: Callable[[Iterable[PendingStep]], V]) -> V:
        """Return a view, made the first time it is asked for."""
        if key in self._views:
            self._views.move_to_end(key)
        else:
            self._views[key] = make(self._steps)
            if len(self._views) > _MOST_VIEWS:
                self._views.popitem(last=False)
        return cast(V, self._views[key])

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is made for a key, made once; the lock is not needed."""
        with self.lock:
            if key in self._known:
                self._known.move_to_end(key)
                return cast(T, self._known[key])
        made = make()
        with self.lock:
            self._known[key] = made
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return made
