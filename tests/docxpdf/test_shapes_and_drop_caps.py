"""Drop caps, text within ovals, callouts, hanging text of cells, letters without a bold cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.docxpdf import PdfResult
from tests.support.docx_samples.raw_xml import paragraph, run, word_file
from tests.support.docx_samples.real_world import A4
from tests.support.pdf_text import picture_of, rows

ToPdf = Callable[[bytes], PdfResult]
LEFT = 90
EMU = 12700
LONG = "开始的段落有很多文字要排在首字下沉的右边，若干行之后回到左边缘继续排版。" * 4


def drop_cap(lines: int, look: str = "", more: str = "", kind: str = "drop") -> bytes:
    frame = (
        f'<w:framePr w:dropCap="{kind}" w:lines="{lines}" w:wrap="around" w:vAnchor="text" w:hAnchor="text"/>'
    )
    return word_file(paragraph(run("甲", look), frame + more) + paragraph(LONG), section=A4)


def moved_lines(pdf: bytes) -> int:
    """How many lines stand to the right of the drop cap."""
    text = [line for line in rows(pdf) if not (len(line) == 1 and line[0].char == "甲")]
    starts = [min(g.x for g in line if g.char != "甲") for line in text]
    return sum(start > LEFT + 20 for start in starts)


# what Word writes for three lines of 16 points
WRITTEN = '<w:position w:val="-9"/><w:sz w:val="119"/>', '<w:spacing w:line="1246" w:lineRule="exact"/>'


@pytest.mark.parametrize(
    ("docx", "lines"),
    [
        (drop_cap(3, *WRITTEN), 3),
        (drop_cap(3), 3),
        (drop_cap(2), 2),
        (drop_cap(4), 4),
        (drop_cap(3, kind="margin"), 0),
    ],
)
def test_a_drop_cap_takes_as_many_lines_as_it_says(to_pdf: ToPdf, docx: bytes, lines: int) -> None:
    assert moved_lines(to_pdf(docx).pdf) == lines


def test_a_drop_cap_is_as_high_as_its_lines(to_pdf: ToPdf) -> None:
    for docx in (drop_cap(3, *WRITTEN), drop_cap(3)):
        pdf = to_pdf(docx).pdf
        found = [line for line in rows(pdf) if any(g.char != "甲" for g in line)]
        image = picture_of(pdf, scale=2).convert("L").crop((2 * LEFT, 0, 2 * (LEFT + 50), 2 * 300))
        band = image.crop((0, 0, image.width, int(2 * found[3][0].y - 40))).point(
            lambda v: 255 if v < 128 else 0
        )
        box = band.getbbox()
        assert box is not None and (box[3] - box[1]) / 2 == pytest.approx(51, abs=6)


def shape(preset: str, words: str, adjustments: str = "", anchor: str = "t") -> bytes:
    geometry = f'<a:prstGeom prst="{preset}"><a:avLst>{adjustments}</a:avLst></a:prstGeom>'
    line = '<a:ln w="12700"><a:solidFill><a:srgbClr val="000000"/></a:solidFill></a:ln>'
    text = f"<wps:txbx><w:txbxContent>{paragraph(words)}</w:txbxContent></wps:txbx>"
    drawing = (
        f'<wp:inline><wp:extent cx="{200 * EMU}" cy="{100 * EMU}"/><wp:docPr id="1" name="形"/><a:graphic><a:graphicData uri="x">'
        f'<wps:wsp><wps:spPr>{geometry}{line}</wps:spPr>{text}<wps:bodyPr anchor="{anchor}"/></wps:wsp>'
        "</a:graphicData></a:graphic></wp:inline>"
    )
    return word_file(paragraph(f"<w:r><w:drawing>{drawing}</w:drawing></w:r>"), section=A4)


@pytest.mark.parametrize(
    ("preset", "across", "down"),
    [("ellipse", 0.146, 0.146), ("diamond", 0.25, 0.25), ("rect", 0.0, 0.0), ("roundRect", 0.0, 0.0)],
)
def test_text_begins_within_its_shape(to_pdf: ToPdf, preset: str, across: float, down: float) -> None:
    (line,) = rows(to_pdf(shape(preset, "印章")).pdf)
    (plain,) = rows(to_pdf(shape("rect", "印章")).pdf)
    assert line[0].x - plain[0].x == pytest.approx(200 * across, abs=1.5)
    assert line[0].y - plain[0].y == pytest.approx(100 * down, abs=1.5)


def test_text_in_the_middle_of_an_oval_is_in_its_middle(to_pdf: ToPdf) -> None:
    for preset in ("ellipse", "rect"):
        (line,) = rows(to_pdf(shape(preset, "印章", anchor="ctr")).pdf)
        assert line[0].y - 72 == pytest.approx(50 + 6, abs=4), preset


def _inked(pdf: bytes, x: float, y: float) -> bool:
    part = picture_of(pdf, scale=2).convert("L").crop(tuple(int(2 * v) for v in (x - 3, y - 3, x + 3, y + 3)))
    return bool(part.getextrema()[0] < 160)


@pytest.mark.parametrize(
    ("preset", "place"),
    [
        ("wedgeRectCallout", (0.7, 0.1)),
        ("wedgeRoundRectCallout", (0.2, 0.8)),
        ("wedgeEllipseCallout", (-0.2, 0.8)),
    ],
)
def test_a_callout_has_its_tip(to_pdf: ToPdf, preset: str, place: tuple[float, float]) -> None:
    guides = "".join(f'<a:gd name="adj{n}" fmla="val {int(100000 * v)}"/>' for n, v in enumerate(place, 1))
    result = to_pdf(shape(preset, "注", guides))
    x, y = LEFT + 200 * (0.5 + place[0]), 72 + 100 * (0.5 + place[1])
    assert result.warnings == () and _inked(result.pdf, x, y)
    assert not _inked(to_pdf(shape("rect", "注")).pdf, x, y)
    # a shape that is not known is still named
    assert "按矩形排出" in to_pdf(shape("wave", "注")).warnings[0]


def test_text_hanging_out_of_its_cell_is_not_printed_over_the_next_one(to_pdf: ToPdf) -> None:
    def cells(indent: str) -> PdfResult:
        row = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="2400" w:type="dxa"/></w:tcPr>{p}</w:tc>'
            for p in (paragraph("　"), paragraph("一一一一", indent))
        )
        grid = '<w:tblGrid><w:gridCol w:w="2400"/><w:gridCol w:w="2400"/></w:tblGrid>'
        return to_pdf(
            word_file(f"<w:tbl><w:tblPr/>{grid}<w:tr>{row}</w:tr></w:tbl>{paragraph()}", section=A4)
        )

    out = cells('<w:ind w:left="0" w:hanging="600"/>')
    y = rows(out.pdf)[0][0].y - 6
    assert not any(_inked(out.pdf, LEFT + 114 - 5.4 - d, y) for d in (6, 12, 18)) and _inked(
        out.pdf, LEFT + 120, y
    )
    assert len(out.warnings) == 1 and out.warnings[0].startswith("表1 第1行第2格：“一一一一”")
    # an indent of the cell's own margin, and a hanging one within the cell, are printed whole
    for indent in ('<w:ind w:left="-100"/>', '<w:ind w:left="600" w:hanging="600"/>', ""):
        assert cells(indent).warnings == ()


def test_letters_without_a_bold_cut_are_drawn_less_heavy_where_small(to_pdf: ToPdf) -> None:
    def ink(size: int, bold: str) -> int:
        look = f'{bold}<w:sz w:val="{2 * size}"/><w:rFonts w:eastAsia="仿宋_GB2312"/>'
        pdf = to_pdf(word_file(paragraph(run("责令限期改正通知", look)), section=A4)).pdf
        # so large that no line is as thin as a dot
        histogram = picture_of(pdf, scale=64 / size).convert("L").histogram()
        return sum(count * (255 - value) for value, count in enumerate(histogram))

    heavier = [ink(size, "<w:b/>") / ink(size, "") for size in (9, 16)]
    assert 1.05 < heavier[0] < heavier[1]
