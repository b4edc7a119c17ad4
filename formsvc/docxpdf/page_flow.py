"""Where on its page the text has come to, reckoned while it is composed, and what stands in its way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from formsvc.docxpdf.html_tree import Node

LEAST_ROOM = 72.0
"""Word sets no text beside a drawing where less than an inch is left."""
_HAIR = 0.01


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A region that lines keep clear of; ``top`` and ``bottom`` in the flow, ``left`` and ``right`` from the text's left."""

    top: float
    bottom: float
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Room:
    """Where a line goes: how far down it moves, and what is taken from its left and right."""

    skip: float = 0.0
    left: float = 0.0
    right: float = 0.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A table that is written where the text has come down to ``top``."""

    top: float
    node: Node
    height: float
    keeps: float


@dataclass
class Flow:
    """One column of blocks, with the height of its page; page ends are where the reckoning finds them."""

    page: float = math.inf
    y: float = 0.0
    after: float = 0.0
    """Space after the last paragraph, which the next one's space before covers."""
    obstacles: list[Obstacle] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    turned: bool = False
    """Whether a page has been turned since tables that wait were last looked at."""

    def top(self, before: float) -> float:
        """Where a paragraph with this space before it begins."""
        return self.y + max(before, self.after)

    def clear(self) -> bool:
        """Whether nothing stands in the way any more."""
        self.obstacles = [o for o in self.obstacles if o.bottom > self.y + _HAIR]
        return not self.obstacles

    def paragraph(self, before: float, lines: Sequence[float], after: float) -> None:
        """A paragraph has been set."""
        self.y, self.after = self.top(before), 0.0
        for height in lines:
            self.block(height)
        self.after = after

    def block(self, height: float) -> None:
        """A line or a row, which does not part."""
        if self.y + height > self.page + _HAIR and self.y > 0:
            self.new_page()
        self.y += self.after + height
        self.after = 0.0

    def new_page(self) -> None:
        """From the top of the next page."""
        self.y = self.after = 0.0
        self.obstacles = []
        self.turned = True

    def gap(self, height: float) -> None:
        """Room is left."""
        self.y += self.after + height
        self.after = 0.0

    def room(self, y: float, height: float, left: float, right: float) -> Room:
        """The room of a line that would stand at ``y`` between ``left`` and ``right``."""
        skip = 0.0
        while True:
            top, bottom = y + skip, y + skip + height
            met = [o for o in self.obstacles if o.top < bottom - _HAIR and o.bottom > top + _HAIR]
            met = [o for o in met if o.left < right - _HAIR and o.right > left + _HAIR]
            start, end = _widest(met, left, right)
            if not met or end - start >= min(LEAST_ROOM, right - left):
                return Room(skip, start - left, right - end)
            skip = min(o.bottom for o in met) - y


def _widest(met: Sequence[Obstacle], left: float, right: float) -> tuple[float, float]:
    """The widest stretch that no obstacle covers."""
    gaps, reached = [], left
    for obstacle in sorted(met, key=lambda o: o.left):
        gaps.append((reached, max(reached, min(right, obstacle.left))))
        reached = max(reached, obstacle.right)
    gaps.append((min(reached, right), right))
    return max(gaps, key=lambda gap: gap[1] - gap[0])
