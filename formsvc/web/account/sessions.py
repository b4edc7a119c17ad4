"""Who is signed in: the session checked at each request, and what was typed kept when it has run out."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from flask import (
    Flask,
    Response,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError, generate_csrf

from formsvc.domain.accounts.account import Account
from formsvc.usecases.administration import accounts as administration
from formsvc.usecases.administration import office_settings
from formsvc.usecases.context import Actor
from formsvc.web.account import trusted_browsers as known_browsers
from formsvc.web.context import current_actor, ports, wants_json
from formsvc.web.security import IDLE_HOURS, SESSION_HOURS

FOR_EVERYBODY = {"static", "auth.sign_in", "auth.enter", "auth.set_up", "pages.healthz"}
WITH_AN_OLD_PASSWORD = {"static", "auth.password", "auth.sign_out", "pages.healthz"}
REFRESH_SECONDS = 600
_DRAFT_PATH = re.compile(r"/drafts/[A-Za-z0-9_-]{4,64}(/submit)?")


def register(app: Flask) -> None:
    """Ask at each request who comes, and keep a draft's text when the session has run out."""
    app.before_request(_admit)
    app.register_error_handler(CSRFError, _stale)
    app.context_processor(lambda: {"signed_in": current_actor()})


def begin(account: Account) -> None:
    """Start a fresh session for this person."""
    session.clear()
    session.permanent = True
    now = int(time.time())
    session.update(who=account.id, generation=account.session_generation, began=now, until=_until())
    g.who = Actor(account, origin=request.remote_addr or "")
    known_browsers.remember(account)


def end() -> None:
    """Forget the person."""
    session.clear()
    g.pop("who", None)


def _until() -> int:
    """When a session ends in which nothing more is done."""
    return int(time.time()) + IDLE_HOURS * 3600


def _admit() -> ResponseReturnValue | None:
    """Let the request through, or answer it with the way to sign in."""
    if request.path.startswith("/api/") or request.endpoint == "static":
        return None
    account = _account_of_session()
    if account is not None:
        g.who = Actor(account, origin=request.remote_addr or "")
        if account.must_change_password and request.endpoint not in WITH_AN_OLD_PASSWORD:
            return redirect(url_for("auth.password"))
        return None
    if request.endpoint in FOR_EVERYBODY:
        return None
    return _ask_to_sign_in()


def _account_of_session() -> Account | None:
    name, until = session.get("who"), session.get("until", 0)
    now = time.time()
    if not name or until < now or session.get("began", 0) + SESSION_HOURS * 3600 < now:
        return None
    account = administration.get_account(ports(), name)
    if account is None or not account.active or account.session_generation != session.get("generation"):
        return None
    if _until() - until > REFRESH_SECONDS:
        session["until"] = _until()
    return account


def _ask_to_sign_in() -> ResponseReturnValue | None:
    if not office_settings.is_set_up(ports()):
        return redirect(url_for("auth.set_up"))
    if wants_json():
        message, remedy = (
            _("登录已超时，文字仍在本页，还没有保存。"),
            _("请在新窗口重新登录，再回到本页按“重试”。"),
        )
        return make_response(jsonify(message=message, remedy=remedy, sign_in=url_for("auth.sign_in")), 401)
    if request.method != "POST":
        return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))
    return make_response(sign_in_page(notice=_("登录已超时，请重新登录。"), kept=_posted_draft()), 401)


def _stale(error: CSRFError) -> Response:
    """The page was made before the present session; a draft's text goes on into a fresh one."""
    if wants_json():
        answer = jsonify(
            message=_("页面打开时间过久，还没有保存。"), remedy=_("正在重试。"), csrf_token=generate_csrf()
        )
        return make_response(answer, 400)
    kept = _posted_draft() or request.form.get("kept", "")
    account = _account_of_session()
    if account is None:
        return make_response(sign_in_page(notice=_("登录已超时，请重新登录。"), kept=kept), 401)
    g.who = Actor(account, origin=request.remote_addr or "")
    return continue_page(kept, 400)


def sign_in_page(
    *, name: str = "", notice: str = "", next_path: str = "", kept: str = "", problems: tuple[Any, ...] = ()
) -> str:
    """The sign-in page; ``kept`` is a draft's text that waits for it."""
    return render_template(
        "signin.html", name=name, notice=notice, next_path=next_path, kept=kept, problems=problems
    )


def continue_page(kept: str, status: int = 200) -> Response:
    """What was typed before the session ran out, to be sent again by the person's own press."""
    path, fields = read_kept(kept)
    return make_response(render_template("resume.html", path=path, fields=fields), status)


def _posted_draft() -> str:
    """The posted form of a draft as text, empty for any other page."""
    if request.method != "POST" or not _DRAFT_PATH.fullmatch(request.path):
        return ""
    fields = [[name, text] for name, text in request.form.items(multi=True) if name != "csrf_token"]
    return json.dumps({"path": request.path, "fields": fields}, ensure_ascii=False)


def read_kept(kept: str) -> tuple[str, list[tuple[str, str]]]:
    """The path and fields of a kept draft; empty when the text is none of ours."""
    try:
        found = json.loads(kept or "{}")
        path = str(found["path"])
        fields = [(str(name), str(text)) for name, text in found["fields"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", []
    return (path, fields) if _DRAFT_PATH.fullmatch(path) else ("", [])
