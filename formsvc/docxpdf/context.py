"""Layout context of one conversion: parts, fonts and current page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from formsvc.docxpdf.fonts.catalog import FontCatalog
from formsvc.docxpdf.html_tree import EmbeddedImage, Node, Stylesheet, WarningLog
from formsvc.docxpdf.opc.package import Package
from formsvc.docxpdf.opc.xml import Element
from formsvc.docxpdf.page_flow import ColumnFlow
from formsvc.docxpdf.text.compatibility import CompatibilityProfile
from formsvc.docxpdf.text.line_breaker import LineBreaking, Measure
from formsvc.docxpdf.wordml.numbering import ListNumbering
from formsvc.docxpdf.wordml.properties import Properties
from formsvc.docxpdf.wordml.settings import DocumentSettings
from formsvc.docxpdf.wordml.styles import Styles

# values of w:textDirection and of a box's vert that set text in columns or turn it
VERTICAL = frozenset(
    {
        "eaVert",
        "vert",
        "vert270",
        "wordArtVert",
        "wordArtVertRtl",
        "mongolianVert",
        "tbRl",
        "tbRlV",
        "btLr",
        "tbLrV",
    }
)


@dataclass(frozen=True)
class PageGeometry:
    """Size, margins and grid of a section's pages, in points."""

    width: float = 595.3
    height: float = 841.9
    left: float = 90.0
    top: float = 72.0
    right: float = 90.0
    bottom: float = 72.0
    header: float = 42.55
    footer: float = 49.6
    # a fixed margin does not give way to a high header or footer
    fixed_top: bool = False
    fixed_bottom: bool = False
    # what a high header and footer take from the text beyond the margins, at top and bottom
    margin_growth: tuple[float, float] = (0.0, 0.0)
    line_pitch: float = 0.0
    char_space: float = 0.0
    number_format: str = "decimal"

    @property
    def text_width(self) -> float:
        return self.width - self.left - self.right

    @property
    def text_height(self) -> float:
        """Height between header and footer."""
        return self.height - self.top - self.bottom

    @property
    def margin_area(self) -> tuple[float, float]:
        """Area between the margins: start below the text area's top, and height."""
        return -self.margin_growth[0], self.text_height + sum(self.margin_growth)


@dataclass(frozen=True)
class ContainingBlock:
    """Width that blocks are laid out in, and settings of their container."""

    width: float
    in_cell: bool = False
    in_box: bool = False
    on_grid: bool = True
    lines_on_grid: bool = True
    # the frame of such paragraphs is composed already
    in_frame: bool = False
    # alignment that a frame as wide as its text passes on to its paragraphs
    frame_align: str = ""
    # which header or footer (default, first, even), and “header” or “footer”; empty outside of both
    running_variant: str = ""
    running_kind: str = ""
    table_run: Properties = field(default_factory=dict)
    table_paragraph: Properties = field(default_factory=dict)

    @property
    def is_inside(self) -> bool:
        """Return whether the blocks are in a cell, box, header or footer."""
        return self.in_cell or self.in_box or bool(self.running_variant)

    def inner_box(self, width: float) -> ContainingBlock:
        return replace(self, width=width, in_box=True)


@dataclass
class NoteSequence:
    """Numbering of footnotes or endnotes, and endnotes not yet composed."""

    kind: str
    number_format: str = ""
    count: int = 0
    # mark of the note read last
    mark: str = ""
    pending: list[tuple[Element, str]] = field(default_factory=list)


class ComposedBlocks(NamedTuple):
    """Blocks as nodes, and their height in points.

    ``text_height`` leaves out the empty paragraphs at their end; 0 if it is not known.
    """

    nodes: list[Node]
    height: float
    text_height: float = 0.0


class BlockLayout(Protocol):
    """Layout of the blocks in a page, cell, box, note or header.

    Boxes hold blocks and blocks hold boxes; through this interface drawings and tables call the layout
    without importing it.
    """

    def compose(
        self, ctx: LayoutContext, elements: Iterable[Element], container: ContainingBlock
    ) -> ComposedBlocks:
        """Compose blocks in a column of their own."""

    def compose_following(
        self, ctx: LayoutContext, elements: Iterable[Element], container: ContainingBlock
    ) -> list[Node]:
        """Compose blocks that continue the present ``ctx.flow``."""

    def compose_vertical(
        self,
        ctx: LayoutContext,
        container: ContainingBlock,
        content: Element,
        size: tuple[float, float],
        direction: str,
        anchor: str,
    ) -> Node:
        """Compose blocks as vertical or rotated text in a box.

        ``size`` is width and height.
        """

    def vertical_length(self, ctx: LayoutContext, container: ContainingBlock, content: Element) -> float:
        """Return the height in points of vertical text in unbroken columns."""


@dataclass
class LayoutContext:
    """One document during its layout."""

    package: Package
    styles: Styles
    numbering: ListNumbering
    settings: DocumentSettings
    palette: dict[str, str]
    fonts: FontCatalog
    profile: CompatibilityProfile
    block_layout: BlockLayout
    line_breaking: LineBreaking
    # the part that relations are looked up in: the document's, a header's, that of the notes
    part: str
    stylesheet: Stylesheet = field(default_factory=Stylesheet)
    log: WarningLog = field(default_factory=WarningLog)
    page: PageGeometry = field(default_factory=PageGeometry)
    flow: ColumnFlow = field(default_factory=ColumnFlow)
    # newspaper columns of the present section
    columns: int = 1
    # the CSS page name of the present section
    section: str = ""
    # sections whose pages a SECTIONPAGES field counts
    counted: set[str] = field(default_factory=set)
    notes: dict[str, NoteSequence] = field(default_factory=dict)
    # height of the paragraphs set since a row or cell began
    reach: float = 0.0
    # what equal paragraphs and runs share, with the objects that the ids in the keys are of
    metrics: dict[tuple[object, ...], tuple[Any, object]] = field(default_factory=dict)
    measures: dict[tuple[object, ...], tuple[Measure, object]] = field(default_factory=dict)
    block_styles: dict[tuple[object, ...], tuple[str, object]] = field(default_factory=dict)
    run_classes: dict[tuple[object, ...], tuple[str, object]] = field(default_factory=dict)
    pictures: dict[str, EmbeddedImage] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
