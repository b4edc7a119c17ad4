"""Browsers known by a cookie: guessing does not lock their owner out.

A signed cookie names the people of a browser, each with a token of their own. It grants no access: failed sign-ins are
counted by token instead of by name. It expires when the person's sessions are ended.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from formsvc.domain.accounts.account import Account
from formsvc.usecases.administration import accounts
from formsvc.web.context import ports

COOKIE = "formsvc_known"
COOKIE_SECONDS = 365 * 24 * 3600
# A computer at a counter is shared by a few; those who signed in last are kept
MAX_PEOPLE = 8

# Account id, session generation, token
KnownPerson = tuple[str, int, str]


def browser_token(name: str) -> str:
    """Return the token of a person known to this browser, else ""."""
    account_id = name.strip().lower()
    for known, generation, token in _known_people():
        if known == account_id:
            account = accounts.get_account(ports(), known)
            return token if account and account.session_generation == generation else ""
    return ""


def remember_person(account: Account) -> None:
    """Set the cookie by which this browser is known to be this person's."""
    others = [entry for entry in _known_people() if entry[0] != account.id][: MAX_PEOPLE - 1]
    people: list[KnownPerson] = [(account.id, account.session_generation, secrets.token_urlsafe(12)), *others]

    @after_this_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie(
            COOKIE,
            str(_signer().dumps(people)),
            COOKIE_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
            path=f"{request.script_root}/sign-in",
        )
        return response


def _known_people() -> list[KnownPerson]:
    try:
        people: Any = _signer().loads(request.cookies.get(COOKIE, ""), max_age=COOKIE_SECONDS)
        return [(str(name), int(generation), str(token)) for name, generation, token in people]
    except (BadData, ValueError, TypeError):
        return []


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="known browser")
