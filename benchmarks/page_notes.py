"""Pages as Word or WPS noted them in a file when it was last saved there.

``docProps/app.xml`` holds the number of pages, ``w:lastRenderedPageBreak`` the places where they began. Programs that
write Word files copy both from their templates or change the text under them, so a note can be wrong.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from benchmarks.pdf_lines import Line, PdfText

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PROPERTIES = "{http://schemas.openxmlformats.org/officeDocument/2006/extended-properties}"
_SKIPPED = frozenset({_W + "txbxContent", _W + "del", _W + "instrText", _W + "delText"})
# characters that identify the beginning of a page, and the fewest that do
_START, _SHORTEST = 10, 4
# lines at the head of a page that its first words are looked for in: a header and repeated rows precede them
_HEAD_LINES = 8
# a text so many times as long as the note says was written after it
_OUTDATED = 2.0


@dataclass(frozen=True)
class PageNotes:
    """Number of pages, 0 if unknown, and the first words of each but the first."""

    pages: int = 0
    starts: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotedPages:
    """How a PDF agrees with the notes."""

    pages: int
    starts_found: int


def read_page_notes(docx: bytes) -> PageNotes:
    """Return what a file notes; nothing that is evidently another text's."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        names = set(package.namelist())
        body = etree.fromstring(package.read("word/document.xml"))
        noted = etree.fromstring(package.read("docProps/app.xml")) if "docProps/app.xml" in names else None
    text = _squeezed("".join(t for t in _texts(body) if t is not None))
    starts = tuple(_page_starts(body))
    pages, characters = (_number(noted, name) for name in ("Pages", "Characters"))
    # the template of python-docx notes one page without a letter
    if pages and len(text) > max(_OUTDATED * characters, _SHORTEST):
        pages = 0
    # a break more than there are pages is one that was copied
    return PageNotes(pages, starts if not pages or len(starts) < pages else ())


def _number(noted: etree._Element | None, name: str) -> int:
    entry = noted.find(_PROPERTIES + name) if noted is not None else None
    text = (entry.text or "") if entry is not None else ""
    return int(text) if text.isascii() and text.isdigit() else 0


def _texts(parent: etree._Element) -> Iterator[str | None]:
    """Yield texts in their order, None where a page began."""
    for element in parent:
        if element.tag == _W + "lastRenderedPageBreak":
            yield None
        elif element.tag == _W + "t":
            yield element.text or ""
        elif element.tag not in _SKIPPED:
            yield from _texts(element)


def _page_starts(body: etree._Element) -> Iterator[str]:
    texts = list(_texts(body))
    for at, text in enumerate(texts):
        if text is None:
            following = "".join(t for t in texts[at + 1 : at + 40] if t is not None)
            start = _squeezed(following)[:_START]
            if len(start) >= _SHORTEST:
                yield start


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def agree_with_notes(notes: PageNotes, printed: PdfText) -> NotedPages:
    """Count the noted beginnings that stand at the head of a page."""
    heads = [_squeezed("".join(line.text for line in head)) for head in _heads(printed.lines)]
    found = sum(any(start in head for head in heads[1:]) for start in notes.starts)
    return NotedPages(printed.pages, found)


def _heads(lines: Iterable[Line]) -> list[list[Line]]:
    pages: dict[int, list[Line]] = {}
    for line in lines:
        pages.setdefault(line.glyphs[0].page, []).append(line)
    return [sorted(pages[n], key=lambda line: line.glyphs[0].y)[:_HEAD_LINES] for n in sorted(pages)]


@dataclass(frozen=True)
class NotesSummary:
    """Files with a note, and how often each side agrees with it."""

    files: int
    contradicted: int
    ours: int
    office: int
    starts: int
    starts_ours: int
    starts_office: int


def summarize_notes(rows: Sequence[tuple[PageNotes, NotedPages, NotedPages]]) -> NotesSummary:
    """Count over files, leaving out notes that both sides contradict alike."""
    counted = [row for row in rows if row[0].pages]
    believed = [row for row in counted if not row[1].pages == row[2].pages != row[0].pages]
    started = [row for row in rows if row[0].starts and row not in counted or row in believed]
    return NotesSummary(
        files=len(believed),
        contradicted=len(counted) - len(believed),
        ours=sum(notes.pages == ours.pages for notes, ours, _ in believed),
        office=sum(notes.pages == office.pages for notes, _, office in believed),
        starts=sum(len(notes.starts) for notes, _, _ in started),
        starts_ours=sum(ours.starts_found for _, ours, _ in started),
        starts_office=sum(office.starts_found for _, _, office in started),
    )
