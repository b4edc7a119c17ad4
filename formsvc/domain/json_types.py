"""Types of JSON values, and the test for an empty one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# ``Any`` and not a recursive union: answers are read by field kind, and a union would need a cast at each reading.
JSON = Any

# Normal forms of a form's answers, by field key.
Values = Mapping[str, JSON]

# One stored document, by column.
Record = dict[str, JSON]


def is_empty(value: JSON) -> bool:
    """Return whether a value counts as no answer; 0 and false are answers."""
    return value is None or value == "" or value == [] or value == {}
