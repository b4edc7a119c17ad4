"""The days on which acts wait for something, kept by the process that reckoned them.

An office may have tens of thousands of acts that nobody has followed up. Their answers and the sentences that explain
each deadline are needed for the few that are shown; of the others only the days are kept. The store's chain tells which
acts were written since, so that the book is never behind the transaction it is asked in.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Kin:
    """An act as far as rights ask: whose it is. ``id`` is empty for nobody's."""

    id: str
    form: str
    drafter: str
    authority: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished act that waits for something.

    ``days`` has the last day of each step as ISO date, empty where the law sets none, in the order of the steps;
    ``line`` the acts it was made from, the nearest first.
    """

    act: Kin
    dated: str
    due: str
    days: tuple[str, ...]
    line: tuple[Kin, ...]


@dataclass
class DueBook:
    """All entries of one store. Whoever reads or changes them holds ``lock``.

    ``reached`` is how far the chain had come, ``rules`` what was reckoned by, ``since`` the first day looked back from.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    reached: int = -1
    rules: object = None
    since: date = date.max
    _entries: dict[str, Entry] = field(default_factory=dict)

    def clear(self) -> None:
        """Begin anew."""
        self._entries = {}

    def put(self, acts: Iterable[str], entries: Iterable[Entry]) -> None:
        """What is known of some acts now; those without an entry wait for nothing."""
        for act in acts:
            self._entries.pop(act, None)
        self._entries |= {entry.act.id: entry for entry in entries}

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)
