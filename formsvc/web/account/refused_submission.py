"""Problems of a refused submission, shown at the address of the draft.

The draft itself is saved and its page made again: going back or reloading shows it as it is now.
"""

from __future__ import annotations

import json

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from formsvc.errors import Problem
from formsvc.usecases.drafting.drafts import Draft
from formsvc.web.account import search_words
from formsvc.web.i18n import translate_for_request

_TOKEN = "problems"


def redirect_to_draft(draft: Draft, problems: list[Problem]) -> Response:
    """Keep the problems for this session; lead to the draft with them."""
    kept = [[problem.field, translate_for_request(problem.sentence())] for problem in problems]
    token = search_words.keep(json.dumps([draft.act.version, kept], ensure_ascii=False))
    return redirect(url_for("drafting.edit", act_id=draft.act.id, **{_TOKEN: token}), 303)  # type: ignore[arg-type]


def kept_problems(draft: Draft) -> list[Problem]:
    """Return the problems of the address, none once the draft has changed."""
    text = search_words.kept(request.args.get(_TOKEN, ""))
    version, problems = json.loads(text) if text and text.startswith("[") else (0, [])
    return [Problem(field, sentence) for field, sentence in problems] if version == draft.act.version else []
