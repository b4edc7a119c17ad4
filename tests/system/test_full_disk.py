"""A disk that is really full, or may only be read: one clear sentence, nothing lost, no number taken, and on afterwards.

The disk is a small one in memory (tmpfs), mounted for the test; that takes root.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from formsvc.bootstrap import build_ports
from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.errors import FormsvcError
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases import operator
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance.integrity import check_integrity, error_messages
from formsvc.usecases.numbering import register
from tests.support.sample_office import CASES, furnished, settings_in

MEGABYTES = 24
SERIES = "dong-fa"


def mounted(place: Path, options: str) -> bool:
    """Mount, or say that it cannot be done here."""
    words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root mounts a disk")
    place = tmp_path / "disk"
    place.mkdir()
    if not mounted(place, f"size={MEGABYTES}m"):
        pytest.skip("this machine lets nobody mount a disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


@pytest.fixture
def ports(disk: Path) -> Ports:
    """A sample office on that disk, with one issued act."""
    made = furnished(disk)
    issue(made)
    return made


def issue(ports: Ports) -> Act:
    """One more act, drafted, approved, numbered, its documents drawn and kept."""
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    return operator.issue_at_once(
        ports, staff, approver, "T07", dict(CASES["EX03"]["fields"]) | {"doc_no": ""}
    )


def fill(disk: Path, left: int) -> Path:
    """Fill the disk but for so many bytes."""
    filling = disk / "filling"
    free = os.statvfs(disk)
    with open(filling, "wb") as stream:
        stream.write(bytes(max(0, free.f_bavail * free.f_frsize - left)))
    return filling


def numbers(ports: Ports) -> list[int]:
    """The numbers on record."""
    page = register.number_register(ports, SERIES, 2026)
    assert page is not None and page.gaps == []
    return [int(row["n"]) for row in page.rows]


@pytest.mark.parametrize("left", [0, 40_000, 160_000])
def test_on_a_full_disk_nothing_is_numbered_and_nothing_lost(ports: Ports, disk: Path, left: int) -> None:
    before = numbers(ports)
    filling = fill(disk, left)
    with pytest.raises(FormsvcError, match="磁盘|空间"):
        for _act in range(5):
            issue(ports)
    acknowledged = numbers(ports)
    assert acknowledged[: len(before)] == before
    filling.unlink()
    done = issue(ports)
    assert numbers(ports) == [*acknowledged, done.n] and done.n == acknowledged[-1] + 1
    assert error_messages(check_integrity(ports.store, ports.files)) == []
    assert ports.files.read(done.pdf)[:5] == b"%PDF-"


def test_a_disk_that_may_only_be_read_is_told_and_used_again_when_it_may_be_written(
    ports: Ports, disk: Path
) -> None:
    before = numbers(ports)
    assert isinstance(ports.store, TinyStore)
    ports.store.close()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        with pytest.raises(FormsvcError) as told:
            issue(build_ports(settings_in(disk)))
        assert "写入权限" in str(told.value), told.value
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    again = build_ports(settings_in(disk))
    assert numbers(again) == before
    assert issue(again).n == before[-1] + 1
    assert error_messages(check_integrity(again.store, again.files)) == []
