"""Where on its page the text has come to, reckoned while it is composed, and what stands in its way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from formsvc.docxpdf.html_tree import Node

MIN_WRAP_WIDTH = 72.0
"""Word sets no text beside a drawing where less than an inch is left."""
_HAIR = 0.01


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A region that lines keep clear of; ``top`` and ``bottom`` in the flow, ``left`` and ``right`` from the text's left."""

    top: float
    bottom: float
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class AvailableSpace:
    """Where a line goes: how far down it moves, and what is taken from its left and right."""

    skip: float = 0.0
    left: float = 0.0
    right: float = 0.0


@dataclass(frozen=True, slots=True)
class PendingFloat:
    """A table that is written where the text has come down to ``top``."""

    top: float
    node: Node
    height: float
    space_below: float


@dataclass
class ColumnFlow:
    """One column of blocks, with the height of its page; page ends are where the reckoning finds them."""

    page_height: float = math.inf
    y: float = 0.0
    space_after: float = 0.0
    """Space after the last paragraph, which the next one's space before covers."""
    exclusions: list[Exclusion] = field(default_factory=list)
    pending: list[PendingFloat] = field(default_factory=list)
    page_started: bool = False
    """Whether a page has been turned since tables that wait were last looked at."""

    def paragraph_top(self, before: float) -> float:
        """Where a paragraph with this space before it begins."""
        return self.y + max(before, self.space_after)

    def is_clear(self) -> bool:
        """Whether nothing stands in the way any more."""
        self.exclusions = [o for o in self.exclusions if o.bottom > self.y + _HAIR]
        return not self.exclusions

    def add_paragraph(self, before: float, lines: Sequence[float], after: float) -> None:
        """A paragraph has been set."""
        self.y, self.space_after = self.paragraph_top(before), 0.0
        for height in lines:
            self.add_block(height)
        self.space_after = after

    def add_block(self, height: float) -> None:
        """A line or a row, which does not part."""
        if self.y + height > self.page_height + _HAIR and self.y > 0:
            self.start_page()
        self.y += self.space_after + height
        self.space_after = 0.0

    def start_page(self) -> None:
        """From the top of the next page."""
        self.y = self.space_after = 0.0
        self.exclusions = []
        self.page_started = True

    def add_space(self, height: float) -> None:
        """AvailableSpace is left."""
        self.y += self.space_after + height
        self.space_after = 0.0

    def find_space(self, y: float, height: float, left: float, right: float) -> AvailableSpace:
        """The room of a line that would stand at ``y`` between ``left`` and ``right``."""
        skip = 0.0
        while True:
            top, bottom = y + skip, y + skip + height
            met = [o for o in self.exclusions if o.top < bottom - _HAIR and o.bottom > top + _HAIR]
            met = [o for o in met if o.left < right - _HAIR and o.right > left + _HAIR]
            start, end = _widest(met, left, right)
            if not met or end - start >= min(MIN_WRAP_WIDTH, right - left):
                return AvailableSpace(skip, start - left, right - end)
            skip = min(o.bottom for o in met) - y


def _widest(met: Sequence[Exclusion], left: float, right: float) -> tuple[float, float]:
    """The widest stretch that no exclusion covers."""
    gaps, reached = [], left
    for exclusion in sorted(met, key=lambda o: o.left):
        gaps.append((reached, max(reached, min(right, exclusion.left))))
        reached = max(reached, exclusion.right)
    gaps.append((min(reached, right), right))
    return max(gaps, key=lambda gap: gap[1] - gap[0])
