"""What was filled in, examined: parse → compute → visibility → drop hidden → validate, always in this order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from formsvc.domain.authorities import Circumstances
from formsvc.domain.authorization.checks import Findings, authority_findings
from formsvc.domain.calendar import Calendar
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluator import AnswerEvaluator
from formsvc.domain.evaluation.missing_glyphs import missing_glyph_problems
from formsvc.domain.evaluation.references import check_references, resolve_references
from formsvc.domain.evaluation.wording_rules import wording_problems
from formsvc.domain.expressions.evaluator import ExpressionEvaluator, OutcomeKind
from formsvc.domain.expressions.functions import WORKDAY_FUNCTIONS, functions_for
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.errors import Problem
from formsvc.i18n.messages import msg

IGNORED_KEYS = frozenset({"doc_no"})
"""Given by the register, never by a form; accepted in data and not looked at."""
UNNUMBERED = "待编号"


@dataclass(frozen=True)
class Evaluation:
    """What the service makes of answers.

    ``values``: normal form, computed fields included, hidden ones left out. ``draft``: what to keep of an
    unfinished form — as values, but without computed fields and with what could not be read as it was typed.
    ``visible``, ``required``, ``computed``, ``filled`` (empty cells of rows that took their default) and
    ``missing`` (required, visible and empty) hold paths.
    ``problems`` stop a submission; ``missing_problems`` are the sentences for ``missing``.
    """

    values: Mapping[str, JSON]
    draft: Mapping[str, JSON]
    visible: frozenset[str]
    required: frozenset[str]
    computed: frozenset[str]
    filled: frozenset[str]
    missing: frozenset[str]
    problems: tuple[Problem, ...]
    missing_problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing stands against submitting."""
        return not self.problems and not self.missing_problems


def evaluate(
    definition: FormDefinition,
    given: Mapping[str, JSON],
    circumstances: Circumstances,
    *,
    complete: bool = True,
    strict_keys: bool = True,
    authority: bool = True,
) -> Evaluation:
    """Examine answers.

    ``complete``: empty required fields count as problems; else they stand only in ``missing``, and empty cells
    of rows take their column's default. ``strict_keys``: unknown
    keys and computed values that differ are refused by name (else they are passed over, as a browser form
    needs). ``authority``: check who may do what.
    """
    examination = AnswerEvaluator(definition, circumstances, strict=strict_keys)
    if strict_keys:
        examination.refuse_unknown_keys(given, IGNORED_KEYS)
    examination.parse(given)
    resolve_references(definition, examination.values, circumstances)
    if not complete:
        examination.fill_row_defaults()
    examination.compute()
    examination.compute_visibility()
    examination.drop_hidden()
    examination.validate()
    outside = _outside(definition, examination, circumstances, authority=authority)
    return _summed_up(definition, examination, outside, circumstances.calendar, complete=complete)


def _summed_up(
    definition: FormDefinition,
    examination: AnswerEvaluator,
    outside: list[Findings],
    calendar: Calendar,
    *,
    complete: bool,
) -> Evaluation:
    missing = examination.missing_problems
    absent = frozenset(p.field for p in missing)
    problems, notices = list(examination.problems), list(examination.notices)
    told_already = absent | examination.unreadable
    for found, told in outside:
        problems += [p for p in found if p.field not in told_already]
        notices += told
    notices += _calendar_notices(definition, examination.values, calendar)
    if complete:
        follows = examination.computed if problems or absent - examination.computed else frozenset()
        problems += [p for p in missing if p.field not in follows]
    return Evaluation(
        values=examination.values,
        draft=examination.draft(),
        visible=frozenset(examination.visible),
        required=frozenset(examination.required),
        computed=frozenset(examination.computed),
        filled=frozenset(examination.filled),
        missing=absent,
        problems=_in_order(definition, problems),
        missing_problems=_in_order(definition, missing),
        notices=_in_order(definition, notices),
    )


def _outside(
    definition: FormDefinition, examination: AnswerEvaluator, circumstances: Circumstances, *, authority: bool
) -> list[Findings]:
    values = examination.values
    unprinted = missing_glyph_problems(definition, values, examination.computed, circumstances.missing_glyphs)
    found: list[Findings] = [(unprinted, []), check_references(definition, values, circumstances)]
    found.append((wording_problems(definition, values, circumstances), []))
    if authority:
        found.append(authority_findings(definition, values, circumstances))
    return found


def _calendar_notices(
    definition: FormDefinition, values: Mapping[str, JSON], calendar: Calendar
) -> list[Problem]:
    """Days reckoned in working days of a year whose table is not out yet."""
    notices = []
    for entry in definition.fields:
        expression = definition.compiled.expression(entry.key, "computed")
        day = values.get(entry.key)
        if (
            entry.kind != "date"
            or expression is None
            or not day
            or not expression.functions & WORKDAY_FUNCTIONS
        ):
            continue
        for year in calendar.missing_years([int(str(day)[:4])]):
            sentence = msg(
                "{year}年的放假安排表尚未导入，{label}暂按周末推算。", year=year, label=entry.label
            )
            notices.append(
                Problem(entry.key, sentence, msg("放假安排公布后请核对，遇放假、调休的另行调整。"))
            )
    return notices


def _in_order(definition: FormDefinition, problems: list[Problem]) -> tuple[Problem, ...]:
    """Problems in the order of the page, each said once."""
    places = {f.key: i for i, f in enumerate(definition.fields)}
    said = dict.fromkeys(problems)
    return tuple(sorted(said, key=lambda p: places.get(p.field.partition(".")[0], -1)))


def initial_answers(definition: FormDefinition, circumstances: Circumstances) -> dict[str, JSON]:
    """The answers a new draft begins with: each field's default, as far as it can be told."""
    blank = {
        f.key: FIELD_TYPES[f.kind].to_expression(f, FIELD_TYPES[f.kind].empty()) for f in definition.fields
    }
    bench = ExpressionEvaluator(blank, functions_for(circumstances, definition.lookups))
    answers: dict[str, JSON] = {}
    for entry in definition.fields:
        expression = definition.compiled.expression(entry.key, "default")
        outcome = bench.evaluate(expression) if expression else None
        if outcome is None or outcome.kind is not OutcomeKind.VALUE:
            continue
        kind = FIELD_TYPES[entry.kind]
        value, problems = kind.parse(entry, kind.normalise(outcome.value), entry.key)
        if not problems:
            answers[entry.key] = value
            bench.bind(entry.key, kind.to_expression(entry, value))
    return answers


def carried_values(
    definition: FormDefinition,
    field: Field | str,
    source_answers: Mapping[str, JSON],
    circumstances: Circumstances | None = None,
) -> dict[str, JSON]:
    """What a chosen document brings into this form: target key → value in normal form."""
    entry = definition.field(field) if isinstance(field, str) else field
    around = circumstances or Circumstances(today=date.min, calendar=Calendar(weekends_only=True))
    source = {key: _numbered(value) for key, value in source_answers.items()}
    bench = ExpressionEvaluator({"source": source}, functions_for(around, definition.lookups))
    brought: dict[str, JSON] = {}
    for target in (entry.carry or {}) if entry else {}:
        expression = definition.compiled.expression(entry.key, f"carry.{target}") if entry else None
        into = definition.field(target)
        outcome = bench.evaluate(expression) if expression and into else None
        if into is None or outcome is None or outcome.kind is not OutcomeKind.VALUE:
            continue
        value, problems = FIELD_TYPES[into.kind].parse(into, outcome.value, target)
        if not problems:
            brought[target] = value
    return brought


def _numbered(value: JSON) -> JSON:
    """Rows with the numbers under which they were printed, so that a later document can quote them."""
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        return value
    return [{**row, "no": row.get("no") or index} for index, row in enumerate(value, 1)]


def document_context(
    definition: FormDefinition, values: Mapping[str, JSON], number_text: str, circumstances: Circumstances
) -> dict[str, JSON]:
    """What Word templates see: plain JSON, every field of the definition bound."""
    context: dict[str, JSON] = {"doc_no": number_text or UNNUMBERED, "form_title": definition.title}
    for entry in definition.fields:
        kind = FIELD_TYPES[entry.kind]
        value = values.get(entry.key, kind.empty())
        for suffix, shown in kind.display(entry, value).items():
            context[entry.key + suffix] = shown
    return context
