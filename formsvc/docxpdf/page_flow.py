"""Estimated position in a column, and regions that text wraps around."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from formsvc.docxpdf.html_tree import Node

# Word sets no text at the side of a drawing where less than an inch is left
MIN_WRAP_WIDTH = 72.0
# points by which touching regions may overlap through rounding
_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Region that lines avoid.

    ``top`` and ``bottom`` are in the flow, ``left`` and ``right`` count from the text's left edge.
    """

    top: float
    bottom: float
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class AvailableSpace:
    """Space for a line: its shift downwards, its left and right insets."""

    skip: float = 0.0
    left: float = 0.0
    right: float = 0.0


@dataclass(frozen=True, slots=True)
class PendingFloat:
    """A floating table to be written once the text has come down to ``top``."""

    top: float
    node: Node
    height: float
    space_below: float


@dataclass
class ColumnFlow:
    """Estimated position in one column of blocks.

    Page breaks are estimates as well; the page engine decides them. The estimate places exclusions and
    floating tables, which Word measures from the page.
    """

    page_height: float = math.inf
    y: float = 0.0
    # space after the last paragraph; the next one's space before overlaps it
    space_after: float = 0.0
    # foot of the last block that has text
    text_bottom: float = 0.0
    exclusions: list[Exclusion] = field(default_factory=list)
    pending: list[PendingFloat] = field(default_factory=list)
    # a page was started since pending floats were last written
    page_started: bool = False
    # pages begun, and lines and rows set so far
    pages: int = 1
    lines: int = 0

    def paragraph_top(self, before: float) -> float:
        return self.y + max(before, self.space_after)

    def is_clear(self) -> bool:
        """Drop the exclusions above the position; return whether none is left."""
        self.exclusions = [o for o in self.exclusions if o.bottom > self.y + _TOLERANCE]
        return not self.exclusions

    def add_paragraph(self, before: float, lines: Sequence[float], after: float) -> None:
        self.y, self.space_after = self.paragraph_top(before), 0.0
        for height in lines:
            self.add_block(height)
        self.space_after = after

    def add_block(self, height: float) -> None:
        """Advance past a line or a table row, which a page break does not divide."""
        if self.y + height > self.page_height + _TOLERANCE and self.y > 0:
            self.start_page()
        self.y += self.space_after + height
        self.space_after = 0.0
        self.lines += 1

    def start_page(self) -> None:
        self.y = self.space_after = 0.0
        self.exclusions = []
        self.page_started = True
        self.pages += 1

    def add_space(self, height: float) -> None:
        self.y += self.space_after + height
        self.space_after = 0.0

    def find_space(self, y: float, height: float, left: float, right: float) -> AvailableSpace:
        """Return the space of a line at ``y`` between ``left`` and ``right``."""
        skip = 0.0
        while True:
            top, bottom = y + skip, y + skip + height
            overlapping = [
                o for o in self.exclusions if o.top < bottom - _TOLERANCE and o.bottom > top + _TOLERANCE
            ]
            overlapping = [
                o for o in overlapping if o.left < right - _TOLERANCE and o.right > left + _TOLERANCE
            ]
            start, end = _widest(overlapping, left, right)
            if not overlapping or end - start >= min(MIN_WRAP_WIDTH, right - left):
                return AvailableSpace(skip, start - left, right - end)
            # too narrow: try below the exclusion that ends first
            skip = min(o.bottom for o in overlapping) - y


def _widest(overlapping: Sequence[Exclusion], left: float, right: float) -> tuple[float, float]:
    """Return the widest stretch that no exclusion covers."""
    gaps, reached = [], left
    for exclusion in sorted(overlapping, key=lambda o: o.left):
        gaps.append((reached, max(reached, min(right, exclusion.left))))
        reached = max(reached, exclusion.right)
    gaps.append((min(reached, right), right))
    return max(gaps, key=lambda gap: gap[1] - gap[0])
