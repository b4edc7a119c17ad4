"""Throttles: waits after failed attempts, and request limits of tokens."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from formsvc.domain.accounts.api_token import ApiToken
from formsvc.errors import FormsvcError, Throttled
from formsvc.i18n.messages import msg
from formsvc.usecases.allowances import Allowance, AllowanceCounter
from formsvc.usecases.ports import Store, Transaction

FORGET_AFTER = timedelta(minutes=15)
MAX_STORED_KEYS = 5_000
MAX_KEYS_IN_MEMORY = 10_000

LAST_USED_RESOLUTION = timedelta(minutes=10)

Key = tuple[str, str]


@dataclass(frozen=True)
class Backoff:
    """Exponential backoff: after ``free`` failures 2, 4, 8 … seconds.

    No wait is longer than ``longest``.
    """

    free: int = 4
    longest: int = 300

    def seconds_to_wait(self, failures: int, seconds_since_last: float) -> int:
        """Return whole seconds until the next attempt is allowed, or 0."""
        if failures <= self.free:
            return 0
        # the exponent is capped: a robot's millionth failure must not compute a number of a million bits
        pause = min(1 << min(failures - self.free, 20), self.longest)
        return max(0, math.ceil(pause - seconds_since_last))


class ConcurrentRequests:
    """Count of the requests of this process that do something slow at once."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    @contextmanager
    def admit(self, most: int, refusal: Callable[[], FormsvcError]) -> Iterator[None]:
        """Count a request while the block runs; raise `refusal` beyond `most`."""
        with self._lock:
            if self.count >= most:
                raise refusal()
            self.count += 1
        try:
            yield
        finally:
            with self._lock:
                self.count -= 1


class MemoryThrottle:
    """Failures counted in this process.

    For the set-up page: there is no office yet to store anything for.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, backoff: Backoff | None = None) -> None:
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._failures: dict[Key, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def seconds_to_wait(self, key: Key) -> int:
        with self._lock:
            count, last = self._failures.get(key, (0, 0.0))
        return self._backoff.seconds_to_wait(count, self._clock() - last)

    def record_failure(self, key: Key) -> None:
        now, forget = self._clock(), FORGET_AFTER.total_seconds()
        with self._lock:
            if len(self._failures) >= MAX_KEYS_IN_MEMORY:
                self._drop_old(now - forget)
            count, last = self._failures.get(key, (0, now))
            self._failures[key] = (count + 1 if now - last < forget else 1, now)

    def clear(self, key: Key) -> None:
        with self._lock:
            self._failures.pop(key, None)

    def _drop_old(self, before: float) -> None:
        fresh = {key: failure for key, failure in self._failures.items() if failure[1] > before}
        # many addresses within fifteen minutes are an attack that fills memory: start from nothing
        self._failures = fresh if len(fresh) < MAX_KEYS_IN_MEMORY else {}


class StoredThrottle:
    """Failures counted in the store, for all workers and over a restart."""

    def __init__(self, tx: Transaction, now: datetime) -> None:
        self._attempts, self._now = tx.attempts, now

    def seconds_to_wait(self, key: str, backoff: Backoff) -> int:
        record = self._attempts.get(key)
        if record is None:
            return 0
        elapsed = (self._now - datetime.fromisoformat(record["last"])).total_seconds()
        # the clock was put back: a wait measured by it could last for hours
        return backoff.seconds_to_wait(int(record["count"]), elapsed) if elapsed >= 0 else 0

    def record_failure(self, key: str) -> None:
        stored = self._attempts.get(key)
        recent = stored is not None and stored["last"] >= (self._now - FORGET_AFTER).isoformat()
        count = stored["count"] if stored and recent else 0
        record = {"id": key, "count": count + 1, "last": self._now.isoformat()}
        if stored:
            self._attempts.replace(key, record)
        else:
            self._attempts.insert(key, record)

    def clear(self, keys: Iterable[str]) -> None:
        for key in keys:
            if self._attempts.get(key):
                self._attempts.remove(key)

    def clear_name(self, name: str) -> None:
        """Forget all failures of a sign-in name."""
        self.clear([r["id"] for r in self._attempts.find() if r["id"].split("|")[0] == name])

    def drop_old(self) -> None:
        """Forget failures that no longer count, once there are many records."""
        if self._attempts.count() >= MAX_STORED_KEYS:
            oldest = (self._now - FORGET_AFTER).isoformat()
            self.clear([r["id"] for r in self._attempts.find() if r["last"] < oldest])


class RequestLimiter:
    """Requests of each API token per minute, counted for all workers."""

    def __init__(self, store: Store) -> None:
        self._counter = AllowanceCounter(store)

    def consume(self, token: ApiToken, now: datetime) -> None:
        """Count one request. Raise Throttled if the minute's are used up."""
        allowance = Allowance(token.id, token.limit, portion=max(1, token.limit // 40))
        seconds = self._counter.use(allowance, now, also=lambda tx: self._record_use(tx, token, now))
        if seconds:
            raise Throttled(
                seconds,
                msg("这个令牌每分钟最多 {n} 次请求，本分钟已经用完。", n=token.limit),
                msg("请 {n} 秒后再试。", n=seconds),
            )

    @staticmethod
    def _record_use(tx: Transaction, token: ApiToken, now: datetime) -> None:
        # the time of last use is for people: to the nearest ten minutes it costs few writes
        record = tx.tokens.get(token.id)
        last = (record or {}).get("last_used_at") or ""
        if record and (not last or datetime.fromisoformat(last) + LAST_USED_RESOLUTION < now):
            used = ApiToken.from_record(record).to_record()
            tx.tokens.replace(token.id, {**used, "last_used_at": now.isoformat(timespec="seconds")})
