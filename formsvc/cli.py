"""The command line: each command is a use case with a name.

Exit status 0: done; 1: the input is at fault; 2: the call is at fault. Errors are one Chinese sentence on
standard error.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from formsvc import __version__
from formsvc.commandline import (
    CALL_AT_FAULT,
    INPUT_AT_FAULT,
    ChineseGroup,
    demo_if_marked,
    fail,
    form_id,
    open_ports,
    person,
    read_answers,
    says_what_is_wrong,
    write_file,
)
from formsvc.config import Settings, read_settings
from formsvc.domain.errors import Fault
from formsvc.domain.tokens import EVERY_SCOPE, USUAL_DAYS, USUAL_LIMIT

if TYPE_CHECKING:
    pass

LOOPBACK = "127.0.0.1"


@click.group(cls=ChineseGroup)
@click.version_option(__version__, prog_name="formsvc")
def main() -> None:
    """表单与文书服务：填报、审核、编号、制成 Word 和 PDF。"""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


# Running --------------------------------------------------------------------------------------------


@main.command()
@click.option("--tests", is_flag=True, help="连同测试需要的浏览器一起准备")
@says_what_is_wrong
def setup(tests: bool) -> None:
    """准备本机：系统库、字体，并检查。"""
    from formsvc import machine

    settings = read_settings()
    sys.exit(machine.setup(settings.instance, settings.fonts, tests=tests))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
@says_what_is_wrong
def doctor(as_json: bool) -> None:
    """检查字体、字库裁剪、排版库、写入权限、磁盘、日历和时钟。"""
    from formsvc import machine
    from formsvc.app import OfficeClock

    settings = read_settings()
    today = OfficeClock(settings.today).today()
    findings = machine.examine(settings.instance, settings.fonts, today)
    if as_json:
        click.echo(json.dumps([asdict(f) for f in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            mark = "正常" if finding.ok else ("错误" if finding.fatal else "注意")
            click.echo(f"［{mark}］{finding.name}：{finding.sentence}")
    sys.exit(INPUT_AT_FAULT if any(not f.ok and f.fatal for f in findings) else 0)


@main.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="监听的地址")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="端口")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 32), help="进程数")
@says_what_is_wrong
def serve(host: str, port: int, workers: int) -> None:
    """正式使用的服务。"""
    from formsvc import server
    from formsvc.app import setup_code
    from formsvc.usecases.administration import is_set_up

    settings = demo_if_marked(read_settings())
    if settings.demo:
        fail("这是演示数据，请用“formsvc demo”启动。", CALL_AT_FAULT)
    if not is_set_up(open_ports(settings)):
        click.echo(f"第一次使用：打开 http://{host}:{port}/set-up ，设置代码 {setup_code(settings)}")
    server.run(settings, host=host, port=port, workers=workers)


@main.command()
@click.option("--office-only", is_flag=True, help="只重建单位和人员，不做文书，不启动服务")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="端口")
@says_what_is_wrong
def demo(office_only: bool, port: int) -> None:
    """虚构的示例单位，只在本机可见。"""
    from formsvc import server
    from formsvc.demo import office

    settings = office.demo_settings(read_settings())
    if office_only:
        office.clear(settings)
        office.furnish(open_ports(settings))
        click.echo(f"已建立示例单位：{settings.instance}（人员、机关、文号系列，没有文书）")
        return
    fill_demo(settings)
    click.echo(
        f"演示地址 http://{LOOPBACK}:{port} ，登录名 staff、reviewer、approver、officer、admin，密码都是 demo"
    )
    server.run(settings, host=LOOPBACK, port=port, workers=1)


def fill_demo(settings: Settings) -> None:
    """Build the sample office with its acts, unless that was finished earlier."""
    from formsvc.demo import acts, office

    if office.is_filled(settings):
        return
    click.echo("正在制作示例单位和示例文书（只在第一次）……")
    office.clear(settings)
    ports = open_ports(settings)
    office.furnish(ports)
    for done in acts.fill(ports):
        click.echo(f"  {done}")
    office.mark_filled(settings)


# Documents ------------------------------------------------------------------------------------------


@main.command()
@click.argument("form")
@click.argument("answers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="OUT.docx 或 OUT.pdf")
@says_what_is_wrong
def render(form: str, answers: Path, output: Path) -> None:
    """不编号的草稿文书（文号处为“待编号”）。"""
    from formsvc.usecases.console import render_draft

    if output.suffix not in (".docx", ".pdf"):
        fail("输出文件应当以 .docx 或 .pdf 结尾。", CALL_AT_FAULT)
    settings, form = form_id(read_settings(), form)
    ports = open_ports(settings, or_demo=True)
    drawn = render_draft(ports, form, read_answers(answers))
    for notice in drawn.notices:
        click.echo(f"注意：［{notice.field}］{notice.sentence()}", err=True)
    write_file(output, drawn.word if output.suffix == ".docx" else drawn.pdf)
    click.echo(f"已写出 {output}")


@main.command()
@click.argument("form")
@click.argument("answers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, help="承办人的登录名")
@click.option("--approved-by", required=True, help="审核、签发人的登录名")
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="输出文件夹"
)
@click.option("--backfill", default="", help="补录理由")
@says_what_is_wrong
def issue(form: str, answers: Path, by: str, approved_by: str, output: Path, backfill: str) -> None:
    """提交、审核、签发、编号并制成两种文件（管理员在服务器上用）。"""
    from formsvc.usecases.console import issue_at_once
    from formsvc.usecases.issuing import issued_document

    settings, form = form_id(read_settings(), form)
    ports = open_ports(settings, or_demo=True)
    drafter, approver = person(ports, by), person(ports, approved_by)
    act = issue_at_once(ports, drafter, approver, form, read_answers(answers), backfill_reason=backfill)
    for kind in ("docx", "pdf"):
        content, _sha256, name = issued_document(ports, approver, act.id, kind)
        write_file(output / name, content)
    click.echo(act.number or "已记录（这种文书不编号）")


@main.command()
@click.argument("word", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="OUT.pdf")
@says_what_is_wrong
def pdf(word: Path, output: Path) -> None:
    """任何 Word 文件变成 PDF。"""
    from formsvc.documents.rendering import RenderingWorkers
    from formsvc.usecases.ports import WordTags

    settings = read_settings()
    workers = RenderingWorkers(settings.fonts, settings.cache, processes=1, seconds=600)
    write_file(output, workers.pdf(word.read_bytes(), WordTags(title=word.stem, author="")))
    click.echo(f"已写出 {output}")


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
@says_what_is_wrong
def check(paths: tuple[Path, ...], as_json: bool) -> None:
    """检查表单定义和 Word 模板：各自的，以及相互之间的。"""
    from formsvc.documents.checking import check_paths

    settings = read_settings()
    faults = check_paths(settings.definitions, settings.templates, paths)
    if as_json:
        click.echo(json.dumps([asdict(f) for f in faults], ensure_ascii=False, indent=1))
    else:
        say_faults(faults)
    sys.exit(INPUT_AT_FAULT if any(f.level == "error" for f in faults) else 0)


def say_faults(faults: list[Fault]) -> None:
    """One line a fault, and a closing line."""
    for fault in faults:
        click.echo(f"{'错误' if fault.level == 'error' else '提示'}　{fault}")
    errors = len([f for f in faults if f.level == "error"])
    click.echo(f"发现 {errors} 处错误，{len(faults) - errors} 处提示。" if faults else "没有发现问题。")


# Registers ------------------------------------------------------------------------------------------


@main.command()
@click.argument("form", required=False)
@click.option(
    "--tinydb", "tinydb_file", type=click.Path(path_type=Path), help="把全部数据写成 TinyDB 的 JSON 文件"
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="台账文件 FILE.xlsx")
@says_what_is_wrong
def export(form: str | None, tinydb_file: Path | None, output: Path | None) -> None:
    """台账（Excel），或者全部数据（TinyDB 的 JSON 文件）。"""
    ports = open_ports(read_settings(), or_demo=True)
    if tinydb_file:
        from formsvc.storage.tinydb_json import export_json

        export_json(ports.store, tinydb_file)
        click.echo(f"已写出 {tinydb_file}")
        return
    if not form or not output:
        fail("请写明文书和输出文件，例如 formsvc export T22 -o 台账.xlsx。", CALL_AT_FAULT)
    from formsvc.documents.ledger import ledger_workbook
    from formsvc.usecases.registers import ledger

    definition, acts = ledger(ports, form)
    write_file(output, ledger_workbook(definition, acts))
    click.echo(f"已写出 {output}（{len(acts)} 件）")


@main.command("import")
@click.option("--tinydb", "tinydb_file", required=True, type=click.Path(exists=True, path_type=Path))
@says_what_is_wrong
def import_(tinydb_file: Path) -> None:
    """把 TinyDB 的 JSON 文件读进一个空的实例。"""
    from formsvc.storage.tinydb_json import import_json

    import_json(tinydb_file, open_ports(read_settings()).store)
    click.echo(f"已读入 {tinydb_file}")


# People ---------------------------------------------------------------------------------------------


@main.group()
def user() -> None:
    """人员。"""


@user.command("add")
@click.argument("name")
@click.option(
    "--role", required=True, type=click.Choice(["staff", "reviewer", "approver", "officer", "admin"])
)
@click.option("--office", default="", help="单位编号")
@click.option("--authority", default="*", help="发文机关编号，缺省为全部")
@click.option("--display-name", default="", help="姓名")
@says_what_is_wrong
def user_add(name: str, role: str, office: str, authority: str, display_name: str) -> None:
    """增加一个人员，从键盘输入密码。"""
    from formsvc.domain.accounts import Account
    from formsvc.usecases.administration import add_account

    ports = open_ports(read_settings())
    password = _ask_password()
    new = Account(name.lower(), display_name or name, office, {authority: [role]}, must_change_password=True)
    add_account(ports, None, new, password)
    click.echo(f"已增加 {name}。第一次登录时须更改密码。")


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("密码", hide_input=True, confirmation_prompt="再输入一次"))


@main.group()
def token() -> None:
    """程序接口的令牌。"""


@token.command("add")
@click.argument("name")
@click.option("--for", "for_user", required=True, help="以谁的身份")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="范围：read draft decide issue serve personal，可写几次；不写为全部",
)
@click.option("--days", default=USUAL_DAYS, show_default=True, help="有效天数")
@click.option("--limit", default=USUAL_LIMIT, show_default=True, help="每分钟请求数")
@says_what_is_wrong
def token_add(name: str, for_user: str, scopes: tuple[str, ...], days: int, limit: int) -> None:
    """发一个令牌，只显示一次。"""
    from formsvc.usecases import tokens

    ports = open_ports(read_settings(), or_demo=True)
    account = person(ports, for_user).account.id
    wanted = scopes or EVERY_SCOPE
    click.echo(tokens.add_token(ports, name, account, scopes=wanted, days=days, limit=limit))


@token.command("list")
@says_what_is_wrong
def token_list() -> None:
    """发过的令牌，一行一个：编号、名称、身份、范围、有效期、状态。"""
    from formsvc.usecases import tokens

    ports = open_ports(read_settings(), or_demo=True)
    now = ports.clock.now()
    for each in tokens.all_tokens(ports):
        standing = "已收回" if each.revoked_at else ("有效" if each.is_live(now) else "已到期")
        until = each.expires().date().isoformat()
        click.echo("　".join([each.id[:16], each.name, each.account, " ".join(each.scopes), until, standing]))


@token.command("revoke")
@click.argument("token_id")
@says_what_is_wrong
def token_revoke(token_id: str) -> None:
    """收回一个令牌（编号见 formsvc token list）。"""
    from formsvc.usecases import tokens

    revoked = tokens.revoke(open_ports(read_settings(), or_demo=True), None, token_id)
    click.echo(f"已收回 {revoked.account} 的令牌 {revoked.name}")


__all__ = ["main"]

if __name__ == "__main__":
    main()
