"""Settings: what is read, and what a wrong value says."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from formsvc.config import InvalidSetting, Settings, read_settings
from formsvc.limits import limit_ranges
from formsvc.secret_key import secret_key
from tests.support.paths import ROOT


def test_the_environment_outranks_the_file(tmp_path: Path) -> None:
    (tmp_path / "formsvc.toml").write_text('today = "2026-01-05"\nfour_eyes = "false"\n', encoding="utf-8")
    found = read_settings({"FORMSVC_TODAY": "2026-11-23"}, instance=tmp_path)
    assert str(found.today) == "2026-11-23"
    assert found.four_eyes is False


def test_the_file_may_be_written_with_notepad(tmp_path: Path) -> None:
    (tmp_path / "formsvc.toml").write_bytes(b'\xef\xbb\xbftoday = "2026-01-05"\r\nfour_eyes = "false"\r\n')
    found = read_settings({}, instance=tmp_path)
    assert (str(found.today), found.four_eyes) == ("2026-01-05", False)


def test_workers_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    for n in range(40):
        settings = read_settings({}, instance=tmp_path / str(n))
        start = Barrier(8)

        def come(settings: Settings = settings, start: Barrier = start) -> str:
            start.wait()
            return secret_key(settings)

        with ThreadPoolExecutor(8) as workers:
            keys = {one.result() for one in [workers.submit(come) for _ in range(8)]}
        assert len(keys) == 1 and len(keys.pop()) == 64
        assert [file.name for file in settings.instance.iterdir()] == ["secret_key"]


def test_a_key_that_was_never_written_is_made(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()  # a program was killed between making the file and writing it
    settings = read_settings({}, instance=tmp_path)
    assert len(secret_key(settings)) == 64
    assert secret_key(settings) == secret_key(settings)


def test_the_key_comes_from_the_credentials_of_systemd(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    environ, instance = {"CREDENTIALS_DIRECTORY": str(folder)}, tmp_path / "instance"
    file = folder / "formsvc.secret_key"
    # a unit with other credentials, or none yet
    assert read_settings(environ, instance=instance).secret_key == ""
    file.write_text("a1" * 32 + "\n", encoding="ascii")
    settings = read_settings(environ, instance=instance)
    assert secret_key(settings) == "a1" * 32
    assert not instance.exists(), "no copy of it lies in the folder of the data"
    assert "a1a1" not in repr(settings)
    assert read_settings({**environ, "FORMSVC_SECRET_KEY": "own"}, instance=instance).secret_key == "own"
    assert read_settings({}, instance=instance).secret_key == "", "a command without the credentials"
    for wrong in (b"", b"short", "密".encode() * 40):
        file.write_bytes(wrong)
        with pytest.raises(InvalidSetting, match=r"formsvc\.secret_key"):
            read_settings(environ, instance=instance)


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("FORMSVC_TODAY", "23/11/2026", "2026-11-23"),
        ("FORMSVC_RENDERERS", "many", "1 到 32"),
        ("FORMSVC_ACCESSIBLE_PDF", "maybe", "true 或 false"),
        ("FORMSVC_FOUR_EYES", "perhaps", "true"),
        ("FORMSVC_PUBLIC_URL", "ftp://x", "http"),
        ("FORMSVC_DATABASE", "postgresql://x", "TinyDB"),
        ("FORMSVC_FILES", "s3://x", "文件夹"),
    ],
)
def test_a_wrong_value_says_what_is_accepted(tmp_path: Path, name: str, value: str, word: str) -> None:
    with pytest.raises(InvalidSetting, match=word):
        read_settings({name: value}, instance=tmp_path)


def test_an_unknown_setting_in_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "formsvc.toml").write_text('databse = "x"\n', encoding="utf-8")
    with pytest.raises(InvalidSetting, match="databse"):
        read_settings({}, instance=tmp_path)


def test_an_instance_with_fonts_of_its_own_uses_them(tmp_path: Path) -> None:
    (tmp_path / "fonts" / "pack").mkdir(parents=True)
    (tmp_path / "fonts" / "pack" / "manifest.json").write_text("{}", encoding="utf-8")
    assert read_settings({}, instance=tmp_path).fonts == tmp_path / "fonts"
    assert read_settings({}, instance=tmp_path / "demo").fonts == tmp_path / "fonts"


def test_a_key_that_is_just_being_named_is_read_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = secret_key(read_settings({}, instance=tmp_path))
    read, left = Path.read_text, [PermissionError(13, "being named")] * 2

    def refused_at_first(place: Path, **more: str) -> str:
        if left and place.name == "secret_key":
            raise left.pop()
        return read(place, **more)

    monkeypatch.setattr("formsvc.secret_key._RENAME_BLOCKS_READERS", True)
    monkeypatch.setattr(Path, "read_text", refused_at_first)
    assert secret_key(read_settings({}, instance=tmp_path)) == key
    assert not left


def test_the_secret_key_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    settings = read_settings({}, instance=tmp_path)
    key = secret_key(settings)
    assert len(key) == 64
    assert secret_key(settings) == key
    if os.name == "posix":  # elsewhere the rights of the folder count
        assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_every_limit_can_be_set_and_is_in_the_handbook(tmp_path: Path) -> None:
    handbook = (ROOT / "docs/handbook-operations.md").read_text(encoding="utf-8")
    for name, (usual, highest, least) in limit_ranges().items():
        setting = f"FORMSVC_{name.upper()}"
        assert f"`{setting}`" in handbook
        assert getattr(read_settings({}, instance=tmp_path).limits, name) == usual <= highest
        assert getattr(read_settings({setting: str(least)}, instance=tmp_path).limits, name) == least
        with pytest.raises(InvalidSetting, match=f"{setting} 应当是 {least} 到 {highest} 的整数"):
            read_settings({setting: str(highest + 1)}, instance=tmp_path)
