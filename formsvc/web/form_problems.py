"""Problems of a form: what a use case refused, for the page's error summary and next to its fields."""

from __future__ import annotations

from collections.abc import Iterable

from formsvc.errors import FormsvcError, InputRefused, Problem
from formsvc.i18n.messages import join_messages


def as_problems(error: FormsvcError, field: str = "") -> list[Problem]:
    """Return the error's problems; an error that names no fields becomes one problem of ``field``."""
    if isinstance(error, InputRefused):
        return list(error.problems)
    return [Problem(field, error.message, error.remedy)]


def messages_by_field(problems: Iterable[Problem]) -> dict[str, str]:
    messages: dict[str, str] = {}
    for problem in problems:
        messages[problem.field] = join_messages(messages.get(problem.field, ""), problem.sentence())
    return messages
