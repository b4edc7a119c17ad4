"""Processor time of this process and of others."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.results import result_row

_PROC = Path("/proc")
Task = Callable[[], Any]


def has_processor_time() -> bool:
    """Return whether that of other processes can be read (Linux)."""
    return (_PROC / "self" / "schedstat").exists()


def processor_seconds(pids: Iterable[int]) -> float:
    """Return the seconds all threads of these processes have used so far."""
    total = 0
    for pid in pids:
        for thread in (_PROC / str(pid) / "task").glob("*/schedstat"):
            try:
                total += int(thread.read_text().split()[0])
            except OSError:
                continue
    return total / 1e9


def descendants(pid: int) -> list[int]:
    """Return the ids of a process and of all it started."""
    pids = [pid]
    for children in (_PROC / str(pid) / "task").glob("*/children"):
        for child in children.read_text().split():
            pids += descendants(int(child))
    return pids


def _own_seconds() -> float:
    """Return the seconds of this process and of the children it waited for."""
    used = time.process_time()
    if sys.platform == "win32":
        return used
    import resource

    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used + ended.ru_utime + ended.ru_stime


class Contender:
    """A way to do a task, and the processes whose time it costs.

    Without ``pids`` these are this process and the children it waits for.
    """

    def __init__(self, task: Task, pids: Callable[[], Iterable[int]] | None = None) -> None:
        self.task, self._pids = task, pids

    def run_timed(self) -> tuple[float, float]:
        """Run once. Return processor seconds and seconds on the clock."""
        pids = None if self._pids is None else list(self._pids())
        used, began = self._used(pids), time.perf_counter()
        self.task()
        return self._used(pids) - used, time.perf_counter() - began

    @staticmethod
    def _used(pids: list[int] | None) -> float:
        return _own_seconds() if pids is None else processor_seconds(pids)


def compare_contenders(
    case: str, contenders: Mapping[str, Contender], rounds: int, *, only_clock: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """Run all contenders in turn, round by round; the first is the yardstick.

    Return rows for processor and clock. ``only_clock``: contenders whose processor time cannot be measured alone.
    """
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for contender in contenders.values():
        contender.task()
    for _ in range(rounds):
        for name, contender in contenders.items():
            measured[name].append(contender.run_timed())
    yardstick = next(iter(contenders))
    figures = []
    for kind, side in (("CPU", 0), ("clock", 1)):
        if kind == "CPU" and not has_processor_time():
            continue
        floor = [pair[side] for pair in measured[yardstick]]
        for name, pairs in measured.items():
            if kind == "clock" or name not in only_clock:
                figures.append(
                    result_row(f"{case}, {kind}", name, [p[side] for p in pairs], yardstick, floor)
                )
    return figures
