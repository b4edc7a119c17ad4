"""A child process that does one thing at a time, each within limits of time and memory."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

if sys.platform != "win32":
    import resource

MEGABYTE = 2**20
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Outcome:
    """Value of one call, with its cost; ``death`` says how the process ended, or what was raised.

    ``seconds`` are those of the processor: a busy machine is no fault of what is measured.
    """

    value: Any
    seconds: float
    megabytes: float = 0
    death: str = ""
    stderr: str = ""


class LimitedProcess:
    """Runs a function of a module in a child; the next call gets a new child if this one dies.

    A call may take ``seconds`` of the processor, and four times that by the clock. ``megabytes`` bounds the growth of
    the address space, on POSIX only.
    """

    def __init__(
        self, function: Callable[[Any], Any], *, seconds: float = 30, megabytes: int | None = 500
    ) -> None:
        self._function, self._seconds, self._megabytes = function, seconds, megabytes
        self._folder = TemporaryDirectory(prefix="limited-")
        self._log = Path(self._folder.name) / "stderr"
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> LimitedProcess:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._end()
        self._folder.cleanup()

    def run(self, argument: Any) -> Outcome:
        """Call the function; a call that breaks a limit ends the child."""
        pipe = self._started()
        written = self._log.stat().st_size
        began = time.monotonic()
        try:
            pipe.send(argument)
            if not pipe.poll(4 * self._seconds):
                return self._dead(began, written, f"more than {4 * self._seconds:g} s")
            value, seconds, megabytes, raised = pipe.recv()
        except (EOFError, ConnectionError):
            return self._dead(began, written, "the process ended")
        return Outcome(value, seconds, megabytes, raised, self._stderr(written))

    def _dead(self, began: float, written: int, how: str) -> Outcome:
        seconds = time.monotonic() - began
        self._end()
        return Outcome(None, seconds, 0, how, self._stderr(written))

    def _stderr(self, start: int) -> str:
        return self._log.read_bytes()[start:].decode(errors="replace")

    def _started(self) -> Connection:
        if self._process is not None and self._process.is_alive() and self._pipe is not None:
            return self._pipe
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._log.touch()
        words = (theirs, self._function, self._megabytes, str(self._log))
        self._process = context.Process(target=_serve, args=words, daemon=False)
        self._process.start()
        theirs.close()
        self._pipe.recv()
        return self._pipe

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.join(1)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
        self._process = self._pipe = None


def _serve(pipe: Connection, function: Callable[[Any], Any], megabytes: int | None, log: str) -> None:
    """Answer calls until the other end is closed."""
    sys.stderr.flush()
    os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND), 2)
    # Python's buffered stream would keep its text until the process ends
    sys.stderr = open(2, "w", buffering=1, closefd=False, encoding="utf-8", errors="replace")  # noqa: SIM115 — it lives as long as the process
    if megabytes is not None:
        _limit_memory(megabytes)
    pipe.send("ready")
    while True:
        try:
            argument = pipe.recv()
        except EOFError:
            return
        before, began = _reset_peak(), time.process_time()
        try:
            value, raised = function(argument), ""
        except BaseException:  # noqa: BLE001 — any exception at all is the finding
            value, raised = None, traceback.format_exc()
        pipe.send((value, time.process_time() - began, max(0.0, _peak() - before), raised))


def _limit_memory(megabytes: int) -> None:
    if sys.platform == "linux":
        ceiling = _in_megabytes("VmSize") + megabytes
        resource.setrlimit(resource.RLIMIT_AS, (int(ceiling * MEGABYTE), int(ceiling * MEGABYTE)))


def _reset_peak() -> float:
    """Return the megabytes in use, and begin to measure the most from here."""
    if sys.platform != "linux":
        return _peak()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _in_megabytes("VmRSS")


def _peak() -> float:
    if sys.platform == "linux":
        return _in_megabytes("VmHWM")
    if sys.platform != "win32":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    return 0


def _in_megabytes(name: str) -> float:
    line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024
