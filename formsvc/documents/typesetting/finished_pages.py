"""A filled Word file with its lines and pages as they are to be printed."""

from __future__ import annotations

from collections.abc import Iterable

from formsvc.documents.typesetting.tightening import Draft, tighten_texts
from formsvc.documents.typesetting.unbreakable_phrases import space_phrases
from formsvc.docxpdf import FontCatalog, PhraseFinder, PhraseSpacing, measure_phrases, place_blocks
from formsvc.errors import FormsvcError


def finish_pages(word: bytes, fonts: FontCatalog, names: Iterable[str]) -> bytes:
    """Return the file with its phrases and its signature kept together.

    The same bytes if nothing is to be changed, or if the file cannot be laid out.
    """
    typesetter = _Typesetter(fonts, PhraseFinder(names))
    try:
        measured = typesetter.measure(word)
        return tighten_texts(word, measured, typesetter) or space_phrases(word, measured)
    # the conversion to PDF, which follows, raises the same error with its reason
    except (FormsvcError, RecursionError):
        return word


class _Typesetter:
    def __init__(self, fonts: FontCatalog, finder: PhraseFinder) -> None:
        self._fonts, self._finder = fonts, finder

    def measure(self, filled: bytes) -> PhraseSpacing:
        return measure_phrases(filled, self._fonts, self._finder)

    def place(self, filled: bytes, measured: PhraseSpacing) -> Draft:
        word = space_phrases(filled, measured)
        return Draft(filled, word, place_blocks(word, self._fonts))
