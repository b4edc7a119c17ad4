"""The command line: each command is a use case with a name.

Exit status 0: done; 1: the input is at fault; 2: the call is at fault. Errors are one Chinese sentence on
standard error.
"""

from __future__ import annotations

import contextlib
import sys
from dataclasses import asdict
from pathlib import Path

import click

from formsvc import __version__
from formsvc.cli import backups as cli_backups
from formsvc.cli import maintenance as cli_upkeep
from formsvc.cli.runtime import (
    CALL_AT_FAULT,
    INPUT_AT_FAULT,
    SpeakingGroup,
    demo_if_marked,
    echo,
    echo_json,
    fail,
    form_id,
    open_ports,
    person,
    read_answers,
    said,
    says_what_is_wrong,
    write_file,
    written_in,
)
from formsvc.config import Settings, read_settings
from formsvc.domain.accounts.api_token import EVERY_SCOPE, USUAL_DAYS, USUAL_LIMIT
from formsvc.errors import Fault
from formsvc.i18n.messages import join_messages, msg

LOOPBACK = "127.0.0.1"


@click.group(cls=SpeakingGroup, help=msg("表单与文书服务：填报、审核、编号、制成 Word 和 PDF。"))
@click.version_option(__version__, prog_name="formsvc", help=msg("显示版本。"))
def main() -> None:
    """Fill, review, number and print forms and documents."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding=written_in(stream.encoding), errors="backslashreplace")  # type: ignore[union-attr]


# Running --------------------------------------------------------------------------------------------


@main.command(help=msg("准备本机：系统库、字体，并检查。"))
@click.option("--tests", is_flag=True, help=msg("连同测试需要的浏览器一起准备"))
@says_what_is_wrong
def setup(tests: bool) -> None:
    """Make this machine ready and examine it."""
    from formsvc import installation as machine

    settings = read_settings()
    sys.exit(machine.setup(settings.instance, settings.fonts, tests=tests))


@main.command(help=msg("检查字体、字库裁剪、排版库、写入权限、磁盘、日历和时钟。"))
@click.option("--json", "as_json", is_flag=True, help=msg("以 JSON 输出"))
@says_what_is_wrong
def doctor(as_json: bool) -> None:
    """Examine this machine."""
    from formsvc import installation as machine
    from formsvc.app import OfficeClock

    settings = read_settings()
    today = OfficeClock(settings.today).today()
    findings = machine.examine(settings.instance, settings.fonts, today)
    if as_json:
        echo_json([asdict(f) for f in findings])
    else:
        for finding in findings:
            mark = msg("正常") if finding.ok else (msg("错误") if finding.fatal else msg("注意"))
            echo(msg("［{mark}］{name}：{sentence}", mark=mark, name=finding.name, sentence=finding.sentence))
    sys.exit(INPUT_AT_FAULT if any(not f.ok and f.fatal for f in findings) else 0)


@main.command(help=msg("正式使用的服务。"))
@click.option("--host", default=LOOPBACK, show_default=True, help=msg("监听的地址"))
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help=msg("端口"))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 32), help=msg("进程数"))
@says_what_is_wrong
def serve(host: str, port: int, workers: int) -> None:
    """Serve the office."""
    from formsvc import server
    from formsvc.app import setup_code
    from formsvc.usecases.administration.office_settings import is_set_up

    settings = demo_if_marked(read_settings())
    if settings.demo:
        fail(msg("这是演示数据，请用“formsvc demo”启动。"), CALL_AT_FAULT)
    if not is_set_up(open_ports(settings)):
        address = f"http://{host}:{port}/set-up"
        echo(msg("第一次使用：打开 {address} ，设置代码 {code}", address=address, code=setup_code(settings)))
    server.run(settings, host=host, port=port, workers=workers)


@main.command(help=msg("虚构的示例单位，只在本机可见。"))
@click.option("--office-only", is_flag=True, help=msg("只重建单位和人员，不做文书，不启动服务"))
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help=msg("端口"))
@says_what_is_wrong
def demo(office_only: bool, port: int) -> None:
    """Serve an invented office, on this machine alone."""
    from formsvc import server
    from formsvc.demo import office

    settings = office.demo_settings(read_settings())
    if office_only:
        office.clear(settings)
        office.furnish(open_ports(settings))
        echo(msg("已建立示例单位：{place}（人员、机关、文号系列，没有文书）", place=settings.instance))
        return
    fill_demo(settings)
    echo(
        msg(
            "演示地址 {address} ，登录名 staff、reviewer、approver、officer、admin，密码都是 demo",
            address=f"http://{LOOPBACK}:{port}",
        )
    )
    server.run(settings, host=LOOPBACK, port=port, workers=1)


def fill_demo(settings: Settings) -> None:
    """Build the sample office with its acts, unless that was finished earlier."""
    from formsvc.demo import office
    from formsvc.demo import sample_acts as acts

    if office.is_filled(settings):
        return
    echo(msg("正在制作示例单位和示例文书（只在第一次）……"))
    office.clear(settings)
    ports = open_ports(settings)
    office.furnish(ports)
    for done in acts.fill(ports):
        echo(join_messages("  ", done))
    office.mark_filled(settings)


# Documents ------------------------------------------------------------------------------------------


@main.command(help=msg("不编号的草稿文书（文号处为“待编号”）。"))
@click.argument("form")
@click.argument("answers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help=msg("OUT.docx 或 OUT.pdf")
)
@says_what_is_wrong
def render(form: str, answers: Path, output: Path) -> None:
    """Draw a document without a number."""
    from formsvc.usecases.operator import render_draft

    if output.suffix not in (".docx", ".pdf"):
        fail(msg("输出文件应当以 .docx 或 .pdf 结尾。"), CALL_AT_FAULT)
    settings, form = form_id(read_settings(), form)
    ports = open_ports(settings, or_demo=True)
    drawn = render_draft(ports, form, read_answers(answers))
    for notice in drawn.notices:
        echo(msg("注意：［{field}］{sentence}", field=notice.field, sentence=notice.sentence()), err=True)
    write_file(output, drawn.word if output.suffix == ".docx" else drawn.pdf)
    echo(msg("已写出 {file}", file=output))


@main.command(help=msg("提交、审核、签发、编号并制成两种文件（管理员在服务器上用）。"))
@click.argument("form")
@click.argument("answers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, help=msg("承办人的登录名"))
@click.option("--approved-by", required=True, help=msg("审核、签发人的登录名"))
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help=msg("输出文件夹")
)
@click.option("--backfill", default="", help=msg("补录理由"))
@says_what_is_wrong
def issue(form: str, answers: Path, by: str, approved_by: str, output: Path, backfill: str) -> None:
    """Take an act down the whole road at once."""
    from formsvc.usecases.numbering.issue import issued_document
    from formsvc.usecases.operator import issue_at_once

    settings, form = form_id(read_settings(), form)
    ports = open_ports(settings, or_demo=True)
    drafter, approver = person(ports, by), person(ports, approved_by)
    act = issue_at_once(ports, drafter, approver, form, read_answers(answers), backfill_reason=backfill)
    for kind in ("docx", "pdf"):
        content, _sha256, name = issued_document(ports, approver, act.id, kind)
        write_file(output / name, content)
    echo(act.number or msg("已记录（这种文书不编号）"))


@main.command(help=msg("任何 Word 文件变成 PDF。"))
@click.argument("word", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="OUT.pdf")
@click.option(
    "--archive",
    default="a-2b",
    show_default=True,
    type=click.Choice(["a-2b", "a-3b"]),
    help=msg("归档格式：a-2b 为 PDF/A-2b，a-3b 为附有 Word 原件的 PDF/A-3b"),
)
@click.option("--accessible", is_flag=True, help=msg("加上读屏软件使用的结构标签（PDF/UA-1）"))
@says_what_is_wrong
def pdf(word: Path, output: Path, archive: str, accessible: bool) -> None:
    """Turn any Word file into a PDF."""
    from formsvc.app import convert_word

    made = convert_word(word.read_bytes(), name=word.stem, archive=archive, accessible=accessible)
    write_file(output, made.pdf)
    for warning in made.warnings:
        echo(msg("注意：{warning}", warning=warning), err=True)
    echo(msg("已写出 {file}", file=output))


@main.command(help=msg("检查表单定义和 Word 模板：各自的，以及相互之间的。"))
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help=msg("以 JSON 输出"))
@says_what_is_wrong
def check(paths: tuple[Path, ...], as_json: bool) -> None:
    """Check definitions and templates, each and against each other."""
    from formsvc.documents.checking.check import check_paths, unplaced_in
    from formsvc.docxpdf.fonts.catalog import FontBook
    from formsvc.errors import FormsvcError

    settings = read_settings()
    faults = check_paths(settings.definitions, settings.templates, paths)
    with contextlib.suppress(FormsvcError):  # without fonts nothing is set, and nothing can be told
        faults += unplaced_in(settings.templates, paths, FontBook(settings.fonts, settings.cache))
    if as_json:
        echo_json([asdict(f) for f in faults])
    else:
        say_faults(faults)
    sys.exit(INPUT_AT_FAULT if any(f.level == "error" for f in faults) else 0)


def say_faults(faults: list[Fault]) -> None:
    """One line a fault, and a closing line."""
    for fault in faults:
        level = msg("错误") if fault.level == "error" else msg("提示")
        echo(msg("{level}　{fault}", level=level, fault=fault))
    errors = len([f for f in faults if f.level == "error"])
    if faults:
        echo(msg("发现 {errors} 处错误，{notices} 处提示。", errors=errors, notices=len(faults) - errors))
    else:
        echo(msg("没有发现问题。"))


# Registers ------------------------------------------------------------------------------------------


@main.command(help=msg("台账（Excel），或者全部数据（TinyDB 的 JSON 文件）。"))
@click.argument("form", required=False)
@click.option(
    "--tinydb", "tinydb_file", type=click.Path(path_type=Path), help=msg("把全部数据写成 TinyDB 的 JSON 文件")
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help=msg("台账文件 FILE.xlsx"))
@click.option("--personal", is_flag=True, help=msg("证件号码、手机号、自然人住址写出原文，并记入查阅记录"))
@says_what_is_wrong
def export(form: str | None, tinydb_file: Path | None, output: Path | None, personal: bool) -> None:
    """Write the register of a form, or everything there is."""
    ports = open_ports(read_settings(), or_demo=True)
    if tinydb_file:
        from formsvc.app import export_everything

        export_everything(ports.store, tinydb_file)
        echo(msg("已写出 {file}", file=tinydb_file))
        return
    if not form or not output:
        fail(msg("请写明文书和输出文件，例如 formsvc export T22 -o 台账.xlsx。"), CALL_AT_FAULT)
    from formsvc.documents.generated.ledger_export import ledger_workbook
    from formsvc.usecases.acts.search import ledger

    definition, acts = ledger(ports, form, plain=personal)
    write_file(output, ledger_workbook(definition, acts))
    echo(msg("已写出 {file}（{n} 件）", file=output, n=len(acts)))


@main.command("import", help=msg("把 TinyDB 的 JSON 文件读进一个空的实例。"))
@click.option("--tinydb", "tinydb_file", required=True, type=click.Path(exists=True, path_type=Path))
@says_what_is_wrong
def import_(tinydb_file: Path) -> None:
    """Read everything into an empty instance."""
    from formsvc.app import import_everything

    import_everything(tinydb_file, open_ports(read_settings()).store)
    echo(msg("已读入 {file}", file=tinydb_file))


main.add_command(cli_backups.backup)
main.add_command(cli_backups.restore)
for command in (cli_upkeep.verify, cli_upkeep.sweep, cli_upkeep.reindex, cli_upkeep.retention):
    main.add_command(command)


# People ---------------------------------------------------------------------------------------------


@main.group(help=msg("人员。"))
def user() -> None:
    """People."""


@user.command("add", help=msg("增加一个人员，从键盘输入密码。"))
@click.argument("name")
@click.option(
    "--role", required=True, type=click.Choice(["staff", "reviewer", "approver", "officer", "admin"])
)
@click.option("--office", default="", help=msg("单位编号"))
@click.option("--authority", default="*", help=msg("发文机关编号，缺省为全部"))
@click.option("--display-name", default="", help=msg("姓名"))
@says_what_is_wrong
def user_add(name: str, role: str, office: str, authority: str, display_name: str) -> None:
    """Add a person; the password is typed in."""
    from formsvc.domain.accounts.account import Account
    from formsvc.usecases.administration.accounts import add_account

    ports = open_ports(read_settings())
    password = _ask_password()
    new = Account(name.lower(), display_name or name, office, {authority: [role]}, must_change_password=True)
    add_account(ports, None, new, password)
    echo(msg("已增加 {name}。第一次登录时须更改密码。", name=name))


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt(said(msg("密码")), hide_input=True, confirmation_prompt=said(msg("再输入一次"))))


@main.group(help=msg("程序接口的令牌。"))
def token() -> None:
    """Tokens of the programming interface."""


@token.command("add", help=msg("发一个令牌，只显示一次。"))
@click.argument("name")
@click.option("--for", "for_user", required=True, help=msg("以谁的身份"))
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help=msg("范围：read draft decide issue serve personal，可写几次；不写为全部"),
)
@click.option("--days", default=USUAL_DAYS, show_default=True, help=msg("有效天数"))
@click.option("--limit", default=USUAL_LIMIT, show_default=True, help=msg("每分钟请求数"))
@says_what_is_wrong
def token_add(name: str, for_user: str, scopes: tuple[str, ...], days: int, limit: int) -> None:
    """Make a token; it is shown once."""
    from formsvc.usecases.administration import api_tokens as tokens

    ports = open_ports(read_settings(), or_demo=True)
    account = person(ports, for_user).account.id
    wanted = scopes or EVERY_SCOPE
    echo(tokens.add_token(ports, name, account, scopes=wanted, days=days, limit=limit))


@token.command("list", help=msg("发过的令牌，一行一个：编号、名称、身份、范围、有效期、状态。"))
@says_what_is_wrong
def token_list() -> None:
    """Tokens given out, a line each."""
    from formsvc.usecases.administration import api_tokens as tokens

    ports = open_ports(read_settings(), or_demo=True)
    now = ports.clock.now()
    for each in tokens.all_tokens(ports):
        standing = msg("已收回") if each.revoked_at else (msg("有效") if each.is_live(now) else msg("已到期"))
        until = each.expires().date().isoformat()
        echo("　".join([each.id[:16], each.name, each.account, " ".join(each.scopes), until, said(standing)]))


@token.command("revoke", help=msg("收回一个令牌（编号见 formsvc token list）。"))
@click.argument("token_id")
@says_what_is_wrong
def token_revoke(token_id: str) -> None:
    """End a token."""
    from formsvc.usecases.administration import api_tokens as tokens

    revoked = tokens.revoke(open_ports(read_settings(), or_demo=True), None, token_id)
    echo(msg("已收回 {account} 的令牌 {name}", account=revoked.account, name=revoked.name))


__all__ = ["main"]

if __name__ == "__main__":
    main()
