"""Pictures of a document's pages, made from its PDF once and kept in memory by hash."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

from formsvc.domain.acts import Act
from formsvc.usecases.viewing import unnumbered_pdf
from formsvc.web.surroundings import ports, who

EXTENSION = "formsvc_pictures"
MOST_BYTES = 64 * 1024 * 1024
WIDTHS = (480, 800, 1200, 1600)
SCREEN_WIDTH = 1200


@dataclass(frozen=True)
class Sheets:
    """The pages of one PDF: its hash and their pictures."""

    sha256: str
    pictures: tuple[bytes, ...]

    def size(self, index: int) -> tuple[int, int]:
        """Width and height of a picture, from the head of its PNG."""
        head = self.pictures[index][16:24]
        return int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")


class Shelf:
    """Bytes that cost time to make, the least lately used given up when there are too many."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[str, tuple[bytes, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, make: Callable[[], tuple[bytes, ...]]) -> tuple[bytes, ...]:
        """What is kept under the key, made now if it is not."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > 1 and self._weight() > self._most:
                self._kept.popitem(last=False)
        return made

    def _weight(self) -> int:
        return sum(len(piece) for pieces in self._kept.values() for piece in pieces)


def sheets(act: Act, width: int = SCREEN_WIDTH) -> Sheets:
    """The pages of the kept PDF, or of the preview while there is no number yet. Raises RenderingFailed."""
    shelf = _shelf()
    sha256, pdf = _pdf(shelf, act)
    images = shelf.get(f"{sha256}/{width}", lambda: tuple(ports().renderer.page_images(pdf(), width=width)))
    return Sheets(sha256, images)


def preview_pdf(act: Act) -> bytes:
    """The PDF of an act that has no number yet, the same bytes until it changes."""
    made = _shelf().get(
        f"preview/{act.id}/{act.version}/{ports().clock.today()}",
        lambda: (unnumbered_pdf(ports(), who(), act),),
    )
    return made[0]


def nearest_width(wanted: int | None) -> int:
    """One of a few widths, so that few pictures are made."""
    return min(WIDTHS, key=lambda width: abs(width - (wanted or SCREEN_WIDTH)))


def _pdf(shelf: Shelf, act: Act) -> tuple[str, Callable[[], bytes]]:
    if act.pdf:
        return act.pdf, lambda: ports().files.read(act.pdf)
    content = preview_pdf(act)
    return hashlib.sha256(content).hexdigest(), lambda: content


def _shelf() -> Shelf:
    found: Shelf = current_app.extensions.setdefault(EXTENSION, Shelf())
    return found
