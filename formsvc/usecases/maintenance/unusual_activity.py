"""Unusual activity: more of one person within an hour than is expected."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from formsvc.domain.accounts.account import Account
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import Message, msg
from formsvc.limits import Limits
from formsvc.usecases.allowances import HOUR, Allowance, AllowanceCounter
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import Store, Transaction

# key of the settings under which what was noticed is stored
KEY = "unusual_activity"
# the administrators' home shows it so long
SHOWN = timedelta(days=1)
MOST = 100
_log = logging.getLogger(__name__)


class Activity(StrEnum):
    """Kind of request that is counted for each person and hour."""

    REFUSED = "refused"
    DOWNLOADED = "downloaded"
    ISSUED = "issued"


@dataclass(frozen=True)
class Notice:
    """Unusual activity that was noticed at a moment (ISO)."""

    at: str
    name: str
    activity: Activity
    limit: int

    def sentence(self) -> Message:
        at = self.at[:16].replace("T", " ")
        if self.activity is Activity.REFUSED:
            return msg(
                "{name} 一小时内打开没有权限或者不存在的内容 {n} 次以上（{at}）",
                name=self.name,
                n=self.limit,
                at=at,
            )
        if self.activity is Activity.DOWNLOADED:
            return msg(
                "{name} 一小时内下载、导出 {n} 个以上文件（{at}）", name=self.name, n=self.limit, at=at
            )
        return msg("{name} 一小时内编号制发 {n} 件以上（{at}）", name=self.name, n=self.limit, at=at)


class ActivityCounter:
    """Activity of each person, counted for all workers; noticed once an hour."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._counter = AllowanceCounter(store)
        self._beyond: dict[str, int] = {}
        self._limits = {
            Activity.REFUSED: limits.refused_requests_alert,
            Activity.DOWNLOADED: limits.downloads_alert,
            Activity.ISSUED: limits.issued_alert,
        }

    def count(self, ports: Ports, person: Account, activity: Activity) -> bool:
        """Count one; return whether it is the first beyond this hour's number."""
        now, limit = ports.clock.now(), self._limits[activity]
        key, hour = f"{person.id}|{activity}", int(now.timestamp()) // HOUR
        # known to be beyond: what a robot goes on asking costs no write
        if self._beyond.get(key) == hour or not self._counter.use(Allowance(key, limit, HOUR), now):
            return False
        self._beyond[key] = hour
        # one for all workers: a robot's thousandth download is no further news
        if self._counter.use(Allowance(f"{key}|noticed", 1, HOUR, portion=1), now):
            return False
        _log.warning("unusual activity: %s %s more than %s times within an hour", person.id, activity, limit)
        noticed = {
            "at": now.isoformat(timespec="seconds"),
            "account": person.id,
            "name": person.display_name,
            "activity": activity.value,
            "limit": limit,
        }
        with ports.store.write() as tx:
            _save(tx, [*_stored(tx), noticed][-MOST:])
        return True


def list_notices(ports: Ports) -> list[Notice]:
    """Return what was noticed within a day, newest first."""
    since = (ports.clock.now() - SHOWN).isoformat(timespec="seconds")
    with ports.store.read() as tx:
        stored = _stored(tx)
    return [
        Notice(each["at"], each["name"], Activity(each["activity"]), each["limit"])
        for each in reversed(stored)
        if each["at"] >= since
    ]


def _stored(tx: Transaction) -> list[dict[str, JSON]]:
    return list((tx.settings.get(KEY) or {}).get("noticed", []))


def _save(tx: Transaction, noticed: list[dict[str, JSON]]) -> None:
    record = {"id": KEY, "noticed": noticed}
    if tx.settings.get(KEY) is None:
        tx.settings.insert(KEY, record)
    else:
        tx.settings.replace(KEY, record)
