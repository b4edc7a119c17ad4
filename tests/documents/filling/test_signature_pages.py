"""No page of a document begins with its signature, its receipt or a single line, however many items it has."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from formsvc.documents.checking.contract import example_context
from formsvc.documents.filling.fill import fill
from formsvc.docxpdf import PdfResult
from tests.documents.filling.test_templates import many, template_of
from tests.support.docx_samples.simple import TAGS, definition
from tests.support.pdf_text import rows

# lists of the documents that are signed and served on a page of text
ITEMS = {"T07": "leaders", "T21": "hazards", "T22": "hazards", "T23": "hazards", "T24": "results", "T25B": "decided", "T28": "materials"}  # fmt: skip
_PAGE_NUMBER = re.compile(r"—\d+—")
# points that the labels of a record take from the left
_LABEL = 70


def pages_of(pdf: bytes) -> list[list[str]]:
    pages: dict[int, list[str]] = {}
    for row in rows(pdf):
        text = "".join(glyph.char for glyph in row)
        if not _PAGE_NUMBER.fullmatch(text):
            pages.setdefault(row[0].page, []).append(text)
    return list(pages.values())


@pytest.mark.parametrize(("form", "field"), ITEMS.items())
@pytest.mark.parametrize("count", [1, 2, 4, 7, 9])
@pytest.mark.parametrize("copy", ["the party's", "the file's"])
def test_text_stands_above_the_signature_on_its_page(
    to_pdf: Callable[[bytes], PdfResult], form: str, field: str, count: int, copy: str
) -> None:
    context = example_context(definition(form))
    if copy == "the file's":
        if not (copies := definition(form).copies):
            pytest.skip("all copies are alike")
        context["copy_title"] = copies[-1].title
    items = context[field]
    assert isinstance(items, list)
    if all(isinstance(item, dict) for item in items):
        context[field] = many(items, count)
    issuer = "".join(str(context["issuer_name"]).split())
    pages = pages_of(to_pdf(fill(template_of(form), context, TAGS)).pdf)
    for number, lines in enumerate(pages[1:], start=2):
        assert len(lines) > 1, f"page {number} has one line: {lines}"
        assert not (lines[0] == issuer and "年" in lines[1]), f"page {number} begins with the signature"
        assert not lines[0].startswith(("签收", "被检查单位（场所）签收", "当事人签收", "本通知书一式")), (
            lines[0]
        )


@pytest.mark.parametrize("count", [1, 3, 5, 7, 9])
@pytest.mark.parametrize("checked", [4, 9, 12])
def test_no_page_ends_within_a_label_of_the_record(
    to_pdf: Callable[[bytes], PdfResult], count: int, checked: int
) -> None:
    context = example_context(definition("T15"))
    context["hazards"], context["items"] = many(context["hazards"], count), many(context["items"], checked)
    glyphs = [glyph for row in rows(to_pdf(fill(template_of("T15"), context, TAGS)).pdf) for glyph in row]
    left = min(glyph.x for glyph in glyphs)
    for label in ("发现的消防安全违法行为和火灾隐患", "改正措施和期限"):
        columns = [
            "".join(glyph.char for glyph in glyphs if glyph.page == page and glyph.x < left + _LABEL)
            for page in sorted({glyph.page for glyph in glyphs})
        ]
        assert any(label in column for column in columns), columns


def test_the_announcement_of_an_entrustment_signs_below_its_text(
    to_pdf: Callable[[bytes], PdfResult],
) -> None:
    pages = pages_of(to_pdf(fill(template_of("T02"), example_context(definition("T02")), TAGS)).pdf)
    (signed,) = (lines for lines in pages if "2026年3月18日" in lines)
    assert "特此公告。" in signed[: signed.index("2026年3月18日")]
