"""Result of a benchmark: a median, and its ratio to a yardstick."""

from __future__ import annotations

import statistics
from typing import Any


def result_row(
    case: str, name: str, measured: list[float], yardstick: str, floor: list[float]
) -> dict[str, Any]:
    """Seconds of each round as a row: median in milliseconds, ratio to the yardstick with its quartiles.

    A contender may take part in fewer rounds than the yardstick.
    """
    ratios = [one / other for one, other in zip(measured, floor, strict=False)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return {
        "case": case,
        "contender": name,
        "median_ms": round(statistics.median(measured) * 1000, 3),
        "yardstick": yardstick,
        "ratio": round(middle, 2),
        "ratio_low": round(max(low, min(ratios)), 2),
        "ratio_high": round(min(high, max(ratios)), 2),
        "rounds": len(measured),
    }
