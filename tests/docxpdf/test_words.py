"""Every word of the Word file, in its order, in the right letters; what cannot be set is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from docx import Document
from docx.shared import Pt

from formsvc.docxpdf import FontCatalog, PdfMetadata, PdfResult, convert
from tests.support.docx_samples.raw_xml import STYLES, paragraph, part, relation, run, table, word_file
from tests.support.pdf_text import everything, glyphs, lines, picture_of, text

ToPdf = Callable[[bytes], PdfResult]
RARE = "䶮㛃𬭊𫖯𠅤喆堃犇"


def test_rare_characters_of_names_are_drawn_by_chinese_fonts(to_pdf: ToPdf) -> None:
    for font in ("仿宋_GB2312", "楷体_GB2312", "宋体", "黑体", "方正小标宋简体"):
        result = to_pdf(word_file(paragraph(run(f"当事人：{RARE}", f'<w:rFonts w:eastAsia="{font}"/>'))))
        assert text(result.pdf) == f"当事人：{RARE}"
        assert result.warnings == ()
        used = {g.font for g in glyphs(result.pdf)}
        assert used and not any(re.search("JP|Japan|CJKjp|KR|TC|Dummy", name) for name in used), used


def test_no_character_is_left_as_an_empty_box(to_pdf: ToPdf) -> None:
    result = to_pdf(word_file(paragraph(f"{RARE}☑□℃①②㎡〔2026〕—……“”‘’·×±≤")))
    for glyph in glyphs(result.pdf):
        assert glyph.char != "\ufffd"
    assert b".notdef" not in result.pdf
    assert result.warnings == ()


def test_a_character_no_font_has_is_named(to_pdf: ToPdf) -> None:
    result = to_pdf(word_file(paragraph("王\U000e0fff𰻝\U0002fa1e")))
    assert any("没有字体能显示" in w for w in result.warnings)


def test_an_unknown_font_is_named_with_what_stands_in(to_pdf: ToPdf) -> None:
    result = to_pdf(word_file(paragraph(run("字", '<w:rFonts w:eastAsia="某某手写体"/>'))))
    assert result.warnings == ("第1段“字”：没有字体“某某手写体”，以 NotoSerifCJKsc-Regular 代替。",)


def test_a_word_file_made_by_python_docx_keeps_its_words(to_pdf: ToPdf, tmp_path: Path) -> None:
    document = Document()
    document.styles["Normal"].font.size = Pt(14)
    document.add_heading("责令限期改正通知书", level=1)
    document.add_paragraph("经查，你单位存在下列火灾隐患：").add_run("安全出口锁闭").bold = True
    table = document.add_table(rows=2, cols=3, style="Table Grid")
    for index, cell in enumerate(table._cells):
        cell.text = f"格{index}"
    document.add_paragraph("第一项", style="List Number")
    document.add_paragraph("第二项", style="List Number")
    document.save(str(tmp_path / "a.docx"))
    result = to_pdf((tmp_path / "a.docx").read_bytes())
    assert (
        text(result.pdf)
        == "责令限期改正通知书经查，你单位存在下列火灾隐患：安全出口锁闭格0格1格2格3格4格51.第一项2.第二项"
    )


def test_automatic_numbers_count_as_in_official_documents(to_pdf: ToPdf) -> None:
    def level(place: int, shape: str, pattern: str) -> str:
        return f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{shape}"/><w:suff w:val="nothing"/><w:lvlText w:val="{pattern}"/></w:lvl>'

    levels = (
        level(0, "chineseCountingThousand", "%1、")
        + level(1, "chineseCounting", "（%2）")
        + level(2, "decimal", "%3．")
    )
    numbering = part(
        "numbering",
        f'<w:abstractNum w:abstractNumId="1">{levels}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>',
    )
    body = "".join(
        paragraph("项", f'<w:numPr><w:ilvl w:val="{n}"/><w:numId w:val="1"/></w:numPr>')
        for n in (0, 1, 1, 2, 0, 1)
    )
    document = word_file(
        body, parts={"word/numbering.xml": numbering}, relations=relation("n1", "numbering", "numbering.xml")
    )
    assert lines(to_pdf(document).pdf) == ["一、项", "（一）项", "（二）项", "1．项", "二、项", "（一）项"]


def test_digits_take_the_latin_font_and_brackets_the_chinese_one(to_pdf: ToPdf) -> None:
    found = {g.char: g.font for g in glyphs(to_pdf(word_file(paragraph("〔2026〕“号”"))).pdf)}
    assert "Liberation" in found["2"]
    assert all("Fandol" in found[c] for c in "〔〕“”号")


def test_blanks_to_be_filled_in_are_underlined(to_pdf: ToPdf) -> None:
    pdf = to_pdf(word_file(paragraph(run("签名") + run(" " * 20, '<w:u w:val="single"/>')))).pdf
    page = picture_of(pdf, scale=4)
    baseline = next(g.y for g in glyphs(pdf))
    dark = [
        x
        for x in range(page.width)
        if any(sum(page.getpixel((x, round((baseline + d) * 4)))) < 300 for d in (1, 2, 2.5, 3))
    ]
    assert (max(dark) - 1588 / 20 * 4) / 4 > 2 * 16 + 18 * 4


def test_hidden_and_deleted_text_stays_out(to_pdf: ToPdf) -> None:
    body = paragraph(
        run("见")
        + run("隐", "<w:vanish/>")
        + "<w:del><w:r><w:delText>删</w:delText></w:r></w:del>"
        + f"<w:ins>{run('增')}</w:ins>"
    )
    assert text(to_pdf(word_file(body)).pdf) == "见增"


def test_content_controls_links_and_cached_fields_keep_their_text(to_pdf: ToPdf) -> None:
    marks = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DATE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>',
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
    )
    body = paragraph(
        f'<w:sdt><w:sdtContent>{run("控件")}</w:sdtContent></w:sdt><w:hyperlink r:id="h1">{run("网址")}</w:hyperlink>{marks[0]}{run("日期")}{marks[1]}'
    )
    document = word_file(body, relations=relation("h1", "hyperlink", "https://www.gov.cn/", outside=True))
    result = to_pdf(document)
    assert text(result.pdf) == "控件网址日期"
    assert b"https://www.gov.cn/" in everything(result.pdf)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<w:r><w:footnoteReference/></w:r>", "脚注未排出"),
        ("<w:r><w:object/></w:r>", "嵌入的对象（OLE）"),
        ('<w:r><w:sym w:font="Webdings" w:char="F0FF"/></w:r>', "符号字体“Webdings”"),
    ],
)
def test_what_cannot_be_set_is_said_with_its_place(to_pdf: ToPdf, content: str, said: str) -> None:
    warnings = to_pdf(word_file(paragraph(content + run("字")))).warnings
    assert any(w.startswith("第1段“字”：") and said in w for w in warnings), warnings


def test_bold_without_a_bold_cut_is_thickened(to_pdf: ToPdf) -> None:
    def ink(properties: str) -> int:
        page = picture_of(to_pdf(word_file(paragraph(run("消防安全" * 5, properties)))).pdf, scale=3).convert(
            "L"
        )
        return sum(255 - value for value in page.get_flattened_data())

    assert ink("<w:b/>") > 1.15 * ink("")


def test_the_same_word_file_makes_the_same_bytes(to_pdf: ToPdf) -> None:
    document = word_file(paragraph("同样的输入，同样的字节。" * 30))
    assert to_pdf(document).pdf == to_pdf(document).pdf


def test_the_pdf_says_what_it_is(fonts: FontCatalog) -> None:
    metadata = PdfMetadata("关于 <b>消防</b> 的通知", "北林区", "北消安办〔2026〕1号", "2026-09-21")
    made = convert(word_file(paragraph("字")), fonts, metadata)
    with pypdfium2.PdfDocument(made.pdf) as document:
        said = document.get_metadata_dict()
    assert said["Title"] == "关于 <b>消防</b> 的通知"
    assert said["Author"] == "北林区"
    assert said["Subject"] == "北消安办〔2026〕1号"
    assert said["CreationDate"].startswith("D:20260921")
    inside = everything(made.pdf)
    assert b"GTS_PDFA1" in inside and b"/Lang (zh-CN)" in inside
    assert b"<pdfaid:part>2<" in inside and b"<pdfaid:conformance>B<" in inside


def test_spacing_between_paragraphs_of_one_style_can_be_dropped(to_pdf: ToPdf) -> None:
    loose = (
        '<w:snapToGrid w:val="0"/><w:spacing w:before="200" w:after="200" w:line="400" w:lineRule="exact"/>'
    )
    tight = loose + "<w:contextualSpacing/>"
    for properties, gap in ((loose, 30), (tight, 20)):
        first, second = glyphs(
            to_pdf(word_file(paragraph("一", properties) + paragraph("二", properties))).pdf
        )
        assert abs(second.y - first.y - gap) < 0.01


def test_styles_are_followed_down_their_chain(to_pdf: ToPdf) -> None:
    styles = STYLES + (
        '<w:style w:type="paragraph" w:styleId="b"><w:basedOn w:val="a"/><w:rPr><w:rFonts w:eastAsia="黑体"/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="c"><w:basedOn w:val="b"/><w:pPr><w:jc w:val="center"/></w:pPr></w:style>'
    )
    (glyph,) = glyphs(to_pdf(word_file(paragraph("题", '<w:pStyle w:val="c"/>'), styles=styles)).pdf)
    assert "NotoSans" in glyph.font.replace(" ", "")
    assert abs(glyph.x - 1588 / 20 - (442.2 - 16) / 2) < 1


def test_a_table_style_dresses_its_first_row_and_bands(to_pdf: ToPdf) -> None:
    styles = STYLES + (
        '<w:style w:type="table" w:styleId="t"><w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr>'
        '<w:tcPr><w:shd w:fill="4F81BD"/></w:tcPr></w:tblStylePr>'
        '<w:tblStylePr w:type="band1Horz"><w:tcPr><w:shd w:fill="DCE6F1"/></w:tcPr></w:tblStylePr></w:style>'
    )
    look = '<w:tblStyle w:val="t"/><w:tblLook w:firstRow="1" w:noVBand="1" w:noHBand="0"/>'
    body = table([["头"], ["一"], ["二"]], [4000], properties=look)
    pdf = to_pdf(word_file(body, styles=styles)).pdf
    page = picture_of(pdf)
    found = glyphs(pdf)
    colors = [page.getpixel((round(g.x + 60), round(g.y - 4))) for g in found]
    assert colors == [(0x4F, 0x81, 0xBD), (0xDC, 0xE6, 0xF1), (255, 255, 255)]
