"""Own sessions: a list, and the ways to end them.

Ending a session elsewhere asks for the password.
"""

from __future__ import annotations

import time
from datetime import datetime

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from formsvc.errors import InputRefused, Problem, Throttled
from formsvc.usecases.administration import accounts, sign_in
from formsvc.usecases.administration import sessions as server_sessions
from formsvc.web.account import sessions
from formsvc.web.account.devices import device_name
from formsvc.web.context import ports, who

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/account/sessions")
def index() -> ResponseReturnValue:
    """List where this person is signed in."""
    return _page([])


def _page(problems: list[Problem], status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "account/sessions.html",
        sessions=server_sessions.list_sessions(ports(), who(), time.time()),
        present=sessions.present_session(),
        local_time=_local_time,
        device_name=device_name,
        problems=problems,
    )
    return make_response(page, status)


def _local_time(seconds: int) -> datetime:
    """Return the office's time of Unix seconds, without a zone."""
    return datetime.fromtimestamp(seconds, ports().clock.now().tzinfo).replace(tzinfo=None)


def _refusal() -> ResponseReturnValue | None:
    """Return the page that says why the password was not taken, or None."""
    try:
        sign_in.confirm_password(ports(), who(), request.form.get("password", ""))
    except InputRefused as wrong:
        return _page(list(wrong.problems), 422)
    except Throttled as wait:
        return _page([Problem("password", wait.message, wait.remedy)], 429)
    return None


@blueprint.post("/account/sessions/end")
def end_all() -> ResponseReturnValue:
    """End all sessions of this person, this one too."""
    refused = _refusal()
    if refused is not None:
        return refused
    accounts.end_sessions(ports(), who())
    sessions.end_session()
    flash(_("您在各处的登录都已结束，请重新登录。"))
    return redirect(url_for("auth.sign_in"))


@blueprint.post("/account/sessions/end-others")
def end_others() -> ResponseReturnValue:
    """End all sessions of this person and go on with a new one here."""
    refused = _refusal()
    if refused is not None:
        return refused
    sessions.start_session(accounts.end_sessions(ports(), who()))
    flash(_("其他地方的登录都已结束。"))
    return redirect(url_for("auth.sessions.index"), 303)


@blueprint.post("/account/sessions/<id_>/end")
def end_one(id_: str) -> ResponseReturnValue:
    """End one session; the present one without the password, as signing out."""
    if id_ == sessions.present_session():
        server_sessions.end_session(ports(), who(), id_)
        sessions.end_session()
        return redirect(url_for("auth.sign_in"), 303)
    refused = _refusal()
    if refused is not None:
        return refused
    server_sessions.end_session(ports(), who(), id_)
    flash(_("那一处的登录已结束。"))
    return redirect(url_for("auth.sessions.index"), 303)
