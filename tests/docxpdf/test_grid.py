"""GB/T 9704: 22 lines of 28 characters, at their places to a tenth of a millimetre."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.docxpdf import PdfResult
from tests.support.docx_samples.raw_xml import GB_PAGE, MODERN, paragraph, run, word_file
from tests.support.pdf_text import glyphs, lines, pages, rows

ToPdf = Callable[[bytes], PdfResult]
TENTH_OF_MM = 72 / 254
LEFT, TOP = 1588 / 20, 2098 / 20
SENTENCE = "加强消防安全工作是各级人民政府的重要职责应当坚持预防为主防消结合的方针"


def test_a_page_holds_22_lines_of_28_characters(to_pdf: ToPdf) -> None:
    pdf = to_pdf(word_file(paragraph(SENTENCE * 40))).pdf
    first_page = lines(pdf, page=0)
    assert [len(line) for line in first_page] == [28] * 22


def test_every_character_stands_in_its_cell(to_pdf: ToPdf) -> None:
    pdf = to_pdf(word_file(paragraph(SENTENCE * 20))).pdf
    pitch = 16 - 849 / 4096
    for number, row in enumerate(rows(pdf, page=0)):
        assert abs(row[0].y - (TOP + 28.95 * (number + 0.5)) - 16 * 0.359) < TENTH_OF_MM
        if len(row) < 28:
            continue
        for place, glyph in enumerate(row):
            assert abs(glyph.x - (LEFT + place * pitch)) < TENTH_OF_MM, (number, place, glyph)


@pytest.mark.parametrize("pitch", [28.95, 28, 30, 20])
def test_exact_line_spacing_is_exact(to_pdf: ToPdf, pitch: float) -> None:
    spacing = f'<w:snapToGrid w:val="0"/><w:spacing w:line="{round(pitch * 20)}" w:lineRule="exact"/>'
    pdf = to_pdf(word_file("".join(paragraph(f"第{n}行", spacing) for n in range(15)))).pdf
    heights = [row[0].y for row in rows(pdf)]
    assert all(abs(b - a - pitch) < 0.01 for a, b in zip(heights, heights[1:], strict=False))


def test_a_larger_letter_does_not_push_an_exact_line(to_pdf: ToPdf) -> None:
    spacing = '<w:spacing w:line="560" w:lineRule="exact"/>'
    mixed = paragraph(run("小") + run("大", '<w:sz w:val="72"/>'), spacing)
    heights = [
        row[0].y
        for row in rows(to_pdf(word_file(paragraph("一", spacing) + mixed + paragraph("三", spacing))).pdf)
    ]
    assert [round(b - a, 2) for a, b in zip(heights, heights[1:], strict=False)] == [28, 28]


def test_punctuation_never_begins_a_line(to_pdf: ToPdf) -> None:
    clause = "各单位应当落实消防安全责任制，制定本单位的消防安全制度、消防安全操作规程；“（一）”。"
    for shift in range(12):
        pdf = to_pdf(word_file(paragraph("字" * shift + clause * 3))).pdf
        for line in lines(pdf):
            assert line[0] not in "，。、；：？！）”》〕", line
            assert line[-1] not in "（“《〔", line


def test_a_full_stop_may_hang_into_the_margin(to_pdf: ToPdf) -> None:
    pdf = to_pdf(word_file(paragraph("字" * 28 + "。" + "字" * 5))).pdf
    assert lines(pdf)[0] == "字" * 28 + "。"


def test_numbers_and_words_are_not_torn(to_pdf: ToPdf) -> None:
    for shift in range(20, 28):
        text = lines(to_pdf(word_file(paragraph("字" * shift + "91330108MA2GK1A2X3" + "字" * 30))).pdf)
        assert any("91330108MA2GK1A2X3" in line for line in text)


def test_the_two_halves_of_a_dash_stay_together(to_pdf: ToPdf) -> None:
    for shift in range(24, 29):
        for line in lines(to_pdf(word_file(paragraph("字" * shift + "——" + "字" * 30))).pdf):
            assert line.count("—") in (0, 2)


def test_full_lines_reach_the_right_margin(to_pdf: ToPdf) -> None:
    section = GB_PAGE.replace('w:type="linesAndChars" ', 'w:type="lines" ').replace(' w:charSpace="-849"', "")
    pdf = to_pdf(word_file(paragraph("根据2026年第3号令和《消防法》第60条" * 6), section=section)).pdf
    right = 595.3 - 1474 / 20
    for row in rows(pdf)[:-1]:
        if row[-1].char not in "，。、":
            assert abs(row[-1].x + (16 if ord(row[-1].char) > 255 else 8) - right) < 0.2, row[-1]


def test_first_line_indent_counts_characters(to_pdf: ToPdf) -> None:
    indented = '<w:ind w:firstLineChars="200" w:firstLine="200"/>'
    first = glyphs(to_pdf(word_file(paragraph("正文", indented))).pdf)[0]
    assert abs(first.x - LEFT - 2 * (16 - 849 / 4096)) < 0.05


def test_a_negative_grid_written_unsigned_is_understood(to_pdf: ToPdf) -> None:
    section = GB_PAGE.replace('"-849"', f'"{2**32 - 849}"')
    assert len(lines(to_pdf(word_file(paragraph(SENTENCE), section=section)).pdf)[0]) == 28


def test_many_pages_keep_22_lines_each(to_pdf: ToPdf) -> None:
    pdf = to_pdf(word_file(paragraph(SENTENCE * 90))).pdf
    assert pages(pdf) > 4
    assert all(len(lines(pdf, page=number)) == 22 for number in range(pages(pdf) - 1))


@pytest.mark.parametrize("kept", [True, False])
def test_a_line_ended_by_hand_is_spread_unless_the_settings_say_no(to_pdf: ToPdf, kept: bool) -> None:
    settings = MODERN.replace("<w:compat>", "<w:compat><w:doNotExpandShiftReturn/>") if kept else MODERN
    section = GB_PAGE.replace('w:type="linesAndChars" ', 'w:type="lines" ')
    body = paragraph(run("手动换行") + "<w:r><w:br/></w:r>" + run("下一行"))
    first = rows(to_pdf(word_file(body, section=section, settings=settings)).pdf)[0]
    assert (first[-1].x - first[0].x < 50) == kept
