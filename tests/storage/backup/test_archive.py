"""A backup is a whole instance in one file, restored elsewhere equal to what it was, or refused with a sentence."""

from __future__ import annotations

import json
import threading
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import pytest

from formsvc.errors import FormsvcError
from formsvc.limits import Limits
from formsvc.storage.backup.archive import Manifest
from formsvc.storage.backup.creation import BackupSources
from formsvc.storage.backup.creation import create_backup as make_backup
from formsvc.storage.backup.restore import restore
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.maintenance.integrity import check_integrity, error_messages
from formsvc.usecases.ports import ChainHead
from tests.support.store_processes import allot
from tests.support.trials import rehearse

NOW = datetime(2026, 11, 23, 9, 0)


class Office:
    """A store with numbered acts, each with a kept file."""

    def __init__(self, folder: Path) -> None:
        self.store = TinyStore(folder / "formsvc.sqlite")
        self.files = FolderFiles(folder / "files")

    def issue(self, text: str) -> None:
        """One act more, with a file of its own."""
        sha256 = self.files.keep(text.encode() * 500)
        with self.store.write() as tx:
            row = f"消限/2026-{(tx.counters.get('消限/2026') or {'last': 0})['last'] + 1}"
            n = allot(tx, "消限/2026", "x")
            number = tx.numbers.get(f"消限/2026/{n}") or {}
            tx.numbers.replace(
                f"消限/2026/{n}", {**number, "series": "消限", "year": 2026, "text": f"第{n}号"}
            )
            act = tx.acts.get(row) or {}
            tx.acts.replace(row, {**act, "number": f"第{n}号", "word": sha256, "state": "issued"})
            told = {"act_id": row, "kind": "Issued", "detail": {"word": sha256}}
            tx.events.insert(tx.next_event_key(), told)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with three acts."""
    made = Office(tmp_path / "office")
    for n in range(3):
        made.issue(f"文书{n}")
    return made


def faults_in_chain(office: Office, known: ChainHead) -> list[str]:
    """What speaks against the chain having passed through a head."""
    return [str(one) for one in office.store.verify(known) if one.level == "error"]


def make(office: Office, target: Path, since: Path | None = None, passphrase: str = "") -> Manifest:
    """A backup of the office."""
    return make_backup(
        BackupSources(office.store, office.files),
        target,
        now=NOW,
        scratch=target.parent / "scratch",
        since=since,
        passphrase=passphrase,
    )


def restored(tmp_path: Path, *paths: Path, passphrase: str = "") -> Office:
    """The office a backup makes in an empty folder."""
    restore(paths, tmp_path / "new/formsvc.sqlite", FolderFiles(tmp_path / "new/files"), passphrase)
    return Office(tmp_path / "new")


@pytest.mark.parametrize("passphrase", ["", "绥北 2026"])
def test_what_is_restored_elsewhere_is_what_was_saved(
    office: Office, tmp_path: Path, passphrase: str
) -> None:
    make(office, tmp_path / "a.backup", passphrase=passphrase)
    there = restored(tmp_path, tmp_path / "a.backup", passphrase=passphrase)
    before, after = check_integrity(office.store, office.files), check_integrity(there.store, there.files)
    assert after == before
    assert (after.acts, after.files, error_messages(after)) == (3, 3, [])


def test_an_incremental_backup_holds_only_new_files_and_needs_the_whole_one(
    office: Office, tmp_path: Path
) -> None:
    whole, second, third = (tmp_path / f"{name}.backup" for name in "abc")
    make(office, whole)
    office.issue("第四件")
    assert len(make(office, second, since=whole).held) == 1
    office.issue("第五件")
    assert len(make(office, third, since=second).held) == 1
    for wrong in ([third], [whole, third], [second, third], [whole, third, second]):
        with pytest.raises(FormsvcError, match="接不上"):
            restored(tmp_path, *wrong)
    there = restored(tmp_path, whole, second, third)
    assert check_integrity(there.store, there.files) == check_integrity(office.store, office.files)


def test_a_place_that_holds_anything_is_not_restored_into(office: Office, tmp_path: Path) -> None:
    make(office, tmp_path / "a.backup")
    before = office.store.path.read_bytes()
    with pytest.raises(FormsvcError, match="已有数据"):
        restore([tmp_path / "a.backup"], office.store.path, office.files)
    assert office.store.path.read_bytes() == before


def test_a_wrong_passphrase_and_none_are_refused(office: Office, tmp_path: Path) -> None:
    make(office, tmp_path / "a.backup", passphrase="right")
    with pytest.raises(FormsvcError, match="口令不对"):
        restored(tmp_path, tmp_path / "a.backup", passphrase="wrong")
    with pytest.raises(FormsvcError, match="是加密的"):
        restored(tmp_path, tmp_path / "a.backup")
    assert "文书".encode() not in (tmp_path / "a.backup").read_bytes()


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.97])
def test_a_flipped_bit_anywhere_in_a_sealed_archive_is_noticed(
    office: Office, tmp_path: Path, part: float
) -> None:
    archive = tmp_path / "a.backup"
    make(office, archive, passphrase="secret")
    content = bytearray(archive.read_bytes())
    content[int(len(content) * part)] ^= 4
    archive.write_bytes(content)
    with pytest.raises(FormsvcError):
        restored(tmp_path, archive, passphrase="secret")


def test_a_flipped_bit_anywhere_is_noticed_or_changes_nothing(office: Office, tmp_path: Path) -> None:
    """Times of entries, and where compressed zeros are copied from, may change without a change of what is restored."""
    archive = tmp_path / "a.backup"
    make(office, archive)
    plain, before, noticed = archive.read_bytes(), check_integrity(office.store, office.files), 0
    for place in range(7, len(plain), len(plain) // 100):
        content = bytearray(plain)
        content[place] ^= 4
        archive.write_bytes(content)
        try:
            there = restored(tmp_path / str(place), archive)
        except FormsvcError:
            noticed += 1
        else:
            assert check_integrity(there.store, there.files) == before
            there.store.close()
    assert noticed > 80


@pytest.mark.parametrize("passphrase", ["", "secret"])
def test_a_cut_archive_is_refused(office: Office, tmp_path: Path, passphrase: str) -> None:
    archive = tmp_path / "a.backup"
    make(office, archive, passphrase=passphrase)
    archive.write_bytes(archive.read_bytes()[:-200])
    with pytest.raises(FormsvcError):
        restored(tmp_path, archive, passphrase=passphrase)
    assert not (tmp_path / "new/formsvc.sqlite").exists()


def test_a_full_disk_leaves_the_former_backup_whole(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "usb/a.backup"
    target.parent.mkdir()
    make(office, target)
    before = target.read_bytes()
    office.issue("第四件")

    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ZipFile, "writestr", full)
    with pytest.raises(FormsvcError, match="空间不足"):
        make(office, target)
    assert target.read_bytes() == before
    assert [p.name for p in target.parent.rglob("*")] == ["a.backup", "scratch"]


def test_a_backup_taken_during_writes_is_a_prefix_of_the_history(office: Office, tmp_path: Path) -> None:
    over = threading.Event()

    def work() -> None:
        n = 0
        while not over.is_set():
            office.issue(f"同时{(n := n + 1)}")

    writers = [threading.Thread(target=work) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        manifests = [make(office, tmp_path / f"{n}.backup") for n in range(3)]
    finally:
        over.set()
        for writer in writers:
            writer.join()
    assert manifests[0].events < manifests[-1].events
    for n, manifest in enumerate(manifests):
        found = rehearse([tmp_path / f"{n}.backup"], tmp_path / "scratch")
        assert error_messages(found) == []
        assert faults_in_chain(office, ChainHead(manifest.links, manifest.head, "")) == []
    assert faults_in_chain(office, ChainHead(manifests[0].links, manifests[-1].head, "")) != []


def test_a_missing_kept_file_does_not_stop_the_backup_and_is_named(office: Office, tmp_path: Path) -> None:
    gone = next(office.files.kept())
    (office.files.root / gone[:2] / gone[2:4] / gone).unlink()
    manifest = make(office, tmp_path / "a.backup")
    assert manifest.missing == [gone]
    assert len(rehearse([tmp_path / "a.backup"], tmp_path / "scratch").findings) == 1


def test_the_offices_own_forms_and_templates_come_back_beside_those_in_use(
    office: Office, tmp_path: Path
) -> None:
    forms = tmp_path / "form_definitions"
    (forms / "lookups").mkdir(parents=True)
    (forms / "T99.json").write_text('{"id": "T99"}', encoding="utf-8")
    (forms / "lookups/settings.json").write_text("{}", encoding="utf-8")
    (forms / "~$T99.docx").write_bytes(b"lock")
    (forms / "secret.txt").write_text("no form")
    templates = tmp_path / "doc_templates"
    templates.mkdir()
    (templates / "T99.docx").write_bytes(b"PK template")
    # the largest template that may be used, with holes instead of bytes on the disk
    with (templates / "T98.docx").open("wb") as large:
        large.truncate(Limits().word_megabytes * 2**20)
    held = BackupSources(
        office.store, office.files, None, {"form_definitions": forms, "doc_templates": templates}
    )
    target = tmp_path / "a.backup"
    manifest = make_backup(held, target, now=NOW, scratch=tmp_path / "scratch")
    names = {"form_definitions/T99.json", "form_definitions/lookups/settings.json"}
    names |= {"doc_templates/T98.docx", "doc_templates/T99.docx"}
    assert set(manifest.own) == names
    place = tmp_path / "elsewhere"
    restore([target], place / "formsvc.sqlite", FolderFiles(place / "files"))
    there = {p.relative_to(place / "from-backup").as_posix() for p in (place / "from-backup").rglob("*.*")}
    assert there == names
    assert (place / "from-backup/doc_templates/T99.docx").read_bytes() == b"PK template"


@pytest.mark.parametrize(
    "name",
    [
        "../evil.json",
        "own/../../evil.json",
        "/etc/evil.json",
        "own/a:b.json",
        "own\\..\\evil.json",
        "evil.json",
    ],
)
def test_an_archive_whose_names_lead_elsewhere_is_refused(office: Office, tmp_path: Path, name: str) -> None:
    target, twisted = tmp_path / "a.backup", tmp_path / "b.backup"
    make(office, target)
    with ZipFile(target) as source, ZipFile(twisted, "w") as out:
        for entry in source.namelist():
            content = source.read(entry)
            if entry == "manifest.json":
                content = json.dumps({**json.loads(content), "own": {name: "0" * 64}}).encode()
            out.writestr(entry, content)
    with pytest.raises(FormsvcError, match="损坏"):
        restore([twisted], tmp_path / "new" / "formsvc.sqlite", FolderFiles(tmp_path / "new" / "files"))
    assert not list(tmp_path.rglob("evil.json"))


def test_an_archive_of_the_former_format_is_still_restored(office: Office, tmp_path: Path) -> None:
    target, former = tmp_path / "a.backup", tmp_path / "b.backup"
    make(office, target)
    with ZipFile(target) as source, ZipFile(former, "w") as out:
        for entry in source.namelist():
            content = source.read(entry)
            if entry == "manifest.json":
                told = json.loads(content)
                del told["own"]
                content = json.dumps({**told, "format": 1}).encode()
            out.writestr(entry, content)
    place = tmp_path / "new"
    assert restore([former], place / "formsvc.sqlite", FolderFiles(place / "files")).acts == 3
