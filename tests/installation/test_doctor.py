"""What is examined, and what stops the service."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from formsvc import installation
from formsvc.installation import MachineCheck, check_machine, doctor

FONTS = Path(os.environ["FORMSVC_FONTS"])
TODAY = date(2026, 10, 1)


class Usage(NamedTuple):
    """What shutil tells of a disk."""

    total: int
    used: int
    free: int


def examined(instance: Path, fonts: Path = FONTS, today: date = TODAY) -> dict[str, MachineCheck]:
    return {finding.name: finding for finding in check_machine(instance, fonts, today)}


def test_a_machine_that_was_set_up_makes_right_documents(tmp_path: Path) -> None:
    findings = examined(tmp_path)

    assert not [f for f in findings.values() if f.fatal and not f.ok]
    assert all(f.sentence.endswith("。") for f in findings.values())
    assert list(findings) == [
        "字体包", "仿宋楷体", "自备字体", "字库裁剪", "排版库", "写入权限", "磁盘空间", "2026年日历", "2027年日历", "时钟", "时区",
    ]  # fmt: skip


def test_missing_fonts_stop_the_service(tmp_path: Path) -> None:
    finding = examined(tmp_path, fonts=tmp_path)["字体包"]

    assert not finding.ok
    assert finding.fatal
    assert "NotoSerifSC-Regular.otf" in finding.sentence


def test_without_fandol_the_stand_ins_are_named(tmp_path: Path) -> None:
    finding = examined(tmp_path, fonts=tmp_path)["仿宋楷体"]

    assert not finding.ok
    assert not finding.fatal
    assert "仿宋改用霞鹜文楷细体" in finding.sentence


def test_windows_does_with_its_own_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "windows_own_fonts", lambda: True)
    findings = examined(tmp_path, fonts=tmp_path)

    assert findings["字体包"].ok
    assert findings["仿宋楷体"].ok


def test_an_offices_own_fonts_are_named(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/FZXBSJW.TTF").touch()

    assert "FZXBSJW.TTF，优先使用" in examined(tmp_path, fonts=tmp_path)["自备字体"].sentence


def test_without_harfbuzz_or_pango_nothing_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "loads", lambda names: False)
    monkeypatch.setattr(doctor, "_imports", lambda name: False)
    findings = examined(tmp_path)

    assert [findings[name].fatal and not findings[name].ok for name in ("字库裁剪", "排版库")] == [True, True]


def test_the_python_package_stands_in_for_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "loads", lambda names: False)

    assert "uharfbuzz" in examined(tmp_path)["字库裁剪"].sentence


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("a file")
    finding = examined(tmp_path / "instance")["写入权限"]

    assert finding.fatal
    assert not finding.ok


@pytest.mark.parametrize(
    ("free", "ok", "fatal"), [(50 << 20, False, True), (1 << 30, False, False), (50 << 30, True, False)]
)
def test_little_disk_warns_and_none_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, ok: bool, fatal: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(free, 0, free))
    finding = examined(tmp_path / "not/yet/there")["磁盘空间"]

    assert (finding.ok, finding.fatal) == (ok, fatal)


@pytest.mark.parametrize(
    ("today", "this_year", "next_year"),
    [
        ("2026-10-01", (True, False), (True, False)),
        ("2026-12-01", (True, False), (False, False)),
        ("2030-01-05", (False, False), (True, False)),
    ],
)
def test_next_years_table_is_awaited_from_november_and_this_years_is_missed(
    tmp_path: Path, today: str, this_year: tuple[bool, bool], next_year: tuple[bool, bool]
) -> None:
    day = date.fromisoformat(today)
    findings = examined(tmp_path, today=day)
    now, later = findings[f"{day.year}年日历"], findings[f"{day.year + 1}年日历"]

    assert (now.ok, now.fatal) == this_year
    assert (later.ok, later.fatal) == next_year


def test_a_clock_that_stands_in_the_past_stops_the_service(tmp_path: Path) -> None:
    assert examined(tmp_path, today=date(2012, 1, 1))["时钟"].fatal


def test_set_up_ends_with_the_gravest_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(installation, "prepare_system", lambda fonts, *, tests: 0)
    monkeypatch.setattr(installation.font_pack, "build_pack", lambda fonts, say: None)

    assert installation.setup(tmp_path, FONTS, tests=False) == 0
    assert installation.setup(tmp_path, tmp_path, tests=False) == 1
    assert "错误：字体包：" in capsys.readouterr().err


def test_set_up_stops_where_the_system_lacks_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "prepare_system", lambda fonts, *, tests: 2)

    assert installation.setup(tmp_path, FONTS, tests=False) == 2
