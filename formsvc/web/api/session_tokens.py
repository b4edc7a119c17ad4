"""Session tokens: short-lived tokens that programs get for their own.

Nothing is stored for one: it is signed, and names the token it was made of, whose end is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from formsvc.domain.accounts.account import Account
from formsvc.domain.accounts.api_token import ApiToken
from formsvc.usecases.administration import api_tokens
from formsvc.web.context import ports

PREFIX = "fst."
MAX_LENGTH = 600
USUAL_MINUTES, SHORTEST_MINUTES, LONGEST_MINUTES = 15, 5, 60


@dataclass(frozen=True)
class Holder:
    """Token of a request and its person; ``is_session`` for a short-lived one."""

    token: ApiToken
    account: Account
    is_session: bool


def find_holder(secret: str) -> Holder | None:
    """Return the live token of this secret, of either kind, or None."""
    if not secret.startswith(PREFIX):
        found = api_tokens.find_token(ports(), secret)
        return Holder(*found, is_session=False) if found else None
    if len(secret) > MAX_LENGTH:
        return None
    try:
        id_, until, scopes = _serializer().loads(secret.removeprefix(PREFIX))
    except BadData:
        return None
    expires = datetime.fromisoformat(until)
    original = api_tokens.live_token(ports(), id_)
    if original is None or ports().clock.now() >= expires:
        return None
    token, account = original
    # scopes taken from the token since then are taken from what was made of it
    kept = tuple(scope for scope in token.scopes if scope in scopes)
    return Holder(replace(token, scopes=kept, expires_at=until), account, is_session=True)


def make_session_token(token: ApiToken, scopes: Sequence[str], minutes: int) -> tuple[str, ApiToken]:
    """Return the secret of a new session token, and what it may do."""
    until = min(ports().clock.now() + timedelta(minutes=minutes), token.expires())
    made = replace(token, scopes=tuple(scopes), expires_at=until.isoformat(timespec="seconds"))
    return PREFIX + _serializer().dumps([token.id, made.expires_at, list(scopes)]), made


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="formsvc session token")
