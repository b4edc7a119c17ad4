"""Evaluation of answers.

Always in this order: parse, compute, visibility, drop hidden, validate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from formsvc.domain.authorities import Circumstances, no_circumstances
from formsvc.domain.authorization.checks import authority_findings
from formsvc.domain.authorization.joint_issue import joint_context
from formsvc.domain.chinese import long_date
from formsvc.domain.definitions.document_rules import COPY_NAME
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluator import AnswerEvaluator
from formsvc.domain.evaluation.missing_glyphs import missing_glyph_problems
from formsvc.domain.evaluation.references import check_references, resolve_references
from formsvc.domain.evaluation.wording_rules import wording_problems
from formsvc.domain.expressions.evaluator import Expression, ExpressionEvaluator, OutcomeKind
from formsvc.domain.expressions.functions import functions_for
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.dates import read_on
from formsvc.domain.fields.former_keys import with_present_keys
from formsvc.domain.fields.tables.inner import inner_cells, with_place
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.options.answers import name_answers
from formsvc.domain.options.offered import OfferedOptions, offered_options
from formsvc.domain.parsing import iso_day
from formsvc.errors import Findings, Problem
from formsvc.i18n.messages import msg

# Given by the register, never by a form; accepted in data and not looked at.
IGNORED_KEYS = frozenset({"doc_no"})
UNNUMBERED = "待编号"


@dataclass(frozen=True)
class Evaluation:
    """Result of evaluating answers.

    ``values``: normal form, computed fields included, hidden ones left out. ``draft``: what to keep of an unfinished form,
    that is without computed fields, and unreadable answers as typed. ``visible``, ``required``, ``readonly``, ``computed``, ``filled``
    (empty cells that took their default) and ``missing`` (required, visible, empty) hold paths. ``problems`` prevent a
    submission; ``missing_problems`` are the sentences for ``missing``. ``offered`` are the options of fields that compute
    them, by path without row numbers.
    """

    values: Mapping[str, JSON]
    draft: Mapping[str, JSON]
    visible: frozenset[str]
    required: frozenset[str]
    readonly: frozenset[str]
    computed: frozenset[str]
    filled: frozenset[str]
    missing: frozenset[str]
    problems: tuple[Problem, ...]
    missing_problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]
    offered: Mapping[str, OfferedOptions] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """True if nothing prevents a submission."""
        return not self.problems and not self.missing_problems


def evaluate(
    definition: FormDefinition,
    answers: Mapping[str, JSON],
    circumstances: Circumstances,
    *,
    complete: bool = True,
    strict_keys: bool = True,
    authority: bool = True,
) -> Evaluation:
    """Evaluate answers.

    ``complete``: empty required fields are problems; otherwise they are only in ``missing``, and empty cells of tables take
    their column's default. ``strict_keys``: refuse unknown keys, and computed values that differ, by name; a browser form
    needs them ignored. ``authority``: check the authority to do the act.
    """
    answers = with_present_keys(definition.renamed_fields, answers)
    evaluator = AnswerEvaluator(definition, circumstances, strict=strict_keys)
    if strict_keys:
        evaluator.refuse_unknown_keys(answers, IGNORED_KEYS)
    evaluator.parse(answers)
    resolve_references(definition, evaluator.values, circumstances)
    if not complete:
        evaluator.fill_row_defaults()
    evaluator.compute()
    evaluator.compute_visibility()
    evaluator.drop_hidden()
    offered = offered_options(definition, evaluator.expressions, circumstances)
    chosen = name_answers(definition, evaluator.values, offered, renewed=not complete)
    evaluator.problems += chosen.problems
    evaluator.notices += chosen.notices
    evaluator.validate()
    outside = _other_findings(definition, evaluator, circumstances, authority=authority)
    return replace(_collect(definition, evaluator, outside, complete=complete), offered=offered)


def _collect(
    definition: FormDefinition,
    evaluator: AnswerEvaluator,
    outside: list[Findings],
    *,
    complete: bool,
) -> Evaluation:
    missing = evaluator.missing_problems
    absent = frozenset(p.field for p in missing)
    problems, notices = list(evaluator.problems), list(evaluator.notices)
    # One problem a field is enough: what is missing or unreadable has one already.
    reported = absent | evaluator.unreadable
    for problems_found, to_review in outside:
        problems += [p for p in problems_found if p.field not in reported]
        notices += to_review
    filled = [key for key, value in evaluator.values.items() if not is_empty(value)]
    notices += evaluator.provisional.date_notices(definition, filled)
    if complete:
        # A computed field is empty because of other problems, unless there are none.
        consequences = evaluator.computed if problems or absent - evaluator.computed else frozenset()
        problems += [p for p in missing if p.field not in consequences]
    return Evaluation(
        values=evaluator.values,
        draft=evaluator.draft(),
        visible=frozenset(evaluator.visible),
        required=frozenset(evaluator.required),
        readonly=_readonly_keys(definition, evaluator),
        computed=frozenset(evaluator.computed),
        filled=frozenset(evaluator.filled),
        missing=absent,
        problems=_in_page_order(definition, problems),
        missing_problems=_in_page_order(definition, missing),
        notices=_in_page_order(definition, notices),
    )


def _readonly_keys(definition: FormDefinition, evaluator: AnswerEvaluator) -> frozenset[str]:
    """Return the visible fields that must not be changed now."""
    return frozenset(
        entry.key
        for entry in definition.fields
        if entry.readonly
        and entry.key in evaluator.visible
        and evaluator.condition_holds(entry.key, "readonly", entry.key, otherwise=entry.readonly is True)
    )


def _other_findings(
    definition: FormDefinition, evaluator: AnswerEvaluator, circumstances: Circumstances, *, authority: bool
) -> list[Findings]:
    values = evaluator.values
    unprinted = missing_glyph_problems(definition, values, evaluator.computed, circumstances.missing_glyphs)
    findings: list[Findings] = [(unprinted, []), check_references(definition, values, circumstances)]
    findings.append((wording_problems(definition, values, circumstances), []))
    findings.append(([], _future_date_notices(definition, values, circumstances)))
    findings.append(([], _value_notices(definition, values)))
    findings.append(([], circumstances.register_notices(definition.fields, values)))
    if authority:
        findings.append(authority_findings(definition, values, circumstances))
    return findings


def _future_date_notices(
    definition: FormDefinition, values: Mapping[str, JSON], circumstances: Circumstances
) -> list[Problem]:
    """Return a notice on a date to come: no number is given for it yet."""
    key = definition.roles.key("date")
    dated, today = iso_day(values.get(key)), circumstances.today
    if not definition.numbering.is_numbered or dated is None or dated <= today:
        return []
    sentence = msg("制作日期{dated}晚于今天，那一天以前不能编号。", dated=long_date(dated))
    return [Problem(key, sentence, msg("日期填错的请更正。"))]


def _value_notices(definition: FormDefinition, values: Mapping[str, JSON]) -> list[Problem]:
    """Return what a reviewer must look at in single values."""
    return [
        Problem(path, msg("{label}：{reason}", label=entry.label, reason=notice))
        for path, entry, value in _values_by_path(definition, values)
        if (notice := FIELD_TYPES[entry.kind].notice(entry, value))
    ]


def _values_by_path(
    definition: FormDefinition, values: Mapping[str, JSON]
) -> Iterator[tuple[str, Field, JSON]]:
    for entry in definition.fields:
        value = values.get(entry.key)
        if entry.columns is None:
            yield entry.key, entry, value
            continue
        for index, row in enumerate(value if isinstance(value, list) else ()):
            for column in entry.columns:
                yield f"{entry.key}.{index}.{column.key}", column, row.get(column.key)
            yield from inner_cells(entry, f"{entry.key}.{index}", row)


def _in_page_order(definition: FormDefinition, problems: list[Problem]) -> tuple[Problem, ...]:
    """Return problems in the order of the page, without repetitions."""
    places = {f.key: i for i, f in enumerate(definition.fields)}
    unique = dict.fromkeys(map(with_place, problems))
    return tuple(sorted(unique, key=lambda p: places.get(p.field.partition(".")[0], -1)))


def initial_answers(definition: FormDefinition, circumstances: Circumstances) -> dict[str, JSON]:
    """Return the defaults of a new draft, as far as they can be computed."""
    blank = {
        f.key: FIELD_TYPES[f.kind].to_expression(f, FIELD_TYPES[f.kind].empty()) for f in definition.fields
    }
    expressions = ExpressionEvaluator(blank, functions_for(circumstances, definition.lookups))
    answers: dict[str, JSON] = {}
    for entry in definition.fields:
        expression = definition.compiled.expression(entry.key, "default")
        outcome = expressions.evaluate(expression) if expression else None
        if outcome is None or outcome.kind is not OutcomeKind.VALUE:
            continue
        kind = FIELD_TYPES[entry.kind]
        value, problems = kind.parse_computed(entry, outcome.value, entry.key)
        if not problems:
            answers[entry.key] = value
            expressions.bind(entry.key, kind.to_expression(entry, value))
    return answers


def following_answers(
    definition: FormDefinition,
    circumstances: Circumstances,
    former: Mapping[str, JSON],
    answers: Mapping[str, JSON],
) -> dict[str, JSON]:
    """Return defaults that are others since the former answers.

    A field takes its new default only if it is empty or still holds the former one.
    """
    before = _expressions_of(definition, circumstances, former)
    now = _expressions_of(definition, circumstances, answers)
    changed: dict[str, JSON] = {}
    for entry in definition.fields:
        expression = definition.compiled.expression(entry.key, "default")
        if expression is None or entry.computed or not expression.names:
            continue
        old, new = (_default(entry, expression, each) for each in (before, now))
        given = FIELD_TYPES[entry.kind].parse(entry, answers.get(entry.key), entry.key)[0]
        if new != old and (is_empty(given) or given == old):
            changed[entry.key] = FIELD_TYPES[entry.kind].empty() if new is None else new
            now.bind(entry.key, FIELD_TYPES[entry.kind].to_expression(entry, changed[entry.key]))
    return changed


def _expressions_of(
    definition: FormDefinition, circumstances: Circumstances, answers: Mapping[str, JSON]
) -> ExpressionEvaluator:
    bound = {}
    for entry in definition.fields:
        kind = FIELD_TYPES[entry.kind]
        # what cannot be read yet counts as empty
        with read_on(circumstances.today):
            value, problems = kind.parse(entry, answers.get(entry.key), entry.key)
        bound[entry.key] = kind.to_expression(entry, kind.empty() if problems else value)
    return ExpressionEvaluator(bound, functions_for(circumstances, definition.lookups))


def _default(entry: Field, expression: Expression, expressions: ExpressionEvaluator) -> JSON:
    outcome = expressions.evaluate(expression)
    if outcome.kind is not OutcomeKind.VALUE:
        return None
    value, problems = FIELD_TYPES[entry.kind].parse_computed(entry, outcome.value, entry.key)
    return None if problems else value


def carried_values(
    definition: FormDefinition,
    field: Field | str,
    source_answers: Mapping[str, JSON],
    circumstances: Circumstances | None = None,
) -> dict[str, JSON]:
    """Return what a chosen document brings in: target key → normal form."""
    entry = definition.field(field) if isinstance(field, str) else field
    known = circumstances or no_circumstances()
    source = {key: _with_row_numbers(value) for key, value in source_answers.items()}
    expressions = ExpressionEvaluator({"source": source}, functions_for(known, definition.lookups))
    carried: dict[str, JSON] = {}
    for target in (entry.carry or {}) if entry else {}:
        expression = definition.compiled.expression(entry.key, f"carry.{target}") if entry else None
        into = definition.field(target)
        outcome = expressions.evaluate(expression) if expression and into else None
        if into is None or outcome is None or outcome.kind is not OutcomeKind.VALUE:
            continue
        value, problems = FIELD_TYPES[into.kind].parse(into, outcome.value, target)
        if not problems:
            carried[target] = value
    return carried


def _with_row_numbers(value: JSON) -> JSON:
    """Return rows with their printed numbers, for documents that quote them."""
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        return value
    return [{**row, "no": row.get("no") or index} for index, row in enumerate(value, 1)]


def document_context(
    definition: FormDefinition, values: Mapping[str, JSON], number_text: str, circumstances: Circumstances
) -> dict[str, JSON]:
    """Return what Word templates see: plain JSON with every field bound.

    Where copies differ it is that of the first one.
    """
    context: dict[str, JSON] = {
        "doc_no": number_text or UNNUMBERED,
        "form_title": definition.for_answers(values).title,
    }
    for entry in definition.fields:
        kind = FIELD_TYPES[entry.kind]
        value = values.get(entry.key, kind.empty())
        for suffix, shown in kind.display(entry, value).items():
            context[entry.key + suffix] = shown
    if definition.copies:
        context[COPY_NAME] = definition.copies[0].title
    return context | joint_context(definition, values, circumstances)


def copy_contexts(definition: FormDefinition, context: Mapping[str, JSON]) -> list[dict[str, JSON]]:
    """Return the contexts of the further copies, which differ from the first."""
    return [{**context, COPY_NAME: copy.title} for copy in definition.copies[1:]]
