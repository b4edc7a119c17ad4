"""What an instance writes is for the user that runs it alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from formsvc.storage.private_files import keep_private

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has access lists instead of modes")

WRITE = """
import sys
from pathlib import Path
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.private_files import keep_private
from formsvc.storage.tinydb_store import TinyStore
place = Path(sys.argv[1])
keep_private((place, place / "files"), (place / "backups").glob("*.backup"))
TinyStore(place / "formsvc.sqlite")
FolderFiles(place / "files").keep(b"abc")
"""


def modes(place: Path) -> dict[str, int]:
    return {
        str(path.relative_to(place)): stat.S_IMODE(path.stat().st_mode)
        for path in place.rglob("*")
        if "fonts" not in path.parts
    }


def test_what_stands_open_is_closed_and_what_is_written_is_private(tmp_path: Path) -> None:
    place = tmp_path / "instance"
    for folder in ("backups", "exports", "fonts", "files/ab/cd"):
        (place / folder).mkdir(parents=True)
    for file in ("backups/1.backup", "exports/台账.xlsx", "fonts/a.ttf", "files/ab/cd/abcd", "formsvc.toml"):
        (place / file).write_bytes(b"x")
        (place / file).chmod(0o644)
    for opened in (place, *(path for path in place.rglob("*") if path.is_dir())):
        opened.chmod(0o755)
    subprocess.run([sys.executable, "-c", WRITE, str(place)], check=True)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    found = modes(place)
    assert "formsvc.sqlite" in found and len(found) > 8
    open_to_others = {path: oct(mode) for path, mode in found.items() if mode & 0o077}
    assert open_to_others == {}
    assert stat.S_IMODE((place / "fonts/a.ttf").stat().st_mode) == 0o644, "fonts are shared"


def test_backups_elsewhere_are_closed_and_their_folder_stays_the_offices(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    # the rights of a new folder depend on the umask of the process
    share.chmod(0o755)
    for name in ("1.backup", "别的.txt"):
        (share / name).write_bytes(b"x")
        (share / name).chmod(0o644)
    before = os.umask(0o022)
    try:
        keep_private((), share.glob("*.backup"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((share / "1.backup").stat().st_mode) == 0o600
    assert stat.S_IMODE((share / "别的.txt").stat().st_mode) == 0o644
    assert stat.S_IMODE(share.stat().st_mode) == 0o755


def test_a_link_in_the_instance_changes_nothing_outside(tmp_path: Path) -> None:
    outside, place = tmp_path / "outside", tmp_path / "instance"
    for folder in (outside, place):
        folder.mkdir()
        folder.chmod(0o755)
    (outside / "a").write_bytes(b"x")
    (outside / "a").chmod(0o644)
    (place / "link").symlink_to(outside)
    (place / "file").symlink_to(outside / "a")
    before = os.umask(0o022)
    try:
        keep_private((place,))
    finally:
        os.umask(before)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert stat.S_IMODE(outside.stat().st_mode) == 0o755
    assert stat.S_IMODE((outside / "a").stat().st_mode) == 0o644
