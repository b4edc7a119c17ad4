"""Allowances of a minute or an hour, counted for all workers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from formsvc.errors import Throttled
from formsvc.i18n.messages import Message, msg
from formsvc.limits import Limits
from formsvc.usecases.ports import Store, Transaction

MINUTE, HOUR = 60, 3600
MEGABYTE = 2**20
# an allowance is taken from the store in so many portions at most
PORTIONS = 8


@dataclass(frozen=True)
class Allowance:
    """`limit` units for `key` in each window of `seconds`."""

    key: str
    limit: int
    seconds: int = MINUTE
    portion: int = 0


class AllowanceCounter:
    """Units used of each allowance.

    A worker takes some units at a time from the window's account in the store, so that
    most uses cost no write. What it took and did not use is lost to the others for that
    window: the limit is never exceeded.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._granted: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def use(
        self,
        allowance: Allowance,
        now: datetime,
        units: int = 1,
        *,
        also: Callable[[Transaction], None] = lambda _tx: None,
    ) -> int:
        """Use some units; return 0, or the seconds until there are more.

        `also` writes in the same transaction, if there is one.
        """
        window = int(now.timestamp()) // allowance.seconds
        if self._use_granted(allowance, window, units):
            return 0
        # outside the lock: requests wait for the store side by side
        granted = self._take(allowance, window, units, also)
        if self._use_granted(allowance, window, units, granted):
            return 0
        return max(1, (window + 1) * allowance.seconds - int(now.timestamp()))

    def _use_granted(self, allowance: Allowance, window: int, units: int, granted: int = 0) -> bool:
        with self._lock:
            current, left = self._granted.get(allowance.key, (window, 0))
            left = granted + (left if current == window else 0)
            enough = left >= units
            self._granted[allowance.key] = (window, left - units if enough else left)
        return enough

    def _take(
        self, allowance: Allowance, window: int, units: int, also: Callable[[Transaction], None]
    ) -> int:
        portion = max(units, allowance.portion or allowance.limit // PORTIONS)
        with self._store.write() as tx:
            stored = tx.allowances.get(allowance.key)
            spent = int(stored["spent"]) if stored and stored["window"] == window else 0
            granted = min(portion, allowance.limit - spent)
            if granted <= 0:
                return 0
            record = {"id": allowance.key, "window": window, "spent": spent + granted}
            if stored:
                tx.allowances.replace(allowance.key, record)
            else:
                tx.allowances.insert(allowance.key, record)
            also(tx)
        return granted


class PersonalLimits:
    """Allowances of each person: saves, previews and uploads."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._counter, self._limits = AllowanceCounter(store), limits

    def count_save(self, account: str, now: datetime) -> None:
        """Raise Throttled if the minute's saves are used up."""
        limit = self._limits.saves_per_minute
        self._use(
            Allowance(f"{account}|saves", limit),
            now,
            msg("一分钟内保存了 {n} 次以上，这一次没有保存。", n=limit),
        )

    def count_preview(self, account: str, now: datetime) -> None:
        """Raise Throttled if the minute's previews are used up."""
        limit = self._limits.previews_per_minute
        self._use(
            Allowance(f"{account}|previews", limit),
            now,
            msg("一分钟内制作了 {n} 次以上样张，这一次没有制作。", n=limit),
        )

    def count_upload(self, account: str, size: int, now: datetime) -> None:
        """Count a file of `size` bytes. Raise Throttled if it is one too many."""
        files, megabytes = self._limits.uploads_per_minute, self._limits.upload_megabytes_per_hour
        self._use(
            Allowance(f"{account}|uploads", files),
            now,
            msg("一分钟内上传了 {n} 个以上文件，这一个没有收下。", n=files),
        )
        self._use(
            Allowance(f"{account}|bytes", megabytes * MEGABYTE, HOUR),
            now,
            msg("一小时内上传的文件超过 {n} MB，这一个没有收下。", n=megabytes),
            units=size,
        )

    def _use(self, allowance: Allowance, now: datetime, message: Message, units: int = 1) -> None:
        seconds = self._counter.use(allowance, now, units)
        if seconds:
            raise Throttled(seconds, message, _remedy(seconds))


def _remedy(seconds: int) -> Message:
    wait = msg("{n} 秒", n=seconds) if seconds < 2 * MINUTE else msg("{n} 分钟", n=-(-seconds // MINUTE))
    return msg("请 {wait}后再试；办公确实需要的，请管理员调高限额（运维手册“限额”）。", wait=wait)
