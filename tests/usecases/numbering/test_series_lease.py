"""The queue for the next number of a series."""

from __future__ import annotations

from datetime import timedelta

from formsvc.usecases.context import Ports
from formsvc.usecases.numbering.series_lease import DEAD_AFTER, Lease, SeriesLease, Waiter, lease_series
from tests.support.memory_office import SetClock

KEY = "sbd-xian/2026"


def acquired(ports: Ports, lease: SeriesLease) -> bool:
    with ports.store.write() as tx:
        return lease.acquire(tx)


def test_one_request_holds_the_lease_and_the_next_waits(ports: Ports) -> None:
    first, second = SeriesLease(ports, KEY), SeriesLease(ports, KEY)
    assert first.should_poll() and acquired(ports, first)
    assert not acquired(ports, second)
    assert not second.should_poll()
    first.release()
    assert second.should_poll() and acquired(ports, second)


def test_requests_are_served_in_their_order(ports: Ports) -> None:
    holder, second, third = (SeriesLease(ports, KEY) for _ in range(3))
    assert [acquired(ports, lease) for lease in (holder, second, third)] == [True, False, False]
    holder.release()
    assert not acquired(ports, third)
    assert acquired(ports, second)


def test_a_request_not_seen_for_seconds_loses_its_place(ports: Ports, clock: SetClock) -> None:
    holder, dead, living = (SeriesLease(ports, KEY) for _ in range(3))
    assert [acquired(ports, lease) for lease in (holder, dead)] == [True, False]
    holder.release()
    clock.moment += DEAD_AFTER + timedelta(seconds=1)
    assert acquired(ports, living)


def test_the_lease_of_a_dead_holder_ends(ports: Ports, clock: SetClock) -> None:
    assert acquired(ports, SeriesLease(ports, KEY))
    clock.moment += timedelta(seconds=ports.policy.lease_seconds + 1)
    assert acquired(ports, SeriesLease(ports, KEY))


def test_the_lease_is_released_when_the_block_fails(ports: Ports) -> None:
    try:
        with lease_series(ports, KEY) as lease:
            assert acquired(ports, lease)
            raise RuntimeError
    except RuntimeError:
        assert acquired(ports, SeriesLease(ports, KEY))


def test_a_lease_is_stored_as_before() -> None:
    lease = Lease(KEY, "a", "2026-09-21T14:03:20+08:00", (Waiter("b", "2026-09-21T14:03:00+08:00"),))
    record = {"id": KEY, "holder": "a", "until": lease.until, "queue": [["b", "2026-09-21T14:03:00+08:00"]]}
    assert lease.to_record() == record
    assert Lease.from_record(record) == lease
