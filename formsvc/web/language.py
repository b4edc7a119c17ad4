"""Sentences of the layers below in the language of the request: on pages, in JSON, and within other texts."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask_babel import Babel, Domain, get_translations
from jinja2 import pass_context
from jinja2.runtime import Context

from formsvc.sentences import Sentence, listed, translated


def said(text: Any) -> Any:
    """A sentence in the language of the request; anything else as it is."""
    if not isinstance(text, Sentence):
        return text
    return translated(text, get_translations().ugettext)


class SayingDomain(Domain):  # type: ignore[misc]
    """Translates the sentences that stand within a text, too."""

    def gettext(self, string: str, **values: Any) -> str:
        """The text in the language of the request."""
        return str(super().gettext(string, **{name: said(value) for name, value in values.items()}))


class SayingJson(DefaultJSONProvider):
    """Answers scripts and programs in the language of the request."""

    ensure_ascii = False

    def dumps(self, obj: Any, **options: Any) -> str:
        """The JSON of what is answered."""
        return super().dumps(_said_within(obj), **options)


def register(app: Flask, babel: Babel) -> None:
    """Let everything the application answers pass through ``said``."""
    babel.domain_instance = SayingDomain()
    app.json = SayingJson(app)
    app.jinja_env.finalize = said
    app.jinja_env.globals["gettext"] = _within_pages(app.jinja_env.globals["gettext"])
    app.jinja_env.filters["listed"] = listed


def _within_pages(gettext: Any) -> Any:
    @pass_context
    def saying(context: Context, text: str, /, **values: Any) -> Any:
        return gettext(context, text, **{name: said(value) for name, value in values.items()})

    return saying


def _said_within(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _said_within(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_said_within(item) for item in value]
    return said(value)
