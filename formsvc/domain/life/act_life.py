"""The life that an act lives by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.evaluator import Expression
from formsvc.domain.fields import Field
from formsvc.domain.fields.former_keys import all_paths
from formsvc.domain.life.schema import Life
from formsvc.i18n.messages import DefinitionText, msg


@dataclass(frozen=True)
class ActLife:
    """A life with the fields that the act's own revision has.

    ``definition`` is that of the act's revision or, where it has no life, the first published one with a life.
    ``known_fields`` are keys, of columns ``table.column``.
    """

    definition: FormDefinition
    known_fields: frozenset[str]
    is_own: bool = True

    @property
    def life(self) -> Life:
        life = self.definition.life
        assert life is not None  # noqa: S101 - made from definitions with a life only
        return life

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        return {entry.key: entry for entry in self.definition.fields}

    @cached_property
    def used_fields(self) -> tuple[Field, ...]:
        """Fields that expressions of the life read."""
        compiled = self.definition.compiled.life
        names = {name for _, expression in compiled.all_expressions() for name in expression.names}
        return tuple(entry for key, entry in self.fields.items() if key in names)

    @property
    def void_conditions(self) -> str:
        """The definition's words on when it cannot be voided, or ""."""
        void = self.life.void
        return self._words(void.blocked_by) if void else ""

    @property
    def archive(self) -> tuple[str, str]:
        """Family and period of its archive, each "" if not said."""
        kept = self.life.retention
        return (self._words(kept.family), self._words(kept.keep)) if kept else ("", "")

    def _words(self, text: str) -> str:
        return DefinitionText(self.definition.id, text) if text else ""

    def missing_answer(self, expression: Expression, table: str = "") -> str:
        """Return a sentence about a field that the act's form lacks, or ""."""
        if self.is_own:
            return ""
        columns = {f"{table}.{column}" for column in expression.row_columns()} if table else set()
        paths = (expression.names & self.fields.keys()) | columns
        return self.missing_field(next(iter(sorted(paths - self.known_fields)), ""))

    def missing_field(self, path: str) -> str:
        """Return the sentence if the act's own form has no such field, or ""."""
        if not path or path in self.known_fields:
            return ""
        entry = self.definition.field(path)
        return msg(
            "制作时的表单没有“{label}”这一项，无法判断，请人工核对。",
            label=DefinitionText(self.definition.id, entry.label if entry else path),
        )


def act_life(own: FormDefinition, first: FormDefinition | None) -> ActLife | None:
    """Return the life of an act of a definition; None if there is none.

    ``first`` is the first published definition of the form that has a life.
    """
    source = own if own.life else first
    if source is None:
        return None
    keys = [entry.key for entry in own.fields]
    columns = [f"{entry.key}.{column.key}" for entry in own.fields for column in entry.columns or ()]
    renamed = (*source.renamed_fields, *own.renamed_fields)
    return ActLife(source, all_paths(renamed, [*keys, *columns]), own.life is not None)
