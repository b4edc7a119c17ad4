"""Progress of backups and restores on standard error."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from formsvc.cli.runtime import echo, translate_for_console
from formsvc.i18n.messages import msg

if TYPE_CHECKING:
    from formsvc.usecases.context import Ports
    from formsvc.usecases.maintenance.progress import Progress, Stage

# seconds between two lines; a terminal has one line, written again and again
ON_TERMINAL, IN_LOG = 0.2, 30.0
# the same for a conversion, which seldom takes that long
WAITING_ON_TERMINAL, WAITING_IN_LOG = 2.0, 10.0
STAGES = {
    "copy": msg("正在复制数据文件"),
    "save": msg("正在存入文件"),
    "restore": msg("正在恢复文件"),
    "verify": msg("正在核对数据文件和历史链"),
    "check": msg("正在核对文件"),
}


class ProgressLine:
    """One line with the stage of a command and its count of files."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._written = 0.0 if self._is_terminal else time.monotonic()
        self._is_open = False

    def __call__(self, stage: Stage, done: int = 0, total: int = 0) -> None:
        between = ON_TERMINAL if self._is_terminal else IN_LOG
        if time.monotonic() - self._written < between and not (self._is_terminal and not total):
            return
        self._written = time.monotonic()
        text = translate_for_console(STAGES[stage.value])
        if total:
            text += f"  {done:,} / {total:,}"
        if self._is_terminal:
            # "erase to the end of the line": the line before may have been longer
            click.echo(f"\r{text}\x1b[K", err=True, nl=False)
            self._is_open = True
        else:
            echo(text, err=True)

    def close(self) -> None:
        """Take the line off the terminal."""
        if self._is_open:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._is_open = False


class CountLine:
    """One line with how many of a known number are done."""

    def __init__(self, text: str) -> None:
        self._text = translate_for_console(text)
        self._is_terminal = sys.stderr.isatty()
        self._written = 0.0 if self._is_terminal else time.monotonic()

    def __enter__(self) -> CountLine:
        return self

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._written < (ON_TERMINAL if self._is_terminal else IN_LOG):
            return
        self._written = time.monotonic()
        line = f"{self._text}  {done:,} / {total:,}"
        click.echo(f"\r{line}\x1b[K" if self._is_terminal else line, err=True, nl=not self._is_terminal)

    def __exit__(self, *_error: object) -> None:
        if self._is_terminal:
            click.echo("\r\x1b[K", err=True, nl=False)


@contextmanager
def progress_line() -> Iterator[Progress]:
    """Show progress on standard error."""
    line = ProgressLine()
    try:
        yield line
    finally:
        line.close()


@contextmanager
def waiting_line(most: int) -> Iterator[Callable[[], float]]:
    """Show on standard error how long a conversion has been running.

    Yield the seconds since it began; ``most`` are allowed.
    """
    is_terminal, ended, began = sys.stderr.isatty(), threading.Event(), time.monotonic()

    def show() -> None:
        while not ended.wait(WAITING_ON_TERMINAL if is_terminal else WAITING_IN_LOG):
            text = msg("正在排版，已用 {n} 秒，最多 {most} 秒……", n=int(time.monotonic() - began), most=most)
            if is_terminal:
                click.echo(f"\r{translate_for_console(text)}\x1b[K", err=True, nl=False)
            else:
                echo(text, err=True)

    shown = threading.Thread(target=show, name="waiting line", daemon=True)
    shown.start()
    try:
        yield lambda: time.monotonic() - began
    finally:
        ended.set()
        shown.join()
        if is_terminal:
            click.echo("\r\x1b[K", err=True, nl=False)


@contextmanager
def recorded_progress(ports: Ports) -> Iterator[Progress]:
    """Show progress on standard error and on the page about backups."""
    from formsvc.usecases.maintenance.progress import ProgressRecord

    record = ProgressRecord(ports)
    with progress_line() as line:

        def report(stage: Stage, done: int = 0, total: int = 0) -> None:
            record(stage, done, total)
            line(stage, done, total)

        try:
            yield report
        finally:
            record.clear()
