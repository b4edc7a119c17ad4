"""What protects every answer: headers, cookies, CSRF tokens, trusted hosts, limits on what is sent in."""

from __future__ import annotations

import mimetypes
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from flask.globals import request_ctx
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFProtect

from formsvc.web.problem_details import problem_page

LOOPBACK = ("127.0.0.1", "localhost")
SESSION_HOURS = 12
"""A session ends this long after signing in, whatever is done in it."""
IDLE_HOURS = 2
"""A session ends this long after its last request."""
MEGABYTE = 1024 * 1024
LARGEST_UPLOAD = 20 * MEGABYTE
POLICY = "; ".join(
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


_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""Said outright: Windows asks its registry, where other programs have put text/plain for .js, and no browser runs that."""


def register(app: Flask) -> None:
    """Set the limits and put the headers on every answer."""
    for ending, mime in _TYPES.items():
        mimetypes.add_type(mime, ending)
    public_url = str(app.config.get("PUBLIC_URL") or "")
    app.config.update(
        SESSION_COOKIE_NAME="formsvc",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(hours=2 * SESSION_HOURS),
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=3 * LARGEST_UPLOAD,
        MAX_FORM_MEMORY_SIZE=4 * MEGABYTE,
        MAX_FORM_PARTS=20_000,
        TRUSTED_HOSTS=_trusted_hosts(public_url, demo=bool(app.config.get("DEMO"))),
    )
    app.before_request(_refuse_foreign_hosts)
    csrf.init_app(app)
    app.after_request(_headers)


def _trusted_hosts(public_url: str, *, demo: bool) -> list[str] | None:
    """Hosts that may be asked for; an office without a public address is reached by any name of its machine."""
    if demo:
        return list(LOOPBACK)
    host = urlsplit(public_url).hostname
    return [*LOOPBACK, host] if host else None


def _refuse_foreign_hosts() -> Response | None:
    """A host that is not trusted has no addresses, so that not even a page of ours can be made for it."""
    if request_ctx.url_adapter is not None:
        return None
    sentence = _("这个网址不是本服务的地址，请核对后重新输入。")
    if request.path.startswith("/api/"):
        return problem_page(400, _("请求有误"), sentence, "", None, {})
    return Response(sentence, 400, mimetype="text/plain")


def _headers(response: Response) -> Response:
    defaults: dict[str, Any] = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if current_app.config["SESSION_COOKIE_SECURE"]:
        defaults["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        defaults["Cache-Control"] = "private, no-store"
    for name, value in defaults.items():
        response.headers.setdefault(name, value)
    return response
