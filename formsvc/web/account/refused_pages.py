"""Pages that answer refused forms, each at an address of its own.

A browser that goes back to the answer of a POST asks whether to send it again, or shows an error page of its
own. The page, with all that was typed, is kept for this session and named by a token in the address. The key it
is sealed with is in the browser's cookie alone, so that it ends with the session.
"""

from __future__ import annotations

import hashlib
import secrets
import time
import zlib
from pathlib import Path
from urllib.parse import urlencode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, Response, current_app, flash, g, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from formsvc.usecases.administration import sessions as server_sessions
from formsvc.web import page_images
from formsvc.web.context import ports
from formsvc.web.disk_cache import DiskCache

EXTENSION = "formsvc_refused_pages"
TOKEN = "answer"
# a person without a session gets a page too: the sign-in form with what was typed
_VISITOR = "visitor"
_STATUSES = (400, 401, 409, 422, 429, 503)
_NONCE_BYTES = 12
_MEMORY_BYTES = 8 * 2**20


class _Gone(Exception):
    """A page that is not kept any more."""


def register(app: Flask) -> None:
    folder = app.config.get(page_images.FOLDER_SETTING)
    app.extensions[EXTENSION] = DiskCache(Path(folder) if folder else None, memory_limit=_MEMORY_BYTES)
    app.before_request(_show_kept_page)
    app.after_request(_redirect_to_kept_page)


def is_page_request() -> bool:
    """Return whether a browser asked for a page.

    A script reads the answer where it asked; only a page has a way back.
    """
    return "text/html" in request.headers.get("Accept", "")


def keep_this_page() -> None:
    """Give the answer of this request an address, though it is no refusal."""
    g.kept_page = True


def _redirect_to_kept_page(response: Response) -> Response:
    is_refusal = response.status_code in _STATUSES or g.get("kept_page")
    if request.method != "POST" or not is_refusal or response.mimetype != "text/html":
        return response
    if not is_page_request():
        return response
    token = secrets.token_urlsafe(12)
    content = _sealed(_secret(), zlib.compress(response.get_data()))
    _cache().get(_name(token), lambda: content)
    return make_response(redirect(f"{request.script_root}{request.path}?{urlencode({TOKEN: token})}", 303))


def _show_kept_page() -> ResponseReturnValue | None:
    """Return a kept page, None for any other request."""
    token = request.args.get(TOKEN, "")
    if request.method not in ("GET", "HEAD") or not token:
        return None
    secret = str(session.get("session", ""))
    if secret and server_sessions.person_of_session(ports(), secret, time.time()) is None:
        # the session is over: the page of that person is not shown
        return None
    try:
        content = _cache().get(_name(token), _gone)
        return make_response(zlib.decompress(_opened(_secret(), content)))
    except (_Gone, InvalidTag):
        return _without_page()


def _gone() -> bytes:
    raise _Gone


def _without_page() -> ResponseReturnValue:
    """Lead to the page itself, as it is now, or home."""
    rule = request.url_rule
    if rule is not None and "GET" in (rule.methods or ()):
        return redirect(f"{request.script_root}{request.path}", 303)
    flash(_("那一页已经不再保留，请重新打开要办的文书。"))
    return redirect(url_for("pages.home"), 303)


def _secret() -> str:
    """Return what the browser's cookie holds: the session, or a visitor's own."""
    if not session.get("session") and _VISITOR not in session:
        session[_VISITOR] = secrets.token_urlsafe(32)
    return str(session.get("session") or session[_VISITOR])


def _name(token: str) -> str:
    return f"refused/{token}"


def _sealed(secret: str, content: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(_key(secret)).encrypt(nonce, content, None)


def _opened(secret: str, content: bytes) -> bytes:
    return AESGCM(_key(secret)).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], None)


def _key(secret: str) -> bytes:
    return hashlib.sha256(f"formsvc refused page|{secret}".encode()).digest()


def _cache() -> DiskCache:
    cache: DiskCache = current_app.extensions[EXTENSION]
    return cache
