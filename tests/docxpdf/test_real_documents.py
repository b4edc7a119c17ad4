"""Papers as courts, brigades and offices write them: every word in place, as many pages as expected, nothing unsaid."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.pdf_lines import read_pdf
from benchmarks.word_coverage import measure_coverage
from formsvc.docxpdf import PdfResult
from tests.support.docx_samples.real_world import (
    PAPERS,
    court_form,
    enforcement_letter,
    merged_notice,
    preprinted_form,
)
from tests.support.pdf_text import glyphs, lines, pages, picture_of, rows

ToPdf = Callable[[bytes], PdfResult]
BOTH = pytest.mark.parametrize("wps", [False, True], ids=["word", "wps"])


@BOTH
@pytest.mark.parametrize("name", PAPERS)
def test_every_word_stands_in_its_place_and_nothing_is_left_out(to_pdf: ToPdf, name: str, wps: bool) -> None:
    docx = PAPERS[name](wps=wps)
    result = to_pdf(docx)
    assert measure_coverage(docx, read_pdf(result.pdf)).missing == ()
    assert [w for w in result.warnings if "没有字体" not in w] == []


def test_words_that_are_lost_are_found_out(to_pdf: ToPdf) -> None:
    docx = merged_notice()
    without = to_pdf(docx.__class__(docx)).pdf
    other = to_pdf(court_form(2)).pdf
    assert measure_coverage(docx, read_pdf(without)).share == 1.0
    assert "此联存档。" in measure_coverage(docx, read_pdf(other)).missing


@BOTH
def test_the_annex_lies_across_and_repeats_its_head(to_pdf: ToPdf, wps: bool) -> None:
    pdf = to_pdf(enforcement_letter(wps=wps)).pdf
    assert pages(pdf) == 4
    first, second = picture_of(pdf, 0), picture_of(pdf, 1)
    assert first.height > first.width and second.width > second.height
    assert all(any("单位名称" in line for line in lines(pdf, page=n)) for n in (1, 2, 3))
    assert [lines(pdf, page=n)[-1] for n in range(4)] == ["—1—", "—2—", "—3—", "—4—"]


@BOTH
def test_rows_of_exact_height_are_exact(to_pdf: ToPdf, wps: bool) -> None:
    found = {row[0].char: row[0].y for row in rows(to_pdf(merged_notice(wps=wps)).pdf)}
    after = next(g for g in glyphs(to_pdf(merged_notice(wps=wps)).pdf) if g.char == "此")
    top = 72.0
    assert abs(after.y - top - (42 + 26 * 3 + 70 + 30 + 22 + 90)) < 14
    assert found


@BOTH
def test_words_lie_where_the_printed_form_has_room_for_them(to_pdf: ToPdf, wps: bool) -> None:
    pdf = to_pdf(preprinted_form(wps=wps)).pdf
    found = next(g for g in glyphs(pdf) if g.char == "李")
    assert abs(found.x - 150) < 1 and 172 < found.y < 188
    red = picture_of(pdf).getpixel((300, 160))
    assert red[0] > 150 and red[1] < 90
