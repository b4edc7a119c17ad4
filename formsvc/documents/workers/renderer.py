"""Word files, PDFs and page images made in worker processes, and cached."""

from __future__ import annotations

import hashlib
import io
import logging
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

from formsvc.documents.workers.messages import WorkerMessage
from formsvc.documents.workers.pool import (
    NoObserver,
    RecyclePolicy,
    WorkerPool,
    WorkObserver,
    is_long_request,
)
from formsvc.documents.workers.process import LONG_NICENESS
from formsvc.docxpdf import PdfMetadata, PdfProfile, PdfResult, attach_word_file
from formsvc.domain.json_types import JSON
from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import from_json, join_messages, msg, quote_characters
from formsvc.usecases.ports import DocumentMetadata

_log = logging.getLogger(__name__)
# finished PDFs and page images together
_CACHE_BYTES = 64 * 2**20
_DOCUMENTS_PER_WORKER = 200
_PEAK_MEGABYTES_PER_WORKER = 400
# a worker for long documents ends soon, so that its memory is not kept for the rare long document
_LONG_DOCUMENTS_PER_WORKER = 3
_NO_ANSWERS: Mapping[str, Sequence[JSON]] = {}
_NO_PICTURES: Mapping[str, bytes] = {}
# places of text cut off that one refusal names
_PLACES_NAMED = 3
# PDFium reads one document at a time
_PDFIUM_LOCK = threading.Lock()


class RenderingWorkers:
    """The ``Renderer`` of the use cases. Safe for threads and forks."""

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
        self._profile = PdfProfile(accessible=accessible)
        self._arguments = {
            "fonts": str(fonts_dir.resolve()),
            "cache": str(cache_dir.resolve()),
            "memory": str(memory_mb),
            "seconds": str(math.ceil(seconds)),
        }
        self._processes, self._seconds = processes, seconds
        self._policy = RecyclePolicy(_DOCUMENTS_PER_WORKER, _PEAK_MEGABYTES_PER_WORKER)
        self._cache = _ResponseCache(_CACHE_BYTES)
        self._observer: WorkObserver = NoObserver()
        self._start_afresh()
        if hasattr(os, "register_at_fork"):
            mine = weakref.ref(self)
            os.register_at_fork(after_in_child=lambda: _start_afresh_if_alive(mine()))

    def observe(self, observer: WorkObserver) -> None:
        """Report each request to `observer` from now on."""
        self._observer = self._pool.observer = self._long_pool.observer = observer

    def word(
        self,
        template: bytes,
        context: Mapping[str, JSON],
        tags: DocumentMetadata,
        answers: Mapping[str, Sequence[JSON]] = _NO_ANSWERS,
        pictures: Mapping[str, bytes] = _NO_PICTURES,
    ) -> bytes:
        header = {"call": "word", "context": dict(context), "tags": asdict(tags), "answers": dict(answers)}
        header["pictures"] = list(pictures)
        return self._request(header, template, *pictures.values()).bodies[0]

    def paragraphs(self, word: bytes) -> list[str]:
        return list(self._pool.request({"call": "paragraphs"}, word).header["paragraphs"])

    def metadata(self, word: bytes, name: str) -> DocumentMetadata:
        """Return the metadata of any Word file; `name` is the default title."""
        response = self._request({"call": "metadata", "name": name}, word)
        return DocumentMetadata(**response.header["metadata"])

    def pdf(self, word: bytes, tags: DocumentMetadata, *, final: bool = False, mark: str = "") -> bytes:
        """Return the PDF of a finished Word file.

        A ``final`` one with a character no font has, or text cut off, raises RenderingFailed.
        """
        result = self.pdf_result(word, tags, replace(self._profile, mark=mark))
        if final and result.missing:
            raise RenderingFailed(
                msg(
                    "文书里的{characters}没有字体能显示，没有编号。",
                    characters=quote_characters(result.missing),
                ),
                msg("请核对这些字；确需使用的，请管理员把有这些字的字体放入字体文件夹的 own 目录。"),
            )
        if final and result.cut:
            raise RenderingFailed(
                msg("{places}没有编号。", places=join_messages(*result.cut[:_PLACES_NAMED])),
                msg("请把内容写短一些；确需写全的，请管理员把模板里这一处的固定高度改成“最小值”。"),
            )
        if final and result.warnings:
            # formsvc pdf names them for the Word file; their words are personal data and stay out of the log
            _log.warning("document %s: %d places differ from Word", tags.number, len(result.warnings))
        return result.pdf

    def with_word(self, pdf: bytes, word: bytes, tags: DocumentMetadata) -> bytes:
        return attach_word_file(pdf, word, name=f"{tags.title}.docx", day=PdfMetadata(**asdict(tags)).day)

    def pdf_result(self, word: bytes, tags: DocumentMetadata, form: PdfProfile | None = None) -> PdfResult:
        """Return the PDF with its warnings; in the office's profile by default."""
        profile = asdict(form or self._profile)
        response = self._cached_request({"call": "pdf", "tags": asdict(tags), "form": profile}, word)
        header = response.header
        warnings = tuple(from_json(one) for one in header["warnings"])
        cut = tuple(from_json(one) for one in header["cut"])
        return PdfResult(response.bodies[0], warnings, header["pages"], tuple(header["missing"]), cut)

    def joined(self, pdfs: Sequence[bytes], *, both_sides: bool) -> bytes:
        """Return the pages of several PDFs as one, to be printed."""
        import pypdfium2

        result = io.BytesIO()
        with _PDFIUM_LOCK, pypdfium2.PdfDocument.new() as whole:
            for pdf in pdfs:
                if both_sides and len(whole) % 2:
                    whole.new_page(*whole.get_page_size(len(whole) - 1))
                with pypdfium2.PdfDocument(pdf) as part:
                    whole.import_pages(part)
            whole.save(result)
        return result.getvalue()

    def page_sizes(self, pdf: bytes) -> list[tuple[float, float]]:
        """Return width and height of each page in points."""
        import pypdfium2

        # nothing is drawn, so no worker is needed
        with _PDFIUM_LOCK, pypdfium2.PdfDocument(pdf) as document:
            return [document.get_page_size(number) for number in range(len(document))]

    def page_images(self, pdf: bytes, *, width: int, pages: Sequence[int] | None = None) -> list[bytes]:
        """Return PNG images of pages (from 0), all by default, ``width`` wide."""
        wanted = None if pages is None else list(pages)
        return list(
            self._cached_request({"call": "page_images", "width": width, "pages": wanted}, pdf).bodies
        )

    def warm(self) -> None:
        self._pool.warm()

    def close(self) -> None:
        self._pool.close()
        self._long_pool.close()

    # after a fork both sides would write into the same pipes, and a lock may be held by a thread that is gone
    def _start_afresh(self) -> None:
        self._pool = WorkerPool(self._arguments, self._processes, self._policy, self._seconds)
        last = replace(self._policy, documents=_LONG_DOCUMENTS_PER_WORKER)
        self._long_pool = WorkerPool({**self._arguments, "nice": str(LONG_NICENESS)}, 1, last, self._seconds)
        self.observe(self._observer)
        self._cache.reset_lock()
        self._pending: dict[bytes, Future[WorkerMessage]] = {}
        self._lock = threading.Lock()

    def _request(self, header: dict[str, Any], body: bytes, *more: bytes) -> WorkerMessage:
        pool = self._long_pool if is_long_request(header, body) else self._pool
        return pool.request(header, body, *more)

    def _cached_request(self, header: dict[str, Any], body: bytes) -> WorkerMessage:
        """Return a cached response, that of a pending equal request, or a new one."""
        # the header is part of the key: the same file with other metadata is another PDF
        key = hashlib.sha256(repr(sorted(header.items())).encode() + b"\0" + body).digest()
        known = self._cache.get(key)
        if known is not None:
            return known
        with self._lock:
            pending = self._pending.get(key)
            if pending is None:
                mine = self._pending[key] = Future()
        if pending is not None:
            return pending.result()
        try:
            response = self._request(header, body)
            self._cache.put(key, response)
            mine.set_result(response)
            return response
        except BaseException as error:
            mine.set_exception(error)
            raise
        finally:
            with self._lock:
                self._pending.pop(key, None)


def _start_afresh_if_alive(workers: RenderingWorkers | None) -> None:
    if workers is not None:
        workers._start_afresh()


class _ResponseCache:
    """Least recently used responses, up to ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._responses: OrderedDict[bytes, WorkerMessage] = OrderedDict()
        self._bytes = 0
        self.reset_lock()

    def reset_lock(self) -> None:
        self._lock = threading.Lock()

    def get(self, key: bytes) -> WorkerMessage | None:
        with self._lock:
            response = self._responses.get(key)
            if response is not None:
                self._responses.move_to_end(key)
            return response

    def put(self, key: bytes, response: WorkerMessage) -> None:
        # one long document must not push out everything else
        size = _size(response)
        if size > self._limit // 4:
            return
        with self._lock:
            if key not in self._responses:
                self._responses[key] = response
                self._bytes += size
            while self._bytes > self._limit:
                _, dropped = self._responses.popitem(last=False)
                self._bytes -= _size(dropped)


def _size(response: WorkerMessage) -> int:
    # 200 bytes for the header and the entry itself
    return sum(len(b) for b in response.bodies) + 200
