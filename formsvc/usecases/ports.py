"""What the use cases need of the outside, as protocols; storage, documents and app make them real."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from formsvc.domain.json_types import JSON
from formsvc.domain.json_types import Record as Record
from formsvc.errors import Fault


@dataclass(frozen=True)
class Condition:
    """One condition on a field of a record.

    ``op`` is one of ``== != < <= > >= in contains``; ``contains`` is a case-insensitive substring of a text;
    ``field`` is a top-level key of the record. A record without the field (or with null) matches only ``!=``; with None, ``==`` and
    ``!=`` ask whether the field is empty.
    """

    field: str
    op: str
    value: JSON


@dataclass(frozen=True)
class ChainHead:
    """How far the chain that proves the history has come: links, the hash of the last one, and when it was added."""

    count: int
    hash: str
    at: str


@dataclass(frozen=True)
class IntegrityFinding:
    """Something that is not as it was written, or (``level`` is ``notice``) that somebody should know.

    ``part`` is where: ``store chain anchor events numbers acts forms files``.
    """

    part: str
    message: str
    level: str = "error"

    def __str__(self) -> str:
        return self.message


class Collection(Protocol):
    """Records of one kind, each under its own key (a text). Returned records are private copies.

    A record's key is also in the record under ``"id"``.
    """

    def get(self, key: str) -> Record | None:
        """The record, or None."""

    def insert(self, key: str, record: Mapping[str, JSON]) -> None:
        """Add a record. Raises Conflict when the key is taken."""

    def replace(self, key: str, record: Mapping[str, JSON]) -> None:
        """Overwrite an existing record. Raises NotFound when there is none."""

    def remove(self, key: str) -> None:
        """Take a record out (drafts only; numbered things are never removed). Raises NotFound."""

    def find(
        self,
        *conditions: Condition,
        order: str = "",
        descending: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[Record]:
        """Records that meet all conditions, ordered by a top-level key (else by insertion)."""

    def count(self, *conditions: Condition) -> int:
        """How many records meet all conditions, exactly."""

    def groups(self, field: str, *conditions: Condition) -> dict[str, int]:
        """How many records there are for each value of a field."""


class Transaction(Protocol):
    """A consistent view of the store; in a write transaction changes become visible together or not at all."""

    acts: Collection
    """Acts from draft to archive; key: act id. Indexed: form, state, authority, number, dated, created_at, drafter, due,
    source_act."""
    events: Collection
    """What happened, append-only; key: running number as text, zero-padded. Indexed: act_id, at."""
    numbers: Collection
    """The number register, a row a number, never removed; key: ``series/year/n``. Indexed: series, year, n; act_id."""
    counters: Collection
    """Last number of a series and year; key: ``series/year``."""
    leases: Collection
    """Who may take the next number of a series just now; key: ``series/year``."""
    series: Collection
    authorities: Collection
    offices: Collection
    accounts: Collection
    officers: Collection
    entrustments: Collection
    revisions: Collection
    """Definitions as they were, each with its template's hash; key: ``T22@<hash>``. Indexed: form."""
    tokens: Collection
    settings: Collection
    attempts: Collection
    """Refused sign-ins that count towards the next wait; key: sign-in name, or name and origin."""
    replies: Collection
    """What was answered to a request that may be sent again; key: hash of account and idempotency key. Indexed: at."""
    allowances: Collection
    """How many requests a token has made in the running minute; key: token."""

    def reached(self) -> int:
        """How many links the chain has, as far as this transaction sees it."""

    def written_since(self, reached: int) -> set[tuple[str, str]]:
        """Collection and key of every record the chain names after so many links: written, removed, or become a draft."""

    def next_event_key(self) -> str:
        """The key for the next event; gapless within committed events."""

    def erase(self, collection: str, key: str, record: Mapping[str, JSON]) -> None:
        """Put another record in a record's place, even an event's, and leave nothing of the former ones.

        The chain still holds, but what it says of former versions tells nothing any more. Raises NotFound.
        """


class Store(Protocol):
    """Where records live. Raises Busy when a lock is not had within its deadline."""

    def read(self) -> AbstractContextManager[Transaction]:
        """A snapshot for reading."""

    def write(self) -> AbstractContextManager[Transaction]:
        """One write transaction: committed when the block ends, rolled back when it raises."""

    def health(self) -> dict[str, JSON]:
        """Proof that the store can be read and written: ``{"engine":…, "acts":…, "bytes":…}``. Raises FormsvcError."""

    def free_bytes(self) -> int:
        """How much more fits on the disk."""

    def head(self) -> ChainHead:
        """How far the chain has come."""

    def verify(self, known: ChainHead | None = None) -> list[IntegrityFinding]:
        """Read everything and name what is not as it was written: places, records, links of the chain, the anchor.

        ``known`` is a head from a trustworthy place, such as a printed one, that the chain must have passed through.
        """

    def reindex(self) -> None:
        """Make anew whatever is kept only to find records by. Others wait meanwhile."""


class Files(Protocol):
    """Kept bytes under their SHA-256 (hex). Written and synced before ``keep`` returns."""

    def keep(self, content: bytes) -> str:
        """Keep bytes; the same bytes twice are kept once. Answers the hash."""

    def read(self, sha256: str) -> bytes:
        """The bytes, checked against the hash. Raises NotFound or FormsvcError when missing or altered."""

    def free_bytes(self) -> int:
        """How much more fits on the disk."""

    def older_than(self, age: timedelta) -> set[str]:
        """The hashes of kept files that were neither kept nor renewed for so long."""

    def remove(self, hashes: Iterable[str], older_than: timedelta) -> list[str]:
        """Take kept files away, unless they were renewed since; answers the hashes of those that are gone."""


class Clock(Protocol):
    """Time as the office has it (Asia/Shanghai)."""

    def today(self) -> date:
        """Today's date."""

    def now(self) -> datetime:
        """The present moment, aware."""


@dataclass(frozen=True)
class DocumentMetadata:
    """What goes into the properties of a Word file and the metadata of its PDF."""

    title: str
    author: str
    number: str = ""
    dated: str = ""


class Renderer(Protocol):
    """Makes Word files and PDFs in a child process with limits of time and memory."""

    def word(self, template: bytes, context: Mapping[str, JSON], tags: DocumentMetadata) -> bytes:
        """Fill a Word template. Same input, same bytes. Raises RenderingFailed."""

    def paragraphs(self, word: bytes) -> list[str]:
        """The text of each paragraph of a finished Word file in reading order, tables included."""

    def pdf(self, word: bytes, tags: DocumentMetadata, *, final: bool = False, mark: str = "") -> bytes:
        """The PDF of a finished Word file (PDF/A-2b), a ``mark`` in the corner of each page. Raises RenderingFailed.

        ``final``: refused where a character cannot be drawn; else such a character is shown as 〓.
        """

    def with_word(self, pdf: bytes, word: bytes, tags: DocumentMetadata) -> bytes:
        """A PDF made here with its Word file inside (PDF/A-3b); its pages stay as they are. Raises RenderingFailed."""

    def page_sizes(self, pdf: bytes) -> list[tuple[float, float]]:
        """Width and height of each page of a PDF made here, in points."""

    def page_images(self, pdf: bytes, *, width: int, pages: Sequence[int] | None = None) -> list[bytes]:
        """PNG pictures of pages (counted from 0; all by default), each ``width`` pixels wide."""


@dataclass(frozen=True)
class RegisterSheet:
    """The number register of a series and year as it is printed; ``lines`` are as long as ``head``."""

    title: str
    authority: str
    prefix: str
    head: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    summary: str
    printed: str


@dataclass(frozen=True)
class WorkbookRow:
    """A row of an Excel sheet somebody filled in: its number in the sheet, and its texts by column."""

    row: int
    cells: Mapping[str, str]


class RegisterDocuments(Protocol):
    """Number registers as Word and Excel files, and papers' numbers read from Excel."""

    def register_word(self, sheet: RegisterSheet) -> bytes:
        """The register as a Word file: a table whose head repeats on each page. Same sheet, same bytes."""

    def register_excel(self, sheet: RegisterSheet) -> bytes:
        """The register as a workbook; every cell is a text."""

    def paper_form(self, columns: Sequence[str], sample: Sequence[str], notes: Sequence[str]) -> bytes:
        """An empty workbook to fill papers' numbers into."""

    def paper_rows(self, content: bytes, columns: Sequence[str], most: int) -> list[WorkbookRow]:
        """What was filled into such a workbook, empty rows left out. Raises FormsvcError."""


@dataclass(frozen=True)
class DefinitionFile:
    """A checked form definition, self-contained (groups and lookups inside), and its Word template."""

    form: str
    definition: Mapping[str, JSON]
    template: bytes


class Library(Protocol):
    """The two folders of definitions and Word templates."""

    def signature(self) -> str:
        """Changes whenever a file of the folders changes; cheap."""

    def forms(self) -> list[str]:
        """Ids of the forms whose JSON file lies in the folder, whatever its state."""

    def checked_pairs(self) -> tuple[list[DefinitionFile], list[Fault]]:
        """All pairs that pass every check, and every fault found."""


@dataclass(frozen=True)
class BackupPlan:
    """When backups are made by themselves, how many are kept, and how old the last proven restore may be.

    ``at`` is None where somebody else sees to them.
    """

    folder: str = ""
    at: time | None = None
    keep: int = 14
    whole_every: int = 7
    proven_days: int = 7
    sealed: bool = False


@dataclass(frozen=True)
class Policy:
    """What an office decides about its way of working."""

    four_eyes: bool = True
    console_issue: bool = True
    lease_seconds: float = 20.0
    wait_seconds: float = 40.0
    backups: BackupPlan = BackupPlan()
    low_disk_bytes: int = 2 * 2**30
    """So many free bytes on the disk are few enough to tell the administrators."""
