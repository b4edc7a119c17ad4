"""The ports of one running service, and the actor of a use case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from formsvc.domain.accounts.account import Account
from formsvc.domain.calendar import Calendar
from formsvc.limits import Limits
from formsvc.usecases.cases.due_snapshot import Snapshot
from formsvc.usecases.definitions import DefinitionRepository
from formsvc.usecases.drafting.uploads import NoUploadReader, UploadReader
from formsvc.usecases.due_index import DueIndex
from formsvc.usecases.ports import (
    Clock,
    Files,
    Mailer,
    MessageFile,
    Policy,
    RegisterDocuments,
    Renderer,
    Store,
)
from formsvc.usecases.statistics.view_reader import ViewReader
from formsvc.usecases.throttle import ConcurrentRequests


class Processes(Protocol):
    """Which processes of this service, past and present, still run."""

    def own_id(self) -> str: ...

    def is_alive(self, process: str) -> bool: ...


class OneProcess:
    """Processes of a program of which only one runs."""

    def own_id(self) -> str:
        return ""

    def is_alive(self, process: str) -> bool:
        return True


@dataclass(frozen=True)
class Ports:
    """Everything outside that use cases reach."""

    store: Store
    files: Files
    renderer: Renderer
    clock: Clock
    calendar: Calendar
    definitions: DefinitionRepository
    policy: Policy
    register_documents: RegisterDocuments
    limits: Limits = Limits()
    # returns the characters of a text that no installed font can print
    missing_glyphs: Callable[[str], Sequence[str]] = lambda _text: ()
    # raises FormsvcError for an upload that the operator's virus scanner does not find clean
    scan: Callable[[bytes], None] = lambda _content: None
    uploads: UploadReader = field(default_factory=NoUploadReader, compare=False, repr=False)
    # A cache of this process; not part of what makes two services equal
    due_index: DueIndex = field(default_factory=DueIndex, compare=False, repr=False)
    views: ViewReader = field(default_factory=ViewReader, compare=False, repr=False)
    due_snapshot: Snapshot | None = field(default=None, compare=False, repr=False)
    backup_progress: Snapshot | None = field(default=None, compare=False, repr=False)
    mailer: Mailer | None = field(default=None, compare=False, repr=False)
    message_file: MessageFile | None = field(default=None, compare=False, repr=False)
    processes: Processes = field(default_factory=OneProcess, compare=False, repr=False)
    # requests of this process that hold a thread while they wait, for a number or for another request
    issuing: ConcurrentRequests = field(default_factory=ConcurrentRequests, compare=False, repr=False)


@dataclass(frozen=True)
class Actor:
    """The signed-in person. `via` is ``web``, ``console`` or ``api``.

    ``token`` is the name of the API token, ``sees_personal`` False for one whose scopes leave personal data out.
    """

    account: Account
    via: str = "web"
    origin: str = ""
    sees_personal: bool = True
    token: str = ""


# the person at the server's console: with access to the store no sign-in is needed
CONSOLE = Account("console", "控制台", "")
