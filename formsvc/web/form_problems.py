"""What a use case refused, as problems a page shows in its summary and beside its fields."""

from __future__ import annotations

from collections.abc import Iterable

from formsvc.errors import FormsvcError, InputRefused, Problem
from formsvc.i18n.messages import join_messages


def problems_of(error: FormsvcError, field: str = "") -> list[Problem]:
    """The problems of an error; one that names no field is put on ``field``."""
    if isinstance(error, InputRefused):
        return list(error.problems)
    return [Problem(field, error.message, error.remedy)]


def by_field(problems: Iterable[Problem]) -> dict[str, str]:
    """For each field the sentences to show beside it."""
    found: dict[str, str] = {}
    for problem in problems:
        found[problem.field] = join_messages(found.get(problem.field, ""), problem.sentence())
    return found
