"""Issued documents as other documents read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from formsvc.domain.acts.act import Act
from formsvc.domain.fields import Field
from formsvc.domain.fields.former_keys import with_all_keys, with_present_keys
from formsvc.domain.json_types import JSON
from formsvc.domain.life.act_life import ActLife
from formsvc.domain.life.moved_deadlines import answers_in_force
from formsvc.usecases.definitions import DefinitionRepository


def current_answers(definitions: DefinitionRepository, act: Act) -> Mapping[str, JSON]:
    """Return an act's answers with the deadlines that were moved since.

    The act itself, and its paper, stay as they were issued.
    """
    life = definitions.life_of(act.revision) if act.consequences else None
    return answers_as_read(act, life, renamed_fields_of(definitions, act))


def answers_as_read(act: Act, life: ActLife | None, renamed: Sequence[Field]) -> Mapping[str, JSON]:
    """Return the answers as moved, under the keys of all revisions.

    ``life`` is the one the act lives by, ``renamed`` are fields that had other keys in some revision.
    """
    if life is None:
        return with_all_keys(renamed, act.answers)
    definition = life.definition
    answers = with_present_keys(definition.renamed_fields, act.answers)
    moved = answers_in_force(life.life.items, answers, act.consequences)
    return with_all_keys((*definition.renamed_fields, *renamed), moved)


def renamed_fields_of(definitions: DefinitionRepository, act: Act) -> tuple[Field, ...]:
    """Return the fields of an act that had other keys in some revision."""
    own = definitions.revision(act.revision).definition.renamed_fields
    offered = definitions.offered_revision(act.form)
    return (*own, *offered.definition.renamed_fields) if offered else own
