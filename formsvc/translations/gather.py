"""Gathers every text people read, of all layers, into the catalogues (``make texts``)."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
SOURCE_LOCALE = "zh_CN"
SOURCE_FOLDER = HERE / SOURCE_LOCALE / "LC_MESSAGES"
KEYWORDS = {**DEFAULT_KEYWORDS, "say": None, "_l": None, "lazy_gettext": None}


def texts() -> Iterator[str]:
    """Every text that stands in the program."""
    with (PROJECT / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    for _file, _line, text, *_rest in extract_from_dir(str(PROJECT), methods, options, KEYWORDS):
        assert isinstance(text, str)
        yield text


def compiled(catalogue: Path) -> bytes:
    """A catalogue as gettext reads it."""
    with catalogue.open("rb") as file:
        read = read_po(file, locale=SOURCE_LOCALE)
    made = BytesIO()
    write_mo(made, read)
    return made.getvalue()


def main() -> None:
    """Write the template of all catalogues, the catalogue of the source language, and click's own texts."""
    template, source = Catalog(project="formsvc"), Catalog(locale=SOURCE_LOCALE, project="formsvc")
    for text in texts():
        template.add(text)
        source.add(text, text)
    _write(HERE / "messages.pot", template)
    _write(SOURCE_FOLDER / "messages.po", source)
    clicks = SOURCE_FOLDER / "commandline.po"
    clicks.with_suffix(".mo").write_bytes(compiled(clicks))


def _write(file: Path, catalogue: Catalog) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        write_po(out, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)


if __name__ == "__main__":
    main()
