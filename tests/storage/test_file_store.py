"""Kept files: whole or not at all, found by their hash, checked when read."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from formsvc.errors import FormsvcError, KeptFileDamaged, NotFound
from formsvc.storage import atomic_files
from formsvc.storage.file_store import FolderFiles

DAY = timedelta(days=1)


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "文件")


def place_of(files: FolderFiles, sha256: str) -> Path:
    return files.root / sha256[:2] / sha256[2:4] / sha256


def sweep(files: FolderFiles, known: set[str], older_than: timedelta) -> list[str]:
    return files.remove(files.older_than(older_than) - known, older_than)


def age(path: Path, days: float = 2) -> None:
    past = time.time() - days * 86400
    os.utime(path, (past, past))


def test_bytes_come_back_by_their_hash_and_are_kept_once(files: FolderFiles) -> None:
    sha256 = files.keep(b"one")
    assert sha256 == hashlib.sha256(b"one").hexdigest() == files.keep(b"one")
    assert files.read(sha256) == b"one"
    assert list(files.kept()) == [sha256]
    assert place_of(files, sha256).is_file()


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", "A" * 64])
def test_what_is_no_hash_is_not_found(files: FolderFiles, sha256: str) -> None:
    with pytest.raises(NotFound):
        files.read(sha256)


def test_a_file_that_is_gone_is_a_fault_of_the_service(files: FolderFiles) -> None:
    with pytest.raises(KeptFileDamaged, match="没有找到已保存的文件"):
        files.read("0" * 64)


def test_an_altered_file_is_noticed_and_mended_when_kept_again(files: FolderFiles) -> None:
    sha256 = files.keep(b"one")
    place_of(files, sha256).write_bytes(b"two")
    with pytest.raises(KeptFileDamaged, match="不符"):
        files.read(sha256)
    files.keep(b"one")
    assert files.read(sha256) == b"one"


def test_a_write_that_fails_leaves_nothing_behind(
    files: FolderFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(FormsvcError, match="磁盘空间不足"):
        files.keep(b"one")
    assert not [place for place in files.root.glob("**/*") if place.is_file()]


class Held(PermissionError):
    """What Windows says of a file that another program has open."""

    winerror = 32


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, without making them."""
    made: list[float] = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


def refusing(monkeypatch: pytest.MonkeyPatch, refusal: OSError, times: int) -> None:
    """Let the first attempts to give a file its name be refused."""
    replace, left = os.replace, [refusal] * times

    def refused_at_first(*places: Path) -> None:
        if left:
            raise left.pop()
        replace(*places)

    monkeypatch.setattr(os, "replace", refused_at_first)


def test_a_file_that_windows_says_is_held_gets_its_name_when_it_is_let_go(
    files: FolderFiles, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    refusing(monkeypatch, Held(13, "in use"), 3)
    assert files.read(files.keep(b"one")) == b"one"
    assert len(pauses) == 3


def test_a_file_held_for_ever_is_told_after_two_seconds(
    files: FolderFiles, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    refusing(monkeypatch, Held(13, "in use"), 1000)
    with pytest.raises(FormsvcError, match="权限"):
        files.keep(b"one")
    assert 1 < sum(pauses) < 3
    assert not [place for place in files.root.glob("**/*") if place.is_file()]


def test_a_missing_right_is_told_at_once(
    files: FolderFiles, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    refusing(monkeypatch, PermissionError(13, "no right"), 1000)
    with pytest.raises(FormsvcError, match="权限"):
        files.keep(b"one")
    assert not pauses


def test_a_file_that_windows_is_just_naming_is_read_a_moment_later(
    files: FolderFiles, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    sha256 = files.keep(b"one")
    read, left = Path.read_bytes, [PermissionError(13, "being named")] * 2

    def refused_at_first(place: Path) -> bytes:
        if left:
            raise left.pop()
        return read(place)

    monkeypatch.setattr(Path, "read_bytes", refused_at_first)
    monkeypatch.setattr(atomic_files, "_RENAME_BLOCKS_READERS", False)
    with pytest.raises(FormsvcError, match="权限"):
        files.read(sha256)
    monkeypatch.setattr(atomic_files, "_RENAME_BLOCKS_READERS", True)
    assert files.read(sha256) == b"one"
    assert len(pauses) == 1


def test_a_sweep_leaves_what_is_being_read(files: FolderFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = files.keep(b"one")
    os.utime(place_of(files, sha256), (0, 0))
    refusing(monkeypatch, Held(13, "in use"), 1)
    assert sweep(files, set(), timedelta(hours=1)) == []
    assert files.read(sha256) == b"one"
    assert sweep(files, set(), timedelta(hours=1)) == [sha256]


def test_bytes_and_names_are_synced_before_keep_returns(
    files: FolderFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync, replace = os.fsync, os.replace

    def watch_sync(number: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{number}") if sys.platform == "linux" else "")
        fsync(number)

    def watch_replace(old: Path, new: Path) -> None:
        synced.append("renamed")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", watch_sync)
    monkeypatch.setattr(os, "replace", watch_replace)
    sha256 = files.keep(b"one")
    if "" in synced:
        pytest.skip("no /proc to look into")
    assert synced[-3].endswith(".part")
    assert synced[-2:] == ["renamed", str(place_of(files, sha256).parent)]
    assert str(files.root) in synced


def test_a_sweep_takes_old_unknown_files_and_broken_writes_only(files: FolderFiles) -> None:
    known, old, new = files.keep(b"known"), files.keep(b"old"), files.keep(b"new")
    broken = place_of(files, old).with_name(f".{old}.1-ab.part")
    broken.write_bytes(b"half")
    for place in (place_of(files, known), place_of(files, old), broken):
        age(place)
    assert sweep(files, {known}, DAY) == [old]
    assert sorted(files.kept()) == sorted([known, new])
    assert not broken.exists()


def test_what_is_kept_again_counts_as_new(files: FolderFiles) -> None:
    sha256 = files.keep(b"again")
    age(place_of(files, sha256))
    files.keep(b"again")
    assert sweep(files, set(), DAY) == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_sweep_never_takes_what_is_being_kept(
    files: FolderFiles, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    sha256 = files.keep(b"same")
    age(place_of(files, sha256))
    replace = os.replace
    kept: list[Any] = []

    def keep_meanwhile(old: Path, new: Path) -> None:
        if moment == "after":
            replace(old, new)
        if not kept:
            kept.append(sha256)
            files.keep(b"same")
        if moment == "before":
            replace(old, new)

    monkeypatch.setattr(os, "replace", keep_meanwhile)
    sweep(files, set(), DAY)
    assert files.read(sha256) == b"same"
    assert not list(files.root.glob("**/*.part"))
