"""Word files, PDFs and page pictures made in child processes with limits; finished ones are remembered."""

from __future__ import annotations

import hashlib
import math
import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from formsvc.documents.workers.messages import Message
from formsvc.documents.workers.pool import Lane, Renewal, is_long
from formsvc.documents.workers.process import LONG_NICENESS
from formsvc.docxpdf.convert import PdfResult
from formsvc.docxpdf.pdf.attachments import attach_word_file
from formsvc.docxpdf.pdf.pdfa import PdfMetadata, PdfProfile
from formsvc.domain.json_types import JSON
from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import from_json, msg, quote_characters
from formsvc.usecases.ports import WordTags

_CACHE_BYTES = 64 * 2**20
_DOCUMENTS_PER_CHILD = 200
_PEAK_MEGABYTES_PER_CHILD = 400
_LONG_DOCUMENTS_PER_CHILD = 3
"""The child of the long lane ends soon, so that its memory is not kept for the rare long document."""
_ONE_READER = threading.Lock()
"""PDFium reads one document at a time."""


class RenderingWorkers:
    """The ``Renderer`` of the use cases. Safe for threads; after a fork each side starts children of its own."""

    def __init__(
        self,
        fonts_dir: Path,
        cache_dir: Path,
        *,
        processes: int = 1,
        memory_mb: int = 1500,
        seconds: float = 60,
        accessible: bool = False,
    ) -> None:
        self._form = PdfProfile(accessible=accessible)
        self._arguments = {
            "fonts": str(fonts_dir.resolve()),
            "cache": str(cache_dir.resolve()),
            "memory": str(memory_mb),
            "seconds": str(math.ceil(seconds)),
        }
        self._processes, self._seconds = processes, seconds
        self._renewal = Renewal(_DOCUMENTS_PER_CHILD, _PEAK_MEGABYTES_PER_CHILD)
        self._made = _Remembered(_CACHE_BYTES)
        self._renew()
        if hasattr(os, "register_at_fork"):
            mine = weakref.ref(self)
            os.register_at_fork(after_in_child=lambda: _renewed(mine()))

    def word(self, template: bytes, context: Mapping[str, JSON], tags: WordTags) -> bytes:
        """Fill a Word template."""
        head = {"call": "word", "context": dict(context), "tags": asdict(tags)}
        return (self._long if is_long(head, template) else self._acts).ask(head, template).bodies[0]

    def paragraphs(self, word: bytes) -> list[str]:
        """The text of each paragraph of a finished Word file."""
        return list(self._acts.ask({"call": "paragraphs"}, word).head["paragraphs"])

    def pdf(self, word: bytes, tags: WordTags, *, final: bool = False, mark: str = "") -> bytes:
        """The PDF of a finished Word file; a ``final`` one is refused where a character cannot be drawn."""
        made = self.pdf_result(word, tags, replace(self._form, mark=mark))
        if final and made.missing:
            raise RenderingFailed(
                msg(
                    "文书里的{characters}没有字体能显示，没有编号。",
                    characters=quote_characters(made.missing),
                ),
                msg("请核对这些字；确需使用的，请管理员把有这些字的字体放入字体文件夹的 own 目录。"),
            )
        return made.pdf

    def with_word(self, pdf: bytes, word: bytes, tags: WordTags) -> bytes:
        """A kept PDF with its Word file inside (PDF/A-3b), its pages untouched."""
        return attach_word_file(pdf, word, name=f"{tags.title}.docx", day=PdfMetadata(**asdict(tags)).day)

    def pdf_result(self, word: bytes, tags: WordTags, form: PdfProfile | None = None) -> PdfResult:
        """The PDF with what could not be placed in it; in the form the office wants where none is asked for."""
        wanted = asdict(form or self._form)
        answer = self._remembered({"call": "pdf", "tags": asdict(tags), "form": wanted}, word)
        head = answer.head
        warnings = tuple(from_json(one) for one in head["warnings"])
        return PdfResult(answer.bodies[0], warnings, head["pages"], tuple(head["missing"]))

    def page_sizes(self, pdf: bytes) -> list[tuple[float, float]]:
        """Width and height of each page of a PDF made here, in points; nothing is drawn, so no child is asked."""
        import pypdfium2

        with _ONE_READER, pypdfium2.PdfDocument(pdf) as document:
            return [document.get_page_size(number) for number in range(len(document))]

    def page_images(self, pdf: bytes, *, width: int, pages: Sequence[int] | None = None) -> list[bytes]:
        """PNG pictures of pages (counted from 0; all by default), each ``width`` pixels wide."""
        wanted = None if pages is None else list(pages)
        return list(self._remembered({"call": "page_images", "width": width, "pages": wanted}, pdf).bodies)

    def warm(self) -> None:
        """Start a child before the first request."""
        self._acts.warm()

    def close(self) -> None:
        """End all children that are not at work."""
        self._acts.close()
        self._long.close()

    def _renew(self) -> None:
        self._acts = Lane(self._arguments, self._processes, self._renewal, self._seconds)
        last = replace(self._renewal, documents=_LONG_DOCUMENTS_PER_CHILD)
        self._long = Lane({**self._arguments, "nice": str(LONG_NICENESS)}, 1, last, self._seconds)
        self._made.renew()
        self._underway: dict[bytes, Future[Message]] = {}
        self._lock = threading.Lock()

    def _remembered(self, head: dict[str, Any], body: bytes) -> Message:
        """The answer given before, or the one that another thread is waiting for, or a new one."""
        key = hashlib.sha256(repr(sorted(head.items())).encode() + b"\0" + body).digest()
        known = self._made.get(key)
        if known is not None:
            return known
        with self._lock:
            underway = self._underway.get(key)
            if underway is None:
                mine = self._underway[key] = Future()
        if underway is not None:
            return underway.result()
        try:
            answer = (self._long if is_long(head, body) else self._acts).ask(head, body)
            self._made.put(key, answer)
            mine.set_result(answer)
            return answer
        except BaseException as error:
            mine.set_exception(error)
            raise
        finally:
            with self._lock:
                self._underway.pop(key, None)


def _renewed(workers: RenderingWorkers | None) -> None:
    if workers is not None:
        workers._renew()


class _Remembered:
    """The answers given last, up to so many bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._answers: OrderedDict[bytes, Message] = OrderedDict()
        self._bytes = 0
        self.renew()

    def renew(self) -> None:
        """A fresh lock, for the other side of a fork."""
        self._lock = threading.Lock()

    def get(self, key: bytes) -> Message | None:
        with self._lock:
            answer = self._answers.get(key)
            if answer is not None:
                self._answers.move_to_end(key)
            return answer

    def put(self, key: bytes, answer: Message) -> None:
        size = _size(answer)
        if size > self._limit // 4:
            return
        with self._lock:
            if key not in self._answers:
                self._answers[key] = answer
                self._bytes += size
            while self._bytes > self._limit:
                _, dropped = self._answers.popitem(last=False)
                self._bytes -= _size(dropped)


def _size(answer: Message) -> int:
    return sum(len(b) for b in answer.bodies) + 200
