"""Settings that cannot be accepted: a sentence that says what is, and status 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from formsvc.config import InvalidSetting, read_settings
from tests.support.sample_office import formsvc


@pytest.mark.parametrize("count", ["0", "33", "²", "many", "-1", "1.5"])
def test_a_count_that_is_none_is_refused(tmp_path: Path, count: str) -> None:
    with pytest.raises(InvalidSetting, match="1 到 32 的整数"):
        read_settings({"FORMSVC_INSTANCE": str(tmp_path), "FORMSVC_RENDERERS": count})


@pytest.mark.parametrize("name", ["DEFINITIONS", "TEMPLATES"])
def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidSetting, match=f"FORMSVC_{name} 应当是一个文件夹"):
        read_settings({"FORMSVC_INSTANCE": str(tmp_path), f"FORMSVC_{name}": str(tmp_path / "nowhere")})


def test_an_instance_or_files_that_are_a_file_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(InvalidSetting, match="FORMSVC_INSTANCE"):
        read_settings({"FORMSVC_INSTANCE": str(file)})
    with pytest.raises(InvalidSetting, match="FORMSVC_FILES"):
        read_settings({"FORMSVC_INSTANCE": str(tmp_path), "FORMSVC_FILES": str(file)})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"today = ", "TOML"),
        (b"nonsense = 1", "nonsense"),
        (b"four_eyes = 1.5", "true"),
    ],
)
def test_a_settings_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "formsvc.toml").write_bytes(content)
    with pytest.raises(InvalidSetting, match=said):
        read_settings({"FORMSVC_INSTANCE": str(tmp_path)})


def test_a_wrong_setting_is_status_two_and_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "demo").write_bytes(b"")
    done = formsvc(tmp_path, "doctor")
    assert done.returncode == 2
    assert "FORMSVC_INSTANCE" in done.stderr and "Traceback" not in done.stderr
