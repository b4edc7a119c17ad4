"""The comparison kit: which line ends count as alike, what is said of a file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import compare as kit
from benchmarks.libreoffice import LibreOffice
from benchmarks.libreoffice_faults import known_faults
from benchmarks.line_matching import compare
from benchmarks.pdf_lines import Glyph, Line, PdfText, gather


def printed(*pages: Sequence[str], top: float = 100.0) -> PdfText:
    """Pages of lines, set in letters of ten points."""
    lines = [
        Line([Glyph(char, number, 50 + 10.0 * place, top + 20 * row, 10) for place, char in enumerate(text)])
        for number, page in enumerate(pages)
        for row, text in enumerate(page)
    ]
    return PdfText(len(pages), lines)


def test_the_same_page_is_wholly_alike() -> None:
    found = compare(printed(["甲乙丙", "丁戊"]), printed(["甲乙丙", "丁戊"]))
    assert (found.alike, found.lines, found.median_mm, found.within_1_mm) == (2, 2, 0, 1)
    assert found.same_pages and not found.differing


def test_a_line_broken_elsewhere_is_the_only_one_counted() -> None:
    found = compare(printed(["甲乙丙丁", "戊己庚", "辛"]), printed(["甲乙丙", "丁戊己庚", "辛"]))
    assert (found.alike, found.lines) == (2, 3)
    assert found.differing == (("甲乙丙丁", "甲乙丙"),)


def test_heads_and_feet_may_be_written_at_another_time() -> None:
    found = compare(printed(["甲乙", "丙丁", "第一页"]), printed(["第一页", "甲乙", "丙丁"]))
    assert (found.alike, found.lines) == (3, 3)


def test_lost_and_added_characters_and_pages_are_counted() -> None:
    found = compare(printed(["甲乙子"]), printed(["甲乙丙"], ["丁"]))
    assert (found.lost, found.added, found.pages, found.same_pages) == (2, 1, (1, 2), False)


def test_distances_are_in_millimetres() -> None:
    moved = compare(printed(["甲乙"]), printed(["甲乙"], top=100 + 72 / 25.4 * 2))
    assert moved.median_mm == pytest.approx(2)
    assert moved.within_1_mm == 0


def test_cells_beside_each_other_are_lines_of_their_own() -> None:
    row = [Glyph(char, 0, x, 100, 10) for char, x in (("甲", 50), ("乙", 60), ("丙", 200), ("丁", 210))]
    assert [line.text for line in gather(row)] == ["甲乙", "丙丁"]


def test_known_faults_of_the_yardstick_are_named() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("word/document.xml", '<w:docGrid w:type="linesAndChars" w:linePitch="579"/>——')
    named = known_faults(stream.getvalue())
    assert len(named) == 2 and "linesAndChars" in named[0]
    assert known_faults(b"no zip") == []


@pytest.mark.parametrize(
    ("indent", "faults"),
    [
        ('w:leftChars="200"', 1),
        ('w:rightChars="200" w:left="420"', 1),
        ('w:leftChars="200" w:left="420"', 0),
        ('w:left="420"', 0),
        ('w:leftChars="0"', 0),
    ],
)
def test_indents_in_characters_alone_are_a_known_fault(indent: str, faults: int) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("word/document.xml", f"<w:pPr><w:ind {indent}/></w:pPr>")
    assert len(known_faults(stream.getvalue())) == faults


def test_without_the_yardstick_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(LibreOffice, "find_program", staticmethod(lambda: None))
    assert kit.main([str(tmp_path)]) == 2
    assert "soffice" in capsys.readouterr().err


def test_the_table_ends_with_the_totals() -> None:
    likeness = compare(printed(["甲乙丙"]), printed(["甲乙丙"]))
    rows = [kit.ComparedFile("a.docx", likeness), kit.ComparedFile("b.docx", refused="拒绝")]
    lines = kit.table(rows)
    assert "1/1 100%" in lines[1] and "拒绝" in lines[2]
    assert lines[-1].startswith(
        "same pages 1/1 (100.0%), lines alike 100.0% of 1 (100.0% of 1 where no known fault of LibreOffice may show)"
    )


def test_lines_of_files_with_a_known_fault_are_told_apart() -> None:
    alike, other = (compare(printed(["甲乙丙"]), printed([text])) for text in ("甲乙丙", "丁戊己"))
    rows = [kit.ComparedFile("a", alike), kit.ComparedFile("b", other, known_faults=["拆到两行"])]
    total = kit.summary(rows)
    assert (total["lines_alike_share"], total["sound_lines_alike_share"]) == (0.5, 1.0)
