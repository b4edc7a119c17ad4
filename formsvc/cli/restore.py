"""Commands that restore and import an instance."""

from __future__ import annotations

import getpass
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from formsvc.cli.backups import PASSPHRASE_FILE, ask_passphrase
from formsvc.cli.progress import progress_line
from formsvc.cli.runtime import (
    INPUT_AT_FAULT,
    echo,
    fail,
    handle_errors,
    open_ports,
    read_passphrase,
    shown_moment,
)
from formsvc.config import Settings, read_settings
from formsvc.i18n.messages import join_messages, msg

if TYPE_CHECKING:
    from formsvc.maintenance import BackupContent
    from formsvc.usecases.maintenance.backups import BackupArchive


@click.command(help=msg("把备份恢复到一个空的实例；已有数据的实例会拒绝。"))
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@PASSPHRASE_FILE
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help=msg("恢复到这个实例文件夹，而不是 FORMSVC_INSTANCE；文件和锚也放在里面"),
)
@click.option("--dry-run", is_flag=True, help=msg("只显示备份里有什么、带来哪些设置，什么也不写"))
@click.option("--with-settings", is_flag=True, help=msg("连同与现在不同的设置一起采用"))
@handle_errors
def restore(
    files: tuple[Path, ...],
    passphrase_file: Path | None,
    folder: Path | None,
    dry_run: bool,
    with_settings: bool,
) -> None:
    from formsvc.maintenance import is_encrypted_backup

    settings = read_settings()
    if folder:
        place = folder.absolute()
        settings = replace(
            settings, instance=place, files=place / "files", anchor=None, backups=place / "backups"
        )
    passphrase = read_passphrase(passphrase_file) or (
        ask_passphrase() if is_encrypted_backup(files[-1]) else ""
    )
    _restore(settings, files, passphrase, dry_run=dry_run, with_settings=with_settings)


def _restore(
    settings: Settings, files: tuple[Path, ...], passphrase: str, *, dry_run: bool, with_settings: bool
) -> None:
    from formsvc.maintenance import examine_backup, restore_archives
    from formsvc.usecases.maintenance import backups
    from formsvc.usecases.maintenance.integrity import error_messages

    content = examine_backup(settings, files, passphrase)
    if dry_run:
        _print_content(content)
        _print_plan(settings, content)
        return
    _print_settings(content)
    # a settings file that is there is never written over
    taken = with_settings and not (settings.instance / "formsvc.toml").exists()
    with progress_line() as progress:
        archive, result = restore_archives(
            settings, files, passphrase, with_settings=with_settings, progress=progress
        )
    backups.record_restore(open_ports(settings), archive, msg("控制台用户 {name}", name=getpass.getuser()))
    echo(
        msg(
            "已恢复到 {place}：{acts} 件文书，{files} 个文件，备份于 {made_at}。",
            place=settings.instance,
            acts=result.acts,
            files=result.files,
            made_at=shown_moment(archive.made_at),
        )
    )
    _print_changed_settings(settings, content, taken=taken)
    _print_changed_definitions(settings, archive)
    for fault in error_messages(result):
        echo(fault, err=True)
    if not result.is_sound:
        echo(msg("恢复出来的数据有不符之处，请先核对，不要急于编号。"), err=True)
        sys.exit(INPUT_AT_FAULT)
    echo(msg("请先登记备份之后编过的号，再开始新的编号。"))


def _print_content(content: BackupContent) -> None:
    archive = content.archive
    echo(
        msg(
            "备份“{name}”做于 {made_at}：{acts} 件文书，{files} 个文件。",
            name=archive.name,
            made_at=shown_moment(archive.made_at),
            acts=archive.acts,
            files=content.files,
        )
    )
    _print_settings(content)
    if content.settings:
        echo(msg("恢复时不采用这些设置；确认是本单位的、要用的，请加 --with-settings。"))
    if content.definitions:
        names = join_messages(*content.definitions[:10], separator=msg("、"))
        echo(
            msg("有 {n} 个表单定义、模板与现在使用的不同：{names}。", n=len(content.definitions), names=names)
        )


def _print_plan(settings: Settings, content: BackupContent) -> None:
    plan = content.plan
    echo(msg("依次使用：{names}。", names=join_messages(*plan.archives, separator=msg("、"))))
    echo(
        msg(
            "将写入 {store} 和 {files}，约 {needed} MB，现在空余 {free} MB。",
            store=settings.store_file,
            files=settings.files,
            needed=-(-plan.bytes // 2**20),
            free=plan.free_bytes // 2**20,
        )
    )
    echo(msg("这只是查看，没有写入任何内容。"))
    if plan.refusal:
        fail(msg("照这样恢复会被拒绝：{reason}", reason=plan.refusal))


def _print_settings(content: BackupContent) -> None:
    """Print the settings that differ, before any of them is taken."""
    if content.settings:
        echo(msg("它带来的设置有 {n} 项与现在的不同：", n=len(content.settings)))
    for name, now, then in content.settings:
        if name:
            echo(msg("　{name}：现在 {now}，备份里 {then}", name=name, now=now, then=then))
        else:
            echo(msg("　备份里的设置文件不能读取"))


def _print_changed_settings(settings: Settings, content: BackupContent, *, taken: bool) -> None:
    if not content.settings:
        return
    if taken:
        echo(msg("备份带来的设置已经采用，包括与原来不同的 {n} 项。", n=len(content.settings)))
        return
    place = settings.instance / "from-backup" / "formsvc.toml"
    echo(msg("备份带来的设置没有采用，放在 {place}。", place=place))
    echo(msg("确认要用的，请逐项写进 {file}，然后重新启动。", file=settings.instance / "formsvc.toml"))


def _print_changed_definitions(settings: Settings, archive: BackupArchive) -> None:
    from formsvc.maintenance import changed_definitions_after_restore

    folder, changed = changed_definitions_after_restore(settings, archive)
    if archive.own and not changed:
        echo(msg("备份里的表单定义和模板与现在使用的相同。"))
    if changed:
        echo(
            msg(
                "备份里有 {n} 个表单定义、模板与现在使用的不同，放在 {place}：{names}。需要的请复制过去。",
                n=len(changed),
                place=folder,
                names=join_messages(*changed[:10], separator=msg("、")),
            )
        )


@click.command("import", help=msg("把 TinyDB 的 JSON 文件读进一个空的实例。"))
@click.option("--tinydb", "tinydb_file", required=True, type=click.Path(exists=True, path_type=Path))
@handle_errors
def import_(tinydb_file: Path) -> None:
    from formsvc.maintenance import import_store
    from formsvc.usecases.maintenance.damaged_files import missing_files

    settings = read_settings()
    ports = open_ports(settings)
    import_store(tinydb_file, ports.store, settings.limits)
    echo(msg("已读入 {file}", file=tinydb_file))
    missing = missing_files(ports)
    if missing:
        echo(
            msg(
                "数据里登记的文件有 {n} 个不在“{folder}”里，第一个是 {first}。请把原来的文件夹 files 放回那里，再运行 formsvc verify。",
                n=len(missing),
                folder=settings.files,
                first=missing[0],
            ),
            err=True,
        )
