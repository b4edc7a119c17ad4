"""Bitmaps of Windows metafiles (EMF, WMF).

Scanned seals and copied pictures are often metafiles with nothing but one bitmap; only those are drawn.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from PIL import Image

from formsvc.docxpdf.opc.container import container_limits

_WMF_PLACEABLE = 0x9AC6CDD7
_EMF_MARK = b" EMF"
_STRETCH_DIBITS = 81
# records that draw anything but an uncompressed bitmap ([MS-EMF] 2.1.1)
_EMF_DRAWING = frozenset(
    {
        *range(2, 9),
        *range(41, 48),
        *range(53, 57),
        *range(71, 76),
        62,
        63,
        64,
        76,
        77,
        78,
        79,
        80,
        83,
        84,
        *range(85, 93),
        96,
        97,
        108,
        114,
        116,
        118,
    }
)

# record functions with a bitmap, and where it starts ([MS-WMF] 2.1.1.1)
_WMF_BITMAPS = {0x0F43: 28, 0x0B41: 26, 0x0940: 24}
_WMF_DRAWING = frozenset(
    {
        0x0213,
        0x0324,
        0x0325,
        0x0418,
        0x041B,
        0x0521,
        0x0538,
        0x061C,
        0x0817,
        0x081A,
        0x0830,
        0x0A32,
        0x0922,
        0x0B23,
        0x0D33,
    }
)
_STRETCH_HEADER = 64


def extract_bitmap(content: bytes) -> bytes | None:
    """Return a metafile's only bitmap as PNG, or None if there is more."""
    try:
        bitmaps = list(_bitmaps(content))
        if len(bitmaps) != 1 or bitmaps[0] is None:
            return None
        with Image.open(io.BytesIO(bitmaps[0]), formats=["BMP"]) as image:
            if image.width * image.height > container_limits().pixels:
                return None
            stream = io.BytesIO()
            image.convert("RGB").save(stream, "PNG")
    except (struct.error, OSError, ValueError, Image.DecompressionBombError):
        return None
    return stream.getvalue()


def _bitmaps(content: bytes) -> Iterator[bytes | None]:
    """Yield each drawing record: a BMP file, or None for other kinds."""
    if content[40:44] == _EMF_MARK:
        yield from _emf_drawings(content)
    elif content[:4] == struct.pack("<I", _WMF_PLACEABLE):
        # the placeable header of 22 bytes precedes the standard one
        yield from _wmf_drawings(content, 22)
    elif content[:4] in (b"\x01\x00\x09\x00", b"\x02\x00\x09\x00"):
        yield from _wmf_drawings(content, 0)


def _emf_drawings(content: bytes) -> Iterator[bytes | None]:
    offset = 0
    while offset + 8 <= len(content):
        kind, size = struct.unpack_from("<II", content, offset)
        if size < 8 or offset + size > len(content):
            return
        if kind == _STRETCH_DIBITS and size >= _STRETCH_HEADER:
            header, head_size, bits, bits_size = struct.unpack_from("<IIII", content, offset + 48)
            record = content[offset : offset + size]
            yield _bmp_file(record[header : header + head_size], record[bits : bits + bits_size])
        elif kind in _EMF_DRAWING:
            yield None
        offset += size


def _wmf_drawings(content: bytes, start: int) -> Iterator[bytes | None]:
    offset = start + 18
    while offset + 6 <= len(content):
        words, kind = struct.unpack_from("<IH", content, offset)
        if words < 3 or kind == 0:
            return
        if kind in _WMF_BITMAPS:
            dib = content[offset + _WMF_BITMAPS[kind] : offset + 2 * words]
            header = _bitmap_header_size(dib)
            yield _bmp_file(dib[:header], dib[header:])
        elif kind in _WMF_DRAWING:
            yield None
        offset += 2 * words


def _bitmap_header_size(dib: bytes) -> int:
    """Return the size of a bitmap's header with its colour table."""
    size, _, _, _, depth, compression = struct.unpack_from("<IiiHHI", dib, 0)
    used = struct.unpack_from("<I", dib, 32)[0] if size >= 36 else 0
    colors = used or (1 << depth if depth <= 8 else 0)
    # BI_BITFIELDS: three colour masks follow the 40-byte header
    return int(size + (12 if compression == 3 and size == 40 else 0) + 4 * min(colors, 256))


def _bmp_file(header: bytes, bits: bytes) -> bytes:
    return b"BM" + struct.pack("<IHHI", 14 + len(header) + len(bits), 0, 0, 14 + len(header)) + header + bits
