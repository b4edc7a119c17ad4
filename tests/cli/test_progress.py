"""A long command tells how far it has come, on standard error only."""

from __future__ import annotations

import io
import sys
import time

import pytest

from formsvc.cli import progress
from formsvc.usecases.maintenance.progress import Stage


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_a_terminal_shows_one_line_that_goes_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress, "ON_TERMINAL", 0.0)
    with progress.progress_line() as line:
        line(Stage.VERIFY)
        line(Stage.CHECK, 1200, 10_015)
    shown = screen.getvalue()
    assert "正在核对数据文件和历史链" in shown and "正在核对文件  1,200 / 10,015" in shown
    assert "\n" not in shown and shown.endswith("\r\x1b[K")


def test_a_log_gets_whole_lines_and_a_short_command_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress.progress_line() as line:
        line(Stage.RESTORE, 5, 10)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(progress, "IN_LOG", 0.0)
    with progress.progress_line() as line:
        line(Stage.RESTORE, 5, 10)
        line(Stage.RESTORE, 10, 10)
    assert capsys.readouterr().err == "正在恢复文件  5 / 10\n正在恢复文件  10 / 10\n"


def test_a_conversion_shows_how_long_it_has_been_running(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress.waiting_line(120) as elapsed:
        assert 0 <= elapsed() < 5
    assert capsys.readouterr().err == "", "a short one shows nothing"
    monkeypatch.setattr(progress, "WAITING_IN_LOG", 0.01)
    with progress.waiting_line(120):
        time.sleep(0.2)
    shown = capsys.readouterr().err.splitlines()
    assert shown and set(shown) == {"正在排版，已用 0 秒，最多 120 秒……"}
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress, "WAITING_ON_TERMINAL", 0.01)
    with progress.waiting_line(120):
        time.sleep(0.2)
    assert "已用 0 秒" in screen.getvalue() and screen.getvalue().endswith("\r\x1b[K")
