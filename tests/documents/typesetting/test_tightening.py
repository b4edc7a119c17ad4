"""Text comes closer where its signature would stand alone (GB/T 9704—2012, 7.3.5.5), and a seal has its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from formsvc.documents.checking.contract import example_context, longest_context, minimal_context
from formsvc.documents.filling.fill import fill
from formsvc.documents.typesetting.finished_pages import finish_pages
from formsvc.documents.typesetting.unbreakable_phrases import protect_phrases
from formsvc.docxpdf import FontCatalog, PdfMetadata, collect_names, convert, place_blocks
from formsvc.limits import Limits, process_limits, set_process_limits
from tests.documents.filling.test_templates import many, template_of
from tests.support.docx_samples.simple import TAGS, definition
from tests.support.pdf_text import Glyph, pages, rows

# points: 22 lines of a page of 225 mm, and what the Word file may hold
_LINE, _CLOSEST = 28.95, 26.0
_DAY = "2026年3月9日"
_DATE = re.compile(r"2026年\d+月\d+日")
# a seal of 42 mm ends 16 mm below the upper edge of the date's line (7.3.5.1)
_SEAL_BELOW = 16 * 72 / 25.4


def content_of(form: str, **changes: Any) -> dict[str, Any]:
    return {**example_context(definition(form)), **changes}


def notice_to(leaders: int) -> dict[str, Any]:
    """The content of T07 with some members of the leading group."""
    content = content_of("T07")
    return {**content, "leaders": many(content["leaders"], leaders)}


def filled(form: str, content: dict[str, Any]) -> bytes:
    return fill(template_of(form), content, TAGS)


@pytest.fixture
def finish(fonts: FontCatalog) -> Callable[[str, dict[str, Any]], bytes]:
    return lambda form, content: finish_pages(filled(form, content), fonts, collect_names(content.values()))


@pytest.fixture
def untouched(fonts: FontCatalog) -> Callable[[str, dict[str, Any]], bytes]:
    return lambda form, content: protect_phrases(
        filled(form, content), fonts, collect_names(content.values())
    )


@pytest.fixture
def pdf_of(fonts: FontCatalog) -> Callable[[bytes], bytes]:
    return lambda word: convert(word, fonts, PdfMetadata("通知", "")).pdf


@pytest.fixture
def limited() -> Iterator[Callable[[Limits], None]]:
    before = process_limits()
    yield set_process_limits
    set_process_limits(before)


def text_of(row: list[Glyph]) -> str:
    return "".join(glyph.char for glyph in row)


def pitches(pdf: bytes) -> list[float]:
    """The distances of neighbouring lines of numbered items, in points."""
    items = [row[0] for row in rows(pdf) if text_of(row).partition(".")[0].isdigit()]
    return [
        b.y - a.y
        for a, b in zip(items, items[1:], strict=False)
        if a.page == b.page and b.y - a.y < 2 * _LINE
    ]


@pytest.mark.parametrize("leaders", [8, 9, 11])
def test_the_lines_come_closer_until_the_signature_stands_with_its_text(
    finish: Any, untouched: Any, pdf_of: Any, leaders: int
) -> None:
    before = pdf_of(untouched("T07", notice_to(leaders)))
    after = pdf_of(finish("T07", notice_to(leaders)))
    assert (pages(before), pages(after)) == (3, 2)
    (date,) = (row for row in rows(after) if text_of(row) == _DAY)
    above = [row for row in rows(after, 1) if row[0].y < date[0].y]
    assert date[0].page == 1 and len(above) > 10
    line = pitches(after)[0]
    assert _CLOSEST - 0.05 <= line < _LINE
    assert all(abs(other - line) < 0.1 for other in pitches(after))


def test_the_lines_come_no_closer_than_they_must(finish: Any, pdf_of: Any) -> None:
    nine, eleven = (pitches(pdf_of(finish("T07", notice_to(n))))[0] for n in (9, 11))
    assert eleven < nine


def test_the_head_stays_where_the_standard_has_it(finish: Any, untouched: Any, pdf_of: Any) -> None:
    before, after = (rows(pdf_of(make("T07", notice_to(11))), 0) for make in (untouched, finish))
    for number in range(4):
        assert text_of(before[number]) == text_of(after[number])
        assert [(g.x, g.y) for g in before[number]] == [(g.x, g.y) for g in after[number]]


# the receipt at the end of the file copy takes the room of one hazard more
@pytest.mark.parametrize(("copy", "hazards"), [("交当事人", 7), ("附卷", 6)])
def test_letters_come_closer_where_lines_alone_do_not_do(
    finish: Any, untouched: Any, pdf_of: Any, copy: str, hazards: int
) -> None:
    content = content_of("T22", copy_title=copy)
    content["hazards"] = many(content["hazards"], hazards)
    before, after = pdf_of(untouched("T22", content)), pdf_of(finish("T22", content))
    assert pages(after) == pages(before) - 1
    longest = max(len(row) for row in rows(before))
    assert longest < max(len(row) for row in rows(after)) <= longest + 2
    # the names stay whole
    printed = [text_of(row) for row in rows(after)]
    for officer in content["officers"]:
        assert any(officer["name"] in line for line in printed)


@pytest.mark.parametrize("leaders", [1, 4, 7, 20])
def test_other_documents_stay_as_they_are(finish: Any, untouched: Any, leaders: int) -> None:
    assert finish("T07", notice_to(leaders)) == untouched("T07", notice_to(leaders))


def test_an_annex_and_its_page_stay_as_they_are(finish: Any, untouched: Any) -> None:
    content = content_of("T22")
    content["hazards"] = many(content["hazards"], 40)
    assert finish("T22", content) == untouched("T22", content)


def test_the_same_content_gives_the_same_bytes(finish: Any) -> None:
    assert finish("T07", notice_to(9)) == finish("T07", notice_to(9))


def test_an_instance_may_forbid_it(finish: Any, untouched: Any, limited: Any) -> None:
    limited(Limits(closest_line_points=40, closer_letters_percent=0))
    assert finish("T07", notice_to(9)) == untouched("T07", notice_to(9))


def test_the_bound_of_the_instance_is_kept(finish: Any, pdf_of: Any, limited: Any) -> None:
    limited(Limits(closest_line_points=28, closer_letters_percent=0))
    assert pages(pdf_of(finish("T07", notice_to(11)))) == 3


_CONTENTS = {"least": minimal_context, "usual": example_context, "most": longest_context}


@pytest.mark.parametrize("content", _CONTENTS)
@pytest.mark.parametrize("form", ["T02", "T06", "T07", "T08"])
def test_a_seal_lies_on_no_text(
    finish: Any, fonts: FontCatalog, limited: Any, form: str, content: str
) -> None:
    # lists of 200 rows only take longer
    limited(Limits(table_rows=40))
    assert_room_for_seal(finish(form, _CONTENTS[content](definition(form))), fonts)


@pytest.mark.parametrize("leaders", range(6, 13))
def test_a_seal_lies_on_no_imprint_however_full_the_page_is(
    finish: Any, fonts: FontCatalog, leaders: int
) -> None:
    assert_room_for_seal(finish("T07", notice_to(leaders)), fonts)


def assert_room_for_seal(word: bytes, fonts: FontCatalog) -> None:
    """Assert that nothing stands within 16 mm below the upper edge of the date."""
    blocks = place_blocks(word, fonts).blocks
    signed = [place for place, one in enumerate(blocks) if _DATE.fullmatch(one.block.text)]
    assert signed
    for place in signed:
        ((page, date),) = blocks[place].extents.items()
        below = [one for one in blocks[place + 1 :] if one.block.text and page in one.extents]
        assert all(one.extents[page].top >= date.top + _SEAL_BELOW for one in below)
