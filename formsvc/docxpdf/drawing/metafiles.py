"""Windows metafiles (EMF, WMF) that hold nothing but one bitmap, as scanned seals and copied pictures often do."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from PIL import Image

_PLACEABLE = 0x9AC6CDD7
_EMF_MARK = b" EMF"
_LARGEST = 40_000_000
_STRETCH_DIBITS = 81
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
"""Records that draw lines, areas, letters or pictures of other kinds."""
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
_FIELDS = 64


def bitmap_of(content: bytes) -> bytes | None:
    """The PNG of a metafile's only bitmap; None where it draws anything else, or is not a metafile."""
    try:
        found = list(_bitmaps(content))
        if len(found) != 1 or found[0] is None:
            return None
        with Image.open(io.BytesIO(found[0]), formats=["BMP"]) as image:
            if image.width * image.height > _LARGEST:
                return None
            stream = io.BytesIO()
            image.convert("RGB").save(stream, "PNG")
    except (struct.error, OSError, ValueError, Image.DecompressionBombError):
        return None
    return stream.getvalue()


def _bitmaps(content: bytes) -> Iterator[bytes | None]:
    """Each drawing of a metafile: a bitmap file, or None for any other kind."""
    if content[40:44] == _EMF_MARK:
        yield from _of_emf(content)
    elif content[:4] == struct.pack("<I", _PLACEABLE):
        yield from _of_wmf(content, 22)
    elif content[:4] in (b"\x01\x00\x09\x00", b"\x02\x00\x09\x00"):
        yield from _of_wmf(content, 0)


def _of_emf(content: bytes) -> Iterator[bytes | None]:
    at = 0
    while at + 8 <= len(content):
        kind, size = struct.unpack_from("<II", content, at)
        if size < 8 or at + size > len(content):
            return
        if kind == _STRETCH_DIBITS and size >= _FIELDS:
            head, head_size, bits, bits_size = struct.unpack_from("<IIII", content, at + 48)
            record = content[at : at + size]
            yield _as_file(record[head : head + head_size], record[bits : bits + bits_size])
        elif kind in _EMF_DRAWING:
            yield None
        at += size


def _of_wmf(content: bytes, start: int) -> Iterator[bytes | None]:
    at = start + 18
    while at + 6 <= len(content):
        words, kind = struct.unpack_from("<IH", content, at)
        if words < 3 or kind == 0:
            return
        if kind in _WMF_BITMAPS:
            packed = content[at + _WMF_BITMAPS[kind] : at + 2 * words]
            head = _head_size(packed)
            yield _as_file(packed[:head], packed[head:])
        elif kind in _WMF_DRAWING:
            yield None
        at += 2 * words


def _head_size(packed: bytes) -> int:
    """The size of a bitmap's header with its colour table."""
    size, _, _, _, depth, compression = struct.unpack_from("<IiiHHI", packed, 0)
    used = struct.unpack_from("<I", packed, 32)[0] if size >= 36 else 0
    colors = used or (1 << depth if depth <= 8 else 0)
    return int(size + (12 if compression == 3 and size == 40 else 0) + 4 * min(colors, 256))


def _as_file(head: bytes, bits: bytes) -> bytes:
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(bits), 0, 0, 14 + len(head)) + head + bits
