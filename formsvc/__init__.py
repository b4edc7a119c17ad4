"""formsvc: forms and official documents for grassroots fire safety."""

from __future__ import annotations

from typing import TYPE_CHECKING

from formsvc.version import __version__

if TYPE_CHECKING:
    from flask import Flask

    from formsvc.config import Settings

__all__ = ["__version__", "create_app", "word_to_pdf"]


# Both functions import what they need when called: `formsvc setup` imports this
# package before Flask and WeasyPrint are installed.


def create_app(settings: Settings | None = None) -> Flask:
    """Return the WSGI application; None reads the settings of the environment."""
    from formsvc import app

    return app.create_app(settings)


def word_to_pdf(
    word: bytes, *, name: str = "", archive: str = "a-2b", accessible: bool = False, seconds: float = 600
) -> bytes:
    """Return any Word file as a PDF, like ``formsvc pdf``.

    For the parameters see `formsvc.bootstrap.convert_word`. Raise RenderingFailed
    if the file cannot be read or takes longer than `seconds`.
    """
    from formsvc.bootstrap import convert_word

    return convert_word(word, name=name, archive=archive, accessible=accessible, seconds=seconds).pdf
