"""Every glyph on every paper is the simplified Chinese one of our own fonts; no box, no Japanese form."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from formsvc.documents.filling.fill import fill
from formsvc.documents.generated.docx_xml import paragraph, run, run_properties
from formsvc.documents.generated.gbt9704 import HEI, IMITATION, KAI, SONG, SONG_TITLE, word_document
from formsvc.docxpdf import FontCatalog, PdfResult
from tests.documents.filling.test_templates import FORMS, context_of, template_of
from tests.support.docx_samples.simple import TAGS
from tests.support.pdf_glyphs import shown, strange_glyphs

ToPdf = Callable[[bytes], PdfResult]
# written otherwise in Japan (or in Taiwan and Korea) under the same code
OTHERWISE_IN_JAPAN = "直骨角今令化边关复真具次所画示述通户望返喝器述糸海黄者晚祖"
RARE = "䶮㛃𬭊𫖯𠅤"
OFFICE_FONTS = (IMITATION, KAI, HEI, SONG, SONG_TITLE)


def page_of(text: str, *fonts: str, bold: bool = False) -> bytes:
    """A Word file with the text once in each font."""
    return word_document(
        "".join(paragraph(run(text, properties=run_properties(font=f, bold=bold))) for f in fonts)
    )


def set_elsewhere(word: bytes, fonts: Path, folder: Path) -> bytes:
    """The PDF of a Word file, made by a process of its own with another font directory."""
    program = (
        "import sys; from pathlib import Path; from formsvc.docxpdf.fonts.catalog import FontCatalog\n"
        "from formsvc.docxpdf import PdfMetadata, convert\n"
        "word, fonts, cache, pdf = map(Path, sys.argv[1:])\n"
        "pdf.write_bytes(convert(word.read_bytes(), FontCatalog(fonts, cache), PdfMetadata('', '')).pdf)\n"
    )
    (folder / "a.docx").write_bytes(word)
    places = (folder / "a.docx", fonts, folder / "cache", folder / "a.pdf")
    subprocess.run([sys.executable, "-c", program, *map(str, places)], check=True, timeout=120)
    return (folder / "a.pdf").read_bytes()


@pytest.mark.parametrize("form", FORMS)
def test_every_glyph_of_a_worked_case_is_ours(form: str, to_pdf: ToPdf, fonts: FontCatalog) -> None:
    assert strange_glyphs(to_pdf(fill(template_of(form), context_of(form), TAGS)).pdf, fonts.faces) == []


@pytest.mark.parametrize("bold", [False, True])
def test_characters_written_otherwise_in_japan_have_their_chinese_form(
    to_pdf: ToPdf, fonts: FontCatalog, bold: bool
) -> None:
    text = OTHERWISE_IN_JAPAN + RARE + "ABC 0123〔2026〕“引号”——……℃㎡"
    pdf = to_pdf(page_of(text, *OFFICE_FONTS, bold=bold)).pdf
    assert strange_glyphs(pdf, fonts.faces) == []
    said = {char for font in shown(pdf) for glyph in font.glyphs for char in font.texts[glyph]}
    assert set(text) - said - {" "} == set()


def test_the_chinese_fonts_of_the_pack_are_those_for_simplified_chinese(fonts: FontCatalog) -> None:
    pack = [f for f in fonts.faces if f.path.parent.name == "pack" and f.advance("直")]
    assert {f.family.split("-")[0] for f in pack} <= {
        "NotoSerifCJKsc",
        "NotoSansCJKsc",
        "FandolFang",
        "FandolKai",
        "LXGWWenKai",
    }
    assert len(pack) >= 4


def as_in_japan(source: Path, target: Path, name: str) -> None:
    """A font of another name that draws 直 by another glyph."""
    font = TTFont(source)
    font["name"].names = [record for record in font["name"].names if record.platformID == 3]
    for record in font["name"].names:
        record.string = name if record.nameID == 6 else "仿宋_GB2312"
    for table in font["cmap"].tables:
        if table.isUnicode() and table.format in (4, 12):
            table.cmap[ord("直")] = table.cmap[ord("A")]
    target.parent.mkdir(parents=True)
    font.save(target)


@pytest.mark.parametrize("name", ["MincyoPr6N-Regular", "FandolFang-Regular"])
def test_a_foreign_form_is_found_under_a_foreign_name_and_under_one_of_ours(
    name: str, fonts: FontCatalog, fonts_dir: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "fonts"
    as_in_japan(fonts_dir / "pack/LiberationSerif-Regular.ttf", foreign / "own/mincho.ttf", name)
    (foreign / "pack").symlink_to(fonts_dir / "pack", target_is_directory=True)
    faults = strange_glyphs(set_elsewhere(page_of("直路", IMITATION), foreign, tmp_path), fonts.faces)
    assert [f for f in faults if f.startswith(name)], faults
    assert strange_glyphs(set_elsewhere(page_of("直路", KAI), foreign, tmp_path), fonts.faces) == []


def test_a_character_no_font_has_is_found(fonts: FontCatalog, fonts_dir: Path, tmp_path: Path) -> None:
    poor = tmp_path / "fonts"
    (poor / "pack").mkdir(parents=True)
    shutil.copy(fonts_dir / "pack/LiberationSerif-Regular.ttf", poor / "pack")
    faults = strange_glyphs(set_elsewhere(page_of("Road 路", IMITATION), poor, tmp_path), fonts.faces)
    assert len(faults) == 1
    assert "draws a box" in faults[0]


def test_a_font_that_is_not_in_the_file_and_a_glyph_without_words_are_found(
    to_pdf: ToPdf, fonts: FontCatalog
) -> None:
    pdf = to_pdf(page_of("直路", IMITATION)).pdf
    with pikepdf.open(io.BytesIO(pdf)) as document:
        font = next(iter(document.pages[0].Resources.Font.values()))
        font.ToUnicode.write(b"1 beginbfchar <0001> <0041> endbfchar")
        speechless = io.BytesIO()
        document.save(speechless)
        del font.DescendantFonts[0].FontDescriptor["/FontFile3"]
        bare = io.BytesIO()
        document.save(bare)
    assert all("says nothing" in fault for fault in strange_glyphs(speechless.getvalue(), fonts.faces))
    assert len(strange_glyphs(speechless.getvalue(), fonts.faces)) == 2
    assert [f for f in strange_glyphs(bare.getvalue(), fonts.faces) if "not embedded" in f]
