"""Gathers every text of the pages into the catalogues (``make texts``)."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import write_po

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
SOURCE_LOCALE = "zh_CN"


def main() -> None:
    """Write the template of all catalogues and the catalogue of the source language."""
    with (PROJECT / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    template, source = Catalog(project="formsvc"), Catalog(locale=SOURCE_LOCALE, project="formsvc")
    for _file, _line, text, *_rest in extract_from_dir(str(PROJECT), methods, options):
        template.add(text)
        source.add(text, text)
    _write(HERE / "messages.pot", template)
    _write(HERE / SOURCE_LOCALE / "LC_MESSAGES" / "messages.po", source)


def _write(file: Path, catalogue: Catalog) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        write_po(out, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)


if __name__ == "__main__":
    main()
