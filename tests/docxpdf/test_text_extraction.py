"""The words of a PDF as other programs take them out: poppler, pdfminer, pdfium."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from pdfminer.high_level import extract_text

from formsvc.documents.checking.contract import example_context, longest_context, minimal_context
from formsvc.documents.filling.fill import fill
from formsvc.documents.typesetting.unbreakable_phrases import protect_phrases
from formsvc.docxpdf import FontCatalog, PdfResult, collect_names
from formsvc.docxpdf.pdf.spaced_glyphs import CellFont
from tests.support.docx_samples.raw_xml import paragraph, run, table, word_file
from tests.support.docx_samples.simple import TAGS, definition, texts_of
from tests.support.paths import ROOT

ToPdf = Callable[[bytes], PdfResult]

NAMES = {
    "rare characters of names": "䶮㛃𬭊𫖯𠅤喆堃犇",
    "a Uyghur name in Chinese": "买买提·艾力·阿卜杜热合曼",
    "a Tibetan name": "བཀྲ་ཤིས་བདེ་ལེགས",
    "a Tibetan name among Chinese": "扎西བཀྲ་ཤིས同志",
    "a Yi name": "ꆈꌠꁱꂷ",
    "a Korean name": "김한국",
    "a Zhuang name": "Gvangjsih ƨɯŋƅ",
    "marks of documents": "绥消限字〔2026〕第0001号，①㈠№☑☐——……“‘’”·",
    "compatibility forms": "２０２６年㎡℃％",
}
RIGHT_TO_LEFT = {
    "a Uyghur word": "ئۇيغۇر",
    "a Uyghur phrase": "شىنجاڭ ئۇيغۇر ئاپتونوم رايونى",
    "an Arabic name": "محمد علي",
}
FONTS = ("仿宋_GB2312", "楷体_GB2312", "方正小标宋简体", "黑体", "宋体")


def plain(text: str) -> str:
    """Text without blanks and without marks of direction, in one normal form."""
    kept = (c for c in unicodedata.normalize("NFC", text) if not c.isspace())
    return "".join(c for c in kept if unicodedata.category(c) not in ("Cf", "Cc"))


def by_poppler(pdf: bytes, tmp_path: Path) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("no poppler here")
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf)
    return subprocess.run(
        ["pdftotext", "-enc", "UTF-8", str(file), "-"], capture_output=True, check=True
    ).stdout.decode()


def by_pdfminer(pdf: bytes, _folder: Path) -> str:
    return str(extract_text(io.BytesIO(pdf)))


def by_pdfium(pdf: bytes, _folder: Path) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join(page.get_textpage().get_text_range() for page in document)


READERS = {"poppler": by_poppler, "pdfminer": by_pdfminer, "pdfium": by_pdfium}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_names_come_out_as_they_were_typed_in_every_font(
    to_pdf: ToPdf, fonts: FontCatalog, tmp_path: Path, reader: Callable[[bytes, Path], str], name: str
) -> None:
    if fonts.undrawable(name):
        pytest.skip("a font pack without this script")
    body = "".join(
        paragraph(run(f"当事人{name}，男。", f'<w:rFonts w:eastAsia="{f}" w:ascii="{f}"/>')) for f in FONTS
    )
    made = to_pdf(word_file(body))
    assert made.warnings == () == made.missing
    assert plain(reader(made.pdf, tmp_path)).count(plain(f"当事人{name}，男。")) == len(FONTS)


@pytest.mark.parametrize("phrase", RIGHT_TO_LEFT.values(), ids=RIGHT_TO_LEFT.keys())
def test_words_written_from_the_right_stand_and_are_read_from_the_right(
    to_pdf: ToPdf, tmp_path: Path, phrase: str
) -> None:
    pdf = to_pdf(word_file(paragraph(phrase))).pdf
    assert plain(phrase) in plain(by_poppler(pdf, tmp_path))


@pytest.mark.parametrize("phrase", RIGHT_TO_LEFT.values(), ids=RIGHT_TO_LEFT.keys())
def test_pdfminer_which_knows_no_direction_reads_them_as_they_stand(
    to_pdf: ToPdf, tmp_path: Path, phrase: str
) -> None:
    pdf = to_pdf(word_file(paragraph(phrase))).pdf
    assert plain(phrase)[::-1] in plain(by_pdfminer(pdf, tmp_path))


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
def test_a_table_is_read_row_by_row(
    to_pdf: ToPdf, tmp_path: Path, reader: Callable[[bytes, Path], str]
) -> None:
    rows = [["当事人", "绥化市某酒店"], ["地址", "北林区某路"]]
    read = plain(reader(to_pdf(word_file(table(rows, [2000, 6000]))).pdf, tmp_path))
    assert all(words in read for row in rows for words in row)


# where a line is spread, and where digits meet ideographs, the gap is up to a third of a character
SPREAD = {
    "a date among words": ("于2026年9月18日对你单位", ""),
    "numbers of a document": ("绥北消限字〔2026〕第0007号、第12项第3款", ""),
    "a spread line": ("刘建设（镇党委书记），证号FAKE23120200001。", '<w:spacing w:val="44"/>'),
    "a wide line": ("赵正言", '<w:spacing w:val="160"/>'),
    "bold words": ("处罚人民币5000元整", '<w:b/><w:spacing w:val="40"/>'),
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
@pytest.mark.parametrize(("words", "look"), SPREAD.values(), ids=SPREAD.keys())
def test_a_gap_within_words_is_no_blank_to_a_reader(
    to_pdf: ToPdf, tmp_path: Path, reader: Callable[[bytes, Path], str], words: str, look: str
) -> None:
    assert words in reader(to_pdf(word_file(paragraph(run(words, look)))).pdf, tmp_path)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
def test_blanks_and_tabs_stay_blanks(
    to_pdf: ToPdf, tmp_path: Path, reader: Callable[[bytes, Path], str]
) -> None:
    content = run("2026年 9月", '<w:spacing w:val="44"/>') + "<w:r><w:tab/></w:r>" + run("第1页")
    read = reader(to_pdf(word_file(paragraph(content, '<w:tabs><w:tab w:val="left" w:pos="6000"/></w:tabs>'))).pdf, tmp_path)  # fmt: skip
    assert re.search(r"2026年 9月\s+第1页", read)


def test_words_with_gaps_are_found_where_they_are_drawn(to_pdf: ToPdf) -> None:
    def first_box(properties: str) -> tuple[float, ...]:
        pdf = to_pdf(word_file(paragraph(run("赵正言到场", properties)))).pdf
        with pypdfium2.PdfDocument(pdf) as document:
            page = document[0].get_textpage()
            place = page.get_text_range().index("言")
            return tuple(page.get_charbox(place))

    plain, spread = first_box(""), first_box('<w:spacing w:val="60"/>')
    # the third character moves by two gaps of three points and is as wide as before and its gap; a glyph has white sides
    assert spread[0] == pytest.approx(plain[0] + 6, abs=2)
    assert spread[2] == pytest.approx(plain[2] + 9, abs=2)


def contents() -> list[tuple[str, str]]:
    forms = sorted(path.stem for path in (ROOT / "doc_templates").glob("*.docx"))
    return [(form, amount) for form in forms for amount in CONTEXTS]


CONTEXTS = {"least": minimal_context, "usual": example_context, "most": longest_context}
# one kind of each look; `make test-slow` has all
SHORT = {("T07", "usual"), ("T15", "least"), ("T22", "usual"), ("T34", "usual")}
NUMBERS = re.compile(
    r"[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日|[A-Za-z0-9-]{4,}|〔[0-9]{4}〕第?[0-9]+号|[0-9.,]{2,}"
)


def answers_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from answers_in(item)


@pytest.mark.parametrize(
    ("form", "amount"),
    [
        pytest.param(*one, marks=() if one in SHORT else pytest.mark.slow, id="-".join(one))
        for one in contents()
    ],
)
def test_names_numbers_and_dates_of_a_document_are_found_as_they_were_typed(
    to_pdf: ToPdf, fonts: FontCatalog, tmp_path: Path, form: str, amount: str
) -> None:
    context = CONTEXTS[amount](definition(form))
    template = (ROOT / "doc_templates" / f"{form}.docx").read_bytes()
    names = collect_names(context.values())
    word = protect_phrases(fill(template, context, TAGS), fonts, names)
    printed = "".join("".join(texts_of(word)).split())
    numbers = {found for text in answers_in(context) for found in NUMBERS.findall(text)}
    wanted = {words for words in names | numbers if len(words) > 1 and words in printed}
    pdf = to_pdf(word).pdf
    for name, reader in READERS.items():
        # a line may end within a long number; a blank is no line end
        read = re.sub(r"[\r\n\f]", "", reader(pdf, tmp_path))
        assert {words for words in wanted if words not in read} == set(), name


def test_a_character_without_glyph_is_shown_as_one_and_told(to_pdf: ToPdf) -> None:
    made = to_pdf(word_file(paragraph("甲𪚥\U0003106c乙\ue000")))
    assert made.missing[-1] == "\ue000"
    assert any("“\ue000”（U+E000）没有字体能显示，以〓代替。" in w for w in made.warnings)
    assert "〓" in by_pdfium(made.pdf, Path())


def test_the_font_of_cells_is_the_same_at_any_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    # equal documents have equal bytes, today and in ten years
    made = []
    for hour in (0.0, 2e9):
        monkeypatch.setattr("time.time", lambda hour=hour: hour)
        made.append(CellFont().file_content)
    assert made[0] == made[1]
