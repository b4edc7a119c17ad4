"""Pages with a form, and its problems in the summary and at the fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import make_response, render_template
from werkzeug.wrappers import Response

from formsvc.errors import Busy, ClockWrong, FormsvcError, InputRefused, NotFound, Problem, RightMissing
from formsvc.i18n.messages import join_messages

# Errors that no correction of the form can cure: they get the error page, not the form again
PAGE_ERRORS = (NotFound, RightMissing)


def form_page(template: str, problems: Sequence[Problem], **context: Any) -> Response:
    """Render a page with a form and its problems; status 422 if there are any."""
    page = render_template(template, problems=problems, errors=messages_by_field(problems), **context)
    return make_response(page, 422 if problems else 200)


def with_status(page: Response, error: FormsvcError) -> Response:
    """Return the page with status and Retry-After of a service that is busy."""
    if isinstance(error, Busy | ClockWrong):
        page.status_code = 503
    if isinstance(error, Busy):
        page.headers["Retry-After"] = str(error.seconds)
    return page


def as_problems(error: FormsvcError, field: str = "") -> list[Problem]:
    """Return the error's problems; one without fields is put on ``field``."""
    if isinstance(error, InputRefused):
        return list(error.problems)
    return [Problem(field, error.message, error.remedy)]


def messages_by_field(problems: Iterable[Problem]) -> dict[str, str]:
    messages: dict[str, str] = {}
    for problem in problems:
        messages[problem.field] = join_messages(messages.get(problem.field, ""), problem.sentence())
    return messages
