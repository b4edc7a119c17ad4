"""Pages of two PDFs in one image: ours left, the other right."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
from PIL import Image

_SCALE = 0.8
_MOST_PAGES = 8
_GAP = 8


def draw_side_by_side(ours: bytes | None, other: bytes | None, target: Path) -> None:
    """Write the image; a missing PDF leaves its half grey."""
    pairs = [_pages(ours), _pages(other)]
    count = max(1, *(len(p) for p in pairs))
    width, height = (max((side(p) for pages in pairs for p in pages), default=400) for side in (_wide, _high))
    sheet = Image.new("RGB", (2 * width + 3 * _GAP, count * (height + _GAP) + _GAP), "gray")
    for column, pages in enumerate(pairs):
        for row, page in enumerate(pages):
            sheet.paste(page, (_GAP + column * (width + _GAP), _GAP + row * (height + _GAP)))
    sheet.save(target, optimize=False)


def _wide(page: Image.Image) -> int:
    return page.width


def _high(page: Image.Image) -> int:
    return page.height


def _pages(pdf: bytes | None) -> list[Image.Image]:
    if pdf is None:
        return []
    with pypdfium2.PdfDocument(pdf) as document:
        wanted = range(min(_MOST_PAGES, len(document)))
        return [document[n].render(scale=_SCALE).to_pil().convert("RGB") for n in wanted]
