"""The ports of one running service in one place, and the person on whose behalf a use case runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from formsvc.domain.accounts.account import Account
from formsvc.domain.calendar import Calendar
from formsvc.usecases.definitions import DefinitionShelf
from formsvc.usecases.due_index import DueBook
from formsvc.usecases.ports import Books, Clock, Files, Policy, Renderer, Store


@dataclass(frozen=True)
class Ports:
    """Everything outside that use cases reach."""

    store: Store
    files: Files
    renderer: Renderer
    clock: Clock
    calendar: Calendar
    definitions: DefinitionShelf
    policy: Policy
    books: Books
    undrawable: Callable[[str], Sequence[str]] = lambda _text: ()
    """The characters of a text that no font here can print."""
    due_book: DueBook = field(default_factory=DueBook, compare=False, repr=False)
    """What this process has reckoned of the days on which acts wait for something."""


@dataclass(frozen=True)
class Actor:
    """The signed-in person, and by what way they came: ``web``, ``console`` or ``api``."""

    account: Account
    via: str = "web"
    origin: str = ""


CONSOLE = Account("console", "控制台", "")
"""Whoever works at the machine itself: who may read the store needs no sign-in."""
