"""Worker processes on one listening socket, replaced when they end."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from ctypes import c_double
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Windows has neither
    from multiprocessing.context import ForkContext, ForkProcess

CHECK_SECONDS = 0.5
# a process that does not finish its requests in this time is killed
STOP_SECONDS = 25.0
# without a sign of life: its event loop is held up for good
STUCK_SECONDS = 120.0
RESTART_PAUSE = 1.0

log = logging.getLogger("formsvc.server")
# serves requests until it is asked to stop; calls the function it is given every second
Serve = Callable[[Callable[[], None]], None]


class StartFailed(Exception):
    """A worker that ended before it served anything."""


class Worker:
    """A worker process and the time of its last sign of life."""

    def __init__(self, context: ForkContext, serve: Serve) -> None:
        self._alive_at: Any = context.Value(c_double, 0.0, lock=False)
        self.started = time.monotonic()
        self.process: ForkProcess = context.Process(target=self._run, args=(serve, os.getpid()))
        self.process.start()

    def _run(self, serve: Serve, parent: int) -> None:
        # those of the parent, until the server sets its own
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)

        def report_alive() -> None:
            self._alive_at.value = time.monotonic()
            # the parent was killed: no one would stop this process
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)

        serve(report_alive)

    @property
    def has_served(self) -> bool:
        return bool(self._alive_at.value)

    @property
    def is_stuck(self) -> bool:
        return self.has_served and time.monotonic() - self._alive_at.value > STUCK_SECONDS


class Supervisor:
    """Parent of `count` workers until SIGTERM or SIGINT.

    `forget` receives the id of each process that has ended.
    """

    def __init__(self, serve: Serve, count: int, forget: Callable[[int], None]) -> None:
        self._serve, self._count, self._forget = serve, count, forget
        # a fork shares the listening socket and the settings; nothing else is open yet
        self._context = multiprocessing.get_context("fork")
        self._workers: list[Worker] = []
        self._stopping = False
        self._next_start = 0.0
        self._has_served = False

    def run(self) -> None:
        """Raise StartFailed if a worker ends before any of them has served."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
        try:
            while not self._stopping:
                self._start_missing()
                wait([worker.process.sentinel for worker in self._workers], CHECK_SECONDS)
                self._remove_dead()
        finally:
            self._stop_all()

    def _request_stop(self, _number: int, _frame: Any) -> None:
        self._stopping = True

    def _start_missing(self) -> None:
        while len(self._workers) < self._count and time.monotonic() >= self._next_start:
            self._workers.append(Worker(self._context, self._serve))

    def _remove_dead(self) -> None:
        self._has_served = self._has_served or any(worker.has_served for worker in self._workers)
        for worker in list(self._workers):
            if worker.is_stuck:
                log.error("worker %s gave no sign of life for %d s", worker.process.pid, STUCK_SECONDS)
                worker.process.kill()
                worker.process.join()
            if worker.process.is_alive():
                continue
            self._workers.remove(worker)
            self._forget(worker.process.pid or 0)
            if self._stopping:
                continue
            # once the service has run, what ends a worker at its start passes: memory, a busy disk
            if not self._has_served:
                raise StartFailed(worker.process.exitcode)
            log.error("worker %s ended (%s), another starts", worker.process.pid, worker.process.exitcode)
            self._next_start = time.monotonic() + RESTART_PAUSE

    def _stop_all(self) -> None:
        until = time.monotonic() + STOP_SECONDS
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(max(0.1, until - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
