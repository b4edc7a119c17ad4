"""Forms posted without a valid session, kept through the new sign-in.

The text lies in the sign-in page, signed by this server: what comes back was posted here and no other
page's form, and only the person who typed it gets it back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import current_app, request, session
from itsdangerous import BadData, URLSafeTimedSerializer

from formsvc.usecases.administration import sessions as server_sessions
from formsvc.web.context import ports

# as long as a session may last
_KEPT_SECONDS = 12 * 3600
_DRAFT_PATH = re.compile(r"/drafts/[A-Za-z0-9_-]{4,64}(/submit)?")
# sent by the page itself, or secret: passwords are typed again
_NOT_KEPT = frozenset({"csrf_token", "password", "new_password", "old", "new", "again", "code"})
# hidden fields, whose values are no words of a person
_HIDDEN = frozenset({"opened_by", "version"})


@dataclass(frozen=True)
class PostedForm:
    """A form as it was posted: where to, by whom, its fields in order."""

    path: str = ""
    account: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.path)

    @property
    def is_draft(self) -> bool:
        return bool(_DRAFT_PATH.fullmatch(self.path))

    @property
    def words(self) -> list[str]:
        """Return what a person has typed or chosen, to be read."""
        return [text for name, text in self.fields if text.strip() and name not in _HIDDEN]


def serialize_posted_form() -> str:
    """Return the form of this request, signed; "" if there is nothing to keep."""
    view = current_app.view_functions.get(request.endpoint or "")
    # words to search for are typed again; a sign-in form holds a password
    if request.method != "POST" or view is None or hasattr(view, "takes_words"):
        return ""
    if (request.blueprint or "").partition(".")[0] == "auth":
        return ""
    fields = [(name, text) for name, text in request.form.items(multi=True) if name not in _NOT_KEPT]
    if not any(text.strip() for name, text in fields if name not in _HIDDEN):
        return ""
    secret = str(session.get("session", ""))
    account = server_sessions.account_of_past_session(ports(), secret) or request.form.get("opened_by", "")
    return _serializer().dumps([request.path, account, fields])


def parse_posted_form(kept: str) -> PostedForm:
    """Return a form that this server signed, an empty one for other text."""
    try:
        path, account, fields = _serializer().loads(kept, max_age=_KEPT_SECONDS)
    except BadData:
        return PostedForm()
    return PostedForm(path, account, tuple((name, text) for name, text in fields))


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="formsvc posted form")
