"""Files that DATA.json names by paths beside it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from formsvc.cli.form_files import with_named_files, without_keeping
from formsvc.storage.file_store import FolderFiles
from tests.support.memory_office import Office, make_office
from tests.support.photographs import photograph
from tests.web.forms.test_builder import definition

FIELDS = definition().fields


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path / "office")


def test_photographs_beside_the_data_are_read_and_a_missing_one_stays_a_name(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "照片").mkdir()
    (tmp_path / "照片" / "1.jpg").write_bytes(photograph("1", orientation=6, size=(640, 480)))
    (tmp_path / "secret.jpg").write_bytes(photograph("2", size=(64, 48)))
    assert isinstance(office.ports.files, FolderFiles)
    before, ports = list(office.ports.files.kept()), without_keeping(office.ports)
    given = {
        "name": "甲",
        "scene": [{"name": "照片/1.jpg", "caption": "通道"}, "没有.jpg"],
        "photos": ["../secret.jpg"],
    }
    answers = with_named_files(ports, FIELDS, given, tmp_path / "照片" / "..")
    first, second = answers["scene"]
    assert (first["name"], first["caption"], first["taken"]) == ("1.jpg", "通道", "2026-11-20T09:30")
    assert Image.open(io.BytesIO(ports.files.read(first["sha256"]))).size == (640, 480)
    assert second == {"name": "没有.jpg"} and answers["photos"] == [{"name": "secret.jpg"}]
    assert list(office.ports.files.kept()) == before, "a draft keeps nothing"
    assert "没有找到文件“没有.jpg”" in capsys.readouterr().err


def test_a_refused_file_ends_the_command_with_the_reason(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(60))
    with pytest.raises(SystemExit):
        with_named_files(office.ports, FIELDS, {"scene": ["a.jpg"]}, tmp_path)
    assert "［scene］“a.jpg”没有收下：" in capsys.readouterr().err
