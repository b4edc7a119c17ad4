"""Messages between the server and its children: a JSON head and raw bytes, never objects."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

MAX_HEAD = 16 * 2**20
MAX_BODY = 512 * 2**20
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True)
class Message:
    """A head of plain JSON and any number of byte strings."""

    head: dict[str, Any]
    bodies: tuple[bytes, ...] = field(default=(), repr=False)


def send(stream: IO[bytes], head: dict[str, Any], bodies: Sequence[bytes] = ()) -> None:
    """Write one message."""
    text = json.dumps({**head, "bodies": [len(b) for b in bodies]}, ensure_ascii=False).encode()
    stream.write(_LENGTH.pack(len(text)) + text)
    for body in bodies:
        stream.write(body)
    stream.flush()


def receive(stream: IO[bytes]) -> Message | None:
    """Read one message; None at the end of the stream. Raises ValueError for anything malformed."""
    start = stream.read(_LENGTH.size)
    if not start:
        return None
    (length,) = _LENGTH.unpack(start)
    if length > MAX_HEAD:
        raise ValueError("message head too long")
    head = json.loads(_exactly(stream, length))
    if not isinstance(head, dict):
        raise ValueError("message head is not an object")
    sizes = head.pop("bodies", [])
    if (
        not isinstance(sizes, list)
        or not all(isinstance(s, int) and s >= 0 for s in sizes)
        or sum(sizes) > MAX_BODY
    ):
        raise ValueError("message bodies malformed")
    return Message(head, tuple(_exactly(stream, size) for size in sizes))


def _exactly(stream: IO[bytes], count: int) -> bytes:
    content = stream.read(count)
    if len(content) != count:
        raise ValueError("message cut short")
    return content
