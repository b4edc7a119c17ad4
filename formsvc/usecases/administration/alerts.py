"""Alerts for administrators: disk space, backups, calendar, forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from formsvc.domain.chinese import long_date
from formsvc.i18n.messages import format_list, join_messages, msg
from formsvc.usecases.administration.local_rules import local_rules
from formsvc.usecases.circumstances import get_calendar, load_entrustments
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance import backups, clock_check, damaged_files, unusual_activity
from formsvc.usecases.numbering.series_coverage import forms_without_series
from formsvc.usecases.ports import Condition

# the office's setting: how many days before its end an entrustment is pointed out
REMINDER = "entrustment_reminder_days"
# the State Council announces a year's days off in the autumn before: from this month on they are missed
NEXT_YEAR_FROM = 12


@dataclass(frozen=True)
class Alert:
    """One alert.

    ``about`` is ``clock``, ``sign_ins``, ``activity``, ``disk``, ``files``, ``backups``, ``calendar``, ``entrustments``, ``forms`` or ``series``.
    """

    about: str
    message: str


def list_alerts(ports: Ports) -> list[Alert]:
    return [
        *_of_clock(ports),
        *_of_sign_ins(ports),
        *_of_activity(ports),
        *_of_disk(ports),
        *_of_files(ports),
        *backup_alerts(backups.get_status(ports)),
        *_of_calendar(ports),
        *_of_entrustments(ports),
        *_of_forms(ports),
        *_of_series(ports),
    ]


def _of_clock(ports: Ports) -> Iterator[Alert]:
    state = clock_check.clock_state(ports)
    if not state.is_right:
        yield Alert("clock", join_messages(state.sentence, clock_check.REMEDY))
    for late in clock_check.late_series(ports):
        yield Alert(
            "clock",
            msg(
                "文号系列“{series}”{year}年最后的日期（{last}）晚于今天，在那一天以前不能编号，请在“时钟”页更正。",
                series=late.name,
                year=late.year,
                last=late.last_dated,
            ),
        )


def _of_sign_ins(ports: Ports) -> Iterator[Alert]:
    """Yield one alert if more sign-ins were refused than people mistype."""
    since = (ports.clock.now() - timedelta(days=1)).isoformat(timespec="seconds")
    with ports.store.read() as tx:
        refused = tx.events.count(Condition("at", ">=", since), Condition("kind", "==", "SignInRefused"))
    if refused >= ports.limits.refused_sign_ins_alert:
        yield Alert(
            "sign_ins",
            msg(
                "过去一天登录被拒绝 {n} 次，可能有人在试密码。请看系统日志：是谁的登录名、从哪个地址。",
                n=refused,
            ),
        )


def _of_activity(ports: Ports) -> Iterator[Alert]:
    for notice in unusual_activity.list_notices(ports):
        yield Alert(
            "activity",
            msg("{what}，与平常办公不同。请看系统日志，向本人核实。", what=notice.sentence()),
        )


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


def _of_files(ports: Ports) -> Iterator[Alert]:
    damaged = damaged_files.list_damage(ports)
    if damaged:
        yield Alert(
            "files",
            msg(
                "有 {n} 个已保存的文件缺失或者损坏：{names}。请从备份中恢复这些文件。",
                n=len(damaged),
                names=format_list(damaged[:3]),
            ),
        )


def backup_alerts(standing: backups.BackupStatus) -> Iterator[Alert]:
    if standing.failure:
        at = str(standing.failed["at"])[:16].replace("T", " ")
        yield Alert("backups", msg("{at} 备份没有成功：{why}", at=at, why=standing.failure))
    if standing.future:
        at = standing.future[-1][:16].replace("T", " ")
        yield Alert(
            "backups",
            msg(
                "有备份记录的时间是 {at}，晚于现在，不算数：做那次备份时电脑的时钟不对。备份照常按时进行，请核对这台电脑的日期和时间。",
                at=at,
            ),
        )
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
    for year in get_calendar(ports).missing_years(years):
        yield Alert(
            "calendar",
            msg(
                "没有{year}年的放假安排，跨到那一年的工作日期限是暂定日期，按周末和固定节日推算。请在“放假安排”中导入国务院办公厅的通知。",
                year=year,
            ),
        )


def _of_entrustments(ports: Ports) -> Iterator[Alert]:
    """Yield the entrustments that end soon and are not renewed."""
    days = next((rule.value for rule in local_rules(ports) if rule.code == REMINDER), 0)
    today = ports.clock.today()
    with ports.store.read() as tx:
        known = load_entrustments(tx)
    for ending in known:
        last = ending.ended_on or ending.ends_on
        renewed = any(
            (other.principal, other.agent) == (ending.principal, ending.agent) and other.ends_on > last
            for other in known
        )
        if today <= last <= today + timedelta(days=int(days)) and not renewed and not ending.ended_on:
            yield Alert(
                "entrustments",
                msg(
                    "委托书{number}（{agent}）将于{day}期满，期满以后不能再以委托机关名义办理。请续签，或者告知受委托组织。",
                    number=ending.number,
                    agent=ending.agent,
                    day=long_date(last),
                ),
            )


def _of_forms(ports: Ports) -> Iterator[Alert]:
    states = ports.definitions.form_states()
    faulty = [s.form for s in states if any(fault.level == "error" for fault in s.faults)]
    if faulty:
        yield Alert(
            "forms",
            msg(
                "这些文书的定义或者模板有错误，新的文件没有启用：{forms}。请查看错误并改正。",
                forms=format_list(faulty),
            ),
        )
    held = [state.form for state in states if state.hold]
    if held:
        yield Alert(
            "forms",
            msg(
                "这些文书已暂停使用：{forms}。恢复使用：在服务器上运行 formsvc form release。",
                forms=format_list(held),
            ),
        )
    untried = [s.form for s in states if s.revision and not s.revision.definition.example]
    if untried:
        yield Alert(
            "forms",
            msg(
                "这些文书的定义没有填写样例（example），模板没有用真实的内容试过：{forms}。请补上样例。",
                forms=format_list(untried),
            ),
        )


def _of_series(ports: Ports) -> Iterator[Alert]:
    missing = [revision.definition.id for revision in forms_without_series(ports)]
    if missing:
        yield Alert(
            "series",
            msg(
                "这些文书还没有文号系列，签发时不能编号：{forms}。请在“文号系列”中设置。",
                forms=format_list(missing),
            ),
        )
