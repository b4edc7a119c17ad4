"""Where a full line ends: as Word turns to the next line, and as LibreOffice does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from formsvc.docxpdf.characters.classes import PAIRED, WORD_KINSOKU, KinsokuMarks, is_blank
from formsvc.docxpdf.characters.uax14 import allows_break_between
from formsvc.docxpdf.text.clusters import CHAR, Cluster

_OPENING = frozenset("([{（《〈「『【〔〖［｛")
_HYPHENS = frozenset("-\u2010–")


@dataclass(frozen=True)
class LineBreakOptions:
    """What a paragraph allows at the end of its lines (``w:overflowPunct``, ``w:kinsoku``, ``w:wordWrap``)."""

    marks: KinsokuMarks = WORD_KINSOKU["zh-CN"]
    hanging: bool = True
    avoid: bool = True
    whole_words: bool = True


class WordBreakRules:
    """Word's way: the last place before the margin where the sets of marks and whole words let a line end."""

    def __init__(self, clusters: Sequence[Cluster], break_options: LineBreakOptions) -> None:
        self._clusters, self._habits = clusters, break_options

    def line_end(self, start: int, at: int) -> int:
        """Where the line from ``start`` ends whose cluster ``at`` finds no room."""
        if self._clusters[at].is_space:
            return self.skip_spaces(at)
        if self._may_hang(at):
            return self.skip_spaces(at + 1)
        end = at
        while end > start and not self.allows_break(end):
            end -= 1
        return end if end > start else self._torn(start, at)

    def _torn(self, start: int, at: int) -> int:
        """Where a word wider than the line is torn: at the margin, or before it to keep the marks in their places."""
        end = at
        while end > start + 1 and (self._forbids(end) or self._clusters[end].joined):
            end -= 1
        return end if end > start + 1 else at

    def _forbids(self, at: int) -> bool:
        before, after = self._clusters[at - 1], self._clusters[at]
        marks = self._habits.marks
        return self._habits.avoid and (after.text in marks.no_start or before.text in marks.no_end)

    def is_trimmed(self, char: str) -> bool:
        """Whether a character vanishes at the end of a line."""
        return char == " "

    def skip_spaces(self, at: int) -> int:
        """The place behind the blanks that a line's end swallows."""
        while (
            at < len(self._clusters)
            and self._clusters[at].kind == CHAR
            and self.is_trimmed(self._clusters[at].text)
        ):
            at += 1
        return at

    def allows_break(self, at: int) -> bool:
        """Whether a line may end before the cluster ``at``."""
        before, after = self._clusters[at - 1], self._clusters[at]
        if after.joined:
            return False
        if before.kind != CHAR or after.kind != CHAR:
            return after.kind != CHAR or after.text not in self._habits.marks.no_start
        if after.is_space:
            return False
        if before.is_space:
            return True
        if self._forbids(at):
            return False
        if before.text == after.text and before.text in PAIRED:
            return False
        return before.east or after.east or not self._habits.whole_words or _is_compound(before, after)

    def _may_hang(self, at: int) -> bool:
        if not self._habits.hanging or self._clusters[at].text not in self._habits.marks.hanging:
            return False
        if self._clusters[at].joined:
            return False
        return (
            at + 1 >= len(self._clusters) or self._clusters[at + 1].kind != CHAR or self.allows_break(at + 1)
        )


def _is_compound(before: Cluster, after: Cluster) -> bool:
    """A word may end after a hyphen, a number may not."""
    return before.text in _HYPHENS and after.text.isalpha()


class LibreOfficeBreakRules(WordBreakRules):
    """LibreOffice's way (``SwTextGuess``): by the language of the last letter before the margin.

    In Chinese a line ends anywhere but at the forbidden marks, even in a number; in other languages between words.
    """

    def is_trimmed(self, char: str) -> bool:
        """Whether a character vanishes at the end of a line."""
        return is_blank(char)

    def line_end(self, start: int, at: int) -> int:
        """Where the line from ``start`` ends whose cluster ``at`` finds no room."""
        cluster = self._clusters[at]
        if cluster.kind == CHAR and is_blank(cluster.text):
            return self.skip_spaces(at)
        end = (
            self._in_chinese(start, at) if self._is_chinese_at(start, at) else self._between_words(start, at)
        )
        return self.skip_spaces(end) if end > start else at

    def _is_chinese_at(self, start: int, at: int) -> bool:
        real = at
        while real > start and not (
            self._clusters[real].kind == CHAR and self._clusters[real].text.isalnum()
        ):
            real -= 1
        style = self._clusters[real].format
        return not style.east_is_latin if self._clusters[real].east else style.latin_is_east

    def _in_chinese(self, start: int, at: int) -> int:
        marks, end, count = self._habits.marks, at, len(self._clusters)
        if self._habits.hanging and self._clusters[at].text in marks.hanging:
            end = at + 1
            if end >= count or self._clusters[end].kind != CHAR:
                return end
        while self._habits.avoid and end > start and self._is_forbidden(end):
            end -= 1
        return end

    def _is_forbidden(self, end: int) -> bool:
        before, after = self._clusters[end - 1], self._clusters[end]
        marks = self._habits.marks
        return after.joined or after.text in marks.no_start or before.text in marks.no_end

    def _between_words(self, start: int, at: int) -> int:
        end = at
        while end > start and not self._is_word_end(end):
            end -= 1
        return end

    def _is_word_end(self, at: int) -> bool:
        before, after = self._clusters[at - 1], self._clusters[at]
        if after.joined:
            return False
        if before.kind != CHAR or after.kind != CHAR:
            return after.kind != CHAR or allows_break_between("\t", after.text)
        if is_blank(after.text):
            return False
        if is_blank(before.text):
            return self._clusters[self._before_spaces(at)].text not in _OPENING
        return allows_break_between(before.text, after.text)

    def _before_spaces(self, at: int) -> int:
        at -= 1
        while at > 0 and self._clusters[at].kind == CHAR and is_blank(self._clusters[at].text):
            at -= 1
        return at
