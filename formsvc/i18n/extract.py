"""Gathers every text people read, of all layers and all forms, into the catalogues (``make texts``)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from formsvc.i18n.messages import EVERY_FORM

LOCALES = Path(__file__).resolve().parent / "locales"
PROJECT = LOCALES.parents[2]
DEFINITIONS = PROJECT / "form_definitions"
SOURCE_LOCALE = "zh_CN"
SOURCE_FOLDER = LOCALES / SOURCE_LOCALE / "LC_MESSAGES"
KEYWORDS = {**DEFAULT_KEYWORDS, "msg": None, "_l": None, "lazy_gettext": None}
OF_FIELDS = ("label", "hint", "unit", "required_message", "pattern_message")
OF_RULES = ("message", "remedy")


def texts() -> Iterator[str]:
    """Every text that stands in the program."""
    with (PROJECT / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    for _file, _line, text, *_rest in extract_from_dir(str(PROJECT), methods, options, KEYWORDS):
        assert isinstance(text, str)
        yield text


def form_texts() -> dict[str, list[str]]:
    """Every text of the form definitions that pages show, with the forms, groups and lookups it stands in."""
    found: dict[str, list[str]] = {}
    for file in sorted(DEFINITIONS.rglob("*.json")):
        written = json.loads(file.read_text(encoding="utf-8"))
        for text in _of_lookup(written) if "entries" in written else _of_definition(written):
            places = found.setdefault(text, [])
            if text and written["id"] not in places:
                places.append(written["id"])
    return {text: places for text, places in found.items() if text}


def _of_definition(written: dict[str, Any]) -> Iterator[str]:
    yield written.get("title", "")
    yield written.get("summary", "")
    for section in written.get("sections", ()):
        yield from (section["title"], section.get("hint", ""))
        yield from _of_fields(section["fields"])
    yield from _of_fields(written.get("fields", ()))
    for rule in (*written.get("rules", ()), *written.get("forbidden_words", ())):
        yield from (rule.get(name, "") for name in OF_RULES)


def _of_fields(fields: Any) -> Iterator[str]:
    for entry in fields:
        if isinstance(entry, str):  # a group, which has a file of its own
            continue
        for changed in entry.get("with", {}).values():
            yield from _of_fields([changed])
        yield from (entry.get(name, "") for name in OF_FIELDS)
        yield from entry.get("choices", ())
        yield from _of_fields(entry.get("columns", ()))


def _of_lookup(written: dict[str, Any]) -> Iterator[str]:
    """Names to choose from. Of places and laws the Chinese name is the name."""
    if written["id"] in ("regions", "laws"):
        return
    for entry in written["entries"]:
        yield from (entry.get("name", ""), entry.get("short", ""))
        if written["id"] == "settings":  # what each local rule rests on
            yield entry.get("source", "")


def compiled(catalogue: Path) -> bytes:
    """A catalogue as gettext reads it."""
    with catalogue.open("rb") as file:
        read = read_po(file, locale=SOURCE_LOCALE)
    made = BytesIO()
    write_mo(made, read)
    return made.getvalue()


def translations() -> Iterator[Path]:
    """The catalogues of other languages."""
    yield from (f for f in sorted(LOCALES.glob("*/LC_MESSAGES/messages.po")) if f.parent != SOURCE_FOLDER)


def untranslated(catalogue: Path) -> list[str]:
    """Texts a catalogue says nothing for, or only doubtfully."""
    with catalogue.open("rb") as file:
        kept = {
            (message.context, message.id)
            for message in read_po(file)
            if message.id and message.string and not message.fuzzy
        }
    wanted = [(None, text) for text in dict.fromkeys(texts())]
    wanted += [(EVERY_FORM, text) for text in form_texts()]  # type: ignore[misc]
    return [text for context, text in wanted if (context, text) not in kept]


def main() -> None:
    """Write the template and the source language anew, bring translations up to date, and compile click's texts."""
    template, source = _everything(), _everything()
    source.locale = SOURCE_LOCALE
    for message in source:
        message.string = message.id
    _write(LOCALES / "messages.pot", template)
    _write(SOURCE_FOLDER / "messages.po", source)
    clicks = SOURCE_FOLDER / "commandline.po"
    clicks.with_suffix(".mo").write_bytes(compiled(clicks))
    for file in translations():
        _write(file, _brought_up_to_date(file))
        for text in untranslated(file):
            sys.stderr.write(f"{file.parent.parent.name}: {text}\n")


def _everything() -> Catalog:
    catalogue = Catalog(project="formsvc")
    for text in texts():
        catalogue.add(text)
    for text, places in form_texts().items():
        catalogue.add(text, context=EVERY_FORM, auto_comments=[" ".join(places)])
    return catalogue


def _brought_up_to_date(file: Path) -> Catalog:
    """Everything there is to say with what was said before; what is said no more is kept aside."""
    with file.open("rb") as opened:
        before = read_po(opened)
    known = {(m.context, m.id): m for m in (*before.obsolete.values(), *before) if m.id and m.string}
    now, forms = _everything(), form_texts()
    for message in now:
        _take_over(message, known.pop((message.context, message.id), None))
    for (context, text), message in known.items():
        if context not in (None, EVERY_FORM) and text in forms:  # said otherwise for one form
            now.add(text, message.string, context=context)
        else:
            now.obsolete[text if context is None else (text, context)] = message
    return now


def _take_over(message: Message, before: Message | None) -> None:
    if before is None:
        return
    message.string = before.string
    if before.fuzzy:
        message.flags.add("fuzzy")


def _write(file: Path, catalogue: Catalog) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        write_po(out, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)


if __name__ == "__main__":
    main()
