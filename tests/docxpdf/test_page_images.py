"""Pictures of pages: as large as told before they are drawn, without loss, grey pages written in grey."""

from __future__ import annotations

import io
import math

import pypdfium2
import pytest
from PIL import Image, ImageChops

from formsvc.documents.workers.worker import render_pages

WIDTHS = (480, 800, 1200, 1600)


def pdf_of(*colours: str) -> bytes:
    """A PDF of a page for each colour, each a little longer than the one before."""
    pages = []
    for n, colour in enumerate(colours):
        page = Image.new("RGB", (420, 594 + 7 * n), "white")
        page.paste(Image.new("RGB", (200, 90), colour), (60, 80))
        pages.append(page)
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], quality=100)
    return out.getvalue()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_picture_is_as_large_as_was_told(width: int) -> None:
    pdf = pdf_of("black", "red", "black")
    with pypdfium2.PdfDocument(pdf) as document:
        sizes = [document.get_page_size(n) for n in range(len(document))]
    for picture, (wide, high) in zip(render_pages(pdf, width, None), sizes, strict=True):
        assert Image.open(io.BytesIO(picture)).size == (width, math.ceil(width * high / wide))


def test_a_page_without_colour_is_grey_and_the_same_to_the_eye() -> None:
    pdf = pdf_of("black", "red")
    with pypdfium2.PdfDocument(pdf) as document:
        drawn = [document[n].render(scale=800 / document[n].get_width()).to_pil() for n in range(2)]
    grey, red = (Image.open(io.BytesIO(picture)) for picture in render_pages(pdf, 800, None))
    assert (grey.mode, red.mode) == ("L", "RGB")
    for kept, wanted in ((grey, drawn[0]), (red, drawn[1])):
        assert ImageChops.difference(kept.convert("RGB"), wanted.convert("RGB")).getbbox() is None


def test_one_page_alone_is_drawn_alone() -> None:
    pdf = pdf_of("black", "red", "blue")
    assert render_pages(pdf, 480, [1]) == [render_pages(pdf, 480, None)[1]]
