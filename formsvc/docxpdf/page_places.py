"""Places of a Word file's blocks on the pages, without a PDF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from formsvc.docxpdf.document_layout import LaidOutBlock, lay_out_blocks
from formsvc.docxpdf.fonts.catalog import FontCatalog
from formsvc.docxpdf.html_tree import Node
from formsvc.docxpdf.opc.package import Package
from formsvc.docxpdf.pdf.engine import Engine

# CSS pixels, the engine's unit
_POINTS = 0.75


@dataclass(frozen=True, slots=True)
class Extent:
    """Upper and lower edge in points below the page's upper edge."""

    top: float
    bottom: float


@dataclass(frozen=True)
class PlacedBlock:
    """Paragraph or table of the body, with its extent on each page."""

    block: LaidOutBlock
    extents: Mapping[int, Extent]

    @property
    def last_page(self) -> int:
        """Return its last page, counted from 1; 0 for a block without a place."""
        return max(self.extents, default=0)


@dataclass(frozen=True)
class PagePlaces:
    """Blocks of a package's body in order, and the number of pages."""

    package: Package
    blocks: list[PlacedBlock]
    pages: int


def place_blocks(docx: bytes, fonts: FontCatalog) -> PagePlaces:
    """Lay out a Word file and return where its blocks stand.

    Raise FormsvcError if it cannot be laid out.
    """
    layout = lay_out_blocks(docx, fonts)
    owners = {node: index for index, block in enumerate(layout.blocks) for node in block.nodes}
    extents: list[dict[int, Extent]] = [{} for _ in layout.blocks]
    pages = Engine.load(fonts).lay_out(layout.html)
    for number, page in enumerate(pages, start=1):
        for index, box in _boxes_of(page, owners):
            top = box.position_y + box.margin_top
            own = Extent(top * _POINTS, (top + box.border_height()) * _POINTS)
            extents[index][number] = _join(extents[index].get(number), own)
    placed = [PlacedBlock(block, where) for block, where in zip(layout.blocks, extents, strict=True)]
    return PagePlaces(layout.package, placed, len(pages))


def _boxes_of(box: Any, owners: Mapping[Node, int]) -> Iterator[tuple[int, Any]]:
    for inner in getattr(box, "children", ()):
        # the place in the text that a block at the foot of the page belongs to has its element too
        is_own = inner.element is not None and "::" not in (inner.element_tag or "")
        owner = owners.get(inner.element) if is_own else None
        if owner is None:
            yield from _boxes_of(inner, owners)
        else:
            yield owner, inner


def _join(one: Extent | None, other: Extent) -> Extent:
    if one is None:
        return other
    return Extent(min(one.top, other.top), max(one.bottom, other.bottom))
