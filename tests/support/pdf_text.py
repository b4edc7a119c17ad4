"""What stands in a PDF: glyphs with their places, words in order, fonts."""

from __future__ import annotations

import ctypes
import re
import unicodedata
import zlib
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as raw


@dataclass(frozen=True)
class Glyph:
    """A visible character; ``x`` and ``y`` in points from the page's top left to its baseline."""

    char: str
    page: int
    x: float
    y: float
    font: str


def glyphs(pdf: bytes) -> list[Glyph]:
    """All visible characters in reading order of the file."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document):
            text = page.get_textpage()
            for index in range(text.count_chars()):
                code = raw.FPDFText_GetUnicode(text.raw, index)
                if 0xDC00 <= code < 0xE000:
                    continue
                if 0xD800 <= code < 0xDC00:
                    code = (
                        0x10000
                        + ((code - 0xD800) << 10)
                        + raw.FPDFText_GetUnicode(text.raw, index + 1)
                        - 0xDC00
                    )
                char = chr(code)
                if char.strip() and char != "\0" and not raw.FPDFText_IsGenerated(text.raw, index):
                    found.append(_glyph(text, index, char, number, page.get_height()))
    return found


def _glyph(text: pypdfium2.PdfTextPage, index: int, char: str, page: int, height: float) -> Glyph:
    x, y, flags = ctypes.c_double(), ctypes.c_double(), ctypes.c_int()
    raw.FPDFText_GetCharOrigin(text.raw, index, x, y)
    name = ctypes.create_string_buffer(200)
    raw.FPDFText_GetFontInfo(text.raw, index, name, 200, flags)
    return Glyph(char, page, x.value, height - y.value, name.value.decode())


def lines(pdf: bytes, page: int | None = None) -> list[str]:
    """The text of each line from top to bottom, page after page."""
    return ["".join(g.char for g in row) for row in rows(pdf, page)]


def rows(pdf: bytes, page: int | None = None) -> list[list[Glyph]]:
    """The glyphs of each line."""
    found: list[list[Glyph]] = []
    for glyph in sorted(glyphs(pdf), key=lambda g: (g.page, round(g.y, 1), g.x)):
        if page is not None and glyph.page != page:
            continue
        if found and found[-1][0].page == glyph.page and abs(found[-1][0].y - glyph.y) < 2:
            found[-1].append(glyph)
        else:
            found.append([glyph])
    return [sorted(row, key=lambda g: g.x) for row in found]


def text(pdf: bytes) -> str:
    """All visible characters without blanks, in the file's order."""
    return unicodedata.normalize("NFC", "".join(g.char for g in glyphs(pdf)))


def pages(pdf: bytes) -> int:
    """How many pages."""
    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def picture_of(pdf: bytes, page: int = 0, scale: float = 1.0):  # type: ignore[no-untyped-def]
    """A page as a picture."""
    with pypdfium2.PdfDocument(pdf) as document:
        return document[page].render(scale=scale).to_pil().convert("RGB")


def everything(pdf: bytes) -> bytes:
    """All streams of the file, unpacked."""
    parts = []
    for match in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(match[1]))
        except zlib.error:
            parts.append(match[1])
    return b"\n".join(parts)
