"""People, offices, authorities, officers, series: what an administrator keeps. Every change is an event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from formsvc.domain.accounts.account import (
    EVERY_AUTHORITY,
    Account,
    Right,
    Role,
    hash_password,
    password_matches,
)
from formsvc.domain.accounts.password_policy import password_problems
from formsvc.domain.acts.act import WAITING_STATES, State
from formsvc.domain.authorities import AuthorityKind
from formsvc.domain.identifiers import check_certificate_no
from formsvc.domain.numbering.document_number import NumberStyle
from formsvc.domain.numbering.series import series_from_record
from formsvc.domain.parsing import whole_number
from formsvc.errors import FormsvcError, InputRefused, NotFound, Problem
from formsvc.i18n.catalogs import is_available
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases import event_log as history
from formsvc.usecases.circumstances import SETTINGS_KEY
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.numbering.series_changes import changed_series
from formsvc.usecases.ports import Collection, Condition, Record, Transaction

KEPT = ("offices", "authorities", "officers", "series", "entrustments")
_ACCOUNT_NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")


def sign_in(ports: Ports, name: str, password: str) -> Account:
    """The account of this name and password. Raises FormsvcError, the same sentence whatever was wrong."""
    with ports.store.read() as tx:
        record = tx.accounts.get(name.strip().lower())
    account = Account.from_record(record) if record else None
    if (
        not password_matches(account.password if account else "", password)
        or account is None
        or not account.active
    ):
        raise FormsvcError(
            msg("登录名或密码不正确。"), msg("请核对后重新输入；忘记密码请找本单位管理员重设。")
        )
    return account


def account(ports: Ports, name: str) -> Account | None:
    """The account of this sign-in name, or None."""
    with ports.store.read() as tx:
        record = tx.accounts.get(name)
    return Account.from_record(record) if record else None


def accounts(ports: Ports) -> list[Account]:
    """Everybody who may sign in."""
    with ports.store.read() as tx:
        return [Account.from_record(r) for r in tx.accounts.find(order="id")]


def add_account(ports: Ports, who: Actor | None, new: Account, password: str, *, minimum: int = 8) -> Account:
    """Add a person. ``who`` is None only at set-up and on the console. Raises InputRefused, FormsvcError."""
    _require_admin(who)
    problems = _account_problems(new)
    if problems:
        raise InputRefused(problems)
    _require_good(password, new)
    made = replace(new, password=hash_password(password, minimum=minimum))
    with ports.store.write() as tx:
        if tx.accounts.get(made.id):
            raise InputRefused(
                [Problem("id", msg("登录名“{name}”已经有人使用。", name=made.id), msg("请换一个登录名。"))]
            )
        tx.accounts.insert(made.id, made.to_record())
        _remember(ports, tx, who, f"增加人员 {made.id}（{made.display_name}）")
    return made


def change_account(ports: Ports, who: Actor, changed: Account) -> Account:
    """Change a person's name, office, roles or activity; a person cannot lock themselves out."""
    _require_admin(who)
    problems = _account_problems(changed)
    if changed.id == who.account.id and not changed.is_admin:
        problems.append(Problem("roles", msg("不能取消自己的管理员权限。"), msg("请由另一位管理员办理。")))
    if problems:
        raise InputRefused(problems)
    with ports.store.write() as tx:
        before = _account_record(tx, changed.id)
        _require_nothing_open(tx, before, changed)
        generation = int(before["session_generation"]) + (0 if changed.active else 1)
        after = replace(changed, password=before["password"], session_generation=generation)
        tx.accounts.replace(after.id, after.to_record())
        _remember(ports, tx, who, f"修改人员 {after.id}（{after.display_name}）")
    return after


def _require_nothing_open(tx: Transaction, before: Record, after: Account) -> None:
    """Somebody with work in hand is switched off together with its handover only. Raises InputRefused."""
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


def set_password(ports: Ports, who: Actor | None, name: str, password: str) -> None:
    """Give a person a new password, by an administrator; their sessions end and they must change it."""
    _require_admin(who)
    _store_password(ports, who, name, password, must_change=True)


def change_own_password(ports: Ports, who: Actor, old: str, new: str) -> Account:
    """Change one's own password. Raises FormsvcError when the old one is wrong or the new one too short."""
    if not password_matches(who.account.password, old):
        raise InputRefused([Problem("old", msg("原密码不正确。"), msg("请重新输入。"))])
    if password_matches(who.account.password, new):
        raise InputRefused([Problem("new", msg("新密码与原密码相同。"), msg("请换一个密码。"))])
    return _store_password(ports, who, who.account.id, new, must_change=False)


def choose_language(ports: Ports, who: Actor, language: str) -> None:
    """Show this person the pages in a language from now on. Raises InputRefused for one that is not offered."""
    if not is_available(language):
        raise InputRefused([Problem("language", msg("没有这种语言。"), msg("请从列表中选择语言。"))])
    with ports.store.write() as tx:
        before = Account.from_record(_account_record(tx, who.account.id))
        after = replace(before, preferences={**before.preferences, "locale": language})
        tx.accounts.replace(who.account.id, after.to_record())


def _store_password(
    ports: Ports, who: Actor | None, name: str, password: str, *, must_change: bool
) -> Account:
    with ports.store.write() as tx:
        before = Account.from_record(_account_record(tx, name))
        _require_good(password, before)
        after = replace(
            before,
            password=hash_password(password),
            must_change_password=must_change,
            session_generation=before.session_generation + 1,
        )
        tx.accounts.replace(name, after.to_record())
        _remember(ports, tx, who, f"更改 {name} 的密码")
    return after


def _require_good(password: str, person: Account) -> None:
    """Raise FormsvcError when the password breaks a rule."""
    problems = password_problems(password, own=(person.id, person.display_name))
    if problems:
        raise FormsvcError(problems[0].message, problems[0].remedy)


def end_sessions(ports: Ports, who: Actor) -> Account:
    """End every session of the person, wherever they signed in."""
    with ports.store.write() as tx:
        before = Account.from_record(_account_record(tx, who.account.id))
        after = replace(before, session_generation=before.session_generation + 1)
        tx.accounts.replace(after.id, after.to_record())
        history.record_event(tx, ports.clock, who, "", "SignedOut", note=msg("结束本人的全部登录"))
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


def _require_admin(who: Actor | None) -> None:
    if who is not None:
        who.account.require(Right.ADMINISTER, "")


def _remember(ports: Ports, tx: Transaction, who: Actor | None, note: str) -> None:
    actor = who or Actor(Account("console", "控制台", ""), via="console")
    history.record_event(tx, ports.clock, actor, "", "Administered", note=note)


# Things kept by key --------------------------------------------------------------------------------


def kept(ports: Ports, kind: str) -> list[Record]:
    """Every record of one of KEPT, in the order of ids."""
    with ports.store.read() as tx:
        return _collection(tx, kind).find(order="id")


def keep(
    ports: Ports, who: Actor | None, kind: str, record: Mapping[str, Any], *, reason: str = ""
) -> Record:
    """Add or change an office, authority, officer, series or paper entrustment.

    A series that has given numbers keeps its prefix and style; it changes only with a reason.
    Raises InputRefused with every problem.
    """
    _require_admin(who)
    made = dict(record)
    problems = _CHECKS[kind](made)
    if problems:
        raise InputRefused(problems)
    with ports.store.write() as tx:
        collection = _collection(tx, kind)
        before = collection.get(made["id"])
        if kind == "series":
            by = who.account.display_name if who else ""
            made = changed_series(ports, tx, by, before, made, reason)
        if before:
            collection.replace(made["id"], made)
        else:
            collection.insert(made["id"], made)
        verb = "修改" if before else "增加"
        _remember(
            ports, tx, who, f"{verb}{_KIND_NAMES[kind]} {made['id']}{f'，理由：{reason}' if reason else ''}"
        )
    return made


def _collection(tx: Transaction, kind: str) -> Collection:
    if kind not in KEPT:
        raise NotFound(msg("没有这一类资料。"))
    found: Collection = getattr(tx, kind)
    return found


_KIND_NAMES = {
    "offices": "单位",
    "authorities": "发文机关",
    "officers": "执法人员",
    "series": "文号系列",
    "entrustments": "纸质委托书",
}


def _need(record: Record, names: Mapping[str, str]) -> list[Problem]:
    return [
        Problem(key, msg("请填写{label}。", label=label))
        for key, label in names.items()
        if not str(record.get(key) or "").strip()
    ]


def _office_problems(record: Record) -> list[Problem]:
    return _need(record, {"id": msg("编号"), "name": msg("单位名称")})


def _authority_problems(record: Record) -> list[Problem]:
    problems = _need(record, {"id": msg("编号"), "name": msg("机关全称"), "kind": msg("机关类别")})
    if record.get("kind") and record["kind"] not in set(AuthorityKind):
        problems.append(Problem("kind", msg("请选择机关类别。")))
    return problems


def _officer_problems(record: Record) -> list[Problem]:
    problems = _need(record, {"name": msg("姓名"), "cert_no": msg("执法证号"), "org": msg("所在单位")})
    for key, label in (("valid_from", msg("证件起始日")), ("valid_to", msg("证件截止日"))):
        problems += _date_problems(record, key, label)
    try:
        check_certificate_no(str(record.get("cert_no") or ""))
    except ValueError as wrong:
        problems.append(Problem("cert_no", str(wrong)))
    return problems


def _series_problems(record: Record) -> list[Problem]:
    problems = _need(
        record, {"id": msg("编号"), "authority": msg("发文机关"), "prefix": msg("字样"), "style": msg("样式")}
    )
    if not record.get("forms"):
        problems.append(Problem("forms", msg("请至少选择一种文书。")))
    if record.get("style") and record["style"] not in set(NumberStyle):
        problems.append(Problem("style", msg("请选择编号样式。")))
    starts = record.get("starts") or {}
    if not all(whole_number(str(y)) is not None and int(n) >= 1 for y, n in starts.items()):
        problems.append(Problem("starts", msg("起始号应当是不小于 1 的整数。")))
    return problems or _wording_problems(record)


def _wording_problems(record: Record) -> list[Problem]:
    """Whether a number of the series could be written at all."""
    try:
        series_from_record(record)
    except ValueError as wrong:
        return [Problem("prefix", str(wrong))]
    return []


def _entrustment_problems(record: Record) -> list[Problem]:
    labels = {
        "id": msg("编号"),
        "number": msg("委托书文号"),
        "principal_name": msg("委托机关"),
        "agent_name": msg("受委托组织"),
    }
    problems = _need(record, {**labels, "area": msg("地域范围"), "powers": msg("委托权限")})
    for key, label in (("start_date", msg("起始日")), ("end_date", msg("截止日"))):
        problems += _date_problems(record, key, label)
    if not record.get("matters"):
        problems.append(Problem("matters", msg("请至少填写一项委托事项。")))
    return problems


def _date_problems(record: Record, key: str, label: str) -> list[Problem]:
    try:
        date.fromisoformat(str(record.get(key) or ""))
    except ValueError:
        return [Problem(key, msg("请填写{label}，例如 2026-11-23。", label=label))]
    return []


_CHECKS = {
    "offices": _office_problems,
    "authorities": _authority_problems,
    "officers": _officer_problems,
    "series": _series_problems,
    "entrustments": _entrustment_problems,
}


# First start -----------------------------------------------------------------------------------------


def is_set_up(ports: Ports) -> bool:
    """Whether there is an office with an administrator."""
    return any(account.is_admin for account in accounts(ports))


def set_up(ports: Ports, office_name: str, name: str, display_name: str, password: str) -> Account:
    """The office and its first administrator, once. Raises FormsvcError when that has been done."""
    if is_set_up(ports):
        raise FormsvcError(msg("本单位已经设置过管理员。"), msg("请直接登录。"))
    keep(ports, None, "offices", {"id": "office", "name": office_name.strip()})
    first = Account(
        name.strip().lower(), display_name.strip(), "office", {EVERY_AUTHORITY: [Role.ADMIN.value]}
    )
    return add_account(ports, None, first, password)


def settings(ports: Ports) -> Record:
    """What the office configured; empty before it did."""
    with ports.store.read() as tx:
        return tx.settings.get(SETTINGS_KEY) or {}


def keep_settings(ports: Ports, who: Actor | None, changes: Mapping[str, Any]) -> Record:
    """Change the office's settings."""
    _require_admin(who)
    with ports.store.write() as tx:
        before = tx.settings.get(SETTINGS_KEY)
        after = {**(before or {}), **changes, "id": SETTINGS_KEY}
        if before:
            tx.settings.replace(SETTINGS_KEY, after)
        else:
            tx.settings.insert(SETTINGS_KEY, after)
        _remember(ports, tx, who, f"修改设置 {'、'.join(changes)}")
    return after
