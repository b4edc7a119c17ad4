"""Sessions, checked at each request.

A form posted after its session has expired is kept through the new sign-in.
"""

from __future__ import annotations

import logging
import time
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    current_app,
    flash,
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
from formsvc.usecases.administration import office_settings, sign_in
from formsvc.usecases.administration import sessions as server_sessions
from formsvc.usecases.context import Actor
from formsvc.web.account import trusted_browsers
from formsvc.web.account.posted_forms import PostedForm, parse_posted_form, serialize_posted_form
from formsvc.web.account.refused_pages import keep_this_page
from formsvc.web.account.search_words import address_without_words, list_of_stale_form
from formsvc.web.context import current_actor, ports, wants_json

PUBLIC_ENDPOINTS = {
    "static",
    "auth.sign_in",
    "auth.sign_in_post",
    "auth.sign_in_code",
    "auth.set_up",
    # of a person not signed in answered at set-up only
    "auth.password_strength",
}
# answered without a look at who asks
OPEN_ENDPOINTS = {"static", "probes.healthz", "metrics.metrics"}
ENROLMENT_ENDPOINTS = {
    "static",
    "auth.second_factor.enrol",
    "auth.sign_out",
    "auth.password",
    "auth.password_strength",
}
PASSWORD_CHANGE_ENDPOINTS = {"static", "auth.password", "auth.password_strength", "auth.sign_out"}
log = logging.getLogger("formsvc.web")


def register(app: Flask) -> None:
    app.before_request(_authenticate)
    app.register_error_handler(CSRFError, _handle_csrf_error)
    app.context_processor(lambda: {"signed_in": current_actor()})
    # a global: macros see no context
    app.jinja_env.globals["opened_by"] = _opened_by


def _opened_by() -> str:
    """Return the account that a form is shown to, "" before sign-in."""
    actor = current_actor()
    return actor.account.id if actor else ""


def start_session(account: Account) -> None:
    # Nothing of a session from before sign-in goes on (session fixation)
    session.clear()
    session.permanent = True
    session["session"] = server_sessions.begin_session(
        ports(), account, int(time.time()), request.remote_addr or "", request.user_agent.string
    )
    g.who = Actor(account, origin=request.remote_addr or "")
    trusted_browsers.remember_person(account)


def asks_for_code(account: Account) -> bool:
    """Return whether this person signs in with a code of their phone."""
    # never in the demo: its passwords are printed on the page
    return not current_app.config.get("DEMO") and sign_in.needs_second_factor(ports(), account)


def must_enrol(account: Account) -> bool:
    return not account.second_factor and asks_for_code(account)


def end_session() -> None:
    """Forget the session in this browser; the caller ends it on the server."""
    session.clear()
    g.pop("who", None)


def present_session() -> str:
    """Return the id of the session of this request, "" for none."""
    return server_sessions.session_id(str(session.get("session", "")))


def _authenticate() -> ResponseReturnValue | None:
    """Set the actor and return None, or return a response to sign in."""
    if request.path.startswith("/api/") or request.endpoint in OPEN_ENDPOINTS:
        return None
    account = _account_of_session()
    if account is not None:
        g.who = Actor(account, origin=request.remote_addr or "")
        if account.must_change_password and request.endpoint not in PASSWORD_CHANGE_ENDPOINTS:
            return redirect(url_for("auth.password"))
        if must_enrol(account) and request.endpoint not in ENROLMENT_ENDPOINTS:
            return redirect(url_for("auth.second_factor.enrol"))
        return None
    if request.endpoint in PUBLIC_ENDPOINTS:
        return None
    return _require_sign_in()


def _account_of_session() -> Account | None:
    return server_sessions.person_of_session(ports(), str(session.get("session", "")), time.time())


def _require_sign_in() -> ResponseReturnValue | None:
    if not office_settings.is_set_up(ports()):
        return redirect(url_for("auth.set_up"))
    if wants_json():
        message, remedy = (
            _("登录已超时，文字仍在本页，还没有保存。"),
            _("请在新窗口重新登录，再回到本页按“重试”。"),
        )
        return make_response(jsonify(message=message, remedy=remedy, sign_in=url_for("auth.sign_in")), 401)
    if request.method != "POST":
        return redirect(url_for("auth.sign_in", next=address_without_words()))
    return make_response(
        sign_in_page(notice=_("登录已超时，请重新登录。"), kept=serialize_posted_form()), 401
    )


def _handle_csrf_error(error: CSRFError) -> Response:
    """Keep a form from an earlier session for resubmission."""
    other = _account_of_session()
    if other is not None and request.form.get("opened_by", other.id) != other.id:
        return _refuse_for_other(other)
    if (error.description or "").startswith("The referrer"):
        return _refuse_without_referer()
    if wants_json():
        # static/autosave.js repeats the request with the new token
        response = jsonify(
            message=_("页面打开时间过久，还没有保存。"), remedy=_("正在重试。"), csrf_token=generate_csrf()
        )
        return make_response(response, 400)
    kept = serialize_posted_form() or request.form.get("kept", "")
    account = _account_of_session()
    if account is None:
        return make_response(sign_in_page(notice=_("登录已超时，请重新登录。"), kept=kept), 401)
    g.who = Actor(account, origin=request.remote_addr or "")
    posted = parse_posted_form(kept)
    # what another person has typed stays unseen
    own = posted if posted.account == account.id else PostedForm()
    return make_response(list_of_stale_form() or resume_page(own, 400))


def _refuse_without_referer() -> Response:
    """Refuse a request that does not come from a page of the public address."""
    referer = request.headers.get("Referer", "")
    # %r: a header may hold anything; the path of a page may be that of a person
    log.warning(
        "refused 400: Referer of %r, page of %r", urlsplit(referer).netloc, request.headers.get("Host", "")
    )
    message = _(
        "浏览器没有写明请求来自本服务的哪一页（Referer），没有办理；您的登录没有失效，文字仍在上一页。"
    )
    remedy = _(
        "请返回上一页，关闭浏览器里隐藏来源的扩展后重试；大家都这样的，请管理员核对 FORMSVC_PUBLIC_URL 与浏览器里的网址（含端口）是否一致。"
    )
    if wants_json():
        return make_response(jsonify(message=message, remedy=remedy), 400)
    heading = _("没有办理")
    page = render_template(
        "error.html", heading=heading, message=message, remedy=remedy, error=None, status=400
    )
    return make_response(page, 400)


def _refuse_for_other(person: Account) -> Response:
    """Refuse a page another person opened: nothing is sent for others."""
    g.who = Actor(person, origin=request.remote_addr or "")
    message = _(
        "现在登录的是%(person)s，这一页是别人登录时打开的，没有保存，也没有以%(person)s的身份办理。",
        person=person.display_name,
    )
    remedy = _("请在另一个窗口退出，由原来的人重新登录后再回到本页；文字仍在本页。")
    if wants_json():
        return make_response(jsonify(message=message, remedy=remedy), 409)
    heading = _("登录的人不是打开本页的人")
    page = render_template(
        "error.html", heading=heading, message=message, remedy=remedy, error=None, status=409
    )
    return make_response(page, 409)


def sign_in_page(
    *, name: str = "", notice: str = "", next_path: str = "", kept: str = "", problems: tuple[Any, ...] = ()
) -> str:
    """Render the sign-in page; ``kept`` is a serialized form to resume."""
    return render_template(
        "signin.html", name=name, notice=notice, next_path=next_path, kept=kept, problems=problems
    )


def resume_page(kept: PostedForm, status: int = 200) -> Response:
    """Return a page from which the person sends the kept form again."""
    keep_this_page()
    return make_response(render_template("resume.html", kept=kept), status)


def resume(kept: str, account: Account) -> Response | None:
    """Return the page with a form that this person had typed, or None."""
    posted = parse_posted_form(kept)
    if not posted:
        return None
    if posted.account != account.id:
        # another person's words stay unseen
        flash(_("刚才没有办成的内容是别人登录时填写的，没有显示。"))
        return None
    return resume_page(posted)
