"""Backups and exports are read by a child process; whatever happens to it, the instance stays as it was."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from formsvc.child_processes.archives import ArchiveProcess
from formsvc.config import Settings, read_settings
from formsvc.errors import FormsvcError
from formsvc.limits import Limits
from formsvc.maintenance import import_store, restore_archives
from formsvc.storage.backup.creation import BackupSources, create_backup
from formsvc.storage.backup.folder import BackupFolder
from formsvc.storage.backup.json_export import export_json
from formsvc.storage.backup.reader import backup_sequence
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.maintenance import backups
from formsvc.usecases.maintenance.progress import Stage
from tests.storage.backup.test_archive import Office
from tests.support.memory_office import Office as MemoryOffice
from tests.support.memory_office import make_office

FAILING = "tests.support.failing_archive_reader"
POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="a process is killed and limited the POSIX way")


@dataclass(frozen=True)
class Stick:
    """A whole backup of an office, an incremental one after it and a sealed one."""

    folder: Path

    @property
    def whole(self) -> Path:
        return self.folder / "whole.backup"

    def fail(self, how: str) -> None:
        (self.folder / "failure").write_text(how, encoding="ascii")


@pytest.fixture(scope="module")
def stick(tmp_path_factory: pytest.TempPathFactory) -> Stick:
    folder = tmp_path_factory.mktemp("stick")
    office = Office(folder / "office")
    for number in range(3):
        office.issue(f"文书{number}")
    sources = BackupSources(office.store, office.files)
    now = datetime(2026, 11, 23, 9).astimezone()

    def save(name: str, since: Path | None = None, passphrase: str = "") -> None:
        target = folder / name
        create_backup(
            sources, target, now=now, scratch=folder / "scratch", since=since, passphrase=passphrase
        )

    save("whole.backup")
    (folder / "sealed").mkdir()
    save("sealed/a.backup", passphrase="口令")
    office.issue("文书3")
    save("later.backup", since=folder / "whole.backup")
    office.store.close()
    return Stick(folder)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> MemoryOffice:
    return make_office(tmp_path_factory.mktemp("sample"))


def settings_of(folder: Path) -> Settings:
    return replace(read_settings({}, instance=folder), files=folder / "files")


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


def numbers(found: Any) -> tuple[int, int, bool]:
    return found.acts, found.files, found.is_sound


@POSIX_ONLY
@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("kill", "意外中断，没有读入"),
        ("memory", "内存超过 300 MB，已停止，没有读入"),
        ("time", "超过 1 秒，已停止，没有读入。请核对文件；确实是本单位的，请调高 FORMSVC_RESTORE_SECONDS"),
    ],
)
def test_a_restore_that_fails_leaves_the_instance_as_it_was(
    stick: Stick, tmp_path: Path, how: str, words: str
) -> None:
    """Then the same backup, one after it and a sealed one are restored."""
    place = tmp_path / "office"
    place.mkdir()
    (place / "formsvc.toml").write_text("four_eyes = true\n", encoding="utf-8")
    before = content(tmp_path)
    stick.fail(how)
    limits = Limits(restore_megabytes=300, restore_seconds=1 if how == "time" else 300)
    with (
        ArchiveProcess("", limits, module=FAILING) as failing,
        pytest.raises(FormsvcError, match=words),
    ):
        restore_archives(settings_of(place), [stick.whole], reader=failing)
    assert content(tmp_path) == before
    if how != "kill":
        return
    _archive, found = restore_archives(settings_of(place), [stick.whole])
    assert numbers(found) == (3, 3, True)
    assert (place / "formsvc.toml").read_text(encoding="utf-8") == "four_eyes = true\n"
    assert not list(place.rglob(".restore*"))
    restored = [place / "formsvc.sqlite", *(place / "files").rglob("*")]
    assert not [path for path in restored if path.stat().st_mode & 0o077]
    files = FolderFiles(place / "files")
    assert len([files.read(sha256) for sha256 in files.kept()]) == 3
    _archive, found = restore_archives(settings_of(tmp_path / "new"), [stick.folder / "later.backup"])
    assert numbers(found) == (4, 4, True)
    sealed = stick.folder / "sealed/a.backup"
    _archive, found = restore_archives(settings_of(tmp_path / "third"), [sealed], "口令")
    assert numbers(found) == (3, 3, True)


def test_files_that_are_in_their_place_stay_and_fill_up_what_a_backup_lacks(
    stick: Stick, tmp_path: Path
) -> None:
    """The store was lost, the kept files were not; one of them was damaged when the backup was made."""
    restore_archives(settings_of(tmp_path), [stick.whole])
    for part in tmp_path.glob("formsvc.*"):
        part.unlink()
    kept = next((tmp_path / "files").glob("??/??/*"))
    lacking = tmp_path / "stick/lacking.backup"
    lacking.parent.mkdir()
    with ZipFile(stick.whole) as source, ZipFile(lacking, "w") as out:
        manifest = json.loads(source.read("manifest.json"))
        manifest["held"].remove(kept.name)
        manifest["missing"] = [kept.name]
        out.writestr("manifest.json", json.dumps(manifest))
        out.writestr("formsvc.sqlite", source.read("formsvc.sqlite"))
        for sha256 in manifest["held"]:
            out.writestr(f"files/{sha256}", source.read(f"files/{sha256}"))
    _archive, found = restore_archives(settings_of(tmp_path), [lacking])
    assert numbers(found) == (3, 3, True) and kept.exists()


def test_an_interrupt_from_the_keyboard_ends_the_child_and_leaves_the_instance_as_it_was(
    stick: Stick, tmp_path: Path
) -> None:
    def interrupt(stage: Stage, done: int = 0, total: int = 0) -> None:
        if stage is Stage.VERIFY:
            raise KeyboardInterrupt

    with ArchiveProcess("", Limits()) as reader:
        with pytest.raises(KeyboardInterrupt):
            restore_archives(settings_of(tmp_path / "new"), [stick.whole], progress=interrupt, reader=reader)
        assert list(tmp_path.iterdir()) == []
        # the next request has a process of its own
        assert reader.manifest(stick.whole).acts == 3


def test_progress_comes_through_the_child(stick: Stick, tmp_path: Path) -> None:
    seen: list[tuple[Stage, int, int]] = []

    def report(stage: Stage, done: int = 0, total: int = 0) -> None:
        seen.append((stage, done, total))

    with ArchiveProcess("", Limits()) as reader:
        assert numbers(reader.rehearse([stick.whole], tmp_path, report)) == (3, 3, True)
    assert list(dict.fromkeys(stage for stage, _done, _total in seen)) == [
        Stage.RESTORE,
        Stage.VERIFY,
        Stage.CHECK,
    ]
    assert (Stage.RESTORE, 3, 3) in seen and (Stage.CHECK, 3, 3) in seen


@POSIX_ONLY
def test_a_trial_whose_child_is_killed_counts_as_failed_until_one_passes(
    sample: MemoryOffice, tmp_path: Path
) -> None:
    office = Office(tmp_path / "office")
    office.issue("文书")
    (tmp_path / "failure").write_text("kill", encoding="ascii")
    with ArchiveProcess("", Limits(), module=FAILING) as failing, ArchiveProcess("", Limits()) as sound:
        sources = BackupSources(office.store, office.files)
        folders = [
            BackupFolder(tmp_path, sources, scratch=tmp_path / "scratch", reader=reader)
            for reader in (failing, sound)
        ]
        made = backups.create_backup(sample.ports, folders[0], "a.backup")
        with pytest.raises(FormsvcError, match="意外中断"):
            backups.rehearse_restore(sample.ports, folders[0], made)
        assert "意外中断" in backups.get_status(sample.ports).failure
        assert list((tmp_path / "scratch").iterdir()) == []
        assert backups.rehearse_restore(sample.ports, folders[1], made).is_sound
        assert backups.get_status(sample.ports).failure == ""
        later = folders[1].make("b.backup", datetime(2026, 11, 24, 9).astimezone(), "a.backup")
        assert [each.name for each in folders[1].all()] == ["a.backup", "b.backup"]
        assert folders[1].rehearse(later.name).is_sound
    office.store.close()


@POSIX_ONLY
def test_an_import_whose_child_is_killed_takes_nothing(sample: MemoryOffice, tmp_path: Path) -> None:
    export = tmp_path / "all.json"
    counts = export_json(sample.ports.store, export)
    (tmp_path / "failure").write_text("kill", encoding="ascii")
    store = TinyStore(tmp_path / "formsvc.sqlite")
    with (
        ArchiveProcess("", Limits(), module=FAILING) as failing,
        pytest.raises(FormsvcError, match="意外中断"),
    ):
        import_store(export, store, reader=failing)
    with store.read() as tx:
        assert tx.accounts.count() == tx.events.count() == 0
    assert import_store(export, store) == counts and counts["accounts"] > 3
    store.close()


FOOLISH: dict[str, tuple[Any, Callable[[ArchiveProcess, Path], object]]] = {
    "a manifest that is none": ({"manifest": {"id": 5}}, lambda reader, path: reader.manifest(path)),
    "a manifest with a path to elsewhere": (
        {"manifest": {"id": "a", "made_at": "2026-11-23", "own": {"../x.json": "0" * 64}}},
        lambda reader, path: reader.manifest(path),
    ),
    "no result": ({}, lambda reader, path: reader.rehearse([path], path.parent)),
    "a report of texts": (
        {"report": {"findings": "x"}},
        lambda reader, path: reader.rehearse([path], path.parent),
    ),
    "a list": ([], lambda reader, path: reader.rehearse([path], path.parent)),
    "a number": (5, lambda reader, path: reader.manifest(path)),
    "archives that are none": ({"archives": 5}, lambda reader, path: reader.manifests(path.parent)),
    "more archives than there are": (
        {"archives": [[None, ""], [None, ""]]},
        lambda reader, path: reader.manifests(path.parent),
    ),
    "a plan without a size": (
        {"examination": {"settings": None, "plan": {}}},
        lambda reader, path: reader.examine([path], path),
    ),
}


@pytest.fixture(scope="module")
def foolish(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ArchiveProcess, Path]]:
    path = tmp_path_factory.mktemp("foolish") / "a.backup"
    path.write_bytes(b"")
    with ArchiveProcess("", Limits(), module="tests.support.foolish_archive_reader") as reader:
        yield reader, path


@pytest.mark.parametrize("name", FOOLISH)
def test_a_child_that_was_taken_over_is_not_believed(foolish: tuple[ArchiveProcess, Path], name: str) -> None:
    answer, call = FOOLISH[name]
    foolish[1].with_name("answer").write_text(json.dumps(answer), encoding="utf-8")
    with pytest.raises(FormsvcError, match="没有读入"):
        call(*foolish)


@POSIX_ONLY
def test_an_archive_that_ends_the_child_hides_no_other(stick: Stick, tmp_path: Path) -> None:
    for name in ("whole", "later"):
        shutil.copy(stick.folder / f"{name}.backup", tmp_path)
    with ZipFile(tmp_path / "bad.backup", "w", ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b'{"held": [' + b"[{}]," * 600_000 + b"[]]}")
    with ArchiveProcess("", Limits(restore_megabytes=40)) as reader:
        bad, later, whole = reader.manifests(tmp_path)
        assert bad.manifest is None and "内存超过 40 MB" in bad.fault
        assert later.manifest is not None and whole.manifest is not None
        row = backup_sequence(tmp_path / "later.backup", tmp_path, reader)
        assert [path.name for path in row] == ["whole.backup", "later.backup"]


def test_a_folder_of_backups_with_very_many_files_is_listed(tmp_path: Path) -> None:
    """Their manifests together are larger than the head of a message may be."""
    hashes = [f"{number:064x}" for number in range(30_000)]
    manifest = {
        "id": "a", "made_at": "2026-11-23T09:00:00", "store_sha256": "0" * 64, "events": 0, "links": 0, "head": "",
        "acts": 7, "files": hashes, "held": hashes,
    }  # fmt: skip
    for number in range(5):
        with ZipFile(tmp_path / f"{number}.backup", "w", ZIP_DEFLATED) as archive:
            archive.writestr("manifest.json", json.dumps(manifest))
    with ArchiveProcess("", Limits()) as reader:
        assert [each.manifest and each.manifest.acts for each in reader.manifests(tmp_path)] == [7] * 5
        assert len(reader.manifest(tmp_path / "0.backup").files) == 30_000


def test_the_time_of_a_request_grows_with_its_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with open(tmp_path / name, "wb") as file:
            file.truncate(512 * 2**20)
    reader = ArchiveProcess("", Limits(restore_seconds=300, restore_seconds_per_gigabyte=3600))
    both = [tmp_path / "a", tmp_path / "b"]
    assert [reader._seconds(paths) for paths in ([], both[:1], both)] == [300, 2100, 3900]


def test_the_commands_themselves_unpack_nothing(stick: Stick, tmp_path: Path) -> None:
    """zipfile, sqlite3 of the backup and tomllib of its settings are met in the child alone."""
    script = (
        "import sys, zipfile\n"
        "def refuse(*_words, **_more): raise AssertionError('unpacked by the command')\n"
        "zipfile.ZipFile.__init__ = refuse\n"
        "from formsvc.cli.main import main\n"
        "main()"
    )
    words = ["backup", "check", str(stick.whole)]
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script, *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "FORMSVC_INSTANCE": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 0 and "完好" in done.stdout, done.stderr
