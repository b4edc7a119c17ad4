"""The days on which an act is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from formsvc.domain.definitions.form_definition import FormDefinition


def days_of_act(definition: FormDefinition, values: Mapping[str, Any]) -> Iterator[tuple[str, date]]:
    """Field and day for each day that certificates and entrustment must cover."""
    for key in ("issue_date", *definition.acts_on):
        if values.get(key):
            yield key, date.fromisoformat(str(values[key])[:10])
