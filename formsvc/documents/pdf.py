"""A finished Word file into a PDF that agrees with it to the line."""

from __future__ import annotations

from dataclasses import dataclass

import pypdfium2

from formsvc.documents.engine import Engine, Tags
from formsvc.documents.fonts import FontBook
from formsvc.documents.ooxml.layout import lay_out
from formsvc.documents.ooxml.rules import WORD, Rules
from formsvc.domain.errors import RenderingFailed
from formsvc.sentences import say


@dataclass(frozen=True)
class PdfResult:
    """A PDF, what of the Word file could not be placed in it, and how many pages it has."""

    pdf: bytes
    warnings: tuple[str, ...]
    pages: int


def word_to_pdf(
    docx: bytes,
    *,
    fonts: FontBook,
    title: str,
    author: str,
    number: str = "",
    dated: str = "",
    archive: bool = True,
) -> PdfResult:
    """Set a Word file as Word does. ``archive`` makes PDF/A-2b. Same arguments, same bytes. Raises RenderingFailed."""
    return set_document(docx, fonts, Tags(title, author, number, dated), archive=archive)


def set_document(
    docx: bytes, fonts: FontBook, tags: Tags, *, archive: bool = True, rules: Rules = WORD
) -> PdfResult:
    """Set a Word file by the rules of one word processor."""
    try:
        markup = lay_out(docx, fonts, rules)
        content, complaints = Engine.load(fonts).write(markup, tags, archive=archive)
    except RecursionError as error:
        raise RenderingFailed(
            say("Word 文档的表格或文本框嵌套过深，不能制作 PDF。"), say("请减少嵌套层数后重试。")
        ) from error
    return PdfResult(content, (*markup.warnings, *complaints), count_pages(content))


def count_pages(content: bytes) -> int:
    """The pages of a finished PDF, at least one. Raises RenderingFailed where it cannot be opened."""
    try:
        with pypdfium2.PdfDocument(content) as document:
            pages = len(document)
    except pypdfium2.PdfiumError as error:
        raise RenderingFailed(
            say("制成的 PDF 打不开。"), say("请把所用的 Word 文件交给管理员检查。")
        ) from error
    if pages < 1:
        raise RenderingFailed(say("制成的 PDF 没有页面。"), say("请检查 Word 文件是否有正文。"))
    return pages
