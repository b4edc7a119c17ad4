"""Protection: headers, cookies, CSRF tokens, trusted hosts, size limits."""

from __future__ import annotations

import logging
import mimetypes
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request
from flask.globals import request_ctx
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFProtect

from formsvc.limits import process_limits
from formsvc.web.problem_details import problem_response
from formsvc.web.public_address import LOOPBACK, host_name, public_prefix

# No cookie outlasts this; the server ends sessions sooner
SESSION_HOURS = 12
MEGABYTE = 1024 * 1024
NO_STORE = "private, no-store"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob:",
        "object-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)

csrf = CSRFProtect()
log = logging.getLogger("formsvc.web")


def max_upload_bytes() -> int:
    return process_limits().attachment_megabytes * MEGABYTE


def max_request_bytes() -> int:
    # a form with several photos
    return 3 * max_upload_bytes()


# Python asks the registry on Windows, where other programs set text/plain for .js: browsers refuse to run that
_MIME_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def register(app: Flask) -> None:
    for suffix, mime_type in _MIME_TYPES.items():
        mimetypes.add_type(mime_type, suffix)
    public_url = str(app.config.get("PUBLIC_URL") or "")
    app.config.update(
        # a browser takes this prefix from this host alone, and over https
        SESSION_COOKIE_NAME=f"{'__Host-' if public_url.startswith('https://') else ''}{_cookie_name(public_url)}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(hours=2 * SESSION_HOURS),
        # A form may stay open as long as its session; the token dies with the session
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=max_request_bytes(),
        MAX_FORM_MEMORY_SIZE=process_limits().form_megabytes * MEGABYTE,
        MAX_FORM_PARTS=process_limits().form_fields,
        SHARES_HOST=bool(public_prefix(public_url)),
        ACCEPTED_HOSTS=_accepted_hosts(public_url, demo=bool(app.config.get("DEMO"))),
    )
    app.before_request(_reject_untrusted_hosts)
    app.before_request(_drop_malformed_referer)
    app.before_request(_reject_encoded_body)
    app.before_request(_limit_urlencoded_form)
    csrf.init_app(app)
    app.after_request(_set_headers)


def _cookie_name(public_url: str) -> str:
    # services under several paths of one host must not end each other's sessions
    return "formsvc" + public_prefix(public_url).replace("/", "-")


def _accepted_hosts(public_url: str, *, demo: bool) -> tuple[str, ...]:
    """Return the hosts to accept; none for all, without a public address."""
    if demo:
        return LOOPBACK
    host = urlsplit(public_url).hostname
    return (*LOOPBACK, host) if host else ()


def _reject_untrusted_hosts() -> Response | None:
    """Reject an untrusted Host header."""
    # werkzeug's own list knows no IPv6 addresses
    accepted, host = current_app.config["ACCEPTED_HOSTS"], request.headers.get("Host", "")
    is_accepted = not accepted or host_name(host) in accepted
    if request_ctx.url_adapter is not None and is_accepted:
        return None
    # %r: a header may hold anything
    log.warning("refused 400: Host %r, accepted are %s", host, ", ".join(accepted) or "all")
    if host:
        sentence = _(
            "这个网址不是本服务的地址，请核对后重新输入。经反向代理访问的，请管理员核对 FORMSVC_PUBLIC_URL 和代理传来的 Host。"
        )
    else:
        sentence = _("请求没有写明网址（Host）。经反向代理访问的，请管理员让代理传来 Host。")
    if request.path.startswith("/api/"):
        return problem_response(400, _("请求有误"), sentence, "", None, {})
    return Response(sentence, 400, mimetype="text/plain")


def _drop_malformed_referer() -> None:
    """Remove a Referer that is no address: Flask-WTF would fail on it."""
    try:
        urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        del request.environ["HTTP_REFERER"]


def _reject_encoded_body() -> None:
    """Reject a compressed body: nothing here decompresses one."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        abort(415)


def _limit_urlencoded_form() -> None:
    """Reject a form of too many fields before it is parsed."""
    # werkzeug limits the fields of multipart forms only
    if request.mimetype == "application/x-www-form-urlencoded":
        most = process_limits().form_megabytes * MEGABYTE
        request.max_content_length = min(request.max_content_length or most, most)
        if request.get_data().count(b"&") >= process_limits().form_fields:
            abort(413)


def _set_headers(response: Response) -> Response:
    defaults: dict[str, Any] = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if current_app.config["SESSION_COOKIE_SECURE"]:
        # under a path the host is not ours alone, nor are the names below it
        below = "" if current_app.config["SHARES_HOST"] else "; includeSubDomains"
        defaults["Strict-Transport-Security"] = f"max-age=31536000{below}"
    # opened in a browser, what a person typed must not be shown as a page
    if request.path.startswith("/api/") and (response.mimetype or "").endswith("json"):
        defaults["Content-Disposition"] = 'attachment; filename="api.json"'
    # Pages hold personal data; on a shared computer the Back button must not bring them up after sign-out
    if request.endpoint != "static":
        defaults["Cache-Control"] = NO_STORE
    for name, value in defaults.items():
        response.headers.setdefault(name, value)
    return response
