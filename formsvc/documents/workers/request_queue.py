"""What a child is asked, read beside its work: a server that is gone is noticed while a document is still being made."""

from __future__ import annotations

import os
import queue
import threading
from typing import IO

from formsvc.documents.workers.messages import Message, receive


class Inbox:
    """The requests in the order they come. Where the pipe ends while nobody waits here, the process ends with it: the
    document is for nobody, and where the system bounds no processor time it might be at work for ever."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._come: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._awaited = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> Message | None:
        """The next request; None when there will be none."""
        self._awaited.set()
        message = self._come.get()
        self._awaited.clear()
        return message

    def _read(self) -> None:
        while (message := _whole(self._stream)) is not None:
            self._awaited.clear()
            self._come.put(message)
        if not self._awaited.is_set():
            os._exit(0)
        self._come.put(None)


def _whole(stream: IO[bytes]) -> Message | None:
    """A whole request; a server that dies while it writes one leaves a part, which is none."""
    try:
        return receive(stream)
    except (OSError, ValueError):
        return None


def standard_input_apart() -> IO[bytes]:
    """The requests on a handle of their own, and standard input left empty.

    On Windows a library that looks at standard input while it is being loaded would wait for the read that goes on there.
    """
    requests = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return requests
