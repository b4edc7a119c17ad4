"""Values that a finished document must show."""

from __future__ import annotations

from collections.abc import Mapping

from formsvc.domain.definitions.document_rules import ISSUERS_NAME
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import FIELD_TYPES
from formsvc.domain.json_types import JSON, is_empty
from formsvc.i18n.messages import msg


def printed_answers(definition: FormDefinition, context: Mapping[str, JSON]) -> dict[str, list[JSON]]:
    """Return what must be printed, by label: one of the values each.

    ``context`` is that of ``document_context``. Empty ones are left out.
    """
    answers: dict[str, list[JSON]] = {}
    if definition.numbering.is_numbered:
        answers[msg("文号")] = [context["doc_no"]]
    for entry in definition.fields:
        kind = FIELD_TYPES[entry.kind]
        if entry.printed and not kind.shown_by_marks:
            answers[entry.label] = [context[entry.key + suffix] for suffix in kind.suffixes(entry)]
    for body in context.get(ISSUERS_NAME) or ():
        answers[str(body["name"])] = [body["name"]]
    return {label: values for label, values in answers.items() if not all(map(is_empty, values))}
