"""A finished Word file into a PDF that agrees with it to the line."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pypdfium2

from formsvc.docxpdf.document_layout import lay_out_document
from formsvc.docxpdf.fonts.catalog import FontCatalog
from formsvc.docxpdf.html_tree import css_string
from formsvc.docxpdf.pdf.attachments import attach_word_file
from formsvc.docxpdf.pdf.engine import Engine
from formsvc.docxpdf.pdf.pdfa import PdfMetadata, PdfProfile
from formsvc.docxpdf.text.compatibility import WORD, CompatibilityProfile
from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import msg

ARCHIVED = PdfProfile()


@dataclass(frozen=True)
class PdfResult:
    """A PDF, what of the Word file could not be placed in it, how many pages it has, and the characters no font has."""

    pdf: bytes
    warnings: tuple[str, ...]
    pages: int
    missing: tuple[str, ...] = ()


def word_to_pdf(
    docx: bytes,
    *,
    fonts: FontCatalog,
    title: str,
    author: str,
    number: str = "",
    dated: str = "",
    form: PdfProfile = ARCHIVED,
) -> PdfResult:
    """Set a Word file as Word does. Same arguments, same bytes. Raises RenderingFailed."""
    return set_document(docx, fonts, PdfMetadata(title, author, number, dated), form=form)


def set_document(
    docx: bytes,
    fonts: FontCatalog,
    tags: PdfMetadata,
    *,
    form: PdfProfile = ARCHIVED,
    profile: CompatibilityProfile = WORD,
) -> PdfResult:
    """Set a Word file by the rules of one word processor."""
    try:
        markup = lay_out_document(docx, fonts, profile)
        if form.mark:
            markup = replace(markup, style=markup.style + corner_mark(form.mark, fonts))
        inner = replace(form, archive="a-2b") if form.archive else form
        content, complaints = Engine.load(fonts).write(markup, tags, inner)
        if form.archive == "a-3b":
            content = attach_word_file(content, docx, name=f"{tags.title or '文书'}.docx", day=tags.day)
    except RecursionError as error:
        raise RenderingFailed(
            msg("Word 文档的表格或文本框嵌套过深，不能制作 PDF。"), msg("请减少嵌套层数后重试。")
        ) from error
    return PdfResult(content, (*markup.warnings, *complaints), count_pages(content), markup.missing)


def corner_mark(words: str, fonts: FontCatalog) -> str:
    """A rule that sets words in the upper right corner of each page, outside the margins, so that no line moves."""
    drawn, _width = fonts.chain("黑体", east=True).find(words[0])
    face = f'font-family:"{css_string(drawn.face.family)}";font-size:14pt;line-height:1.2;color:#000'
    place = "text-align:center;vertical-align:middle;white-space:nowrap"
    return f'\n@page{{@top-right-corner{{content:"{css_string(words)}";{face};{place}}}}}\n'


def count_pages(content: bytes) -> int:
    """The pages of a finished PDF, at least one. Raises RenderingFailed where it cannot be opened."""
    try:
        with pypdfium2.PdfDocument(content) as document:
            pages = len(document)
    except pypdfium2.PdfiumError as error:
        raise RenderingFailed(
            msg("制成的 PDF 打不开。"), msg("请把所用的 Word 文件交给管理员检查。")
        ) from error
    if pages < 1:
        raise RenderingFailed(msg("制成的 PDF 没有页面。"), msg("请检查 Word 文件是否有正文。"))
    return pages
