"""Port to workbooks and printed registers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from formsvc.domain.fields.base import CellValue
from formsvc.domain.json_types import JSON


@dataclass(frozen=True)
class RegisterSheet:
    """Printable number register of a series and year; lines as wide as head."""

    title: str
    authority: str
    prefix: str
    head: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    summary: str
    printed: str


@dataclass(frozen=True)
class WorkbookRow:
    """A filled-in row of a workbook: its number, and its texts by column."""

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class TypedSheet:
    """A sheet with lines above its head; cells are numbers, days and texts."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[CellValue]]
    above: Sequence[str] = ()


@dataclass(frozen=True)
class WorkbookTable:
    """A table of a workbook: its headings, and each row's number and texts."""

    sheet: str
    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


class RegisterDocuments(Protocol):
    """Registers as Word and Excel files, and rows from Excel."""

    def register_word(self, sheet: RegisterSheet) -> bytes:
        """Return a Word table whose header row repeats on each page.

        Same sheet, same bytes.
        """

    def register_excel(self, sheet: RegisterSheet) -> bytes: ...

    def paper_form(self, columns: Sequence[str], sample: Sequence[str], notes: Sequence[str]) -> bytes: ...

    def paper_rows(
        self, content: bytes, columns: Sequence[str], most: int, dates: Sequence[str] = ()
    ) -> list[WorkbookRow]:
        """Return the non-empty rows; `dates` hold days. Raise FormsvcError."""

    def table(self, content: bytes, names: Sequence[str]) -> WorkbookTable:
        """Return the table with most of these headings. Raise FormsvcError."""

    def sheets(self, sheets: Sequence[TypedSheet]) -> bytes:
        """Return a workbook with typed cells; each sheet has a head."""

    def json_content(self, content: bytes) -> JSON: ...
