"""The catalogues that lie beside the program, for what speaks outside the pages: command line and set-up.

Only the standard library is used: set-up speaks before anything is installed.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from pathlib import Path

from formsvc.sentences import Lookup, translated

CATALOGUES = Path(__file__).resolve().parent / "translations"
SOURCE_LANGUAGE = "zh_CN"
SETTING = "FORMSVC_LANGUAGE"


def is_offered(language: str) -> bool:
    """Whether there is a catalogue of this language; the source language needs none."""
    return language == SOURCE_LANGUAGE or (
        language.isidentifier() and (CATALOGUES / language / "LC_MESSAGES" / "messages.mo").is_file()
    )


def chosen(environ: Mapping[str, str]) -> str:
    """The language the environment asks for where there is a catalogue of it, else Chinese."""
    wanted = environ.get(SETTING, "")
    return wanted if is_offered(wanted) else SOURCE_LANGUAGE


def lookup_in(language: str) -> Lookup:
    """From a pattern to the language; the pattern itself where there is no translation."""
    if language == SOURCE_LANGUAGE:
        return str
    return gettext.translation("messages", CATALOGUES, [language], fallback=True).gettext


def said(text: str, environ: Mapping[str, str]) -> str:
    """A text in the language the environment asks for."""
    return translated(text, lookup_in(chosen(environ)))
