"""Phonetic guides, endnotes and the marks of notes, alignment tabs, right-to-left paragraphs, unequal columns."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.docxpdf import PdfResult
from tests.support.docx_samples.raw_xml import GB_PAGE, MODERN, paragraph, part, relation, run, word_file
from tests.support.pdf_text import Glyph, glyphs, lines

ToPdf = Callable[[bytes], PdfResult]
PLAIN_PAGE = GB_PAGE[: GB_PAGE.index("<w:docGrid")]
LEFT, RIGHT = 1588 / 20, (11906 - 1474) / 20
HEBREW = '<w:rFonts w:ascii="DejaVu Sans" w:hAnsi="DejaVu Sans"/>'


def ruby(base: str, above: str, align: str = "center", half_points: int = 16, raised: int = 30) -> str:
    return (
        f'<w:r><w:ruby><w:rubyPr><w:rubyAlign w:val="{align}"/><w:hps w:val="{half_points}"/><w:hpsRaise w:val="{raised}"/>'
        f'<w:hpsBaseText w:val="32"/><w:lid w:val="zh-CN"/></w:rubyPr><w:rt>{run(above)}</w:rt><w:rubyBase>{run(base)}</w:rubyBase></w:ruby></w:r>'
    )


def of(made: list[Glyph], char: str) -> Glyph:
    return next(g for g in made if g.char == char)


def test_a_phonetic_guide_stands_above_its_word_at_its_size_and_distance(to_pdf: ToPdf) -> None:
    made = to_pdf(word_file(paragraph(run("由") + ruby("䶮", "甲乙") + run("经办")), section=PLAIN_PAGE))
    assert made.warnings == ()
    found = glyphs(made.pdf)
    base, above, last = of(found, "䶮"), of(found, "甲"), of(found, "乙")
    assert last.x - above.x == pytest.approx(8, abs=0.1)
    assert base.y - above.y == pytest.approx(15, abs=0.1)
    assert base.y == pytest.approx(of(found, "由").y, abs=0.1)
    assert base.x == pytest.approx(of(found, "由").x + 16, abs=0.1)
    assert last.x == pytest.approx(base.x + 8, abs=0.1)


def test_a_phonetic_guide_raises_lines_but_not_exact_ones(to_pdf: ToPdf) -> None:
    def steps(properties: str, guide: str) -> float:
        body = paragraph("甲", properties) + paragraph(guide, properties)
        found = glyphs(to_pdf(word_file(body, section=PLAIN_PAGE)).pdf)
        return of(found, "丙").y - of(found, "甲").y

    guide, bare = run("丙") + ruby("行", "xing"), run("丙行")
    assert steps("", guide) > steps("", bare) + 2
    exact = '<w:spacing w:line="400" w:lineRule="exact"/>'
    assert steps(exact, guide) == pytest.approx(steps(exact, bare), abs=0.05) == pytest.approx(20, abs=0.05)


@pytest.mark.parametrize(
    ("align", "first", "last"), [("left", 0, 8), ("right", 32, 40), ("distributeLetter", 0, 40), ("distributeSpace", 8, 32)]
)  # fmt: skip
def test_a_short_guide_is_spread_over_its_word_as_asked(
    to_pdf: ToPdf, align: str, first: float, last: float
) -> None:
    found = glyphs(to_pdf(word_file(paragraph(ruby("东河镇", "甲乙", align)), section=PLAIN_PAGE)).pdf)
    start = of(found, "东").x
    assert of(found, "甲").x - start == pytest.approx(first, abs=0.2)
    assert of(found, "乙").x - start == pytest.approx(last, abs=0.2)


def test_no_line_tears_a_word_with_a_guide(to_pdf: ToPdf) -> None:
    for ahead in range(24, 28):
        body = paragraph(run("字" * ahead) + ruby("东河镇", "donghe") + run("后" * 10))
        made = lines(to_pdf(word_file(body, section=PLAIN_PAGE)).pdf)
        assert any("东河镇" in line for line in made), made


def note(kind: str, identity: int, text: str) -> str:
    return f'<w:{kind} w:id="{identity}">{paragraph(f"<w:r><w:{kind}Ref/></w:r>{run(text)}")}</w:{kind}>'


def reference(kind: str, identity: int) -> str:
    return f'<w:r><w:{kind}Reference w:id="{identity}"/></w:r>'


def with_notes(kind: str, body: str, notes: str, section: str = GB_PAGE, settings: str = MODERN) -> bytes:
    return word_file(
        body,
        section=section,
        settings=settings,
        parts={f"word/{kind}s.xml": part(f"{kind}s", notes)},
        relations=relation("n1", f"{kind}s", f"{kind}s.xml"),
    )


def test_endnotes_stand_behind_the_last_words_of_the_document(to_pdf: ToPdf) -> None:
    separator = (
        f'<w:endnote w:type="separator" w:id="-1">{paragraph("<w:r><w:separator/></w:r>")}</w:endnote>'
    )
    body = paragraph(run("依据消防法") + reference("endnote", 2) + run("和条例") + reference("endnote", 1))
    made = to_pdf(
        with_notes(
            "endnote",
            body + paragraph("末段"),
            separator + note("endnote", 1, "条例第三条") + note("endnote", 2, "消防法第二条"),
        )
    )
    assert made.warnings == ()
    assert lines(made.pdf) == ["依据消防法i和条例ii", "末段", "i消防法第二条", "ii条例第三条"]


@pytest.mark.parametrize("place", ["section", "settings"])
def test_notes_are_numbered_in_the_format_asked_for(to_pdf: ToPdf, place: str) -> None:
    asked = (
        '<w:footnotePr><w:numFmt w:val="decimalEnclosedCircleChinese"/><w:numStart w:val="2"/></w:footnotePr>'
    )
    word = with_notes(
        "footnote",
        paragraph(run("甲") + reference("footnote", 1) + run("乙") + reference("footnote", 2)),
        note("footnote", 1, "注一") + note("footnote", 2, "注二"),
        section=GB_PAGE + (asked if place == "section" else ""),
        settings=MODERN + (asked if place == "settings" else ""),
    )
    assert lines(to_pdf(word).pdf) == ["甲②乙③", "②注一", "③注二"]


def test_what_is_not_done_with_notes_is_said(to_pdf: ToPdf) -> None:
    asked = '<w:footnotePr><w:numRestart w:val="eachPage"/></w:footnotePr>'
    word = with_notes(
        "footnote",
        paragraph(run("甲") + reference("footnote", 1)),
        note("footnote", 1, "注一"),
        section=GB_PAGE + asked,
    )
    assert any("每页重新编号" in warning for warning in to_pdf(word).warnings)


def tab(align: str, measured: str = "margin", leader: str = "none") -> str:
    return f'<w:r><w:ptab w:relativeTo="{measured}" w:alignment="{align}" w:leader="{leader}"/></w:r>'


def test_alignment_tabs_go_to_the_middle_and_the_end_of_the_line(to_pdf: ToPdf) -> None:
    content = run("左") + tab("center") + run("中间") + tab("right", leader="dot") + run("右")
    made = to_pdf(word_file(paragraph(content, '<w:ind w:left="640" w:right="640"/>'), section=PLAIN_PAGE))
    found = glyphs(made.pdf)
    assert made.warnings == ()
    assert of(found, "间").x == pytest.approx((LEFT + RIGHT) / 2, abs=0.3)
    assert of(found, "右").x + 16 == pytest.approx(RIGHT, abs=0.3)
    assert "." in {g.char for g in found}


def test_alignment_tabs_may_be_measured_by_the_indents(to_pdf: ToPdf) -> None:
    content = run("左") + tab("right", "indent") + run("右")
    made = to_pdf(word_file(paragraph(content, '<w:ind w:left="640" w:right="640"/>'), section=PLAIN_PAGE))
    assert of(glyphs(made.pdf), "右").x + 16 == pytest.approx(RIGHT - 32, abs=0.3)


def test_a_right_to_left_paragraph_begins_at_the_right(to_pdf: ToPdf) -> None:
    content = run("שלום 2026 ABC סוף", HEBREW)
    found = glyphs(to_pdf(word_file(paragraph(content, "<w:bidi/>"), section=PLAIN_PAGE)).pdf)
    assert found[-1].y == pytest.approx(found[0].y, abs=0.1)
    places = {char: of(found, char).x for char in "ש2Aס"}
    assert places["ש"] > places["2"] > places["A"] > places["ס"]
    assert of(found, "6").x > places["2"]
    assert RIGHT - places["ש"] < 16


@pytest.mark.parametrize(
    ("properties", "at_right"), [("<w:bidi/>", True), ('<w:bidi/><w:jc w:val="right"/>', False), ("", False)]
)
def test_the_sides_change_places_in_such_a_paragraph(to_pdf: ToPdf, properties: str, at_right: bool) -> None:
    found = glyphs(to_pdf(word_file(paragraph("中文", properties), section=PLAIN_PAGE)).pdf)
    assert (found[0].x > 300) == at_right


def test_kana_that_are_not_drawn_together_are_told(to_pdf: ToPdf) -> None:
    asked = '<w:characterSpacingControl w:val="compressPunctuationAndJapaneseKana"/>'
    told = [
        to_pdf(word_file(paragraph(text), settings=asked + MODERN)).warnings
        for text in ("消防（法），", "しょうぼう")
    ]
    assert told[0] == ()
    assert any("假名" in warning for warning in told[1])


def columns(first: int, space: int, second: int, more: str = "") -> str:
    described = f'<w:col w:w="{first}" w:space="{space}"/><w:col w:w="{second}"/>'
    return f'{PLAIN_PAGE}<w:cols w:num="2" w:equalWidth="0"{more}>{described}</w:cols>'


COLUMN_BREAK = '<w:r><w:br w:type="column"/></w:r>'


@pytest.mark.parametrize("within", [True, False])
def test_columns_of_different_widths_stand_side_by_side(to_pdf: ToPdf, within: bool) -> None:
    left, right = run("左" * 30), run("右" * 30)
    body = (
        paragraph(left + COLUMN_BREAK + right)
        if within
        else paragraph(left) + paragraph(COLUMN_BREAK + right)
    )
    made = to_pdf(word_file(body, section=columns(2600, 400, 5844)))
    assert made.warnings == ()
    found = glyphs(made.pdf)
    assert [len([g for g in found if g.char == c and abs(g.y - of(found, c).y) < 1]) for c in "左右"] == [
        8,
        18,
    ]
    assert of(found, "左").y == pytest.approx(of(found, "右").y, abs=0.1)
    assert of(found, "左").x == pytest.approx(LEFT, abs=0.3)
    assert of(found, "右").x == pytest.approx(LEFT + 150, abs=0.3)


def test_columns_nobody_parted_are_told(to_pdf: ToPdf) -> None:
    made = to_pdf(word_file(paragraph("字" * 60), section=columns(2600, 400, 5844)))
    assert any("各栏宽度不等" in warning for warning in made.warnings)
    assert "".join(lines(made.pdf)) == "字" * 60
