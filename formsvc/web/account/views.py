"""Sign-in, sign-out, the own password and language, initial set-up."""

from __future__ import annotations

import hmac
import logging
import time

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.accounts.account import Account
from formsvc.errors import Busy, FormsvcError, InputRefused, Problem, Throttled
from formsvc.i18n.catalogs import is_available
from formsvc.usecases.administration import accounts, office_settings
from formsvc.usecases.administration import sessions as server_sessions
from formsvc.usecases.administration import sign_in as sign_in_usecase
from formsvc.usecases.throttle import MemoryThrottle
from formsvc.web.account import reminders, second_factor, session_list, sessions, tokens, trusted_browsers
from formsvc.web.context import current_actor, ports, who
from formsvc.web.i18n import COOKIE, COOKIE_SECONDS

blueprint = Blueprint("auth", __name__)
blueprint.register_blueprint(tokens.blueprint)
blueprint.register_blueprint(second_factor.blueprint)
blueprint.register_blueprint(session_list.blueprint)
blueprint.register_blueprint(reminders.blueprint)
# from the password to the code of the phone
CODE_SECONDS = 300
log = logging.getLogger("formsvc.web")
_set_up_attempts = MemoryThrottle()


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form; ``?language=`` sets the language."""
    next_path = safe_redirect_path(request.args.get("next", ""))
    if not office_settings.is_set_up(ports()):
        return redirect(url_for("auth.set_up"))
    if current_actor():
        return _redirect_to(next_path)
    language = request.args.get("language", "")
    if not is_available(language):
        return sessions.sign_in_page(next_path=next_path)
    response = redirect(url_for("auth.sign_in", next=next_path or None))
    response.set_cookie(
        COOKIE, language, COOKIE_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response


@blueprint.post("/sign-in")
def sign_in_post() -> ResponseReturnValue:
    """Start a session; do not reveal whether name or password is wrong."""
    name, next_path, kept = (request.form.get(key, "") for key in ("name", "next", "kept"))
    origin = request.remote_addr or ""
    try:
        account = sign_in_usecase.sign_in(
            ports(), name, request.form.get("password", ""), origin, trusted_browsers.browser_token(name)
        )
    except Busy:
        raise
    except FormsvcError as wrong:
        status = 429 if isinstance(wrong, Throttled) else 422
        return _sign_in_error(name, next_path, kept, Problem("name", wrong.message, wrong.remedy), status)
    if account.second_factor and sessions.asks_for_code(account):
        session.clear()
        session["pending"] = [account.id, account.session_generation, int(time.time()) + CODE_SECONDS]
        return _code_page(next_path, kept)
    return _signed_in(account, next_path, kept)


def _signed_in(account: Account, next_path: str, kept: str) -> ResponseReturnValue:
    sessions.start_session(account)
    return sessions.resume(kept, account) or _redirect_to(safe_redirect_path(next_path))


def _redirect_to(path: str) -> AnyResponse:
    # the path that a page asked for is without the prefix of the public address
    return redirect(f"{request.script_root}{path}" if path else url_for("pages.home"))


def _code_page(next_path: str, kept: str, problem: Problem | None = None, status: int = 200) -> Response:
    page = render_template(
        "account/code.html",
        next_path=safe_redirect_path(next_path),
        kept=kept,
        problems=[problem] if problem else [],
    )
    return make_response(page, status)


@blueprint.post("/sign-in/code")
def sign_in_code() -> ResponseReturnValue:
    """Finish a sign-in whose password was right within the last minutes."""
    next_path, kept = (request.form.get(key, "") for key in ("next", "kept"))
    name, generation, until = session.get("pending") or ("", 0, 0)
    person = accounts.get_account(ports(), name) if name and until >= time.time() else None
    if person is None or person.session_generation != generation:
        session.clear()
        page = sessions.sign_in_page(
            notice=_("登录已超时，请重新登录。"), next_path=safe_redirect_path(next_path), kept=kept
        )
        return make_response(page, 401)
    try:
        account = sign_in_usecase.verify_second_factor(
            ports(), name, request.form.get("code", ""), time.time(), request.remote_addr or ""
        )
    except Busy:
        raise
    except FormsvcError as wrong:
        status = 429 if isinstance(wrong, Throttled) else 422
        log.warning("second factor refused %s for %s from %s", status, name, request.remote_addr or "-")
        return _code_page(next_path, kept, Problem("code", wrong.message, wrong.remedy), status)
    return _signed_in(account, next_path, kept)


def _sign_in_error(name: str, next_path: str, kept: str, problem: Problem, status: int) -> Response:
    # without the name: people type their password there
    log.warning("sign-in refused %s from %s", status, request.remote_addr or "-")
    page = sessions.sign_in_page(
        name=name, next_path=safe_redirect_path(next_path), kept=kept, problems=(problem,)
    )
    return make_response(page, status)


def safe_redirect_path(path: str) -> str:
    """Return the path if it is one of this site, else "" (open redirects)."""
    # "//host" and "/\host" are other sites to a browser
    is_local = (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and path.isprintable()
        and "\\" not in path
    )
    return path if is_local else ""


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    server_sessions.end_session(ports(), who(), sessions.present_session())
    sessions.end_session()
    flash(_("您已退出登录。"))
    return redirect(url_for("auth.sign_in"))


@blueprint.post("/account/language")
def language() -> ResponseReturnValue:
    """Save the language of this person's pages; documents stay Chinese."""
    chosen = request.form.get("language", "")
    try:
        accounts.choose_language(ports(), who(), chosen)
    except InputRefused as refused:
        return _password_page(list(refused.problems), 422, forced=False)
    answer = redirect(url_for("auth.password"))
    with force_locale(chosen):
        flash(_("页面语言已更改。"))
    return answer


@blueprint.route("/account/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    problems: list[Problem] = []
    status = 422
    if request.method == "POST":
        try:
            changed = sign_in_usecase.change_own_password(ports(), who(), *_new_password("old"))
        except InputRefused as refused:
            problems = list(refused.problems)
        except Throttled as wait:
            problems, status = [Problem("old", wait.message, wait.remedy)], 429
        except FormsvcError as wrong:
            problems = [Problem("new", wrong.message, wrong.remedy)]
        else:
            sessions.start_session(changed)
            flash(_("密码已更改，其他地方的登录已失效。"))
            return redirect(url_for("pages.home"))
    return _password_page(problems, status if problems else 200, forced=who().account.must_change_password)


def _password_page(problems: list[Problem], status: int, *, forced: bool) -> Response:
    shortest = ports().limits.password_characters
    page = render_template("password.html", problems=problems, forced=forced, shortest=shortest)
    return make_response(page, status)


@blueprint.post("/account/password/strength")
def password_strength() -> ResponseReturnValue:
    """Return how strong a new password would be, while it is typed."""
    actor = current_actor()
    if actor is None and office_settings.is_set_up(ports()):
        abort(404)
    typed = request.form.get("new", "")
    person = actor.account if actor else None
    strength = accounts.strength_of_password(ports(), person, typed)
    accepted = (_("够用，再长一些更好。"), _("强。"), _("很强。"))
    text = strength.problem.sentence() if strength.problem else accepted[strength.level - 2]
    return jsonify(level=strength.level, text=text)


def _new_password(old: str) -> tuple[str, str]:
    """Return the field ``old`` and the new password, if typed twice alike."""
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        raise InputRefused([Problem("again", _("两次输入的新密码不一致。"), _("请重新输入。"))])
    return request.form.get(old, ""), new


@blueprint.route("/set-up", methods=["GET", "POST"])
def set_up() -> ResponseReturnValue:
    """Create office and first administrator, with the code on the console."""
    if office_settings.is_set_up(ports()):
        if request.method == "POST":
            abort(404)
        return redirect(url_for("auth.sign_in"))
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            sessions.start_session(_set_up())
        except InputRefused as refused:
            problems = list(refused.problems)
        except FormsvcError as wrong:
            problems = [Problem("new", wrong.message, wrong.remedy)]
        else:
            flash(_("本单位已建立。请先登记发文机关、人员和文号系列。"))
            return redirect(url_for("pages.home"))
    shortest = ports().limits.password_characters
    page = render_template("setup.html", problems=problems, typed=request.form, shortest=shortest)
    return make_response(page, 422 if problems else 200)


def _set_up() -> Account:
    key = ("set-up", request.remote_addr or "")
    wait = _set_up_attempts.seconds_to_wait(key)
    if wait:
        raise InputRefused([Problem("code", _("尝试次数过多。"), _("请 %(n)s 秒后再试。", n=wait))])
    code, new = _new_password("code")
    expected = str(current_app.config.get("SETUP_CODE") or "")
    # Compared in constant time: the response must not reveal how much of the code is right
    if not expected or not hmac.compare_digest(code.strip().encode(), expected.encode()):
        _set_up_attempts.record_failure(key)
        raise InputRefused(
            [Problem("code", _("设置代码不正确。"), _("请核对服务器控制台上显示的设置代码。"))]
        )
    office, name, display_name = (request.form.get(k, "").strip() for k in ("office", "id", "display_name"))
    if not office:
        raise InputRefused([Problem("office", _("请填写单位名称。"))])
    return office_settings.set_up(ports(), office, name, display_name, new)
