"""Names, dates and amounts stand whole on their lines, in the PDF and in the Word file it is made of."""

from __future__ import annotations

import io
import itertools
import random
import re
import zipfile
from collections.abc import Callable

import pytest
from lxml import etree

from formsvc.documents.checking.contract import example_context
from formsvc.documents.filling.fill import fill
from formsvc.documents.typesetting.unbreakable_phrases import protect_phrases
from formsvc.docxpdf import FontCatalog, PdfResult, PhraseFinder, collect_names
from formsvc.usecases.ports import DocumentMetadata
from tests.support.docx_samples.raw_xml import GB_PAGE, W, paragraph, run, table, word_file
from tests.support.docx_samples.simple import definition, texts_of
from tests.support.paths import ROOT
from tests.support.pdf_text import glyphs, lines

ToPdf = Callable[[bytes], PdfResult]
LINES_PAGE = GB_PAGE[: GB_PAGE.index("<w:docGrid")] + '<w:docGrid w:type="lines" w:linePitch="579"/>'
FILLER = "被检查单位应当按照消防法律法规履行安全职责并及时消除火灾隐患"
RIGHT = (11906 - 1474) / 20


def written(token: str, ahead: int, behind: str = "经办后续事项并按期报告。", properties: str = "") -> bytes:
    text = (FILLER * 3)[:ahead] + token + behind + FILLER
    return word_file(paragraph(text, properties), section=LINES_PAGE)


def text_of(word: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(word)) as package:
        root = etree.fromstring(package.read("word/document.xml"))
    return "".join(t.text or "" for t in root.iter(f"{{{W}}}t"))


@pytest.mark.parametrize("ahead", range(20, 30))
@pytest.mark.parametrize("token", ["冯文书", "9月21日", "10时30分", "2860.5元", "第16条", "3日", "壹万元整"])
def test_no_line_tears_such_a_word(to_pdf: ToPdf, fonts: FontCatalog, token: str, ahead: int) -> None:
    word = written(token, ahead)
    kept = protect_phrases(word, fonts, ["冯文书"])
    assert any(token in line for line in lines(to_pdf(kept).pdf))
    assert text_of(kept) == text_of(word)


@pytest.mark.parametrize(
    "parts", [("2026年", "9月", "21日"), ("绥北消限", "〔2026〕", "15号"), ("人民币", "壹万元整")]
)
def test_what_is_too_long_to_be_moved_is_parted_between_its_numbers(
    to_pdf: ToPdf, fonts: FontCatalog, parts: tuple[str, ...]
) -> None:
    for ahead in range(21, 29):
        made = lines(to_pdf(protect_phrases(written("".join(parts), ahead), fonts, ["绥北消限"])).pdf)
        assert all(any(part in line for line in made) for part in parts), made


def test_a_number_keeps_its_unit_where_the_line_is_too_short_of_ideographs(
    to_pdf: ToPdf, fonts: FontCatalog
) -> None:
    def ends(word: bytes) -> list[str]:
        return [line for line in lines(to_pdf(word).pdf) if re.search(r"第[0-9]+$", line)]

    torn_without = 0
    for ahead in range(6):
        text = FILLER[:ahead] + "文书（绥北（东）消限字〔2026〕第0008号至第0010号）3份。"
        word = word_file(paragraph(text), section=LINES_PAGE)
        torn_without += len(ends(word))
        kept = protect_phrases(word, fonts, [])
        assert ends(kept) == []
        assert text_of(kept) == text
    assert torn_without


def test_the_line_before_reaches_the_margin_and_is_not_spread_beyond_a_quarter(
    to_pdf: ToPdf, fonts: FontCatalog
) -> None:
    for ahead in range(24, 27):
        made = glyphs(to_pdf(protect_phrases(written("冯文书", ahead), fonts, ["冯文书"])).pdf)
        first = [g for g in made if abs(g.y - made[0].y) < 1]
        steps = [b.x - a.x for a, b in zip(first, first[1:], strict=False)]
        assert max(steps) <= 16 * 1.25
        assert abs(first[-1].x + 16 - RIGHT) < 0.5


def test_digits_before_the_word_are_not_drawn_apart(to_pdf: ToPdf, fonts: FontCatalog) -> None:
    text = "证号23120200001" + "字" * 17 + "冯文书" + "后" * 30
    made = glyphs(
        to_pdf(protect_phrases(word_file(paragraph(text), section=LINES_PAGE), fonts, ["冯文书"])).pdf
    )
    digits = [g for g in made if g.char.isdigit()]
    assert digits[-1].x - digits[0].x == pytest.approx(10 * 8, abs=0.1)


def test_a_file_without_torn_words_stays_the_same_and_so_does_a_kept_one(fonts: FontCatalog) -> None:
    calm = written("冯文书", 4)
    assert protect_phrases(calm, fonts, ["冯文书"]) is calm
    kept = protect_phrases(written("冯文书", 25), fonts, ["冯文书"])
    assert kept != written("冯文书", 25)
    assert protect_phrases(kept, fonts, ["冯文书"]) is kept


def test_formats_within_the_line_stay_as_they_are(to_pdf: ToPdf, fonts: FontCatalog) -> None:
    content = run("字" * 10, "<w:b/>") + run("字" * 15, '<w:u w:val="single"/>') + run("冯文书" + "后" * 30)
    word = word_file(paragraph(content, '<w:ind w:firstLineChars="200"/>'), section=LINES_PAGE)
    kept = protect_phrases(word, fonts, ["冯文书"])
    with zipfile.ZipFile(io.BytesIO(kept)) as package:
        root = etree.fromstring(package.read("word/document.xml"))
    marked = {
        kind: "".join(
            str(r.xpath("string(w:t)", namespaces={"w": W}))
            for r in root.iter(f"{{{W}}}r")
            if r.find(f"{{{W}}}rPr/{{{W}}}{kind}") is not None
        )
        for kind in ("b", "u")
    }
    assert marked == {"b": "字" * 10, "u": "字" * 15}
    made = glyphs(to_pdf(kept).pdf)
    assert made[0].x == pytest.approx(glyphs(to_pdf(word).pdf)[0].x, abs=0.1)


def test_texts_of_any_length_keep_their_names_and_lose_no_character(
    to_pdf: ToPdf, fonts: FontCatalog
) -> None:
    chance = random.Random(9704)
    names = ["冯文书", "欧阳锦程", "李一", "钱守规"]
    for _ in range(12):
        pieces = []
        for _ in range(30):
            pieces.append(FILLER[chance.randrange(10) : chance.randrange(11, 29)])
            pieces.append(chance.choice(names) + chance.choice(["，", "。", "（证号231202）", "于9月3日"]))
        text = "".join(pieces)
        kept = protect_phrases(word_file(paragraph(text), section=LINES_PAGE), fonts, names)
        made = lines(to_pdf(kept).pdf)
        assert "".join(made) == text
        whole = sum(line.count(name) for line in made for name in names)
        assert whole == sum(text.count(name) for name in names)


def test_what_stays_whole() -> None:
    def found(text: str, *names: str) -> set[str]:
        return {text[a:b] for a, b in PhraseFinder(names).find_spans(text)}

    assert {"2026年9月18日9时05分", "9月18日", "9时05分", "18日"} <= found("于2026年9月18日9时05分到场")
    assert "1,234.50元" in found("罚款1,234.50元整")
    assert {"绥北消限〔2026〕15号", "〔2026〕15号", "15号"} <= found("见绥北消限〔2026〕15号"[1:])
    assert {"第0010号", "0010号"} <= found("空白文书第0008号至第0010号")
    assert "人民币壹万贰仟元整" in found("计人民币壹万贰仟元整。")
    assert "15个工作日" in found("应在15个工作日内")
    assert "冯文书" in found("由冯文书经办", "冯文书")


def test_names_are_the_short_answers_of_a_form() -> None:
    context = {
        "drafter": "冯文书",
        "present": "何梅（宣传）、吕强（水源设施）",
        "officers": [{"name": "买买提·艾力", "cert_no": "231202"}],
        "measure": "应当立即清除货架，保持畅通",
        "no_hazard": False,
        "count": 3,
    }
    assert collect_names(context.values()) == {"冯文书", "何梅", "宣传", "吕强", "水源设施", "买买提·艾力"}


def torn(word: bytes, made: list[str], names: frozenset[str]) -> list[str]:
    """Names and numbers from their units that end one line and go on in the next, in one paragraph of the Word file.

    Lines with a code of many letters and digits have too few ideographs to be widened.
    """
    written = ["".join(text.split()) for text in texts_of(word)]
    found = []
    for line, following in itertools.pairwise(made):
        meeting = line[-6:] + following[:6]
        if sum(c.isascii() for c in line) > 16 or not any(meeting in text for text in written):
            continue
        if any(line.endswith(n[:i]) and following.startswith(n[i:]) for n in names for i in range(1, len(n))):
            found.append(meeting)
        if line[-1].isdigit() and following[0] in "年月日时分元号条":
            found.append(meeting)
    return found


@pytest.mark.parametrize("form", sorted(path.stem for path in (ROOT / "doc_templates").glob("*.docx")))
def test_no_paper_of_ours_tears_a_name_or_a_number_whatever_the_length_of_its_words(
    to_pdf: ToPdf, fonts: FontCatalog, form: str
) -> None:
    context = example_context(definition(form))
    template = (ROOT / "doc_templates" / f"{form}.docx").read_bytes()
    names = collect_names(context.values())
    for more in (0, 2, 5):
        longer = {
            key: value + "东街广场北侧"[:more]
            if isinstance(value, str) and len(value) > 8 and not re.search(r"\d", value)
            else value
            for key, value in context.items()
        }
        word = protect_phrases(fill(template, longer, DocumentMetadata("试", "试", "", "")), fonts, names)
        assert torn(word, lines(to_pdf(word).pdf), names) == []


TITLES = {
    "北林区东河镇人民政府关于明确东河镇消防工作责任人的通知": [
        "北林区东河镇人民政府",
        "关于明确东河镇消防工作责任人的通知",
    ],
    "绥化市北林区消防救援大队关于消防行政执法委托的公告": [
        "绥化市北林区消防救援大队",
        "关于消防行政执法委托的公告",
    ],
    "北林区东河镇人民政府关于明确村（社区）“两委”消防工作责任人的通知": [
        "北林区东河镇人民政府关于明确村（社区）",
        "“两委”消防工作责任人的通知",
    ],
    "绥化市北林区东河镇人民政府关于印发《东河镇消防安全网格化管理实施办法》的通知": [
        "绥化市北林区东河镇人民政府",
        "关于印发《东河镇消防安全网格化",
        "管理实施办法》的通知",
    ],
}
TITLE = '<w:rFonts w:eastAsia="方正小标宋简体"/><w:sz w:val="44"/>'


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_broken_by_its_sense(to_pdf: ToPdf, fonts: FontCatalog, title: str) -> None:
    word = word_file(paragraph(run(title, TITLE), '<w:jc w:val="center"/>'), section=LINES_PAGE)
    kept = protect_phrases(word, fonts, ["东河镇"])
    assert lines(to_pdf(kept).pdf) == TITLES[title]
    assert text_of(kept) == title
    assert protect_phrases(kept, fonts, ["东河镇"]) is kept


def test_a_title_of_one_line_and_centred_text_of_the_body_stay_as_they_are(fonts: FontCatalog) -> None:
    for content in (run("关于消防工作的通知", TITLE), run(FILLER * 2)):
        word = word_file(paragraph(content, '<w:jc w:val="center"/>'), section=LINES_PAGE)
        assert protect_phrases(word, fonts, []) is word


@pytest.mark.parametrize("look", ['<w:jc w:val="left"/>', '<w:jc w:val="right"/>'])
@pytest.mark.parametrize("ahead", range(22, 27))
def test_where_lines_are_not_spread_the_word_comes_to_the_next_line(
    to_pdf: ToPdf, fonts: FontCatalog, ahead: int, look: str
) -> None:
    word = written("冯文书", ahead, properties=look)
    kept = protect_phrases(word, fonts, ["冯文书"])
    assert any("冯文书" in line for line in lines(to_pdf(kept).pdf))
    steps = [b.x - a.x for a, b in itertools.pairwise(glyphs(to_pdf(kept).pdf)) if abs(a.y - b.y) < 1]
    assert max(steps) < 16 * 1.05
    assert text_of(kept) == text_of(word)


@pytest.mark.parametrize("name", ["绥化市北林区消防救援大队", "东河镇福满家购物广场", "某乡人民政府"])
def test_a_label_of_a_row_of_particulars_is_not_torn_nor_parted_from_a_name(
    to_pdf: ToPdf, fonts: FontCatalog, name: str
) -> None:
    text = f"当事人：{name}　统一社会信用代码：11231202FAKE00013C　主要负责人：周国栋（虚构）"
    word = word_file(paragraph(text, '<w:jc w:val="left"/>'), section=LINES_PAGE)
    made = lines(to_pdf(protect_phrases(word, fonts, ["周国栋"])).pdf)
    assert any("统一社会信用代码：" in line for line in made)
    assert any("主要负责人：周国栋" in line for line in made)


@pytest.mark.parametrize("mark", ["1.", "12.", "☐"])
@pytest.mark.parametrize("ahead", range(22, 28))
def test_neither_an_item_number_nor_a_box_ends_a_line(
    to_pdf: ToPdf, fonts: FontCatalog, ahead: int, mark: str
) -> None:
    kept = protect_phrases(written(f"：{mark}刘建设（镇党委书记）", ahead), fonts, ["刘建设"])
    assert not any(line.endswith(mark) for line in lines(to_pdf(kept).pdf))


def test_a_file_that_cannot_be_set_stays_as_it_is(fonts: FontCatalog) -> None:
    broken = written("冯文书", 25)[:-40]
    assert protect_phrases(broken, fonts, ["冯文书"]) is broken


def test_names_in_cells_are_kept_too(to_pdf: ToPdf, fonts: FontCatalog) -> None:
    # a cell of fourteen characters: the name would begin with the last of them
    cell = table(
        [["字" * 13 + "冯文书到场", "乙"]], [14 * 320 + 230, 2000], properties='<w:tblLayout w:type="fixed"/>'
    )
    word = word_file(cell + paragraph(), section=LINES_PAGE)
    assert not any("冯文书" in line for line in lines(to_pdf(word).pdf))
    kept = protect_phrases(word, fonts, ["冯文书"])
    assert any("冯文书" in line for line in lines(to_pdf(kept).pdf))


def test_what_the_author_spaced_stays_as_spaced(fonts: FontCatalog) -> None:
    text = run("字" * 24 + "冯文书" + "后" * 20, '<w:spacing w:val="10"/>')
    word = word_file(paragraph(text), section=LINES_PAGE)
    assert protect_phrases(word, fonts, ["冯文书"]) is word
