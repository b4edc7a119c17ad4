"""Read-only answers of a draft: what it holds stays."""

from __future__ import annotations

from collections.abc import Mapping

from formsvc.domain.acts.act import Act
from formsvc.domain.evaluation.readonly import brought_fields, with_readonly_answers
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
    if not strict:
        # the page sends none, and only an empty one is filled from the document
        fields = {entry.key: entry for entry in definition.fields}
        brought = brought_fields(definition, given, act.answers)
        given = {k: None if k in brought and fields[k].readonly is True else v for k, v in given.items()}
    answers, problems = with_readonly_answers(definition, given, act.answers, circumstances)
    if strict and problems:
        raise InputRefused(problems)
    return answers
