"""Word files for faults that were found in papers, with pages that follow from their measures.

Each fault has a paper that just fills its pages and one with a line more. The text area is 442.2 points wide and 637.8
high (A4 less 2098, 1984, 1588 and 1474 twips). Lines of exactly 28.95 points: 22 fill a page (636.9), 23 do not
(665.9). Letters of 16 points without a character grid: 27 fill a line (432), 28 do not (448). Clauses are those of
ECMA-376 part 1. The papers were chosen by fault, before anything was measured.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PIL import Image

from benchmarks.raw_word import (
    EXACT,
    NAMES,
    NAMESPACES,
    FindingPaper,
    auto_line,
    bullet_numbering,
    cell_of,
    exact_line,
    exact_lines,
    inline_drawing,
    inline_picture,
    letters,
    relation,
    row_of,
    run_of,
    small_line,
    table_of,
)


def write_finding_papers(folder: Path) -> list[Path]:
    """Write the papers and ``derivations.txt``, which says why they have their pages."""
    folder.mkdir(parents=True, exist_ok=True)
    files, reasons = [], []
    for paper in finding_papers():
        file = folder / f"{paper.name}.docx"
        file.write_bytes(paper.to_bytes())
        files.append(file)
        reasons.append(f"{paper.name}: {paper.pages} pages. {paper.derivation}")
    (folder / "derivations.txt").write_text("\n".join(reasons) + "\n", encoding="utf-8")
    return files


def finding_papers() -> Iterator[FindingPaper]:
    """Yield the papers, two for each fault."""
    for more in (0, 1):
        name = ("full", "over")[more]
        for paper in (
            _left_characters(more),
            _right_characters(more),
            _left_and_hanging(more),
            _text_box_with_empty_picture(more),
            _table_without_grid(more),
            _turned_picture(more),
            _page_of_one_floating_table(more),
            _list_with_automatic_space(more),
            _number_in_the_format_of_the_mark(more),
            _chart(more),
            _two_lines_in_one(more),
            _ring_around_a_character(more),
            _rows_of_exact_height(more),
            _lines_on_the_grid(more),
            _characters_on_the_grid(more),
        ):
            yield replace(paper, name=f"{paper.name}_{name}")


def _left_characters(more: int) -> FindingPaper:
    text = exact_line(letters(15 * 22 + more), 22, '<w:ind w:leftChars="1000"/>')
    reason = (
        "17.3.1.12: ten characters of the default style (10.5) are 105 points; (442.2 - 105) / 22 = 15 letters a line; "
        f"{15 * 22 + more} letters take {22 + more} lines."
    )
    return FindingPaper("A1_left_characters", reason, 1 + more, text, '<w:sz w:val="21"/>')


def _right_characters(more: int) -> FindingPaper:
    text = exact_line(letters(15 * 22 + more), 22, '<w:ind w:rightChars="1000"/>')
    reason = (
        f"As A1_left_characters, on the right: {15 * 22 + more} letters, 15 a line, take {22 + more} lines."
    )
    return FindingPaper("A1_right_characters", reason, 1 + more, text, '<w:sz w:val="21"/>')


def _left_and_hanging(more: int) -> FindingPaper:
    count = 25 + 22 * 21 + more
    text = exact_line(letters(count), 16, '<w:ind w:leftChars="200" w:hangingChars="300"/>')
    reason = (
        "17.3.1.12, as Word writes both measures: the first line begins at 200 % x 16 = 32, the others at 32 + 48 = 80; "
        f"25 letters, then (442.2 - 80) / 16 = 22 a line: {count} letters take {22 + more} lines."
    )
    return FindingPaper("A2_left_and_hanging", reason, 1 + more, text)


def _text_box_with_empty_picture(more: int) -> FindingPaper:
    inner = exact_line("— 1 —", 16)
    shape = (
        '<w:r><w:pict><v:shape id="s1" style="width:300pt;height:200pt" filled="f" stroked="f">'
        f'<v:imagedata o:title=""/><v:textbox inset="0,0,0,0"><w:txbxContent>{inner}</w:txbxContent></v:textbox>'
        "</v:shape></w:pict></w:r>"
    )
    count = 14 + 2 * more
    body = (
        exact_lines(count) + f'<w:p><w:pPr><w:spacing w:line="240" w:lineRule="auto"/></w:pPr>{shape}</w:p>'
    )
    reason = (
        f"Part 4, 19.1: a shape in the line takes its 200 points and a descent of at most 16: {count} x 28.95 + 200 + 16 "
        f"= {count * 28.95 + 216:.1f} and, without the descent, {count * 28.95 + 200:.1f} against 637.8."
    )
    return FindingPaper("A3_text_box_with_empty_picture", reason, 1 + more, body)


def _table_without_grid(more: int) -> FindingPaper:
    wide = cell_of(8844, exact_line(letters(26 * 14), 16), 2)
    rows = [row_of("".join(cell_of(1474, exact_line("名称", 16)) for _ in range(6))), row_of(wide)]
    count = 6 + more
    body = table_of(rows, "") + exact_lines(count)
    reason = (
        "17.4.48 is missing, so 17.4.71 (w:tcW) counts: (442.2 - 10.8) / 16 = 26 letters a line in the cell of 8844 twips; "
        f"1 + 14 lines in the rows and {count} below with 1.5 points of rules: {(15 + count) * 28.95 + 1.5:.1f} of 637.8."
    )
    return FindingPaper("A4_table_without_grid", reason, 1 + more, body)


def _turned_picture(more: int) -> FindingPaper:
    count = 6 + 2 * more
    body = exact_lines(count) + auto_line(inline_picture(440, 150, turned=True))
    reason = (
        "20.1.7.6: a picture of 440 x 150 points turned by 90° is 440 high; with a descent of at most 16 "
        f"{count * 28.95 + 456:.1f} and without {count * 28.95 + 440:.1f} against 637.8."
    )
    picture = io.BytesIO()
    Image.new("L", (44, 15), 200).save(picture, "PNG")
    return FindingPaper(
        "A5_turned_picture",
        reason,
        1 + more,
        body,
        parts={"word/media/p.png": picture.getvalue()},
        relations=relation("p1", "image", "media/p.png"),
    )


def _page_of_one_floating_table(more: int) -> FindingPaper:
    rows = [
        row_of(cell_of(8800, exact_line("内容", 16)), '<w:trHeight w:val="620" w:hRule="exact"/>')
        for _ in range(20)
    ]
    place = (
        '<w:tblpPr w:leftFromText="180" w:rightFromText="180" w:vertAnchor="page" w:horzAnchor="page" w:tblpX="1588"'
        ' w:tblpY="2200"/><w:tblOverlap w:val="never"/>'
    )
    page_break = '<w:r><w:br w:type="page"/></w:r>' * more
    after = f"<w:p><w:pPr>{EXACT}</w:pPr>{page_break}</w:p>" + exact_lines(more)
    body = table_of(rows, '<w:gridCol w:w="8800"/>', place) + after
    reason = (
        "17.4.57: a floating table of 20 x 31 = 620 points on the page takes no room in the text, whose empty paragraph "
        f"stays on its page; {more} page breaks in that paragraph."
    )
    return FindingPaper("A6_page_of_one_floating_table", reason, 1 + more, body)


def _list_with_automatic_space(more: int) -> FindingPaper:
    marks = (
        '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:spacing w:before="280" w:beforeAutospacing="1"'
        ' w:after="280" w:afterAutospacing="1" w:line="579" w:lineRule="exact"/>'
    )
    count = 21 + 2 * more
    body = "".join(f"<w:p><w:pPr>{marks}</w:pPr>{run_of(letters(10), 16)}</w:p>" for _ in range(count))
    reason = (
        "17.3.1.33: automatic space is that of HTML, whose list items have none between them; at most 14 points stand "
        f"above and below the list: {count} x 28.95 = {count * 28.95:.1f}, with 28 {count * 28.95 + 28:.1f} (the last "
        "14 may go over the edge)."
    )
    return FindingPaper(
        "B1_list_with_automatic_space", reason, 1 + more, body, numbering=bullet_numbering("•")
    )


def _number_in_the_format_of_the_mark(more: int) -> FindingPaper:
    marks = (
        '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:spacing w:line="579" w:lineRule="exact"/>'
        '<w:jc w:val="left"/><w:rPr><w:sz w:val="64"/></w:rPr>'
    )
    body = "".join(
        f"<w:p><w:pPr>{marks}</w:pPr>{run_of(letters(17), 16)}</w:p>" for _ in range(11)
    ) + exact_lines(more)
    reason = (
        "17.9.24: ten letters of the number at the size of the mark (32) take 320 points, (442.2 - 320) / 16 = 7 letters "
        f"follow and 10 go to a second line: 11 x 2 + {more} lines."
    )
    numbering = bullet_numbering("检查发现的主要问题第")
    return FindingPaper("B3_number_of_the_mark", reason, 1 + more, body, numbering=numbering)


def _chart(more: int) -> FindingPaper:
    count = 11 + 2 * more
    graphic = f'<a:graphic><a:graphicData uri="{NAMES["c"]}"><c:chart r:id="c1"/></a:graphicData></a:graphic>'
    body = exact_lines(count) + auto_line(inline_drawing(400, 300, graphic))
    reason = (
        "20.4.2.8: a chart in the line takes the 300 points of its extent, with a descent of at most 16: "
        f"{count * 28.95 + 316:.1f} and without {count * 28.95 + 300:.1f} against 637.8."
    )
    chart = (
        f'<c:chartSpace {NAMESPACES}><c:chart><c:plotArea><c:layout/><c:barChart><c:barDir val="col"/><c:ser>'
        '<c:idx val="0"/><c:order val="0"/><c:val><c:numLit><c:ptCount val="2"/><c:pt idx="0"><c:v>3</c:v></c:pt>'
        '<c:pt idx="1"><c:v>5</c:v></c:pt></c:numLit></c:val></c:ser><c:axId val="1"/><c:axId val="2"/></c:barChart>'
        '<c:catAx><c:axId val="1"/><c:crossAx val="2"/></c:catAx><c:valAx><c:axId val="2"/><c:crossAx val="1"/></c:valAx>'
        "</c:plotArea></c:chart></c:chartSpace>"
    )
    return FindingPaper(
        "B4_chart",
        reason,
        1 + more,
        body,
        parts={"word/charts/chart1.xml": chart.encode()},
        relations=relation("c1", "chart", "charts/chart1.xml"),
    )


def _two_lines_in_one(more: int) -> FindingPaper:
    combined = (
        f'<w:r><w:rPr><w:eastAsianLayout w:id="1" w:combine="1"/></w:rPr><w:t>{letters(16)}</w:t></w:r>'
    )
    line = f"<w:p><w:pPr>{EXACT}</w:pPr>{combined}{run_of(letters(20), 16)}</w:p>"
    body = line * (22 + more)
    reason = (
        "17.3.2.10: 16 letters in two lines of half their size take 8 x 8 = 64 points, 20 more letters 320: one line a "
        f"paragraph, {22 + more} lines."
    )
    return FindingPaper("B2_two_lines_in_one", reason, 1 + more, body)


def _ring_around_a_character(more: int) -> FindingPaper:
    codes = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> EQ \\o\\ac(○,密) </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    line = f"<w:p><w:pPr>{EXACT}</w:pPr>{run_of(letters(27), 16)}{codes}</w:p>"
    reason = (
        "17.16.5.17: the field sets 密 in a ring, as wide as a letter: 28 letters take two lines, 11 paragraphs 22; "
        f"{more} more."
    )
    return FindingPaper("R32_ring_around_a_character", reason, 1 + more, line * 11 + exact_lines(more))


def _rows_of_exact_height(more: int) -> FindingPaper:
    height = '<w:trHeight w:val="640" w:hRule="exact"/>'
    rows = [row_of(cell_of(2000, exact_line(letters(26), 16)), height) for _ in range(19 + more)]
    body = table_of(rows, '<w:gridCol w:w="2000"/>') + small_line()
    reason = f"17.4.81: rows of exactly 32 points whatever they hold: {19 + more} x 32 = {(19 + more) * 32} of 637.8."
    return FindingPaper("R41_rows_of_exact_height", reason, 1 + more, body)


def _lines_on_the_grid(more: int) -> FindingPaper:
    body = "".join(f"<w:p>{run_of(letters(20), 16)}</w:p>" for _ in range(22 + more))
    reason = f"17.6.5: single lines on a grid of 28.95 points: {22 + more} lines of 22."
    grid = '<w:docGrid w:type="lines" w:linePitch="579"/>'
    return FindingPaper("G1_lines_on_the_grid", reason, 1 + more, body, grid=grid)


def _characters_on_the_grid(more: int) -> FindingPaper:
    body = f"<w:p>{run_of(letters(28 * 22 + more), 16)}</w:p>"
    reason = (
        "17.6.5: a character takes 16 - 849 / 4096 = 15.793 points, 28 fill 442.2: "
        f"{28 * 22 + more} letters take {22 + more} lines on a grid of 28.95."
    )
    grid = '<w:docGrid w:type="linesAndChars" w:linePitch="579" w:charSpace="-849"/>'
    return FindingPaper("G2_characters_on_the_grid", reason, 1 + more, body, grid=grid)
