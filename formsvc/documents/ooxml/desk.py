"""What every part of the layout works with: the document's parts, the fonts, the page at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from formsvc.documents.fonts import FontBook
from formsvc.documents.ooxml.markup import Journal, Node, Picture, Sheet
from formsvc.documents.ooxml.names import Element
from formsvc.documents.ooxml.numbering import Numbering
from formsvc.documents.ooxml.package import Package
from formsvc.documents.ooxml.properties import Properties
from formsvc.documents.ooxml.rules import Rules
from formsvc.documents.ooxml.settings import Settings
from formsvc.documents.ooxml.styles import Styles


@dataclass(frozen=True)
class Page:
    """Size and margins of a section's pages and its grid, in points."""

    width: float = 595.3
    height: float = 841.9
    left: float = 90.0
    top: float = 72.0
    right: float = 90.0
    bottom: float = 72.0
    header: float = 42.55
    footer: float = 49.6
    pitch: float = 0.0
    char_space: float = 0.0
    number_format: str = "decimal"

    @property
    def text_width(self) -> float:
        """Width between the margins."""
        return self.width - self.left - self.right

    @property
    def text_height(self) -> float:
        """Height between the margins."""
        return self.height - self.top - self.bottom


@dataclass(frozen=True)
class Frame:
    """Where blocks are set: a width, and what a table or header brings along."""

    width: float
    in_cell: bool = False
    on_grid: bool = True
    running: str = ""
    table_run: Properties = field(default_factory=dict)
    table_paragraph: Properties = field(default_factory=dict)

    def narrowed(self, width: float) -> Frame:
        """The same with another width."""
        return replace(self, width=width)


@dataclass
class Desk:
    """One document being laid out."""

    package: Package
    styles: Styles
    numbering: Numbering
    settings: Settings
    fonts: FontBook
    rules: Rules
    sheet: Sheet = field(default_factory=Sheet)
    journal: Journal = field(default_factory=Journal)
    page: Page = field(default_factory=Page)
    part: str = ""
    note: int = 0
    """The number of the footnote read last."""
    reach: float = 0.0
    """Height of the paragraphs set since a row or cell began."""
    pictures: dict[str, Picture] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    blocks: Callable[[Iterable[Element], Frame], list[Node]] = lambda _blocks, _frame: []
