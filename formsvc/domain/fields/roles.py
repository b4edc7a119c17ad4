"""Roles of fields: what a field stands for, under any key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from formsvc.domain.fields.field import Field
from formsvc.i18n.messages import msg


@dataclass(frozen=True)
class Role:
    """The usual key of a role's field, and the kinds it may have."""

    usual_key: str
    # empty: any kind
    kinds: frozenset[str] = frozenset()


_WORDS = frozenset({"text", "choice"})
_REFERENCES = frozenset({"reference", "text"})
# Definitions of before say no role: there the usual key stands for it.
FIELD_ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "issuer": Role("issuer_name", frozenset({"authority", "text"})),
        "date": Role("issue_date", frozenset({"date"})),
        "drafter": Role("drafter", frozenset({"person", "text"})),
        "approver": Role("approver", frozenset({"person", "text"})),
        "copies": Role("copies_line"),
        "mode": Role("auth_mode", _WORDS),
        "entrustment": Role("entrust_ref", _REFERENCES),
        "empowerment": Role("assign_doc", _REFERENCES),
        "authority": Role("authority_text"),
        "agent": Role("agent_name"),
        "matters": Role("matters"),
        "party": Role("party_name"),
        "party_type": Role("party_type", _WORDS),
        "party_address": Role("party_addr"),
        "place": Role("place_addr"),
        "place_nature": Role("place_nature", _WORDS),
        "remedy": Role("remedy"),
    }
)
COLUMN_ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "violation": Role("v_code", _WORDS),
        "measure": Role("measure"),
        "law": Role("law"),
        "basis": Role("basis_clause"),
        "name": Role("name"),
        "certificate": Role("cert_no"),
        "certificate_until": Role("cert_valid_to", frozenset({"date"})),
        "organization": Role("org"),
        "job_title": Role("title"),
        "document": Role("ref"),
    }
)


class Roles:
    """The fields of one definition by their roles."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self._fields = {entry.key: entry for entry in fields}
        self._keys: dict[str, str] = {entry.role: entry.key for entry in self._fields.values() if entry.role}

    def key(self, role: str) -> str:
        """Return the key of the field with a role; there may be no such field."""
        return self._keys.get(role, FIELD_ROLES[role].usual_key)

    def value(self, values: Mapping[str, Any], role: str) -> Any:
        """Return the answer to the field with a role, or None."""
        return values.get(self.key(role))

    def text(self, values: Mapping[str, Any], role: str) -> str:
        return str(self.value(values, role) or "")

    def column(self, table: str, role: str) -> str:
        """Return the key of the column with a role; there may be no such column."""
        entry = self._fields.get(table)
        return column_with(entry.columns or () if entry else (), role)

    def tables_with(self, role: str) -> Iterator[tuple[str, str]]:
        """Yield each table that has a column with a role, and the column's key."""
        for key, entry in self._fields.items():
            column = column_with(entry.columns or (), role)
            if entry.column(column):
                yield key, column


def column_with(columns: Iterable[Field], role: str) -> str:
    """Return the key of the column with a role, else the usual one."""
    return next((column.key for column in columns if column.role == role), COLUMN_ROLES[role].usual_key)


def role_faults(fields: Iterable[Field], known: Mapping[str, Role]) -> Iterator[tuple[Field, str]]:
    """Yield each field whose role cannot be its own, with the reason."""
    owners: dict[str, Field] = {}
    for entry in fields:
        role = known.get(entry.role) if entry.role else None
        if entry.role is None:
            continue
        if role is None:
            where = msg("明细的列") if entry.role in COLUMN_ROLES else msg("字段，不是明细的列")
            yield entry, msg("角色“{role}”属于{where}。", role=entry.role, where=where)
        elif role.kinds and entry.kind not in role.kinds:
            kinds = "、".join(sorted(role.kinds))
            yield entry, msg("角色“{role}”的类型应是 {kinds}。", role=entry.role, kinds=kinds)
        elif entry.role in owners:
            owner = owners[entry.role].label
            yield entry, msg("“{owner}”已经是这个角色，同一个角色只能有一项。", owner=owner)
        owners.setdefault(entry.role, entry)


def role_of(field: Field) -> str:
    """Return the role that a field says or that its key is usual for, or ""."""
    usual = (name for name, role in FIELD_ROLES.items() if role.usual_key == field.key)
    return field.role or next(usual, "")


# The keys that definitions without roles have.
USUAL_ROLES = Roles(())
