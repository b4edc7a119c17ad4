"""The page that tells whether the office could be brought back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.maintenance import backups
from formsvc.usecases.maintenance.integrity import IntegrityReport
from formsvc.usecases.maintenance.progress import ProgressRecord, Stage
from formsvc.usecases.ports import ChainHead, IntegrityFinding
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

MADE = backups.BackupArchive("a.backup", "1", "2026-09-20T12:30:00+08:00", 7, 40, "c0ffee", 2_500_000)
SOUND = IntegrityReport(ChainHead(40, "c0ffee", ""), 7, 6, 40, 12)


class Tried:
    """Archives whose rehearsal finds what it is told to find."""

    def __init__(self, found: IntegrityReport | FormsvcError) -> None:
        self.found = found

    def make(self, *_wanted: object) -> backups.BackupArchive:
        """The one archive."""
        return MADE

    def rehearse(self, _name: str) -> IntegrityReport:
        """What was found."""
        if isinstance(self.found, FormsvcError):
            raise self.found
        return self.found


def backed_up(office: Office, found: IntegrityReport | FormsvcError) -> None:
    """A backup made by hand and tried."""
    archives: backups.ArchiveFolder = Tried(found)  # type: ignore[assignment]
    made = backups.create_backup(office.ports, archives, "a.backup")
    try:
        backups.rehearse_restore(office.ports, archives, made)
    except FormsvcError:
        return


def test_an_office_that_never_restored_a_backup_is_warned(visit: Callable[[str], Visitor]) -> None:
    chen = visit("admin")
    assert "还没有试恢复过的备份" in chen.open("/admin").text
    assert "还没有试恢复过的备份" in chen.open("/admin/backups").text


def test_what_needs_an_administrator_stands_on_their_first_page_and_nobody_elses(
    office: Office, visit: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "还没有试恢复过的备份" in visit("admin").open("/").text
    backed_up(office, SOUND)
    assert "请管理员处理" not in visit("admin").open("/").text
    monkeypatch.setattr(office.ports.files, "free_bytes", lambda: 700 * 2**20)
    assert "只剩 700 MB" in visit("admin").open("/").text
    assert "只剩" not in visit("staff").open("/").text


def test_from_december_on_a_missing_calendar_of_next_year_is_told(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    assert "放假安排" not in visit("admin").open("/").text
    office.clock.moment = office.clock.moment.replace(month=12)
    assert "没有2027年的放假安排" in visit("admin").open("/").text


def test_an_administrator_asks_for_a_backup_at_once(office: Office, visit: Callable[[str], Visitor]) -> None:
    chen = visit("admin")
    chen.open("/admin/backups")
    page = chen.press("立即备份")
    assert "正在备份" in page.text and "立即备份" not in page.text
    archives: backups.ArchiveFolder = Tried(SOUND)  # type: ignore[assignment]
    made = backups.create_backup(office.ports, archives, "a.backup")
    assert "正在备份" in chen.open("/admin/backups").text, "made, and not proven yet"
    backups.rehearse_restore(office.ports, archives, made)
    page = chen.open("/admin/backups")
    assert "正在备份" not in page.text and "c0ffee" in page.text
    assert "要求立即备份" in chen.open("/admin/journal").text
    token = visit("staff").token()
    assert visit("staff").client.post("/admin/backups/now", data={"csrf_token": token}).status_code in (
        400,
        403,
    )


def test_the_last_proven_restore_is_told(office: Office, visit: Callable[[str], Visitor]) -> None:
    backed_up(office, SOUND)
    page = visit("admin").open("/admin/backups").text
    assert "7 件" in page and "12 个" in page and "c0ffee" in page and "2.5 MB" in page
    assert "没有成功" not in page and "超过了规定" not in page


def test_a_proof_older_than_allowed_warns(office: Office, visit: Callable[[str], Visitor]) -> None:
    backed_up(office, SOUND)
    standing = backups.get_status(office.ports)
    assert not standing.is_late
    with office.ports.store.write() as tx:
        kept = tx.settings.get(backups.KEY) or {}
        old = (office.clock.now() - timedelta(days=9)).isoformat()
        tx.settings.replace(backups.KEY, {**kept, "proven": {**kept["proven"], "at": old}})
    assert "9 天前，超过了规定的 7 天" in visit("admin").open("/admin/backups").text


def test_a_backup_that_does_not_restore_is_told_and_the_proof_before_stays(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    backed_up(office, SOUND)
    backed_up(office, IntegrityReport(SOUND.head, findings=[IntegrityFinding("acts", "文书 1 不在号簿中。")]))
    page = visit("admin").open("/admin/backups").text
    assert "有 1 处不符：文书 1 不在号簿中。" in page and "c0ffee" in page
    refused = FormsvcError(msg("没有写入“{folder}”的权限。", folder=Path("backups")))
    backed_up(office, refused)
    assert "没有写入“backups”的权限" in visit("admin").open("/admin/backups").text
    backed_up(office, SOUND)
    assert "没有成功" not in visit("admin").open("/admin/backups").text


class Slip:
    """What another process of the service has written down last."""

    content: bytes | None = None

    def load(self) -> bytes | None:
        """What was written."""
        return self.content

    def save(self, content: bytes) -> None:
        """Write it down."""
        self.content = content


def test_how_far_a_backup_has_come_is_told_until_it_ends(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    slip = Slip()
    # frozen: the page of this office looks at the slip that its backup writes
    object.__setattr__(office.ports, "backup_progress", slip)
    chen, record = visit("admin"), ProgressRecord(office.ports)
    record(Stage.COPY)
    assert "正在复制数据文件" in chen.open("/admin/backups").text
    record(Stage.CHECK, 1200, 10_015)
    page = chen.open("/admin/backups").text
    assert "正在核对文件：第 1,200 个，共 10,015 个" in page
    record.clear()
    assert "正在" not in chen.open("/admin/backups").text
    record(Stage.CHECK, 1201, 10_015)
    office.clock.moment += timedelta(hours=1)
    assert "正在" not in chen.open("/admin/backups").text, "of a backup that was killed"
    object.__setattr__(office.ports, "backup_progress", None)


def test_only_administrators_see_it(visit: Callable[[str], Visitor]) -> None:
    assert visit("staff").open("/admin/backups").status == 403
