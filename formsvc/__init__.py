"""formsvc: forms and official documents for grassroots fire safety."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from formsvc.config import Settings

__all__ = ["create_app", "word_to_pdf"]
__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> Flask:
    """The web application for a WSGI server; settings from the environment when none are given."""
    from formsvc.app import create_app as create

    return create(settings)


def word_to_pdf(
    word: bytes, *, name: str = "", archive: str = "a-2b", accessible: bool = False, seconds: float = 600
) -> bytes:
    """Any Word file as a PDF, as the command ``formsvc pdf`` makes it. Raises formsvc.errors.RenderingFailed."""
    from formsvc.app import convert_word

    return convert_word(word, name=name, archive=archive, accessible=accessible, seconds=seconds).pdf
