"""Jinja's filters that make texts, within the budget of a rendering."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2.filters import FILTERS
from jinja2.nodes import EvalContext
from jinja2.utils import pass_eval_context

from formsvc.documents.filling.budget import (
    FILTER_TURNS,
    BudgetExceeded,
    check_size,
    current_budget,
    length_of,
    most_characters,
)


@pass_eval_context
def replace_bounded(eval_ctx: EvalContext, value: Any, old: Any, new: Any, count: int | None = None) -> Any:
    text, removed, added = (str(check_size(part)) for part in (value, old, new))
    current_budget().spend_turns(FILTER_TURNS)
    current_budget().spend_characters(len(text))
    times = text.count(removed) if removed else len(text) + 1
    if count is not None and count >= 0:
        times = min(times, count)
    # known before it is made: ten of these in a row would be thousands of millions of characters
    if len(text) + times * (len(added) - len(removed)) > most_characters():
        raise BudgetExceeded("value")
    return FILTERS["replace"](eval_ctx, value, old, new, count)


@pass_eval_context
def join_bounded(eval_ctx: EvalContext, value: Any, d: str = "", attribute: str | int | None = None) -> Any:
    items = list(check_size(value))
    if attribute is not None:
        items = [eval_ctx.environment.getitem(item, attribute) for item in items]
    size = sum(length_of(item) for item in items) + len(items) * len(str(check_size(d)))
    if size > most_characters():
        raise BudgetExceeded("value")
    current_budget().spend_characters(size)
    return FILTERS["join"](eval_ctx, items, d)


def _spending(name: str) -> Callable[..., Any]:
    """Return a filter that counts the text it goes through."""
    plain = FILTERS[name]

    def spend(value: Any, *arguments: Any, **options: Any) -> Any:
        current_budget().spend_turns(FILTER_TURNS)
        current_budget().spend_characters(length_of(value) if isinstance(value, str | list | tuple) else 0)
        return plain(value, *arguments, **options)

    return spend


BOUNDED_FILTERS: Mapping[str, Callable[..., Any]] = {
    "replace": replace_bounded,
    "join": join_bounded,
    "upper": _spending("upper"),
    "trim": _spending("trim"),
}
