"""Glyphs of a PDF, gathered into lines."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pypdfium2
import pypdfium2.raw as raw

_SAME_BASELINE = 1.5
_WIDE_GAP = 2.2
_HIGH_SURROGATES, _LOW_SURROGATES = range(0xD800, 0xDC00), range(0xDC00, 0xE000)


@dataclass(frozen=True, slots=True)
class Glyph:
    """A visible character with its origin in points from the top left."""

    char: str
    page: int
    x: float
    y: float
    size: float = 10.5


@dataclass
class Line:
    """Glyphs on one baseline, with no gap wider than two letters."""

    glyphs: list[Glyph] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        """The characters, without blanks."""
        return "".join(glyph.char for glyph in self.glyphs)


@dataclass(frozen=True)
class PdfText:
    """A finished PDF as a reader sees it."""

    pages: int
    lines: Sequence[Line]


def read_pdf(content: bytes) -> PdfText:
    with pypdfium2.PdfDocument(content) as document:
        found = [glyph for number, page in enumerate(document) for glyph in _glyphs(page, number)]
        return PdfText(len(document), gather(found))


def gather(glyphs: Iterable[Glyph]) -> list[Line]:
    """Return glyphs in file order as lines; each cell of a row is a line."""
    lines: list[Line] = []
    for glyph in glyphs:
        if not lines or not _continues(lines[-1].glyphs[-1], glyph):
            lines.append(Line())
        lines[-1].glyphs.append(glyph)
    return lines


def _continues(last: Glyph, glyph: Glyph) -> bool:
    if glyph.page != last.page:
        return False
    same = abs(glyph.y - last.y) < max(_SAME_BASELINE, 0.4 * max(glyph.size, last.size))
    return same and -0.5 * last.size < glyph.x - last.x < _WIDE_GAP * max(last.size, glyph.size)


def _glyphs(page: pypdfium2.PdfPage, number: int) -> Iterator[Glyph]:
    text, height = page.get_textpage(), page.get_height()
    x, y = ctypes.c_double(), ctypes.c_double()
    for index in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text.raw, index)
        if code in _LOW_SURROGATES or raw.FPDFText_IsGenerated(text.raw, index) == 1:
            continue
        if code in _HIGH_SURROGATES:
            low = raw.FPDFText_GetUnicode(text.raw, index + 1)
            code = 0x10000 + ((code - 0xD800) << 10) + low - 0xDC00
        shown = unicodedata.normalize("NFKC", chr(code)).strip().replace("\0", "")
        raw.FPDFText_GetCharOrigin(text.raw, index, x, y)
        size = raw.FPDFText_GetFontSize(text.raw, index)
        for char in shown:
            if unicodedata.category(char) not in ("Cc", "Cf", "Co"):
                yield Glyph(char, number, x.value, height - y.value, max(size, 1.0))
