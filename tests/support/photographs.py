"""Photographs as phones write them: turned by Exif, with the moment and the place."""

from __future__ import annotations

import io
from functools import cache
from itertools import cycle

from PIL import Image, ImageDraw, ImageOps

_TAKEN = "2026:11:20 09:30:00"
_TURNS = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
_COLOURS = cycle(("#3a6ea5", "#5b8c5a", "#a0522d", "#6b5b95", "#88764d"))


@cache
def _ground(size: tuple[int, int]) -> Image.Image:
    """Return a grainy ground: photographs do not pack as well as plain colour."""
    grain = Image.effect_noise((size[0] // 4, size[1] // 4), 40).resize(size)
    return ImageOps.colorize(grain, "#203040", "#e8e0d0").convert("RGB")


def photograph(
    mark: str, *, orientation: int = 1, size: tuple[int, int] = (4000, 3000), upright: bool = False
) -> bytes:
    """Return a JPEG with a red top left corner, as a phone stores it.

    ``upright``: a picture higher than wide.
    """
    seen = _ground(size[::-1] if upright else size).copy()
    draw = ImageDraw.Draw(seen)
    width, height = seen.size
    draw.rectangle((0, 0, width // 8, height // 8), fill="#e00000")
    draw.rectangle((width // 4, height // 3, width * 3 // 4, height * 3 // 4), fill=next(_COLOURS))
    draw.text((width // 3, height // 2), ascii(mark), fill="white", font_size=height // 20)
    turn = _TURNS[orientation]
    stored = seen.transpose(turn) if turn is not None else seen
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRET phone"
    exif.get_ifd(0x8769)[0x9003] = _TAKEN
    exif.get_ifd(0x8825).update({1: "N", 2: (46.0, 38.0, 0.0), 3: "E", 4: (126.0, 59.0, 0.0)})
    out = io.BytesIO()
    stored.save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()
