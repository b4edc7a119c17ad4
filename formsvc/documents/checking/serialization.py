"""Checked pairs as plain JSON, for worker processes and the cache."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from formsvc.documents.checking.pairs import CheckedPair
from formsvc.domain.json_types import JSON
from formsvc.errors import Fault
from formsvc.i18n.messages import from_json, to_json
from formsvc.usecases.ports import DefinitionFile

_FAULT_KEYS = tuple(field.name for field in fields(Fault))


def checked_pair_to_json(checked: CheckedPair) -> dict[str, JSON]:
    """Return a checked pair without its template, which the reader has."""
    return {
        "definition": None if checked.pair is None else dict(checked.pair.definition),
        "faults": [fault_to_json(fault) for fault in checked.faults],
        "template_name": checked.template_name,
    }


def checked_pair_from_json(record: Any, form: str, template: bytes | None) -> CheckedPair:
    """Return the checked pair of a form. Raise ValueError if it is malformed."""
    try:
        definition, name = record["definition"], record["template_name"]
        faults = tuple(fault_from_json(fault) for fault in record["faults"])
        # the record may come from a process that read a hostile file
        if not isinstance(name, str) or not isinstance(definition, dict | None):
            raise ValueError("malformed check result")
        if definition is None or template is None:
            return CheckedPair(None, faults, name)
        return CheckedPair(DefinitionFile(form, definition, template), faults, name)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("malformed check result") from error


def fault_to_json(fault: Fault) -> dict[str, JSON]:
    return {key: to_json(getattr(fault, key)) for key in _FAULT_KEYS}


def fault_from_json(record: Any) -> Fault:
    return Fault(**{key: from_json(record[key]) for key in _FAULT_KEYS})
