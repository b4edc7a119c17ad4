"""Entries of the corpus as parameters of tests."""

from __future__ import annotations

from typing import Any

import pytest


def parameters(cases: Any, *before: Any) -> list[Any]:
    """Return the cheap cases as parameters of a test, each under its id.

    The suite runs each third of them, ``make hostile`` all.
    """
    cheap = [case for case in cases if not getattr(case, "slow", False)]
    return [
        pytest.param(
            *before,
            case,
            id="-".join((*map(str, before), case.id)),
            marks=[pytest.mark.slow] if number % 3 else [],
        )
        for number, case in enumerate(cheap)
    ]
