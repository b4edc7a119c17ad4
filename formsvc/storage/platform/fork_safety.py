"""SQLite must not be carried over a fork: connections are closed before one, and what could not be closed is left alone.

Even a new connection is unsafe in the child of a program that had one open: SQLite keeps its file locks in memory by
file, so the child would believe to hold locks that only its parent holds.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Sequence
from typing import Protocol

_PATIENCE = 5.0


class _Session(Protocol):
    mode: str
    lock: threading.RLock

    def close(self) -> None: ...


class Carrier(Protocol):
    """What holds connections."""

    def open_sessions(self) -> Sequence[_Session]:
        """The connections of all threads."""

    def start_afresh(self, *, tainted: bool) -> None:
        """Called in the child: forget everything; tainted means that a connection came along."""


_carriers: weakref.WeakSet[Carrier] = weakref.WeakSet()
_forking = threading.Lock()
_held: list[_Session] = []
_inherited: list[_Session] = []


def watch(carrier: Carrier) -> None:
    """Close the carrier's connections before every fork."""
    _carriers.add(carrier)


def _before() -> None:
    _forking.acquire()
    deadline = time.monotonic() + _PATIENCE
    for carrier in list(_carriers):
        for session in carrier.open_sessions():
            if session.lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
                _held.append(session)
                if not session.mode:
                    session.close()


def _in_parent() -> None:
    while _held:
        _held.pop().lock.release()
    _forking.release()


def _in_child() -> None:
    global _forking
    _forking = threading.Lock()
    _held.clear()
    for carrier in list(_carriers):
        left_open = carrier.open_sessions()
        _inherited.extend(left_open)
        carrier.start_afresh(tainted=bool(left_open))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
