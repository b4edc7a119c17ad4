"""Inline items: text, tabs, breaks, fields, boxes, anchored objects."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from formsvc.docxpdf.html_tree import Node, node, pt
from formsvc.docxpdf.page_flow import Exclusion
from formsvc.docxpdf.wordml.styles import RunFormat

Insets = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class TextItem:
    """Characters of one format."""

    text: str
    format: RunFormat


@dataclass(frozen=True, slots=True)
class TabItem:
    """Ordinary tab or alignment tab (``w:ptab``).

    ``alignment`` holds the side, leader and reference of a ``w:ptab``, separated by blanks.
    """

    format: RunFormat
    alignment: str = ""


@dataclass(frozen=True, slots=True)
class BreakItem:
    """The end of a ``line``, a ``page`` or a ``column``."""

    kind: str
    format: RunFormat


@dataclass(frozen=True, slots=True)
class FieldItem:
    """Number that only the finished pages give.

    ``kind`` is ``page``, ``pages`` or, for the pages of a section, ``section``. ``number_format`` is the
    field's format switch, empty if there is none.
    """

    kind: str
    number_format: str
    format: RunFormat


@dataclass(frozen=True, slots=True)
class RubyItem:
    """Phonetic guide (``w:ruby``).

    ``rise`` is the distance between the two baselines in points.
    """

    base: tuple[TextItem, ...]
    above: tuple[TextItem, ...]
    align: str
    rise: float


@dataclass(frozen=True, slots=True)
class BoxItem:
    """A box in the line that takes room as a character does."""

    node: Node
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class AnchoredItem:
    """Object placed relative to its paragraph or the page's text area.

    ``on_page`` means the page's text area. ``wrap`` is ``square`` for text at its sides, ``topAndBottom``
    for text above and below it only, empty for none. ``align`` places a box that is as wide as its text
    within ``width``.
    """

    node: Node
    x: float
    y: float
    width: float
    height: float
    on_page: bool
    behind: bool
    wrap: str = ""
    # distance of the text: left, top, right, bottom (distL, distT, distR, distB)
    wrap_distances: Insets = (0.0, 0.0, 0.0, 0.0)
    align: str = ""
    # x counts from the character, y from the line that holds the anchor
    from_character: bool = False
    from_line: bool = False

    def exclusion(self, top: float, *, inside: bool) -> Exclusion | None:
        """Return the region that lines avoid; None if text ignores the object.

        ``top`` is the top of the paragraph.
        """
        # an object of the page is not in the flow of a cell or box, so nothing there can avoid it
        if not self.wrap or (self.on_page and inside):
            return None
        left, above, right, below = self.wrap_distances
        start = self.y + (0.0 if self.on_page else top)
        if self.wrap == "topAndBottom":
            left = right = math.inf
        return Exclusion(
            start - above, start + self.height + below, self.x - left, self.x + self.width + right
        )


InlineItem: TypeAlias = TextItem | TabItem | BreakItem | FieldItem | RubyItem | BoxItem | AnchoredItem


def inline_box(drawn: Node, width: float, height: float) -> BoxItem:
    """Return a drawing as a box on the baseline, also if it holds text."""
    style = f"display:inline-block;vertical-align:baseline;width:{pt(width)};height:{pt(height)}"
    if drawn.tag != "img":
        # text in the box would give it a baseline of its own; taken out of the flow it has none
        drawn = node("div", drawn, style="position:absolute;left:0;top:0")
        style += ";position:relative"
    return BoxItem(node("span", drawn, style=style), width, height)
