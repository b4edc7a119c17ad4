"""What the system must have, who installs it, and what is said where nobody may."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from formsvc.installation import system_packages
from formsvc.installation.system_packages import Requirement
from tests.support.paths import ROOT


@dataclass
class Machine:
    """A machine that lacks some things until apt has installed them."""

    lacking: list[Requirement]
    apt_works: bool = True
    apt: list[tuple[str, ...]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    complained: list[str] = field(default_factory=list)

    def runs_apt(self, *words: str) -> bool:
        self.apt.append(words)
        if words[0] == "install" and self.apt_works:
            self.lacking = []
        return self.apt_works

    def ensure(self) -> int:
        return system_packages.install_missing(
            Path("fonts"), tests=False, report=self.said.append, report_error=self.complained.append
        )


def lacks(debian: str, *, essential: bool = True) -> Requirement:
    return Requirement(
        debian.title(), lambda: False, debian, f"{debian}-rpm", f"{debian}-brew", f"{debian}-msys", essential
    )


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine([lacks("pango"), lacks("subset", essential=False)])
    monkeypatch.setattr(system_packages, "_missing", lambda fonts, *, tests: made.lacking)
    monkeypatch.setattr(system_packages, "_apt", made.runs_apt)
    monkeypatch.setattr(system_packages, "_system", lambda: "debian")
    monkeypatch.setattr(system_packages, "is_root", lambda: True)
    return made


def test_root_on_debian_is_shown_the_list_and_gets_what_is_missing(machine: Machine) -> None:
    assert machine.ensure() == 0
    assert "pango subset" in machine.said[0]
    assert machine.apt == [("update",), ("install", "-y", "--no-install-recommends", "pango", "subset")]


def test_nothing_is_installed_where_nothing_is_missing(machine: Machine) -> None:
    machine.lacking = []

    assert machine.ensure() == 0
    assert machine.apt == []


@pytest.mark.parametrize(
    ("system", "root"), [("debian", False), ("fedora", True), ("darwin", False), ("win32", False)]
)
def test_everybody_else_is_told_the_packages_of_each_system_and_stopped(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, system: str, root: bool
) -> None:
    monkeypatch.setattr(system_packages, "_system", lambda: system)
    monkeypatch.setattr(system_packages, "is_root", lambda: root)

    assert machine.ensure() == 2
    assert machine.apt == []
    for name in (
        "sudo apt-get install pango subset",
        "sudo dnf install pango-rpm",
        "brew install pango-brew",
        "pango-msys",
    ):
        assert name in machine.complained[0]


def test_what_only_saves_time_stops_nobody(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages, "is_root", lambda: False)
    machine.lacking = [lacks("subset", essential=False)]

    assert machine.ensure() == 0
    assert "建议再安装 subset" in machine.said[0]


def test_without_network_the_packages_are_named(machine: Machine) -> None:
    machine.apt_works = False

    assert machine.ensure() == 2
    assert any("软件源连不上" in line for line in machine.complained)
    assert "sudo apt-get install pango" in machine.complained[-1]


def test_the_browser_is_needed_for_the_tests_alone(tmp_path: Path) -> None:
    wanted = [r.what for r in system_packages.requirements(tmp_path, tests=False)]
    wanted_for_tests = [r.what for r in system_packages.requirements(tmp_path, tests=True)]

    assert wanted_for_tests == [
        *wanted,
        "Chromium 浏览器（测试用）",
        "libatomic（测试用）",
        "poppler（测试用）",
    ]


def test_fonts_are_not_asked_for_once_the_pack_is_made() -> None:
    pack = Path(os.environ["FORMSVC_FONTS"], "pack")

    assert all(r.is_present() for r in system_packages.requirements(pack, tests=False) if "fonts" in r.debian)


def test_a_library_that_is_nowhere_does_not_load() -> None:
    assert not system_packages.loads(["libno-such-library.so.9"])


def test_preparing_needs_nothing_but_python() -> None:
    bare = [sys.executable, "-S", "-c", "import formsvc.installation.__main__"]
    done = subprocess.run(
        bare, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", [[], ["fonts"], ["setup", "--all"]])
def test_a_wrong_call_is_answered_with_the_usage(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    from formsvc.installation.__main__ import main

    assert main(words) == 2
    assert "用法" in capsys.readouterr().err
