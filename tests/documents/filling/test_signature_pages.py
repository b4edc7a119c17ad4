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
