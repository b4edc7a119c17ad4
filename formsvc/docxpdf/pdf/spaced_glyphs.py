"""Glyphs before a gap that is no blank: 于2026年, or a line that is spread.

Programs that search, copy or read a PDF guess where words end, by the gap after a glyph: from a tenth of its size on
poppler and pdfminer write a blank, and PDFium does between two strings. So 2026年9月18日, with its quarter of an em
between digits and ideographs, is found by none of them. Such a glyph is drawn within a span whose ActualText (ISO 32000-1,
14.9.4) is its character, between two invisible cells: PDFium takes the first, as wide as glyph and gap, for the
character's box; the second fills the gap for pdfminer; poppler takes the span's whole width.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

from formsvc.docxpdf.pdf.drawing_fixes import FILL_AND_STROKE
from formsvc.docxpdf.pdf.positioned_lines import PlacedLine, PlacedRun

# share of the size from which on a program may take a gap for a blank; the strictest has 0.1
_READ_AS_BLANK = 0.08
# from here on characters stand by themselves, and PDFium reads the span of one twice
_READ_AS_WORD = 1.0
_CELL = 1
_LAST_OF_BMP = "\uffff"
# PDF text rendering modes (ISO 32000-1, table 106)
_FILL, _INVISIBLE = 0, 3
# ascent and descent are those of a square ideograph; twice its width, as PDFium measures a gap by the wider neighbour
_EM, _ASCENT, _DESCENT = 1000, 800, -200
_CELL_WIDTH = 2 * _EM
# horizontal scaling of a cell for a width in em
_PER_CENT = 100 * _EM / _CELL_WIDTH


class CellFont:
    """Font of one rectangle that is no character.

    Its attributes are those of WeasyPrint's `pdf.fonts.Font`.
    """

    family = "formsvc cells"
    hash = "FORMSVCCELLs"
    name = b"/FCELLS+Cell"
    type = "ttf"
    ascent, descent, flags = _ASCENT, _DESCENT, 4
    index = italic_angle = 0
    stemv = stemh = 80
    bitmap = used_in_forms = False

    def __init__(self) -> None:
        self.missing: dict[int, int] = {}
        self.widths = {_CELL: _CELL_WIDTH}
        self.to_unicode = {_CELL: ""}

    @cached_property
    def file_content(self) -> bytes:
        from fontTools.fontBuilder import FontBuilder
        from fontTools.pens.ttGlyphPen import TTGlyphPen

        builder = FontBuilder(_EM, isTTF=True)
        # equal documents have equal bytes, also when they are made at another time
        builder.updateHead(created=0, modified=0)
        builder.setupGlyphOrder([".notdef", "cell"])
        builder.setupCharacterMap({})
        empty, cell = TTGlyphPen(None), TTGlyphPen(None)
        cell.moveTo((0, _DESCENT))
        for corner in ((0, _ASCENT), (_CELL_WIDTH, _ASCENT), (_CELL_WIDTH, _DESCENT)):
            cell.lineTo(corner)
        cell.closePath()
        builder.setupGlyf({".notdef": empty.glyph(), "cell": cell.glyph()})
        builder.setupHorizontalMetrics({".notdef": (_EM, 0), "cell": (_CELL_WIDTH, 0)})
        builder.setupHorizontalHeader(ascent=_ASCENT, descent=_DESCENT)
        builder.setupOS2()
        builder.setupPost(keepGlyphNames=False)
        stream = io.BytesIO()
        builder.save(stream)
        return stream.getvalue()

    def clean(self, _to_unicode: Any, _hinting: bool) -> None:
        """Do nothing: the font is a subset already."""


CELLS = CellFont()


def is_read_apart(run: PlacedRun) -> bool:
    """Return if a program would read blanks between the glyphs of a run."""
    if run.fills_gap:
        return True
    gap = run.spacing / run.style.size
    return _READ_AS_BLANK <= gap <= _READ_AS_WORD and not any(glyph.kern for glyph in run.glyphs)


def fill_gaps_between_runs(lines: Iterable[PlacedLine]) -> None:
    """Part the last glyph from a run before one that is read apart.

    poppler compares the gaps of a line: next to gaps that are filled it takes a twentieth of an em for a blank.
    """
    for line in lines:
        for place in range(len(line.runs) - 2, -1, -1):
            run = line.runs[place]
            if run.spacing > 0 and is_read_apart(line.runs[place + 1]) and _can_be_parted(run):
                line.runs[place : place + 1] = _part_last_glyph(run)


def _can_be_parted(run: PlacedRun) -> bool:
    return not (is_read_apart(run) or run.counter or run.is_blank or any(glyph.kern for glyph in run.glyphs))


def _part_last_glyph(run: PlacedRun) -> list[PlacedRun]:
    last = run.glyphs[-1]
    width = last.advance * run.style.size + run.spacing
    rest = replace(run, glyphs=run.glyphs[:-1], width=run.width - width)
    end = replace(run, glyphs=[last], x=run.x + rest.width, width=width, fills_gap=True)
    return [rest, end] if rest.glyphs else [end]


def show_spaced_glyphs(stream: Any, run: PlacedRun) -> None:
    """Show the glyphs of a run, each with its gap, as one word to a reader.

    The text matrix and the run's font are set; the font is set again at the end.
    """
    stream._fonts.setdefault(("set", CELLS.family), CELLS)
    codes, size = run.font.codes, run.style.size
    rendering = FILL_AND_STROKE if run.style.bold else _FILL
    cells = f"/{CELLS.hash} {size} Tf {_INVISIBLE} Tr"
    font = f"/{run.font.hash} {size} Tf {rendering} Tr 100 Tz"
    gap = _cell(run.spacing, size)
    pieces = []
    for glyph in run.glyphs:
        width = glyph.advance * size + run.spacing
        shown = f"{font} <{codes[glyph.number]}> Tj"
        text = glyph.text.encode("utf-16-be").hex()
        # PDFium drops such a character from a span
        if glyph.text > _LAST_OF_BMP:
            pieces.append(f"{shown} {round(width, 4)} 0 Td")
            continue
        # 0 0 Td goes back to where the glyph begins
        pieces.append(
            f"/Span <</ActualText <feff{text}>>> BDC {cells} {_cell(width, size)} 0 0 Td "
            f"{shown} {cells} {gap} EMC {round(width, 4)} 0 Td"
        )
    stream.stream.append(f"{' '.join(pieces)} {font}".encode())


def _cell(width: float, size: float) -> str:
    return f"{round(width / size * _PER_CENT, 3)} Tz <{_CELL:04x}> Tj"
