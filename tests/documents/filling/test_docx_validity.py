"""Templates, drafts and documents are Word files by the schemas; faults that would make Word repair a file are found."""

from __future__ import annotations

import io

import docx
import pytest
from docx.oxml.ns import qn

from formsvc.documents.checking.contract import example_context, minimal_context
from formsvc.documents.filling.fill import fill
from formsvc.documents.generated.scaffold import draft_template
from tests.documents.filling.test_templates import FORMS, context_of, many, template_of
from tests.support.docx_samples.simple import TAGS, definition, replaced, texts_of
from tests.support.docx_validity import word_faults

DOCUMENT, SETTINGS, STYLES, FOOTER = (f"word/{n}.xml" for n in ("document", "settings", "styles", "footer1"))
FORMATS = ("F-DOC", "F-LET", "F-PUB", "F-MIN", "F-ENF", "F-AGR", "F-FORM")
GROWING = (
    ("T01", "matters"),
    ("T01", "agent_officers"),
    ("T07", "leaders"),
    ("T15", "hazards"),
    ("T22", "hazards"),
)


@pytest.mark.parametrize("form", FORMS)
def test_a_template_is_a_word_file(form: str) -> None:
    assert word_faults(template_of(form)) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_document_is_a_word_file_with_everything_and_with_nothing_filled_in(form: str) -> None:
    for context in (context_of(form), minimal_context(definition(form))):
        assert word_faults(fill(template_of(form), context, TAGS)) == []


@pytest.mark.parametrize(("form", "field"), GROWING)
def test_a_document_of_sixty_rows_is_a_word_file(form: str, field: str) -> None:
    context = context_of(form)
    word = fill(template_of(form), {**context, field: many(context[field], 60)}, TAGS)
    assert word_faults(word) == []


@pytest.mark.parametrize("format_", FORMATS)
def test_a_draft_and_the_document_of_it_are_word_files(format_: str) -> None:
    for form in ("T22", "T07", "T15"):
        draft = draft_template(definition(form, format=format_))
        assert word_faults(draft) == []
        assert word_faults(fill(draft, example_context(definition(form)), TAGS)) == []


@pytest.mark.parametrize("form", FORMS)
def test_another_reader_of_word_files_finds_the_same_words(form: str) -> None:
    word = fill(template_of(form), context_of(form), TAGS)
    read = docx.Document(io.BytesIO(word))
    found = [p.text for p in read.element.body.iter(qn("w:p"))]
    assert [squeezed for t in found if (squeezed := "".join(t.split()))] == [
        "".join(t.split()) for t in texts_of(word)
    ]


BROKEN = {
    "style before alignment": (DOCUMENT, '<w:pStyle w:val="Title"/>', '<w:jc w:val="center"/><w:pStyle w:val="Title"/>'),
    "an alignment there is not": (STYLES, 'w:val="center"', 'w:val="centre"'),
    "an element there is not": (FOOTER, "<w:p>", "<w:line/><w:p>"),
    "a width that is no number": (DOCUMENT, 'w:w="11906"', 'w:w="A4"'),
    "a style there is not": (DOCUMENT, '<w:pStyle w:val="Title"/>', '<w:pStyle w:val="Headline"/>'),
    "a footer there is not": ("word/_rels/document.xml.rels", "footer1.xml", "footer9.xml"),
    "a footer nobody points at": (DOCUMENT, 'r:id="rId4"', 'r:id="rId44"'),
    "a part of no kind": ("[Content_Types].xml", '"/word/styles.xml"', '"/word/stiles.xml"'),
    "settings in another order": (SETTINGS, "<w:zoom", '<w:themeFontLang w:val="zh-CN"/><w:zoom'),
    "a table as the end of a cell": (DOCUMENT, "</w:p></w:tc>", "</w:p><w:tbl><w:tblPr/><w:tblGrid/></w:tbl></w:tc>"),
    "a cell without a paragraph": (DOCUMENT, "</w:tr>", "<w:tc><w:tcPr/></w:tc></w:tr>"),
    "a row of more cells than columns": (DOCUMENT, "</w:tr>", "<w:tc><w:p/></w:tc></w:tr>"),
    "the ways of Word 2003": (SETTINGS, 'w:val="15"', 'w:val="11"'),
    "a font nobody knows": (STYLES, 'w:eastAsia="黑体"', 'w:eastAsia="某体"'),
    "two bookmarks of one number": (
        DOCUMENT,
        "<w:sectPr>",
        '<w:bookmarkStart w:id="1" w:name="a"/><w:bookmarkStart w:id="1" w:name="b"/><w:sectPr>',
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_word_file_is_found_out(what: str) -> None:
    assert word_faults(replaced(template_of("T22"), *BROKEN[what])) != []
