"""Paths of rows on the page: a checklist shows more rows than it stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.domain.json_types import JSON
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import Problem
from formsvc.web.forms.builder import AnswerForm, RowsAnswer

Positions = Mapping[str, list[int]]


def positions_of(form: AnswerForm) -> Positions:
    """Return the places of stored rows on the page, by the key of a checklist."""
    return {
        field.spec.key: list(field.positions)
        for field in form
        if isinstance(field, RowsAnswer) and field.spec.checklist
    }


def on_page(evaluation: Evaluation, form: AnswerForm) -> Evaluation:
    """Return the evaluation with the paths that the fields of the page have."""
    positions = positions_of(form)
    if not positions:
        return evaluation

    def moved(paths: Iterable[str]) -> frozenset[str]:
        return frozenset(page_path(path, positions) for path in paths)

    return Evaluation(
        values=_spread(evaluation.values, positions),
        draft=_spread(evaluation.draft, positions),
        visible=moved(evaluation.visible),
        required=moved(evaluation.required),
        readonly=moved(evaluation.readonly),
        computed=moved(evaluation.computed),
        filled=moved(evaluation.filled),
        missing=moved(evaluation.missing),
        problems=tuple(problems_on_page(evaluation.problems, form)),
        missing_problems=tuple(problems_on_page(evaluation.missing_problems, form)),
        notices=tuple(problems_on_page(evaluation.notices, form)),
        offered=evaluation.offered,
    )


def problems_on_page(problems: Iterable[Problem], form: AnswerForm) -> list[Problem]:
    """Return the problems with the paths that the fields of the page have."""
    positions = positions_of(form)
    return [replace(p, field=page_path(p.field, positions)) for p in problems]


def page_path(path: str, positions: Positions) -> str:
    """Return an answer's path on the page: items.0.result → items.12.result."""
    key, _, rest = path.partition(".")
    index, dot, column = rest.partition(".")
    stored = parse_whole_number(index)
    if key not in positions or stored is None or stored >= len(positions[key]):
        return path
    return f"{key}.{positions[key][stored]}{dot}{column}"


def value_at(values: Mapping[str, JSON], path: str) -> JSON:
    """Return the value at a path like ``hazards.0.deadline``, or None."""
    value: JSON = values
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list):
            index = parse_whole_number(part)
            value = None if index is None or index >= len(value) else value[index]
        else:
            return None
    return value


def _spread(values: Mapping[str, JSON], positions: Positions) -> dict[str, JSON]:
    """Return the values with each row at its place on the page."""
    spread = dict(values)
    for key, places in positions.items():
        rows = values.get(key)
        if isinstance(rows, list) and len(rows) <= len(places):
            by_place = dict(zip(places, rows, strict=False))
            spread[key] = [by_place.get(place, {}) for place in range(max(by_place, default=-1) + 1)]
    return spread
