"""Edits of photographs by buttons: move up, move down, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from formsvc.domain.json_types import JSON
from formsvc.domain.parsing import parse_whole_number

_PREFIX = "photo-"
_STEPS = {"up": -1, "down": 1}


@dataclass(frozen=True)
class PhotographEdit:
    """A button's request about one photograph of the field at ``path``."""

    verb: str
    path: str
    index: int

    @classmethod
    def parse(cls, text: str) -> PhotographEdit | None:
        """Parse ``photo-up.hazards.0.photo.2``, else return None."""
        verb, _dot, rest = text.partition(".")
        path, _dot, index = rest.rpartition(".")
        number = parse_whole_number(index)
        verb = verb.removeprefix(_PREFIX) if verb.startswith(_PREFIX) else ""
        if verb not in (*_STEPS, "delete") or not path or number is None:
            return None
        return cls(verb, path, number)

    def apply(self, answers: Mapping[str, JSON]) -> str:
        """Change the photographs among the answers; return the path to focus.

        An edit of what is not there changes nothing.
        """
        *where, key = self.path.split(".")
        holder: JSON = answers
        for part in where:
            if isinstance(holder, Mapping):
                holder = holder.get(part)
            else:
                number = parse_whole_number(part)
                rows = holder if isinstance(holder, list) else []
                holder = rows[number] if number is not None and number < len(rows) else None
        photographs = holder.get(key) if isinstance(holder, dict) else None
        if not isinstance(photographs, list) or self.index >= len(photographs):
            return self.path
        if self.verb == "delete":
            del photographs[self.index]
            return f"{self.path}.{min(self.index, len(photographs) - 1)}" if photographs else self.path
        target = min(max(self.index + _STEPS[self.verb], 0), len(photographs) - 1)
        photographs.insert(target, photographs.pop(self.index))
        return f"{self.path}.{target}"
