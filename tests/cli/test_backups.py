"""`formsvc backup` and `formsvc restore` as an operator meets them."""

from __future__ import annotations

import os
from pathlib import Path
from subprocess import CompletedProcess
from zipfile import ZipFile

import pytest

from formsvc.bootstrap import build_ports
from formsvc.demo.office import sample_actor
from formsvc.usecases import operator
from formsvc.usecases.acts.issued_files import issued_document
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance import backups
from tests.support.live_server import run_script
from tests.support.sample_office import CASES, environment, formsvc, furnished, settings_in


def at(instance: Path, *words: str, **more: str) -> CompletedProcess[str]:
    """A command on an instance anywhere."""
    env = {**environment(instance.parent), "FORMSVC_INSTANCE": str(instance), **more}
    return run_script(["-m", "formsvc", *words], **env)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ports]:
    """A sample office with one issued notice."""
    folder = tmp_path_factory.mktemp("office")
    ports = furnished(folder)
    _issue(ports)
    return folder, ports


def _issue(ports: Ports) -> str:
    case = CASES["EX03"]
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    return operator.issue_at_once(ports, staff, approver, case["act"], case["fields"]).id


def test_an_office_comes_back_elsewhere_with_its_documents(
    office: tuple[Path, Ports], tmp_path: Path
) -> None:
    folder, ports = office
    (folder / "demo/formsvc.toml").write_text("four_eyes = true\n", encoding="utf-8")
    done = formsvc(folder, "backup", "-o", str(tmp_path / "a.backup"))
    assert done.returncode == 0, done.stderr
    assert "1 件文书" in done.stdout and "试恢复通过" in done.stdout
    act = _issue(ports)
    done = formsvc(folder, "backup", "-o", str(tmp_path / "b.backup"), "--since", str(tmp_path / "a.backup"))
    assert done.returncode == 0, done.stderr
    with ZipFile(tmp_path / "b.backup") as archive:
        assert len([name for name in archive.namelist() if name.startswith("files/")]) == 2
    back = at(tmp_path / "new", "restore", str(tmp_path / "b.backup"))
    assert back.returncode == 0, back.stderr
    assert "2 件文书" in back.stdout
    assert (tmp_path / "new/formsvc.toml").read_text(encoding="utf-8") == "four_eyes = true\n"
    there = build_ports(_settings(tmp_path / "new", folder))
    for kind in ("docx", "pdf"):
        before = issued_document(ports, sample_actor(ports, "approver"), act, kind)
        assert issued_document(there, sample_actor(there, "approver"), act, kind)[0] == before[0]
    proven = backups.get_status(ports).proven
    assert (proven["name"], proven["acts"]) == ("b.backup", 2)


def test_a_place_that_is_not_there_gets_no_backup(office: tuple[Path, Ports], tmp_path: Path) -> None:
    folder, _ports = office
    stick = tmp_path / "usb"
    refused = formsvc(folder, "backup", "-o", str(stick / "2026.backup"))
    assert refused.returncode == 1 and "已备份" not in refused.stdout
    assert f"文件夹“{stick}”不存在，没有备份。" in refused.stderr and "接好" in refused.stderr
    assert not stick.exists()
    if os.name == "posix":
        os.mkfifo(tmp_path / "pipe")
        refused = formsvc(folder, "backup", "-o", str(tmp_path / "pipe"))
        assert refused.returncode == 1 and "不是普通文件" in refused.stderr
        assert (tmp_path / "pipe").is_fifo()


def _settings(instance: Path, folder: Path):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(settings_in(folder), instance=instance, files=instance / "files")


def test_an_incremental_backup_without_the_one_before_is_refused(
    office: tuple[Path, Ports], tmp_path: Path
) -> None:
    folder, _ports = office
    for words in (("a.backup",), ("b.backup", "--since", str(tmp_path / "a.backup"))):
        done = formsvc(folder, "backup", "-o", str(tmp_path / words[0]), *words[1:], "--no-trial")
        assert done.returncode == 0, done.stderr
    (tmp_path / "a.backup").unlink()
    back = at(tmp_path / "new", "restore", str(tmp_path / "b.backup"))
    assert back.returncode == 1 and "接不上" in back.stderr
    assert not (tmp_path / "new/formsvc.sqlite").exists()


def test_an_instance_in_use_is_not_restored_into(office: tuple[Path, Ports], tmp_path: Path) -> None:
    folder, ports = office
    assert formsvc(folder, "backup", "-o", str(tmp_path / "a.backup"), "--no-trial").returncode == 0
    before = ports.store.health()["acts"]
    refused = formsvc(folder, "restore", str(tmp_path / "a.backup"))
    assert refused.returncode == 1 and "已有数据" in refused.stderr
    assert ports.store.health()["acts"] == before


def test_a_sealed_backup_wants_its_passphrase(office: tuple[Path, Ports], tmp_path: Path) -> None:
    folder, _ports = office
    (tmp_path / "right").write_text("绥北 2026 备份\n", encoding="utf-8")
    (tmp_path / "wrong").write_text("another\n", encoding="utf-8")
    archive = tmp_path / "a.backup"
    done = formsvc(folder, "backup", "-o", str(archive), "--passphrase-file", str(tmp_path / "right"))
    assert done.returncode == 0, done.stderr
    assert b"formsvc.sqlite" not in archive.read_bytes()
    wrong = at(tmp_path / "new", "restore", str(archive), "--passphrase-file", str(tmp_path / "wrong"))
    assert wrong.returncode == 1 and "口令不对" in wrong.stderr
    back = at(tmp_path / "new", "restore", str(archive), "--passphrase-file", str(tmp_path / "right"))
    assert back.returncode == 0, back.stderr


HOSTILE_SETTINGS = """\
four_eyes = false
secret_key = "known to a stranger"
renderers = 1
public_url = "https://elsewhere"
"""


def test_settings_a_backup_brings_are_shown_and_taken_only_when_asked_for(
    office: tuple[Path, Ports], tmp_path: Path
) -> None:
    folder, _ports = office
    (folder / "demo/formsvc.toml").write_text(HOSTILE_SETTINGS, encoding="utf-8")
    done = formsvc(folder, "backup", "-o", str(tmp_path / "a.backup"), "--no-trial")
    (folder / "demo/formsvc.toml").unlink()
    assert done.returncode == 0, done.stderr
    shown = at(tmp_path / "new", "restore", str(tmp_path / "a.backup"), "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert "四" not in shown.stdout and "3 项与现在的不同" in shown.stdout
    assert "four_eyes：现在 True，备份里 False" in shown.stdout
    assert "public_url：现在 ，备份里 https://elsewhere" in shown.stdout
    assert "secret_key" in shown.stdout and "known to" not in shown.stdout and "renderers" not in shown.stdout
    assert not (tmp_path / "new/formsvc.sqlite").exists() and not (tmp_path / "new/formsvc.toml").exists()
    back = at(tmp_path / "new", "restore", str(tmp_path / "a.backup"))
    assert back.returncode == 0, back.stderr
    # what it brings stands before the restore, what became of it after
    before, done_line, after = back.stdout.partition("已恢复到")
    assert done_line and "four_eyes：现在 True，备份里 False" in before and "没有采用" in after
    assert not (tmp_path / "new/formsvc.toml").exists()
    assert (tmp_path / "new/from-backup/formsvc.toml").read_text(encoding="utf-8") == HOSTILE_SETTINGS
    back = at(tmp_path / "other", "restore", str(tmp_path / "a.backup"), "--with-settings")
    before, _done_line, after = back.stdout.partition("已恢复到")
    assert back.returncode == 0 and "four_eyes" in before and "已经采用" in after
    assert (tmp_path / "other/formsvc.toml").read_text(encoding="utf-8") == HOSTILE_SETTINGS
    # an instance with settings of its own keeps them
    own = tmp_path / "third/formsvc.toml"
    own.parent.mkdir()
    own.write_text("renderers = 2\n", encoding="utf-8")
    back = at(tmp_path / "third", "restore", str(tmp_path / "a.backup"), "--with-settings")
    assert back.returncode == 0 and "没有采用" in back.stdout and "已经采用" not in back.stdout
    assert own.read_text(encoding="utf-8") == "renderers = 2\n"


@pytest.mark.skipif(os.name != "posix", reason="limits of file sizes are set the POSIX way")
def test_a_stick_that_takes_no_larger_file_keeps_the_former_backup(
    office: tuple[Path, Ports], tmp_path: Path
) -> None:
    folder, _ports = office
    archive = tmp_path / "a.backup"
    archive.write_bytes(b"the former one")
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "import os; os.environ['FORMSVC_INSTANCE'] = sys.argv.pop(1);"
        "from formsvc.storage.atomic_files import atomic_write;"
        "from pathlib import Path\n"
        "with atomic_write(Path(sys.argv[1])) as out: out.write(bytes(30_000)); out.flush()"
    )
    done = run_script(["-c", limited, str(folder / "demo"), str(archive)], **environment(folder))
    assert done.returncode == 1 and "FAT32" in done.stderr
    assert archive.read_bytes() == b"the former one"
    assert [place.name for place in tmp_path.iterdir()] == ["a.backup"]


@pytest.mark.parametrize("words", [(), ("--due", "-o", "x.backup")])
def test_a_call_without_a_file_says_how(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = formsvc(tmp_path, "backup", *words)
    assert done.returncode == 2 and "formsvc backup -o" in done.stderr


def test_a_file_that_fills_the_memory_is_refused_and_nothing_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    # some six bytes in the file become a hundred in memory
    file.write_text('{"acts": {"1": [' + "[{}]," * 2_000_000 + "[]]}}", encoding="ascii")
    done = at(tmp_path / "new", "import", "--tinydb", str(file), FORMSVC_RESTORE_MEGABYTES="100")
    assert done.returncode == 1
    assert "超过 100 MB，已停止，没有读入" in done.stderr
    assert "FORMSVC_RESTORE_MEGABYTES" in done.stderr
    assert "Traceback" not in done.stderr

    backup = tmp_path / "a.backup"
    with ZipFile(backup, "w") as archive:
        archive.writestr("manifest.json", '{"held": [' + "[{}]," * 2_000_000 + "[]]}")
    done = at(tmp_path / "new", "restore", str(backup), FORMSVC_RESTORE_MEGABYTES="100")
    assert done.returncode == 1
    assert "超过 100 MB，已停止，没有读入" in done.stderr and "Traceback" not in done.stderr
