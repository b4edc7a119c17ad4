"""The commands that look after what is kept: verifying, sweeping, making indexes anew, retention."""

from __future__ import annotations

import sys

import click

from formsvc.cli.runtime import (
    CALL_AT_FAULT,
    INPUT_AT_FAULT,
    echo,
    echo_examination,
    fail,
    open_ports,
    person,
    printed_head,
    sample_beside,
    says_what_is_wrong,
)
from formsvc.config import read_settings
from formsvc.i18n.messages import msg

PARTS = {
    "store": msg("数据文件"),
    "chain": msg("历史链"),
    "anchor": msg("锚"),
    "events": msg("历史记录"),
    "numbers": msg("号簿"),
    "acts": msg("文书"),
    "forms": msg("表单版本"),
    "files": msg("文件"),
}
"""What findings of ``verify`` are about."""


@click.command(
    help=msg("核验全部数据：数据文件、历史链和锚、号簿、文书、表单版本和保存的文件。有错误时退出码为 1。")
)
@click.option("--json", "as_json", is_flag=True, help=msg("以 JSON 输出"))
@click.option("--head", default="", help=msg("打印的每日锚，写作 笔数:摘要，核对历史链是否经过它"))
@says_what_is_wrong
def verify(as_json: bool, head: str) -> None:
    """Walk everything kept and name what is wrong."""
    from formsvc.app import examine_everything

    settings = read_settings()
    settings = sample_beside(settings)
    found = examine_everything(settings, printed_head(head))
    if as_json:
        echo_examination(found)
    else:
        for finding in found.findings:
            level = msg("错误") if finding.level == "error" else msg("提示")
            echo(
                msg(
                    "{level}　［{part}］{message}",
                    level=level,
                    part=PARTS[finding.part],
                    message=finding.message,
                )
            )
        echo(
            msg(
                "文书 {acts} 件，文号 {numbers} 个，历史记录 {events} 条，文件 {files} 个；历史链 {count} 笔，摘要 {hash}。",
                acts=found.acts,
                numbers=found.numbers,
                events=found.events,
                files=found.files,
                count=found.head.count,
                hash=found.head.hash,
            )
        )
        errors = len([f for f in found.findings if f.level == "error"])
        echo(msg("发现 {errors} 处错误。", errors=errors) if errors else msg("核验无误。"))
    sys.exit(0 if found.is_sound else INPUT_AT_FAULT)


@click.command(help=msg("清理一小时以前中断的制作留下、没有文书使用的文件。"))
@says_what_is_wrong
def sweep() -> None:
    """Take away kept files that nothing uses."""
    from formsvc.usecases.maintenance.integrity import sweep as swept

    ports = open_ports(read_settings(), or_demo=True)
    echo(msg("已清理 {n} 个文件。", n=len(swept(ports.store, ports.files))))


@click.command(help=msg("由保存的内容重新建立列表的目录和查找索引。"))
@says_what_is_wrong
def reindex() -> None:
    """Make anew what acts are found by."""
    open_ports(read_settings(), or_demo=True).store.reindex()
    echo(msg("已重新建立列表的目录和查找索引。"))


@click.command(help=msg("列出保存期满的文书；写明 --erase 和 --by 时删除其个人信息和正式文件，不能恢复。"))
@click.option("--erase", "reason", default="", help=msg("删除，并写明依据和批准人"))
@click.option("--by", default="", help=msg("管理员的登录名，删除时必须写明"))
@says_what_is_wrong
def retention(reason: str, by: str) -> None:
    """List the acts whose time is over, or erase what is personal in them."""
    from formsvc.usecases.administration import retention as keeping

    ports = open_ports(read_settings(), or_demo=True)
    if reason and not by:
        fail(msg("删除时要用 --by 写明管理员的登录名。"), CALL_AT_FAULT)
    acting = person(ports, by) if by else None
    due = keeping.due(ports, acting)
    for found in due:
        echo("　".join([found.act.number, found.act.title, found.act.dated, found.since.isoformat()]))
    if acting and reason and due:
        erased = keeping.erase(ports, acting, [found.act.id for found in due], reason=reason)
        echo(msg("已删除 {n} 件文书的个人信息和正式文件。", n=len(erased)))
    else:
        echo(msg("期满的文书 {n} 件。", n=len(due)))
