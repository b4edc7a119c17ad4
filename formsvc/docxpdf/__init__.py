"""Conversion of Word files to PDF/A with Word's layout. See README.md."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from formsvc.docxpdf.characters.unbreakable_phrases import PhraseFinder, collect_names
    from formsvc.docxpdf.conversion import PdfResult, convert
    from formsvc.docxpdf.document_layout import (
        LaidOutBlock,
        PhraseSpacing,
        lay_out_document,
        measure_phrases,
    )
    from formsvc.docxpdf.fonts.catalog import FontCatalog
    from formsvc.docxpdf.page_places import PagePlaces, PlacedBlock, place_blocks
    from formsvc.docxpdf.pdf.attachments import attach_word_file
    from formsvc.docxpdf.pdf.engine import Engine
    from formsvc.docxpdf.pdf.pdfa import PdfMetadata, PdfProfile, parse_profile
    from formsvc.docxpdf.text.phrase_spacing import LetterSpacing, SpacedParagraph

_MODULES = {
    "Engine": "pdf.engine",
    "FontCatalog": "fonts.catalog",
    "LaidOutBlock": "document_layout",
    "LetterSpacing": "text.phrase_spacing",
    "PagePlaces": "page_places",
    "PdfMetadata": "pdf.pdfa",
    "PdfProfile": "pdf.pdfa",
    "PdfResult": "conversion",
    "PhraseFinder": "characters.unbreakable_phrases",
    "PhraseSpacing": "document_layout",
    "PlacedBlock": "page_places",
    "SpacedParagraph": "text.phrase_spacing",
    "attach_word_file": "pdf.attachments",
    "collect_names": "characters.unbreakable_phrases",
    "convert": "conversion",
    "lay_out_document": "document_layout",
    "measure_phrases": "document_layout",
    "parse_profile": "pdf.pdfa",
    "place_blocks": "page_places",
}

__all__ = [
    "Engine",
    "FontCatalog",
    "LaidOutBlock",
    "LetterSpacing",
    "PagePlaces",
    "PdfMetadata",
    "PdfProfile",
    "PdfResult",
    "PhraseFinder",
    "PhraseSpacing",
    "PlacedBlock",
    "SpacedParagraph",
    "attach_word_file",
    "collect_names",
    "convert",
    "lay_out_document",
    "measure_phrases",
    "parse_profile",
    "place_blocks",
]


def __getattr__(name: str) -> Any:
    # on first use (PEP 562): the engine takes a third of a second to import, and the web process,
    # which only reads packages (docxpdf.opc), never needs it
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
