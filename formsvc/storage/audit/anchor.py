"""Anchor: length and hash of the chain in a small file outside the store.

A thread writes it after each commit, at most a few times a second, so that no commit waits for it: it may be
behind the chain, never ahead. A store that is behind its anchor, or has another hash there, was replaced by
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
from formsvc.storage.atomic_files import atomic_write, read_file
from formsvc.storage.audit.hash_chain import canonical_json
from formsvc.storage.tinydb_sqlite import session
from formsvc.usecases.ports import ChainHead

_PAUSE = 0.2  # seconds between two writes
_IDLE = 1.0  # seconds without a commit until the thread ends
_FORK_PATIENCE = 5.0  # seconds to wait for a write before a fork
_logger = logging.getLogger(__name__)


class AnchorMismatch(FormsvcError):
    """The store does not hold the history its anchor records."""


def anchor_path(path: Path) -> Path:
    """Return the default path of a store's anchor."""
    return path.with_name(f"{path.name}.anchor")


def read_anchor(path: Path) -> ChainHead | None:
    """Return the anchored head, or None if there is no anchor file.

    Raise AnchorMismatch if the file is damaged.
    """
    try:
        text = read_file(path).decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        text = ""
    except OSError as error:
        raise disk_error(error, path) from error
    try:
        content = json.loads(text)
        mark = content.pop("mark")
        head = ChainHead(int(content["count"]), str(content["hash"]), str(content["at"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise damaged_anchor(path) from None
    if mark != _checksum(content):
        raise damaged_anchor(path)
    return head


def write_anchor(path: Path, head: ChainHead) -> None:
    content = {"count": head.count, "hash": head.hash, "at": head.at}
    with atomic_write(path) as stream:
        stream.write(canonical_json({**content, "mark": _checksum(content)}) + b"\n")


def _checksum(content: dict[str, object]) -> str:
    return hashlib.sha256(canonical_json(content)).hexdigest()[:16]


def damaged_anchor(path: Path) -> AnchorMismatch:
    return AnchorMismatch(
        msg("锚文件“{place}”已损坏，不能用来核对数据。", place=path),
        msg(
            "请先运行“formsvc verify”核验数据，并与打印的每日锚核对；确认数据完好的，删除这个锚文件后重新启动。"
        ),
    )


def chain_behind_anchor(path: Path, anchor: ChainHead, count: int) -> AnchorMismatch:
    return AnchorMismatch(
        msg(
            "数据比锚文件“{place}”记载的旧：锚记到第 {anchored} 笔（{at}），数据只有 {count} 笔。数据文件可能被换成了旧的，或者丢失了已经保存的内容。",
            place=path,
            anchored=anchor.count,
            at=anchor.at,
            count=count,
        ),
        _remedy(path),
    )


def hash_mismatch(path: Path, anchor: ChainHead) -> AnchorMismatch:
    return AnchorMismatch(
        msg(
            "数据与锚文件“{place}”不符：第 {anchored} 笔（{at}）不是当时保存的那一笔。历史可能被改写过。",
            place=path,
            anchored=anchor.count,
            at=anchor.at,
        ),
        _remedy(path),
    )


def _remedy(path: Path) -> str:
    return msg(
        "请先把数据文件复制一份留存，运行“formsvc verify”查明，再找回最新的数据或从备份恢复；确实要使用这份数据的，删除“{name}”后重新启动，这件事会记入历史。",
        name=path.name,
    )


class AnchorWriter:
    """Writes the anchor in a thread of its own; ``fault`` is the last failure."""

    def __init__(self, path: Path, head: Callable[[], ChainHead]) -> None:
        self.path = path
        self.fault = ""
        self._head = head
        self.reset_after_fork()
        _writers.add(self)

    def reset_after_fork(self) -> None:
        # The child of a fork has no such thread, and the locks may be held by threads it has not.
        self._is_due = threading.Event()
        self._lock = threading.Lock()
        self.write_lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def schedule(self) -> None:
        """Schedule an anchor write after a commit; return at once."""
        self._is_due.set()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="formsvc-anchor", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write the anchor now if it is due; wait for a write that is under way."""
        with self.write_lock:
            if self._is_due.is_set():
                self._write()

    def _run(self) -> None:
        while True:
            while self._is_due.wait(_IDLE):
                with self.write_lock:
                    # ``flush`` may have written it meanwhile, and the store may be closed since.
                    if self._is_due.is_set():
                        self._write()
                time.sleep(_PAUSE)
            with self._lock:
                if not self._is_due.is_set():
                    self._thread = None
                    return

    def _write(self) -> None:
        self._is_due.clear()
        try:
            head = self._head()
            write_anchor(self.path, head)
            # Another program committed during the write: a slower program must not have the last word.
            if self._head() != head:
                self._is_due.set()
            self.fault = ""
        except (FormsvcError, RuntimeError) as error:
            if str(error) != self.fault:
                _logger.warning("anchor not written: %s", error)
            self.fault = str(error)


_writers: weakref.WeakSet[AnchorWriter] = weakref.WeakSet()
_locked: list[threading.Lock] = []


@atexit.register
def _at_exit() -> None:
    for writer in list(_writers):
        writer.flush()


def _before_fork() -> None:
    # SQLite's own locks must not be held by a writing thread, which the child would not have.
    for writer in list(_writers):
        lock = writer.write_lock
        if lock.acquire(timeout=_FORK_PATIENCE):
            _locked.append(lock)


def _after_fork_in_parent() -> None:
    while _locked:
        _locked.pop().release()


def _after_fork_in_child() -> None:
    _locked.clear()
    for writer in list(_writers):
        writer.reset_after_fork()


if hasattr(os, "register_at_fork"):
    assert session  # whose hooks are registered first, so that before a fork these run first
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
    )
