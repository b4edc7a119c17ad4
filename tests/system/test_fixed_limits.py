"""Every limit is a setting; what is none is fixed by something else."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

from tests.support.paths import ROOT

_PACKAGE = ROOT / "formsvc"
_BOUND = re.compile(
    r"(?:^|_)(?:MAX|MOST|LONGEST|LIMIT|LARGEST|HIGHEST|DEEPEST|FARTHEST|WIDEST|MAXIMUM)(?:_|$)"
)
_REASONS = Path(__file__).with_name("fixed_limits.toml")


def _is_number(node: ast.expr | None) -> bool:
    return node is not None and all(
        isinstance(part, ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop)
        or (isinstance(part, ast.Constant) and isinstance(part.value, int | float))
        for part in ast.walk(node)
    )


def _bounds(source: str) -> list[str]:
    """Return the names of constants that bound something by a number."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign | ast.AnnAssign) and _is_number(node.value):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and _BOUND.search(target.id):
                found.append(target.id)
    return found


def test_an_upper_bound_is_a_setting_or_says_what_fixes_it() -> None:
    bounds = {
        f"{path.relative_to(_PACKAGE).as_posix()}:{name}"
        for path in _PACKAGE.rglob("*.py")
        for name in _bounds(path.read_text(encoding="utf-8"))
    }
    groups = tomllib.loads(_REASONS.read_text(encoding="utf-8"))
    reasons = {name: reason for group in groups.values() for name, reason in group.items()}
    assert all(reasons.values())
    assert bounds == set(reasons)


def test_a_bound_is_seen_however_it_is_written() -> None:
    assert _bounds(
        "MAX_A = 3 * 2**20\n_MOST: int = 1_000\nclass A:\n    LONGEST = -1.5\nOTHER = 3\nMAXED = 2"
    ) == [
        "MAX_A",
        "_MOST",
        "LONGEST",
    ]
