"""Checked pairs and registers as JSON for workers and the cache."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from formsvc.documents.checking.pairs import CheckedPair, PairSource
from formsvc.documents.checking.registers import CheckedRegister
from formsvc.documents.workers.messages import fault_from_json, fault_to_json
from formsvc.domain.json_types import JSON
from formsvc.usecases.ports import DefinitionFile


def checked_pair_to_json(checked: CheckedPair) -> dict[str, JSON]:
    """Return a checked pair without its template, which the reader has."""
    return {
        "definition": None if checked.pair is None else dict(checked.pair.definition),
        "faults": [fault_to_json(fault) for fault in checked.faults],
        "template_name": checked.template_name,
        "variant_names": list(checked.variant_names),
    }


def checked_pair_from_json(record: Any, source: PairSource) -> CheckedPair:
    """Return the checked pair of a source.

    Raise ValueError if it is malformed.
    """
    try:
        definition, name = record["definition"], record["template_name"]
        variants = tuple(record["variant_names"])
        faults = tuple(fault_from_json(fault) for fault in record["faults"])
        # the record may come from a process that read a hostile file
        names_are_texts = all(isinstance(each, str) for each in (name, *variants))
        if not names_are_texts or not isinstance(definition, dict | None):
            raise ValueError("malformed check result")
        checked = CheckedPair(None, faults, name, variant_names=variants)
        if definition is None or source.template is None:
            return checked
        pair = DefinitionFile(source.form, definition, source.template, source.variant_files)
        return replace(checked, pair=pair)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("malformed check result") from error


def checked_register_to_json(checked: CheckedRegister) -> dict[str, JSON]:
    register = checked.register
    return {
        "register": None if register is None else dict(register),
        "faults": [fault_to_json(fault) for fault in checked.faults],
    }


def checked_register_from_json(record: Any) -> CheckedRegister:
    """Return a checked register. Raise ValueError if it is malformed."""
    try:
        register = record["register"]
        if not isinstance(register, dict | None):
            raise ValueError("malformed check result")
        return CheckedRegister(register, tuple(fault_from_json(fault) for fault in record["faults"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("malformed check result") from error
