"""Extraction of texts to translate (``make texts``)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from formsvc.i18n.catalogs import LOCALES, SOURCE_LANGUAGE
from formsvc.i18n.messages import FORM_CONTEXT

PROJECT = LOCALES.parents[2]
DEFINITIONS = PROJECT / "form_definitions"
SOURCE_FOLDER = LOCALES / SOURCE_LANGUAGE / "LC_MESSAGES"
KEYWORDS = {**DEFAULT_KEYWORDS, "msg": None, "_l": None, "lazy_gettext": None}
# keys whose values pages show
FIELD_TEXTS = ("label", "hint", "unit", "required_message", "pattern_message")
RULE_TEXTS = ("message", "remedy")


@cache
def program_texts() -> tuple[str, ...]:
    """Return every text of the code and the templates, in their order."""
    texts = []
    with (PROJECT / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]  # Babel has no types here
    for _file, _line, text, *_rest in extract_from_dir(str(PROJECT), methods, options, KEYWORDS):
        # a tuple would be an ngettext call, which this program does not use
        assert isinstance(text, str)
        texts.append(text)
    return tuple(texts)


def definition_texts() -> dict[str, list[str]]:
    """Return the texts of the form definitions with the ids of their files."""
    ids_by_text: dict[str, list[str]] = {}
    for file in sorted(DEFINITIONS.rglob("*.json")):
        definition = json.loads(file.read_text(encoding="utf-8"))
        is_lookup = "entries" in definition
        for text in _texts_of_lookup(definition) if is_lookup else _texts_of_definition(definition):
            ids = ids_by_text.setdefault(text, [])
            if text and definition["id"] not in ids:
                ids.append(definition["id"])
    return {text: ids for text, ids in ids_by_text.items() if text}


def _texts_of_definition(definition: dict[str, Any]) -> Iterator[str]:
    yield definition.get("title", "")
    yield definition.get("summary", "")
    for section in definition.get("sections", ()):
        yield from (section["title"], section.get("hint", ""))
        yield from _texts_of_fields(section["fields"])
    yield from _texts_of_fields(definition.get("fields", ()))
    yield from _texts_of_register(definition)
    for rule in (*definition.get("rules", ()), *definition.get("forbidden_words", ())):
        yield from (rule.get(name, "") for name in RULE_TEXTS)
    yield from _texts_of_life(definition.get("life", {}))


def _texts_of_register(register: dict[str, Any]) -> Iterator[str]:
    yield register.get("unit", "")
    yield from _texts_of_fields(register.get("columns", ()))
    yield from (view["title"] for view in register.get("views", ()))
    ending = register.get("ending", {})
    yield ending.get("word", "")
    yield from ending.get("reasons", ())
    yield from (rule["message"] for rule in ending.get("refused_while", ()))


def _texts_of_life(life: dict[str, Any]) -> Iterator[str]:
    for rule in life.get("deadlines", ()):
        yield from (rule["name"], rule["event"])
    for rule in life.get("follow_ups", ()):
        yield from (rule["title"], rule["why"])
    if "service" in life:
        yield from (life["service"].get(key, "") for key in ("title", "to"))
    yield life.get("void", {}).get("blocked_by", "")
    yield from (life.get("retention", {}).get(key, "") for key in ("family", "keep"))


def _texts_of_fields(fields: Any) -> Iterator[str]:
    for entry in fields:
        # the name of a field group, whose own file is read too
        if isinstance(entry, str):
            continue
        for override in entry.get("with", {}).values():
            yield from _texts_of_fields([override])
        yield from (entry.get(name, "") for name in FIELD_TEXTS)
        yield from entry.get("choices", ())
        yield from (entry.get("pick", {}).get(name, {}).get("text", "") for name in ("counted", "overdue"))
        yield from _texts_of_fields(entry.get("columns", ()))


def _texts_of_lookup(lookup: dict[str, Any]) -> Iterator[str]:
    # places and laws have no other name than the Chinese one
    if lookup["id"] in ("regions", "laws"):
        return
    for entry in lookup["entries"]:
        yield from (entry.get("name", ""), entry.get("short", ""))
        if lookup["id"] == "wordlists":
            yield from (entry["message"], entry["remedy"])
        # a local rule is shown with the article it rests on
        if lookup["id"] == "settings":
            yield entry.get("source", "")


def compile_catalog(file: Path) -> bytes:
    """Return a ``.po`` file in the ``.mo`` format."""
    with file.open("rb") as opened:
        catalog = read_po(opened, locale=SOURCE_LANGUAGE)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    return compiled.getvalue()


def translated_catalogs() -> Iterator[Path]:
    """Yield the catalogs of all languages but the source language."""
    yield from (f for f in sorted(LOCALES.glob("*/LC_MESSAGES/messages.po")) if f.parent != SOURCE_FOLDER)


def untranslated_texts(file: Path) -> list[str]:
    """Return the texts a catalog lacks or has only as fuzzy."""
    with file.open("rb") as opened:
        translated = {
            (message.context, message.id)
            for message in read_po(opened)
            if message.id and message.string and not message.fuzzy
        }
    texts: list[tuple[str | None, str]] = [(None, text) for text in dict.fromkeys(program_texts())]
    texts += [(FORM_CONTEXT, text) for text in definition_texts()]
    return [text for context, text in texts if (context, text) not in translated]


def main() -> None:
    """Write the template and the source catalog, update the translations."""
    template, source = _new_catalog(), _new_catalog()
    source.locale = SOURCE_LANGUAGE
    for message in source:
        message.string = message.id
    _write(LOCALES / "messages.pot", template)
    _write(SOURCE_FOLDER / "messages.po", source)
    # click's own texts: it looks them up with gettext, which reads compiled catalogs only
    click_texts = SOURCE_FOLDER / "commandline.po"
    click_texts.with_suffix(".mo").write_bytes(compile_catalog(click_texts))
    for file in translated_catalogs():
        _write(file, _updated_catalog(file))
        for text in untranslated_texts(file):
            sys.stderr.write(f"{file.parent.parent.name}: {text}\n")


def _new_catalog() -> Catalog:
    catalog = Catalog(project="formsvc")
    for text in program_texts():
        catalog.add(text)
    for text, ids in definition_texts().items():
        catalog.add(text, context=FORM_CONTEXT, auto_comments=[" ".join(ids)])
    return catalog


def _updated_catalog(file: Path) -> Catalog:
    """Return the catalog of all present texts with the translations in `file`."""
    # not Catalog.update: to it the translations for a single form are obsolete, since no source text has their context
    with file.open("rb") as opened:
        before = read_po(opened)
    known = {(m.context, m.id): m for m in (*before.obsolete.values(), *before) if m.id and m.string}
    catalog, texts = _new_catalog(), definition_texts()
    for message in catalog:
        _copy_translation(message, known.pop((message.context, message.id), None))
    for (context, text), message in known.items():
        # a form's id as context: this text is translated differently in that form
        if context not in (None, FORM_CONTEXT) and text in texts:
            catalog.add(text, message.string, context=context)
        else:
            catalog.obsolete[text if context is None else (text, context)] = message
    return catalog


def _copy_translation(message: Message, before: Message | None) -> None:
    if before is None:
        return
    message.string = before.string
    if before.fuzzy:
        message.flags.add("fuzzy")


def _write(file: Path, catalog: Catalog) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        # no line numbers and no header with dates: the files change only when a text does
        write_po(out, catalog, width=0, no_location=True, omit_header=True, sort_output=True)


if __name__ == "__main__":
    main()
