"""Ink on a page of a PDF, in millimetres from its top left corner."""

from __future__ import annotations

from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageChops

_DOTS_A_POINT = 4
PIXEL = 25.4 / 72 / _DOTS_A_POINT
_WIDE = 0.5


@dataclass(frozen=True)
class Rule:
    """A horizontal line."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def thickness(self) -> float:
        return self.bottom - self.top


class Ink:
    """The red and the black ink of one page."""

    def __init__(self, pdf: bytes, page: int) -> None:
        with pypdfium2.PdfDocument(pdf) as document:
            sheet = document[page].render(scale=_DOTS_A_POINT).to_pil().convert("RGB")
        red, green, blue = sheet.split()
        dark_green = green.point(lambda v: 255 if v < 128 else 0)
        bright_red = red.point(lambda v: 255 if v > 160 else 0)
        self.red = ImageChops.multiply(
            bright_red, ImageChops.multiply(dark_green, blue.point(lambda v: 255 if v < 128 else 0))
        )
        self.black = ImageChops.multiply(red.point(lambda v: 255 if v < 128 else 0), dark_green)

    def box(
        self, mask: Image.Image, *, top: float = 0.0, bottom: float = 400.0
    ) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the ink between two heights."""
        band = mask.crop((0, round(top / PIXEL), mask.width, min(mask.height, round(bottom / PIXEL))))
        found = band.getbbox()
        assert found is not None, f"no ink between {top} and {bottom} mm"
        left, up, right, down = (v * PIXEL for v in found)
        return left, up + round(top / PIXEL) * PIXEL, right, down + round(top / PIXEL) * PIXEL

    def rules(self, mask: Image.Image) -> list[Rule]:
        """Lines over more than half the page's width, from top to bottom."""
        shares = mask.resize((1, mask.height), Image.Resampling.BOX).tobytes()
        bands: list[list[int]] = []
        for y, share in enumerate(shares):
            if share > 255 * _WIDE:
                if bands and bands[-1][1] == y - 1:
                    bands[-1][1] = y
                else:
                    bands.append([y, y])
        return [self._rule(mask, first, last) for first, last in bands]

    @staticmethod
    def _rule(mask: Image.Image, first: int, last: int) -> Rule:
        found = mask.crop((0, first, mask.width, last + 1)).getbbox()
        assert found is not None
        return Rule(found[0] * PIXEL, first * PIXEL, found[2] * PIXEL, (last + 1) * PIXEL)
