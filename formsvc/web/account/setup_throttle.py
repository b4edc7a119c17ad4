"""Growing pauses after failed attempts, so that passwords and codes cannot be tried one after another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FREE_ATTEMPTS = 4
LONGEST_SECONDS = 300
FORGET_SECONDS = 900
REMEMBERED = 10_000

Key = tuple[str, str]


class Backoff:
    """Counts failures for each key in this process; after a few free attempts the wait doubles with each."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[Key, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def seconds_to_wait(self, key: Key) -> int:
        """Whole seconds until the next attempt is let through; 0 for now."""
        with self._lock:
            count, last = self._failures.get(key, (0, 0.0))
        if count <= FREE_ATTEMPTS:
            return 0
        wait = min(2 ** (count - FREE_ATTEMPTS), LONGEST_SECONDS)
        return max(0, -int(-(last + wait - self._clock()) // 1))

    def failed(self, key: Key) -> None:
        """Remember a failure; failures long past are forgotten."""
        now = self._clock()
        with self._lock:
            if len(self._failures) >= REMEMBERED:
                self._forget(now)
            count, last = self._failures.get(key, (0, now))
            self._failures[key] = (count + 1 if now - last < FORGET_SECONDS else 1, now)

    def succeeded(self, key: Key) -> None:
        """Forget the failures of this key."""
        with self._lock:
            self._failures.pop(key, None)

    def _forget(self, now: float) -> None:
        fresh = {k: v for k, v in self._failures.items() if now - v[1] < FORGET_SECONDS}
        self._failures = fresh if len(fresh) < REMEMBERED else {}
