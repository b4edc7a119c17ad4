"""Types of values that came from JSON or go into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# ``Any`` and not a recursive union: answers are read by field kind, and a union would need a cast at each reading.
JSON = Any

# Answers of a form in normal form, by field key.
Values = Mapping[str, JSON]

# One stored document, by column.
Record = dict[str, JSON]
