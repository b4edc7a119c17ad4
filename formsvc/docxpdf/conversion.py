"""Conversion of a Word file to a PDF with the same line and page breaks."""

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
    """PDF, warnings of differences from Word, and characters no font has.

    ``cut`` are those of the warnings that name text a box of fixed size has no room for.
    """

    pdf: bytes
    warnings: tuple[str, ...]
    pages: int
    missing: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()


def convert(
    docx: bytes,
    fonts: FontCatalog,
    metadata: PdfMetadata,
    *,
    profile: PdfProfile = ARCHIVED,
    compatibility: CompatibilityProfile = WORD,
) -> PdfResult:
    """Convert a Word file to a PDF. The same arguments give the same bytes.

    Raise FormsvcError if the file is unsafe or no Word document, RenderingFailed if it cannot be laid out.
    """
    try:
        html = lay_out_document(docx, fonts, compatibility)
        if profile.mark:
            html = replace(html, style=html.style + _corner_mark_css(profile.mark, fonts))
        # the engine writes PDF/A-2b; the Word file that makes it PDF/A-3b is attached afterwards
        engine_profile = replace(profile, archive="a-2b") if profile.archive else profile
        content, warnings = Engine.load(fonts).write(html, metadata, engine_profile)
        if profile.archive == "a-3b":
            name = f"{metadata.title or '文书'}.docx"
            content = attach_word_file(content, docx, name=name, day=metadata.day)
    except RecursionError as error:
        # tables and boxes nest without limit in the format, and layout recurses into each
        raise RenderingFailed(
            msg("Word 文档的表格或文本框嵌套过深，不能制作 PDF。"), msg("请减少嵌套层数后重试。")
        ) from error
    return PdfResult(content, (*html.warnings, *warnings), count_pages(content), html.missing, html.cut)


def _corner_mark_css(words: str, fonts: FontCatalog) -> str:
    # in the page's margin box, so that the mark moves no line
    font, _width = fonts.chain("黑体", east=True).find(words[0])
    face = f'font-family:"{css_string(font.face.family)}";font-size:14pt;line-height:1.2;color:#000'
    place = "text-align:center;vertical-align:middle;white-space:nowrap"
    return f'\n@page{{@top-right-corner{{content:"{css_string(words)}";{face};{place}}}}}\n'


def count_pages(content: bytes) -> int:
    """Return the number of pages of a finished PDF, at least one.

    Raise RenderingFailed if PDFium cannot open it: then no reader can.
    """
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
