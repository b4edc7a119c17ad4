"""Leases on number series: one request at a time, first come first.

A lease only saves work: without it two requests could render the same number, and the commit would accept one
of them. That is why a dead holder may lose its lease.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from formsvc.usecases.context import Ports
from formsvc.usecases.ports import Record, Transaction

ASKS_EVERY = timedelta(seconds=1)
FORGOTTEN_AFTER = timedelta(seconds=4)


class SeriesLease:
    """A waiting or held lease on a number series (FIFO, times out)."""

    def __init__(self, ports: Ports, key: str) -> None:
        self._ports, self._key = ports, key
        self._me = secrets.token_hex(8)

    def should_poll(self) -> bool:
        """Return whether a write transaction is worth opening now.

        True if the lease is free for this request, or if it must be seen again.
        """
        with self._ports.store.read() as tx:
            lease = tx.leases.get(self._key)
        now = self._ports.clock.now()
        if lease is None or _is_free(lease, now) and self._is_first(lease, now):
            return True
        heard: str = dict(lease["queue"]).get(self._me, "")
        return heard < (now - ASKS_EVERY).isoformat()

    def acquire(self, tx: Transaction) -> bool:
        """Take the lease if free and first in the queue, else enqueue.

        Return True when held.
        """
        now = self._ports.clock.now()
        there = tx.leases.get(self._key)
        lease = there or {"id": self._key, "holder": "", "until": "", "queue": []}
        queue = [entry for entry in lease["queue"] if entry[0] == self._me or _is_heard(entry, now)]
        queue = [[who, now.isoformat() if who == self._me else heard] for who, heard in queue]
        if self._me not in dict(queue):
            queue.append([self._me, now.isoformat()])
        mine = _is_free(lease, now) and queue[0][0] == self._me
        if mine:
            until = now + timedelta(seconds=self._ports.policy.lease_seconds)
            lease = {**lease, "holder": self._me, "until": until.isoformat()}
            queue = queue[1:]
        _put(tx, {**lease, "queue": queue}, there)
        return mine

    def release(self) -> None:
        """Free the lease or leave the queue."""
        with self._ports.store.read() as tx:
            lease = tx.leases.get(self._key)
        if lease is None or (lease["holder"] != self._me and self._me not in dict(lease["queue"])):
            return
        with self._ports.store.write() as tx:
            there = tx.leases.get(self._key)
            if there is None:
                return
            queue = [entry for entry in there["queue"] if entry[0] != self._me]
            held = {"holder": "", "until": ""} if there["holder"] == self._me else {}
            _put(tx, {**there, **held, "queue": queue}, there)

    def _is_first(self, lease: Record, now: datetime) -> bool:
        heard = [who for who, at in lease["queue"] if who == self._me or _is_heard([who, at], now)]
        return not heard or heard[0] == self._me


@contextmanager
def lease_series(ports: Ports, key: str) -> Iterator[SeriesLease]:
    """Request a series' lease; release it however the block ends."""
    asked = SeriesLease(ports, key)
    try:
        yield asked
    finally:
        asked.release()


def _is_free(lease: Record, now: datetime) -> bool:
    until: str = lease["until"]
    return not lease["holder"] or until <= now.isoformat()


def _is_heard(entry: list[str], now: datetime) -> bool:
    return entry[1] >= (now - FORGOTTEN_AFTER).isoformat()


def _put(tx: Transaction, lease: Record, there: Record | None) -> None:
    if there is None:
        tx.leases.insert(lease["id"], lease)
    elif lease != there:
        tx.leases.replace(lease["id"], lease)
