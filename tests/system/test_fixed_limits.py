"""Every limit is a setting; what is none is fixed by something else."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import ROOT

_PACKAGE = ROOT / "formsvc"
_BOUND = re.compile(
    r"(?:^|_)(?:MAX|MOST|LONGEST|LIMIT|LARGEST|HIGHEST|DEEPEST|FARTHEST|WIDEST|MAXIMUM)(?:_|$)"
)
_REASONS = Path(__file__).with_name("fixed_limits.toml")


def _is_number(node: ast.expr) -> bool:
    return all(
        isinstance(part, ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop)
        or (isinstance(part, ast.Constant) and isinstance(part.value, int | float))
        for part in ast.walk(node)
    )


def _assignments(tree: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield each target with its value; ``a, b = 1, 2`` has two."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            yield node.target, node.value
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    yield from zip(target.elts, node.value.elts, strict=False)
                else:
                    yield target, node.value


def _bounds(source: str) -> list[str]:
    """Return the names of constants that bound something by a number."""
    return [
        target.id
        for target, value in _assignments(ast.parse(source))
        if isinstance(target, ast.Name) and _BOUND.search(target.id) and _is_number(value)
    ]


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
        "MAX_A = 3 * 2**20\n_MOST: int = 1_000\nclass A:\n    LONGEST = -1.5\nOTHER = 3\nMAXED, A_MAX = 2, 4"
    ) == [
        "MAX_A",
        "_MOST",
        "A_MAX",
        "LONGEST",
    ]
