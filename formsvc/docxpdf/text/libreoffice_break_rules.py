"""Line breaking rules of LibreOffice, for the test profile only.

The profile is ``compatibility.LIBREOFFICE``.
"""

from __future__ import annotations

from formsvc.docxpdf.characters.classes import is_blank
from formsvc.docxpdf.characters.uax14 import allows_break_between
from formsvc.docxpdf.text.break_rules import WordBreakRules
from formsvc.docxpdf.text.clusters import CHAR

_OPENING = frozenset("([{（《〈「『【〔〖［｛")


class LibreOfficeBreakRules(WordBreakRules):
    """LibreOffice's rules (``SwTextGuess``), chosen by language.

    The language is that of the last letter before the margin. In Chinese a line ends anywhere but at the
    forbidden marks, even in a number; in other languages between words.
    """

    def is_trimmed(self, char: str) -> bool:
        return is_blank(char)

    def line_end(self, start: int, at: int) -> int:
        cluster = self._clusters[at]
        if cluster.kind == CHAR and is_blank(cluster.text):
            return self.skip_spaces(at)
        chinese = self._is_chinese_at(start, at)
        end = self._end_in_chinese(start, at) if chinese else self._end_between_words(start, at)
        return self.skip_spaces(end) if end > start else at

    def _is_chinese_at(self, start: int, at: int) -> bool:
        last_letter = at
        while last_letter > start and not (
            self._clusters[last_letter].kind == CHAR and self._clusters[last_letter].text.isalnum()
        ):
            last_letter -= 1
        cluster = self._clusters[last_letter]
        if cluster.east_asian:
            return not cluster.format.east_language_is_western
        return cluster.format.latin_language_is_east_asian

    def _end_in_chinese(self, start: int, at: int) -> int:
        options, end, count = self._options, at, len(self._clusters)
        if options.hanging_punctuation and self._clusters[at].text in options.marks.hanging:
            end = at + 1
            if end >= count or self._clusters[end].kind != CHAR:
                return end
        while options.kinsoku and end > start and self._is_forbidden(end):
            end -= 1
        return end

    def _is_forbidden(self, end: int) -> bool:
        before, after = self._clusters[end - 1], self._clusters[end]
        marks = self._options.marks
        return after.no_break_before or after.text in marks.no_start or before.text in marks.no_end

    def _end_between_words(self, start: int, at: int) -> int:
        end = at
        while end > start and not self._is_word_end(end):
            end -= 1
        return end

    def _is_word_end(self, at: int) -> bool:
        before, after = self._clusters[at - 1], self._clusters[at]
        if after.no_break_before:
            return False
        if before.kind != CHAR or after.kind != CHAR:
            # what is no character breaks as a tab does: class BA of UAX #14
            return after.kind != CHAR or allows_break_between("\t", after.text)
        if is_blank(after.text):
            return False
        if is_blank(before.text):
            return self._clusters[self._last_before_spaces(at)].text not in _OPENING
        return allows_break_between(before.text, after.text)

    def _last_before_spaces(self, at: int) -> int:
        at -= 1
        while at > 0 and self._clusters[at].kind == CHAR and is_blank(self._clusters[at].text):
            at -= 1
        return at
