"""The commands that save an instance and bring it back."""

from __future__ import annotations

import contextlib
import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from formsvc.cli.runtime import (
    CALL_AT_FAULT,
    INPUT_AT_FAULT,
    echo,
    fail,
    open_ports,
    passphrase_of,
    said,
    says_what_is_wrong,
)
from formsvc.config import Settings, read_settings
from formsvc.i18n.messages import join_messages, msg

if TYPE_CHECKING:
    from formsvc.usecases.maintenance.backups import MadeBackup
    from formsvc.usecases.maintenance.integrity import Examination

_PASSPHRASE_FILE = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=msg("口令在这个文件的第一行"),
)


@click.command(help=msg("把全部数据备份到一个文件，不必停止服务；随即试恢复并核对。"))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help=msg("备份文件"))
@click.option(
    "--since",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=msg("增量备份：只存这份备份里没有的文件；两份放在同一个文件夹"),
)
@click.option("--encrypt", is_flag=True, help=msg("加密，从键盘输入口令"))
@_PASSPHRASE_FILE
@click.option("--no-trial", is_flag=True, help=msg("不试恢复"))
@click.option("--due", is_flag=True, help=msg("按设置自动备份：到时间才做，做完清理旧备份（供计划任务使用）"))
@says_what_is_wrong
def backup(
    output: Path | None,
    since: Path | None,
    encrypt: bool,
    passphrase_file: Path | None,
    no_trial: bool,
    due: bool,
) -> None:
    """Save everything into one file."""
    if due == (output is not None):
        fail(msg("请写明备份文件，例如 formsvc backup -o 2026-11-23.backup。"), CALL_AT_FAULT)
    settings = read_settings()
    if output is None:
        _keep_up(settings)
        return
    if since and since.absolute().parent != output.absolute().parent:
        fail(msg("增量备份要和它所依据的备份放在同一个文件夹。"), CALL_AT_FAULT)
    passphrase = passphrase_of(passphrase_file) or (_ask(twice=True) if encrypt else "")
    _make(settings, output, since, passphrase, trial=not no_trial)


def _make(settings: Settings, output: Path, since: Path | None, passphrase: str, *, trial: bool) -> None:
    from formsvc.app import build_archives
    from formsvc.usecases.maintenance import backups

    ports = open_ports(settings, or_demo=True)
    archives = build_archives(settings, ports, output.absolute().parent, passphrase)
    by = msg("控制台用户 {name}", name=getpass.getuser())
    made = backups.make_one(ports, archives, output.name, since=since.name if since else "", by=by)
    _tell_made(made)
    if trial:
        _tell_trial(backups.prove(ports, archives, made, by=by))


def _tell_made(made: MadeBackup) -> None:
    echo(
        msg(
            "已备份到 {name}：{acts} 件文书，{size} MB。",
            name=made.name,
            acts=made.acts,
            size=f"{made.bytes / 1e6:.1f}",
        )
    )
    if made.missing:
        echo(msg("注意：有 {n} 个文件已缺失或损坏，没有存入备份。", n=made.missing), err=True)


def _tell_trial(found: Examination) -> None:
    from formsvc.usecases.maintenance.integrity import faults_of

    faults = faults_of(found)
    for fault in faults:
        echo(fault, err=True)
    if faults:
        fail(msg("试恢复发现 {n} 处不符，这份备份不可靠。", n=len(faults)))
    echo(
        msg(
            "试恢复通过：{acts} 件文书、{files} 个文件、{events} 条历史，摘要 {head}。",
            acts=found.acts,
            files=found.files,
            events=found.events,
            head=found.head.hash[:16],
        )
    )


def _keep_up(settings: Settings) -> None:
    from formsvc.app import build_archives
    from formsvc.usecases.maintenance import backups

    if hasattr(os, "nice"):
        os.nice(10)
    ports = open_ports(settings)
    passphrase = passphrase_of(settings.backup_passphrase_file)
    made = backups.keep_up(ports, build_archives(settings, ports, settings.backups, passphrase))
    if made is None:
        echo(msg("还没有到备份的时间，或者正在备份。"))
        return
    _tell_made(made)
    failure = backups.standing(ports).failure
    if failure:
        fail(failure)


@click.command(help=msg("把备份恢复到一个空的实例；已有数据的实例会拒绝。"))
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@_PASSPHRASE_FILE
@says_what_is_wrong
def restore(files: tuple[Path, ...], passphrase_file: Path | None) -> None:
    """Bring everything back."""
    from formsvc.app import is_sealed_archive, restore_archives
    from formsvc.usecases.maintenance import backups
    from formsvc.usecases.maintenance.integrity import examine, faults_of
    from formsvc.usecases.ports import Head

    settings = read_settings()
    passphrase = passphrase_of(passphrase_file) or (_ask() if is_sealed_archive(files[-1]) else "")
    made = restore_archives(settings, files, passphrase)
    ports = open_ports(settings)
    found = examine(ports.store, ports.files, known=Head(made.links, made.head, ""))
    backups.remember_restored(ports, made, msg("控制台用户 {name}", name=getpass.getuser()))
    echo(
        msg(
            "已恢复到 {place}：{acts} 件文书，{files} 个文件，备份于 {made_at}。",
            place=settings.instance,
            acts=found.acts,
            files=found.files,
            made_at=made.made_at[:16].replace("T", " "),
        )
    )
    _tell_forms(settings, made)
    for fault in faults_of(found):
        echo(fault, err=True)
    if not found.is_sound:
        echo(msg("恢复出来的数据有不符之处，请先核对，不要急于编号。"), err=True)
        sys.exit(INPUT_AT_FAULT)
    echo(msg("请先登记备份之后编过的号，再开始新的编号。"))


def _tell_forms(settings: Settings, made: MadeBackup) -> None:
    from formsvc.app import forms_not_in_use

    place, differing = forms_not_in_use(settings, made)
    if made.own and not differing:
        echo(msg("备份里的表单定义和模板与现在使用的相同。"))
    if differing:
        echo(
            msg(
                "备份里有 {n} 个表单定义、模板与现在使用的不同，放在 {place}：{names}。需要的请复制过去。",
                n=len(differing),
                place=place,
                names=join_messages(*differing[:10], separator=msg("、")),
            )
        )


def _ask(*, twice: bool = False) -> str:
    if not sys.stdin.isatty():
        with contextlib.suppress(EOFError):
            return input()
        fail(msg("请给出做备份时的口令。"), CALL_AT_FAULT)
    again = said(msg("再输入一次")) if twice else False
    return str(click.prompt(said(msg("口令")), hide_input=True, confirmation_prompt=again))
