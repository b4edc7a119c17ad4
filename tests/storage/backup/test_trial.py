"""A trial restore proves a backup without waiting for the disk, and tells how far it has come."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from formsvc.errors import FormsvcError
from formsvc.storage.backup.restore import restore
from formsvc.storage.file_store import FolderFiles
from formsvc.usecases.maintenance.integrity import error_messages
from formsvc.usecases.maintenance.progress import Stage
from tests.storage.backup.test_archive import Office, make
from tests.support.trials import rehearse

FEW, MORE = 3, 9


def made(folder: Path, acts: int) -> Path:
    """A backup of an office with so many acts, a file each."""
    office = Office(folder / "office")
    for n in range(acts):
        office.issue(f"文书{n}")
    make(office, folder / "a.backup")
    office.store.close()
    return folder / "a.backup"


def syncs(work: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> int:
    """How often the work waits for the disk."""
    counted = 0
    real = os.fsync

    def fsync(descriptor: int) -> None:
        nonlocal counted
        counted += 1
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        work()
    return counted


def test_a_restore_waits_for_the_disk_with_each_file_and_a_trial_with_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, place = made(tmp_path, MORE), tmp_path / "new"
    files = FolderFiles(place / "files")
    kept = syncs(lambda: restore([archive], place / "formsvc.sqlite", files), monkeypatch)
    # each file, and the folders that are its own
    assert kept > 2 * MORE
    assert syncs(lambda: rehearse([archive], tmp_path / "scratch"), monkeypatch) < MORE


def test_a_trial_finds_every_file_and_refuses_an_altered_one(tmp_path: Path) -> None:
    archive = made(tmp_path, MORE)
    found = rehearse([archive], tmp_path / "scratch")
    assert (found.acts, found.files, error_messages(found)) == (MORE, MORE, [])
    assert list((tmp_path / "scratch").iterdir()) == []
    content = bytearray(archive.read_bytes())
    where = content.index("文书4".encode() * 20)
    content[where] ^= 1
    archive.write_bytes(content)
    with pytest.raises(FormsvcError, match="已损坏"):
        rehearse([archive], tmp_path / "scratch")


def test_it_tells_how_many_files_are_restored_and_checked(tmp_path: Path) -> None:
    told: list[tuple[Stage, int, int]] = []

    def report(stage: Stage, done: int = 0, total: int = 0) -> None:
        told.append((stage, done, total))

    rehearse([made(tmp_path, FEW)], tmp_path / "scratch", progress=report)
    restored = [(Stage.RESTORE, n, FEW) for n in range(FEW + 1)]
    checked = [(Stage.CHECK, n, FEW) for n in range(FEW + 1)]
    assert told == [*restored, (Stage.VERIFY, 0, 0), *checked]
