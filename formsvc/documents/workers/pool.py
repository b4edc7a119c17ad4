"""Children side by side: a request takes one, the children are renewed in time, and long documents have a lane of their own."""

from __future__ import annotations

import queue
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from formsvc.documents.workers.messages import Message
from formsvc.documents.workers.process import Child
from formsvc.docxpdf.opc.container import Container, ContainerRefused
from formsvc.errors import Busy, RenderingFailed
from formsvc.i18n.messages import from_json, msg

_MODULE = "formsvc.documents.workers.worker"
_SECONDS_TO_START = 60
LONG_ROWS = 100
LONG_PARAGRAPHS = 800
"""An act with sixty hazards has some five hundred, cells included."""
_LOOKED_AT = 2**20
LONG_PDF_BYTES = 300_000
LONG_PICTURES = 20


@dataclass(frozen=True)
class Renewal:
    """When a child has done enough: so many documents, or so much memory at its peak."""

    documents: int
    megabytes: int


class Lane:
    """Some children of one kind. Safe for threads."""

    def __init__(self, arguments: Mapping[str, str], children: int, renewal: Renewal, seconds: float) -> None:
        self._arguments, self._renewal, self._seconds = dict(arguments), renewal, seconds
        self._count = children
        self._idle: queue.LifoQueue[Child | None] = queue.LifoQueue()
        for _ in range(children):
            self._idle.put(None)

    def ask(self, head: dict[str, Any], body: bytes, *, patience: float | None = None) -> Message:
        """The answer of a child. Raises Busy when none becomes free in time, RenderingFailed."""
        try:
            child = self._idle.get(timeout=patience or 2 * self._seconds)
        except queue.Empty:
            raise Busy(msg("制作文书的请求太多，没有轮到。"), msg("请稍后重试。")) from None
        kept: Child | None = None
        try:
            child = self._ready(child)
            answer = child.ask(head, [body], patience or self._seconds)
            if self._may_go_on(child, answer):
                kept = child
            else:
                child.close()
        finally:
            self._idle.put(kept)
        if answer.head.get("failed"):
            raise _failure(answer)
        return answer

    def warm(self) -> None:
        """Start a child before the first request."""
        self.ask({"call": "ready"}, b"", patience=_SECONDS_TO_START)

    def children(self) -> list[Child]:
        """The living children that are not at work."""
        return [child for child in self._idle.queue if child is not None and child.alive]

    def close(self) -> None:
        """End all children that are not at work."""
        for _ in range(self._count):
            try:
                child = self._idle.get_nowait()
            except queue.Empty:
                return
            if child is not None:
                child.close()
            self._idle.put(None)

    def _may_go_on(self, child: Child, answer: Message) -> bool:
        return (
            child.served < self._renewal.documents
            and not answer.head.get("last")
            and answer.head.get("peak_mb", 0) < self._renewal.megabytes
        )

    def _ready(self, child: Child | None) -> Child:
        """A living child that has finished starting."""
        if child is not None and child.alive:
            return child
        if child is not None:
            child.kill()
        fresh = Child(_MODULE, self._arguments)
        ready = fresh.ask({"call": "ready"}, [], _SECONDS_TO_START)
        if ready.head.get("failed"):
            fresh.close()
            raise _failure(ready)
        fresh.served = 0
        return fresh


def _failure(answer: Message) -> RenderingFailed:
    return RenderingFailed(from_json(answer.head["failed"]), from_json(answer.head.get("remedy", "")))


def is_long(head: Mapping[str, Any], body: bytes) -> bool:
    """Whether a request keeps its child so long that short ones should not wait behind it."""
    if head["call"] == "page_images":
        wanted = head["pages"]
        return len(body) > LONG_PDF_BYTES if wanted is None else len(wanted) > LONG_PICTURES
    if head["call"] == "word":
        return any(isinstance(value, list) and len(value) > LONG_ROWS for value in head["context"].values())
    if head["call"] != "pdf":
        return False
    try:
        container = Container(body)
        parts = [name for name in container.sizes if name.endswith(".xml")]
        start = container.read(max(parts, key=container.sizes.__getitem__), _LOOKED_AT) if parts else b""
    except ContainerRefused:
        return False  # the child says what is wrong with it
    return len(start) == _LOOKED_AT or start.count(b"</w:p>") > LONG_PARAGRAPHS
