"""Pool of render processes, recycled after a number of documents."""

from __future__ import annotations

import queue
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from formsvc.documents.workers.messages import WorkerMessage
from formsvc.documents.workers.process import WorkerFailed, WorkerProcess
from formsvc.docxpdf.opc.container import Container, ContainerRefused
from formsvc.errors import Busy, RenderingFailed
from formsvc.i18n.messages import from_json, msg

_MODULE = "formsvc.documents.workers.worker"
_SECONDS_TO_START = 60
_WAIT_SECONDS = 30.0
# beyond any of these limits a request is for the pool of long ones
LONG_ROWS = 100
# an act with sixty hazards has some five hundred, cells included
LONG_PARAGRAPHS = 800
_SAMPLE_BYTES = 2**20
LONG_PDF_BYTES = 300_000
LONG_IMAGES = 20


@dataclass(frozen=True)
class RecyclePolicy:
    """Limits after which a process is replaced: documents, peak memory."""

    documents: int
    megabytes: int


class WorkObserver(Protocol):
    """Receiver of the times that requests wait and workers work."""

    def wait_began(self) -> None: ...

    def wait_ended(self, seconds: float) -> None: ...

    def work_ended(self, call: str, seconds: float) -> None: ...


class NoObserver:
    """The ``WorkObserver`` of programs that measure nothing."""

    def wait_began(self) -> None:
        pass

    def wait_ended(self, seconds: float) -> None:
        pass

    def work_ended(self, call: str, seconds: float) -> None:
        pass


class WorkerPool:
    """Processes of one kind. Safe for threads."""

    def __init__(
        self, arguments: Mapping[str, str], workers: int, policy: RecyclePolicy, seconds: float
    ) -> None:
        self._arguments, self._policy, self._seconds = dict(arguments), policy, seconds
        self._count = workers
        self.observer: WorkObserver = NoObserver()
        # last in, first out: a running worker is taken before one not yet started
        self._idle: queue.LifoQueue[WorkerProcess | None] = queue.LifoQueue()
        # None stands for a worker not yet started: a server that renders nothing starts none
        for _ in range(workers):
            self._idle.put(None)

    def request(self, head: dict[str, Any], *bodies: bytes, timeout: float | None = None) -> WorkerMessage:
        """Return a worker's response. Raise Busy, RenderingFailed."""
        worker, began = self._wait_for_worker(), time.perf_counter()
        reusable: WorkerProcess | None = None
        try:
            worker = self._started(worker)
            response = self._response(worker, head, bodies, timeout or self._seconds)
            if self._is_reusable(worker, response):
                reusable = worker
            else:
                worker.close()
        finally:
            self._idle.put(reusable)
            self.observer.work_ended(str(head.get("call", "")), time.perf_counter() - began)
        if response.header.get("failed"):
            raise _failure(response)
        return response

    def _wait_for_worker(self) -> WorkerProcess | None:
        began = time.perf_counter()
        self.observer.wait_began()
        try:
            # a thread of the server waits here: not for as long as a document may take
            return self._idle.get(timeout=min(_WAIT_SECONDS, 2 * self._seconds))
        except queue.Empty:
            raise Busy(msg("制作文书的请求太多，没有轮到。"), msg("请稍后重试。")) from None
        finally:
            self.observer.wait_ended(time.perf_counter() - began)

    def warm(self) -> None:
        self.request({"call": "ready"}, timeout=_SECONDS_TO_START)

    def idle_workers(self) -> list[WorkerProcess]:
        return [worker for worker in self._idle.queue if worker is not None and worker.is_alive]

    def close(self) -> None:
        for _ in range(self._count):
            try:
                worker = self._idle.get_nowait()
            except queue.Empty:
                return
            if worker is not None:
                worker.close()
            self._idle.put(None)

    def _is_reusable(self, worker: WorkerProcess, response: WorkerMessage) -> bool:
        return (
            worker.requests_served < self._policy.documents
            and not response.header.get("last")
            and response.header.get("peak_mb", 0) < self._policy.megabytes
        )

    def _response(
        self, worker: WorkerProcess, head: dict[str, Any], bodies: Sequence[bytes], seconds: float
    ) -> WorkerMessage:
        try:
            return worker.request(head, bodies, seconds)
        except WorkerFailed as failed:
            raise _process_failure(failed, seconds) from failed

    def _started(self, worker: WorkerProcess | None) -> WorkerProcess:
        if worker is not None and worker.is_alive:
            return worker
        if worker is not None:
            worker.kill()
        fresh = WorkerProcess(_MODULE, self._arguments)
        ready = self._response(fresh, {"call": "ready"}, (), _SECONDS_TO_START)
        # fonts or libraries are missing: the message says which
        if ready.header.get("failed"):
            fresh.close()
            raise _failure(ready)
        fresh.requests_served = 0
        return fresh


def _process_failure(failed: WorkerFailed, seconds: float) -> RenderingFailed:
    if failed.is_late:
        return RenderingFailed(
            msg("制作文书超过 {n} 秒，已停止。", n=f"{seconds:.0f}"),
            msg("请检查模板是否有过多的循环，或减少表格行数后重试。"),
        )
    return RenderingFailed(
        msg("制作文书的程序意外中断，没有编号。"), msg("请重试；再次出现时请管理员检查模板和图片。")
    )


def _failure(response: WorkerMessage) -> RenderingFailed:
    return RenderingFailed(from_json(response.header["failed"]), from_json(response.header.get("remedy", "")))


def is_long_request(header: Mapping[str, Any], body: bytes) -> bool:
    if header["call"] == "page_images":
        pages = header["pages"]
        return len(body) > LONG_PDF_BYTES if pages is None else len(pages) > LONG_IMAGES
    if header["call"] == "word":
        return any(isinstance(value, list) and len(value) > LONG_ROWS for value in header["context"].values())
    if header["call"] != "pdf":
        return False
    try:
        container = Container(body)
        parts = [name for name in container.sizes if name.endswith(".xml")]
        start = container.read(max(parts, key=container.sizes.__getitem__), _SAMPLE_BYTES) if parts else b""
    except ContainerRefused:
        return False  # the worker says what is wrong with it
    return len(start) == _SAMPLE_BYTES or start.count(b"</w:p>") > LONG_PARAGRAPHS
