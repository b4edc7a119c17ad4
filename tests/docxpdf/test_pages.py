"""Pages: numbers on the outer side, repeated heads, the imprint at the foot, blocks that stay together."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from formsvc.docxpdf import PdfResult
from tests.support.docx_samples.raw_xml import (
    GB_PAGE,
    MODERN,
    page_field,
    paragraph,
    part,
    relation,
    run,
    seal,
    seal_picture,
    table,
    word_file,
)
from tests.support.pdf_text import glyphs, lines, pages, picture_of, rows, text

ToPdf = Callable[[bytes], PdfResult]
SONG = '<w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/><w:sz w:val="28"/>'
FOOT_OF_TEXT = (16838 - 1984) / 20


def numbered(body: str) -> bytes:
    """A document whose odd pages are numbered on the right and even pages on the left."""
    number = run("— ", SONG) + page_field() + run(" —", SONG)
    parts: dict[str, str | bytes] = {
        "word/footer1.xml": part(
            "ftr", paragraph(number, '<w:ind w:rightChars="100"/><w:jc w:val="right"/>')
        ),
        "word/footer2.xml": part("ftr", paragraph(number, '<w:ind w:leftChars="100"/><w:jc w:val="left"/>')),
    }
    references = '<w:footerReference w:type="default" r:id="f1"/><w:footerReference w:type="even" r:id="f2"/>'
    relations = relation("f1", "footer", "footer1.xml") + relation("f2", "footer", "footer2.xml")
    settings = "<w:evenAndOddHeaders/>" + MODERN
    return word_file(body, section=references + GB_PAGE, settings=settings, parts=parts, relations=relations)


def test_odd_pages_are_numbered_right_and_even_pages_left(to_pdf: ToPdf) -> None:
    pdf = to_pdf(numbered(paragraph("防火巡查" * 400))).pdf
    assert pages(pdf) == 3
    for number in range(3):
        footer = rows(pdf, page=number)[-1]
        assert "".join(g.char for g in footer) == f"—{number + 1}—"
        assert (footer[0].x > 300) == (number % 2 == 0)
        assert footer[0].y > FOOT_OF_TEXT


def test_page_and_pages_are_counted(to_pdf: ToPdf) -> None:
    content = run("第") + page_field() + run("页共") + page_field("NUMPAGES") + run("页")
    parts: dict[str, str | bytes] = {
        "word/footer1.xml": part("ftr", paragraph(content, '<w:jc w:val="center"/>'))
    }
    section = '<w:footerReference w:type="default" r:id="f1"/>' + GB_PAGE
    pdf = to_pdf(
        word_file(
            paragraph("字" * 700),
            section=section,
            parts=parts,
            relations=relation("f1", "footer", "footer1.xml"),
        )
    ).pdf
    assert [lines(pdf, page=n)[-1] for n in range(2)] == ["第1页共2页", "第2页共2页"]


def test_pages_may_be_counted_from_another_number(to_pdf: ToPdf) -> None:
    parts: dict[str, str | bytes] = {"word/footer1.xml": part("ftr", paragraph(page_field()))}
    section = '<w:footerReference w:type="default" r:id="f1"/>' + GB_PAGE + '<w:pgNumType w:start="5"/>'
    pdf = to_pdf(
        word_file(
            paragraph("字" * 700),
            section=section,
            parts=parts,
            relations=relation("f1", "footer", "footer1.xml"),
        )
    ).pdf
    assert [lines(pdf, page=n)[-1] for n in range(2)] == ["5", "6"]


def test_the_head_of_a_long_table_repeats_on_each_page(to_pdf: ToPdf) -> None:
    body = [["序号", "隐患", "期限"]] + [
        [str(n), f"第{n}处疏散通道堵塞", "2026年10月8日"] for n in range(1, 61)
    ]
    pdf = to_pdf(word_file(table(body, [1000, 5000, 2800], heads=1, row="<w:cantSplit/>"))).pdf
    assert pages(pdf) > 2
    assert all(lines(pdf, page=n)[0] == "序号隐患期限" for n in range(pages(pdf)))
    assert re.findall(r"第(\d+)处", text(pdf)) == [str(n) for n in range(1, 61)]


def test_a_row_that_may_not_split_moves_as_a_whole(to_pdf: ToPdf) -> None:
    tall = "".join(paragraph(f"第{n}段") for n in range(6))
    pdf = to_pdf(
        word_file("".join(paragraph("行") for _ in range(18)) + table([[tall]], [8000], row="<w:cantSplit/>"))
    ).pdf
    assert lines(pdf, page=1) == [f"第{n}段" for n in range(6)]


def ruled(pdf: bytes, page: int) -> list[int]:
    """The heights, in points, of the lines that cross the whole table."""
    picture = picture_of(pdf, page).convert("L")
    middle = range(120, 480)
    dark = [y for y in range(picture.height) if all(picture.getpixel((x, y)) < 200 for x in middle)]
    return [y for y in dark if y - 1 not in dark]


def test_a_row_longer_than_a_page_is_closed_below_and_opened_above_on_each(to_pdf: ToPdf) -> None:
    made = to_pdf(word_file(table([[paragraph(run("通道堵塞。" * 300))]], [8800])))
    assert made.pages > 2
    for page in range(made.pages):
        assert len(ruled(made.pdf, page)) == 2


def test_rows_have_the_heights_they_ask_for(to_pdf: ToPdf) -> None:
    cell = paragraph("格", '<w:spacing w:line="400" w:lineRule="exact"/>')
    for rule, wanted in (("exact", 28.0), ("atLeast", 40.0)):
        row = f'<w:trHeight w:val="{round(wanted * 20)}" w:hRule="{rule}"/>'
        heights = [r[0].y for r in rows(to_pdf(word_file(table([[cell]] * 8, [4000], row=row))).pdf)]
        assert abs((heights[-1] - heights[0]) / 7 - wanted) < 0.05


def test_the_imprint_stands_at_the_foot_of_the_last_page(to_pdf: ToPdf) -> None:
    placed = (
        '<w:tblpPr w:vertAnchor="margin" w:horzAnchor="margin" w:tblpXSpec="center" w:tblpYSpec="bottom"/>'
    )
    line = '<w:snapToGrid w:val="0"/><w:spacing w:line="520" w:lineRule="exact"/>'
    imprint = table(
        [[paragraph("抄送：市消防救援支队。", line)], [paragraph("办公室印发", line)]],
        [8844],
        properties=placed,
    )
    pdf = to_pdf(word_file(paragraph("正文") + imprint + paragraph())).pdf
    last = rows(pdf)[-1]
    assert "".join(g.char for g in last) == "办公室印发"
    assert 0 < FOOT_OF_TEXT - last[0].y < 8


def test_a_signature_stays_with_the_text_before_it(to_pdf: ToPdf) -> None:
    keep = "<w:keepNext/><w:keepLines/>"
    body = (
        "".join(paragraph("正文") for _ in range(20))
        + "".join(paragraph(t, keep) for t in ("结尾", "署名"))
        + paragraph("日期")
    )
    assert lines(to_pdf(word_file(body)).pdf, page=1) == ["结尾", "署名", "日期"]


def test_a_seal_lies_over_the_signature(to_pdf: ToPdf) -> None:
    signed = paragraph(
        seal("i1", x_mm=60, y_mm=-15) + run("北林区消防安全委员会办公室"), '<w:ind w:left="3000"/>'
    )
    parts: dict[str, str | bytes] = {"word/media/seal.png": seal_picture()}
    document = word_file(
        paragraph("正文") * 6 + signed, parts=parts, relations=relation("i1", "image", "media/seal.png")
    )
    pdf = to_pdf(document).pdf
    assert to_pdf(document).warnings == ()
    left, top = 1588 / 20 + 60 * 72 / 25.4, 2098 / 20 + 6 * 28.95 - 15 * 72 / 25.4
    middle = picture_of(pdf, scale=2).getpixel((round((left + 21 * 72 / 25.4) * 2), round((top + 5.6) * 2)))
    assert middle[0] > 180 and middle[1] < 90, middle


def test_page_breaks_and_landscape_annexes(to_pdf: ToPdf) -> None:
    ending = f"<w:p><w:pPr><w:sectPr>{GB_PAGE}</w:sectPr></w:pPr></w:p>"
    wide = '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/><w:pgMar w:top="1588" w:right="2098" w:bottom="1474" w:left="1984"/>'
    body = (
        paragraph("一")
        + paragraph('<w:r><w:br w:type="page"/></w:r>')
        + paragraph("二")
        + paragraph("三", "<w:pageBreakBefore/>")
        + ending
        + paragraph("附表")
    )
    pdf = to_pdf(word_file(body, section=wide)).pdf
    assert [lines(pdf, page=n) for n in range(pages(pdf))] == [["一"], ["二"], ["三"], ["附表"]]
    assert picture_of(pdf, page=3).width > picture_of(pdf, page=3).height


def test_merged_cells_and_nested_tables_keep_every_word(to_pdf: ToPdf) -> None:
    def cell(content: str, properties: str) -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(content)}</w:tc>"

    down, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    first = cell("甲", down) + cell("乙丙", '<w:gridSpan w:val="2"/>')
    second = cell("", on) + cell("丁", "") + f"<w:tc><w:tcPr/>{table([['内']], [1000])}{paragraph()}</w:tc>"
    grid = '<w:tblGrid><w:gridCol w:w="2000"/><w:gridCol w:w="2000"/><w:gridCol w:w="3000"/></w:tblGrid>'
    result = to_pdf(
        word_file(
            f"<w:tbl><w:tblPr/>{grid}<w:tr>{first}</w:tr><w:tr>{second}</w:tr></w:tbl>{paragraph('后')}"
        )
    )
    assert sorted(text(result.pdf)) == sorted("甲乙丙丁内后")
    assert result.warnings == ()


def test_tabs_reach_their_stops(to_pdf: ToPdf) -> None:
    stops = '<w:tabs><w:tab w:val="left" w:pos="4000"/><w:tab w:val="right" w:pos="8400"/></w:tabs>'
    content = run("甲") + "<w:r><w:tab/></w:r>" + run("乙") + "<w:r><w:tab/></w:r>" + run("丙")
    first, second, third = glyphs(to_pdf(word_file(paragraph(content, stops))).pdf)
    left = 1588 / 20
    assert abs(second.x - left - 200) < 0.05
    assert abs(third.x + 16 - 849 / 4096 - left - 420) < 0.05
    assert first.y == second.y == third.y


FRAME = '<w:framePr w:wrap="around" w:vAnchor="text" w:hAnchor="margin" w:xAlign="outside"/>'
SHAPE = (
    '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor behindDoc="0"><wp:positionH relativeFrom="margin"><wp:align>outside</wp:align></wp:positionH>'
    '<wp:positionV relativeFrom="paragraph"><wp:posOffset>0</wp:posOffset></wp:positionV><wp:extent cx="1828800" cy="1828800"/><wp:wrapNone/><wp:docPr id="4" name="文本框 1"/>'
    '<a:graphic><a:graphicData uri="x"><wps:wsp><wps:spPr><a:prstGeom prst="rect"/><a:noFill/><a:ln><a:noFill/></a:ln></wps:spPr><wps:txbx><w:txbxContent>{}</w:txbxContent></wps:txbx>'
    '<wps:bodyPr wrap="none" lIns="0" tIns="0" rIns="0" bIns="0"><a:spAutoFit/></wps:bodyPr></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>'
    "<mc:Fallback><w:pict/></mc:Fallback></mc:AlternateContent></w:r>"
)
OLDER = (
    '<w:r><w:pict><v:shape style="position:absolute;margin-left:0;margin-top:0;width:144pt;height:144pt;mso-position-horizontal:outside;'
    'mso-position-horizontal-relative:margin;mso-wrap-style:none" filled="f" stroked="f"><v:textbox inset="0,0,0,0">'
    "<w:txbxContent>{}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
)


@pytest.mark.parametrize("manner", ["frame", "shape", "older"])
def test_page_numbers_in_frames_and_text_boxes_stand_on_the_outer_side(to_pdf: ToPdf, manner: str) -> None:
    number = run("—") + page_field() + run("—")
    footer = {
        "frame": paragraph(number, FRAME) + paragraph(),
        "shape": paragraph(SHAPE.format(paragraph(number))),
        "older": paragraph(OLDER.format(paragraph(number))),
    }[manner]
    parts: dict[str, str | bytes] = {f"word/footer{n}.xml": part("ftr", footer) for n in (1, 2)}
    references = '<w:footerReference w:type="default" r:id="f1"/><w:footerReference w:type="even" r:id="f2"/>'
    relations = relation("f1", "footer", "footer1.xml") + relation("f2", "footer", "footer2.xml")
    settings = "<w:evenAndOddHeaders/>" + MODERN
    document = word_file(
        paragraph("字" * 700),
        section=references + GB_PAGE,
        settings=settings,
        parts=parts,
        relations=relations,
    )
    result = to_pdf(document)
    odd, even = (rows(result.pdf, page=n)[-1] for n in range(2))
    right = (11906 - 1474) / 20
    assert ["".join(g.char for g in row) for row in (odd, even)] == ["—1—", "—2—"]
    assert abs(even[0].x - 1588 / 20) < 1
    assert 10 < right - odd[-1].x < 20
    assert result.warnings == ()


@pytest.mark.parametrize("count", range(18, 25))
def test_the_imprint_never_covers_the_text(to_pdf: ToPdf, count: int) -> None:
    placed = (
        '<w:tblpPr w:vertAnchor="margin" w:horzAnchor="margin" w:tblpXSpec="center" w:tblpYSpec="bottom"/>'
    )
    line = '<w:snapToGrid w:val="0"/><w:spacing w:line="520" w:lineRule="exact"/>'
    imprint = table([[paragraph("抄送", line)], [paragraph("印发", line)]], [8844], properties=placed)
    last = paragraph("", '<w:snapToGrid w:val="0"/><w:spacing w:line="20" w:lineRule="exact"/>')
    pdf = to_pdf(word_file(paragraph("行") * count + imprint + last)).pdf
    found = rows(pdf, page=pages(pdf) - 1)
    heights = [row[0].y for row in found]
    assert ["".join(g.char for g in row) for row in found[-2:]] == ["抄送", "印发"]
    assert all(b - a > 20 for a, b in zip(heights, heights[1:], strict=False))
    assert sum(line == "行" for n in range(pages(pdf)) for line in lines(pdf, page=n)) == count


def test_rows_kept_with_the_next_move_together(to_pdf: ToPdf) -> None:
    kept = [[paragraph(t, "<w:keepNext/>")] for t in ("甲", "乙", "丙")]
    body = paragraph("行") * 19 + table(kept, [4000]) + paragraph("署名", "<w:keepNext/>") + paragraph("日期")
    assert lines(to_pdf(word_file(body)).pdf, page=1) == ["甲", "乙", "丙", "署名", "日期"]
