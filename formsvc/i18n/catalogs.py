"""Message catalogs in ``locales/`` and the languages they make available.

The ``.po`` files are read directly, so that nothing has to be compiled after a change.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from formsvc.i18n.messages import CONTEXT_SEPARATOR, Lookup, translate

# The standard library only, no Babel: set-up speaks before anything is installed, and the
# library's own gettext reads compiled .mo files alone.

LOCALES = Path(__file__).resolve().parent / "locales"
SOURCE_LANGUAGE = "zh_CN"
LANGUAGE_VARIABLE = "FORMSVC_LANGUAGE"


def available_languages() -> list[str]:
    """Return the languages with a catalog, the source language first."""
    return [SOURCE_LANGUAGE, *sorted(_languages_in(LOCALES) - {SOURCE_LANGUAGE})]


@lru_cache(maxsize=1)
def _languages_in(folder: Path) -> frozenset[str]:
    return frozenset(file.parent.parent.name for file in folder.glob("*/LC_MESSAGES/messages.po"))


def is_available(language: str) -> bool:
    # the source language needs no catalog: its patterns are the texts
    return language == SOURCE_LANGUAGE or language in _languages_in(LOCALES)


def language_from_env(environ: Mapping[str, str]) -> str:
    """Return the language of the environment, Chinese if it has no catalog."""
    language = environ.get(LANGUAGE_VARIABLE, "")
    return language if is_available(language) else SOURCE_LANGUAGE


def lookup_for(language: str) -> Lookup:
    """Return the function that maps a pattern to its translation."""
    if language == SOURCE_LANGUAGE or not is_available(language):
        return str
    catalog = read_catalog(_catalog_file(language))
    return lambda pattern: catalog.get(pattern, pattern)


def translate_for_env(text: str, environ: Mapping[str, str]) -> str:
    return translate(text, lookup_for(language_from_env(environ)))


def _catalog_file(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "messages.po"


@lru_cache(maxsize=8)
def read_catalog(file: Path) -> Mapping[str, str]:
    """Return the translations in a ``.po`` file by their text.

    The key of an entry with a context is ``context + CONTEXT_SEPARATOR + text``.
    """
    entries = parse_entries(file.read_text(encoding="utf-8"))
    return {text: translation for text, translation in entries if text and translation}


def parse_entries(content: str) -> Iterator[tuple[str, str]]:
    """Yield text and translation of entries neither fuzzy nor obsolete."""
    for block in content.split("\n\n"):
        lines = block.splitlines()
        if any(line.startswith("#,") and "fuzzy" in line for line in lines):
            continue
        keywords: dict[str, str] = {}
        keyword = ""
        # "#~" marks obsolete entries, which thereby are skipped as comments
        for line in (line for line in lines if line and not line.startswith("#")):
            if not line.startswith('"'):
                keyword, _, line = line.partition(" ")
            # the strings of a .po file have the escapes of C, which Python reads as its own
            keywords[keyword] = keywords.get(keyword, "") + ast.literal_eval(line)
        context = keywords.get("msgctxt", "")
        text = keywords.get("msgid", "")
        yield (context + CONTEXT_SEPARATOR if context else "") + text, keywords.get("msgstr", "")
