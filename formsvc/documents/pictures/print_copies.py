"""Pictures at the size and resolution at which they are printed."""

from __future__ import annotations

import io
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw

from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import msg

_DOTS_PER_MM = 200 / 25.4
_QUALITY = 80
_COPIES_KEPT = 128
# of a kept picture: what was not made here is read with the same care
_FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True)
class PrintCopy:
    """A picture for printing, and its size in millimetres."""

    content: bytes
    width_mm: float
    height_mm: float


_copies: OrderedDict[tuple[str, float, float], PrintCopy] = OrderedDict()


def print_copy(sha256: str, content: bytes, width_mm: float, height_mm: float) -> PrintCopy:
    """Return a kept picture that fits a box; same input, same bytes.

    Raise RenderingFailed for what is no picture.
    """
    key = (sha256, width_mm, height_mm)
    # a preview is made again at each pause in typing
    if key not in _copies:
        _copies[key] = _make_copy(content, width_mm, height_mm)
        if len(_copies) > _COPIES_KEPT:
            _copies.popitem(last=False)
    _copies.move_to_end(key)
    return _copies[key]


def _make_copy(content: bytes, width_mm: float, height_mm: float) -> PrintCopy:
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            scale = min(width_mm / picture.width, height_mm / picture.height)
            across, down = picture.width * scale, picture.height * scale
            dots = (max(1, round(across * _DOTS_PER_MM)), max(1, round(down * _DOTS_PER_MM)))
            picture.draft(None, dots)
            if picture.width > dots[0]:
                picture.thumbnail(dots, Image.Resampling.LANCZOS, reducing_gap=2)
            return PrintCopy(_written(picture), across, down)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise RenderingFailed(
            msg("照片或者签名不能放进文书。"), msg("请删去后重新上传 JPG、PNG 照片。")
        ) from error


def _written(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.info.clear()
    if picture.mode in ("1", "L") and picture.format != "JPEG":
        picture.save(stream, "PNG", optimize=True)
    else:
        picture.convert("RGB").save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()


@cache
def sample_picture() -> bytes:
    """Return the picture of an example: a grey ground with a frame."""
    picture = Image.new("RGB", (800, 600), (225, 228, 232))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 20, 779, 579), outline=(150, 156, 164), width=6)
    draw.polygon(((120, 480), (320, 240), (440, 380), (540, 280), (680, 480)), fill=(190, 196, 204))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()
