"""API tokens: shown once, stored as hashes, revocable."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from formsvc.domain.accounts.account import Account
from formsvc.domain.accounts.api_token import (
    EVERY_SCOPE,
    HIGHEST_LIMIT,
    LONGEST_DAYS,
    USUAL_DAYS,
    USUAL_LIMIT,
    ApiToken,
    Scope,
)
from formsvc.errors import InputRefused, NotFound, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.access import require_admin
from formsvc.usecases.context import CONSOLE, Actor, Ports
from formsvc.usecases.event_log import record_administration


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

    Only a hash is stored. `who` is None on the console. Raise InputRefused.
    """
    require_admin(actor)
    chosen = tuple(scope for scope in EVERY_SCOPE if scope in set(scopes))
    problems = _problems(name, chosen, set(scopes), days, limit)
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
    )
    with ports.store.write() as tx:
        if not (tx.accounts.get(for_account) or {}).get("active"):
            raise InputRefused(
                [Problem("account", msg("没有登录名为“{name}”的在用人员。", name=for_account))]
            )
        tx.tokens.insert(token.id, token.to_record())
        record_administration(
            tx, ports.clock, actor, msg("为 {account} 发放令牌 {name}", account=for_account, name=token.name)
        )
    return secret


def hash_token(secret: str) -> str:
    # the secret has 256 random bits: it needs neither salt nor a slow hash
    return hashlib.sha256(secret.encode()).hexdigest()


def _problems(name: str, chosen: tuple[str, ...], asked: set[str], days: int, limit: int) -> list[Problem]:
    problems = []
    if not name.strip():
        problems.append(Problem("name", msg("请填写令牌的名称，例如使用它的程序。")))
    if not chosen or asked - set(EVERY_SCOPE):
        words = "、".join(EVERY_SCOPE)
        problems.append(Problem("scopes", msg("令牌的范围只能从 {words} 中选择，至少一项。", words=words)))
    if not 1 <= days <= LONGEST_DAYS:
        problems.append(Problem("days", msg("有效天数应当是 1 到 {most} 的整数。", most=LONGEST_DAYS)))
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


def find_token(ports: Ports, secret: str) -> tuple[ApiToken, Account] | None:
    """Return the valid token of this secret and its active account, or None."""
    # a header of megabytes is not hashed
    if not secret or len(secret) > 200:
        return None
    with ports.store.read() as tx:
        record = tx.tokens.get(hash_token(secret))
        person = tx.accounts.get(record["account"]) if record else None
    if record is None or person is None or not person["active"]:
        return None
    token = ApiToken.from_record(record)
    return (token, Account.from_record(person)) if token.is_live(ports.clock.now()) else None


def has_scope(token: ApiToken, scope: Scope) -> bool:
    return scope.value in token.scopes
