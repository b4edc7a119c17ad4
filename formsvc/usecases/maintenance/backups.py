"""Backups as an office keeps them: made, at once restored elsewhere and read back, remembered, thinned out.

A backup that was never restored is a hope. Every one made here is therefore restored to a temporary place, and what
came of it is kept in the store, so that the page of the administrators can tell when a restore was last proven.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from formsvc.domain.accounts.account import Account, Right
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import Message, from_json, msg, to_json
from formsvc.usecases import event_log as history
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.maintenance.integrity import IntegrityReport, delete_orphans_daily, error_messages
from formsvc.usecases.ports import BackupPlan, Record, Transaction

KEY = "backups"
"""Under which key of the settings it is kept what came of backups."""
KIND = "Administered"
RETRY_AFTER = timedelta(hours=1)
"""How long after a backup that failed the next one is tried."""


@dataclass(frozen=True)
class BackupArchive:
    """One archive: its file name, the moment it holds, what it builds on, how much is in it."""

    name: str
    id: str
    made_at: str
    acts: int
    links: int
    head: str
    bytes: int
    since: str = ""
    missing: int = 0
    own: Mapping[str, str] = field(default_factory=dict)
    """Form definitions and templates in it: SHA-256 by name."""


class BackupFolder(Protocol):
    """The archives of one folder, and how they are made and tried."""

    def alone(self) -> AbstractContextManager[bool]:
        """Whether we are the only ones to work on the folder just now; true for one program at a time."""

    def make(self, name: str, now: datetime, since: str = "") -> BackupArchive:
        """Write an archive; ``since`` is the name of the one it builds on. Raises FormsvcError."""

    def rehearse(self, name: str) -> IntegrityReport:
        """Restore an archive and those it builds on to a temporary place, and read everything back."""

    def all(self) -> list[BackupArchive]:
        """Every archive of the folder that can be opened, the oldest first."""

    def remove(self, name: str) -> None:
        """Take an archive away."""


@dataclass(frozen=True)
class BackupStatus:
    """What came of backups: the last one made, the last one proven by a restore, the last failure since."""

    plan: BackupPlan
    made: Record
    proven: Record
    failed: Record
    now: datetime
    asked: Record
    """When and by whom a backup was asked for that has not been made yet."""

    @property
    def days_unproven(self) -> int | None:
        """How many days ago the last proven restore was; None when there never was one."""
        return (self.now - datetime.fromisoformat(self.proven["at"])).days if self.proven else None

    @property
    def is_late(self) -> bool:
        """Whether the last proven restore is older than the office allows."""
        return self.days_unproven is None or self.days_unproven > self.plan.proven_days

    @property
    def failure(self) -> str:
        """What the last backup failed of, where none was proven since."""
        return from_json(self.failed["message"]) if self.failed else ""

    @property
    def is_due(self) -> bool:
        """Whether somebody asked for a backup, or the scheduled moment has passed without one."""
        return bool(self.asked) or self.is_scheduled

    @property
    def is_scheduled(self) -> bool:
        """Whether the scheduled moment has passed without a backup."""
        if self.plan.at is None:
            return False
        moment = datetime.combine(self.now.date(), self.plan.at, self.now.tzinfo)
        if moment > self.now:
            moment -= timedelta(days=1)
        if self.failed and self.now - datetime.fromisoformat(self.failed["at"]) < RETRY_AFTER:
            return False
        scheduled = self.made.get("scheduled_at")
        return not scheduled or datetime.fromisoformat(scheduled) < moment


def get_status(ports: Ports) -> BackupStatus:
    """What is known of backups."""
    with ports.store.read() as tx:
        kept = tx.settings.get(KEY) or {}
    made, proven, failed, asked = (kept.get(part) or {} for part in ("made", "proven", "failed", "asked"))
    return BackupStatus(ports.policy.backups, made, proven, failed, ports.clock.now(), asked)


def request_backup(ports: Ports, who: Actor) -> None:
    """Let a backup be made now; asked for again before it is made, it is made once."""
    who.account.require(Right.ADMINISTER, "")
    with ports.store.write() as tx:
        if (tx.settings.get(KEY) or {}).get("asked"):
            return
        _put(tx, asked={"at": ports.clock.now().isoformat(timespec="seconds"), "by": who.account.id})
        history.record_event(tx, ports.clock, who, "", KIND, note=msg("要求立即备份。"), what="asked")


def create_backup(
    ports: Ports, archives: BackupFolder, name: str, *, since: str = "", by: str = ""
) -> BackupArchive:
    """A backup made by hand. It is not yet proven. Raises FormsvcError."""
    try:
        made = archives.make(name, ports.clock.now(), since)
    except FormsvcError as wrong:
        _remember_failure(ports, wrong.message, by)
        raise
    _remember_made(ports, made, by, scheduled=False)
    return made


def rehearse_restore(
    ports: Ports, archives: BackupFolder, made: BackupArchive, *, by: str = ""
) -> IntegrityReport:
    """Restore a backup elsewhere and read it back; what was found is remembered. Raises FormsvcError."""
    try:
        found = archives.rehearse(made.name)
    except FormsvcError as wrong:
        _remember_failure(ports, wrong.message, by)
        raise
    faults = error_messages(found)
    if faults:
        told = msg(
            "备份“{name}”已试恢复，有 {n} 处不符：{first}",
            name=made.name,
            n=len(faults),
            first=faults[0],
        )
        _remember_failure(ports, told, by)
        return found
    proven: Record = {
        "at": ports.clock.now().isoformat(timespec="seconds"), "name": made.name, "made_at": made.made_at,
        "acts": found.acts, "numbers": found.numbers, "files": found.files, "events": found.events,
        "links": found.head.count,
        "head": found.head.hash,
    }  # fmt: skip
    with ports.store.write() as tx:
        _put(tx, proven=proven, failed={}, asked={})
        note = msg(
            "备份“{name}”试恢复通过：{acts} 件文书，{files} 个文件。",
            name=made.name,
            acts=found.acts,
            files=found.files,
        )
        history.record_event(
            tx, ports.clock, _program(by), "", KIND, note=note, what="proven", head=found.head.hash
        )
    return found


def run_scheduled(ports: Ports, archives: BackupFolder) -> BackupArchive | None:
    """The scheduled backup if it is due and nobody else is at it: made, proven, old ones and orphans taken away.

    Files that nothing names are taken away only after a backup was proven: whatever is wrong then, nothing is lost.
    """
    if not get_status(ports).is_due:
        return None
    with archives.alone() as alone:
        found = get_status(ports)
        if not alone or not found.is_due:
            return None
        now, by = ports.clock.now(), str(found.asked.get("by", ""))
        there = archives.all()
        try:
            made = archives.make(_name(now), now, _to_build_on(there, ports.policy.backups))
        except FormsvcError as wrong:
            _remember_failure(ports, wrong.message, by)
            raise
        _remember_made(ports, made, by, scheduled=found.is_scheduled)
        if rehearse_restore(ports, archives, made, by=by).is_sound:
            for old in expired([*there, made], ports.policy.backups.keep):
                archives.remove(old.name)
            delete_orphans_daily(ports, _program(by))
        return made


def _name(now: datetime) -> str:
    return f"formsvc-{now:%Y%m%d-%H%M%S}.backup"


def _to_build_on(there: Sequence[BackupArchive], plan: BackupPlan) -> str:
    """The newest archive, unless it is time for a whole one or the row behind it has a hole."""
    if not there:
        return ""
    row = backup_chain(there[-1], there)
    return there[-1].name if row and len(row) < plan.whole_every else ""


def backup_chain(newest: BackupArchive, there: Sequence[BackupArchive]) -> list[BackupArchive]:
    """An archive and those it builds on, the whole one first; empty where one of them is not there."""
    by_id = {made.id: made for made in there}
    row = [newest]
    while row[0].since:
        before = by_id.get(row[0].since)
        if before is None:
            return []
        row.insert(0, before)
    return row


def expired(there: Sequence[BackupArchive], keep: int) -> list[BackupArchive]:
    """All but the newest ``keep`` and whatever those build on."""
    needed = {made.id for newest in there[-keep:] for made in (backup_chain(newest, there) or [newest])}
    return [made for made in there if made.id not in needed]


def record_restore(ports: Ports, made: BackupArchive, by: str) -> None:
    """The first event after a restore says that there was one, and of what."""
    with ports.store.write() as tx:
        note = msg("由 {made_at} 的备份“{name}”恢复。", made_at=made.made_at, name=made.name)
        history.record_event(
            tx, ports.clock, _program(by), "", KIND, note=note, what="restored", head=made.head
        )


def _remember_made(ports: Ports, made: BackupArchive, by: str, *, scheduled: bool) -> None:
    record: Record = {
        "at": made.made_at, "name": made.name, "acts": made.acts, "bytes": made.bytes, "missing": made.missing,
        "whole": not made.since,
    }  # fmt: skip
    with ports.store.write() as tx:
        before = (tx.settings.get(KEY) or {}).get("made") or {}
        record["scheduled_at"] = made.made_at if scheduled else before.get("scheduled_at", "")
        _put(tx, made=record)
        note = msg("已备份到“{name}”。", name=made.name)
        history.record_event(tx, ports.clock, _program(by), "", KIND, note=note, what="made", head=made.head)


def _remember_failure(ports: Ports, message: str, by: str) -> None:
    told = _with_plain_values(message)
    with ports.store.write() as tx:
        at = ports.clock.now().isoformat(timespec="seconds")
        _put(tx, failed={"at": at, "message": to_json(told)}, asked={})
        history.record_event(tx, ports.clock, _program(by), "", KIND, note=told, what="failed")


def _with_plain_values(message: str) -> str:
    """A sentence whose values can be kept as JSON: places in the file system become their text."""
    if type(message) is not Message:
        return str(message)
    kept = (str, int, float)
    return Message(
        message.pattern, {k: v if isinstance(v, kept) else str(v) for k, v in message.values.items()}
    )


def _put(tx: Transaction, **parts: Record) -> None:
    before = tx.settings.get(KEY)
    if before is None:
        tx.settings.insert(KEY, {"id": KEY, **parts})
    else:
        tx.settings.replace(KEY, {**before, **parts})


def _program(by: str) -> Actor:
    """Who stands in the history: the person at the console, or the program itself."""
    return Actor(Account("", msg("系统"), ""), via="console", origin=by)
