"""Addresses of the application, compiled once for all applications of this process.

Every test has an application of its own, and all have the same two hundred addresses; compiling them takes a tenth of
a second.
"""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.routing import Rule

_COMPILED: dict[object, Callable[..., tuple[str, str]]] = {}


def install() -> None:
    """Keep what Werkzeug compiles for a rule; once is enough."""
    plain = Rule._compile_builder
    if getattr(plain, "is_kept", False):
        return

    def compile_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        # all that the function depends on; the rule itself is an argument of it
        key = (tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in _COMPILED:
            _COMPILED[key] = plain(rule, append_unknown)
        return _COMPILED[key]

    compile_builder.is_kept = True  # type: ignore[attr-defined]  # a mark on the function itself
    Rule._compile_builder = compile_builder  # type: ignore[method-assign, assignment]  # for the whole test run
