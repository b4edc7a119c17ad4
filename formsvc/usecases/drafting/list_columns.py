"""Columns of an act that lists, searches and numbers need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from formsvc.domain.acts.act import Act
from formsvc.domain.acts.search_text import act_search_text
from formsvc.domain.authorities import Circumstances, authority_ids_of
from formsvc.domain.authorization.joint_issue import further_bodies
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.usecases.access import readers_of


def with_list_columns(
    act: Act, definition: FormDefinition, evaluation: Evaluation, circumstances: Circumstances
) -> Act:
    """Return the act with the columns that lists and searches need."""
    values = evaluation.values
    authority, agent = authority_ids_of(definition.roles, dict(values), circumstances)
    party = str(values.get(definition.subject) or "") if definition.subject else ""
    variant = definition.for_answers(values)
    # found by the bodies that sign it with the first one
    names = (party, *further_bodies(definition, values))
    asked = [k for k in evaluation.visible if "." not in k]
    filled = len([k for k in asked if values.get(k) not in (None, "", [])])
    return replace(
        act,
        answers=dict(values if evaluation.is_sound else evaluation.draft),
        authority=authority,
        agent=agent,
        mode=definition.mode_of(values),
        source_act=_source_of(definition, values) or act.source_act,
        title=variant.title,
        genre=variant.numbering.genre if definition.header.variants else "",
        confidential=definition.header.confidential is not None,
        readers=readers_of(definition, values),
        party=party,
        dated=definition.roles.text(values, "date"),
        due=str(values.get(definition.due) or "") if definition.due else "",
        filled=f"{filled}/{len(asked)}",
        search=act_search_text(definition, values, act.number, variant.title, names),
    )


def _source_of(definition: FormDefinition, values: Mapping[str, Any]) -> str:
    """Return the id of the act that the form's first filled reference names."""
    reference = next((values[f.key] for f in definition.source_references if values.get(f.key)), None)
    return str(reference.get("act_id") or "") if isinstance(reference, Mapping) else ""
