"""Alerts for administrators: disk space, backups, calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from formsvc.i18n.messages import msg
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance import backups

# the State Council announces a year's days off in the autumn before: from this month on they are missed
NEXT_YEAR_FROM = 12


@dataclass(frozen=True)
class Alert:
    """One alert; ``about`` is ``disk``, ``backups`` or ``calendar``."""

    about: str
    message: str


def list_alerts(ports: Ports) -> list[Alert]:
    return [*_of_disk(ports), *backup_alerts(backups.get_status(ports)), *_of_calendar(ports)]


def _of_disk(ports: Ports) -> Iterator[Alert]:
    free = min(ports.store.free_bytes(), ports.files.free_bytes())
    if free < ports.policy.low_disk_bytes:
        yield Alert(
            "disk",
            msg(
                "保存数据和文书的磁盘只剩 {free} MB。满了以后不能保存和编号，请尽快清理磁盘。",
                free=free // 2**20,
            ),
        )


def backup_alerts(standing: backups.BackupStatus) -> Iterator[Alert]:
    if standing.failure:
        at = str(standing.failed["at"])[:16].replace("T", " ")
        yield Alert("backups", msg("{at} 备份没有成功：{why}", at=at, why=standing.failure))
    if standing.days_unproven is None:
        yield Alert("backups", msg("还没有试恢复过的备份。电脑一旦损坏，数据就找不回来。"))
    elif standing.is_late:
        yield Alert(
            "backups",
            msg(
                "上次试恢复通过已是 {n} 天前，超过了规定的 {most} 天。请尽快备份。",
                n=standing.days_unproven,
                most=standing.plan.proven_days,
            ),
        )


def _of_calendar(ports: Ports) -> Iterator[Alert]:
    today = ports.clock.today()
    years = [today.year, today.year + 1] if today.month >= NEXT_YEAR_FROM else [today.year]
    for year in ports.calendar.missing_years(years):
        yield Alert(
            "calendar",
            msg("没有{year}年的放假安排，跨到那一年的工作日期限按周末推算。请升级程序。", year=year),
        )
