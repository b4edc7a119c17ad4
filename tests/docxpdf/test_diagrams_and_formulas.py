"""SmartArt by its own drawing, room for charts, formulas as words: nothing of a document is gone without a notice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.docxpdf import PdfResult
from tests.support.docx_samples.raw_xml import paragraph, relation, run, word_file
from tests.support.docx_samples.real_world import A4
from tests.support.pdf_text import lines, picture_of, rows, text

ToPdf = Callable[[bytes], PdfResult]
EMU = 12700
DGM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
DSP = "http://schemas.microsoft.com/office/drawing/2008/diagram"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def graphic(kind: str, content: str, size: tuple[float, float] = (300, 100)) -> str:
    cx, cy = (int(v * EMU) for v in size)
    return paragraph(
        f'<w:r><w:drawing><wp:inline><wp:extent cx="{cx}" cy="{cy}"/><wp:docPr id="1" name="图1"/><a:graphic>'
        f'<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/{kind}">{content}</a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r>"
    )


def shape(words: str, left: float, color: str, preset: str = "rect") -> str:
    """A shape of a diagram, 80 points wide and 60 high."""
    off, ext = f'<a:off x="{int(left * EMU)}" y="0"/>', f'<a:ext cx="{80 * EMU}" cy="{60 * EMU}"/>'
    body = f'<dsp:txBody><a:bodyPr anchor="ctr"/><a:p><a:pPr algn="ctr"/><a:r><a:rPr sz="1200"/><a:t>{words}</a:t></a:r></a:p></dsp:txBody>'
    return (
        f'<dsp:sp><dsp:spPr><a:xfrm>{off}{ext}</a:xfrm><a:prstGeom prst="{preset}"/><a:solidFill><a:srgbClr val="{color}"/>'
        f"</a:solidFill></dsp:spPr>{body}<dsp:txXfrm>{off}{ext}</dsp:txXfrm></dsp:sp>"
    )


def diagram(*shapes: str, named: bool = True) -> bytes:
    model = (
        f'<dgm:dataModel xmlns:dgm="{DGM}" xmlns:dsp="{DSP}"><dsp:dataModelExt relId="d2"/></dgm:dataModel>'
    )
    parts = {"word/diagrams/data1.xml": model if named else f'<dgm:dataModel xmlns:dgm="{DGM}"/>'}
    relations = relation("d1", "diagramData", "diagrams/data1.xml")
    if shapes:
        tree = f'<dsp:drawing xmlns:dsp="{DSP}" xmlns:a="{A}"><dsp:spTree>{"".join(shapes)}</dsp:spTree></dsp:drawing>'
        parts["word/diagrams/drawing1.xml"] = tree
        relations += relation("d2", "diagramDrawing", "diagrams/drawing1.xml")
    body = (
        paragraph("上") + graphic("diagram", f'<dgm:relIds xmlns:dgm="{DGM}" r:dm="d1"/>') + paragraph("下")
    )
    return word_file(body, section=A4, parts=parts, relations=relations)


def distance(pdf: bytes) -> float:
    """From the line above to the line below."""
    heights = {line[0].char: line[0].y for line in rows(pdf)}
    return heights["下"] - heights["上"]


@pytest.mark.parametrize("named", [True, False])
def test_a_diagram_is_drawn_with_its_words(to_pdf: ToPdf, named: bool) -> None:
    shapes = (
        shape("受理", 0, "FF0000"),
        shape("检查", 100, "00FF00", "chevron"),
        shape("决定", 200, "0000FF", "roundRect"),
    )
    result = to_pdf(diagram(*shapes, named=named))
    assert result.warnings == ()
    assert [line for line in lines(result.pdf) if line not in "上下"] == ["受理检查决定"]
    line = next(line for line in rows(result.pdf) if line[0].char == "受")
    assert [line[0].x, line[2].x, line[4].x] == pytest.approx([90 + 28, 190 + 28, 290 + 28], abs=2)
    image = picture_of(result.pdf).convert("RGB")
    middle = int(line[0].y - 20)
    assert image.getpixel((95, middle)) == (255, 0, 0) and image.getpixel((300, middle)) == (0, 0, 255)
    assert distance(result.pdf) == pytest.approx(100 + 20, abs=12)


def test_a_diagram_without_a_drawing_keeps_its_room_and_is_named(to_pdf: ToPdf) -> None:
    result = to_pdf(diagram())
    assert result.warnings == ("第2段（“上”之后）：图形“图1”（SmartArt 图示）不能排出，原处留有它的文字。",)
    assert distance(result.pdf) == pytest.approx(100 + 20, abs=12) and "图1" in text(result.pdf)


def test_a_chart_keeps_its_room_and_is_named_with_its_title(to_pdf: ToPdf) -> None:
    title = "<c:title><c:tx><c:rich><a:p><a:r><a:t>火灾起数</a:t></a:r></a:p></c:rich></c:tx></c:title>"
    for given, named in ((title, "图1 火灾起数"), ("", "图1")):
        chart = f'<c:chartSpace xmlns:c="{C}" xmlns:a="{A}"><c:chart>{given}</c:chart></c:chartSpace>'
        body = paragraph("上") + graphic("chart", f'<c:chart xmlns:c="{C}" r:id="c1"/>') + paragraph("下")
        docx = word_file(
            body,
            section=A4,
            parts={"word/charts/chart1.xml": chart},
            relations=relation("c1", "chart", "charts/chart1.xml"),
        )
        result = to_pdf(docx)
        assert result.warnings == (f"第2段（“上”之后）：图形“{named}”（图表）不能排出，原处留有它的文字。",)
        assert distance(result.pdf) == pytest.approx(100 + 20, abs=12)
        assert named.replace("图1 ", "") in text(result.pdf) or not given


def test_the_words_and_values_of_a_chart_are_printed(to_pdf: ToPdf) -> None:
    def kept(name: str, *values: str) -> str:
        points = "".join(f'<c:pt idx="{n}"><c:v>{value}</c:v></c:pt>' for n, value in enumerate(values))
        return f"<c:{name}><c:strRef><c:strCache>{points}</c:strCache></c:strRef></c:{name}>"

    series = f"<c:ser>{kept('tx', '起火')}{kept('cat', '一月', '二月')}{kept('val', '3', '15')}</c:ser>"
    chart = f'<c:chartSpace xmlns:c="{C}" xmlns:a="{A}"><c:chart>{series}</c:chart></c:chartSpace>'
    body = graphic("chart", f'<c:chart xmlns:c="{C}" r:id="c1"/>')
    relations = relation("c1", "chart", "charts/chart1.xml")
    result = to_pdf(word_file(body, section=A4, parts={"word/charts/chart1.xml": chart}, relations=relations))
    assert text(result.pdf) == "起火：一月3；二月15"
    # a chart that the file does not have keeps its name
    lost = to_pdf(word_file(body, section=A4))
    assert text(lost.pdf) == "图1" and len(lost.warnings) == 1


def test_the_picture_that_word_keeps_of_a_newer_chart_is_drawn(to_pdf: ToPdf) -> None:
    newer = (
        graphic("chartex", '<cx:chart xmlns:cx="urn:cx" r:id="c9"/>')
        .removeprefix("<w:p><w:pPr></w:pPr><w:r>")
        .removesuffix("</w:r></w:p>")
    )
    words = f"<v:textbox><w:txbxContent>{paragraph('后备')}</w:txbxContent></v:textbox>"
    kept = f'<w:pict><v:shape style="width:100pt;height:40pt">{words}</v:shape></w:pict>'
    both = f'<w:r><mc:AlternateContent><mc:Choice Requires="cx1">{newer}</mc:Choice><mc:Fallback>{kept}</mc:Fallback></mc:AlternateContent></w:r>'
    result = to_pdf(word_file(paragraph(both), section=A4))
    assert text(result.pdf) == "后备" and result.warnings == ()


def formula(content: str) -> bytes:
    return word_file(
        paragraph(run("甲") + f'<m:oMath xmlns:m="{M}">{content}</m:oMath>' + run("乙")), section=A4
    )


def letters(words: str) -> str:
    return f"<m:r><m:t>{words}</m:t></m:r>"


@pytest.mark.parametrize(
    ("content", "printed"),
    [
        (letters("x+1"), "x+1"),
        (f"<m:f><m:num>{letters('a+b')}</m:num><m:den>{letters('2')}</m:den></m:f>", "(a+b)/2"),
        (f"<m:sSup><m:e>{letters('x')}</m:e><m:sup>{letters('2')}</m:sup></m:sSup>", "x2"),
        (f"<m:sSubSup><m:e>{letters('x')}</m:e><m:sub>{letters('1')}</m:sub><m:sup>{letters('2')}</m:sup></m:sSubSup>", "x12"),
        (f"<m:rad><m:deg/><m:e>{letters('x+y')}</m:e></m:rad>", "√(x+y)"),
        (f'<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val="]"/></m:dPr><m:e>{letters("a")}</m:e></m:d>', "[a]"),
        (f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{letters("i")}</m:sub><m:sup>{letters("n")}</m:sup><m:e>{letters("k")}</m:e></m:nary>', "∑ink"),
        (f"<m:func><m:fName>{letters('sin')}</m:fName><m:e>{letters('x')}</m:e></m:func>", "sinx"),
    ],
)  # fmt: skip
def test_a_formula_is_printed_on_one_line_and_named(to_pdf: ToPdf, content: str, printed: str) -> None:
    result = to_pdf(formula(content))
    assert text(result.pdf) == f"甲{printed}乙"
    assert result.warnings == (f"第1段“甲乙”：公式“{printed}”按一行文字排出。",)


def test_raised_and_lowered_letters_of_a_formula_stand_off_the_line(to_pdf: ToPdf) -> None:
    content = f"<m:sSubSup><m:e>{letters('x')}</m:e><m:sub>{letters('1')}</m:sub><m:sup>{letters('2')}</m:sup></m:sSubSup>"
    where = {g.char: g.y for line in rows(to_pdf(formula(content)).pdf) for g in line}
    assert where["2"] < where["x"] - 3 and where["1"] > where["x"] + 1
