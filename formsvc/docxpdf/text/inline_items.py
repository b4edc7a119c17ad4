"""Items of a paragraph: text, tabs, breaks, fields, boxes in the line, and objects anchored beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from formsvc.docxpdf.html_tree import Node, node, pt
from formsvc.docxpdf.page_flow import Exclusion
from formsvc.docxpdf.wordml.styles import RunFormat

Sides = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class TextItem:
    """Characters of one format."""

    text: str
    format: RunFormat


@dataclass(frozen=True, slots=True)
class TabItem:
    """A tab; ``place`` says where an alignment tab (``w:ptab``) goes: alignment, leader, what it is measured from."""

    format: RunFormat
    place: str = ""


@dataclass(frozen=True, slots=True)
class BreakItem:
    """The end of a line, of a page (``page``) or of a column."""

    kind: str
    format: RunFormat


@dataclass(frozen=True, slots=True)
class FieldItem:
    """A number only the finished pages know: ``page``, ``pages`` or the pages of a ``section``."""

    kind: str
    shape: str
    format: RunFormat


@dataclass(frozen=True, slots=True)
class RubyItem:
    """A word with small letters above it, whose baseline stands ``raised`` above its own."""

    base: tuple[TextItem, ...]
    above: tuple[TextItem, ...]
    align: str
    raised: float


@dataclass(frozen=True, slots=True)
class BoxItem:
    """A thing that stands in the line like a letter."""

    node: Node
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class AnchoredItem:
    """A thing placed from its paragraph (``on_page`` false) or from the page's text area."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    on_page: bool
    behind: bool
    wrap: str = ""
    """``square`` where text stands beside it, ``topAndBottom`` where only above and below."""
    keeps: Sides = (0.0, 0.0, 0.0, 0.0)
    """How far text stays away: left, top, right, bottom."""
    align: str = ""
    """For a box as wide as its text: where it stands in ``width``."""
    by_character: bool = False
    """``x`` is measured from the character it is anchored to."""
    by_line: bool = False
    """``y`` is measured from the line it is anchored in."""

    def exclusion(self, top: float, *, inside: bool) -> Exclusion | None:
        """What lines must keep clear of, for a paragraph that begins at ``top``."""
        if not self.wrap or (self.on_page and inside):
            return None
        left, above, right, below = self.keeps
        start = self.y + (0.0 if self.on_page else top)
        if self.wrap == "topAndBottom":
            left = right = math.inf
        return Exclusion(
            start - above, start + self.height + below, self.x - left, self.x + self.width + right
        )


InlineItem: TypeAlias = TextItem | TabItem | BreakItem | FieldItem | RubyItem | BoxItem | AnchoredItem


def in_line(drawn: Node, width: float, height: float) -> BoxItem:
    """A drawing that stands on the baseline with its lower edge, whatever is written in it."""
    style = f"display:inline-block;vertical-align:baseline;width:{pt(width)};height:{pt(height)}"
    if drawn.tag != "img":
        drawn = node("div", drawn, style="position:absolute;left:0;top:0")
        style += ";position:relative"
    return BoxItem(node("span", drawn, style=style), width, height)
