"""The words of a PDF as other programs take them out: poppler, pdfminer, pdfium."""

from __future__ import annotations

import io
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from pdfminer.high_level import extract_text

from formsvc.docxpdf import FontCatalog, PdfResult
from tests.support.docx_samples.raw_xml import paragraph, run, table, word_file

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


def test_a_character_without_glyph_is_shown_as_one_and_told(to_pdf: ToPdf) -> None:
    made = to_pdf(word_file(paragraph("甲𪚥\U0003106c乙\ue000")))
    assert made.missing[-1] == "\ue000"
    assert any("“\ue000”（U+E000）没有字体能显示，以〓代替。" in w for w in made.warnings)
    assert "〓" in by_pdfium(made.pdf, Path())
