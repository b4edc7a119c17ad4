"""Leases on number series: one request at a time, first come first.

A lease only saves work: without it two requests could render the same number, and the commit would accept one of
them. That is why a dead holder may lose its lease.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from formsvc.errors import Busy
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import Record, Transaction

POLL_SECONDS = 0.05
REPORT_EVERY = timedelta(seconds=1)
DEAD_AFTER = timedelta(seconds=4)


@dataclass(frozen=True)
class Waiter:
    """A request in the queue, and when it was last seen (ISO)."""

    id: str
    last_seen: str

    def is_alive(self, now: datetime) -> bool:
        return self.last_seen >= (now - DEAD_AFTER).isoformat()


@dataclass(frozen=True)
class Lease:
    """Stored lease of a series and year; ``holder`` is empty while free."""

    key: str
    holder: str = ""
    until: str = ""
    queue: tuple[Waiter, ...] = ()

    @classmethod
    def from_record(cls, record: Record) -> Lease:
        queue = tuple(Waiter(id_, last_seen) for id_, last_seen in record["queue"])
        return cls(record["id"], record["holder"], record["until"], queue)

    def to_record(self) -> Record:
        queue = [[waiter.id, waiter.last_seen] for waiter in self.queue]
        return {"id": self.key, "holder": self.holder, "until": self.until, "queue": queue}

    def is_free(self, now: datetime) -> bool:
        return not self.holder or self.until <= now.isoformat()

    def last_seen(self, request: str) -> str:
        """Return when the request was last seen; empty if it is not in the queue."""
        return next((waiter.last_seen for waiter in self.queue if waiter.id == request), "")

    def is_first(self, request: str, now: datetime) -> bool:
        """Return whether no living request waits before this one."""
        alive = [waiter.id for waiter in self.queue if waiter.id == request or waiter.is_alive(now)]
        return not alive or alive[0] == request


class SeriesLease:
    """A waiting or held lease on a number series (FIFO, times out)."""

    def __init__(self, ports: Ports, key: str) -> None:
        self._ports, self._key = ports, key
        self._id = secrets.token_hex(8)

    def wait(self, deadline: float) -> None:
        """Return when the lease is held.

        Raise Busy at the deadline, or at once if too many wait.
        """
        while True:
            if self.should_poll():
                with self._ports.store.write() as tx:
                    is_held = self.acquire(tx)
                if is_held:
                    return
            if time.monotonic() > deadline:
                raise _waited_too_long()
            time.sleep(POLL_SECONDS)

    def should_poll(self) -> bool:
        """Return whether a write transaction is worth opening now.

        True if the lease is free for this request, or if it must be seen again.
        """
        with self._ports.store.read() as tx:
            lease = _load(tx, self._key)
        now = self._ports.clock.now()
        if lease is None or (lease.is_free(now) and lease.is_first(self._id, now)):
            return True
        # a waiting request writes once a second only: dozens of them would otherwise keep the store busy
        return lease.last_seen(self._id) < (now - REPORT_EVERY).isoformat()

    def acquire(self, tx: Transaction) -> bool:
        """Take the lease if free and first in the queue, else enqueue.

        Return True when held. Raise Busy if too many requests are in the queue.
        """
        now = self._ports.clock.now()
        stored = _load(tx, self._key)
        lease = stored or Lease(self._key)
        queue = self._queue_with_me(lease, now)
        if len(queue) > self._ports.limits.series_waiters + 1 and not lease.last_seen(self._id):
            raise crowded(len(queue))
        acquired = lease.is_free(now) and queue[0].id == self._id
        if acquired:
            # a holder that crashed must not block its series: the lease ends by itself
            until = now + timedelta(seconds=self._ports.policy.lease_seconds)
            lease = Lease(self._key, self._id, until.isoformat(), tuple(queue[1:]))
        else:
            lease = Lease(self._key, lease.holder, lease.until, tuple(queue))
        _save(tx, lease, stored)
        return acquired

    def _queue_with_me(self, lease: Lease, now: datetime) -> list[Waiter]:
        me = Waiter(self._id, now.isoformat())
        # requests not seen for four seconds have died or given up
        alive = [waiter for waiter in lease.queue if waiter.id == self._id or waiter.is_alive(now)]
        queue = [me if waiter.id == self._id else waiter for waiter in alive]
        return queue if me in queue else [*queue, me]

    def release(self) -> None:
        with self._ports.store.read() as tx:
            lease = _load(tx, self._key)
        # a request that never queued must not wait for the write lock once more
        if lease is None or (lease.holder != self._id and not lease.last_seen(self._id)):
            return
        with self._ports.store.write() as tx:
            stored = _load(tx, self._key)
            if stored is None:
                return
            queue = tuple(waiter for waiter in stored.queue if waiter.id != self._id)
            is_mine = stored.holder == self._id
            holder, until = ("", "") if is_mine else (stored.holder, stored.until)
            _save(tx, Lease(self._key, holder, until, queue), stored)


def require_room(ports: Ports, tx: Transaction, key: str) -> None:
    """Raise Busy if no further request may wait for the lease of `key`."""
    lease, now = _load(tx, key), ports.clock.now()
    waiting = sum(waiter.is_alive(now) for waiter in lease.queue) if lease else 0
    if waiting >= ports.limits.series_waiters:
        raise crowded(waiting)


def waiting_by_series(tx: Transaction, now: datetime) -> dict[str, int]:
    """Return how many requests wait for each series and year that has a lease."""
    leases = [Lease.from_record(record) for record in tx.leases.find(order="id")]
    return {lease.key: sum(waiter.is_alive(now) for waiter in lease.queue) for lease in leases}


def crowded(waiting: int) -> Busy:
    """Return the refusal of a request that would have to wait behind too many."""
    # at different moments: programs that all come back at once would all be refused again
    return Busy(
        msg("正在编号的文书太多，本件没有编号，填报的内容没有变动。"),
        msg("请稍候再按一次“编号制发”。"),
        seconds=random.randint(1, 1 + 2 * waiting),
    )


def _waited_too_long() -> Busy:
    return Busy(
        msg("这个文号系列正在给别的文书编号，等候时间已到，本件没有编号。"),
        msg("请稍候再按一次“编号制发”。"),
    )


@contextmanager
def lease_series(ports: Ports, key: str) -> Iterator[SeriesLease]:
    """Request a series' lease; release it however the block ends."""
    lease = SeriesLease(ports, key)
    try:
        yield lease
    finally:
        lease.release()


def _load(tx: Transaction, key: str) -> Lease | None:
    record = tx.leases.get(key)
    return Lease.from_record(record) if record else None


def _save(tx: Transaction, lease: Lease, stored: Lease | None) -> None:
    if stored is None:
        tx.leases.insert(lease.key, lease.to_record())
    elif lease != stored:
        tx.leases.replace(lease.key, lease.to_record())
