"""Lines set ready stand where the page engine would have put them, and what they cannot say is left to it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from formsvc.documents.checking.contract import example_context
from formsvc.documents.filling.fill import fill
from formsvc.docxpdf import FontCatalog, PdfMetadata, convert, lay_out_document
from formsvc.docxpdf.pdf import positioned_lines
from formsvc.docxpdf.pdf.glyph_subsets import FontSubsetter
from formsvc.docxpdf.pdf.run_style import RunStyle, merge_equal_styles, parse_run_style
from formsvc.usecases.ports import DocumentMetadata
from tests.support.docx_samples.raw_xml import paragraph, table, word_file
from tests.support.docx_samples.simple import definition
from tests.support.paths import ROOT
from tests.support.pdf_text import text

FORMS = sorted(path.stem for path in (ROOT / "doc_templates").glob("*.docx"))
NEAR = 0.05  # points, a fiftieth of a millimetre
# WeasyPrint truncates the position of each letter to a thousandth of an em, which adds up along a long address
NEAR_IN_LATIN = 0.3
Glyph = tuple[str, float, float]


def own(form: str) -> bytes:
    template = (ROOT / "doc_templates" / f"{form}.docx").read_bytes()
    return fill(template, example_context(definition(form)), DocumentMetadata("", ""))


def glyphs(pdf: bytes) -> list[list[Glyph]]:
    """Character and place of everything that is not blank, page by page."""
    found = []
    x, y = ctypes.c_double(), ctypes.c_double()
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            words = page.get_textpage()
            row = []
            for number in range(words.count_chars()):
                char = chr(pdfium.FPDFText_GetUnicode(words.raw, number))
                if char.strip() and not pdfium.FPDFText_IsGenerated(words.raw, number):
                    pdfium.FPDFText_GetCharOrigin(words.raw, number, x, y)
                    row.append((char, x.value, y.value))
                # the engine draws raised text last, and so it is read
            found.append(sorted(row, key=lambda glyph: (glyph[0], round(glyph[2]), glyph[1])))
    return found


@contextmanager
def by_the_page_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is set beforehand."""
    with monkeypatch.context() as patched:
        patched.setattr(positioned_lines.LinePlacer, "place", lambda _self, _root: {})
        yield


def assert_same_places(
    word: bytes, fonts: FontCatalog, monkeypatch: pytest.MonkeyPatch, near: float = NEAR
) -> None:
    ours = glyphs(convert(word, fonts, PdfMetadata("题", "人")).pdf)
    with by_the_page_engine(monkeypatch):
        theirs = glyphs(convert(word, fonts, PdfMetadata("题", "人")).pdf)
    assert [[g[0] for g in page] for page in ours] == [[g[0] for g in page] for page in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        worst = max(
            (max(abs(a[1] - b[1]), abs(a[2] - b[2])) for a, b in zip(mine, other, strict=True)), default=0
        )
        assert worst <= near


@pytest.mark.parametrize("form", FORMS)
def test_every_character_of_our_papers_stands_where_the_engine_puts_it(
    form: str, fonts: FontCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_same_places(own(form), fonts, monkeypatch, NEAR_IN_LATIN)


def run(content: str, properties: str = "") -> str:
    return f"<w:r><w:rPr><w:sz w:val='32'/>{properties}</w:rPr>{content}</w:r>"


def words(content: str) -> str:
    return f'<w:t xml:space="preserve">{content}</w:t>'


KINDS = {
    "underlined blanks": run(words("　　　   "), '<w:u w:val="single"/>') + run(words("签字")),
    "tabs": run(words("甲") + "<w:tab/>" + words("乙") + "<w:tab/>" + words("丙")),
    "centred": '<w:pPr><w:jc w:val="center"/></w:pPr>' + run(words("居中的一行")),
    "right": '<w:pPr><w:jc w:val="right"/></w:pPr>' + run(words("2026年9月21日")),
    "bold and coloured": run(words("粗体"), '<w:b/><w:color w:val="FF0000"/>') + run(words("常")),
    "raised": run(words("第")) + run(words("上标"), '<w:vertAlign w:val="superscript"/>'),
    "spaced": run(words("字距加宽"), '<w:spacing w:val="40"/>'),
    "large among small": run(words("小")) + run(words("大"), '<w:sz w:val="96"/>'),
    "dashes": run(words("依照——即……规定")),
    "Latin": run(words("To AV fi FAKE 3.14%")),
    "kerned": run(words("To AV FAKE，Word 11"), '<w:kern w:val="2"/>'),
    "justified": run(
        words("经查，你单位二层安全出口被杂物堵塞，宽度不足1.4米，违反《消防法》第二十八条。" * 3)
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_runs_of_every_plain_kind_stand_where_the_engine_puts_them(
    kind: str, fonts: FontCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = word_file(paragraph(KINDS[kind]) + paragraph(run(words("下一段"))))
    assert_same_places(word, fonts, monkeypatch, NEAR_IN_LATIN if kind in ("Latin", "kerned") else NEAR)


@pytest.mark.parametrize("form", FORMS)
def test_all_lines_of_our_papers_are_set(form: str, fonts: FontCatalog) -> None:
    markup = lay_out_document(own(form), fonts)
    placer = positioned_lines.LinePlacer(
        markup.style, {f.family: f for f in fonts.faces}, {}, FontSubsetter()
    )
    assert placer.place(markup.root)
    assert placer.skipped_paragraphs == 0


@pytest.mark.parametrize("char", ["é", "ใ", "ا", "क्ष", "葛󠄀", "한", "😀", "\u0301"])
def test_characters_shaped_by_their_neighbours_are_left_to_the_engine(char: str, fonts: FontCatalog) -> None:
    made = convert(word_file(paragraph(run(words(f"甲{char}乙")))), fonts, PdfMetadata("题", "人"))
    assert {"甲", "乙"} <= set(text(made.pdf))


def test_what_a_class_says_beyond_ink_is_left_to_the_engine() -> None:
    plain = 'font-family:"A";font-size:12pt'
    assert parse_run_style(plain) == RunStyle("A", 16.0)
    assert (
        parse_run_style(plain + ";color:#FF0000;letter-spacing:-.5pt;font-weight:700") is None
    )  # not as css_number writes
    assert parse_run_style(plain + ";color:#FF0000;letter-spacing:-0.75pt;font-weight:700") == RunStyle(
        "A", 16.0, bold=True, color="#FF0000", spacing=-1.0
    )
    for more in ("background:#FFFF00", "border:1px solid", "color:red", "font-size:9pt", "top:1em"):
        assert parse_run_style(f"{plain};{more}") is None
    assert parse_run_style("font-size:12pt") is None


def test_equal_style_attributes_become_one_class() -> None:
    from formsvc.docxpdf.html_tree import node

    rows = [node("tr", style="break-inside:avoid") for _ in range(3)]
    spans = node("span", style="margin-left:1pt")
    root = node(
        "div", *rows, spans, node("p", class_="c1", style="break-before:page"), node("p", class_="c1")
    )
    made = merge_equal_styles(root, ".c1{margin:0}")
    assert made == ".b0{break-inside:avoid}\n.b1{margin:0;break-before:page}"
    assert [e.get("class") for e in root] == ["b0", "b0", "b0", None, "b1", "c1"]
    assert spans.get("style") == "margin-left:1pt"


def test_a_large_run_makes_its_line_higher_only_as_the_engine_does(
    fonts: FontCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = word_file(
        table([["小", "大"], ["三", "四"]], [2000, 2000]) + paragraph(run(words("高"), '<w:sz w:val="144"/>'))
    )
    assert_same_places(word, fonts, monkeypatch)


def test_a_face_is_cut_once_for_the_same_characters(fonts: FontCatalog) -> None:
    face = fonts.faces[0]
    subsetter = FontSubsetter(limit=1)
    first = subsetter.subset(face, [5, 6, 7])
    assert subsetter.subset(face, [7, 6, 5]) is first
    assert len(first[0]) < 60_000
    subsetter.subset(face, [8])
    assert subsetter.subset(face, [5, 6, 7]) is not first


def test_the_same_document_gives_the_same_bytes_whatever_was_made_before(fonts: FontCatalog) -> None:
    first = convert(own("T22"), fonts, PdfMetadata("题", "人")).pdf
    convert(own("T15"), fonts, PdfMetadata("题", "人"))
    assert convert(own("T22"), fonts, PdfMetadata("题", "人")).pdf == first
