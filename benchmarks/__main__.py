"""``make bench``: run every benchmark, write results.json, print the table."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path
from typing import Any

from benchmarks import bench_lists, bench_paper, bench_store, bench_word

RESULTS = Path(__file__).parent / "results.json"
BENCHMARKS = {
    "store": bench_store.run,
    "lists": bench_lists.run,
    "word": bench_word.run,
    "paper": bench_paper.run,
}


def main(names: list[str]) -> None:
    """Run the named benchmarks, all by default."""
    chosen = names or list(BENCHMARKS)
    unknown = set(chosen) - set(BENCHMARKS)
    if unknown:
        sys.exit(f"没有这些测速项目：{'、'.join(sorted(unknown))}。可用的有：{'、'.join(BENCHMARKS)}。")
    figures = []
    for name in chosen:
        print(f"正在测速：{name}……", file=sys.stderr, flush=True)
        figures += [{"benchmark": name, **figure} for figure in BENCHMARKS[name]()]
    machine = {
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": platform.machine(),
    }
    RESULTS.write_text(
        json.dumps({"machine": machine, "figures": figures}, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    for line in table(figures):
        print(line)


def table(figures: list[dict[str, Any]]) -> list[str]:
    """Return the results as aligned lines."""
    head = list(dict.fromkeys(str(key) for figure in figures for key in figure))
    rows = [[str(figure.get(key, "")) for key in head] for figure in figures]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *rows]
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
