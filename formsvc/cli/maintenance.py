"""Commands that verify, clean up and reindex an instance."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from formsvc.cli.progress import progress_line
from formsvc.cli.runtime import (
    CALL_AT_FAULT,
    INPUT_AT_FAULT,
    echo,
    fail,
    handle_errors,
    load_actor,
    open_ports,
    parse_chain_head,
    print_integrity_json,
    settings_or_demo,
)
from formsvc.config import read_settings
from formsvc.i18n.messages import format_list, msg

if TYPE_CHECKING:
    from formsvc.usecases.maintenance.integrity import IntegrityReport

# what a finding of `verify` is about
PARTS = {
    "store": msg("数据文件"),
    "chain": msg("历史链"),
    "anchor": msg("锚"),
    "events": msg("历史记录"),
    "numbers": msg("号簿"),
    "acts": msg("文书"),
    "forms": msg("表单版本"),
    "people": msg("人员"),
    "files": msg("文件"),
}


@click.command(
    help=msg("核验全部数据：数据文件、历史链和锚、号簿、文书、表单版本和保存的文件。有错误时退出码为 1。")
)
@click.option("--json", "as_json", is_flag=True, help=msg("以 JSON 输出"))
@click.option("--head", default="", help=msg("打印的每日锚，写作 笔数:摘要，核对历史链是否经过它"))
@handle_errors
def verify(as_json: bool, head: str) -> None:
    from formsvc.maintenance import verify_instance

    with progress_line() as progress:
        result = verify_instance(settings_or_demo(read_settings()), parse_chain_head(head), progress)
    if as_json:
        print_integrity_json(result)
    else:
        _print_findings(result)
    sys.exit(0 if result.is_sound else INPUT_AT_FAULT)


def _print_findings(result: IntegrityReport) -> None:
    for finding in result.findings:
        level = msg("错误") if finding.level == "error" else msg("提示")
        part = PARTS[finding.part]
        echo(msg("{level}　［{part}］{message}", level=level, part=part, message=finding.message))
    echo(
        msg(
            "文书 {acts} 件，文号 {numbers} 个，历史记录 {events} 条，文件 {files} 个；历史链 {count} 笔，摘要 {hash}。",
            acts=result.acts,
            numbers=result.numbers,
            events=result.events,
            files=result.files,
            count=result.head.count,
            hash=result.head.hash,
        )
    )
    errors = sum(finding.count for finding in result.findings if finding.level == "error")
    echo(msg("发现 {errors} 处错误。", errors=errors) if errors else msg("核验无误。"))


@click.command(help=msg("清理一小时以前中断的制作留下、没有文书使用的文件。"))
@handle_errors
def sweep() -> None:
    from formsvc.maintenance import list_migration_copies, remove_left_over
    from formsvc.usecases.maintenance.integrity import remove_orphan_files as delete_orphans

    settings = settings_or_demo(read_settings())
    ports = open_ports(settings)
    echo(msg("已清理 {n} 个文件。", n=len(delete_orphans(ports.store, ports.files))))
    removed = remove_left_over(settings)
    if removed:
        echo(msg("已删除中断的备份和过期的升级前副本：{names}。", names=format_list(removed)))
    copies = list_migration_copies(settings)
    if copies:
        echo(
            msg(
                "升级前的副本还有 {n} 份（{names}），共 {size} MB；设置 FORMSVC_MIGRATION_COPY_DAYS 后到期自动删除。",
                n=len(copies),
                names=format_list(name for name, _size in copies),
                size=f"{sum(size for _name, size in copies) / 1e6:.1f}",
            )
        )


@click.command(help=msg("由保存的内容重新建立列表的目录和查找索引。"))
@handle_errors
def reindex() -> None:
    open_ports(read_settings(), or_demo=True).store.reindex()
    echo(msg("已重新建立列表的目录和查找索引。"))


@click.command(help=msg("列出保存期满的文书；写明 --erase 和 --by 时删除其个人信息和正式文件，不能恢复。"))
@click.option("--erase", "reason", default="", help=msg("删除，并写明依据和批准人"))
@click.option("--by", default="", help=msg("管理员的登录名，删除时必须写明"))
@handle_errors
def retention(reason: str, by: str) -> None:
    from formsvc.usecases.administration import retention as policy

    ports = open_ports(read_settings(), or_demo=True)
    # the event log must name a person for every erasure
    if reason and not by:
        fail(msg("删除时要用 --by 写明管理员的登录名。"), CALL_AT_FAULT)
    actor = load_actor(ports, by) if by else None
    due = policy.list_due(ports, actor)
    for item in due:
        echo("　".join([item.act.number, item.act.title, item.act.dated, item.since.isoformat()]))
    if actor and reason and due:
        erased = policy.erase(ports, actor, [item.act.id for item in due], reason=reason)
        echo(msg("已删除 {n} 件文书的个人信息和正式文件。", n=len(erased)))
    else:
        echo(msg("期满的文书 {n} 件。", n=len(due)))
