"""API tokens: shown once, stored as hashes, revocable."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

from formsvc.domain.accounts.account import Account, Right
from formsvc.domain.accounts.api_token import (
    EVERY_SCOPE,
    HIGHEST_LIMIT,
    LONGEST_DAYS,
    PAGE_DAYS,
    USUAL_DAYS,
    USUAL_LIMIT,
    ApiToken,
    Awaits,
    Scope,
)
from formsvc.errors import InputRefused, NotFound, Problem
from formsvc.i18n.messages import Message, msg
from formsvc.usecases.access import require_admin
from formsvc.usecases.context import CONSOLE, Actor, Ports
from formsvc.usecases.event_log import record_administration
from formsvc.usecases.ports import Condition


def add_token(
    ports: Ports,
    name: str,
    for_account: str,
    *,
    actor: Actor | None = None,
    scopes: Iterable[str] = EVERY_SCOPE,
    days: int = USUAL_DAYS,
    limit: int = USUAL_LIMIT,
) -> str:
    """Create an API token for an account and return its secret.

    Only a hash is stored. `actor` is None or `server_operator` on the console. One that an administrator makes for
    another person works once that person has confirmed it. Raise InputRefused.
    """
    maker = actor if actor is not None and actor.account.id != CONSOLE.id else None
    require_admin(maker)
    chosen = tuple(scope for scope in EVERY_SCOPE if scope in set(scopes))
    problems = _problems(name, chosen, set(scopes), days, limit, PAGE_DAYS if maker else LONGEST_DAYS)
    if maker is not None:
        problems += _scope_problems(maker.account, chosen)
    if problems:
        raise InputRefused(problems)
    secret = secrets.token_urlsafe(32)
    now = ports.clock.now()
    token = ApiToken(
        id=hash_token(secret),
        name=name.strip(),
        account=for_account,
        made_at=now.isoformat(timespec="seconds"),
        made_by=actor.account.id if actor else CONSOLE.id,
        scopes=chosen,
        expires_at=(now + timedelta(days=days)).isoformat(timespec="seconds"),
        limit=limit,
        awaits=_awaits(maker, for_account),
    )
    with ports.store.write() as tx:
        if not (tx.accounts.get(for_account) or {}).get("active"):
            raise InputRefused(
                [Problem("account", msg("没有登录名为“{name}”的在用人员。", name=for_account))]
            )
        tx.tokens.insert(token.id, token.to_record())
        record_administration(
            tx, ports.clock, actor, _made_note(token, actor.origin if actor and maker is None else "")
        )
    return secret


def server_operator(user: str) -> Actor:
    """Return the console as a user of the operating system has it."""
    return Actor(CONSOLE, via="console", origin=user)


def _awaits(maker: Actor | None, for_account: str) -> str:
    if maker is None:
        return Awaits.NOTICE
    return Awaits.NOTHING if maker.account.id == for_account else Awaits.CONFIRMATION


def _made_note(token: ApiToken, operator: str) -> Message:
    if token.awaits_confirmation:
        return msg("为 {account} 发放令牌 {name}，待本人确认", account=token.account, name=token.name)
    if operator:
        return msg(
            "为 {account} 发放令牌 {name}，服务器用户 {user}",
            account=token.account,
            name=token.name,
            user=operator,
        )
    return msg("为 {account} 发放令牌 {name}", account=token.account, name=token.name)


def scopes_to_give(maker: Account) -> tuple[str, ...]:
    """Return the scopes that a person may give to a token on a page.

    People cannot give by a token what they may not decide or number themselves; the console may.
    """
    return tuple(
        scope
        for scope in EVERY_SCOPE
        if scope not in _RIGHTS_TO_GIVE or any(maker.may(right, "") for right in _RIGHTS_TO_GIVE[scope])
    )


def _scope_problems(maker: Account, chosen: tuple[str, ...]) -> list[Problem]:
    beyond = [scope for scope in chosen if scope not in scopes_to_give(maker)]
    if not beyond:
        return []
    return [
        Problem(
            "scopes",
            msg("您自己没有这些权限，不能发放范围 {words}。", words="、".join(beyond)),
            msg("请去掉这几项，或者在服务器上用 formsvc token add 发放。"),
        )
    ]


_RIGHTS_TO_GIVE = {
    Scope.DECIDE.value: (Right.REVIEW, Right.APPROVE),
    Scope.ISSUE.value: (Right.ISSUE,),
}


def hash_token(secret: str) -> str:
    # the secret has 256 random bits: it needs neither salt nor a slow hash
    return hashlib.sha256(secret.encode()).hexdigest()


def _problems(
    name: str, chosen: tuple[str, ...], asked: set[str], days: int, limit: int, longest: int
) -> list[Problem]:
    problems = []
    if not name.strip():
        problems.append(Problem("name", msg("请填写令牌的名称，例如使用它的程序。")))
    if not chosen or asked - set(EVERY_SCOPE):
        words = "、".join(EVERY_SCOPE)
        problems.append(Problem("scopes", msg("令牌的范围只能从 {words} 中选择，至少一项。", words=words)))
    if not 1 <= days <= longest:
        problems.append(Problem("days", msg("有效天数应当是 1 到 {most} 的整数。", most=longest)))
    if not 1 <= limit <= HIGHEST_LIMIT:
        problems.append(Problem("limit", msg("每分钟请求数应当是 1 到 {most} 的整数。", most=HIGHEST_LIMIT)))
    return problems


def list_tokens(ports: Ports) -> list[ApiToken]:
    with ports.store.read() as tx:
        return [ApiToken.from_record(r) for r in tx.tokens.find(order="made_at", descending=True)]


def revoke_token(ports: Ports, actor: Actor | None, token_id: str) -> ApiToken:
    """Revoke a token, named by its hash or at least 8 digits of it.

    Raise NotFound.
    """
    require_admin(actor)
    with ports.store.write() as tx:
        fitting = [r for r in tx.tokens.find() if len(token_id) >= 8 and r["id"].startswith(token_id)]
        if len(fitting) != 1:
            raise NotFound(msg("没有这个令牌。"), msg("请从令牌列表中选择。"))
        before = ApiToken.from_record(fitting[0])
        after = replace(
            before, revoked_at=before.revoked_at or ports.clock.now().isoformat(timespec="seconds")
        )
        tx.tokens.replace(after.id, after.to_record())
        if not before.revoked_at:
            record_administration(
                tx,
                ports.clock,
                actor,
                msg("收回 {account} 的令牌 {name}", account=after.account, name=after.name),
            )
    return after


# Tokens of one's own ---------------------------------------------------------------------------------


def own_tokens(ports: Ports, actor: Actor) -> list[ApiToken]:
    """Return the tokens that act as this person, newest first."""
    return [token for token in list_tokens(ports) if token.account == actor.account.id]


def tokens_awaiting(ports: Ports, actor: Actor) -> list[ApiToken]:
    """Return the tokens that this person has to confirm or note."""
    now = ports.clock.now()
    return [token for token in own_tokens(ports, actor) if token.awaits and token.is_open(now)]


def confirm_token(ports: Ports, actor: Actor, token_id: str) -> ApiToken:
    """Confirm a token another person made, or note one. Raise NotFound."""
    return _change_own(ports, actor, token_id, _confirmed_note, lambda token: replace(token, awaits=""))


def _confirmed_note(token: ApiToken) -> Message:
    return msg("确认令牌 {name}", name=token.name)


def renew_token(ports: Ports, actor: Actor, token_id: str) -> ApiToken:
    """Renew a person's own token for 90 days. Raise NotFound."""
    until = ports.clock.now() + timedelta(days=PAGE_DAYS)
    return _change_own(
        ports,
        actor,
        token_id,
        lambda token: msg("续期令牌 {name}", name=token.name),
        lambda token: replace(token, expires_at=max(until, token.expires()).isoformat(timespec="seconds")),
    )


def revoke_own_token(ports: Ports, actor: Actor, token_id: str) -> ApiToken:
    """Revoke a token that acts as this person. Raise NotFound."""
    now = ports.clock.now().isoformat(timespec="seconds")
    return _change_own(ports, actor, token_id, _revoked_note, lambda token: replace(token, revoked_at=now))


def _revoked_note(token: ApiToken) -> Message:
    return msg("收回本人的令牌 {name}", name=token.name)


def _change_own(
    ports: Ports,
    actor: Actor,
    token_id: str,
    note: Callable[[ApiToken], Message],
    change: Callable[[ApiToken], ApiToken],
) -> ApiToken:
    with ports.store.write() as tx:
        records = tx.tokens.find(Condition("account", "==", actor.account.id))
        fitting = [r for r in records if len(token_id) >= 8 and r["id"].startswith(token_id)]
        before = ApiToken.from_record(fitting[0]) if len(fitting) == 1 else None
        if before is None or not before.is_open(ports.clock.now()):
            raise NotFound(msg("您没有这个令牌，或者它已经收回、到期。"), msg("请从列表中选择。"))
        after = change(before)
        tx.tokens.replace(after.id, after.to_record())
        record_administration(tx, ports.clock, actor, note(after))
    return after


def find_token(ports: Ports, secret: str) -> tuple[ApiToken, Account] | None:
    """Return the valid token of this secret and its active account, or None."""
    # a header of megabytes is not hashed
    if not secret or len(secret) > 200:
        return None
    return live_token(ports, hash_token(secret))


def live_token(ports: Ports, id_: str) -> tuple[ApiToken, Account] | None:
    """Return the valid token of this id and its active account, or None."""
    with ports.store.read() as tx:
        record = tx.tokens.get(id_)
        person = tx.accounts.get(record["account"]) if record else None
    if record is None or person is None or not person["active"]:
        return None
    token = ApiToken.from_record(record)
    return (token, Account.from_record(person)) if token.is_live(ports.clock.now()) else None


def has_scope(token: ApiToken, scope: Scope) -> bool:
    return scope.value in token.scopes
