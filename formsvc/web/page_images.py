"""Pictures of a document's pages, made from its PDF once for all workers and kept by content."""

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
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.preview import sample_of
from formsvc.web.context import ports, who
from formsvc.web.disk_cache import DiskCache

log = logging.getLogger("formsvc.web")
EXTENSION = "formsvc_pictures"
FOLDER = "PICTURES"
"""The setting that names the folder for all workers; without it each keeps its own in memory."""
WIDTHS = (480, 800, 1200, 1600)
SCREEN_WIDTH = 1200
SIZES_REMEMBERED = 4_000
AHEAD = 16
"""Documents whose pages wait to be drawn before anybody asks; more are drawn when they are asked for."""

PageSize = tuple[float, float]


@dataclass(frozen=True)
class Sheets:
    """The pages of one PDF: its hash and the sizes of their pictures, which need not be drawn yet."""

    sha256: str
    sizes: tuple[tuple[int, int], ...]

    def size(self, index: int) -> tuple[int, int]:
        """Width and height of a picture."""
        return self.sizes[index]


class Pages:
    """PDFs and their pages for one application."""

    def __init__(self, cache: DiskCache) -> None:
        self._cache = cache
        self._sizes: dict[str, tuple[PageSize, ...]] = {}
        self._waiting: queue.Queue[tuple[Ports, Actor, Act]] = queue.Queue(AHEAD)
        self._lock = threading.Lock()
        self._painter: threading.Thread | None = None

    def sheets(self, ports: Ports, who: Actor, act: Act, width: int) -> Sheets:
        """How many pages there are, and how large. Raises RenderingFailed."""
        sha256, pdf = self._pdf(ports, who, act)
        found = self._page_sizes(ports, sha256, pdf)
        return Sheets(sha256, tuple((width, math.ceil(width * high / wide)) for wide, high in found))

    def _page_sizes(self, ports: Ports, sha256: str, pdf: Callable[[], bytes]) -> tuple[PageSize, ...]:
        found = self._sizes.get(sha256)
        if found is None:
            found = self._kept_sizes(ports, sha256, pdf)
            if len(self._sizes) >= SIZES_REMEMBERED:
                self._sizes.clear()
            self._sizes[sha256] = found
        return found

    def _kept_sizes(self, ports: Ports, sha256: str, pdf: Callable[[], bytes]) -> tuple[PageSize, ...]:
        """Looked up in the PDF once for all workers: a page must not wait for the renderer, which may be at work."""

        def look() -> bytes:
            return json.dumps(ports.renderer.page_sizes(pdf())).encode()

        kept = json.loads(self._cache.get(f"{sha256}/sizes", look))
        return tuple((wide, high) for wide, high in kept)

    def picture(self, ports: Ports, who: Actor, act: Act, page: int, width: int) -> tuple[bytes, str]:
        """One page, counted from 1, and the hash of its PDF. Raises NotFound, RenderingFailed."""
        sha256, pdf = self._pdf(ports, who, act)
        if not 1 <= page <= len(self._page_sizes(ports, sha256, pdf)):
            raise NotFound(msg("这件文书没有第 {n} 页。", n=page), msg("请从文书页打开。"))

        def draw() -> bytes:
            return ports.renderer.page_images(pdf(), width=width, pages=[page - 1])[0]

        return self._cache.get(f"{sha256}/{width}/{page}", draw), sha256

    def sample(self, ports: Ports, who: Actor, act: Act) -> bytes:
        """The PDF of an act without number. Raises TransitionRefused once it has one, RenderingFailed."""
        sample = sample_of(ports, who, act.id)
        return self._cache.get(f"sample/{sample.fingerprint}", lambda: sample.pdf(ports))

    def _pdf(self, ports: Ports, who: Actor, act: Act) -> tuple[str, Callable[[], bytes]]:
        if act.pdf:
            return act.pdf, lambda: ports.files.read(act.pdf)
        content = self.sample(ports, who, act)
        return hashlib.sha256(content).hexdigest(), lambda: content

    # Before anybody asks ---------------------------------------------------------------------------

    def soon(self, ports: Ports, who: Actor, act: Act) -> None:
        """Draw the pages as the page of the act shows them, by and by; left out where much is waiting already."""
        with self._lock:
            if self._painter is None or not self._painter.is_alive():
                self._painter = threading.Thread(target=self._paint, name="page-pictures", daemon=True)
                self._painter.start()
        try:
            self._waiting.put_nowait((ports, who, act))
        except queue.Full:
            return

    def _paint(self) -> None:
        while True:
            ports, who, act = self._waiting.get()
            try:
                for page in range(1, len(self.sheets(ports, who, act, SCREEN_WIDTH).sizes) + 1):
                    self.picture(ports, who, act, page, SCREEN_WIDTH)
            except FormsvcError:
                pass  # the page of the act says what is wrong
            except Exception:  # noqa: BLE001 - nobody waits for it; whoever asks for the page is told
                log.exception("pages of %s not drawn ahead", act.id)
            finally:
                self._waiting.task_done()

    def wait(self) -> None:
        """Until everything asked for ahead is drawn."""
        self._waiting.join()


def register(app: Flask) -> None:
    """Give the application its pages."""
    folder = app.config.get(FOLDER)
    app.extensions[EXTENSION] = Pages(DiskCache(Path(folder) if folder else None))


def pages() -> Pages:
    """The pages of this application."""
    found: Pages = current_app.extensions[EXTENSION]
    return found


def sheets(act: Act, width: int = SCREEN_WIDTH) -> Sheets:
    """The pages of the kept PDF, or of the sample while there is no number yet. Raises RenderingFailed."""
    return pages().sheets(ports(), who(), act, width)


def picture(act: Act, page: int, width: int) -> tuple[bytes, str]:
    """One page and the hash of its PDF. Raises NotFound, RenderingFailed."""
    return pages().picture(ports(), who(), act, page, width)


def preview_pdf(act: Act) -> bytes:
    """The PDF of an act that has no number yet, the same bytes until its content changes."""
    return pages().sample(ports(), who(), act)


def soon(act: Act) -> None:
    """Draw the pages of an act before somebody opens it."""
    pages().soon(ports(), who(), act)


def nearest_width(wanted: int | None) -> int:
    """One of a few widths, so that few pictures are made."""
    return min(WIDTHS, key=lambda width: abs(width - (wanted or SCREEN_WIDTH)))
