"""Waits after failed attempts."""

from __future__ import annotations

from formsvc.usecases.throttle import Backoff, MemoryThrottle

KEY = ("staff", "127.0.0.1")


def test_the_wait_doubles_with_each_failure_beyond_the_free_ones() -> None:
    assert [Backoff(free=4).seconds_to_wait(n, 0) for n in range(4, 9)] == [0, 2, 4, 8, 16]


def test_the_wait_is_never_longer_than_the_longest() -> None:
    assert Backoff(longest=300).seconds_to_wait(10**9, 0) == 300


def test_the_wait_doubles_and_is_forgotten_after_success() -> None:
    now = [0.0]
    throttle = MemoryThrottle(lambda: now[0])
    for _ in range(7):
        throttle.record_failure(KEY)
    assert throttle.seconds_to_wait(KEY) == 8
    now[0] = 8.5
    assert throttle.seconds_to_wait(KEY) == 0
    throttle.clear(KEY)
    throttle.record_failure(KEY)
    assert throttle.seconds_to_wait(KEY) == 0


def test_failures_of_a_quarter_of_an_hour_ago_are_forgotten() -> None:
    now = [0.0]
    throttle = MemoryThrottle(lambda: now[0])
    for _ in range(7):
        throttle.record_failure(KEY)
    now[0] = 900.0
    throttle.record_failure(KEY)
    assert throttle.seconds_to_wait(KEY) == 0
