"""Translation of messages into the language of the request."""

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
from formsvc.web.context import current_actor

COOKIE = "formsvc_language"
_LOOKUP_KEY = "formsvc_lookup"
COOKIE_SECONDS = 365 * 24 * 3600
SOURCE_TAG = "zh-CN"
LANGUAGE_TAGS = {"zh": SOURCE_TAG, "en": "en-GB"}
_HTML_TAG = re.compile(r"(<[^>]*>)")
# CJK punctuation, ideographs (Extension A to the end of the unified block), full-width forms
_CHINESE = r"[\u3001-\u301f\u3400-\u9fff\uff01-\uff60]"
_HAN = re.compile(r"[\u3007\u3400-\u9fff]")
# From the first to the last Chinese character, with letters and digits between them
_CHINESE_RUN = re.compile(rf"{_CHINESE}(?:[\w{_CHINESE[1:-1]}]*{_CHINESE})?")
# Elements that may hold text but no <span>
_TEXT_ONLY_ELEMENTS = ("<option", "<textarea")
_SKIPPED_ELEMENTS = ("<title", "<script", "<style")


def register(app: Flask) -> None:
    """Let Flask-Babel, Jinja and JSON translate every Message."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", catalogs.SOURCE_LANGUAGE)
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Asia/Shanghai")
    babel = Babel(app, locale_selector=_select_locale)
    babel.domain_instance = MessageDomain()
    app.json = MessageJSONProvider(app)
    # The layers below return Messages, not text: finalize sees each value that a template writes
    app.jinja_env.finalize = translate_for_request
    app.jinja_env.globals["gettext"] = app.jinja_env.globals["_"] = _gettext_in_template
    app.jinja_env.filters["format_list"] = format_list
    app.jinja_env.filters["join_messages"] = join_messages
    app.context_processor(_template_context)
    app.after_request(_declare_language)


def _template_context() -> dict[str, Any]:
    return {
        "locale_tag": language_tag(),
        "languages": offered_languages,
        "language_choices": lambda: [(code, name) for code, _tag, name in offered_languages()],
        "language_chosen": _select_locale,
    }


def translate_for_request(text: Any) -> Any:
    """Return a Message in the language of the request, else ``text`` as is."""
    if not isinstance(text, Message):
        return text
    return translate(text, _lookup_for_request())


def offered_languages() -> list[tuple[str, str, str]]:
    """Return code, BCP 47 tag and own name of every available language."""
    locales = [(code, Locale.parse(code)) for code in catalogs.available_languages()]
    return [(code, _tag_for(locale), str(locale.get_language_name(code))) for code, locale in locales]


def language_tag() -> str:
    """Return the BCP 47 tag of the page's language."""
    return _tag_for(get_locale())


def _tag_for(locale: Locale) -> str:
    return LANGUAGE_TAGS.get(locale.language, locale.language)


def _select_locale() -> str:
    """Return the person's language, else the cookie's, else the default."""
    # A program reads the language it asks for, not that of its token's owner
    if request.path.startswith("/api/"):
        tags = {_tag_for(Locale.parse(code)): code for code in catalogs.available_languages()}
        return tags[request.accept_languages.best_match(list(tags), SOURCE_TAG)]
    actor = current_actor()
    preferred = str(actor.account.preferences.get("locale", "")) if actor else ""
    for language in (preferred, request.cookies.get(COOKIE, "")):
        if language and catalogs.is_available(language):
            return language
    return str(current_app.config["BABEL_DEFAULT_LOCALE"])


def _lookup_for_request() -> Lookup:
    # Outside a request (a thread that draws pages) there is no reader: the source language
    if not g:
        return catalogs.lookup_for(catalogs.SOURCE_LANGUAGE)
    # Kept for the request: a page translates some four hundred texts
    lookup: Lookup | None = g.get(_LOOKUP_KEY)
    if lookup is None:
        lookup = catalogs.lookup_for(str(get_locale() or catalogs.SOURCE_LANGUAGE))
        setattr(g, _LOOKUP_KEY, lookup)
    return lookup


class RequestTranslations:
    """The part of gettext's translations that Flask-Babel calls."""

    def __init__(self, language: str) -> None:
        self.ugettext = self.gettext = catalogs.lookup_for(language)


class MessageDomain(Domain):  # type: ignore[misc]
    """Flask-Babel domain that translates Messages among parameters too."""

    def get_translations(self) -> RequestTranslations:
        return RequestTranslations(str(get_locale() or catalogs.SOURCE_LANGUAGE))

    def gettext(self, string: str, **values: Any) -> str:
        text = select_plural(_lookup_for_request()(string), values)
        return (
            text % {name: translate_for_request(value) for name, value in values.items()} if values else text
        )


class MessageJSONProvider(DefaultJSONProvider):
    """JSON provider that translates every Message in the response."""

    ensure_ascii = False

    def dumps(self, obj: Any, **options: Any) -> str:
        return super().dumps(_translate_nested(obj), **options)


@pass_context
def _gettext_in_template(context: Context, text: str, /, **values: Any) -> str:
    text = select_plural(_lookup_for_request()(text), values)
    # Markup escapes the parameters, which may hold what people typed
    pattern = Markup(text) if context.eval_ctx.autoescape else text
    return pattern % {name: translate_for_request(value) for name, value in values.items()}


def _translate_nested(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _translate_nested(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_translate_nested(item) for item in value]
    return translate_for_request(value)


def _declare_language(response: Response) -> Response:
    """Add ``lang`` to Chinese text on pages, ``Vary`` to API responses."""
    if request.path.startswith("/api/"):
        response.vary.add("Accept-Language")
    elif response.mimetype == "text/html" and not response.is_streamed and language_tag() != SOURCE_TAG:
        response.set_data(mark_chinese_spans(response.get_data(as_text=True)))
    return response


def mark_chinese_spans(page: str) -> str:
    """Return the page with ``lang="zh-CN"`` on all Chinese text.

    Screen readers choose the voice by it, browsers the glyphs.
    """
    # Not in Jinja's finalize, which sees a value but not whether it is written as text, into an attribute or into
    # an <option>, and not the Chinese parameters inside a translated sentence. Templates escape all values, so
    # that every "<" of the finished page begins a tag.
    pieces = _HTML_TAG.split(page)
    tag = ""
    for index, piece in enumerate(pieces):
        if index % 2:
            tag = piece
            # An input's value is an attribute: the element itself must carry the language
            if piece.startswith("<input") and _HAN.search(piece):
                pieces[index] = _with_lang(piece)
        elif not _HAN.search(piece) or tag.startswith(_SKIPPED_ELEMENTS):
            continue
        elif tag.startswith(_TEXT_ONLY_ELEMENTS):
            pieces[index - 1] = _with_lang(tag)
        else:
            pieces[index] = _CHINESE_RUN.sub(lambda run: f'<span lang="{SOURCE_TAG}">{run[0]}</span>', piece)
    return "".join(pieces)


def _with_lang(tag: str) -> str:
    return tag if " lang=" in tag else re.sub(r"^<(\w+)", rf'<\1 lang="{SOURCE_TAG}"', tag)
