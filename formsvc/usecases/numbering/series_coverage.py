"""Kinds of documents for which no number series is configured."""

from __future__ import annotations

from formsvc.usecases.context import Ports
from formsvc.usecases.definitions import Revision


def forms_without_series(ports: Ports) -> list[Revision]:
    """Return the numbered forms on offer that no series names.

    Their documents could be approved, but not issued.
    """
    with ports.store.read() as tx:
        covered = {form for record in tx.series.find() for form in record.get("forms", ())}
    return [
        revision
        for form, revision in ports.definitions.current().items()
        if revision.definition.numbering.is_numbered and form not in covered
    ]


def is_without_series(ports: Ports, form: str) -> bool:
    return any(revision.definition.id == form for revision in forms_without_series(ports))
