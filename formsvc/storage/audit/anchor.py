"""The anchor: a small file outside the store that says how far its chain has come, and with which hash.

It is written after each commit by a thread of its own, at most a few times a second, so that nobody waits for it: it may
be behind the chain, never ahead. A store that has not come as far as its anchor, or not with that hash, was replaced by
an older copy or has lost what was acknowledged.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

from formsvc.errors import FormsvcError, disk_error
from formsvc.i18n.messages import msg
from formsvc.storage.atomic_files import read_whole, written_in_full
from formsvc.storage.audit.hash_chain import canonical
from formsvc.storage.tinydb_sqlite import session
from formsvc.usecases.ports import Head

_PAUSE = 0.2
_IDLE = 1.0
_PATIENCE = 5.0
_logger = logging.getLogger(__name__)


class HistoryCut(FormsvcError):
    """The store is not, or not all, of what its anchor says it was."""


def anchor_of(path: Path) -> Path:
    """Where the anchor of a store lies unless another place was chosen."""
    return path.with_name(f"{path.name}.anchor")


def read_anchor(place: Path) -> Head | None:
    """What the anchor says; None where there is none. Raises HistoryCut when it is damaged."""
    try:
        text = read_whole(place).decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        text = ""
    except OSError as error:
        raise disk_error(error, place) from error
    try:
        found = json.loads(text)
        mark = found.pop("mark")
        head = Head(int(found["count"]), str(found["hash"]), str(found["at"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise damaged_anchor(place) from None
    if mark != _mark(found):
        raise damaged_anchor(place)
    return head


def write_anchor(place: Path, head: Head) -> None:
    """Written, synced, renamed."""
    content = {"count": head.count, "hash": head.hash, "at": head.at}
    with written_in_full(place) as stream:
        stream.write(canonical({**content, "mark": _mark(content)}) + b"\n")


def _mark(content: dict[str, object]) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()[:16]


def damaged_anchor(place: Path) -> HistoryCut:
    """The anchor itself cannot be read."""
    return HistoryCut(
        msg("锚文件“{place}”已损坏，不能用来核对数据。", place=place),
        msg(
            "请先运行“formsvc verify”核验数据，并与打印的每日锚核对；确认数据完好的，删除这个锚文件后重新启动。"
        ),
    )


def cut_short(place: Path, anchor: Head, count: int) -> HistoryCut:
    """The chain has fewer links than the anchor says."""
    return HistoryCut(
        msg(
            "数据比锚文件“{place}”记载的旧：锚记到第 {anchored} 笔（{at}），数据只有 {count} 笔。数据文件可能被换成了旧的，或者丢失了已经保存的内容。",
            place=place,
            anchored=anchor.count,
            at=anchor.at,
            count=count,
        ),
        _way_out(place),
    )


def not_the_same(place: Path, anchor: Head) -> HistoryCut:
    """The chain has another link where the anchor is."""
    return HistoryCut(
        msg(
            "数据与锚文件“{place}”不符：第 {anchored} 笔（{at}）不是当时保存的那一笔。历史可能被改写过。",
            place=place,
            anchored=anchor.count,
            at=anchor.at,
        ),
        _way_out(place),
    )


def _way_out(place: Path) -> str:
    return msg(
        "请先把数据文件复制一份留存，运行“formsvc verify”查明，再找回最新的数据或从备份恢复；确实要使用这份数据的，删除“{name}”后重新启动，这件事会记入历史。",
        name=place.name,
    )


class AnchorWriter:
    """Keeps the anchor close behind the chain."""

    def __init__(self, place: Path, head: Callable[[], Head]) -> None:
        self.place = place
        self.fault = ""
        self._head = head
        self.start_afresh()
        _writers.add(self)

    def start_afresh(self) -> None:
        """With no thread yet, as in the child of a fork."""
        self._due = threading.Event()
        self._lock = threading.Lock()
        self.writing = threading.Lock()
        self._thread: threading.Thread | None = None

    def due(self) -> None:
        """A commit was made. Costs the caller nothing to speak of."""
        self._due.set()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="formsvc-anchor", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write what is due now; what another thread is writing has been written afterwards."""
        with self.writing:
            if self._due.is_set():
                self._write()

    def _run(self) -> None:
        while True:
            while self._due.wait(_IDLE):
                with self.writing:
                    if (
                        self._due.is_set()
                    ):  # not written by ``flush`` meanwhile, after which the store may be closed
                        self._write()
                time.sleep(_PAUSE)
            with self._lock:
                if not self._due.is_set():
                    self._thread = None
                    return

    def _write(self) -> None:
        """Write the head; where others went on meanwhile, it is due again, so that no slower program has the last word."""
        self._due.clear()
        try:
            head = self._head()
            write_anchor(self.place, head)
            if self._head() != head:
                self._due.set()
            self.fault = ""
        except (FormsvcError, RuntimeError) as wrong:
            if str(wrong) != self.fault:
                _logger.warning("anchor not written: %s", wrong)
            self.fault = str(wrong)


_writers: weakref.WeakSet[AnchorWriter] = weakref.WeakSet()
_paused: list[threading.Lock] = []


@atexit.register
def _at_exit() -> None:
    for writer in list(_writers):
        writer.flush()


def _before_fork() -> None:
    """SQLite's own locks must not be held by a writing thread, which the child would not have."""
    for writer in list(_writers):
        lock = writer.writing
        if lock.acquire(timeout=_PATIENCE):
            _paused.append(lock)


def _in_parent() -> None:
    while _paused:
        _paused.pop().release()


def _in_child() -> None:
    _paused.clear()
    for writer in list(_writers):
        writer.start_afresh()


if hasattr(os, "register_at_fork"):
    assert session  # whose hooks are registered first, so that before a fork these run first
    os.register_at_fork(before=_before_fork, after_in_parent=_in_parent, after_in_child=_in_child)
