"""Boxes on the page: tables at a place of their own, text beside pictures, sections, columns, borders, shapes, frames."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from formsvc.bootstrap import build_checker
from formsvc.documents.checking.check import layout_warnings
from formsvc.docxpdf import PdfResult
from tests.support.docx_samples.raw_xml import (
    MODERN,
    STYLES,
    page_field,
    paragraph,
    part,
    relation,
    run,
    seal_picture,
    table,
    word_file,
)
from tests.support.docx_samples.real_world import A4, LINES, cell, row, span, table_of, text
from tests.support.pdf_text import Glyph, glyphs, lines, pages, picture_of, rows
from tests.support.sample_office import settings_in

ToPdf = Callable[[bytes], PdfResult]
SENTENCE = "各单位应当于收到本通知之日起三日内完成消防安全自查并书面报告。"
EMU = 12700
LEFT, TOP = 90.0, 72.0
PICTURE: dict[str, str | bytes] = {"word/media/seal.png": seal_picture()}
IMAGE = relation("i1", "image", "media/seal.png")
SHAPE = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"


def anchored(
    content: str,
    size: tuple[float, float],
    at: tuple[float, float],
    *,
    wrap: str = "wrapNone",
    base: tuple[str, str] = ("column", "paragraph"),
) -> str:
    """A drawing beside the text; places and sizes in points."""
    (width, height), (x, y) = size, at
    return (
        '<w:r><w:drawing><wp:anchor behindDoc="0" simplePos="0" relativeHeight="1"><wp:simplePos x="0" y="0"/>'
        f'<wp:positionH relativeFrom="{base[0]}"><wp:posOffset>{int(x * EMU)}</wp:posOffset></wp:positionH>'
        f'<wp:positionV relativeFrom="{base[1]}"><wp:posOffset>{int(y * EMU)}</wp:posOffset></wp:positionV>'
        f'<wp:extent cx="{int(width * EMU)}" cy="{int(height * EMU)}"/><wp:{wrap}/><wp:docPr id="1" name="图1"/>'
        f'<a:graphic><a:graphicData uri="{SHAPE}">{content}</a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>'
    )


def picture(size: tuple[float, float], at: tuple[float, float], **options: object) -> str:
    """A picture beside the text."""
    drawn = '<pic:pic><pic:blipFill><a:blip r:embed="i1"/></pic:blipFill><pic:spPr/></pic:pic>'
    return anchored(drawn, size, at, **options)  # type: ignore[arg-type]


def box(content: str, size: tuple[float, float], at: tuple[float, float], **options: object) -> str:
    """A text box without inner margins."""
    shape = (
        '<wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr><a:prstGeom prst="rect"/><a:noFill/></wps:spPr>'
        f'<wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx><wps:bodyPr lIns="0" tIns="0" rIns="0" bIns="0"/></wps:wsp>'
    )
    return anchored(shape, size, at, **options)  # type: ignore[arg-type]


def page_file(body: str, section: str = "", **options: object) -> bytes:
    """An A4 file with ordinary margins."""
    return word_file(body, section=section + A4, **options)  # type: ignore[arg-type]


def place(pdf: bytes, word: str) -> Glyph:
    """The first character of a word."""
    found = glyphs(pdf)
    letters = "".join(g.char for g in found)
    assert word in letters, letters
    return found[letters.index(word)]


def dark(pdf: bytes, area: tuple[int, int, int, int], page: int = 0, channel: str = "L") -> int:
    """How many dark points an area of a page has, at one point a pixel."""
    image = picture_of(pdf, page).convert(channel).crop(area)
    return sum(1 for v in image.tobytes() if v < 160)


def test_lines_beside_a_picture_are_as_short_as_the_room_it_leaves(to_pdf: ToPdf) -> None:
    body = paragraph(
        picture((200, 60), (215, 0), wrap="wrapSquare") + run(SENTENCE * 6, '<w:sz w:val="21"/>')
    )
    found = rows(to_pdf(page_file(body, parts=PICTURE, relations=IMAGE)).pdf)
    ends = [line[-1].x for line in found[:-1]]
    assert all(end < LEFT + 216 for end in ends[:3])
    assert ends[-1] > 480
    assert "".join(g.char for line in found for g in line) == SENTENCE * 6


def test_text_goes_on_below_a_picture_that_stands_across(to_pdf: ToPdf) -> None:
    body = text("上文") + paragraph(
        picture((400, 100), (0, 5), wrap="wrapTopAndBottom") + run("下文", '<w:sz w:val="21"/>')
    )
    pdf = to_pdf(page_file(body, parts=PICTURE, relations=IMAGE)).pdf
    assert 100 < place(pdf, "下文").y - place(pdf, "上文").y < 140


def test_a_table_placed_on_the_page_stands_there_and_the_text_above_it_stays(to_pdf: ToPdf) -> None:
    placed = '<w:tblpPr w:vertAnchor="page" w:horzAnchor="page" w:tblpX="2000" w:tblpY="6000"/>'
    body = (
        text("甲段") + table([["表格", "乙"]], [3500, 3500], properties=placed) + text("丙段") + text("丁段")
    )
    pdf = to_pdf(page_file(body)).pdf
    cell_text = place(pdf, "表格")
    assert 300 < cell_text.y < 322
    assert abs(cell_text.x - 100) < 6
    assert place(pdf, "丁段").y < 130


def test_text_stands_beside_a_narrow_placed_table(to_pdf: ToPdf) -> None:
    placed = (
        '<w:tblpPr w:vertAnchor="text" w:horzAnchor="margin" w:tblpX="0" w:tblpY="0" w:rightFromText="180"/>'
    )
    body = table([["左表"]] * 3, [2000], properties=placed) + text(SENTENCE * 5)
    pdf = to_pdf(page_file(body)).pdf
    assert place(pdf, "各单位").x > LEFT + 100
    assert abs(place(pdf, "各单位").y - place(pdf, "左表").y) < 12


def test_sections_that_go_on_share_a_page_and_columns_are_balanced(to_pdf: ToPdf) -> None:
    def ends(properties: str) -> str:
        return f"<w:p><w:pPr><w:sectPr>{properties}{A4}</w:sectPr></w:pPr></w:p>"

    body = text("通栏") + ends("") + text(SENTENCE * 12)
    body += ends('<w:type w:val="continuous"/><w:cols w:num="2" w:space="425"/>') + text("栏后")
    result = to_pdf(page_file(body, '<w:type w:val="continuous"/>'))
    assert pages(result.pdf) == 1
    starts = {round(line[0].x) for line in rows(result.pdf)}
    assert any(x > 300 for x in (g.x for g in glyphs(result.pdf)))
    assert place(result.pdf, "栏后").x < 100 and starts
    assert result.warnings == ()


def test_a_field_counts_the_pages_of_its_section(to_pdf: ToPdf) -> None:
    foot = part(
        "ftr",
        paragraph(
            run("本节") + page_field("SECTIONPAGES") + run("页共") + page_field("NUMPAGES") + run("页")
        ),
    )
    first = (
        f'<w:p><w:pPr><w:sectPr><w:footerReference w:type="default" r:id="f1"/>{A4}</w:sectPr></w:pPr></w:p>'
    )
    body = "".join(text("行") for _ in range(60)) + first + text("末")
    pdf = to_pdf(
        page_file(body, parts={"word/footer1.xml": foot}, relations=relation("f1", "footer", "footer1.xml"))
    ).pdf
    assert [lines(pdf, page=n)[-1] for n in range(3)] == ["本节2页共3页", "本节2页共3页", "本节1页共3页"]


def test_a_column_break_in_a_single_column_begins_a_page(to_pdf: ToPdf) -> None:
    body = paragraph(run("甲") + '<w:r><w:br w:type="column"/></w:r>' + run("乙"))
    assert pages(to_pdf(page_file(body)).pdf) == 2


def test_a_page_border_stands_at_its_distance_from_the_edge_of_the_paper(to_pdf: ToPdf) -> None:
    sides = "".join(
        f'<w:{s} w:val="single" w:sz="16" w:space="24" w:color="000000"/>'
        for s in ("top", "left", "bottom", "right")
    )
    pdf = to_pdf(page_file(text("文"), f'<w:pgBorders w:offsetFrom="page">{sides}</w:pgBorders>')).pdf
    assert dark(pdf, (100, 22, 200, 29)) >= 100
    assert dark(pdf, (22, 100, 29, 200)) >= 100
    assert dark(pdf, (100, 30, 200, 60)) == 0


def test_a_high_header_pushes_the_text_down_unless_the_margin_is_fixed(to_pdf: ToPdf) -> None:
    head = part("hdr", "".join(text(f"页眉{n}") for n in range(6)))
    parts, relations = {"word/header1.xml": head}, relation("h1", "header", "header1.xml")
    reference = '<w:headerReference w:type="default" r:id="h1"/>'
    pushed = place(to_pdf(page_file(text("正文"), reference, parts=parts, relations=relations)).pdf, "正文").y
    fixed = word_file(
        text("正文"),
        section=reference + A4.replace('w:top="1440"', 'w:top="-1440"'),
        parts=parts,
        relations=relations,
    )
    assert pushed > 125
    assert place(to_pdf(fixed).pdf, "正文").y < 90


@pytest.mark.parametrize("where", ["header", "footer"])
def test_boxes_in_headers_and_footers_are_placed_from_the_page(to_pdf: ToPdf, where: str) -> None:
    content = text("行") + paragraph(box(text("框"), (60, 30), (100, 200), base=("page", "page")))
    parts = {f"word/{where}1.xml": part("hdr" if where == "header" else "ftr", content)}
    reference = f'<w:{where}Reference w:type="default" r:id="r9"/>'
    pdf = to_pdf(
        page_file(text("正文"), reference, parts=parts, relations=relation("r9", where, f"{where}1.xml"))
    ).pdf
    found = place(pdf, "框")
    assert abs(found.x - 100) < 1.5
    assert 205 < found.y < 218


def test_a_dark_pattern_fills_a_cell(to_pdf: ToPdf) -> None:
    solid = '<w:shd w:val="solid" w:color="auto" w:fill="auto"/>'
    body = table_of(
        [4000], row(cell(text("白字", look='<w:color w:val="FFFFFF"/><w:sz w:val="21"/>'), 4000, solid))
    )
    assert dark(to_pdf(page_file(body)).pdf, (200, 74, 250, 84)) > 400


def test_each_part_of_a_table_style_keeps_its_own_edges(to_pdf: ToPdf) -> None:
    sides = "".join(
        f'<w:{s} w:val="single" w:sz="8" w:color="000000"/>' for s in ("top", "left", "bottom", "right")
    )
    none = '<w:tcBorders><w:insideH w:val="nil"/><w:insideV w:val="nil"/></w:tcBorders>'
    style = (
        '<w:style w:type="table" w:styleId="t1"><w:name w:val="格式"/><w:tblPr><w:tblBorders>'
        + sides
        + "</w:tblBorders></w:tblPr>"
        f'<w:tblStylePr w:type="band1Horz"><w:tcPr>{none}</w:tcPr></w:tblStylePr></w:style>'
    )
    look = '<w:tblStyle w:val="t1"/><w:tblLook w:val="0000" w:noVBand="1" w:noHBand="0"/>'
    body = (
        f'<w:tbl><w:tblPr>{look}</w:tblPr><w:tblGrid><w:gridCol w:w="4000"/><w:gridCol w:w="4000"/></w:tblGrid>{row(cell("甲", 4000), cell("乙", 4000))}</w:tbl>'
        + text("")
    )
    pdf = to_pdf(page_file(body, styles=STYLES + style)).pdf
    left, top = int(LEFT), int(TOP)
    assert dark(pdf, (left + 100, top - 2, left + 150, top + 3)) >= 50
    assert dark(pdf, (left - 2, top + 4, left + 3, top + 12)) >= 6
    assert dark(pdf, (left + 195, top + 4, left + 204, top + 12)) == 0


def test_a_row_that_goes_on_on_the_next_page_is_closed_there_and_here(to_pdf: ToPdf) -> None:
    long = "".join(text(f"第{n}行") for n in range(60))
    pdf = to_pdf(page_file(table_of([8000], row(cell(long, 8000))) + text(""))).pdf
    last = max(g.y for g in glyphs(pdf) if g.page == 0)
    assert dark(pdf, (150, int(last) + 1, 250, int(last) + 16)) >= 100
    assert dark(pdf, (300, 68, 400, 77), page=1) >= 100


def test_upright_text_runs_down_its_cell(to_pdf: ToPdf) -> None:
    upright = '<w:textDirection w:val="tbRlV"/><w:vAlign w:val="center"/>'
    height = '<w:trHeight w:val="2400"/>'
    body = table_of(
        [800, 4000],
        row(
            cell(text("当事人", '<w:jc w:val="center"/>'), 800, upright),
            cell("内容", 4000),
            properties=height,
        ),
    ) + text("后")
    pdf = to_pdf(page_file(body)).pdf
    found = [g for g in glyphs(pdf) if g.char in "当事人"]
    assert len({round(g.x) for g in found}) == 1
    assert [round(b.y - a.y) for a, b in zip(found, found[1:], strict=False)] == [10, 10]
    assert abs(sum(g.y for g in found) / 3 - (TOP + 60)) < 8
    assert "".join(g.char for g in glyphs(pdf)) == "当事人内容后"


def test_members_of_groups_stand_at_their_places(to_pdf: ToPdf) -> None:
    group = (
        '<w:p><w:r><w:pict><v:group style="position:absolute;margin-left:0;margin-top:100pt;width:200pt;height:60pt" coordsize="2000,600">'
        '<v:rect style="position:absolute;left:1000;top:200;width:900;height:300"><v:textbox inset="0mm,0mm,0mm,0mm"><w:txbxContent>'
        f"{text('组内')}</w:txbxContent></v:textbox></v:rect></v:group></w:pict></w:r></w:p>"
    )
    result = to_pdf(page_file(group))
    found = place(result.pdf, "组内")
    assert abs(found.x - LEFT - 100) < 2
    assert 195 < found.y < 212
    assert result.warnings == ()


def test_a_watermark_stands_in_the_middle_of_the_page(to_pdf: ToPdf) -> None:
    art = (
        '<w:p><w:r><w:pict><v:shape type="#_x0000_t136" style="position:absolute;width:300pt;height:100pt;z-index:-1;'
        "mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-position-vertical:center;"
        'mso-position-vertical-relative:margin" fillcolor="silver" stroked="f"><v:textpath string="内部资料"/></v:shape></w:pict></w:r></w:p>'
    )
    reference = '<w:headerReference w:type="default" r:id="h1"/>'
    parts, relations = {"word/header1.xml": part("hdr", art)}, relation("h1", "header", "header1.xml")
    pdf = to_pdf(page_file(text("正文"), reference, parts=parts, relations=relations)).pdf
    found = [g for g in glyphs(pdf) if g.char in "内部资料"]
    assert "".join(g.char for g in found) == "内部资料"
    assert abs(found[0].x - (595.3 - 300) / 2) < 3
    assert abs(found[0].y - (841.9 / 2 + 38)) < 6


def test_paragraphs_of_one_frame_stand_below_each_other(to_pdf: ToPdf) -> None:
    frame = '<w:framePr w:w="2000" w:hSpace="180" w:wrap="around" w:vAnchor="text" w:hAnchor="margin" w:x="1" w:y="1"/>'
    body = text("框一", frame) + text("框二", frame) + text(SENTENCE * 4)
    pdf = to_pdf(page_file(body)).pdf
    assert place(pdf, "框二").y - place(pdf, "框一").y > 10
    assert place(pdf, "各单位").x > LEFT + 100


def test_a_table_without_any_widths_is_fitted_to_its_words(to_pdf: ToPdf) -> None:
    bare = "".join(f"<w:tc><w:tcPr/>{text(t)}</w:tc>" for t in ("短", "这一格里的字要多得多也长得多"))
    pdf = to_pdf(page_file(f"<w:tbl><w:tblPr/><w:tr>{bare}</w:tr></w:tbl>" + text(""))).pdf
    assert 15 < place(pdf, "这一格").x - place(pdf, "短").x < 30
    assert len(rows(pdf)) == 1


def test_a_column_grows_for_a_word_it_cannot_break(to_pdf: ToPdf) -> None:
    cells = row(cell("XXFX2026092100017", 1000), cell("名称", 7000))
    pdf = to_pdf(page_file(table_of([1000, 7000], cells) + text(""))).pdf
    assert lines(pdf)[0] == "XXFX2026092100017名称"


def metafile(*, with_line: bool) -> bytes:
    """An EMF with one bitmap, and a line beside it if asked for."""
    stream = io.BytesIO()
    Image.new("RGB", (4, 4), (200, 0, 0)).save(stream, "BMP")
    head, bits = stream.getvalue()[14:54], stream.getvalue()[54:]
    body = struct.pack(
        "<4i6i4I2I2i",
        0,
        0,
        4,
        4,
        0,
        0,
        0,
        0,
        4,
        4,
        80,
        len(head),
        80 + len(head),
        len(bits),
        0,
        0xCC0020,
        4,
        4,
    )
    drawn = struct.pack("<2I", 81, 8 + len(body) + len(head) + len(bits)) + body + head + bits
    header = struct.pack("<2I8i", 1, 88, 0, 0, 4, 4, 0, 0, 100, 100) + b" EMF" + bytes(44)
    return (
        header
        + drawn
        + (struct.pack("<4I", 54, 16, 4, 4) if with_line else b"")
        + struct.pack("<5I", 14, 20, 0, 16, 20)
    )


def test_a_metafile_that_is_one_bitmap_is_shown_and_any_other_is_named_in_its_place(to_pdf: ToPdf) -> None:
    body = paragraph(picture((100, 100), (0, 0)))
    relations = relation("i1", "image", "media/a.emf")
    shown = to_pdf(
        page_file(body, parts={"word/media/a.emf": metafile(with_line=False)}, relations=relations)
    )
    assert shown.warnings == ()
    assert picture_of(shown.pdf).getpixel((140, 120)) == (200, 0, 0)
    named = to_pdf(page_file(body, parts={"word/media/a.emf": metafile(with_line=True)}, relations=relations))
    assert any("第1段" in w and "a.emf" in w for w in named.warnings)
    assert "a.emf" in "".join(lines(named.pdf))


def test_the_line_over_footnotes_hides_nothing(to_pdf: ToPdf) -> None:
    words = run("见第六十条。", '<w:sz w:val="18"/>')
    note = f'<w:footnote w:id="2"><w:p>{words}</w:p></w:footnote>'
    body = paragraph(run("依据") + '<w:r><w:footnoteReference w:id="2"/></w:r>')
    parts = {"word/footnotes.xml": part("footnotes", note)}
    pdf = to_pdf(page_file(body, parts=parts, relations=relation("n1", "footnotes", "footnotes.xml"))).pdf
    foot = place(pdf, "见第")
    area = (int(LEFT), int(foot.y) - 20, int(LEFT) + 400, int(foot.y) + 5)
    assert 100 < dark(pdf, area) < 2500


def test_a_paragraph_whose_end_was_deleted_goes_on_with_the_next(to_pdf: ToPdf) -> None:
    gone = '<w:rPr><w:del w:id="1" w:author="甲"/></w:rPr>'
    all_gone = (
        f'<w:p><w:pPr>{gone}</w:pPr><w:del w:id="2"><w:r><w:delText>删去</w:delText></w:r></w:del></w:p>'
    )
    moved = '<w:p><w:moveFrom w:id="3"><w:r><w:t>搬走</w:t></w:r></w:moveFrom><w:moveTo w:id="4"><w:r><w:t>搬来</w:t></w:r></w:moveTo></w:p>'
    body = text("前半，", gone) + text("后半。") + all_gone + text("另段") + moved
    assert lines(to_pdf(page_file(body)).pdf) == ["前半，后半。", "另段", "搬来"]


@pytest.mark.parametrize(("asked", "apart"), [(True, 31.2), (False, 18.2)])
def test_lines_in_cells_of_older_files_keep_to_the_grid_only_where_the_file_asks_for_it(
    to_pdf: ToPdf, asked: bool, apart: float
) -> None:
    look = '<w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/><w:sz w:val="28"/>'
    body = table_of([4000], row(cell(text("甲", look=look) + text("乙", look=look), 4000))) + text("")
    old = MODERN.replace('"15"', '"14"')
    settings = old.replace("<w:compat>", "<w:compat><w:adjustLineHeightInTable/>") if asked else old
    first, second = (r[0].y for r in rows(to_pdf(word_file(body, section=A4 + LINES, settings=settings)).pdf))
    assert abs(second - first - apart) < 1.5


def test_a_merged_cell_over_all_columns_is_read_once(to_pdf: ToPdf) -> None:
    body = table_of(
        [2000, 2000], row(cell("跨两列", 4000, span(2))), row(cell("左", 2000), cell("右", 2000))
    ) + text("")
    assert lines(to_pdf(page_file(body)).pdf) == ["跨两列", "左右"]


def test_a_seal_anchored_to_a_letter_stands_there(to_pdf: ToPdf) -> None:
    look = '<w:sz w:val="21"/>'
    stamp = box(text("章"), (30, 20), (0, 0), base=("character", "line"))
    pdf = to_pdf(page_file(paragraph(run("承办人签名", look) + stamp + run("日期", look)))).pdf
    assert abs(place(pdf, "章").x - place(pdf, "日期").x) < 1


def test_check_says_what_of_a_template_cannot_be_placed(tmp_path: Path) -> None:
    checker = build_checker(settings_in(tmp_path / "office"))
    diagram = anchored("<a:relIds/>", (100, 100), (0, 0)).replace(SHAPE, "urn:x/diagram")
    (tmp_path / "A1.docx").write_bytes(page_file(text("上") + paragraph(diagram)))
    (fault,) = layout_warnings(tmp_path, [], checker)
    assert fault.level == "notice"
    assert fault.message == "第2段（“上”之后）：图形“图1”（SmartArt 图示）不能排出，原处留有它的文字。"
    assert layout_warnings(tmp_path, [tmp_path / "A1.docx"], checker) == [fault]
