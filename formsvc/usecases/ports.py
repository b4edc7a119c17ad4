"""Ports: what use cases need from outside, as protocols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Protocol

from formsvc.domain.json_types import JSON
from formsvc.domain.json_types import Record as Record
from formsvc.domain.numbering.clock_rule import ClockRule
from formsvc.errors import Fault
from formsvc.usecases.registers.excel.workbooks import RegisterDocuments as RegisterDocuments
from formsvc.usecases.registers.excel.workbooks import RegisterSheet as RegisterSheet
from formsvc.usecases.registers.excel.workbooks import WorkbookRow as WorkbookRow


@dataclass(frozen=True)
class Condition:
    """One condition on a top-level field of a record.

    ``op`` is one of ``== != < <= > >= in contains includes mentions``; ``contains`` is a substring, ignoring case, blanks
    and dots, ``includes`` one exactly as it is, ``mentions`` asks whether one of several texts stands anywhere in the
    field's lists and objects. A record without the field (or with null) matches only ``!=``; with None, ``==`` and
    ``!=`` test whether the field is empty.
    """

    field: str
    op: str
    value: JSON


@dataclass(frozen=True)
class ChainHead:
    """Length of the hash chain, hash of its last link, and when it was added."""

    count: int
    hash: str
    at: str


@dataclass(frozen=True)
class IntegrityFinding:
    """A deviation found by a check; ``level`` is ``error`` or ``notice``."""

    # one of: store chain anchor events numbers acts forms people files
    part: str
    message: str
    level: str = "error"
    count: int = 1

    def __str__(self) -> str:
        return self.message


class Collection(Protocol):
    """Records of one kind by key; returned copies have it under ``id``."""

    def get(self, key: str) -> Record | None: ...

    def insert(self, key: str, record: Mapping[str, JSON]) -> None:
        """Add a record. Raise Conflict if the key exists."""

    def replace(self, key: str, record: Mapping[str, JSON]) -> None:
        """Overwrite a record. Raise NotFound if there is none."""

    def remove(self, key: str) -> None:
        """Remove a record (drafts only: numbered acts stay). Raise NotFound."""

    def find(
        self,
        *conditions: Condition,
        order: str = "",
        descending: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[Record]: ...

    def count(self, *conditions: Condition, limit: int | None = None) -> int:
        """Return how many records match, ``limit`` if there are more."""

    def groups(self, field: str, *conditions: Condition) -> dict[str, int]:
        """Return the number of matching records for each value of a field."""


class Transaction(Protocol):
    """A consistent view of the store; all writes become visible together."""

    # acts from draft to archive; key: act id. Indexed: form, state, authority, number, dated,
    # created_at, drafter, due, source_act.
    acts: Collection
    # append-only; key: running number, zero-padded. Indexed: act_id, at.
    events: Collection
    # the number register, one row per number, never removed; key: ``series/year/n``. Indexed: series,
    # year, n, act_id.
    numbers: Collection
    # the last number of a series and year; key: ``series/year``
    counters: Collection
    # the lease on the next number of a series and year; key: ``series/year``
    leases: Collection
    series: Collection
    authorities: Collection
    offices: Collection
    accounts: Collection
    officers: Collection
    entrustments: Collection
    # form definitions, each with its template's hash; key: ``T22@<hash>``. Indexed: form.
    revisions: Collection
    # definitions of the registers (登记簿) in use; key: the register's id
    registers: Collection
    # what was written into registers, by day; key: running number. Indexed: register with group or valid_to, source_act
    register_entries: Collection
    # rows of registers as lists show them, built from the entries; key: register and row
    register_rows: Collection
    tokens: Collection
    settings: Collection
    # failed sign-ins that count towards the next wait; key: name, or name and address
    attempts: Collection
    # responses stored under idempotency keys; key: hash of account, token and key. Indexed: at.
    replies: Collection
    # who is signed in where; key: hash of the secret in the browser's cookie
    sessions: Collection
    # units used up in the current minute or hour; key: token, or person and what is counted
    allowances: Collection

    def reached(self) -> int:
        """Return the length of the hash chain that this transaction sees."""

    def written_since(self, reached: int) -> set[tuple[str, str]]:
        """Return collection and key of records changed since a chain length."""

    def link_hash(self, number: int) -> str:
        """Return the hash of a link of the chain, counted from 1; "" for none."""

    def next_event_key(self) -> str:
        """Return the key for the next event; without gaps among committed events."""

    def erase(self, collection: str, key: str, record: Mapping[str, JSON]) -> None:
        """Replace a record and remove its former versions; for events too.

        The chain stays valid, but can no longer show the former versions. Raise NotFound.
        """


class Store(Protocol):
    """The database. Every method raises Busy if a lock is not had in time."""

    def read(self) -> AbstractContextManager[Transaction]: ...

    def write(self) -> AbstractContextManager[Transaction]:
        """Open a write transaction: committed at the end, rolled back on an error."""

    def health(self) -> dict[str, JSON]:
        """Read and write once; return ``{"engine":…, "acts":…, "bytes":…}``.

        Raise FormsvcError.
        """

    def is_written_within(self, seconds: float) -> bool:
        """Return whether any program has committed something so lately."""

    def free_bytes(self) -> int: ...

    def head(self) -> ChainHead: ...

    def verify(self, known: ChainHead | None = None) -> list[IntegrityFinding]:
        """Check pages, records, links of the chain and the anchor.

        ``known`` is a head from a trustworthy source, such as a printed one, that the chain must have
        passed through.
        """

    def reindex(self) -> None:
        """Rebuild all indexes. Other writers wait meanwhile."""


class Files(Protocol):
    """Files by SHA-256 (hex)."""

    def keep(self, content: bytes) -> str:
        """Store bytes, once per content, and sync; return the hash."""

    def read(self, sha256: str) -> bytes:
        """Return the bytes.

        Raise KeptFileDamaged if they are missing or altered.
        """

    def free_bytes(self) -> int: ...

    def older_than(self, age: timedelta) -> set[str]: ...

    def remove(self, hashes: Iterable[str], older_than: timedelta) -> list[str]:
        """Remove files unless written again since; return the removed hashes."""


class Clock(Protocol):
    """The office's time (Asia/Shanghai)."""

    def today(self) -> date: ...

    def now(self) -> datetime: ...


@dataclass(frozen=True)
class DocumentMetadata:
    """Properties of a Word file and metadata of its PDF."""

    title: str
    author: str
    number: str = ""
    dated: str = ""


class Renderer(Protocol):
    """Renders Word files and PDFs in limited child processes."""

    def word(
        self,
        template: bytes,
        context: Mapping[str, JSON],
        tags: DocumentMetadata,
        answers: Mapping[str, Sequence[JSON]],
        pictures: Mapping[str, bytes] = ...,
    ) -> bytes:
        """Fill a Word template. Same input, same bytes. Raise RenderingFailed.

        ``answers``: what it must show, by label: one of the values; ``pictures``: those that the context names.
        """

    def paragraphs(self, word: bytes) -> list[str]:
        """Return each paragraph of a Word file in reading order, tables included."""

    def pdf(self, word: bytes, tags: DocumentMetadata, *, final: bool = False, mark: str = "") -> bytes:
        """Return the PDF/A-2b of a Word file. Raise RenderingFailed.

        With ``final`` a character without a glyph is an error, else it prints as 〓; so is text that a box of fixed
        size cuts off. ``mark`` is printed in the corner of each page.
        """

    def with_word(self, pdf: bytes, word: bytes, tags: DocumentMetadata) -> bytes:
        """Return the PDF with its Word file attached (PDF/A-3b); pages unchanged.

        Raise RenderingFailed.
        """

    def joined(self, pdfs: Sequence[bytes], *, both_sides: bool) -> bytes:
        """Return the pages of several PDFs as one, to be printed.

        With ``both_sides`` each begins on an odd page, that is on a new sheet.
        """

    def page_sizes(self, pdf: bytes) -> list[tuple[float, float]]: ...

    def page_images(self, pdf: bytes, *, width: int, pages: Sequence[int] | None = None) -> list[bytes]:
        """Return PNG images of pages (from 0; default all), ``width`` pixels wide."""


@dataclass(frozen=True)
class DefinitionFile:
    """A checked, self-contained form definition and its Word template.

    ``variants`` are the templates of its variants, by file name.
    """

    form: str
    definition: Mapping[str, JSON]
    template: bytes
    variants: Mapping[str, bytes] = field(default_factory=dict)


class Library(Protocol):
    """The folders of definitions and Word templates."""

    def signature(self) -> str:
        """Return a text that changes with any file of the folders; cheap."""

    def forms(self) -> list[str]: ...

    def source_of(self, form: str) -> str:
        """Return the path of a form's definition, for the event log."""

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Fault]]:
        """Return the pairs that pass, and all faults; ``held`` is not read."""

    def checked_registers(self) -> tuple[list[Mapping[str, JSON]], list[Fault]]:
        """Return the registers that pass, self-contained, and all faults."""


class Mailer(Protocol):
    """A mail server."""

    def send(self, receiver: str, subject: str, text: str) -> None:
        """Send a text. Raise FormsvcError if the server does not take it."""


class MessageFile(Protocol):
    """Messages that no server sends, one file a day."""

    def add(self, day: date, receiver: str, text: str) -> None:
        """Append a message to the file of a day. Raise FormsvcError."""


@dataclass(frozen=True)
class BackupPlan:
    """Schedule of backups and restore rehearsals, and how many to keep."""

    folder: str = ""
    # None: the service makes none
    at: time | None = None
    keep: int = 14
    whole_every: int = 7
    proven_days: int = 7
    sealed: bool = False


@dataclass(frozen=True)
class Policy:
    """The office's decisions about its way of working."""

    four_eyes: bool = True
    console_issue: bool = True
    lease_seconds: float = 20.0
    # requests of one process that may issue at once; of its eight threads the others serve everybody else
    issuing_requests: int = 5
    backups: BackupPlan = BackupPlan()
    # None: no one is reminded of what is due
    remind_at: time | None = None
    # None: the clock is not checked
    clock: ClockRule | None = None
    # administrators are alerted when less is free
    low_disk_bytes: int = 2 * 2**30
