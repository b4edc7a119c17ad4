"""Backups that exist are proven, listed and looked at before they are restored, without an instance."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from formsvc.config import read_settings
from formsvc.maintenance import remove_left_over
from tests.storage.backup.test_archive import Office, make
from tests.support.sample_office import formsvc

PASSPHRASE = "绥北 2026"


@pytest.fixture(scope="module")
def stick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stick with a whole backup, one that builds on it, and an encrypted one."""
    folder = tmp_path_factory.mktemp("stick")
    office = Office(tmp_path_factory.mktemp("office"))
    for n in range(2):
        office.issue(f"虚构文书{n}")
    make(office, folder / "sealed.backup", passphrase=PASSPHRASE)
    office.issue("虚构文书2")
    make(office, folder / "a.backup")
    office.issue("虚构文书3")
    make(office, folder / "b.backup", since=folder / "a.backup")
    (folder / "passphrase").write_text(PASSPHRASE, encoding="utf-8")
    office.store.close()
    return folder


@pytest.fixture
def copy(stick: Path, tmp_path: Path) -> Path:
    """A copy of the stick, to be harmed."""
    return shutil.copytree(stick, tmp_path / "copy")


def run(folder: Path, *words: str) -> CompletedProcess[str]:
    """A command on a computer without an instance, which has none afterwards either."""
    done = formsvc(folder, *words)
    assert not (folder / "demo").exists() and not (folder / "instance").exists()
    return done


def test_a_sound_backup_is_proven_whole_incremental_or_encrypted(stick: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "backup", "check", str(stick / "a.backup"), str(stick / "b.backup"))
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert "“a.backup”完好" in first and "3 件文书、3 个文件" in first
    assert "“b.backup”完好" in second and "4 件文书、4 个文件" in second
    key = str(stick / "passphrase")
    done = run(tmp_path, "backup", "check", str(stick / "sealed.backup"), "--passphrase-file", key)
    assert done.returncode == 0 and "“sealed.backup”完好" in done.stdout


def test_an_unsound_one_is_named_and_the_others_are_checked_all_the_same(copy: Path, tmp_path: Path) -> None:
    content = bytearray((copy / "a.backup").read_bytes())
    content[content.index("虚构文书1".encode() * 20)] ^= 1
    (copy / "harmed.backup").write_bytes(content)
    (copy / "half.backup").write_bytes(content[: len(content) // 2])
    names = ("harmed", "half", "a")
    done = run(tmp_path, "backup", "check", *(str(copy / f"{name}.backup") for name in names))
    assert done.returncode == 1
    assert "“harmed.backup”不完整或者已损坏" in done.stderr and "“half.backup”不完整" in done.stderr
    assert done.stdout.count("完好") == 1 and "“a.backup”完好" in done.stdout


def test_one_whose_base_is_not_there_or_whose_passphrase_is_wrong_is_no_proof(
    copy: Path, tmp_path: Path
) -> None:
    (copy / "a.backup").unlink()
    (copy / "wrong").write_text("another", encoding="utf-8")
    done = run(tmp_path, "backup", "check", str(copy / "b.backup"))
    assert done.returncode == 1 and "接不上前一份" in done.stderr
    sealed = str(copy / "sealed.backup")
    done = run(tmp_path, "backup", "check", sealed, "--passphrase-file", str(copy / "wrong"))
    assert done.returncode == 1 and "口令不对" in done.stderr


def test_the_backups_of_a_folder_are_listed_with_what_they_build_on(stick: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "backup", "list", str(stick))
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and len(lines) == 3
    assert "a.backup　2026-11-23 09:00　完整　3 件文书" in lines[0]
    assert "b.backup" in lines[1] and "增量，依据 a.backup" in lines[1]
    assert "sealed.backup　备份文件“sealed.backup”是加密的" in lines[2]
    done = run(
        tmp_path, "backup", "list", str(stick), "--json", "--passphrase-file", str(stick / "passphrase")
    )
    assert [(each["name"], each["acts"], each["since"]) for each in json.loads(done.stdout)] == [
        ("a.backup", 3, ""),
        ("b.backup", 4, "a.backup"),
        ("sealed.backup", 2, ""),
    ]


def test_a_folder_without_backups_and_one_that_is_not_there_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run(tmp_path, "backup", "list", str(tmp_path / "empty"))
    assert done.returncode == 0 and "里没有备份" in done.stdout
    done = run(tmp_path, "backup", "list", str(tmp_path / "none"))
    assert done.returncode == 1 and "没有文件夹" in done.stderr


def test_a_dry_run_says_what_a_restore_elsewhere_would_do_and_writes_nothing(
    stick: Path, tmp_path: Path
) -> None:
    target, archive = tmp_path / "new", str(stick / "b.backup")
    done = run(tmp_path, "restore", archive, "--to", str(target), "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "依次使用：a.backup、b.backup" in done.stdout
    assert f"将写入 {target / 'formsvc.sqlite'} 和 {target / 'files'}" in done.stdout
    assert "没有写入任何内容" in done.stdout and not target.exists()
    done = run(tmp_path, "restore", archive, "--to", str(target))
    assert done.returncode == 0 and f"已恢复到 {target}：4 件文书，4 个文件" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new"]
    done = run(tmp_path, "restore", archive, "--to", str(target), "--dry-run")
    assert done.returncode == 1 and "会被拒绝" in done.stderr and "已有数据" in done.stderr


def test_what_a_killed_backup_left_goes_and_what_is_being_written_stays(tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    old, fresh = backups / ".a.backup.77-0a0b0c0d.part", backups / ".b.backup.78-0a0b0c0d.part"
    for path in (old, fresh, backups / "a.backup", backups / ".notes.part"):
        path.write_bytes(b"x")
        os.utime(path, (time.time() - 7200, time.time() - 7200))
    os.utime(fresh)
    assert remove_left_over(read_settings({}, instance=tmp_path)) == [old.name]
    assert sorted(path.name for path in backups.iterdir()) == [fresh.name, ".notes.part", "a.backup"]


def test_copies_of_before_an_upgrade_stay_unless_a_setting_says_how_long(tmp_path: Path) -> None:
    old, newer = tmp_path / "formsvc.sqlite.v3-20260101.bak", tmp_path / "formsvc.sqlite.v12-20261101.bak"
    for path, days in ((old, 200), (newer, 20)):
        path.write_bytes(b"x")
        os.utime(path, (time.time() - days * 86400,) * 2)
    assert remove_left_over(read_settings({}, instance=tmp_path)) == []
    after = {"FORMSVC_MIGRATION_COPY_DAYS": "180"}
    assert remove_left_over(read_settings(after, instance=tmp_path)) == [old.name]
    assert newer.exists()
