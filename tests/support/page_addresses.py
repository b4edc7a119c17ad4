"""Addresses of all pages and files of the service, with ids that are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from formsvc.domain.acts.act import Act
from formsvc.usecases.registers.rows import entries_of_act
from tests.support.memory_office import Office


def row_of(office: Office, act: Act) -> tuple[str, str]:
    """Register and id of a row that the act wrote, or of any other row."""
    with office.ports.store.read() as tx:
        groups = {entry.group for entry in entries_of_act(tx, act.id)}
        rows = tx.register_rows.find()
    row = next((row for row in rows if row["group"] in groups), rows[0])
    return str(row["register"]), str(row["row"])


def addresses(office: Office, act: Act) -> Iterator[tuple[str, str]]:
    """Every address that can be opened, by its endpoint."""
    files = {"sha256": act.pdf or "0" * 64}
    fitting = {
        "act_id": act.id, "form": act.form, "page": 1, "n": 1, "series_id": act.series or "dong-jian",
        "year": 2026, "kind": "pdf", "filename": "app.css", "key": "new", "copy": 1, "token": "0" * 32,
        "batch": "0" * 12, **files,
    }  # fmt: skip
    register, row = row_of(office, act)
    fitting |= {"register_id": register, "register": register, "row_id": row, "row": row}
    for rule in office.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in ("static", "auth.set_up"):
            continue
        named = act.number.rpartition("第")[2].strip("0号") if "/row/" in rule.rule else "officers"
        names = {"name": "staff" if "people" in rule.rule else named, "key": "brigade"}
        given: dict[str, Any] = {arg: (fitting | names)[arg] for arg in rule.arguments}
        with office.app.test_request_context():
            yield rule.endpoint, office.app.url_for(rule.endpoint, **given)
