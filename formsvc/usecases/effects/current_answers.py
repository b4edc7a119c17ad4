"""Current answers of an issued document, as later documents left them."""

from __future__ import annotations

from collections.abc import Mapping

from formsvc.domain.acts.act import Act
from formsvc.domain.json_types import JSON
from formsvc.domain.life.moved_deadlines import answers_in_force
from formsvc.usecases.definitions import DefinitionRepository


def current_answers(definitions: DefinitionRepository, act: Act) -> Mapping[str, JSON]:
    """Return an act's answers with the deadlines that were moved since.

    The act itself, and its paper, stay as they were issued.
    """
    if not act.consequences:
        return act.answers
    known = definitions.life_of(act.revision)
    return answers_in_force(known.life.items if known else None, act.answers, act.consequences)
