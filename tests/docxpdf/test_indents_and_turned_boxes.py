"""Indents in characters, numbers, turned pictures, tables without a grid, forms as large as their page."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from formsvc.docxpdf import PdfResult
from tests.support.docx_samples.raw_xml import MODERN, paragraph, part, relation, run, word_file
from tests.support.docx_samples.real_world import A4
from tests.support.paths import ROOT
from tests.support.pdf_text import Glyph, lines, pages, picture_of, rows

ToPdf = Callable[[bytes], PdfResult]
LEFT, RIGHT = 90.0, 595.3 - 90.0
EMU = 12700
NUMBERING = (
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>'
    '<w:suff w:val="nothing"/><w:lvlText w:val="第%1条"/>{look}</w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
)


def styles(size: int) -> str:
    """A default style of `size` half points."""
    return (
        '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/>'
        f'<w:rPr><w:rFonts w:eastAsia="宋体"/><w:sz w:val="{size}"/></w:rPr></w:style>'
    )


def sized(words: str, size: int, properties: str = "", more: str = "") -> str:
    return paragraph(run(words, f'<w:sz w:val="{size}"/>{more}'), properties)


def starts(pdf: bytes) -> list[float]:
    """Where each line begins, from the left of the text, in points."""
    return [line[0].x - LEFT for line in rows(pdf)]


def a_file(body: str, *, size: int = 21, numbering: str = "", **options: object) -> bytes:
    parts, relations = {}, ""
    if numbering:
        parts, relations = (
            {"word/numbering.xml": part("numbering", numbering)},
            relation("n1", "numbering", "numbering.xml"),
        )
    return word_file(body, section=A4, styles=styles(size), parts=parts, relations=relations, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("normal", "unit"), [(21, 10.5), (32, 16.0), (28, 14.0)])
def test_left_and_right_count_characters_of_the_default_style(
    to_pdf: ToPdf, normal: int, unit: float
) -> None:
    body = (
        sized("十点五磅左空四字", 21, '<w:ind w:leftChars="400" w:left="1"/>')
        + sized("二十二磅左空四字", 44, '<w:ind w:leftChars="400" w:left="1"/>')
        + sized("右空四字", 32, '<w:ind w:rightChars="400" w:right="1"/><w:jc w:val="right"/>')
        + sized("首行空两字", 44, '<w:ind w:firstLineChars="200" w:firstLine="1"/>')
    )
    found = rows(to_pdf(a_file(body, size=normal)).pdf)
    assert found[0][0].x - LEFT == pytest.approx(4 * unit, abs=0.6)
    assert found[1][0].x - LEFT == pytest.approx(4 * unit, abs=0.6)
    assert RIGHT - (found[2][-1].x + 16) == pytest.approx(4 * unit, abs=0.6)
    # the first line's indent counts the paragraph's own characters
    assert found[3][0].x - LEFT == pytest.approx(44, abs=0.6)


@pytest.mark.parametrize(
    ("attributes", "first", "second"),
    [
        ('w:leftChars="100" w:left="1" w:hangingChars="200" w:hanging="1"', 12, 36),
        ('w:leftChars="100" w:left="1" w:hanging="480"', 12, 36),
        ('w:left="720" w:hangingChars="200" w:hanging="1"', 12, 36),
        ('w:left="720" w:hanging="480"', 12, 36),
    ],
)
def test_left_characters_tell_where_a_hanging_first_line_begins(
    to_pdf: ToPdf, attributes: str, first: float, second: float
) -> None:
    words = "责令你单位在三十日内改正上列消防安全违法行为，改正期间应当采取措施，确保消防安全。" * 2
    found = starts(to_pdf(a_file(sized(words, 24, f"<w:ind {attributes}/>"), size=24)).pdf)
    assert found[:2] == pytest.approx([first, second], abs=0.6)


def test_first_line_characters_are_as_narrow_as_the_letters(to_pdf: ToPdf) -> None:
    narrow = '<w:w w:val="50"/>'
    body = sized("红头", 80, '<w:ind w:firstLineChars="200" w:firstLine="1"/>', narrow)
    body += sized("红头", 80, '<w:ind w:firstLineChars="200" w:firstLine="1"/>')
    body += sized("红头", 80, '<w:ind w:firstLine="400"/>', narrow)
    assert starts(to_pdf(a_file(body)).pdf) == pytest.approx([40, 80, 20], abs=1.5)


def _number_size(line: list[Glyph]) -> float:
    """The size of 第一条 by the distance of its letters."""
    return line[1].x - line[0].x


@pytest.mark.parametrize(
    ("mark", "look", "size"),
    [
        ("", "", 22),
        ('<w:rPr><w:sz w:val="60"/></w:rPr>', "", 30),
        ('<w:rPr><w:sz w:val="60"/><w:u w:val="single"/></w:rPr>', '<w:rPr><w:sz w:val="28"/></w:rPr>', 14),
    ],
)
def test_a_number_has_the_size_of_the_paragraph_mark(
    to_pdf: ToPdf, mark: str, look: str, size: float
) -> None:
    properties = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>{mark}'
    result = to_pdf(
        a_file(sized("为了加强消防工作", 20, properties), size=44, numbering=NUMBERING.format(look=look))
    )
    line = rows(result.pdf)[0]
    assert "".join(g.char for g in line) == "第一条为了加强消防工作"
    assert _number_size(line) == pytest.approx(size, abs=0.5)
    assert line[5].x - line[4].x == pytest.approx(10, abs=0.5)


def test_automatic_space_is_dropped_between_items_of_one_list_only(to_pdf: ToPdf) -> None:
    auto = '<w:spacing w:before="100" w:beforeAutospacing="1" w:after="100" w:afterAutospacing="1"/>'

    def distances(*numbers: int) -> list[float]:
        body = "".join(
            sized(
                "项目",
                21,
                auto + (f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{n}"/></w:numPr>' if n else ""),
            )
            for n in numbers
        )
        heights = [line[0].y for line in rows(to_pdf(a_file(body, numbering=NUMBERING.format(look=""))).pdf)]
        return [b - a for a, b in zip(heights, heights[1:], strict=False)]

    close = distances(1, 1, 1)
    assert close[0] == pytest.approx(close[1]) and close[0] < 20
    # plain paragraphs, and items of two lists, keep 14 points between them
    for numbers in ((0, 0), (1, 0), (1, 2)):
        assert distances(*numbers)[0] == pytest.approx(close[0] + 14, abs=0.5)


def test_automatic_space_above_the_first_text_is_dropped(to_pdf: ToPdf) -> None:
    auto = '<w:spacing w:before="100" w:beforeAutospacing="1"/>'

    def first_line(properties: str) -> float:
        return rows(to_pdf(a_file(sized("第一段", 21, properties) + sized("第二段", 21, auto))).pdf)[0][0].y

    assert first_line(auto) == pytest.approx(first_line(""))
    # a space that is given stays, and so does the automatic one of the second paragraph
    assert first_line('<w:spacing w:before="280"/>') == pytest.approx(first_line("") + 14, abs=0.1)
    body = "".join(sized("段落", 21, properties) for properties in ("", auto, ""))
    one, two, three = (line[0].y for line in rows(to_pdf(a_file(body)).pdf))
    assert two - one == pytest.approx(three - two + 14, abs=0.1)


def _page_number(extra: str) -> bytes:
    box = (
        '<w:r><w:pict><v:shape id="_x0000_s1" type="#_x0000_t202" style="position:absolute;margin-left:0;margin-top:1pt;'
        'height:144pt;width:144pt;mso-wrap-style:none" filled="f" stroked="f">'
        f'{extra}<v:textbox inset="0,0,0,0" style="mso-fit-shape-to-text:t"><w:txbxContent>{paragraph("— 7 —")}'
        "</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    return a_file(paragraph("正文") + paragraph(box))


def test_a_text_box_with_an_empty_picture_keeps_its_text(to_pdf: ToPdf) -> None:
    for extra in (
        '<v:imagedata title=""/>',
        "<v:imagedata/>",
        "",
        '<v:stroke on="f"/><v:imagedata title=""/>',
    ):
        result = to_pdf(_page_number(extra))
        assert "—7—" in lines(result.pdf) and result.warnings == (), extra
    # a picture that the file does not have is still named
    assert any("图片" in w for w in to_pdf(_page_number('<v:imagedata r:id="x9"/>')).warnings)


def _picture(width: int, height: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), (220, 0, 0)).save(stream, "PNG")
    return stream.getvalue()


def _turned(degrees: float, size: tuple[float, float], *, crop: str = "") -> bytes:
    """A red picture between two lines, turned about its centre."""
    cx, cy = (int(v * EMU) for v in size)
    drawing = (
        f'<w:r><w:drawing><wp:inline><wp:extent cx="{cx}" cy="{cy}"/><wp:docPr id="1" name="图1"/><a:graphic>'
        f'<a:graphicData uri="pic"><pic:pic><pic:blipFill><a:blip r:embed="i1"/>{crop}</pic:blipFill><pic:spPr>'
        f'<a:xfrm rot="{int(degrees * 60000)}"><a:off x="0" y="0"/><a:ext cx="{cx}" cy="{cy}"/></a:xfrm></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    return word_file(
        paragraph("上") + paragraph(drawing) + paragraph("下"),
        section=A4, styles=styles(21), parts={"word/media/red.png": _picture(40, 20)}, relations=relation("i1", "image", "media/red.png"),
    )  # fmt: skip


def _red(pdf: bytes) -> tuple[int, int, int, int]:
    red, green, _ = picture_of(pdf).convert("RGB").split()
    box = green.point(lambda v: 255 if v < 60 else 0).getbbox()
    assert box is not None and red is not None
    return box


@pytest.mark.parametrize(
    ("degrees", "wide", "high"), [(90, 100, 300), (270, 100, 300), (0, 300, 100), (180, 300, 100)]
)
@pytest.mark.parametrize("crop", ["", '<a:srcRect l="25000" r="25000"/>'])
def test_a_turned_picture_has_the_room_of_its_turned_shape(
    to_pdf: ToPdf, degrees: float, wide: float, high: float, crop: str
) -> None:
    pdf = to_pdf(_turned(degrees, (300, 100), crop=crop)).pdf
    left, top, right, bottom = _red(pdf)
    assert (right - left, bottom - top) == pytest.approx((wide, high), abs=2)
    assert left == pytest.approx(LEFT, abs=2)
    above, below = (line[0].y for line in rows(pdf) if line[0].char in "上下")
    assert above < top and bottom < below < bottom + 30


@pytest.mark.parametrize(
    ("degrees", "wide", "high"), [(90, 100, 300), (-90, 100, 300), (0, 300, 100), (180, 300, 100)]
)
def test_a_turned_picture_of_an_old_file_has_its_room_too(
    to_pdf: ToPdf, degrees: float, wide: float, high: float
) -> None:
    shape = f'<v:shape style="width:300pt;height:100pt;rotation:{degrees}"><v:imagedata r:id="i1"/></v:shape>'
    docx = word_file(
        paragraph("上") + paragraph(f"<w:r><w:pict>{shape}</w:pict></w:r>") + paragraph("下"),
        section=A4, styles=styles(21), parts={"word/media/red.png": _picture(40, 20)}, relations=relation("i1", "image", "media/red.png"),
    )  # fmt: skip
    pdf = to_pdf(docx).pdf
    left, top, right, bottom = _red(pdf)
    assert (right - left, bottom - top) == pytest.approx((wide, high), abs=2)
    assert left == pytest.approx(LEFT, abs=2)
    above, below = (line[0].y for line in rows(pdf) if line[0].char in "上下")
    assert above < top and bottom < below < bottom + 30


def _no_grid(rows_of_cells: list[list[tuple[int, str, int]]]) -> str:
    body = "".join(
        "<w:tr>"
        + "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:gridSpan w:val="{count}"/></w:tcPr>{paragraph(words)}</w:tc>'
            for width, words, count in cells
        )
        + "</w:tr>"
        for cells in rows_of_cells
    )
    return f'<w:tbl><w:tblPr><w:tblW w:w="8000" w:type="dxa"/></w:tblPr>{body}</w:tbl>{paragraph()}'


def test_rows_of_a_table_without_a_grid_are_as_wide_as_their_cells(to_pdf: ToPdf) -> None:
    short = [(1000, name, 1) for name in ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛")]
    long = "请求判令被申请人在三十日内改正下列违法行为"
    for rows_of_cells, second in (
        ([short, [(8000, long, 2)]], None),
        ([short, [(2400, "事实", 1), (5600, long, 1)]], 120.0),
        ([[(8000, "标题", 1)], [(2000, "事实", 1), (6000, long, 1)]], 100.0),
    ):
        found = rows(to_pdf(a_file(_no_grid(rows_of_cells))).pdf)
        # the long text stands on one line, in the cell that is wide enough for it
        line = next(line for line in found if long in "".join(g.char for g in line))
        if second is not None:
            assert line[2].x - line[0].x == pytest.approx(second, abs=2)
    # rows of equal cells, and a table with a grid, stay as they were
    equal = rows(to_pdf(a_file(_no_grid([[(2000, "子", 1), (6000, "丑", 1)]] * 2))).pdf)
    assert [line[1].x - line[0].x for line in equal] == pytest.approx([100, 100], abs=1)


def _form(rows_high: int, following: str) -> bytes:
    row = f'<w:tr><w:trPr><w:trHeight w:val="600" w:hRule="exact"/></w:trPr><w:tc><w:tcPr/>{paragraph("格")}</w:tc></w:tr>'
    place = '<w:tblpPr w:vertAnchor="page" w:horzAnchor="page" w:tblpX="480" w:tblpY="300"/>'
    form = f'<w:tbl><w:tblPr>{place}</w:tblPr><w:tblGrid><w:gridCol w:w="10800"/></w:tblGrid>{row * rows_high}</w:tbl>'
    section = (
        '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="280" w:right="280" w:bottom="280" w:left="280"/>'
    )
    return word_file(form + following, section=section, styles=styles(21), settings=MODERN)


def test_a_form_as_large_as_its_page_takes_one_page(to_pdf: ToPdf) -> None:
    pdf = to_pdf(_form(27, paragraph())).pdf
    assert pages(pdf) == 1 and lines(pdf) == ["格"] * 27
    assert pages(to_pdf(_form(27, paragraph() + paragraph())).pdf) == 1
    # text that follows such a form is not set over it, and below a smaller one there is room
    assert pages(to_pdf(_form(27, paragraph("续页的文字"))).pdf) == 2
    assert pages(to_pdf(_form(10, paragraph("下面的文字"))).pdf) == 1


@pytest.mark.parametrize(
    "template", sorted((ROOT / "doc_templates").glob("*.docx")), ids=lambda path: path.stem
)
def test_shipped_papers_are_indented_alike_in_word_and_in_points(template: Path) -> None:
    with zipfile.ZipFile(template) as package:
        texts = {n: package.read(n).decode() for n in package.namelist() if n.endswith(".xml")}
    size = re.search(r"<w:rPrDefault>.*?<w:sz w:val=\"(\d+)\"", texts["word/styles.xml"], re.DOTALL)
    unit = int(size[1]) * 10 if size else 200
    for indent in re.findall(r"<w:ind [^>]*>", "".join(texts.values())):
        values = dict(re.findall(r'w:(\w+)="(-?\d+)"', indent))
        for side in ("left", "right"):
            if f"{side}Chars" in values:
                assert int(values[f"{side}Chars"]) / 100 * unit == pytest.approx(int(values[side]), abs=8), (
                    indent
                )
        # a hanging line is counted in two ways by Word, so it is given in points alone
        assert not {"leftChars", "hangingChars"} <= values.keys(), indent
