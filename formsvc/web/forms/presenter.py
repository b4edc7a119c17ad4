"""Presenter of a draft: section progress, computed texts, problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from formsvc.domain.acts.act import Act
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluation import UNNUMBERED, Evaluation
from formsvc.domain.fields import FIELD_TYPES
from formsvc.domain.fields import Field as FieldSpec
from formsvc.domain.fields.tables.totals import totals_in_words
from formsvc.domain.json_types import JSON
from formsvc.domain.regions import name_with_town, only_division_in
from formsvc.errors import Problem
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases.drafting.differing_answers import differing_answers
from formsvc.usecases.drafting.drafts import Draft
from formsvc.web.filters import clock_time, day, field_id, long_day
from formsvc.web.form_problems import messages_by_field
from formsvc.web.forms.builder import AnswerForm, RowsAnswer, displayable_answers, form_class_for
from formsvc.web.forms.checklist import attach_checklists
from formsvc.web.forms.page_positions import on_page, problems_on_page, value_at
from formsvc.web.forms.party_words import party_json
from formsvc.web.forms.suggestions import Suggestions, offers_version

# typed as 明天 or 12月15日, and meant for one day only
DAY_KINDS = frozenset({"date", "datetime"})
# shown below the field as they are printed: 2026年11月, 9时05分
READ_BACK_KINDS = frozenset({"time", "partial_date"})
EMPTY_VALUES: tuple[JSON, ...] = (None, "", [])


@dataclass(frozen=True)
class SectionView:
    """One section: its fields and progress; ``status`` is done, open or wrong.

    ``carried`` says which document a whole section came from, ``summary`` its content in short; "" if it is not folded.
    """

    id: str
    title: str
    hint: str
    fields: tuple[Any, ...]
    status: str
    progress_text: str
    visible: bool
    number: int = 0
    carried: str = ""
    summary: str = ""

    @property
    def status_text(self) -> str:
        """Return the status as text, "" for an open section."""
        return str({"done": "✓", "wrong": _("！有误")}.get(self.status, ""))


def bound_form(
    draft: Draft, more: Mapping[str, int] | None = None, *, form_class: type[AnswerForm] | None = None
) -> AnswerForm:
    """Return the filled form; ``more`` is a minimum of rows by field key."""
    definition = draft.revision.definition
    form_class = form_class or form_class_for(definition)
    form = form_class(data=displayable_answers(definition.fields, draft.act.answers))
    add_empty_rows(form, more or {})
    return form


def add_empty_rows(form: AnswerForm, more: Mapping[str, int]) -> None:
    """Append empty rows up to the definition's minimum, or up to ``more``."""
    for field in form.iter_fields():
        if isinstance(field, RowsAnswer) and not field.is_computed:
            least = int(field.spec.min or 1) if field.spec.required is True else 0
            field.show_at_least(max(more.get(field.name, 0), least))


def apply_evaluation(
    form: AnswerForm, evaluation: Evaluation, problems: Sequence[Problem] | None = None
) -> None:
    """Set state and hint of every field, by default problems of filled ones."""
    if problems is not None:
        problems = problems_on_page(problems, form)
    evaluation = on_page(evaluation, form)
    form.apply_evaluation(evaluation, problems_of_filled_fields(evaluation) if problems is None else problems)
    for field in form.iter_fields():
        value = value_at(evaluation.values, field.path)
        if isinstance(field, RowsAnswer) and field.spec.total:
            field.totals = totals_in_words(field.spec, value or [], FIELD_TYPES)
        field.hint_below = hint_below_field(
            field.spec, value, is_computed=field.is_computed or field.is_readonly
        )


def problems_of_filled_fields(evaluation: Evaluation) -> list[Problem]:
    """Return the problems of filled fields: an empty form shows no errors."""
    return [p for p in evaluation.problems if value_at(evaluation.draft, p.field) not in EMPTY_VALUES]


def hint_below_field(spec: FieldSpec, value: JSON, *, is_computed: bool) -> str:
    """Return a computed value, a date's weekday or a number's document."""
    if value in EMPTY_VALUES:
        return ""
    if is_computed:
        return display_text(spec, value)
    if spec.kind == "date":
        return long_day(value)
    if spec.kind == "datetime":
        return f"{long_day(value)} {clock_time(value)}"
    if spec.kind in READ_BACK_KINDS:
        return display_text(spec, value)
    if spec.kind == "address" and spec.lookup:
        return _division_in_words(spec, value)
    if spec.kind == "reference" and isinstance(value, Mapping) and value.get("act_id"):
        return str(_("《%(title)s》 %(day)s", title=value["title"], day=day(value["date"])))
    return ""


def _division_in_words(spec: FieldSpec, value: JSON) -> str:
    names = {option.code: option.name for option in spec.options}
    code = only_division_in(str(value), names)
    return str(_("%(name)s（代码 %(code)s）", name=name_with_town(code, names), code=code)) if code else ""


def display_text(spec: FieldSpec, value: JSON) -> str:
    text = FIELD_TYPES[spec.kind].words(spec, value)
    if isinstance(text, bool):
        return str(_("是") if text else _("否"))
    if isinstance(text, list):
        return format_list(str(part) for part in text) if spec.kind != "rows" else _("%(n)s 行", n=len(text))
    return msg("待编号") if text == UNNUMBERED else str(text)


def section_views(draft: Draft, form: AnswerForm, problems: Iterable[Problem] = ()) -> list[SectionView]:
    evaluation = draft.evaluation
    wrong = {p.field.partition(".")[0] for p in problems}
    missing_keys = [path.partition(".")[0] for path in evaluation.missing]
    views = []
    for index, section in enumerate(draft.revision.definition.sections):
        keys = [f.key for f in section.fields]
        missing = sum(key in keys for key in missing_keys)
        status = "wrong" if wrong.intersection(keys) else "open" if missing else "done"
        counts = [view.progress for key in keys if (view := getattr(form[key], "view", None))]
        progress = (
            counts[0]
            if counts
            else _row_count(section.fields, evaluation) or (_("还差 %(n)s 项", n=missing) if missing else "")
        )
        visible = any(key in evaluation.visible for key in keys)
        fields = tuple(form[key] for key in keys)
        carried = carried_from(draft, section.fields) if status == "done" else ""
        summary = _summary(section.fields, evaluation) if carried else ""
        views.append(
            SectionView(
                id=f"s-{index + 1}",
                title=section.title,
                hint=section.hint,
                fields=fields,
                status=status,
                progress_text=progress,
                visible=visible,
                number=index + 1,
                carried=carried,
                summary=summary,
            )
        )
    return views


def carried_from(draft: Draft, specs: Sequence[FieldSpec]) -> str:
    """Return the one document that all filled fields came from, else ""."""
    if not draft.act.source_act:
        return ""
    values = draft.evaluation.values
    filled = {s.key for s in specs if s.computed is None and values.get(s.key) not in EMPTY_VALUES}
    for reference in draft.revision.definition.source_references:
        source = values.get(reference.key)
        if reference.carry and isinstance(source, Mapping) and filled and filled <= set(reference.carry):
            return str(_("由《%(title)s》%(number)s 带入", title=source["title"], number=source["number"]))
    return ""


def _summary(specs: Sequence[FieldSpec], evaluation: Evaluation) -> str:
    """Return the first filled answers of a section in one line."""
    texts = [
        _rows_in_short(spec, value) if spec.kind == "rows" else display_text(spec, value)
        for spec in specs
        # a ticked option says little by itself
        if spec.computed is None
        and not FIELD_TYPES[spec.kind].shown_by_marks
        and (value := evaluation.values.get(spec.key)) not in EMPTY_VALUES
    ]
    return "　".join(texts[:4])


def _rows_in_short(spec: FieldSpec, rows: JSON) -> str:
    """Return how many rows there are, and the first text of each."""
    column = next((c.key for c in spec.columns or () if c.kind in ("person", "text", "long_text")), "")
    texts = [str(row.get(column) or "") for row in rows]
    shown = format_list(text if len(text) <= 20 else f"{text[:20]}…" for text in texts if text)
    count = str(_("%(n)s 行", n=len(rows)))
    return f"{count}　{shown}" if shown else count


def _row_count(specs: Iterable[FieldSpec], evaluation: Evaluation) -> str:
    counts = [len(evaluation.values.get(s.key) or []) for s in specs if s.kind == "rows"]
    return _("%(n)s 行", n=counts[0]) if counts and counts[0] else ""


def with_nearest_anchor(form: AnswerForm, problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems linked to the nearest field on the page."""
    problems = problems_on_page(problems, form)
    anchors = {field.path for field in form.iter_fields() if field.visible}
    # Rows have ids of their own, so that a problem of a whole row can be linked
    anchors |= {
        f"{field.path}.{index}"
        for field in form.iter_fields()
        if isinstance(field, RowsAnswer) and field.visible
        for index in range(len(field.entries))
    }
    return [replace(p, field=_nearest_anchor(p.field, anchors)) for p in problems]


def _nearest_anchor(path: str, anchors: set[str]) -> str:
    while path and path not in anchors:
        path = path.rpartition(".")[0]
    return path


def autosave_json(
    draft: Draft,
    suggestions: Suggestions,
    form_class: type[AnswerForm],
    *,
    prefilled: bool,
    problems: Sequence[Problem] = (),
) -> dict[str, JSON]:
    """Return what the page's script needs to show what a reload would."""
    form = form_class(data=displayable_answers(draft.revision.definition.fields, draft.act.answers))
    apply_evaluation(form, draft.evaluation, draft.evaluation.problems)
    attach_checklists(form, draft)
    evaluation = on_page(draft.evaluation, form)
    # The keys are those that static/autosave.js and static/shown.js read
    return {
        "saved_at": clock_time(draft.act.updated_at),
        "version": draft.act.version,
        "visible": sorted(evaluation.visible),
        "required": sorted(evaluation.required),
        "computed": {f.path: f.hint_below for f in form.iter_fields() if f.is_computed or f.is_readonly},
        "said": {
            f.path: f.hint_below
            for f in form.iter_fields()
            if f.hint_below and not (f.is_computed or f.is_readonly)
        },
        "days": {
            f.path: str(f.data).replace("T", " ")
            for f in form.iter_fields()
            if f.spec.kind in DAY_KINDS and f.data
        },
        "filled": {path: _control_value(value_at(evaluation.values, path)) for path in evaluation.filled},
        "problems": messages_by_field((*problems, *evaluation.problems)),
        "missing": sorted(evaluation.missing),
        "notices": [p.sentence() for p in evaluation.notices],
        "people": suggestions.people,
        "signers": suggestions.signers,
        "sections": [
            {
                "id": s.id,
                "mark": s.status,
                "words": s.status_text,
                "told": s.progress_text,
                "shown": s.visible,
            }
            for s in section_views(draft, form, problems_of_filled_fields(evaluation))
        ],
        "checklists": {
            field.spec.key: field.view.to_json()
            for field in form
            if isinstance(field, RowsAnswer) and field.view
        },
        "totals": {
            f"{field.path}.{key}": text
            for field in form
            if isinstance(field, RowsAnswer)
            for key, text in field.totals.items()
        },
        "options": {path: offers_version(offered) for path, offered in evaluation.offered.items()},
        "carried": prefilled,
        "parties": {key: party_json(party) for key, party in suggestions.parties.items()},
    }


def _control_value(value: JSON) -> str:
    """Return a value as its control would send it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def focus_id(path: str) -> str:
    """Return the HTML id to focus after a row edit, empty for no path."""
    return field_id(path) if path else ""


# Two windows on one draft ----------------------------------------------------------------------------

_SIDE = "side-"


def conflict_page(
    definition: FormDefinition, answers: Mapping[str, JSON], stored: Act
) -> ResponseReturnValue:
    """Return the page on which a person chooses between two windows by field.

    It hands on all that was typed here.
    """
    differing = differing_answers(definition, answers, stored.answers)
    if not differing:
        flash(_("另一个窗口已经保存过同样的内容。"))
        return redirect(url_for("drafting.edit", act_id=stored.id), 303)
    own = ("csrf_token", "version", "change", "pick", "choose")
    page = render_template(
        "draft_conflict.html",
        act=stored,
        differing=differing,
        typed=[
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in own and not name.startswith(_SIDE)
        ],
        files=[file.filename for file in request.files.values() if file.filename],
    )
    return make_response(page, 409)


def answers_of_other_window(stored: Act) -> dict[str, JSON]:
    """Return the stored answers that were chosen on the page of conflicts.

    None if they are no longer those that the page showed: then it is shown again.
    """
    if request.form.get("version", type=int) != stored.version:
        return {}
    sides = {name: side for name, side in request.form.items() if name.startswith(_SIDE)}
    chosen = (name.removeprefix(_SIDE) for name, side in sides.items() if side == "there")
    return {key: stored.answers.get(key) for key in chosen}
