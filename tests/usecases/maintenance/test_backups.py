"""Scheduled backups: when they are due, who makes them, what is kept."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from formsvc.backup_scheduler import BackupScheduler
from formsvc.demo.office import sample_actor
from formsvc.errors import FormsvcError, RightMissing
from formsvc.i18n.messages import msg
from formsvc.storage.backup.creation import BackupSources
from formsvc.storage.backup.folder import BackupFolder
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.administration.alerts import backup_alerts
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance import backups
from formsvc.usecases.ports import BackupPlan
from tests.support.live_server import serving
from tests.support.sample_office import environment, furnished

NOON = datetime(2026, 11, 23, 13, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PLAN = BackupPlan(at=time_of_day(12, 30), keep=3, whole_every=3)


@dataclass
class Clock:
    """A clock that is set."""

    moment: datetime = NOON

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.moment

    def today(self):  # type: ignore[no-untyped-def]
        """Its day."""
        return self.moment.date()


@pytest.fixture
def clock() -> Clock:
    """One o'clock on the day of the worked cases."""
    return Clock()


@pytest.fixture
def ports(tmp_path: Path, clock: Clock) -> Ports:
    """A sample office whose plan is a backup each day at half past twelve."""
    made = furnished(tmp_path)
    return replace(made, clock=clock, policy=replace(made.policy, backups=PLAN))


@pytest.fixture
def archives(ports: Ports, tmp_path: Path) -> BackupFolder:
    """The folder of that office's backups."""
    return archives_of(ports, tmp_path)


def archives_of(ports: Ports, folder: Path) -> BackupFolder:
    """The folder of an office's backups, as another program sees it too."""
    assert isinstance(ports.store, TinyStore) and isinstance(ports.files, FolderFiles)
    (folder / "backups").mkdir(exist_ok=True)
    return BackupFolder(
        folder / "backups", BackupSources(ports.store, ports.files), scratch=folder / "scratch"
    )


def test_one_is_due_once_after_its_time_each_day(ports: Ports, archives: BackupFolder, clock: Clock) -> None:
    assert backups.run_scheduled(ports, archives) is not None
    assert backups.run_scheduled(ports, archives) is None
    clock.moment = NOON + timedelta(hours=23)
    assert backups.run_scheduled(ports, archives) is None
    clock.moment = NOON + timedelta(hours=23, minutes=31)
    assert backups.run_scheduled(ports, archives) is not None
    assert len(archives.all()) == 2


def test_the_backup_of_an_office_that_has_not_begun_is_sound(tmp_path: Path, clock: Clock) -> None:
    """The service makes its first one within seconds of its first start."""
    office = furnished(tmp_path / "another")
    empty = replace(office, store=TinyStore(tmp_path / "new.sqlite"), files=FolderFiles(tmp_path / "files"))
    begun = replace(empty, clock=clock, policy=replace(empty.policy, backups=PLAN))
    assert backups.run_scheduled(begun, archives_of(begun, tmp_path)) is not None
    assert backups.get_status(begun).failure == "" and backups.get_status(begun).proven


def test_a_computer_that_was_off_makes_up_for_it(ports: Ports, archives: BackupFolder, clock: Clock) -> None:
    backups.run_scheduled(ports, archives)
    clock.moment = (NOON + timedelta(days=4)).replace(hour=8)
    assert backups.get_status(ports).is_due


def test_a_backup_dated_in_the_future_counts_as_none_and_says_so(
    ports: Ports, archives: BackupFolder, clock: Clock
) -> None:
    clock.moment = NOON.replace(year=NOON.year + 1)
    assert backups.run_scheduled(ports, archives) is not None
    clock.moment = NOON
    status = backups.get_status(ports)
    assert status.is_due and status.is_late and status.days_unproven is None
    (said, unproven) = [str(alert.message) for alert in backup_alerts(status)]
    assert f"{NOON.year + 1}-" in said and "核对这台电脑的日期和时间" in said
    assert "还没有试恢复过" in unproven
    # the clock is right again: the backup of the day is made, and nothing is left to say
    assert backups.run_scheduled(ports, archives) is not None
    assert backups.run_scheduled(ports, archives) is None
    assert list(backup_alerts(backups.get_status(ports))) == []


def test_a_failure_dated_in_the_future_does_not_stop_the_next_try(
    ports: Ports, archives: BackupFolder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise FormsvcError(msg("磁盘满了。"))

    clock.moment = NOON.replace(year=NOON.year + 1)
    with monkeypatch.context() as broken, pytest.raises(FormsvcError):
        broken.setattr(archives, "make", refuse)
        backups.run_scheduled(ports, archives)
    clock.moment = NOON
    assert backups.run_scheduled(ports, archives) is not None


def test_a_disk_that_is_not_there_is_told_and_no_folder_takes_its_place(
    ports: Ports, archives: BackupFolder, tmp_path: Path
) -> None:
    (tmp_path / "backups").rmdir()
    with pytest.raises(FormsvcError, match="不存在，没有备份"):
        backups.run_scheduled(ports, archives)
    assert not (tmp_path / "backups").exists()
    assert any("不存在，没有备份" in str(alert.message) for alert in backup_alerts(backups.get_status(ports)))
    # it is plugged in again
    (tmp_path / "backups").mkdir()
    assert backups.create_backup(ports, archives, "a.backup").acts == 0


def test_a_backup_by_hand_does_not_replace_the_scheduled_one(
    ports: Ports, archives: BackupFolder, clock: Clock
) -> None:
    backups.create_backup(ports, archives, "by-hand.backup")
    assert backups.get_status(ports).is_due


def test_none_is_due_where_others_see_to_it(ports: Ports) -> None:
    off = replace(ports, policy=replace(ports.policy, backups=replace(PLAN, at=None)))
    assert not backups.get_status(off).is_due


def test_one_that_was_asked_for_is_made_once(ports: Ports, archives: BackupFolder, clock: Clock) -> None:
    backups.run_scheduled(ports, archives)
    with pytest.raises(RightMissing):
        backups.request_backup(ports, sample_actor(ports, "staff"))
    for _press in range(2):
        backups.request_backup(ports, sample_actor(ports, "admin"))
    assert backups.get_status(ports).is_due
    clock.moment += timedelta(minutes=5)
    made = backups.run_scheduled(ports, archives)
    assert made is not None and backups.get_status(ports).proven["name"] == made.name
    assert not backups.get_status(ports).is_due and backups.run_scheduled(ports, archives) is None
    clock.moment = NOON + timedelta(hours=23, minutes=31)
    assert backups.get_status(ports).is_due, "the daily one is made all the same"
    with ports.store.read() as tx:
        told = [event["detail"].get("what") for event in tx.events.find(order="id")]
    assert told.count("asked") == 1


def test_one_that_was_asked_for_and_failed_is_told_and_not_tried_for_ever(
    ports: Ports, archives: BackupFolder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups.run_scheduled(ports, archives)
    backups.request_backup(ports, sample_actor(ports, "admin"))

    def refused(*_wanted: object) -> None:
        raise FormsvcError(msg("磁盘满了。"))

    monkeypatch.setattr(archives, "make", refused)
    with pytest.raises(FormsvcError):
        backups.run_scheduled(ports, archives)
    standing = backups.get_status(ports)
    assert not standing.is_due and "磁盘满了" in standing.failure


def test_the_newest_are_kept_with_what_they_build_on(
    ports: Ports, archives: BackupFolder, clock: Clock
) -> None:
    for day in range(8):
        clock.moment = NOON + timedelta(days=day)
        assert backups.run_scheduled(ports, archives) is not None
    there = archives.all()
    # whole on days 0, 3, 6; of days 5, 6, 7 the first builds on days 3 and 4
    assert [made.made_at[8:10] for made in there] == ["26", "27", "28", "29", "30"]
    assert [bool(made.since) for made in there] == [False, True, True, False, True]
    assert backups.get_status(ports).proven["name"] == there[-1].name


def test_old_ones_stay_when_the_new_one_does_not_restore(
    ports: Ports, archives: BackupFolder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(3):
        clock.moment = NOON + timedelta(days=day)
        backups.run_scheduled(ports, archives)
    before = {made.name for made in archives.all()}

    def refused(_name: str) -> None:
        raise FormsvcError("full")

    monkeypatch.setattr(archives, "rehearse", refused)
    clock.moment = NOON + timedelta(days=3)
    with pytest.raises(FormsvcError):
        backups.run_scheduled(ports, archives)
    assert before < {made.name for made in archives.all()}
    assert backups.get_status(ports).failure == "full"


def orphan_of_hours_ago(files: FolderFiles) -> str:
    """A document that a broken issue kept and that no record names."""
    sha256 = files.keep(b"a document whose number never came to be")
    place = files.root / sha256[:2] / sha256[2:4] / sha256
    long_ago = time.time() - timedelta(hours=2).total_seconds()
    os.utime(place, (long_ago, long_ago))
    return sha256


def test_what_broken_issues_left_is_taken_away_after_each_proven_backup(
    ports: Ports, archives: BackupFolder
) -> None:
    assert isinstance(ports.files, FolderFiles)
    named = set(ports.files.kept())
    left = orphan_of_hours_ago(ports.files)
    just_kept = ports.files.keep(b"a document that is about to be named")
    assert backups.run_scheduled(ports, archives) is not None
    assert set(ports.files.kept()) == {*named, just_kept}
    with ports.store.read() as tx:
        assert [e["detail"]["files"] for e in tx.events.find() if "files" in e["detail"]] == [[left]]


def test_nothing_is_taken_away_while_no_backup_is_proven(
    ports: Ports, archives: BackupFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(ports.files, FolderFiles)
    left = orphan_of_hours_ago(ports.files)

    def refused(_name: str) -> None:
        raise FormsvcError("full")

    monkeypatch.setattr(archives, "rehearse", refused)
    with pytest.raises(FormsvcError):
        backups.run_scheduled(ports, archives)
    assert left in set(ports.files.kept())


def test_after_a_failure_an_hour_passes_before_the_next_try(
    ports: Ports, archives: BackupFolder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_wanted: object) -> None:
        raise FormsvcError("full")

    monkeypatch.setattr(archives, "make", refused)
    with pytest.raises(FormsvcError):
        backups.run_scheduled(ports, archives)
    clock.moment += timedelta(minutes=59)
    assert not backups.get_status(ports).is_due
    clock.moment += timedelta(minutes=2)
    assert backups.get_status(ports).is_due


def test_one_of_two_at_once_makes_it(ports: Ports, archives: BackupFolder, tmp_path: Path) -> None:
    with archives.alone() as first, archives_of(ports, tmp_path).alone() as second:
        assert (first, second) == (True, False)
        assert backups.run_scheduled(ports, archives_of(ports, tmp_path)) is None
    assert backups.run_scheduled(ports, archives) is not None


def test_the_lock_of_a_killed_program_is_free(archives: BackupFolder, tmp_path: Path) -> None:
    holder = (
        "import sys, time; from pathlib import Path; from formsvc.storage.backup.folder import BackupFolder\n"
        "folder = Path(sys.argv[1])\n"
        "with BackupFolder(folder, None, scratch=folder / 'scratch').alone() as alone:\n"
        "    print(alone, flush=True); time.sleep(60)"
    )
    words = [sys.executable, "-c", holder, str(tmp_path)]
    with subprocess.Popen(words, env=environment(tmp_path), stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline().strip() == "True"
        with archives.alone() as alone:
            assert not alone
        other.kill()
        other.wait()
        with archives.alone() as alone:
            assert alone


def test_a_clock_starts_a_program_when_one_is_due(ports: Ports, tmp_path: Path) -> None:
    mark = tmp_path / "started"
    words = [sys.executable, "-c", f"open({str(mark)!r}, 'a').write('x')"]
    watch = BackupScheduler(ports, interval=0.05, command=words)
    watch.start()
    until(mark.exists)
    watch.stop()
    assert set(mark.read_text()) == {"x"}


def test_what_became_of_a_backup_stands_in_the_log(
    ports: Ports, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def run(program: str, before: str, after: str) -> str:
        made = iter([before, after])
        monkeypatch.setattr(backups, "get_status", lambda _ports: SimpleNamespace(made=next(made)))
        caplog.clear()
        with caplog.at_level(logging.INFO, "formsvc.backup_scheduler"):
            BackupScheduler(ports, command=[sys.executable, "-X", "utf8", "-c", program])._start_backup()
        return caplog.text

    assert (
        "INFO" in (said := run("print('已备份到 a.backup')", "", "a")) and "backup: 已备份到 a.backup" in said
    )
    assert run("print('还没有到备份的时间')", "a", "a") == ""
    said = run("import sys; sys.exit('磁盘空间不足')", "a", "a")
    assert "ERROR" in said and "backup failed: 磁盘空间不足" in said


def test_a_press_makes_one_while_the_service_runs(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    (tmp_path / "demo/DEMO").unlink(missing_ok=True)
    with serving(tmp_path, workers=2, SCHEDULED="1", FORMSVC_BACKUP_AT="off"):
        time.sleep(1)
        assert not backups.get_status(ports).made
        backups.request_backup(ports, sample_actor(ports, "admin"))
        until(lambda: bool(backups.get_status(ports).proven), 60)
    assert len(list((tmp_path / "demo/backups").glob("*.backup"))) == 1
    assert not backups.get_status(ports).asked


def test_a_service_of_several_workers_makes_one_backup(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    (tmp_path / "demo/DEMO").unlink(missing_ok=True)
    there = archives_of(ports, tmp_path / "demo")
    with serving(tmp_path, workers=3, SCHEDULED="1", FORMSVC_BACKUP_AT="00:00"):
        until(lambda: bool(backups.get_status(ports).proven), 60)
        time.sleep(1)
    made = list((tmp_path / "demo/backups").glob("*.backup"))
    assert len(made) == 1
    assert [one.name for one in there.all()] == [path.name for path in made]
    with ports.store.read() as tx:
        told = [event["detail"].get("what") for event in tx.events.find(order="id")]
    assert told.count("made") == told.count("proven") == 1


def until(happened: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)
