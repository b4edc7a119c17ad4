"""Service recorded by a receipt (送达回证, 民事诉讼法 87–95)."""

from __future__ import annotations

from collections.abc import Mapping

from formsvc.domain.acts.act import ServiceRecord
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.json_types import JSON


def _full_method(method: str) -> str:
    """Return 直接 as 直接送达, as the register of services names it."""
    return method if not method or method.endswith("送达") else f"{method}送达"


def service_record_of(definition: FormDefinition, values: Mapping[str, JSON]) -> ServiceRecord:
    """Return the service that a receipt's fields record.

    Raise ValueError if the form is no receipt.
    """
    serves = definition.serves
    if serves is None:
        raise ValueError(definition.id)

    def text(key: str) -> str:
        return str(values.get(key) or "") if key else ""

    # A receipt without a table of servers names none.
    servers = values.get(serves.servers) or [] if serves.servers else []
    name = definition.roles.column(serves.servers, "name")
    return ServiceRecord(
        method=_full_method(text(serves.method)),
        served_at=text(serves.at),
        receiver=text(serves.receiver),
        relation=text(serves.relation),
        place=text(serves.place),
        servers=tuple(str(row[name]) for row in servers if row.get(name)),
        note=text(serves.note),
    )


def is_served_by(definition: FormDefinition, values: Mapping[str, JSON]) -> bool:
    """Return whether a receipt records a service, and no failed attempt."""
    serves = definition.serves
    outcome = values.get(serves.outcome) if serves and serves.outcome else None
    return serves is not None and (not outcome or outcome == serves.served)


def further_numbers(definition: FormDefinition, values: Mapping[str, JSON]) -> tuple[str, ...]:
    """Return the numbers of further documents that a receipt serves."""
    serves = definition.serves
    rows = values.get(serves.documents) or [] if serves and serves.documents else []
    key = definition.roles.column(serves.documents, "document") if serves else ""
    return tuple(str(row[key]) for row in rows if row.get(key))
