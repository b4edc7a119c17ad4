"""Sentences of the layers below in the language of the request: on pages, in JSON, and within other texts."""

from __future__ import annotations

import re
from typing import Any

from babel import Locale
from flask import Flask, Response, current_app, g, request
from flask.json.provider import DefaultJSONProvider
from flask_babel import Babel, Domain, get_locale
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from formsvc.i18n import catalogs
from formsvc.i18n.messages import Lookup, Message, format_list, join_messages, select_plural, translate
from formsvc.web.context import signed_in

COOKIE = "formsvc_language"
_LOOKUP = "formsvc_lookup"
COOKIE_SECONDS = 365 * 24 * 3600
SOURCE_TAG = "zh-CN"
LANGUAGE_TAGS = {"zh": SOURCE_TAG, "en": "en-GB"}
_TAG = re.compile(r"(<[^>]*>)")
_CHINESE = r"[\u3001-\u301f\u3400-\u9fff\uff01-\uff60]"
_HAN = re.compile(r"[\u3007\u3400-\u9fff]")
_RUN = re.compile(rf"{_CHINESE}(?:[\w{_CHINESE[1:-1]}]*{_CHINESE})?")
_WITHOUT_ELEMENTS = ("<option", "<textarea", "<input")
_UNREAD = ("<title", "<script", "<style")


def register(app: Flask) -> None:
    """Chinese first; let everything the application answers pass through ``said``."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", catalogs.SOURCE_LANGUAGE)
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Asia/Shanghai")
    babel = Babel(app, locale_selector=_chosen_locale)
    babel.domain_instance = SayingDomain()
    app.json = SayingJson(app)
    app.jinja_env.finalize = said
    app.jinja_env.globals["gettext"] = app.jinja_env.globals["_"] = _within_pages
    app.jinja_env.filters["listed"] = format_list
    app.jinja_env.filters["followed_by"] = join_messages
    app.context_processor(_for_pages)
    app.after_request(_tell_the_language)


def _for_pages() -> dict[str, Any]:
    return {
        "locale_tag": language_tag(),
        "languages": languages,
        "language_choices": lambda: [(code, name) for code, _tag, name in languages()],
        "language_chosen": _chosen_locale,
    }


def said(text: Any) -> Any:
    """A sentence in the language of the request; anything else as it is."""
    if not isinstance(text, Message):
        return text
    return translate(text, _lookup())


def languages() -> list[tuple[str, str, str]]:
    """Every language on offer: its code, its tag for ``lang`` and its own name."""
    found = [(code, Locale.parse(code)) for code in catalogs.available_languages()]
    return [(code, _tag_of(locale), str(locale.get_language_name(code))) for code, locale in found]


def language_tag() -> str:
    """The language of the page, for its ``lang``."""
    return _tag_of(get_locale())


def _tag_of(locale: Locale) -> str:
    return LANGUAGE_TAGS.get(locale.language, locale.language)


def _chosen_locale() -> str:
    """The language this person or program asks for, where there is a catalogue of it, else the office's."""
    if request.path.startswith("/api/"):  # whoever's token it is, the program says what it reads
        tags = {_tag_of(Locale.parse(code)): code for code in catalogs.available_languages()}
        return tags[request.accept_languages.best_match(list(tags), SOURCE_TAG)]
    who = signed_in()
    preferred = str(who.account.preferences.get("locale", "")) if who else ""
    for wanted in (preferred, request.cookies.get(COOKIE, "")):
        if wanted and catalogs.is_available(wanted):
            return wanted
    return str(current_app.config["BABEL_DEFAULT_LOCALE"])


def _lookup() -> Lookup:
    """The catalogue of the language of the request; a page asks some four hundred times."""
    if not g:  # nobody asks: a thread of our own
        return catalogs.lookup_for(catalogs.SOURCE_LANGUAGE)
    found: Lookup | None = g.get(_LOOKUP)
    if found is None:
        found = catalogs.lookup_for(str(get_locale() or catalogs.SOURCE_LANGUAGE))
        setattr(g, _LOOKUP, found)
    return found


class Catalogue:
    """What Flask-Babel asks for translations, over the catalogues as they are written."""

    def __init__(self, language: str) -> None:
        self.ugettext = self.gettext = catalogs.lookup_for(language)


class SayingDomain(Domain):  # type: ignore[misc]
    """Translates the sentences that stand within a text, too."""

    def get_translations(self) -> Catalogue:
        """The catalogue of the language of the request."""
        return Catalogue(str(get_locale() or catalogs.SOURCE_LANGUAGE))

    def gettext(self, string: str, **values: Any) -> str:
        """The text in the language of the request."""
        told = select_plural(_lookup()(string), values)
        return told % {name: said(value) for name, value in values.items()} if values else told


class SayingJson(DefaultJSONProvider):
    """Answers scripts and programs in the language of the request."""

    ensure_ascii = False

    def dumps(self, obj: Any, **options: Any) -> str:
        """The JSON of what is answered."""
        return super().dumps(_said_within(obj), **options)


@pass_context
def _within_pages(context: Context, text: str, /, **values: Any) -> str:
    told = select_plural(_lookup()(text), values)
    pattern = Markup(told) if context.eval_ctx.autoescape else told
    return pattern % {name: said(value) for name, value in values.items()}


def _said_within(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _said_within(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_said_within(item) for item in value]
    return said(value)


def _tell_the_language(response: Response) -> Response:
    """Mark what is Chinese on pages in another language; say that an answer to a program hangs on what it reads."""
    if request.path.startswith("/api/"):
        response.vary.add("Accept-Language")
    elif response.mimetype == "text/html" and not response.is_streamed and language_tag() != SOURCE_TAG:
        response.set_data(marked(response.get_data(as_text=True)))
    return response


def marked(page: str) -> str:
    """The page with ``lang`` on every Chinese text: for the voice that reads it and the glyphs that show it."""
    pieces = _TAG.split(page)
    opened = ""
    for at, piece in enumerate(pieces):
        if at % 2:
            opened = piece
            if piece.startswith("<input") and _HAN.search(piece):
                pieces[at] = _with_language(piece)
        elif not _HAN.search(piece) or opened.startswith(_UNREAD):
            continue
        elif opened.startswith(_WITHOUT_ELEMENTS[:2]):
            pieces[at - 1] = _with_language(opened)
        else:
            pieces[at] = _RUN.sub(lambda run: f'<span lang="{SOURCE_TAG}">{run[0]}</span>', piece)
    return "".join(pieces)


def _with_language(tag: str) -> str:
    return tag if " lang=" in tag else re.sub(r"^<(\w+)", rf'<\1 lang="{SOURCE_TAG}"', tag)
