"""Deadlines of items as later documents moved them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from formsvc.domain.json_types import JSON
from formsvc.domain.life.effects import Verb
from formsvc.domain.life.schema import Items


def moved_days(consequences: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the last day that each item was given, by its number as text."""
    days: dict[str, str] = {}
    for each in consequences:
        if each["do"] == Verb.MOVE_DEADLINES and not each["withdrawn_by"]:
            days |= each["items"]
    return days


def answers_in_force(
    items: Items | None, answers: Mapping[str, JSON], consequences: Iterable[Mapping[str, Any]]
) -> Mapping[str, JSON]:
    """Return the answers with the deadlines of items as they are now."""
    days = moved_days(consequences)
    rows = answers.get(items.rows) if items else None
    if items is None or not days or not items.deadline or not isinstance(rows, list):
        return answers
    moved = [_moved(row, items, number, days) for number, row in enumerate(rows, 1)]
    return {**answers, items.rows: moved}


def _moved(row: Mapping[str, JSON], items: Items, number: int, days: Mapping[str, str]) -> dict[str, JSON]:
    # an item keeps the number it has in the document that it was taken from
    own = str(row.get(items.number) or row.get(items.source) or number)
    return {**row, items.deadline: days.get(own, row.get(items.deadline))}
