"""``formsvc``: the group, and the commands that prepare and run a service.

Exit status 0: done; 1: the input is at fault; 2: the call is at fault. Errors are
one Chinese sentence on standard error.
"""

from __future__ import annotations

import io
import sys
from dataclasses import asdict

import click

from formsvc.cli import (
    archives,
    backups,
    calendars,
    clock,
    documents,
    forms,
    maintenance,
    people,
    registers,
    restore,
)
from formsvc.cli.runtime import (
    CALL_AT_FAULT,
    INPUT_AT_FAULT,
    LocalizedGroup,
    echo,
    fail,
    handle_errors,
    open_ports,
    output_encoding,
    print_json,
    with_demo_flag,
)
from formsvc.config import Settings, read_settings
from formsvc.i18n.messages import join_messages, msg
from formsvc.version import __version__

LOOPBACK = "127.0.0.1"


@click.group(cls=LocalizedGroup, help=msg("表单与文书服务：填报、审核、编号、制成 Word 和 PDF。"))
@click.version_option(__version__, prog_name="formsvc", help=msg("显示版本。"))
def main() -> None:
    # a name that the console cannot show must not end a command halfway
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=output_encoding(stream.encoding), errors="backslashreplace")


@click.command(help=msg("准备本机：系统库、字体，并检查。"))
@click.option("--tests", is_flag=True, help=msg("连同测试需要的浏览器一起准备"))
@handle_errors
def setup(tests: bool) -> None:
    from formsvc import installation

    settings = read_settings()
    sys.exit(installation.setup(settings.instance, settings.fonts, tests=tests))


@click.command(help=msg("检查字体、字库裁剪、排版库、写入权限、磁盘、日历和时钟。"))
@click.option("--json", "as_json", is_flag=True, help=msg("以 JSON 输出"))
@handle_errors
def doctor(as_json: bool) -> None:
    from formsvc import installation
    from formsvc.bootstrap import OfficeClock, stored_calendar, stored_clock_fault

    settings = read_settings()
    today = OfficeClock(settings.today).today()
    findings = installation.check_machine(
        settings.instance, settings.fonts, today, stored_calendar(settings), stored_clock_fault(settings)
    )
    if as_json:
        print_json([asdict(f) for f in findings])
    else:
        for finding in findings:
            mark = msg("正常") if finding.ok else (msg("错误") if finding.fatal else msg("注意"))
            echo(msg("［{mark}］{name}：{sentence}", mark=mark, name=finding.name, sentence=finding.sentence))
    sys.exit(INPUT_AT_FAULT if any(not f.ok and f.fatal for f in findings) else 0)


@click.command(help=msg("正式使用的服务。"))
@click.option("--host", default=LOOPBACK, show_default=True, help=msg("监听的地址"))
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help=msg("端口"))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 32), help=msg("进程数"))
@handle_errors
def serve(host: str, port: int, workers: int) -> None:
    from formsvc import server
    from formsvc.bootstrap import setup_code
    from formsvc.usecases.administration.office_settings import is_set_up

    settings = with_demo_flag(read_settings())
    # the demo office has public passwords: it is served on loopback only, by its own command
    if settings.demo:
        fail(msg("这是演示数据，请用“formsvc demo”启动。"), CALL_AT_FAULT)
    # before anything is said to be served
    listener = server.listen(host, port)
    if not is_set_up(open_ports(settings)):
        address = f"{server.address_of(host, port)}/set-up"
        echo(msg("第一次使用：打开 {address} ，设置代码 {code}", address=address, code=setup_code(settings)))
    server.run(settings, host=host, port=port, workers=workers, listener=listener)


@click.command(help=msg("虚构的示例单位，只在本机可见。"))
@click.option("--office-only", is_flag=True, help=msg("只重建单位和人员，不做文书，不启动服务"))
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help=msg("端口"))
@handle_errors
def demo(office_only: bool, port: int) -> None:
    from formsvc import server
    from formsvc.demo import office, sample_rows

    settings = office.demo_settings(read_settings())
    if office_only:
        office.clear(settings)
        ports = open_ports(settings)
        office.create_sample_office(ports)
        sample_rows.create_sample_rows(ports)
        echo(msg("已建立示例单位：{place}（人员、机关、文号系列，没有文书）", place=settings.instance))
        return
    # before minutes are spent on the sample office, and before anything is said to be served
    listener = server.listen(LOOPBACK, port)
    _fill_demo(settings)
    echo(
        msg(
            "演示地址 {address} ，登录名 staff、reviewer、approver、officer、admin，密码都是 demo",
            address=f"http://{LOOPBACK}:{port}",
        )
    )
    server.run(settings, host=LOOPBACK, port=port, workers=1, listener=listener)


def _fill_demo(settings: Settings) -> None:
    from formsvc.demo import office, sample_acts, sample_rows

    # the mark is written last: an interrupted first run starts over
    if office.is_filled(settings):
        return
    echo(msg("正在制作示例单位和示例文书（只在第一次）……"))
    office.clear(settings)
    ports = open_ports(settings)
    office.create_sample_office(ports)
    sample_rows.create_sample_rows(ports)
    for line in sample_acts.create_sample_acts(ports):
        echo(join_messages("  ", line))
    office.mark_filled(settings)


COMMANDS = (
    setup,
    doctor,
    serve,
    demo,
    documents.render,
    documents.issue,
    documents.pdf,
    documents.check,
    documents.scaffold,
    documents.export,
    forms.form,
    backups.backup,
    restore.restore,
    restore.import_,
    maintenance.verify,
    maintenance.sweep,
    maintenance.reindex,
    maintenance.retention,
    calendars.calendar,
    registers.register,
    clock.clock,
    people.user,
    people.token,
)
for command in (archives.check, archives.list_):
    backups.backup.add_command(command)
for command in COMMANDS:
    main.add_command(command)

__all__ = ["main"]

if __name__ == "__main__":
    main()
