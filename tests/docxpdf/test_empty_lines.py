"""How high a line without a letter is: where Word and LibreOffice differ."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.docxpdf import FontCatalog, PdfMetadata, PdfProfile, PdfResult, convert
from formsvc.docxpdf.text.compatibility import LIBREOFFICE
from tests.support.docx_samples.raw_xml import paragraph, run, table, word_file
from tests.support.pdf_text import rows

ToPdf = Callable[[bytes], PdfResult]
FACES = '<w:rFonts w:ascii="Courier New" w:hAnsi="Courier New" w:eastAsia="黑体"/><w:sz w:val="32"/>'
OFF_GRID = '<w:snapToGrid w:val="0"/>'


def filled(words: str) -> str:
    """A paragraph of these words, in the two faces."""
    letters = f"<w:r><w:rPr>{FACES}</w:rPr><w:t>{words}</w:t></w:r>" if words else ""
    return paragraph(letters, f"{OFF_GRID}<w:rPr>{FACES}</w:rPr>")


def test_libreoffice_makes_a_line_without_a_letter_as_high_as_latin_text(fonts: FontCatalog) -> None:
    def reach(between: str) -> float:
        word = word_file(filled("上") + filled(between) + filled("下"))
        made = convert(
            word, fonts, PdfMetadata("", ""), profile=PdfProfile(archive=""), compatibility=LIBREOFFICE
        )
        found = rows(made.pdf)
        return found[-1][0].y - found[0][0].y

    assert reach("") == pytest.approx(reach("Latin"), abs=0.2)
    assert abs(reach("") - reach("汉字")) > 1


def test_the_empty_paragraph_that_must_end_a_cell_behind_a_table_takes_no_room(to_pdf: ToPdf) -> None:
    inner = table([[paragraph(run("内"))]], [3000])

    def reach(end: str) -> float:
        found = rows(to_pdf(word_file(table([[inner + end]], [5000]) + paragraph(run("下")))).pdf)
        return found[-1][0].y - found[0][0].y

    assert reach(paragraph("")) == pytest.approx(reach(""), abs=0.1)
    assert reach(paragraph(run("字"))) - reach(paragraph("")) > 15
