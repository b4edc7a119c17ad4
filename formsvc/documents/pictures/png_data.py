"""Size of the pixels in a PNG, found without holding them in memory."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

_PIECE = 1 << 18
# samples of a pixel by colour type (ISO/IEC 15948, 11.2.1)
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# the seven passes of Adam7 (8.2): first column and row, distances between columns and rows
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def has_whole_pixels(content: bytes) -> bool:
    """Return whether the image data decompress to the size in the header."""
    try:
        expected = _data_size(content)
        return _decompressed_size(content, expected) == expected
    except (struct.error, zlib.error, KeyError):
        return False


def _chunks(content: bytes, wanted: bytes) -> Iterator[bytes]:
    at = 8
    while at + 8 <= len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        if name == wanted:
            yield content[at + 8 : at + 8 + length]
        at += 12 + length


def _data_size(content: bytes) -> int:
    header = next(_chunks(content, b"IHDR"), b"")
    width, height, depth, colour, _compression, _filter, interlaced = struct.unpack(">IIBBBBB", header)
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    sizes = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in passes]
    bits = depth * _SAMPLES[colour]
    # each row begins with the byte of its filter
    return sum(high * (1 + (wide * bits + 7) // 8) for wide, high in sizes if wide > 0 and high > 0)


def _decompressed_size(content: bytes, expected: int) -> int:
    """Return the size of the image data, at most one piece more than expected."""
    unpack, size = zlib.decompressobj(), 0
    for data in _chunks(content, b"IDAT"):
        waiting = data
        while waiting and size <= expected:
            size += len(unpack.decompress(waiting, _PIECE))
            waiting = unpack.unconsumed_tail
    return size
