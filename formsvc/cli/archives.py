"""Commands that check and list backups; they need no instance."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from formsvc.cli.backups import PASSPHRASE_FILE, ask_passphrase
from formsvc.cli.progress import progress_line
from formsvc.cli.runtime import INPUT_AT_FAULT, echo, handle_errors, print_json, read_passphrase, shown_moment
from formsvc.config import Settings, read_settings
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg

if TYPE_CHECKING:
    from formsvc.usecases.maintenance.backups import ArchiveEntry, BackupArchive


@click.command(
    help=msg("证明已有的备份能恢复：结构、每个文件的摘要、历史链逐一核对，不需要实例，也不改动它。")
)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@PASSPHRASE_FILE
@click.option(
    "--scratch",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=msg("临时文件放在这个文件夹，空余磁盘要与数据同样大"),
)
@handle_errors
def check(files: tuple[Path, ...], passphrase_file: Path | None, scratch: Path | None) -> None:
    from formsvc.maintenance import is_encrypted_backup

    settings = read_settings()
    passphrase = read_passphrase(passphrase_file) or (
        ask_passphrase() if any(map(is_encrypted_backup, files)) else ""
    )
    sound = [_check(settings, file, passphrase, scratch) for file in files]
    sys.exit(0 if all(sound) else INPUT_AT_FAULT)


def _check(settings: Settings, file: Path, passphrase: str, scratch: Path | None) -> bool:
    from formsvc.maintenance import check_archive
    from formsvc.usecases.maintenance.integrity import error_messages

    try:
        with progress_line() as progress:
            made, found = check_archive(settings, file, passphrase, scratch=scratch, progress=progress)
    except FormsvcError as error:
        echo(str(error), err=True)
        return False
    faults = error_messages(found)
    for fault in faults:
        echo(fault, err=True)
    if faults:
        echo(msg("备份“{name}”有 {n} 处不符，不可靠。", name=file.name, n=len(faults)), err=True)
        return False
    echo(
        msg(
            "备份“{name}”完好，做于 {made_at}：{acts} 件文书、{files} 个文件、{events} 条历史，摘要 {head}。",
            name=file.name,
            made_at=shown_moment(made.made_at),
            acts=found.acts,
            files=found.files,
            events=found.events,
            head=found.head.hash[:16],
        )
    )
    return True


@click.command("list", help=msg("列出一个文件夹里的备份，缺省是 FORMSVC_BACKUPS；打不开的写明原因。"))
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@PASSPHRASE_FILE
@click.option("--json", "as_json", is_flag=True, help=msg("以 JSON 输出"))
@handle_errors
def list_(folder: Path | None, passphrase_file: Path | None, as_json: bool) -> None:
    from formsvc.maintenance import list_archives

    settings = read_settings()
    place = folder or settings.backups
    entries = list_archives(settings, place, read_passphrase(passphrase_file))
    names = {entry.made.id: entry.name for entry in entries if entry.made}
    if as_json:
        print_json([_record(entry, names) for entry in entries])
        return
    for entry in entries:
        echo(_line(entry.made, names) if entry.made else f"{entry.name}　{entry.fault}")
    if not entries:
        echo(msg("“{folder}”里没有备份。", folder=place))


def _line(made: BackupArchive, names: dict[str, str]) -> str:
    kind = msg("完整")
    if made.since:
        base = names.get(made.since)
        kind = msg("增量，依据 {name}", name=base) if base else msg("增量，所依据的备份不在这里")
    return msg(
        "{name}　{made_at}　{kind}　{acts} 件文书　{size} MB",
        name=made.name,
        made_at=shown_moment(made.made_at),
        kind=kind,
        acts=made.acts,
        size=f"{made.bytes / 1e6:.1f}",
    )


def _record(entry: ArchiveEntry, names: dict[str, str]) -> dict[str, Any]:
    made = entry.made
    if made is None:
        return {"name": entry.name, "fault": entry.fault}
    return {
        "name": made.name,
        "id": made.id,
        "made_at": made.made_at,
        "acts": made.acts,
        "bytes": made.bytes,
        "since": names.get(made.since, made.since),
        "missing": made.missing,
        "head": made.head,
    }
