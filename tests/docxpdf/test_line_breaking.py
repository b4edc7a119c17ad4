"""Where Word ends a line, and what stands between the characters of one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from formsvc.docxpdf import FontCatalog, PdfMetadata, PdfProfile, PdfResult, convert, lay_out_document
from formsvc.docxpdf.characters.classes import WORD_KINSOKU, kinsoku_marks
from formsvc.docxpdf.characters.uax14 import allows_break_between
from formsvc.docxpdf.text.compatibility import LIBREOFFICE
from tests.support.docx_samples.raw_xml import GB_PAGE, MODERN, paragraph, run, table, word_file
from tests.support.pdf_text import glyphs, lines, rows

ToPdf = Callable[[bytes], PdfResult]
LINES_PAGE = GB_PAGE[: GB_PAGE.index("<w:docGrid")] + '<w:docGrid w:type="lines" w:linePitch="579"/>'
LEFT, RIGHT = 1588 / 20, (11906 - 1474) / 20
COMPRESS = '<w:characterSpacingControl w:val="compressPunctuation"/>'


def laid(to_pdf: ToPdf, text: str, properties: str = "", settings: str = MODERN) -> list[str]:
    """The lines of one paragraph on a grid of lines, 27 characters of 16 pt wide."""
    body = text if text.startswith("<w:p>") else paragraph(text, properties)
    return lines(to_pdf(word_file(body, section=LINES_PAGE, settings=settings)).pdf)


@pytest.mark.parametrize("mark", "，。、；：？！）》〉」』】〕〗”’…℃％")
def test_no_line_begins_with_a_closing_mark(to_pdf: ToPdf, mark: str) -> None:
    for shift in (26, 27):
        assert laid(to_pdf, "字" * shift + mark + "后" * 30)[1][0] != mark


@pytest.mark.parametrize("mark", "（《〈「『【〔〖“‘￥")
def test_no_line_ends_with_an_opening_mark(to_pdf: ToPdf, mark: str) -> None:
    assert laid(to_pdf, "字" * 26 + mark + "后" * 30)[0] == "字" * 26


def test_marks_of_the_document_s_own_replace_the_standard_ones(to_pdf: ToPdf) -> None:
    own = '<w:noLineBreaksBefore w:lang="zh-CN" w:val="后"/>'
    text = "字" * 27 + "后" + "；" * 1 + "字" * 20
    assert laid(to_pdf, text, settings=own + MODERN)[1].startswith("字后")
    other = own.replace("zh-CN", "ja-JP")
    assert laid(to_pdf, text, settings=other + MODERN)[1].startswith("后；")


def test_marks_may_stand_anywhere_where_the_paragraph_says_so(to_pdf: ToPdf) -> None:
    off = '<w:kinsoku w:val="0"/><w:overflowPunct w:val="0"/>'
    assert laid(to_pdf, "字" * 27 + "。" + "字" * 5, off)[1].startswith("。")


def test_a_full_stop_hangs_only_where_the_paragraph_lets_it(to_pdf: ToPdf) -> None:
    assert laid(to_pdf, "字" * 27 + "。" + "字" * 5)[0] == "字" * 27 + "。"
    assert laid(to_pdf, "字" * 27 + "。" + "字" * 5, '<w:overflowPunct w:val="0"/>')[0] == "字" * 26


def test_each_language_has_its_own_marks() -> None:
    assert "々" in kinsoku_marks("ja-JP").no_start
    assert "々" not in WORD_KINSOKU["zh-CN"].no_start
    assert kinsoku_marks("zh-HK") == WORD_KINSOKU["zh-TW"]
    assert kinsoku_marks("") == WORD_KINSOKU["zh-CN"]


@pytest.mark.parametrize("joiner", ["\u2060", "\u200d", "\ufeff"])
def test_a_name_with_joiners_stays_whole_and_extracts_without_them(to_pdf: ToPdf, joiner: str) -> None:
    name = "买买提·艾力·阿卜杜热合曼"
    for shift in range(14, 28):
        made = laid(to_pdf, "字" * shift + joiner.join(name) + "经办，" + "字" * 20)
        assert any(name in line for line in made), made
        assert joiner not in "".join(made)


def test_a_name_without_joiners_breaks_as_word_breaks_it(to_pdf: ToPdf) -> None:
    assert laid(to_pdf, "字" * 26 + "冯文书")[0] == "字" * 26 + "冯"


def test_words_break_after_a_hyphen_numbers_do_not(to_pdf: ToPdf) -> None:
    assert laid(to_pdf, "字" * 25 + "Fire-Sprinklers" + "字" * 20)[1].startswith("Sprinklers")
    assert laid(to_pdf, "字" * 25 + "0455-8990003" + "字" * 20)[1].startswith("0455-8990003")


def test_words_break_anywhere_where_the_paragraph_says_so(to_pdf: ToPdf) -> None:
    assert laid(to_pdf, "字" * 25 + "FAKE23120200001" + "字" * 20, '<w:wordWrap w:val="0"/>')[0].endswith(
        "FAK"
    )


def test_western_quotation_marks_stay_western(to_pdf: ToPdf) -> None:
    word = word_file(paragraph("don’t say “no”"), section=LINES_PAGE)
    assert {g.font.partition("+")[2] for g in glyphs(to_pdf(word).pdf)} == {"LiberationSerif"}
    chinese = to_pdf(word_file(paragraph("称为“消防法”"), section=LINES_PAGE)).pdf
    assert {g.font.partition("+")[2] for g in glyphs(chinese)} == {"FandolFang-Regular"}


def advance(to_pdf: ToPdf, text: str, properties: str = "", marks: str = "") -> list[float]:
    """The distances of neighbouring characters."""
    row = rows(to_pdf(word_file(paragraph(run(text, marks), properties), section=LINES_PAGE)).pdf)[0]
    return [round(b.x - a.x, 1) for a, b in pairwise(row)]


def test_a_quarter_of_an_em_stands_beside_letters_and_digits(to_pdf: ToPdf) -> None:
    left = '<w:jc w:val="left"/>'
    assert advance(to_pdf, "第9条A款", left) == [20, 12, 20, 15.6]
    assert advance(to_pdf, "第9条A款", left + '<w:autoSpaceDN w:val="0"/>') == [16, 8, 20, 15.6]
    assert advance(to_pdf, "第9条A款", left + '<w:autoSpaceDE w:val="0"/>') == [20, 12, 16, 11.6]


def test_no_gap_stands_beside_marks_and_units(to_pdf: ToPdf) -> None:
    assert advance(to_pdf, "（9㎡）", '<w:jc w:val="left"/>') == [16, 8, 16]


def test_runs_may_be_spaced_and_scaled(to_pdf: ToPdf) -> None:
    assert advance(to_pdf, "消防法", marks='<w:spacing w:val="40"/>') == [18, 18]
    assert advance(to_pdf, "消防法", marks='<w:w w:val="50"/>') == [8, 8]


def test_letters_are_kerned_from_the_size_the_run_says(to_pdf: ToPdf) -> None:
    plain, kerned, small = (
        sum(advance(to_pdf, "AVAVAT", marks=m)) for m in ("", '<w:kern w:val="2"/>', '<w:kern w:val="40"/>')
    )
    assert kerned < plain - 5
    assert small == plain


def test_text_is_fitted_to_its_width(to_pdf: ToPdf) -> None:
    fitted = advance(to_pdf, "当事人", marks='<w:fitText w:val="1600" w:id="7"/>')
    assert all(abs(distance - 32) < 0.3 for distance in fitted), fitted


def test_the_last_line_is_spread_only_when_distributed(to_pdf: ToPdf) -> None:
    def end(how: str) -> float:
        word = word_file(paragraph("当事人签名", f'<w:jc w:val="{how}"/>'), section=LINES_PAGE)
        return rows(to_pdf(word).pdf)[0][-1].x + 16

    assert abs(end("distribute") - RIGHT) < 0.1
    assert abs(end("both") - LEFT - 5 * 16) < 0.1


def test_marks_of_a_justified_line_are_narrowed_for_one_more_character(to_pdf: ToPdf) -> None:
    text = "本，机，关，于" + "字" * 21 + "尾" * 20
    assert laid(to_pdf, text)[0] == text[:27]
    assert laid(to_pdf, text, settings=COMPRESS + MODERN)[0] == text[:28]
    assert laid(to_pdf, text, '<w:jc w:val="left"/>', COMPRESS + MODERN)[0] == text[:27]
    none = "本机关于" + "字" * 30
    assert laid(to_pdf, none, settings=COMPRESS + MODERN)[0] == none[:27]


def test_a_narrowed_line_ends_at_the_margin(to_pdf: ToPdf) -> None:
    text = "本，机（关），于" + "字" * 30
    row = rows(to_pdf(word_file(paragraph(text), section=LINES_PAGE, settings=COMPRESS + MODERN)).pdf)[0]
    assert abs(row[-1].x + 16 - RIGHT) < 0.3


def test_marks_on_a_grid_of_characters_keep_their_cells(to_pdf: ToPdf) -> None:
    text = "本，机，关，于，" + "字" * 40
    assert len(lines(to_pdf(word_file(paragraph(text), settings=COMPRESS + MODERN)).pdf)[0]) == 28


def test_a_decimal_stop_aligns_the_points(to_pdf: ToPdf) -> None:
    stop = '<w:tabs><w:tab w:val="decimal" w:pos="4000"/></w:tabs>'
    tab = "<w:r><w:tab/></w:r>"
    body = "".join(paragraph(tab + run(amount), stop) for amount in ("5.00元", "12,345.67元", "88元"))
    places = [
        next((g.x for g in row if g.char in ".元"), 0.0)
        for row in rows(to_pdf(word_file(body, section=LINES_PAGE)).pdf)
    ]
    assert all(abs(x - LEFT - 200) < 4.5 for x in places), places


def test_the_last_blank_line_of_a_paragraph_takes_room(to_pdf: ToPdf) -> None:
    breaks = "<w:r><w:br/></w:r>"
    body = paragraph(run("署名") + breaks * 3) + paragraph("日期")
    first, last = (row[0].y for row in rows(to_pdf(word_file(body)).pdf))
    assert abs(last - first - 4 * 28.95) < 0.05


def test_space_before_is_left_out_only_where_a_full_page_brings_a_paragraph_to_the_top(to_pdf: ToPdf) -> None:
    before = '<w:spacing w:before="800" w:line="579" w:lineRule="exact"/>'
    flowing = paragraph("字") * 22 + paragraph("次页", before)
    broken = paragraph("字") * 3 + paragraph("次页", "<w:pageBreakBefore/>" + before)
    tops = [rows(to_pdf(word_file(body)).pdf, page=1)[0][0].y for body in (flowing, broken)]
    assert abs(tops[1] - tops[0] - 40) < 0.1


def test_libreoffice_breaks_chinese_numbers_and_hangs_more_marks(fonts: FontCatalog) -> None:
    def laid_there(text: str, lang: str) -> list[str]:
        body = paragraph(run(text, f'<w:lang w:val="{lang}"/>'))
        word = word_file(body, section=LINES_PAGE)
        return lines(
            convert(
                word, fonts, PdfMetadata("", ""), profile=PdfProfile(archive=""), compatibility=LIBREOFFICE
            ).pdf
        )

    assert laid_there("字" * 26 + "2026年" + "字" * 9, "zh-CN")[0] == "字" * 26 + "20"
    assert laid_there("字" * 26 + "2026年" + "字" * 9, "en-US")[0] == "字" * 26
    assert laid_there("字" * 27 + "；" + "字" * 9, "en-US")[0] == "字" * 27 + "；"
    assert laid_there("字" * 27 + "；" + "字" * 9, 'en-US" w:eastAsia="en-US')[0] == "字" * 26


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        ("a", "b", False), ("1", "2", False), ("文", "字", True), ("文", "a", True), ("a", "（", False), ("文", "（", True),
        ("（", "文", False), ("文", "，", False), ("-", "9", False), ("-", "a", True), ("/", "a", True), ("9", "%", False),
        ("—", "—", False), ("\u00a0", "a", False), ("￥", "9", False), ("}", "}", False), ("}", "a", True),
    ],
)  # fmt: skip
def test_between_which_characters_western_text_may_break(before: str, after: str, may: bool) -> None:
    assert allows_break_between(before, after) is may


def test_nothing_of_the_layout_is_noted_as_missing(fonts: FontCatalog) -> None:
    word = word_file(paragraph("买\u2060买\u200d提"))
    assert lay_out_document(word, fonts).warnings == ()


@pytest.mark.parametrize(("mode", "asked", "pitch"), [(15, False, 28.95), (14, True, 28.95), (14, False, 0)])
def test_lines_in_cells_keep_to_the_grid_since_word_2013_or_where_asked(
    to_pdf: ToPdf, mode: int, asked: bool, pitch: float
) -> None:
    settings = MODERN.replace('w:val="15"', f'w:val="{mode}"')
    if asked:
        settings = settings.replace("<w:compat>", "<w:compat><w:adjustLineHeightInTable/>")
    cell = paragraph(run("字" * 80, '<w:sz w:val="21"/>'))
    body = table([[cell]], [8000]) + paragraph()
    first, second, *_ = rows(to_pdf(word_file(body, section=LINES_PAGE, settings=settings)).pdf)
    apart = second[0].y - first[0].y
    assert abs(apart - pitch) < 0.1 if pitch else apart < 20
