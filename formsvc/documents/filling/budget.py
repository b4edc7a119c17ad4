"""Budget of one rendering: turns of loops, characters, size of a value.

Without it a template of three short tags could keep a processor busy for hours or fill the memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from jinja2.exceptions import SecurityError

from formsvc.limits import process_limits

# an entry of a list takes as much room as so many characters, and a macro or a filter as much time as so many turns
_ENTRY, MACRO_TURNS, FILTER_TURNS = 20, 20, 3
# printed values up to this length are counted beforehand, for each place that prints one
SHORT_TEXT = 64
# 10³⁰ has 100 bits
MAX_BITS = 128


class BudgetExceeded(SecurityError):
    """A rendering that does or writes more than any document needs."""


class Budget:
    """Remainder of the limits of one rendering."""

    def __init__(self) -> None:
        limits = process_limits()
        self.turns, self.characters = limits.template_turns, limits.template_characters

    def spend_turns(self, count: int, characters_each: int = 0) -> None:
        """Count turns of a loop, each with so many characters of its own."""
        self.turns -= count
        if self.turns < 0:
            raise BudgetExceeded("turns")
        if characters_each:
            self.spend_characters(count * characters_each)

    def spend_characters(self, count: int) -> None:
        self.characters -= count
        if self.characters < 0:
            raise BudgetExceeded("characters")


_current: ContextVar[Budget | None] = ContextVar("budget of the rendering", default=None)


@contextmanager
def fresh_budget() -> Iterator[Budget]:
    """Give what is rendered in this context a budget of its own."""
    budget = Budget()
    token = _current.set(budget)
    try:
        yield budget
    finally:
        _current.reset(token)


def current_budget() -> Budget:
    """Return the budget in force; a new one where Jinja folds constants."""
    return _current.get() or Budget()


def most_characters() -> int:
    """Return how many characters a single value may have."""
    return process_limits().template_value_characters


def check_size(value: Any) -> Any:
    """Return a value. Raise BudgetExceeded if it is larger than any answer."""
    if isinstance(value, str):
        if len(value) > most_characters():
            raise BudgetExceeded("value")
    elif isinstance(value, list | tuple | dict):
        _measure(value, most_characters())
    elif isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise BudgetExceeded("number")
    return value


def _measure(value: Any, room: int) -> int:
    """Return the room that a nested value leaves."""
    if isinstance(value, str):
        room -= len(value)
    room -= _ENTRY
    if room < 0:
        raise BudgetExceeded("value")
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple):
        for item in value:
            room = _measure(item, room)
    return room


def length_of(value: Any) -> int:
    """Return how many characters a value has when it is printed."""
    return len(value) if isinstance(value, str) else most_characters() - _measure(value, most_characters())
