"""Sheets with the pages of every kind of document, to be looked at: ``make contact-sheet``.

Each sheet has a row for the least, the usual and the most that can be filled in. They are written to build/contact-sheet,
with a page that shows them all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2
from PIL import Image, ImageDraw

from formsvc.documents.checking.contract import example_context, longest_context, minimal_context
from formsvc.documents.filling.fill import fill
from formsvc.documents.typesetting.finished_pages import finish_pages
from formsvc.docxpdf import FontCatalog, PdfMetadata, collect_names, convert
from formsvc.domain.json_types import JSON
from tests.support.docx_samples.simple import TAGS, definition
from tests.support.paths import ROOT

CONTENTS = {"least": minimal_context, "usual": example_context, "most": longest_context}
TARGET = ROOT / "build/contact-sheet"
# pixels of a page, and pages of a row; a list of 200 rows has more
_WIDTH, _MOST_PAGES, _GAP = 420, 8, 12
_PAPER = "#8a8f98"


def pages_of(form: str, context: Mapping[str, JSON], fonts: FontCatalog) -> list[Image.Image]:
    """Return the pages of a document as pictures."""
    template = (ROOT / "doc_templates" / f"{form}.docx").read_bytes()
    word = finish_pages(fill(template, context, TAGS), fonts, collect_names(context.values()))
    pdf = convert(word, fonts, PdfMetadata(form, "")).pdf
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=_WIDTH / page.get_width()).to_pil().convert("RGB") for page in document]


def sheet_of(rows: Sequence[tuple[str, Sequence[Image.Image]]]) -> Image.Image:
    """Return one picture with a row of pages for each content."""
    height = max(page.height for _, pages in rows for page in pages) + 2 * _GAP
    width = (_WIDTH + _GAP) * min(_MOST_PAGES, max(len(pages) for _, pages in rows)) + _GAP
    sheet = Image.new("RGB", (width, height * len(rows)), _PAPER)
    for number, (name, pages) in enumerate(rows):
        for place, page in enumerate(pages[:_MOST_PAGES]):
            sheet.paste(page, (_GAP + place * (_WIDTH + _GAP), number * height + 2 * _GAP))
        note = f"{name}: {len(pages)} pages"
        ImageDraw.Draw(sheet).text((_GAP, number * height + 4), note, fill="white")
    return sheet


def main(forms: Sequence[str]) -> None:
    fonts_dir = Path(os.environ.get("FORMSVC_FONTS", ROOT / "instance/fonts"))
    TARGET.mkdir(parents=True, exist_ok=True)
    known = sorted(path.stem for path in (ROOT / "doc_templates").glob("*.docx"))
    with TemporaryDirectory() as cache:
        fonts = FontCatalog(fonts_dir, Path(cache))
        for form in forms or known:
            kind = definition(form)
            rows = [(name, pages_of(form, content(kind), fonts)) for name, content in CONTENTS.items()]
            sheet_of(rows).save(TARGET / f"{form}.png")
            print(form, *(f"{name} {len(pages)}" for name, pages in rows))
    pictures = "".join(f'<h2>{form}</h2><img src="{form}.png" alt="{form}">' for form in known)
    (TARGET / "index.html").write_text(f"<!doctype html><meta charset=utf-8>{pictures}", encoding="utf-8")
    print(TARGET / "index.html")


if __name__ == "__main__":
    main(sys.argv[1:])
