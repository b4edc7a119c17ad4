"""Verifying changes nothing, wherever the data is; a command that takes other places than the service stops."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from formsvc.config import Settings, read_settings
from formsvc.errors import FormsvcError
from formsvc.maintenance import verify_instance
from formsvc.storage.places import places_of
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.maintenance.integrity import error_messages
from tests.storage.backup.test_archive import Office

NOBODY = 65534


def office_in(folder: Path) -> Settings:
    """An instance with two acts, a file each, closed."""
    office = Office(folder)
    for n in range(2):
        office.issue(f"虚构文书{n}")
    office.store.close()
    return read_settings({}, instance=folder)


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder with its time and its bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def opened(settings: Settings) -> None:
    """Open the store as the service does."""
    places = places_of(settings.store_file, settings.files, settings.anchor)
    TinyStore(settings.store_file, anchor=settings.anchor, places=places).close()


def test_verifying_changes_no_file(tmp_path: Path) -> None:
    settings = office_in(tmp_path / "instance")
    before = contents(tmp_path)
    found = verify_instance(settings)
    assert (found.acts, found.files, found.findings) == (2, 2, [])
    assert contents(tmp_path) == before


@contextmanager
def reader_only(folder: Path) -> Iterator[None]:
    """Work as somebody who may read the folder and not write to it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.mark.skipif(os.name != "posix", reason="rights are set the POSIX way")
def test_data_on_read_only_media_is_verified_in_place() -> None:
    # pytest's own folder is closed to other users
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        settings = office_in(Path(place, "instance"))
        with reader_only(Path(place, "instance")):
            found = verify_instance(settings)
        assert (found.acts, found.files, found.findings) == (2, 2, [])
        damaged = next(Path(place, "instance/files").glob("??/??/*"))
        damaged.write_bytes(b"other")
        with reader_only(Path(place, "instance")):
            assert len(error_messages(verify_instance(settings))) == 1


def test_a_command_with_other_places_than_the_service_stops_and_begins_no_anchor(tmp_path: Path) -> None:
    bare = office_in(tmp_path / "instance")
    elsewhere = {
        "FORMSVC_FILES": str(tmp_path / "disk/files"),
        "FORMSVC_ANCHOR": str(tmp_path / "disk/anchor"),
    }
    (tmp_path / "disk").mkdir()
    bare.files.rename(tmp_path / "disk/files")
    (tmp_path / "instance/formsvc.sqlite.anchor").rename(tmp_path / "disk/anchor")
    service = read_settings(elsewhere, instance=tmp_path / "instance")
    opened(service)
    before = contents(tmp_path)
    for work in (opened, verify_instance):
        with pytest.raises(FormsvcError, match=r"disk/files.*instance/files.*FORMSVC_FILES"):
            work(bare)
    only_files = read_settings({"FORMSVC_FILES": elsewhere["FORMSVC_FILES"]}, instance=tmp_path / "instance")
    for work in (opened, verify_instance):
        with pytest.raises(FormsvcError, match=r"disk/anchor.*formsvc.sqlite.anchor.*FORMSVC_ANCHOR"):
            work(only_files)
    assert contents(tmp_path) == before
    # with the settings of the service, after both were moved on purpose, and with all of it on another disk
    assert verify_instance(service).findings == []
    (tmp_path / "disk").rename(tmp_path / "other")
    moved = {name: value.replace("disk", "other") for name, value in elsewhere.items()}
    opened(read_settings(moved, instance=tmp_path / "instance"))
    (tmp_path / "instance").rename(tmp_path / "instance2")
    assert verify_instance(read_settings(moved, instance=tmp_path / "instance2")).findings == []


def test_an_instance_that_is_moved_with_all_it_holds_is_opened(tmp_path: Path) -> None:
    opened(office_in(tmp_path / "instance"))
    (tmp_path / "instance").rename(tmp_path / "moved")
    opened(read_settings({}, instance=tmp_path / "moved"))
