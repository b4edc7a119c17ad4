"""Entries of the corpus as parameters of tests."""

from __future__ import annotations

from typing import Any

import pytest


def parameters(cases: Any, *before: Any) -> list[Any]:
    """Return the cheap cases as parameters of a test, each under its id."""
    return [
        pytest.param(*before, case, id="-".join((*map(str, before), case.id)))
        for case in cases
        if not getattr(case, "slow", False)
    ]
