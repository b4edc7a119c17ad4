"""What Pages, pandoc, WPS and old versions of Word write otherwise than Word does today."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.docxpdf import PdfResult
from tests.support.docx_samples.raw_xml import (
    GB_PAGE,
    MODERN,
    STYLES,
    paragraph,
    part,
    relation,
    run,
    seal_picture,
    table,
    word_file,
)
from tests.support.pdf_text import glyphs, lines, rows

ToPdf = Callable[[bytes], PdfResult]
LEFT = 1588 / 20
INLINE = (
    '<w:r><w:drawing><wp:inline><wp:extent cx="2540000" cy="2540000"/><wp:docPr id="1" name="图"/><a:graphic><a:graphicData uri="x">'
    '<pic:pic><pic:blipFill><a:blip r:embed="i1"/></pic:blipFill><pic:spPr/></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
)


def test_line_ends_inside_a_text_are_blanks(to_pdf: ToPdf) -> None:
    body = "<w:p><w:r><w:t>\n标题\n</w:t></w:r></w:p>" + paragraph("正文")
    assert lines(to_pdf(word_file(body)).pdf) == ["标题", "正文"]


def test_an_empty_frame_among_the_defaults_frames_nothing(to_pdf: ToPdf) -> None:
    frame = '<w:pPrDefault><w:pPr><w:framePr w:w="0" w:h="0" w:xAlign="left" w:y="0" w:hRule="exact" w:vAnchor="margin"/></w:pPr></w:pPrDefault>'
    styles = STYLES.replace("</w:docDefaults>", frame + "</w:docDefaults>")
    pdf = to_pdf(word_file(paragraph("甲") + paragraph("乙"), styles=styles)).pdf
    first, second = rows(pdf)
    assert second[0].y - first[0].y > 15


def test_a_multiple_of_lines_does_not_stretch_a_picture(to_pdf: ToPdf) -> None:
    wide = '<w:snapToGrid w:val="0"/><w:spacing w:line="480" w:lineRule="auto"/>'
    parts: dict[str, str | bytes] = {"word/media/seal.png": seal_picture()}
    body = paragraph("前", wide) + paragraph(INLINE, wide) + paragraph("后", wide)
    pdf = to_pdf(word_file(body, parts=parts, relations=relation("i1", "image", "media/seal.png"))).pdf
    above, below = (row[0].y for row in rows(pdf))
    assert 200 < below - above < 270


def test_the_text_of_a_placed_table_begins_at_its_place_in_old_files(to_pdf: ToPdf) -> None:
    placed = '<w:tblpPr w:vertAnchor="text" w:horzAnchor="margin" w:tblpX="1000"/>'
    pdf = to_pdf(word_file(table([[paragraph(run("格"))]], [4000], properties=placed), settings="")).pdf
    assert abs(glyphs(pdf)[0].x - LEFT - 50) < 0.3


def cell(content: str, width: int, across: int = 1) -> str:
    """A cell with a width of its own."""
    span = f'<w:gridSpan w:val="{across}"/>' if across > 1 else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}</w:tcPr>{paragraph(content)}</w:tc>'


def starts(to_pdf: ToPdf, content: str) -> list[float]:
    """Where the cells' first characters stand, from the left of the first."""
    found = glyphs(to_pdf(word_file(content)).pdf)
    return [round(g.x - found[0].x, 1) for g in found]


def test_minutes_without_a_grid_take_the_widths_of_their_cells(to_pdf: ToPdf) -> None:
    rows_of = f"<w:tr>{cell('甲', 2000)}{cell('乙', 6000, 2)}</w:tr><w:tr>{cell('丙', 5000, 2)}{cell('丁', 3000)}</w:tr>"
    places = starts(to_pdf, f"<w:tbl><w:tblPr/>{rows_of}</w:tbl>{paragraph()}")
    assert places == [0, 100, 0, 250]


def test_cells_win_over_a_grid_that_contradicts_the_width_of_the_table(to_pdf: ToPdf) -> None:
    grid = '<w:tblGrid><w:gridCol w:w="5000"/><w:gridCol w:w="5000"/></w:tblGrid>'
    row = f"<w:tr>{cell('甲', 2000)}{cell('乙', 6000)}</w:tr>"
    wide = '<w:tblW w:w="8000" w:type="dxa"/>'
    body = f"<w:tbl><w:tblPr>{wide}{{}}</w:tblPr>{grid}{row}</w:tbl>{paragraph()}"
    assert starts(to_pdf, body.format("")) == [0, 100]
    assert starts(to_pdf, body.format('<w:tblLayout w:type="fixed"/>')) == [0, 250]


@pytest.mark.parametrize("asked", [True, False])
def test_the_blank_between_two_marks_is_left_out_where_the_settings_ask(to_pdf: ToPdf, asked: bool) -> None:
    section = GB_PAGE.replace('w:type="linesAndChars" ', 'w:type="lines" ')
    control = '<w:characterSpacingControl w:val="compressPunctuation"/>' if asked else ""
    body = paragraph("《甲》《乙》，（丙）。")
    found = glyphs(to_pdf(word_file(body, section=section, settings=control + MODERN)).pdf)
    apart = {b.char: round(b.x - a.x, 1) for a, b in zip(found, found[1:], strict=False)}
    half = 8.0 if asked else 16.0
    assert [apart["，"], apart["（"], apart["。"], apart["丙"]] == pytest.approx(
        [half, half, half, 16.0], abs=0.15
    )


def test_a_footnote_stands_at_the_foot_of_its_page(to_pdf: ToPdf) -> None:
    mark = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
    note = f"<w:p><w:r>{mark}<w:footnoteRef/></w:r>{run('见消防法第六十条。')}</w:p>"
    separator = f'<w:footnote w:type="separator" w:id="-1">{paragraph()}</w:footnote>'
    reference = f'<w:r>{mark}<w:footnoteReference w:id="2"/></w:r>'
    body = paragraph(run("依据前述规定") + reference + run("处理。")) + paragraph("后文") * 30
    notes = part("footnotes", f'{separator}<w:footnote w:id="2">{note}</w:footnote>')
    document = word_file(
        body, parts={"word/footnotes.xml": notes}, relations=relation("n1", "footnotes", "footnotes.xml")
    )
    result = to_pdf(document)
    first = lines(result.pdf, page=0)
    assert any("依据前述规定" in line for line in first[:2])
    assert first[-1].endswith("见消防法第六十条。") and rows(result.pdf, page=0)[-1][-1].y > 680
    assert "".join(lines(result.pdf)).count("后文") == 30
    assert result.warnings == ()


def test_a_row_deleted_with_changes_tracked_is_not_set(to_pdf: ToPdf) -> None:
    gone = '<w:trPr><w:del w:id="1" w:author="甲"/></w:trPr>'
    rows_of = f"<w:tr>{cell('留', 2000)}</w:tr><w:tr>{gone}{cell('删', 2000)}</w:tr>"
    assert lines(to_pdf(word_file(f"<w:tbl><w:tblPr/>{rows_of}</w:tbl>{paragraph()}")).pdf) == ["留"]
