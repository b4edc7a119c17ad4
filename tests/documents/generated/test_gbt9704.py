"""The red-head paper measured against GB/T 9704—2012, clause by clause, to half a millimetre."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2
import pytest

from formsvc.documents.filling.fill import fill
from formsvc.documents.templates.docx_file import WordFile
from formsvc.docxpdf import FontCatalog, PdfMetadata, convert
from tests.documents.filling.test_templates import context_of, template_of
from tests.support.docx_samples.raw_xml import seal, seal_picture
from tests.support.docx_samples.simple import TAGS
from tests.support.pdf_ink import Ink
from tests.support.pdf_text import Glyph, rows

MM = 25.4 / 72
HALF = 0.5
LEFT, TOP, RIGHT, BOTTOM = 28.0, 37.0, 28.0 + 156, 37.0 + 225
CHARACTER = 156 / 28
LINE = 225 / 22
SMALL_FOUR = 14 * MM
SEAL = 42.0
# a title has the issuing body, the matter and the kind of document (GB/T 9704 7.3.1): here on two lines
TITLE = ("绥化市北林区东河镇人民政府关于明确", "消防工作责任人的通知")
_DRAWING = " ".join(
    f'xmlns:{prefix}="http://schemas.openxmlformats.org/drawingml/2006/{name}"'
    for prefix, name in (("wp", "wordprocessingDrawing"), ("a", "main"), ("pic", "picture"))
)
_LEADERS = [{"no": "1", "name": "王晓", "title": "副镇长", "area": "农业农村和林业草原方面的消防工作，" * 74}]


class Paper:
    """A finished paper: lines of glyphs with the ink of each page, in millimetres."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        with pypdfium2.PdfDocument(pdf) as document:
            self.sizes = [(w * MM, h * MM) for w, h in (page.get_size() for page in document)]
        self.lines = [rows(pdf, page) for page in range(len(self.sizes))]
        self.ink = [Ink(pdf, page) for page in range(len(self.sizes))]

    def line(self, page: int, beginning: str) -> list[Glyph]:
        """The line that begins so."""
        return next(row for row in self.lines[page] if "".join(g.char for g in row).startswith(beginning))


def x(glyph: Glyph) -> float:
    return glyph.x * MM


def y(glyph: Glyph) -> float:
    return glyph.y * MM


def middle(row: list[Glyph], size: float = 16) -> float:
    """The middle of a line that ends with a full-width character."""
    return (x(row[0]) + x(row[-1]) + size * MM) / 2


def near(measured: float, wanted: float) -> bool:
    return abs(measured - wanted) <= HALF


@pytest.fixture(scope="module")
def paper(fonts: FontCatalog) -> Iterator[Paper]:
    """明确乡镇消防工作责任人的通知 with one long item: a first page, two full pages, a last page."""
    word = fill(template_of("T07"), context_of("T07", leaders=_LEADERS), TAGS)
    yield Paper(convert(_sealed(word), fonts, PdfMetadata("通知", "东河镇人民政府")).pdf)


def _sealed(word: bytes) -> bytes:
    """The paper with a seal of 42 mm whose middle is 141.4 mm from the page's left, 11 mm above the date's line."""
    parts = dict(WordFile.from_bytes(word).parts)
    document = parts["word/document.xml"].decode()
    anchored = seal("rIdSeal", x_mm=141.4 - SEAL / 2 - LEFT, y_mm=-SEAL / 2 - 5, size_mm=SEAL, behind=1)
    at = document.rindex("<w:r>", 0, document.rindex("2026年3月9日</w:t>", 0, document.index("<w:tbl>")))
    anchored = anchored.replace("<w:drawing>", f"<w:drawing {_DRAWING}>")
    document = document[:at] + anchored + document[at:]
    relations = parts["word/_rels/document.xml.rels"].decode()
    image = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    entry = f'<Relationship Id="rIdSeal" Type="{image}" Target="media/seal.png"/></Relationships>'
    types = parts["[Content_Types].xml"].decode()
    return WordFile(
        {
            **parts,
            "word/document.xml": document.encode(),
            "word/_rels/document.xml.rels": relations.replace("</Relationships>", entry).encode(),
            "word/media/seal.png": seal_picture(),
            "[Content_Types].xml": types.replace(
                "<Override", '<Default Extension="png" ContentType="image/png"/><Override', 1
            ).encode(),
        }
    ).to_bytes()


def test_5_1_the_paper_is_a4(paper: Paper) -> None:
    assert all(near(w, 210) and near(h, 297) for w, h in paper.sizes)


def test_5_2_1_the_type_area_is_156_by_225_mm_28_from_the_left_and_37_from_the_top(paper: Paper) -> None:
    for page in (1, 2):
        first, last = paper.lines[page][0], paper.lines[page][21]
        above = LINE * 0.8  # 固定行距的行，基线在行高的五分之四处
        assert near(y(first[0]) - above, TOP)
        assert near(y(last[0]) - above + LINE, BOTTOM)
        flush = [row for row in paper.lines[page][:22] if x(row[0]) < LEFT + 1]
        assert len(flush) > 15
        assert all(near(x(row[0]), LEFT) for row in flush)
        ends = [row for row in paper.lines[page][:22] if row[-1].char not in "，。、" and len(row) > 25]
        assert ends
        assert all(near(x(row[-1]) + 16 * MM, RIGHT) for row in ends if ord(row[-1].char) > 0x2E80)


def test_5_2_3_a_full_page_has_22_lines(paper: Paper) -> None:
    for page in (1, 2):
        body = paper.lines[page][:-1]
        assert len(body) == 22
        assert all(near(y(b[0]) - y(a[0]), LINE) for a, b in zip(body, body[1:], strict=False))
        assert near(y(body[-1][0]) - y(body[0][0]), 21 * LINE)


def test_5_2_3_a_full_line_has_28_characters(fonts: FontCatalog) -> None:
    plain = fill(template_of("T07"), context_of("T07", meeting="镇党政联席会议" * 40), TAGS)
    first = Paper(convert(plain, fonts, PdfMetadata("通知", "")).pdf).lines[1][0]
    assert len(first) == 28
    assert all(near(x(glyph), LEFT + place * CHARACTER) for place, glyph in enumerate(first))


def test_7_2_4_the_issuer_s_mark_is_red_centred_and_35_mm_below_the_upper_edge(paper: Paper) -> None:
    left, top, right, _ = paper.ink[0].box(paper.ink[0].red, bottom=100)
    assert near(top, TOP + 35)
    assert abs((left + right) / 2 - (LEFT + RIGHT) / 2) <= 1


def test_7_2_5_the_number_is_centred_two_blank_lines_below_the_mark(paper: Paper) -> None:
    _, _, _, mark = paper.ink[0].box(paper.ink[0].red, bottom=100)
    left, top, right, _ = paper.ink[0].box(paper.ink[0].black, top=mark, bottom=116)
    assert near((left + right) / 2, (LEFT + RIGHT) / 2)
    assert 2 * LINE <= top - mark <= 3 * LINE


def test_7_2_7_the_red_rule_is_as_wide_as_the_type_area_4_mm_below_the_number(paper: Paper) -> None:
    (rule,) = paper.ink[0].rules(paper.ink[0].red)
    _, _, _, number = paper.ink[0].box(paper.ink[0].black, top=105, bottom=116.5)
    assert near(rule.top - number, 4)
    assert near(rule.width, 156)
    assert near(rule.left, LEFT)
    assert 0.35 <= rule.thickness <= 1


def test_7_3_1_the_title_is_centred_two_blank_lines_below_the_rule(paper: Paper) -> None:
    (rule,) = paper.ink[0].rules(paper.ink[0].red)
    title, second = (paper.line(0, beginning) for beginning in TITLE)
    assert near(middle(title, 22), (LEFT + RIGHT) / 2)
    assert near(middle(second, 22), (LEFT + RIGHT) / 2)
    assert near(y(second[0]) - y(title[0]), 34 * MM)
    # 红线下两行，标题行高 34 磅，2号字居中
    top_of_line = y(title[0]) - (34 * 0.8) * MM
    assert near(top_of_line - 2 * LINE, rule.bottom)


def test_7_3_2_the_addressee_begins_at_the_margin_one_blank_line_below_the_title(paper: Paper) -> None:
    title, addressee = paper.line(0, TITLE[-1]), paper.line(0, "各村")
    assert near(x(addressee[0]), LEFT)
    below = y(addressee[0]) - y(title[0]) - (34 * 0.2) * MM
    assert near(below, LINE + LINE * 0.8)


def test_7_3_3_paragraphs_begin_two_characters_in_and_run_on_at_the_margin(paper: Paper) -> None:
    assert near(x(paper.line(0, "根据")[0]), LEFT + 2 * CHARACTER)
    assert near(x(paper.line(0, "会议研究")[0]), LEFT)


def test_7_3_5_1_the_date_ends_four_characters_from_the_right_with_the_name_over_its_middle(
    paper: Paper,
) -> None:
    name, date = paper.line(3, "绥化市北林区东河镇人民政府"), paper.line(3, "2026年3月9日")
    assert near(x(date[-1]) + 16 * MM, RIGHT - 4 * CHARACTER)
    assert near(middle(name), middle(date))
    assert near(y(date[0]) - y(name[0]), LINE)


@pytest.mark.parametrize("day", ["2026年3月9日", "2026年3月19日", "2026年12月31日"])
def test_7_3_5_1_the_name_keeps_to_the_middle_of_longer_dates(fonts: FontCatalog, day: str) -> None:
    word = fill(template_of("T07"), context_of("T07", issue_date=day), TAGS)
    made = Paper(convert(word, fonts, PdfMetadata("通知", "")).pdf)
    last = len(made.lines) - 1
    name, date = made.line(last, "绥化市北林区东河镇人民政府"), made.line(last, day)
    assert near(middle(name), middle(date))


def test_7_3_5_1_the_seal_lies_over_name_and_date_within_a_line_of_the_text(paper: Paper) -> None:
    left, top, right, bottom = paper.ink[3].box(paper.ink[3].red)
    name, date = paper.line(3, "绥化市北林区东河镇人民政府"), paper.line(3, "2026年3月9日")
    assert near((left + right) / 2, middle(date))
    assert near(right - left, SEAL * 0.94)  # 印模图片四周留白各百分之三
    assert top < y(name[0]) - 16 * MM and y(date[0]) < bottom
    assert (y(name[0]) + y(date[0])) / 2 > (top + bottom) / 2, "署名、日期居印章中心偏下"
    text = max(y(row[0]) for row in paper.lines[3] if y(row[0]) < y(name[0]) - LINE)
    assert top - text <= LINE


def test_7_4_1_the_imprint_has_lines_of_035_and_025_mm_the_last_on_the_lower_edge(paper: Paper) -> None:
    first, between, last = paper.ink[3].rules(paper.ink[3].black)
    for rule, thickness in ((first, 0.35), (between, 0.25), (last, 0.35)):
        assert near(rule.width, 156)
        assert near(rule.left, LEFT)
        assert abs(rule.thickness - thickness) <= 0.1
    assert near(last.bottom, BOTTOM)


def test_7_4_2_copies_go_in_size_four_one_character_from_both_edges(paper: Paper) -> None:
    copies = paper.line(3, "抄送")
    assert near(x(copies[0]), LEFT + SMALL_FOUR)
    assert x(copies[-1]) + SMALL_FOUR <= RIGHT - SMALL_FOUR + HALF


def test_7_4_3_the_printing_office_stands_left_and_the_day_right_one_character_in(paper: Paper) -> None:
    printing = paper.lines[3][-2]
    assert near(x(printing[0]), LEFT + SMALL_FOUR)
    assert near(x(printing[-1]) + SMALL_FOUR, RIGHT - SMALL_FOUR)


@pytest.mark.parametrize("page", range(4))
def test_7_5_page_numbers_stand_7_mm_below_outside_one_character_in(paper: Paper, page: int) -> None:
    number = paper.lines[page][-1]
    assert "".join(g.char for g in number) == f"—{page + 1}—"
    left, top, right, bottom = paper.ink[page].box(paper.ink[page].black, top=BOTTOM + 1)
    # 数字居中于一字线，一字线的高度是数字墨迹的中线
    assert near((top + bottom) / 2 - BOTTOM, 7)
    assert near(right, RIGHT - SMALL_FOUR) if page % 2 == 0 else near(left, LEFT + SMALL_FOUR)
