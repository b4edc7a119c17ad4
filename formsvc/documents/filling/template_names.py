"""Names that a template uses and the values do not have."""

from __future__ import annotations

from jinja2.exceptions import UndefinedError


class MissingName(UndefinedError):
    """A template used an unknown name; ``owner`` is the value it was asked of."""

    def __init__(self, message: str | None, name: str, owner: object) -> None:
        super().__init__(message)
        self.name = name
        self.owner = owner
