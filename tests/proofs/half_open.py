"""Half-open connections while clerks work: heads and bodies that never end.

Run whole by ``make half-open``; the suite runs a short form (tests/server/test_connections.py). The clerks work on
without a break: half of the time before, then with the half-open connections, then half of the time after; what
they wait for is compared. A connection that the server closes is opened again at once.
"""

from __future__ import annotations

import argparse
import contextlib
import selectors
import socket
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from benchmarks.clerks import Clerk, Tally
from benchmarks.load import create_office, free_port, lost_numbers, notice, percentile, start_service

CONNECTIONS, CLERKS = 200, 10
HEAD = b"GET /acts HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 20000\r\n\r\nname="
)
DRIP_SECONDS = 5.0
# the longest any other request may take; a decision page shows the preview
LONGEST_SECONDS = 2.0
DOCUMENTS = {"issue", "picture", "decision page"}
COMPARED = {"pages": ("page", "act page", "decision page"), "saves": ("autosave",)}
RATIO = 1.5
# the first pages of a process are slower: templates are compiled, render processes started
WARM_UP = 45.0


class HalfOpen(threading.Thread):
    """Connections that send one byte every few seconds, half heads and half bodies."""

    def __init__(self, port: int, count: int = CONNECTIONS) -> None:
        super().__init__(daemon=True)
        self._address, self._count = ("127.0.0.1", port), count
        self._selector = selectors.DefaultSelector()
        self._stopped = threading.Event()
        self.outcomes: Counter[str] = Counter()
        for number in range(count):
            self._open(HEAD if number % 2 else BODY)

    def _open(self, start: bytes) -> None:
        connection = socket.create_connection(self._address, timeout=10)
        connection.sendall(start)
        connection.setblocking(False)
        self._selector.register(connection, selectors.EVENT_READ, start)

    def run(self) -> None:
        drip_at = time.monotonic() + DRIP_SECONDS
        while not self._stopped.is_set():
            for key, _events in self._selector.select(timeout=0.2):
                self._replace(key)
            if time.monotonic() >= drip_at:
                drip_at = time.monotonic() + DRIP_SECONDS
                for key in list(self._selector.get_map().values()):
                    with contextlib.suppress(OSError):
                        self._socket_of(key).send(b"a")

    @staticmethod
    def _socket_of(key: selectors.SelectorKey) -> socket.socket:
        assert isinstance(key.fileobj, socket.socket)
        return key.fileobj

    def _replace(self, key: selectors.SelectorKey) -> None:
        connection = self._socket_of(key)
        with contextlib.suppress(OSError):
            self.outcomes[connection.recv(4096)[9:12].decode("ascii", "replace") or "closed"] += 1
        self._selector.unregister(connection)
        connection.close()
        self._open(key.data)

    def close(self) -> None:
        self._stopped.set()
        if self.is_alive():
            self.join()
        for key in list(self._selector.get_map().values()):
            self._socket_of(key).close()
        self._selector.close()


class PhasedTally(Tally):
    """Seconds by phase and sort of request."""

    def __init__(self) -> None:
        super().__init__()
        self.phase = "warm-up"
        self.by_phase: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    def add_time(self, sort: str, seconds: float) -> None:
        super().add_time(sort, seconds)
        self.by_phase[self.phase][sort].append(seconds)


def run(folder: Path, *, workers: int, seconds: float) -> tuple[PhasedTally, HalfOpen, list[str]]:
    """Let the clerks work without, with and without the half-open connections."""
    ports = create_office(folder, CLERKS)
    port = free_port()
    process = start_service(folder, port, workers)
    tally = PhasedTally()
    try:
        until = time.monotonic() + WARM_UP + 2 * seconds
        clerks = [Clerk(n, port, tally, until, notice(ports)) for n in range(CLERKS)]
        for clerk in clerks:
            clerk.start()
        time.sleep(WARM_UP)
        tally.phase = "without"
        time.sleep(seconds / 2)
        slow = HalfOpen(port)
        slow.start()
        tally.phase = "with"
        time.sleep(seconds)
        slow.close()
        tally.phase = "without"
        time.sleep(max(0.0, until - time.monotonic()))
        # clerks whose time is over finish what they began without a pause
        tally.phase = "end"
        for clerk in clerks:
            clerk.join(seconds + 120)
    finally:
        process.terminate()
        process.wait(30)
    return tally, slow, lost_numbers(ports, tally)


def figures(tally: PhasedTally) -> dict[str, Any]:
    """Return p95 of pages and saves in both phases, and the longest of each sort with them, in ms."""
    found: dict[str, Any] = {}
    for name, sorts in COMPARED.items():
        for phase in ("without", "with"):
            values = [s for sort in sorts for s in tally.by_phase[phase][sort]]
            found[f"{name} {phase}"] = round(percentile(values, 0.95) * 1000), len(values)
    found["longest"] = {sort: round(max(v) * 1000) for sort, v in sorted(tally.by_phase["with"].items()) if v}
    return found


def faults(tally: PhasedTally, lost: list[str]) -> list[str]:
    found = figures(tally)
    wrong = [*tally.wrong, *lost]
    for name in COMPARED:
        without, with_them = found[f"{name} without"][0], found[f"{name} with"][0]
        if with_them > RATIO * without:
            wrong.append(f"{name}: p95 {with_them} ms instead of {without} ms")
    wrong += [
        f"{sort}: {most} ms"
        for sort, most in found["longest"].items()
        if sort not in DOCUMENTS and most > LONGEST_SECONDS * 1000
    ]
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    options = parser.parse_args()
    wrong: list[str] = []
    for workers in options.workers:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            tally, slow, lost = run(Path(folder), workers=workers, seconds=options.seconds)
        print(f"{workers} process(es), {CONNECTIONS} half-open, {CLERKS} clerks, {options.seconds:.0f} s")
        print(f"  p95 in ms and count: {figures(tally)}")
        print(f"  ends of half-open connections: {dict(slow.outcomes)}; numbered {len(tally.numbers)}")
        found = faults(tally, lost)
        print("".join(f"  fault: {sentence}\n" for sentence in found) or "  no faults")
        wrong += found
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
