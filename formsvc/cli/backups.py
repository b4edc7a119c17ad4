"""Commands that back up an instance."""

from __future__ import annotations

import contextlib
import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from formsvc.cli.progress import recorded_progress
from formsvc.cli.runtime import (
    CALL_AT_FAULT,
    echo,
    fail,
    handle_errors,
    open_ports,
    read_passphrase,
    translate_for_console,
)
from formsvc.config import Settings, read_settings
from formsvc.i18n.messages import msg

if TYPE_CHECKING:
    from formsvc.usecases.context import Ports
    from formsvc.usecases.maintenance.backups import ArchiveFolder, BackupArchive
    from formsvc.usecases.maintenance.integrity import IntegrityReport

PASSPHRASE_FILE = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=msg("口令在这个文件的第一行"),
)


@click.group(
    invoke_without_command=True, help=msg("把全部数据备份到一个文件，不必停止服务；随即试恢复并核对。")
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help=msg("备份文件"))
@click.option(
    "--since",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=msg("增量备份：只存这份备份里没有的文件；两份放在同一个文件夹"),
)
@click.option("--encrypt", is_flag=True, help=msg("加密，从键盘输入口令"))
@PASSPHRASE_FILE
@click.option("--no-trial", is_flag=True, help=msg("不试恢复"))
@click.option("--due", is_flag=True, help=msg("按设置自动备份：到时间才做，做完清理旧备份（供计划任务使用）"))
@click.pass_context
@handle_errors
def backup(
    context: click.Context,
    output: Path | None,
    since: Path | None,
    encrypt: bool,
    passphrase_file: Path | None,
    no_trial: bool,
    due: bool,
) -> None:
    if context.invoked_subcommand:
        return
    if due == (output is not None):
        fail(msg("请写明备份文件，例如 formsvc backup -o 2026-11-23.backup。"), CALL_AT_FAULT)
    settings = read_settings()
    if output is None:
        _run_scheduled(settings)
        return
    if since and since.absolute().parent != output.absolute().parent:
        fail(msg("增量备份要和它所依据的备份放在同一个文件夹。"), CALL_AT_FAULT)
    passphrase = read_passphrase(passphrase_file) or (ask_passphrase(confirm=True) if encrypt else "")
    _back_up(settings, output, since, passphrase, trial=not no_trial)


def _back_up(settings: Settings, output: Path, since: Path | None, passphrase: str, *, trial: bool) -> None:
    from formsvc.maintenance import build_archives

    ports = open_ports(settings, or_demo=True)
    with recorded_progress(ports) as progress:
        archives = build_archives(settings, ports, output.absolute().parent, passphrase, progress)
        _create_backup(ports, archives, output, since, trial=trial)


def _create_backup(
    ports: Ports, archives: ArchiveFolder, output: Path, since: Path | None, *, trial: bool
) -> None:
    from formsvc.usecases.maintenance import backups

    by = msg("控制台用户 {name}", name=getpass.getuser())
    archive = backups.create_backup(ports, archives, output.name, since=since.name if since else "", by=by)
    _print_backup(archive)
    if trial:
        _print_trial(backups.rehearse_restore(ports, archives, archive, by=by))


def _print_backup(archive: BackupArchive) -> None:
    echo(
        msg(
            "已备份到 {name}：{acts} 件文书，{size} MB。",
            name=archive.name,
            acts=archive.acts,
            size=f"{archive.bytes / 1e6:.1f}",
        )
    )
    if archive.missing:
        echo(msg("注意：有 {n} 个文件已缺失或损坏，没有存入备份。", n=archive.missing), err=True)


def _print_trial(result: IntegrityReport) -> None:
    from formsvc.usecases.maintenance.integrity import error_messages

    faults = error_messages(result)
    for fault in faults:
        echo(fault, err=True)
    if faults:
        fail(msg("试恢复发现 {n} 处不符，这份备份不可靠。", n=len(faults)))
    echo(
        msg(
            "试恢复通过：{acts} 件文书、{files} 个文件、{events} 条历史，摘要 {head}。",
            acts=result.acts,
            files=result.files,
            events=result.events,
            head=result.head.hash[:16],
        )
    )


def _run_scheduled(settings: Settings) -> None:
    from formsvc.maintenance import build_archives, remove_left_over
    from formsvc.usecases.maintenance import backups

    # a backup must not slow down the requests of the running service; Windows has no nice
    if hasattr(os, "nice"):
        os.nice(10)
    ports = open_ports(settings)
    passphrase = read_passphrase(settings.backup_passphrase_file)
    with recorded_progress(ports) as progress:
        archives = build_archives(settings, ports, settings.backups, passphrase, progress)
        archive = backups.run_scheduled(ports, archives)
    if archive is None:
        echo(msg("还没有到备份的时间，或者正在备份。"))
        return
    _print_backup(archive)
    remove_left_over(settings)
    failure = backups.get_status(ports).failure
    if failure:
        fail(failure)


def ask_passphrase(*, confirm: bool = False) -> str:
    """Return the passphrase typed at the keyboard."""
    if not sys.stdin.isatty():
        with contextlib.suppress(EOFError):
            return input()
        fail(msg("请给出做备份时的口令。"), CALL_AT_FAULT)
    again = translate_for_console(msg("再输入一次")) if confirm else False
    return str(click.prompt(translate_for_console(msg("口令")), hide_input=True, confirmation_prompt=again))
