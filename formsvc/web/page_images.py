"""Page images of an act's PDF, cached by content for all workers."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, current_app

from formsvc.domain.acts.act import Act
from formsvc.errors import FormsvcError, NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.allowances import PersonalLimits
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.preview import preview_of
from formsvc.web import usage
from formsvc.web.context import ports, who
from formsvc.web.disk_cache import DiskCache

log = logging.getLogger("formsvc.web")
EXTENSION = "formsvc_pictures"
# Names the cache folder shared by all workers; without it each worker caches in memory
FOLDER_SETTING = "PICTURES"
# In pixels
WIDTHS = (480, 800, 1200, 1600)
SCREEN_WIDTH = 1200
MAX_CACHED_SIZES = 4_000
# Documents waiting to be drawn ahead; any beyond are drawn when they are opened
MAX_QUEUED = 16

# Width and height in points
PageSize = tuple[float, float]


@dataclass(frozen=True)
class PageImageSizes:
    """A PDF's hash, and width and height in pixels of its page images."""

    sha256: str
    sizes: tuple[tuple[int, int], ...]


class PageRenderer:
    """Preview PDFs and page images of one application, through the cache."""

    def __init__(self, cache: DiskCache, limits: PersonalLimits) -> None:
        self._cache, self._limits = cache, limits
        self._sizes: dict[str, tuple[PageSize, ...]] = {}
        self._queue: queue.Queue[tuple[Ports, Actor, Act]] = queue.Queue(MAX_QUEUED)
        self._lock = threading.Lock()
        self._drawing_thread: threading.Thread | None = None

    def image_sizes(self, ports: Ports, who: Actor, act: Act, width: int) -> PageImageSizes:
        """Return the sizes of all pages at ``width`` pixels."""
        sha256, pdf = self._pdf(ports, who, act)
        sizes = self._page_sizes(ports, sha256, pdf)
        return PageImageSizes(sha256, tuple((width, math.ceil(width * high / wide)) for wide, high in sizes))

    def _page_sizes(self, ports: Ports, sha256: str, pdf: Callable[[], bytes]) -> tuple[PageSize, ...]:
        sizes = self._sizes.get(sha256)
        if sizes is None:
            sizes = self._cached_sizes(ports, sha256, pdf)
            if len(self._sizes) >= MAX_CACHED_SIZES:
                self._sizes.clear()
            self._sizes[sha256] = sizes
        return sizes

    def _cached_sizes(self, ports: Ports, sha256: str, pdf: Callable[[], bytes]) -> tuple[PageSize, ...]:
        # From the shared cache: the renderer that reads them may be busy with a long document for seconds
        def read() -> bytes:
            return json.dumps(ports.renderer.page_sizes(pdf())).encode()

        sizes = json.loads(self._cache.get(f"{sha256}/sizes", read))
        return tuple((wide, high) for wide, high in sizes)

    def page_image(self, ports: Ports, who: Actor, act: Act, page: int, width: int) -> tuple[bytes, str]:
        """Return a page (from 1) as PNG and the hash of its PDF.

        Raise NotFound beyond the last page.
        """
        sha256, pdf = self._pdf(ports, who, act)
        if not 1 <= page <= len(self._page_sizes(ports, sha256, pdf)):
            raise NotFound(msg("这件文书没有第 {n} 页。", n=page), msg("请从文书页打开。"))

        def draw() -> bytes:
            return ports.renderer.page_images(pdf(), width=width, pages=[page - 1])[0]

        return self._cache.get(f"{sha256}/{width}/{page}", draw), sha256

    def preview_pdf(self, ports: Ports, who: Actor, act: Act) -> bytes:
        """Return the PDF of an act without number, the same until it changes.

        Raise TransitionRefused if the act has a number, Throttled if this person has
        had too many made.
        """
        sample = preview_of(ports, who, act.id)

        def make() -> bytes:
            # counted here: a preview that is in the cache costs nothing
            self._limits.count_preview(who.account.id, ports.clock.now())
            return sample.pdf(ports)

        return self._cache.get(f"sample/{sample.fingerprint}", make)

    def _pdf(self, ports: Ports, who: Actor, act: Act) -> tuple[str, Callable[[], bytes]]:
        if act.pdf:
            return act.pdf, lambda: ports.files.read(act.pdf)
        content = self.preview_pdf(ports, who, act)
        return hashlib.sha256(content).hexdigest(), lambda: content

    # Ahead of the first request --------------------------------------------------------------------

    def draw_ahead(self, ports: Ports, who: Actor, act: Act) -> None:
        """Queue the act's pages for drawing; do nothing if the queue is full."""
        with self._lock:
            if self._drawing_thread is None or not self._drawing_thread.is_alive():
                self._drawing_thread = threading.Thread(
                    target=self._draw_queued, name="page-pictures", daemon=True
                )
                self._drawing_thread.start()
        try:
            self._queue.put_nowait((ports, who, act))
        except queue.Full:
            return

    def _draw_queued(self) -> None:
        while True:
            ports, who, act = self._queue.get()
            try:
                for page in range(1, len(self.image_sizes(ports, who, act, SCREEN_WIDTH).sizes) + 1):
                    self.page_image(ports, who, act, page, SCREEN_WIDTH)
            except FormsvcError:
                pass  # the act's page reports it when it is opened
            except Exception:  # noqa: BLE001 - no request waits for this; the thread must go on with the next act
                log.exception("pages of %s not drawn ahead", act.id)
            finally:
                self._queue.task_done()

    def wait_until_drawn(self) -> None:
        self._queue.join()


def register(app: Flask) -> None:
    folder = app.config.get(FOLDER_SETTING)
    app.extensions[EXTENSION] = PageRenderer(
        DiskCache(Path(folder) if folder else None), app.extensions[usage.EXTENSION]
    )


def page_renderer() -> PageRenderer:
    renderer: PageRenderer = current_app.extensions[EXTENSION]
    return renderer


def image_sizes(act: Act, width: int = SCREEN_WIDTH) -> PageImageSizes:
    return page_renderer().image_sizes(ports(), who(), act, width)


def page_image(act: Act, page: int, width: int) -> tuple[bytes, str]:
    return page_renderer().page_image(ports(), who(), act, page, width)


def preview_pdf(act: Act) -> bytes:
    return page_renderer().preview_pdf(ports(), who(), act)


def draw_ahead(act: Act) -> None:
    page_renderer().draw_ahead(ports(), who(), act)


def nearest_width(requested: int | None) -> int:
    """Return the nearest of WIDTHS, so that few images have to be drawn."""
    return min(WIDTHS, key=lambda width: abs(width - (requested or SCREEN_WIDTH)))
