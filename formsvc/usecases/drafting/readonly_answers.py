"""Read-only answers of a draft: what it holds stays."""

from __future__ import annotations

from collections.abc import Mapping

from formsvc.domain.acts.act import Act
from formsvc.domain.evaluation.readonly import with_readonly_answers
from formsvc.domain.json_types import JSON
from formsvc.errors import InputRefused
from formsvc.usecases.access import reader_of
from formsvc.usecases.circumstances import get_circumstances
from formsvc.usecases.context import Actor, Ports


def keep_readonly(
    ports: Ports, actor: Actor, act: Act, given: Mapping[str, JSON], *, strict: bool = False
) -> dict[str, JSON]:
    """Return the answers with the draft's own where they must not be changed.

    Raise InputRefused for another value if ``strict``.
    """
    definition = ports.definitions.revision(act.revision).definition
    circumstances = get_circumstances(ports, definition, reader_of(actor, act))
    answers, problems = with_readonly_answers(definition, given, act.answers, circumstances)
    if strict and problems:
        raise InputRefused(problems)
    return answers
