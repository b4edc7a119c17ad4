"""Backups: made, rehearsed by a restore, recorded, thinned out.

A backup that was never restored proves nothing. Each one is restored to a temporary place at once, and the
result is stored, so that administrators see when a restore was last rehearsed.
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
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.maintenance.damaged_files import look_for_damage
from formsvc.usecases.maintenance.integrity import IntegrityReport, delete_orphans_daily, error_messages
from formsvc.usecases.ports import BackupPlan, Record, Transaction

# key of the settings under which the results of backups are stored
KEY = "backups"
KIND = "Administered"
# time after a failed backup until the next attempt
RETRY_AFTER = timedelta(hours=1)
# clocks are set right by seconds; what is dated later than that was made while the clock was wrong
CLOCK_TOLERANCE = timedelta(minutes=10)


@dataclass(frozen=True)
class BackupArchive:
    """One archive: file name, moment, base archive, and what it holds."""

    name: str
    id: str
    made_at: str
    acts: int
    links: int
    head: str
    bytes: int
    since: str = ""
    missing: int = 0
    # form definitions and templates in it: SHA-256 by name
    own: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ArchiveEntry:
    """A file of a folder of archives; without `made` the fault says why."""

    name: str
    made: BackupArchive | None
    fault: str = ""


class ArchiveFolder(Protocol):
    """The archives of one folder."""

    def alone(self) -> AbstractContextManager[bool]:
        """Try to lock the folder; True for one program at a time."""

    def make(self, name: str, now: datetime, since: str = "") -> BackupArchive:
        """Write an archive; `since` names the one it builds on.

        Raise FormsvcError.
        """

    def rehearse(self, name: str) -> IntegrityReport:
        """Restore an archive and its bases to a temporary place; check it all."""

    def all(self) -> list[BackupArchive]: ...

    def remove(self, name: str) -> None: ...


@dataclass(frozen=True)
class BackupStatus:
    """The last backup, the last rehearsed one, the last failure since."""

    plan: BackupPlan
    made: Record
    proven: Record
    failed: Record
    now: datetime
    # when and by whom a backup was requested that is not made yet
    asked: Record
    # moments of records dated in the future, which count as none
    future: tuple[str, ...] = ()

    @property
    def days_unproven(self) -> int | None:
        """Return the days since the last rehearsal; None if there was none."""
        return (self.now - datetime.fromisoformat(self.proven["at"])).days if self.proven else None

    @property
    def is_late(self) -> bool:
        return self.days_unproven is None or self.days_unproven > self.plan.proven_days

    @property
    def failure(self) -> str:
        """Return the last failure, if no backup was rehearsed since."""
        return from_json(self.failed["message"]) if self.failed else ""

    @property
    def is_due(self) -> bool:
        return bool(self.asked) or self.is_scheduled

    @property
    def is_scheduled(self) -> bool:
        """Return whether the scheduled time has passed without a backup."""
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
    """Return how backups stand; one dated in the future counts as none."""
    now = ports.clock.now()
    with ports.store.read() as tx:
        kept = tx.settings.get(KEY) or {}
    parts = [kept.get(part) or {} for part in ("made", "proven", "failed", "asked")]
    future = tuple(sorted({moment for part in parts[:3] for moment in _future_moments(part, now)}))
    made, proven, failed = ({} if _future_moments(part, now) else part for part in parts[:3])
    return BackupStatus(ports.policy.backups, made, proven, failed, now, parts[3], future)


def _future_moments(record: Record, now: datetime) -> list[str]:
    moments = [str(record[key]) for key in ("at", "made_at", "scheduled_at") if record.get(key)]
    return [each for each in moments if datetime.fromisoformat(each) > now + CLOCK_TOLERANCE]


def request_backup(ports: Ports, actor: Actor) -> None:
    """Request a backup now; repeated requests give one backup."""
    actor.account.require(Right.ADMINISTER, "")
    with ports.store.write() as tx:
        if (tx.settings.get(KEY) or {}).get("asked"):
            return
        _save(tx, asked={"at": ports.clock.now().isoformat(timespec="seconds"), "by": actor.account.id})
        record_event(tx, ports.clock, actor, "", KIND, note=msg("要求立即备份。"), what="asked")


def create_backup(
    ports: Ports, archives: ArchiveFolder, name: str, *, since: str = "", by: str = ""
) -> BackupArchive:
    """Make a backup by hand; it is not rehearsed yet. Raise FormsvcError."""
    try:
        made = archives.make(name, ports.clock.now(), since)
    except FormsvcError as wrong:
        _record_failure(ports, wrong.message, by)
        raise
    _record_backup(ports, made, by, scheduled=False)
    look_for_damage(ports)
    return made


def rehearse_restore(
    ports: Ports, archives: ArchiveFolder, made: BackupArchive, *, by: str = ""
) -> IntegrityReport:
    """Restore a backup elsewhere and check it; the result is stored.

    Raise FormsvcError.
    """
    try:
        found = archives.rehearse(made.name)
    except FormsvcError as wrong:
        _record_failure(ports, wrong.message, by)
        raise
    faults = error_messages(found)
    if faults:
        message = msg(
            "备份“{name}”已试恢复，有 {n} 处不符：{first}",
            name=made.name,
            n=len(faults),
            first=faults[0],
        )
        _record_failure(ports, message, by)
        return found
    proven: Record = {
        "at": ports.clock.now().isoformat(timespec="seconds"), "name": made.name, "made_at": made.made_at,
        "acts": found.acts, "numbers": found.numbers, "files": found.files, "events": found.events,
        "links": found.head.count,
        "head": found.head.hash,
    }  # fmt: skip
    with ports.store.write() as tx:
        _save(tx, proven=proven, failed={}, asked={})
        note = msg(
            "备份“{name}”试恢复通过：{acts} 件文书，{files} 个文件。",
            name=made.name,
            acts=found.acts,
            files=found.files,
        )
        record_event(tx, ports.clock, _program(by), "", KIND, note=note, what="proven", head=found.head.hash)
    return found


def run_scheduled(ports: Ports, archives: ArchiveFolder) -> BackupArchive | None:
    """Make and rehearse the scheduled backup if it is due.

    Return None if it is not due or another program makes it. Old archives and orphaned files are removed
    only after a successful rehearsal: if anything is wrong then, nothing is lost.
    """
    # a cheap look before the lock: the scheduler asks every few seconds
    if not get_status(ports).is_due:
        return None
    with archives.alone() as alone:
        found = get_status(ports)
        if not alone or not found.is_due:
            return None
        now, by = ports.clock.now(), str(found.asked.get("by", ""))
        existing = archives.all()
        try:
            made = archives.make(_name(now), now, _base_of_next(existing, ports.policy.backups))
        except FormsvcError as wrong:
            _record_failure(ports, wrong.message, by)
            raise
        _record_backup(ports, made, by, scheduled=found.is_scheduled)
        # an incremental archive leaves out old files, so nothing else looks at them
        look_for_damage(ports)
        if rehearse_restore(ports, archives, made, by=by).is_sound:
            for old in expired([*existing, made], ports.policy.backups.keep):
                archives.remove(old.name)
            delete_orphans_daily(ports, _program(by))
        return made


def _name(now: datetime) -> str:
    return f"formsvc-{now:%Y%m%d-%H%M%S}.backup"


def _base_of_next(existing: Sequence[BackupArchive], plan: BackupPlan) -> str:
    """Return the newest archive's name, or "" for a full backup."""
    if not existing:
        return ""
    row = backup_chain(existing[-1], existing)
    return existing[-1].name if row and len(row) < plan.whole_every else ""


def backup_chain(newest: BackupArchive, existing: Sequence[BackupArchive]) -> list[BackupArchive]:
    """Return an archive and its bases, full one first; empty if incomplete."""
    by_id = {made.id: made for made in existing}
    row = [newest]
    while row[0].since:
        before = by_id.get(row[0].since)
        if before is None:
            return []
        row.insert(0, before)
    return row


def expired(existing: Sequence[BackupArchive], keep: int) -> list[BackupArchive]:
    """Return all but the newest `keep` archives and their bases."""
    needed = {made.id for newest in existing[-keep:] for made in (backup_chain(newest, existing) or [newest])}
    return [made for made in existing if made.id not in needed]


def record_restore(ports: Ports, made: BackupArchive, by: str) -> None:
    with ports.store.write() as tx:
        note = msg("由 {made_at} 的备份“{name}”恢复。", made_at=made.made_at, name=made.name)
        record_event(tx, ports.clock, _program(by), "", KIND, note=note, what="restored", head=made.head)


def _record_backup(ports: Ports, made: BackupArchive, by: str, *, scheduled: bool) -> None:
    record: Record = {
        "at": made.made_at, "name": made.name, "acts": made.acts, "bytes": made.bytes, "missing": made.missing,
        "whole": not made.since,
    }  # fmt: skip
    with ports.store.write() as tx:
        before = (tx.settings.get(KEY) or {}).get("made") or {}
        record["scheduled_at"] = made.made_at if scheduled else before.get("scheduled_at", "")
        _save(tx, made=record)
        note = msg("已备份到“{name}”。", name=made.name)
        record_event(tx, ports.clock, _program(by), "", KIND, note=note, what="made", head=made.head)


def _record_failure(ports: Ports, message: str, by: str) -> None:
    message = _with_plain_values(message)
    with ports.store.write() as tx:
        at = ports.clock.now().isoformat(timespec="seconds")
        _save(tx, failed={"at": at, "message": to_json(message)}, asked={})
        record_event(tx, ports.clock, _program(by), "", KIND, note=message, what="failed")


def _with_plain_values(message: str) -> str:
    """Return the message with values that JSON can hold."""
    if type(message) is not Message:
        return str(message)
    kept = (str, int, float)
    return Message(
        message.pattern, {k: v if isinstance(v, kept) else str(v) for k, v in message.values.items()}
    )


def _save(tx: Transaction, **parts: Record) -> None:
    before = tx.settings.get(KEY)
    if before is None:
        tx.settings.insert(KEY, {"id": KEY, **parts})
    else:
        tx.settings.replace(KEY, {**before, **parts})


def _program(by: str) -> Actor:
    """Return the actor: the person at the console, or the program itself."""
    return Actor(Account("", msg("系统"), ""), via="console", origin=by)
