"""The words of a Word file and of a PDF, to compare them with each other and with what should stand there."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

import pypdfium2

# a list of twelve items and the cells around it
_MOST_TOGETHER = 40
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def squeezed(text: str) -> str:
    """Text without white space and soft breaks, compatibility forms of Latin folded."""
    return re.sub(r"[\s\u200b\ufeff\ufffe\x02\xad]+", "", unicodedata.normalize("NFC", text))


def word_paragraphs(word: bytes, part: str = "word/document.xml") -> list[str]:
    """The text of each paragraph of a part of a Word file, tables included, in order."""
    with zipfile.ZipFile(io.BytesIO(word)) as package:
        root = ElementTree.fromstring(package.read(part))
    return [_paragraph(p) for p in root.iter(f"{W}p")]


def _paragraph(p: ElementTree.Element) -> str:
    pieces = []
    for node in p.iter():
        if node.tag == f"{W}t":
            pieces.append(node.text or "")
        elif node.tag in (f"{W}tab", f"{W}br") and node.get(f"{W}val") is None:
            pieces.append(" ")
    return "".join(pieces)


def pdf_pages(pdf: bytes) -> list[str]:
    """The text of each page of a PDF in drawing order."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range() for page in document]


def pdf_text(pdf: bytes, *footers: str) -> str:
    """The text of all pages, squeezed, without page numbers (— 1 —) and the given lines at the foot."""
    text = re.sub(r"—\d+—", "", squeezed("".join(pdf_pages(pdf))))
    for footer in footers:
        text = text.replace(squeezed(footer), "")
    return text


def missing_paragraphs(wanted: Iterable[str], paragraphs: Sequence[str]) -> list[str]:
    """The paragraphs of a worked case that a document lacks.

    One may be several of the document's, one after the other: the items of a list stand on lines of their own, labels
    and values in cells of their own.
    """
    have = [squeezed(paragraph) for paragraph in paragraphs]
    whole = {
        "".join(have[first:last])
        for first in range(len(have))
        for last in range(first + 1, min(first + _MOST_TOGETHER, len(have)) + 1)
    }
    return [text for text in wanted if squeezed(text) not in whole]


def receipt_lines(wanted: Iterable[str]) -> list[str]:
    """The paragraphs of a worked case that the party signs, on the copy for the file only."""
    return [text for text in wanted if re.match(r"[^：]*签收人?：_", text)]


def word_text(word: bytes) -> str:
    """The body of a Word file, squeezed."""
    return squeezed("".join(word_paragraphs(word)))


def plain_word(text: str) -> bytes:
    """The smallest Word file there is, with one paragraph."""
    document = f'<w:document xmlns:w="{W[1:-1]}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("[Content_Types].xml", types)
        package.writestr("word/document.xml", document)
    return stream.getvalue()
