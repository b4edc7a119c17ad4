"""Line breaking rules of Word: the cluster at which a full line ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from formsvc.docxpdf.characters.classes import DOUBLED, WORD_KINSOKU, KinsokuMarks
from formsvc.docxpdf.text.clusters import CHAR, Cluster

_HYPHENS = frozenset("-\u2010–")


@dataclass(frozen=True)
class LineBreakOptions:
    """Options of a paragraph for the ends of its lines.

    ``hanging_punctuation`` is ``w:overflowPunct``, ``kinsoku`` is ``w:kinsoku``, ``keep_words`` ``w:wordWrap``.
    """

    marks: KinsokuMarks = WORD_KINSOKU["zh-CN"]
    hanging_punctuation: bool = True
    kinsoku: bool = True
    keep_words: bool = True


class WordBreakRules:
    """Word's rules: break as late as kinsoku and whole words allow."""

    def __init__(self, clusters: Sequence[Cluster], options: LineBreakOptions) -> None:
        self._clusters, self._options = clusters, options

    def line_end(self, start: int, at: int) -> int:
        """Return the index after the line's last cluster.

        ``at`` is the first cluster that overflows.
        """
        if self._clusters[at].is_space:
            return self.skip_spaces(at)
        if self._may_hang(at):
            return self.skip_spaces(at + 1)
        end = at
        while end > start and not self.allows_break(end):
            end -= 1
        return end if end > start else self._emergency_end(start, at)

    def _emergency_end(self, start: int, at: int) -> int:
        """Return the index where a word wider than the line is broken.

        This is at the margin, or before it to respect kinsoku.
        """
        end = at
        while end > start + 1 and (self._violates_kinsoku(end) or self._clusters[end].no_break_before):
            end -= 1
        return end if end > start + 1 else at

    def _violates_kinsoku(self, at: int) -> bool:
        before, after = self._clusters[at - 1], self._clusters[at]
        marks = self._options.marks
        return self._options.kinsoku and (after.text in marks.no_start or before.text in marks.no_end)

    def is_trimmed(self, char: str) -> bool:
        # an ideographic space stays, unlike in LibreOffice
        return char == " "

    def skip_spaces(self, at: int) -> int:
        while (
            at < len(self._clusters)
            and self._clusters[at].kind == CHAR
            and self.is_trimmed(self._clusters[at].text)
        ):
            at += 1
        return at

    def allows_break(self, at: int) -> bool:
        """Return whether a line may end before the cluster ``at``."""
        before, after = self._clusters[at - 1], self._clusters[at]
        if after.no_break_before:
            return False
        if before.kind != CHAR or after.kind != CHAR:
            return after.kind != CHAR or after.text not in self._options.marks.no_start
        if after.is_space:
            return False
        if before.is_space:
            return True
        if self._violates_kinsoku(at):
            return False
        if before.text == after.text and before.text in DOUBLED:
            return False
        if before.east_asian or after.east_asian or not self._options.keep_words:
            return True
        # a word may end after a hyphen, a number may not
        return before.text in _HYPHENS and after.text.isalpha()

    def _may_hang(self, at: int) -> bool:
        options, clusters = self._options, self._clusters
        if not options.hanging_punctuation or clusters[at].text not in options.marks.hanging:
            return False
        if clusters[at].no_break_before:
            return False
        # only one mark hangs: the line must be able to end right after it
        return at + 1 >= len(clusters) or clusters[at + 1].kind != CHAR or self.allows_break(at + 1)
