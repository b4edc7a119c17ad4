"""The catalogues that lie beside the program, and the languages they offer.

They are read as they are written and translated (``messages.po``); nothing has to be compiled first. Only the
standard library is used: set-up speaks before anything is installed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from formsvc.i18n.messages import CONTEXT_MARK, Lookup, translate

CATALOGUES = Path(__file__).resolve().parent / "locales"
SOURCE_LANGUAGE = "zh_CN"
SETTING = "FORMSVC_LANGUAGE"


def offered() -> list[str]:
    """Every language there is a catalogue of, the source language first."""
    return [SOURCE_LANGUAGE, *sorted(_found_in(CATALOGUES) - {SOURCE_LANGUAGE})]


@lru_cache(maxsize=1)
def _found_in(folder: Path) -> frozenset[str]:
    return frozenset(file.parent.parent.name for file in folder.glob("*/LC_MESSAGES/messages.po"))


def is_offered(language: str) -> bool:
    """Whether there is a catalogue of this language; the source language needs none."""
    return language == SOURCE_LANGUAGE or language in _found_in(CATALOGUES)


def chosen(environ: Mapping[str, str]) -> str:
    """The language the environment asks for where there is a catalogue of it, else Chinese."""
    wanted = environ.get(SETTING, "")
    return wanted if is_offered(wanted) else SOURCE_LANGUAGE


def lookup_in(language: str) -> Lookup:
    """From a pattern to the language; the pattern itself where there is no translation."""
    if language == SOURCE_LANGUAGE or not is_offered(language):
        return str
    told = catalogue(_place(language))
    return lambda pattern: told.get(pattern, pattern)


def said(text: str, environ: Mapping[str, str]) -> str:
    """A text in the language the environment asks for."""
    return translate(text, lookup_in(chosen(environ)))


def _place(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


@lru_cache(maxsize=8)
def catalogue(file: Path) -> Mapping[str, str]:
    """What a catalogue says; a text with a context stands under both, as gettext keeps it."""
    return {text: told for text, told in _entries(file.read_text(encoding="utf-8")) if text and told}


def _entries(written: str) -> Iterator[tuple[str, str]]:
    """Each text and its translation; doubtful (fuzzy) and withdrawn ones are left out."""
    for block in written.split("\n\n"):
        parts: dict[str, str] = {}
        name = ""
        lines = block.splitlines()
        if any(line.startswith("#,") and "fuzzy" in line for line in lines):
            continue
        for line in (line for line in lines if line and not line.startswith("#")):
            if not line.startswith('"'):
                name, _, line = line.partition(" ")
            parts[name] = parts.get(name, "") + ast.literal_eval(line)
        context = parts.get("msgctxt", "")
        yield (context + CONTEXT_MARK if context else "") + parts.get("msgid", ""), parts.get("msgstr", "")
