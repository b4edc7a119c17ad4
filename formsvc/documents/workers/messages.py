"""Messages between server and workers: a JSON header and raw bytes."""

from __future__ import annotations

import json
import os
import queue
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import IO, Any

from formsvc.domain.json_types import JSON
from formsvc.errors import Fault
from formsvc.i18n.messages import from_json, to_json

MAX_HEADER = 16 * 2**20
MAX_BODY = 512 * 2**20
_LENGTH = struct.Struct(">I")
_FAULT_KEYS = tuple(each.name for each in fields(Fault))


@dataclass(frozen=True)
class WorkerMessage:
    """A header of plain JSON and any number of byte strings."""

    header: dict[str, Any]
    bodies: tuple[bytes, ...] = field(default=(), repr=False)


def write_message(stream: IO[bytes], header: dict[str, Any], bodies: Sequence[bytes] = ()) -> None:
    text = json.dumps({**header, "bodies": [len(b) for b in bodies]}, ensure_ascii=False).encode()
    stream.write(_LENGTH.pack(len(text)) + text)
    for body in bodies:
        stream.write(body)
    stream.flush()


def read_message(stream: IO[bytes]) -> WorkerMessage | None:
    """Return one message, None at the end of the stream. Raise ValueError."""
    start = stream.read(_LENGTH.size)
    if not start:
        return None
    (length,) = _LENGTH.unpack(start)
    # the other side may be a worker that was taken over: lengths are checked before memory is taken
    if length > MAX_HEADER:
        raise ValueError("message head too long")
    head = json.loads(_read_exactly(stream, length))
    if not isinstance(head, dict):
        raise ValueError("message head is not an object")
    sizes = head.pop("bodies", [])
    if (
        not isinstance(sizes, list)
        or not all(isinstance(s, int) and s >= 0 for s in sizes)
        or sum(sizes) > MAX_BODY
    ):
        raise ValueError("message bodies malformed")
    return WorkerMessage(head, tuple(_read_exactly(stream, size) for size in sizes))


def _read_exactly(stream: IO[bytes], count: int) -> bytes:
    content = stream.read(count)
    if len(content) != count:
        raise ValueError("message cut short")
    return content


class RequestQueue:
    """Queue of requests from the server, read in a thread."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._messages: queue.SimpleQueue[WorkerMessage | None] = queue.SimpleQueue()
        self._is_waiting = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def get(self) -> WorkerMessage | None:
        self._is_waiting.set()
        message = self._messages.get()
        self._is_waiting.clear()
        return message

    def _read(self) -> None:
        while (message := _read_whole_message(self._stream)) is not None:
            self._is_waiting.clear()
            self._messages.put(message)
        # the server is gone while a document is being made: no one will read it, and where the system does not limit
        # processor time the process might run for ever
        if not self._is_waiting.is_set():
            os._exit(0)
        self._messages.put(None)


def _read_whole_message(stream: IO[bytes]) -> WorkerMessage | None:
    """Return a whole message, None for the rest left by a server that died."""
    try:
        return read_message(stream)
    except (OSError, ValueError):
        return None


def detach_stdin() -> IO[bytes]:
    """Return the requests on a handle of their own; empty standard input."""
    # on Windows a library that looks at standard input while it is loaded would wait for the thread that reads there
    requests = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return requests


def detach_stdout() -> IO[bytes]:
    """Return the responses on a handle of their own; print to standard error."""
    responses = os.fdopen(os.dup(1), "wb")
    # libraries that print would otherwise write into the middle of a response
    os.dup2(2, 1)
    return responses


def fault_to_json(fault: Fault) -> dict[str, JSON]:
    return {key: to_json(getattr(fault, key)) for key in _FAULT_KEYS}


def fault_from_json(record: Any) -> Fault:
    return Fault(**{key: from_json(record[key]) for key in _FAULT_KEYS})
