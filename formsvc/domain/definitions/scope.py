"""Names that an expression of a definition may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from formsvc.domain.expressions import shapes
from formsvc.domain.expressions.shapes import ANY, Shape
from formsvc.domain.fields import FIELD_TYPES, Field

REFERENCE_PARTS = frozenset({"number", "title", "date", "act_id"})
# In the columns of an ``each_of`` table this name is bound to the list entry that the row belongs to.
ITEM_VARIABLE = "item"
# Each bound name with its members, or None if the members are not known.
Names = Mapping[str, frozenset[str] | None]


def bound_names(fields: Iterable[Field]) -> dict[str, frozenset[str] | None]:
    """Return the names bound in every expression, each with its members."""
    names: dict[str, frozenset[str] | None] = {}
    for entry in fields:
        if entry.kind == "rows":
            names[entry.key] = frozenset(c.key for c in entry.columns or ())
        elif entry.kind == "reference":
            names[entry.key] = REFERENCE_PARTS
        else:
            kind = FIELD_TYPES.get(entry.kind)
            names[entry.key] = None if kind and kind.holds_files else frozenset()
    return names


@dataclass(frozen=True)
class Scope:
    """Names that an expression may use: their members and their shapes."""

    members: Names
    shapes: Mapping[str, Shape]

    def with_names(self, **shapes_by_name: Shape) -> Scope:
        members = {
            name: None if shape.members is None else frozenset(shape.members)
            for name, shape in shapes_by_name.items()
        }
        return Scope({**self.members, **members}, {**self.shapes, **shapes_by_name})

    def in_rows(self, entry: Field) -> Scope:
        """Return the scope with ``row`` and ``index`` of a table."""
        columns = {c.key: shape_of(c) for c in entry.columns or ()}
        names = {"row": shapes.map_of(columns), "index": shapes.INT}
        return self.with_names(**names, **({ITEM_VARIABLE: ANY} if entry.each_of else {}))


def scope_of(fields: Sequence[Field]) -> Scope:
    """Return the names that every expression of a definition may use."""
    return Scope(bound_names(fields), {f.key: shape_of(f) for f in fields})


def shape_of(entry: Field) -> Shape:
    # an unknown kind is a fault of its own
    return FIELD_TYPES[entry.kind].shape(entry) if entry.kind in FIELD_TYPES else ANY
