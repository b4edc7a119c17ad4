"""Commands on kinds of documents: hold back, release, list."""

from __future__ import annotations

import getpass

import click

from formsvc.cli.runtime import echo, fail, handle_errors, open_ports, shown_moment, translate_for_console
from formsvc.config import read_settings
from formsvc.i18n.messages import msg


@click.group(help=msg("文书类型：暂停使用、恢复使用、查看状态。"))
def form() -> None:
    pass


@form.command("hold", help=msg("暂停使用一种文书：不能再用它制作，它的文件不再读取。已有的文书不受影响。"))
@click.argument("form_id", metavar="FORM")
@click.option("--reason", default="", help=msg("理由，记入系统日志"))
@handle_errors
def form_hold(form_id: str, reason: str) -> None:
    from formsvc.usecases.publishing import hold_form

    ports = open_ports(read_settings(), or_demo=True)
    if form_id not in ports.definitions.known_forms():
        fail(msg("没有“{form}”这种文书。请用 formsvc form list 查看有哪些。", form=form_id))
    hold_form(ports.store, ports.clock, form_id, by=_operator(), reason=reason)
    echo(msg("已暂停使用 {form}。恢复使用：formsvc form release {form}", form=form_id))


@form.command("release", help=msg("恢复使用一种暂停的文书。"))
@click.argument("form_id", metavar="FORM")
@handle_errors
def form_release(form_id: str) -> None:
    from formsvc.usecases.publishing import release_form

    ports = open_ports(read_settings(), or_demo=True)
    release_form(ports.store, ports.clock, form_id, by=_operator())
    echo(msg("已恢复使用 {form}。", form=form_id))


@form.command("list", help=msg("各种文书的状态，一行一种：编号、名称、状态。"))
@handle_errors
def form_list() -> None:
    for state in open_ports(read_settings(), or_demo=True).definitions.form_states():
        errors = len([fault for fault in state.faults if fault.level == "error"])
        if state.hold:
            status = msg("已暂停使用（{at}，{by}）", at=shown_moment(state.hold.at), by=state.hold.by)
        elif errors:
            served = msg("沿用上一版") if state.revision else msg("没有启用")
            status = msg("有 {n} 处错误，{served}", n=errors, served=served)
        else:
            status = msg("使用中") if state.revision else msg("已不在文件夹")
        echo("　".join([state.form, translate_for_console(state.title), translate_for_console(status)]))


def _operator() -> str:
    return f"控制台用户 {getpass.getuser()}"
