"""Pages as Word noted them in a file: what is read, what is not believed, how PDFs agree."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from docx import Document

from benchmarks.page_notes import NotedPages, PageNotes, agree_with_notes, read_page_notes, summarize_notes
from tests.benchmarks.test_compare import printed
from tests.support.docx_samples.raw_xml import paragraph, run, word_file

BROKEN = "<w:r><w:lastRenderedPageBreak/></w:r>"
PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
FIRST, SECOND = "第一页上的文字有很多", "第二页开头的文字就是这些"


def noted(pages: int, characters: int, *, breaks: Sequence[str] = (SECOND,)) -> bytes:
    app = f'<Properties xmlns="{PROPERTIES}"><Pages>{pages}</Pages><Characters>{characters}</Characters></Properties>'
    body = paragraph(FIRST) + "".join(paragraph(BROKEN + run(text)) for text in breaks)
    return word_file(body, parts={"docProps/app.xml": app})


def test_pages_and_their_first_words_are_read() -> None:
    assert read_page_notes(noted(2, 22)) == PageNotes(2, (SECOND[:10],))
    # a break within a paragraph, and one that Word asks for
    inside = word_file(paragraph(run(FIRST) + BROKEN + run(SECOND)))
    assert read_page_notes(inside) == PageNotes(0, (SECOND[:10],))
    assert read_page_notes(word_file(paragraph(FIRST))) == PageNotes()


def test_notes_of_another_text_are_not_believed() -> None:
    stream = io.BytesIO()
    document = Document()
    document.add_paragraph(FIRST * 40)
    document.save(stream)
    assert "docProps/app.xml" in zipfile.ZipFile(stream).namelist()
    assert read_page_notes(stream.getvalue()) == PageNotes(), "the template of python-docx"
    # text that grew after the note, breaks that were copied
    assert read_page_notes(noted(2, 5)).pages == 0
    assert read_page_notes(noted(1, 22)).starts == ()


def test_a_beginning_counts_at_the_head_of_a_page() -> None:
    notes = PageNotes(2, (SECOND[:10],))
    assert agree_with_notes(notes, printed([FIRST], ["页眉", SECOND])) == NotedPages(2, 1)
    assert agree_with_notes(notes, printed([FIRST, SECOND], ["尾"])) == NotedPages(2, 0)
    late = [f"第{n}行" for n in range(12)]
    assert agree_with_notes(notes, printed([FIRST], [*late, SECOND])) == NotedPages(2, 0)


def test_a_note_that_both_contradict_alike_is_left_out() -> None:
    note = PageNotes(3, ("甲乙丙丁",))
    rows = [
        (note, NotedPages(3, 1), NotedPages(3, 0)),
        (note, NotedPages(3, 1), NotedPages(4, 1)),
        (note, NotedPages(2, 0), NotedPages(4, 0)),
        (note, NotedPages(2, 0), NotedPages(2, 0)),
    ]
    found = summarize_notes(rows)
    assert (found.files, found.contradicted, found.ours, found.office) == (3, 1, 2, 1)
    assert (found.starts, found.starts_ours, found.starts_office) == (3, 2, 1)
