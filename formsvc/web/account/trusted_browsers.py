"""Browsers somebody has signed in with before: others' guessing at the name does not keep their owner out.

A signed cookie names the people of a browser, each with a mark of their own. It opens nothing: it only says under which
mark wrong passwords are counted, and it is worth nothing any more once the sessions of that person were ended.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from formsvc.domain.accounts.account import Account
from formsvc.usecases.administration import accounts as administration
from formsvc.web.context import ports

COOKIE = "formsvc_known"
COOKIE_SECONDS = 365 * 24 * 3600
PEOPLE_REMEMBERED = 8
"""A counter's computer is shared by a few; the ones who signed in last are remembered."""

Mark = tuple[str, int, str]


def mark_for(name: str) -> str:
    """The mark of this browser for somebody who signed in with it before; empty for anybody else."""
    wanted = name.strip().lower()
    for known, generation, mark in _marks():
        if known == wanted:
            account = administration.get_account(ports(), known)
            return mark if account and account.session_generation == generation else ""
    return ""


def remember(account: Account) -> None:
    """Let the answer to this request tell the browser that this person is known here."""
    others = [entry for entry in _marks() if entry[0] != account.id][: PEOPLE_REMEMBERED - 1]
    kept: list[Mark] = [(account.id, account.session_generation, secrets.token_urlsafe(12)), *others]

    @after_this_request
    def tell(response: Response) -> Response:
        response.set_cookie(
            COOKIE,
            str(_signer().dumps(kept)),
            COOKIE_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
            path="/sign-in",
        )
        return response


def _marks() -> list[Mark]:
    try:
        found: Any = _signer().loads(request.cookies.get(COOKIE, ""), max_age=COOKIE_SECONDS)
        return [(str(name), int(generation), str(mark)) for name, generation, mark in found]
    except (BadData, ValueError, TypeError):
        return []


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="known browser")
