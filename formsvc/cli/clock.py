"""Commands about the computer's clock."""

from __future__ import annotations

import getpass
import sys

import click

from formsvc.cli.runtime import INPUT_AT_FAULT, echo, handle_errors, open_ports
from formsvc.config import read_settings
from formsvc.i18n.messages import join_messages, msg
from formsvc.usecases.context import CONSOLE, Actor

_REASON = click.option("--reason", required=True, help=msg("理由，写入系统日志"))


@click.group("clock", help=msg("时钟：与保存的时间核对，走错以后恢复编号。"))
def clock() -> None:
    pass


@clock.command("show", help=msg("核对时钟；不对时退出码为 1。"))
@handle_errors
def show() -> None:
    from formsvc.usecases.maintenance import clock_check

    ports = open_ports(read_settings(), or_demo=True)
    state, late = clock_check.clock_state(ports), clock_check.late_series(ports)
    if state.is_right:
        echo(msg("时钟 {now}，没有发现问题。", now=f"{state.now:%Y-%m-%d %H:%M}"))
    else:
        echo(join_messages(state.sentence, clock_check.REMEDY))
    for series in late:
        echo(
            msg(
                "{id} {year}年（{name}）：最后的日期 {last} 晚于今天，更正为 {corrected}：formsvc clock correct {id} {year}",
                id=series.id,
                year=series.year,
                name=series.name,
                last=series.last_dated,
                corrected=series.corrected or "-",
            )
        )
    sys.exit(INPUT_AT_FAULT if late or not state.is_right else 0)


@clock.command("accept", help=msg("确认现在的时钟没有错，恢复编号。"))
@_REASON
@handle_errors
def accept(reason: str) -> None:
    from formsvc.usecases.maintenance import clock_check

    clock_check.accept_clock(open_ports(read_settings(), or_demo=True), _console(), reason=reason)
    echo(msg("已确认时钟，写入系统日志。"))


@clock.command("correct", help=msg("把一个文号系列晚于今天的最后日期更正为已经到了的最近日期。"))
@click.argument("series")
@click.argument("year", type=click.IntRange(1949, 2999))
@_REASON
@handle_errors
def correct(series: str, year: int, reason: str) -> None:
    from formsvc.usecases.maintenance import clock_check

    ports = open_ports(read_settings(), or_demo=True)
    late = clock_check.correct_last_date(ports, _console(), series, year, reason=reason)
    echo(
        msg(
            "“{name}”{year}年的最后日期已由 {before} 更正为 {after}，写入系统日志。",
            name=late.name,
            year=late.year,
            before=late.last_dated,
            after=late.corrected or "-",
        )
    )


def _console() -> Actor:
    return Actor(CONSOLE, via="console", origin=f"控制台用户 {getpass.getuser()}")
