"""A made-up language: every text between brackets, so that what was not translated stands out."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from formsvc.i18n import catalogs
from formsvc.i18n.extract import program_texts

MADE_UP = "eo"
OPENED, CLOSED = "⟦", "⟧"


def speak(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer the made-up language to everything that asks for catalogues."""
    place = folder / MADE_UP / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "messages.po").write_bytes(_made_up_catalogue())
    monkeypatch.setattr(catalogs, "LOCALES", folder)


@cache
def _made_up_catalogue() -> bytes:
    catalogue = Catalog(locale=MADE_UP)
    for text in program_texts():
        catalogue.add(text, OPENED + text + CLOSED)
    file = BytesIO()
    write_po(file, catalogue, width=0, omit_header=True)
    return file.getvalue()


def untranslated(text: str) -> str:
    """What stands outside all brackets."""
    depth, left = 0, ""
    for mark in text:
        depth += (mark == OPENED) - (mark == CLOSED)
        left += mark if depth == 0 and mark != CLOSED else ""
    return left
