"""Words typed into search boxes: sent in the body, kept by session.

An address ends up in histories, bookmarks and logs of proxies. It names the words by a token that the session of
the person alone can resolve (ASVS 8.3.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from urllib.parse import urlencode

from flask import current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from formsvc.limits import process_limits
from formsvc.usecases.administration import sessions
from formsvc.web.context import ports

TOKEN = "words"
# the search boxes; in addresses of bookmarks made before
TYPED = ("text", "q")
# a token that no session keeps
FORGOTTEN = "-"


@dataclass(frozen=True)
class SearchWords:
    """Words a list is searched for, and the token of the address.

    ``is_forgotten``: the address names words that are no longer kept.
    """

    text: str = ""
    token: str = ""
    is_forgotten: bool = False

    @property
    def query(self) -> dict[str, str]:
        """The parameters of an address of the same words."""
        return {TOKEN: self.token} if self.text else {}

    @property
    def notice(self) -> str:
        """Sentence about words that are no longer kept, "" if they are."""
        if not self.is_forgotten:
            return ""
        return str(_("网址里没有查找的词；词只在登录期间保留，这一次的已经不再保留，请重新输入。"))


def keep(text: str) -> str:
    """Keep a text for this session and return its token."""
    return sessions.keep_text(ports(), str(session.get("session", "")), text)


def kept(token: str) -> str | None:
    """Return the text of a token, None if this session does not keep it."""
    return sessions.get_text(ports(), str(session.get("session", "")), token) if token else None


def search_page(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Let a list take words to search for, as first argument.

    The form of the list is posted to it; the answer is the address of the result.
    """

    @wraps(view)
    def answer(**path: str) -> ResponseReturnValue:
        if request.method == "POST":
            return _redirect_to_result(request.form, 303)
        if any(name in request.args for name in TYPED):
            return _redirect_to_result(request.args, 302)
        token = request.args.get(TOKEN, "")
        text = kept(token)
        return view(SearchWords(text or "", token, bool(token) and text is None), **path)

    answer.takes_words = True  # type: ignore[attr-defined]  # read by list_of_stale_form
    return answer


def list_of_stale_form() -> ResponseReturnValue | None:
    """Return the way to the list whose form is of an earlier session.

    None for other forms. The list says that the words have to be typed again.
    """
    if not getattr(current_app.view_functions.get(request.endpoint or ""), "takes_words", False):
        return None
    return redirect(f"{_list_address()}?{TOKEN}={FORGOTTEN}", 303)


def _redirect_to_result(sent: Mapping[str, str], status: int) -> ResponseReturnValue:
    text = next((sent[name] for name in TYPED if sent.get(name)), "").strip()
    query = {name: value for name, value in sent.items() if value and name not in (*TYPED, "csrf_token")}
    if text:
        query[TOKEN] = keep(text[: process_limits().text_characters])
    return redirect(f"{_list_address()}?{urlencode(query)}" if query else _list_address(), status)


def _list_address() -> str:
    return url_for(request.endpoint or "", **(request.view_args or {}))


def address_without_words() -> str:
    """Return path and query of this request with a token for its words."""
    path, _mark, query = request.full_path.rstrip("?").partition("?")
    pairs = [pair for pair in query.split("&") if pair]
    others = [pair for pair in pairs if pair.partition("=")[0] not in TYPED]
    # no session can keep them yet: the list will say that they have to be typed again
    others += [f"{TOKEN}={FORGOTTEN}"] if len(others) < len(pairs) else []
    return "?".join(part for part in (path, "&".join(others)) if part)
