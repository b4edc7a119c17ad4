"""Symbol fonts by their text, characters over one another, emphasis, borders, shading and diagonals of Word."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest

from formsvc.docxpdf import FontCatalog, PdfMetadata, PdfProfile, PdfResult, convert
from formsvc.docxpdf.pdf.pdfa import Archive
from tests.support.docx_samples.raw_xml import paragraph, run, word_file
from tests.support.docx_samples.real_world import A4
from tests.support.pdf_text import picture_of, rows, text

ToPdf = Callable[[bytes], PdfResult]
LEFT, TOP = 90, 72


def font(name: str) -> str:
    return f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}"/>'


def a_page(body: str) -> bytes:
    return word_file(body, section=A4)


def field(code: str, result: str | None = None) -> str:
    """A field, with or without a kept result."""
    parts = [
        '<w:fldChar w:fldCharType="begin"/>',
        f'<w:instrText xml:space="preserve"> {code} </w:instrText>',
    ]
    runs = "".join(f"<w:r>{x}</w:r>" for x in parts)
    if result is not None:
        runs += f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(result)}'
    return runs + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


@pytest.mark.parametrize(
    ("name", "written", "drawn"),
    [
        ("Wingdings 2", "R", "☑"),
        ("Wingdings 2", "£", "☐"),
        ("wingdings 2", "P", "✓"),
        ("Wingdings", "þ", "☑"),
        ("Wingdings", "\uf0fe", "☑"),
        ("Wingdings", "\uf0a8", "☐"),
        ("Wingdings", "lnü", "●■✓"),
        ("Webdings", "a", "✓"),
        ("Symbol", "ab£³", "αβ≤≥"),
        ("Symbol", "\uf0b1", "±"),
        # other fonts, and real characters in a symbol font, are printed as they are
        ("Times New Roman", "R£", "R£"),
        ("Wingdings 2", "☑附件", "☑附件"),
        ("宋体", "P", "P"),
    ],
)
def test_text_in_a_symbol_font_is_printed_as_word_draws_it(
    to_pdf: ToPdf, name: str, written: str, drawn: str
) -> None:
    result = to_pdf(a_page(paragraph(run(written, font(name)) + run("附件"))))
    assert text(result.pdf) == drawn + "附件"
    assert result.warnings == ()


def test_a_private_character_takes_the_symbol_font_of_any_script(to_pdf: ToPdf) -> None:
    for fonts in (
        '<w:rFonts w:hAnsi="Wingdings"/>',
        '<w:rFonts w:eastAsia="Wingdings" w:hint="eastAsia"/>',
        font("Wingdings"),
    ):
        assert text(to_pdf(a_page(paragraph(run("\uf0fe", fonts)))).pdf) == "☑"
    result = to_pdf(a_page(paragraph(run("\uf0ff", font("Wingdings")))))
    assert text(result.pdf) == "□" and "符号字体“Wingdings”的字符 F0FF" in result.warnings[0]


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        (r"eq \o\ac(○,密)", "○密"),
        (r"EQ \o\ac(□,印)", "□印"),
        (r"eq \o(\s\up 8(应急),\s\do 3(消防))", "应急消防"),
        (r"eq \x(框)", "框"),
        (r"SYMBOL 254 \f &quot;Wingdings&quot; \s 12", "☑"),
    ],
)
def test_a_field_that_word_draws_itself_is_printed(to_pdf: ToPdf, code: str, printed: str) -> None:
    result = to_pdf(a_page(paragraph(run("甲") + field(code) + run("乙"))))
    assert sorted(text(result.pdf)) == sorted(f"甲{printed}乙")
    assert result.warnings == ()
    # a kept result is printed instead
    assert text(to_pdf(a_page(paragraph(field(code, "果")))).pdf) == "果"


def test_letters_over_one_another_share_one_place(to_pdf: ToPdf) -> None:
    (line,) = rows(to_pdf(a_page(paragraph(run("甲") + field(r"eq \o\ac(○,密)") + run("乙")))).pdf)
    where = {g.char: g.x for g in line}
    assert where["密"] == pytest.approx(where["甲"] + 16, abs=1) and where["乙"] == pytest.approx(
        where["甲"] + 32, abs=1
    )
    assert where["○"] == pytest.approx(where["密"], abs=1)


def test_a_field_that_cannot_be_printed_is_named(to_pdf: ToPdf) -> None:
    for code, name in ((r"eq \f(1,2)", "1,2"), (r"DATE \@ yyyy", "DATE"), ("TOC", "TOC")):
        result = to_pdf(a_page(paragraph(run("甲") + field(code))))
        assert (
            len(result.warnings) == 1
            and result.warnings[0].startswith("第1段“甲”：")
            and name in result.warnings[0]
        )
    # empty results that are right: an index entry, an empty merge field, a date with its result
    for code, kept in (("XE &quot;词&quot;", None), ("MERGEFIELD 备注", None), (r"DATE \@ yyyy", "2026")):
        assert to_pdf(a_page(paragraph(run("甲") + field(code, kept)))).warnings == ()


@pytest.mark.parametrize(
    ("brackets", "printed"), [("", "应急管理消防队"), ('w:combineBrackets="round"', "(应急管理消防队)")]
)
def test_two_lines_in_one_stand_over_each_other(to_pdf: ToPdf, brackets: str, printed: str) -> None:
    layout = f'<w:eastAsianLayout w:id="1" w:combine="1" {brackets}/>'
    pdf = to_pdf(
        a_page(paragraph(run("区") + run("应急管", layout) + run("理消防队", layout) + run("文件")))
    ).pdf
    assert sorted(text(pdf)) == sorted(f"区{printed}文件")
    where = {g.char: (g.x, g.y) for row in rows(pdf) for g in row}
    assert where["消"][0] == pytest.approx(where["应"][0], abs=1) or where["防"][0] == pytest.approx(
        where["应"][0], abs=9
    )
    assert where["应"][1] < where["区"][1] < where["队"][1] + 1.5
    # four letters of half the size: as wide as two
    extra = 2 * 5.4 if brackets else 0
    assert where["文"][0] - where["区"][0] == pytest.approx(16 + 32 + extra, abs=2)


def _dark(pdf: bytes, left: float, top: float, right: float, bottom: float) -> float:
    """Share of dark points in a part of the page."""
    part = picture_of(pdf, scale=4).convert("L").crop(tuple(int(4 * v) for v in (left, top, right, bottom)))
    histogram = part.histogram()
    return float(sum(histogram[:160]) / sum(histogram))


def test_emphasis_is_drawn_and_leaves_the_words_whole(to_pdf: ToPdf) -> None:
    for mark, above in (("dot", False), ("underDot", False), ("circle", True), ("comma", True)):
        pdf = to_pdf(a_page(paragraph(run("一一一", f'<w:em w:val="{mark}"/>') + run("一一一")))).pdf
        assert text(pdf) == "一一一一一一"
        base = rows(pdf)[0][0].y
        # 一 leaves the room above and below it free
        band = (base - 20, base - 10) if above else (base + 1, base + 8)
        assert _dark(pdf, LEFT, band[0], LEFT + 48, band[1]) > 0.005, mark
        assert _dark(pdf, LEFT + 50, band[0], LEFT + 98, band[1]) == 0, mark
    plain = to_pdf(a_page(paragraph(run("一一一", '<w:em w:val="none"/>')))).pdf
    assert _dark(plain, LEFT, rows(plain)[0][0].y + 1, LEFT + 48, rows(plain)[0][0].y + 8) == 0


def test_a_border_of_characters_goes_around_all_its_runs(to_pdf: ToPdf) -> None:
    border = '<w:bdr w:val="single" w:sz="8" w:color="auto"/>'
    pdf = to_pdf(
        a_page(paragraph(run("前") + run("一一", border) + run("一", border + "<w:b/>") + run("后")))
    ).pdf
    base = rows(pdf)[0][0].y
    assert text(pdf) == "前一一一后"
    left, right = LEFT + 16, LEFT + 64
    assert _dark(pdf, left - 0.5, base - 10, left + 1, base) > 0.3
    assert _dark(pdf, right - 1, base - 10, right + 0.5, base) > 0.3
    # no line between its runs
    assert _dark(pdf, left + 31.7, base - 2, left + 32.3, base) == 0
    assert _dark(to_pdf(a_page(paragraph("前一一一后"))).pdf, left - 0.5, base - 10, left + 1, base) < 0.3


def _color(pdf: bytes, x: float, y: float) -> tuple[int, int, int]:
    return picture_of(pdf, scale=2).convert("RGB").getpixel((int(2 * x), int(2 * y)))


def test_a_shaded_paragraph_is_shaded_between_its_indents(to_pdf: ToPdf) -> None:
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="{}"/>'
    body = (
        paragraph(run("一"), shade.format("D9D9D9") + '<w:ind w:left="800"/>')
        + paragraph(run("一"), shade.format("auto"))
        + paragraph(run("一"), shade.format("FF0000") + '<w:ind w:left="800" w:hanging="400"/>')
    )
    pdf = to_pdf(a_page(body)).pdf
    first, second, third = (row[0].y for row in rows(pdf))
    assert _color(pdf, 400, first - 2) == (217, 217, 217) and _color(pdf, LEFT + 30, first - 2) == (
        255,
        255,
        255,
    )
    assert _color(pdf, 400, second - 2) == (255, 255, 255)
    assert _color(pdf, LEFT + 25, third - 2) == (255, 0, 0) and _color(pdf, LEFT + 15, third - 2) == (
        255,
        255,
        255,
    )


@pytest.mark.parametrize(("diagonal", "corners"), [("tl2br", "top left"), ("tr2bl", "top right"), ("", "")])
def test_a_cell_has_its_diagonal_from_corner_to_corner(to_pdf: ToPdf, diagonal: str, corners: str) -> None:
    edge = f'<w:tcBorders><w:{diagonal} w:val="single" w:sz="8"/></w:tcBorders>' if diagonal else ""
    rows_of = '<w:tr><w:trPr><w:trHeight w:val="1000" w:hRule="exact"/></w:trPr><w:tc><w:tcPr><w:tcW w:w="2000" w:type="dxa"/>'
    table = f'<w:tbl><w:tblPr><w:tblInd w:w="108"/></w:tblPr><w:tblGrid><w:gridCol w:w="2000"/></w:tblGrid>{rows_of}{edge}</w:tcPr>{paragraph()}</w:tc></w:tr></w:tbl>'
    pdf = to_pdf(a_page(table + paragraph())).pdf
    left = _dark(pdf, LEFT, TOP, LEFT + 12, TOP + 8) > 0
    right = _dark(pdf, LEFT + 88, TOP, LEFT + 100, TOP + 8) > 0
    assert (left, right) == ("left" in corners, "right" in corners)
    assert (_dark(pdf, LEFT + 45, TOP + 20, LEFT + 55, TOP + 30) > 0) == bool(diagonal)


@pytest.mark.parametrize("archive", ["a-2b", "a-3b", ""])
def test_print_dialogs_keep_the_size_of_the_pages(fonts: FontCatalog, archive: Archive) -> None:
    docx = a_page(paragraph("正文"))
    profile = PdfProfile(archive=archive)
    pdf = convert(docx, fonts, PdfMetadata("测试文书", "北林区消防安全委员会办公室"), profile=profile).pdf
    with pikepdf.open(io.BytesIO(pdf)) as document:
        preferences = document.Root.ViewerPreferences
        assert preferences.PrintScaling == "/None" and preferences.DisplayDocTitle
        assert b"pdfaid:part" in document.Root.Metadata.read_bytes() or not archive
