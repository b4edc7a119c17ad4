"""Commands on people and API tokens."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime

import click

from formsvc.cli.runtime import echo, handle_errors, load_actor, open_ports, translate_for_console
from formsvc.config import read_settings
from formsvc.domain.accounts.api_token import EVERY_SCOPE, USUAL_DAYS, USUAL_LIMIT, ApiToken
from formsvc.i18n.messages import Message, msg


@click.group(help=msg("人员。"))
def user() -> None:
    pass


@user.command("add", help=msg("增加一个人员，从键盘输入密码。"))
@click.argument("name")
@click.option(
    "--role", required=True, type=click.Choice(["staff", "reviewer", "approver", "officer", "admin"])
)
@click.option("--office", default="", help=msg("单位编号"))
@click.option("--authority", default="*", help=msg("发文机关编号，缺省为全部"))
@click.option("--display-name", default="", help=msg("姓名"))
@handle_errors
def user_add(name: str, role: str, office: str, authority: str, display_name: str) -> None:
    from formsvc.domain.accounts.account import Account
    from formsvc.usecases.administration.accounts import add_account

    ports = open_ports(read_settings())
    password = _ask_password()
    new = Account(name.lower(), display_name or name, office, {authority: [role]}, must_change_password=True)
    add_account(ports, None, new, password)
    echo(msg("已增加 {name}。第一次登录时须更改密码。", name=name))


@user.command("reset-second-factor", help=msg("取消一个人的第二步验证，下次登录时重新设置。"))
@click.argument("name")
@handle_errors
def user_reset_second_factor(name: str) -> None:
    from formsvc.usecases.administration.sign_in import remove_second_factor

    remove_second_factor(open_ports(read_settings()), None, name.lower())
    echo(msg("已取消 {name} 的第二步验证。", name=name))


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    again = translate_for_console(msg("再输入一次"))
    return str(click.prompt(translate_for_console(msg("密码")), hide_input=True, confirmation_prompt=again))


@click.group(help=msg("程序接口的令牌。"))
def token() -> None:
    pass


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
@handle_errors
def token_add(name: str, for_user: str, scopes: tuple[str, ...], days: int, limit: int) -> None:
    from formsvc.usecases.administration import api_tokens

    ports = open_ports(read_settings(), or_demo=True)
    account = load_actor(ports, for_user).account.id
    # the secret is printed alone, without a sentence, so that a script can read it
    secret = api_tokens.add_token(
        ports,
        name,
        account,
        actor=api_tokens.server_operator(_system_user()),
        scopes=scopes or EVERY_SCOPE,
        days=days,
        limit=limit,
    )
    echo(secret)


def _system_user() -> str:
    """Return the user of the operating system, "" if it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""


@token.command("list", help=msg("发过的令牌，一行一个：编号、名称、身份、范围、有效期、状态。"))
@handle_errors
def token_list() -> None:
    from formsvc.usecases.administration import api_tokens

    ports = open_ports(read_settings(), or_demo=True)
    now = ports.clock.now()
    for item in api_tokens.list_tokens(ports):
        status = _status(item, now)
        until = item.expires().date().isoformat()
        columns = [item.id[:16], item.name, item.account, " ".join(item.scopes), until]
        echo("　".join([*columns, translate_for_console(status)]))


def _status(item: ApiToken, now: datetime) -> Message:
    if item.revoked_at:
        return msg("已收回")
    if not item.is_open(now):
        return msg("已到期")
    return msg("有效") if item.is_live(now) else msg("待本人确认")


@token.command("revoke", help=msg("收回一个令牌（编号见 formsvc token list）。"))
@click.argument("token_id")
@handle_errors
def token_revoke(token_id: str) -> None:
    from formsvc.usecases.administration import api_tokens

    revoked = api_tokens.revoke_token(open_ports(read_settings(), or_demo=True), None, token_id)
    echo(msg("已收回 {account} 的令牌 {name}", account=revoked.account, name=revoked.name))
