"""Accounts of the people who may sign in; every change is logged."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from formsvc.domain.accounts.account import (
    Account,
    Role,
    hash_password,
    needs_new_hash,
    password_matches,
)
from formsvc.domain.accounts.password_policy import Strength, password_problems, password_strength
from formsvc.domain.acts.act import WAITING_STATES, State
from formsvc.errors import FormsvcError, InputRefused, NotFound, Problem
from formsvc.i18n.catalogs import is_available
from formsvc.i18n.messages import format_list, from_json, msg, to_json
from formsvc.usecases.access import require_admin
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_administration, record_event
from formsvc.usecases.ports import Condition, Record, Transaction

# A password that another person chose is to be replaced within a week
INITIAL_PASSWORD_DAYS = 7
# a change of password or second factor is shown to its person for this time
CHANGE_SHOWN = timedelta(days=7)
_ACCOUNT_NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")


class WrongPassword(InputRefused):
    """The present password was typed wrongly."""


def authenticate(ports: Ports, name: str, password: str) -> Account:
    """Return the account of this name and password.

    Raise FormsvcError, with one sentence for a wrong name and a wrong password.
    """
    with ports.store.read() as tx:
        record = tx.accounts.get(name.strip().lower())
    account = Account.from_record(record) if record else None
    # the password is compared for an unknown name too: the answer takes equally long
    if (
        not password_matches(account.password if account else "", password)
        or account is None
        or not account.active
    ):
        raise FormsvcError(
            msg("登录名或密码不正确。"), msg("请核对后重新输入；忘记密码请找本单位管理员重设。")
        )
    if account.password_until and account.password_until < ports.clock.now().isoformat(timespec="seconds"):
        raise FormsvcError(
            msg("管理员设定的初始密码已经过期，超过 {n} 天没有更改。", n=INITIAL_PASSWORD_DAYS),
            msg("请找本单位管理员重设密码，当天登录并改成自己的密码。"),
        )
    return _with_new_hash(ports, account, password) if needs_new_hash(account.password) else account


def _with_new_hash(ports: Ports, account: Account, password: str) -> Account:
    """Return the account with its password hashed as today's are."""
    renewed = hash_password(password, minimum=0)
    with ports.store.write() as tx:
        now = Account.from_record(_account_record(tx, account.id))
        # changed in the meantime: that password stays
        if now.password != account.password:
            return now
        after = replace(now, password=renewed)
        tx.accounts.replace(after.id, after.to_record())
    return after


def get_account(ports: Ports, name: str) -> Account | None:
    with ports.store.read() as tx:
        record = tx.accounts.get(name)
    return Account.from_record(record) if record else None


def list_accounts(ports: Ports) -> list[Account]:
    with ports.store.read() as tx:
        return [Account.from_record(r) for r in tx.accounts.find(order="id")]


def add_account(
    ports: Ports, actor: Actor | None, new: Account, password: str, *, minimum: int = 8
) -> Account:
    """Add an account; `who` is None at set-up and on the console.

    Raise InputRefused, FormsvcError.
    """
    require_admin(actor)
    problems = _account_problems(new)
    if problems:
        raise InputRefused(problems)
    with ports.store.read() as tx:
        _require_good(ports, tx, password, new)
    account = replace(
        new,
        password=hash_password(password, minimum=minimum),
        password_until=_initial_password_until(ports) if new.must_change_password else "",
    )
    with ports.store.write() as tx:
        if tx.accounts.get(account.id):
            raise InputRefused(
                [Problem("id", msg("登录名“{name}”已经有人使用。", name=account.id), msg("请换一个登录名。"))]
            )
        tx.accounts.insert(account.id, account.to_record())
        record_administration(tx, ports.clock, actor, f"增加人员 {account.id}（{account.display_name}）")
    return account


def _initial_password_until(ports: Ports) -> str:
    until = ports.clock.now() + timedelta(days=INITIAL_PASSWORD_DAYS)
    return until.isoformat(timespec="seconds")


def change_account(ports: Ports, actor: Actor, changed: Account) -> Account:
    """Change a person's name, office, roles or activity. Raise InputRefused."""
    require_admin(actor)
    problems = _account_problems(changed)
    # an office without an administrator could not be put right from the web
    if changed.id == actor.account.id and not changed.is_admin:
        problems.append(Problem("roles", msg("不能取消自己的管理员权限。"), msg("请由另一位管理员办理。")))
    if problems:
        raise InputRefused(problems)
    with ports.store.write() as tx:
        before = _account_record(tx, changed.id)
        _require_nothing_open(tx, before, changed)
        # sessions carry the generation they began with: raising it ends them all
        generation = int(before["session_generation"]) + (0 if changed.active else 1)
        after = replace(
            changed,
            password=before["password"],
            password_until=before.get("password_until", ""),
            second_factor=before.get("second_factor", {}),
            credentials_change=before.get("credentials_change", {}),
            session_generation=generation,
        )
        tx.accounts.replace(after.id, after.to_record())
        record_administration(tx, ports.clock, actor, f"修改人员 {after.id}（{after.display_name}）")
    return after


def _require_nothing_open(tx: Transaction, before: Record, after: Account) -> None:
    """Raise InputRefused if a person with open work would be deactivated."""
    if after.active or not before["active"]:
        return
    unfinished = [state.value for state in (State.DRAFT, *WAITING_STATES)]
    count = tx.acts.count(Condition("drafter", "==", after.id), Condition("state", "in", unfinished))
    if count:
        raise InputRefused(
            [
                Problem(
                    "active",
                    msg("此人还有 {n} 件没有办结。", n=count),
                    msg("请用“停用并移交”，把它们交给同事。"),
                )
            ]
        )


def set_password(ports: Ports, actor: Actor | None, name: str, password: str) -> None:
    """Set a person's password; they must change it at the next sign-in."""
    require_admin(actor)
    _store_password(ports, actor, name, password, must_change=True)


def change_own_password(ports: Ports, actor: Actor, old: str, new: str) -> Account:
    """Change one's own password.

    Raise WrongPassword if the old one is wrong, FormsvcError if the new one is weak.
    """
    if not password_matches(actor.account.password, old):
        raise WrongPassword([Problem("old", msg("原密码不正确。"), msg("请重新输入。"))])
    if password_matches(actor.account.password, new):
        raise InputRefused([Problem("new", msg("新密码与原密码相同。"), msg("请换一个密码。"))])
    return _store_password(ports, actor, actor.account.id, new, must_change=False)


def choose_language(ports: Ports, actor: Actor, language: str) -> None:
    if not is_available(language):
        raise InputRefused([Problem("language", msg("没有这种语言。"), msg("请从列表中选择语言。"))])
    with ports.store.write() as tx:
        before = Account.from_record(_account_record(tx, actor.account.id))
        after = replace(before, preferences={**before.preferences, "locale": language})
        tx.accounts.replace(actor.account.id, after.to_record())


def _store_password(
    ports: Ports, actor: Actor | None, name: str, password: str, *, must_change: bool
) -> Account:
    with ports.store.write() as tx:
        before = Account.from_record(_account_record(tx, name))
        _require_good(ports, tx, password, before)
        after = replace(
            with_credentials_change(ports, before, _password_note(actor, name)),
            password=hash_password(password),
            must_change_password=must_change,
            password_until=_initial_password_until(ports) if must_change else "",
            session_generation=before.session_generation + 1,
        )
        tx.accounts.replace(name, after.to_record())
        record_administration(tx, ports.clock, actor, f"更改 {name} 的密码")
    return after


def _password_note(actor: Actor | None, name: str) -> str:
    if actor and actor.account.id == name:
        return msg("您更改了密码")
    return msg("{who}重设了您的密码", who=name_of(actor))


def name_of(actor: Actor | None) -> str:
    """Return the name of an actor in a message; None is the console."""
    return actor.account.display_name if actor else msg("服务器的控制台")


def with_credentials_change(ports: Ports, account: Account, note: str) -> Account:
    """Return the account with a change to show to its person."""
    at = ports.clock.now().isoformat(timespec="seconds")
    return replace(account, credentials_change={"at": at, "note": to_json(note)})


def recent_credentials_change(ports: Ports, actor: Actor) -> tuple[str, str] | None:
    """Return time and message of a change within a week, or None."""
    with ports.store.read() as tx:
        change = Account.from_record(_account_record(tx, actor.account.id)).credentials_change
    if not change or datetime.fromisoformat(change["at"]) < ports.clock.now() - CHANGE_SHOWN:
        return None
    return change["at"], from_json(change["note"])


def _require_good(ports: Ports, tx: Transaction, password: str, person: Account) -> None:
    """Raise FormsvcError if the password breaks a rule."""
    shortest = ports.limits.password_characters
    problems = password_problems(password, shortest, own=_own_words(tx, person))
    if problems:
        raise FormsvcError(problems[0].message, problems[0].remedy)


def _own_words(tx: Transaction, person: Account) -> list[str]:
    """Return what the person's password must not contain."""
    office = tx.offices.get(person.office) or {}
    return [person.id, person.display_name, str(office.get("name", ""))]


def strength_of_password(ports: Ports, person: Account | None, password: str) -> Strength:
    """Return how strong a new password would be.

    None is the first administrator, before the set-up.
    """
    with ports.store.read() as tx:
        own = _own_words(tx, person) if person else []
    return password_strength(password, ports.limits.password_characters, own=own)


def end_sessions(ports: Ports, actor: Actor) -> Account:
    with ports.store.write() as tx:
        before = Account.from_record(_account_record(tx, actor.account.id))
        after = replace(before, session_generation=before.session_generation + 1)
        tx.accounts.replace(after.id, after.to_record())
        record_event(tx, ports.clock, actor, "", "SignedOut", note=msg("结束本人的全部登录"))
    return after


def _account_record(tx: Transaction, name: str) -> Record:
    record = tx.accounts.get(name)
    if record is None:
        raise NotFound(msg("没有登录名为“{name}”的人员。", name=name), msg("请核对登录名。"))
    return record


def _account_problems(new: Account) -> list[Problem]:
    problems = []
    if not _ACCOUNT_NAME.fullmatch(new.id):
        problems.append(
            Problem("id", msg("登录名应当以小写字母开头，由 2 至 32 个小写字母、数字、点、横线组成。"))
        )
    if not new.display_name.strip():
        problems.append(Problem("display_name", msg("请填写姓名。")))
    unknown = {name for names in new.roles.values() for name in names} - {role.value for role in Role}
    if unknown:
        problems.append(Problem("roles", msg("没有“{roles}”这种角色。", roles=format_list(sorted(unknown)))))
    return problems
