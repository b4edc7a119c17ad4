"""A draft as the page shows it: sections with their marks, computed texts, problems beside fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from formsvc.domain.evaluation.evaluation import UNNUMBERED, Evaluation
from formsvc.domain.fields import FIELD_TYPES
from formsvc.domain.fields import Field as Spec
from formsvc.domain.json_types import JSON
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import Problem
from formsvc.i18n.messages import format_list, join_messages, msg
from formsvc.usecases.drafting.drafts import Draft
from formsvc.web.filters import clock_time, day, field_id, long_day
from formsvc.web.forms.builder import AnswerForm, RowsAnswer, form_class_for
from formsvc.web.forms.suggestions import Offers

NOTHING: tuple[JSON, ...] = (None, "", [])


@dataclass(frozen=True)
class SectionView:
    """One section: its fields, and how far it is filled."""

    id: str
    title: str
    hint: str
    fields: tuple[Any, ...]
    mark: str
    told: str
    shown: bool

    @property
    def words(self) -> str:
        """The mark as it is written; an open section says in figures what it lacks."""
        return str({"done": "✓", "wrong": _("！有误")}.get(self.mark, ""))


def bound_form(draft: Draft, more: Mapping[str, int] | None = None) -> AnswerForm:
    """The form with the draft's answers in it; tables show at least one row, or as many as asked for."""
    form = form_class_for(draft.revision.definition)(data=dict(draft.act.answers))
    show_rows(form, more or {})
    return form


def show_rows(form: AnswerForm, more: Mapping[str, int]) -> None:
    """Give tables the empty rows a person needs to begin."""
    for field in form.each_field():
        if isinstance(field, RowsAnswer) and not field.is_computed:
            least = int(field.spec.min or 1) if field.spec.required is True else 0
            field.show_at_least(max(more.get(field.spec.key, 0), least))


def settle(form: AnswerForm, evaluation: Evaluation, problems: Sequence[Problem] | None = None) -> None:
    """Put on every field what the evaluation says of it; by default only problems of what has been filled in."""
    told = evident(evaluation) if problems is None else problems
    form.judge(evaluation, told)
    for field in form.each_field():
        field.said = said(field.spec, value_at(evaluation.values, field.path))


def evident(evaluation: Evaluation) -> list[Problem]:
    """Problems of fields that hold something; an empty form is not full of errors."""
    return [p for p in evaluation.problems if value_at(evaluation.draft, p.field) not in NOTHING]


def value_at(values: Mapping[str, JSON], path: str) -> JSON:
    """The value at ``issue_date`` or ``hazards.0.deadline``; None when there is none."""
    found: JSON = values
    for part in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, list):
            place = parse_whole_number(part)
            found = None if place is None or place >= len(found) else found[place]
        else:
            return None
    return found


def said(spec: Spec, value: JSON) -> str:
    """What stands under a field: a computed text, a day with its weekday, the document behind a number."""
    if value in NOTHING:
        return ""
    if spec.computed is not None:
        return display(spec, value)
    if spec.kind == "date":
        return long_day(value)
    if spec.kind == "datetime":
        return f"{long_day(value)} {clock_time(value)}"
    if spec.kind == "reference" and isinstance(value, Mapping) and value.get("act_id"):
        return str(_("《%(title)s》 %(day)s", title=value["title"], day=day(value["date"])))
    return ""


def display(spec: Spec, value: JSON) -> str:
    """A value in words."""
    shown = FIELD_TYPES[spec.kind].display(spec, value)
    text = shown.get("_name") or shown[""]
    if isinstance(text, bool):
        return str(_("是") if text else _("否"))
    if isinstance(text, list):
        return format_list(str(part) for part in text) if spec.kind != "rows" else _("%(n)s 行", n=len(text))
    return msg("待编号") if text == UNNUMBERED else str(text)


def sections(draft: Draft, form: AnswerForm, problems: Iterable[Problem] = ()) -> list[SectionView]:
    """The sections in order, each marked done, open or wrong."""
    evaluation = draft.evaluation
    wrong = {p.field.partition(".")[0] for p in problems}
    missing = [path.partition(".")[0] for path in evaluation.missing]
    made = []
    for index, section in enumerate(draft.revision.definition.sections):
        keys = [f.key for f in section.fields]
        lacking = sum(key in keys for key in missing)
        mark = "wrong" if wrong.intersection(keys) else "open" if lacking else "done"
        told = _row_count(section.fields, evaluation) or (_("还差 %(n)s 项", n=lacking) if lacking else "")
        shown = any(key in evaluation.visible for key in keys)
        fields = tuple(form[key] for key in keys)
        made.append(SectionView(f"s-{index + 1}", section.title, section.hint, fields, mark, told, shown))
    return made


def _row_count(specs: Iterable[Spec], evaluation: Evaluation) -> str:
    counts = [len(evaluation.values.get(s.key) or []) for s in specs if s.kind == "rows"]
    return _("%(n)s 行", n=counts[0]) if counts and counts[0] else ""


def linked(form: AnswerForm, problems: Iterable[Problem]) -> list[Problem]:
    """Problems whose field is the nearest place that is on the page, so that every link leads somewhere."""
    anchors = {field.path for field in form.each_field() if field.shown}
    anchors |= {
        f"{field.path}.{index}"
        for field in form.each_field()
        if isinstance(field, RowsAnswer) and field.shown
        for index in range(len(field.entries))
    }
    return [replace(p, field=_nearest(p.field, anchors)) for p in problems]


def _nearest(path: str, anchors: set[str]) -> str:
    while path and path not in anchors:
        path = path.rpartition(".")[0]
    return path


def as_json(
    draft: Draft, offers: Offers, *, carried: bool, problems: Sequence[Problem] = ()
) -> dict[str, JSON]:
    """What the page needs after each save to show the same as a reload would."""
    evaluation = draft.evaluation
    form = form_class_for(draft.revision.definition)(data=dict(draft.act.answers))
    settle(form, evaluation, evaluation.problems)
    found: dict[str, str] = {}
    for problem in (*problems, *evaluation.problems):
        found[problem.field] = join_messages(found.get(problem.field, ""), problem.sentence())
    return {
        "saved_at": clock_time(draft.act.updated_at),
        "version": draft.act.version,
        "visible": sorted(evaluation.visible),
        "required": sorted(evaluation.required),
        "computed": {f.path: f.said for f in form.each_field() if f.is_computed},
        "said": {f.path: f.said for f in form.each_field() if f.said and not f.is_computed},
        "filled": {path: _as_typed(value_at(evaluation.values, path)) for path in evaluation.filled},
        "problems": found,
        "missing": sorted(evaluation.missing),
        "notices": [p.sentence() for p in evaluation.notices],
        "people": offers.people,
        "signers": offers.signers,
        "sections": [
            {"id": s.id, "mark": s.mark, "words": s.words, "told": s.told, "shown": s.shown}
            for s in sections(draft, form, evident(evaluation))
        ],
        "carried": carried,
    }


def _as_typed(value: JSON) -> str:
    """A value as the control of its field would send it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def focus_id(path: str) -> str:
    """The id to move to after a change of rows."""
    return field_id(path) if path else ""
