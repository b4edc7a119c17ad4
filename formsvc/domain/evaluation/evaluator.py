"""Steps of evaluating answers, over one set of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from formsvc.domain.authorities import Circumstances
from formsvc.domain.definitions.compilation import column_order
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.definitions.schema import Rule
from formsvc.domain.definitions.scope import ITEM_VARIABLE
from formsvc.domain.evaluation.answer_problems import (
    definition_fault,
    differs_from_computed,
    missing_answer,
    row_count_problem,
    rule_message,
    translatable,
    unknown_key_problems,
)
from formsvc.domain.evaluation.provisional_values import NO_YEARS, ProvisionalValues, provisional_remark
from formsvc.domain.expressions.evaluator import Expression, ExpressionEvaluator, Outcome, OutcomeKind
from formsvc.domain.expressions.functions import OFFICE_FUNCTIONS, functions_for
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.compound import too_many_rows
from formsvc.domain.fields.dates import read_on
from formsvc.domain.fields.tables.inner import inner_cells
from formsvc.domain.json_types import JSON, is_empty
from formsvc.errors import Problem
from formsvc.i18n.messages import join_messages, msg
from formsvc.limits import process_limits


class AnswerEvaluator:
    """One evaluation; call its steps in the order in which they are defined."""

    def __init__(self, definition: FormDefinition, circumstances: Circumstances, *, strict: bool) -> None:
        self._definition = definition
        self.provisional = ProvisionalValues(circumstances.calendar)
        self._circumstances = replace(circumstances, calendar=self.provisional.calendar)
        self._strict = strict
        self._expressions: ExpressionEvaluator
        self._given: Mapping[str, JSON] = {}
        self._unreadable: dict[str, list[Problem]] = {}
        self._counterparts: dict[str, list[JSON]] = {}
        # tables whose list an older document does not have: a person fills in what comes from it
        self._typed_tables: set[str] = set()
        self.values: dict[str, JSON] = {}
        self.visible: set[str] = set()
        self.required: set[str] = set()
        self.computed: set[str] = set()
        self.filled: set[str] = set()
        self.problems: list[Problem] = []
        self.missing_problems: list[Problem] = []
        self.notices: list[Problem] = []

    def refuse_unknown_keys(self, answers: Mapping[str, JSON], ignored: frozenset[str]) -> None:
        """Report each key the definition does not have, in tables too."""
        self.problems += unknown_key_problems(self._definition, answers, ignored)

    def parse(self, answers: Mapping[str, JSON]) -> None:
        self._given = answers
        for entry in self._definition.fields:
            if not FIELD_TYPES[entry.kind].holds_answer:
                continue
            with read_on(self._circumstances.today):
                value, problems = FIELD_TYPES[entry.kind].parse(entry, answers.get(entry.key), entry.key)
            self.values[entry.key] = value
            for problem in problems:
                self._unreadable.setdefault(problem.field, []).append(problem)
        self._bind_all()

    def _bind_all(self) -> None:
        bound = {
            f.key: FIELD_TYPES[f.kind].to_expression(f, self.values.get(f.key))
            for f in self._definition.fields
        }
        self._expressions = ExpressionEvaluator(
            bound, functions_for(self._circumstances, self._definition.lookups)
        )

    @property
    def expressions(self) -> ExpressionEvaluator:
        """The evaluator with the values bound as they are now."""
        return self._expressions

    @property
    def unreadable(self) -> frozenset[str]:
        """Fields, not cells, whose answers could not be parsed."""
        return frozenset(path for path in self._unreadable if "." not in path)

    def fill_row_defaults(self) -> None:
        """Write column defaults into empty cells of an unfinished form."""
        for entry in self._definition.fields:
            for column in entry.columns or ():
                expression = self._definition.compiled.expression(f"{entry.key}.{column.key}", "default")
                for index, row in enumerate(self._rows(entry) if expression else ()):
                    if expression and is_empty(row[column.key]):
                        self._fill_cell(column, row, expression, f"{entry.key}.{index}.{column.key}")

    def _fill_cell(self, column: Field, row: dict[str, JSON], expression: Expression, path: str) -> None:
        kind = FIELD_TYPES[column.kind]
        outcome = self._expressions.evaluate(expression)
        value, problems = kind.parse_computed(column, outcome.value, path)
        if not problems and not is_empty(value) and path not in self._unreadable:
            row[column.key] = value
            self.filled.add(path)

    def compute(self) -> None:
        """Compute fields in order, and compare them with what was given."""
        self._bind_all()
        for key in self._definition.compiled.computation_order:
            entry = self._definition.field(key)
            if entry is None:
                continue
            if entry.columns:
                self._match_row_count(entry)
                self._compute_columns(entry)
            else:
                self.values[key] = self._computed_value(entry, key, key, self.values[key])
            self._expressions.bind(key, FIELD_TYPES[entry.kind].to_expression(entry, self.values[key]))

    def _match_row_count(self, entry: Field) -> None:
        """Give an ``each_of`` table as many rows as its list has entries."""
        expression = self._definition.compiled.expression(entry.key, "each_of")
        if expression is None:
            return
        outcome = self._expressions.evaluate(expression)
        self._report(outcome, entry.key, entry.label)
        if outcome.kind is OutcomeKind.UNKNOWN:
            self._typed_tables.add(entry.key)
        if outcome.kind is not OutcomeKind.VALUE or not isinstance(outcome.value, list):
            return
        if len(outcome.value) > process_limits().table_rows:
            self.problems.append(too_many_rows(entry.label, entry.key))
            return
        expected, rows = len(outcome.value), self.values.get(entry.key) or []
        self._counterparts[entry.key] = outcome.value
        if self._strict and rows and len(rows) != expected:
            self.problems.append(row_count_problem(entry, expected, len(rows)))
            return
        blank = [{c.key: FIELD_TYPES[c.kind].empty() for c in entry.columns or ()} for _ in range(expected)]
        self.values[entry.key] = [*rows[:expected], *blank[len(rows) :]]
        self._expressions.bind(
            entry.key, FIELD_TYPES[entry.kind].to_expression(entry, self.values[entry.key])
        )

    def _compute_columns(self, entry: Field) -> None:
        for column_key in column_order(entry, self._definition.compiled):
            column = entry.column(column_key)
            for index, row in enumerate(self._rows(entry) if column else ()):
                if column:
                    path, place = f"{entry.key}.{index}.{column_key}", f"{entry.key}.{column_key}"
                    row[column_key] = self._computed_value(column, place, path, row[column_key])

    def _rows(self, entry: Field) -> Iterator[dict[str, JSON]]:
        """Yield each row with ``row``, ``index`` and its list entry bound."""
        counterparts = self._counterparts.get(entry.key, [])
        for index, row in enumerate(self.values.get(entry.key) or []):
            bound = {c.key: FIELD_TYPES[c.kind].to_expression(c, row.get(c.key)) for c in entry.columns or ()}
            self._expressions.bind("row", bound)
            self._expressions.bind("index", index)
            if entry.each_of:
                self._expressions.bind(
                    ITEM_VARIABLE, counterparts[index] if index < len(counterparts) else None
                )
            yield row

    def _computed_value(self, entry: Field, place: str, path: str, given_value: JSON) -> JSON:
        """Return what is computed, or what was typed where a person must."""
        expression = self._definition.compiled.expression(place, "computed")
        asks_item = expression is not None and ITEM_VARIABLE in expression.names
        if asks_item and place.partition(".")[0] in self._typed_tables:
            return given_value
        if self.condition_holds(place, "typed_when", path, otherwise=False):
            return given_value
        self.provisional.begin()
        outcome = self._expressions.evaluate(expression) if expression else Outcome(OutcomeKind.EMPTY)
        if outcome.kind is OutcomeKind.UNKNOWN:
            self._report(outcome, path, entry.label)
            return given_value
        self.computed.add(path)
        unread = self._unreadable.pop(path, [])
        if expression is None:
            return given_value
        self.provisional.record(path, expression)
        kind = FIELD_TYPES[entry.kind]
        value = kind.empty()
        faults: list[Problem] = []
        if outcome.kind is OutcomeKind.VALUE:
            value, faults = kind.parse_computed(entry, outcome.value, path)
        self._report(outcome, path, entry.label)
        self.problems += faults
        # A browser form sends computed fields back as they were; a refusal is reported already.
        ignore_given = not self._strict or outcome.kind is OutcomeKind.REFUSED
        if ignore_given or (not unread and (is_empty(given_value) or given_value == value)):
            return value
        needs_registry = bool(expression.functions & OFFICE_FUNCTIONS) and is_empty(value)
        differs = differs_from_computed(
            entry, path, value, given_value if not unread else None, needs_registry=needs_registry
        )
        self.problems.append(replace(differs, law=entry.law))
        # Kept, so that the act can be submitted once the office has registered what is missing.
        return given_value if needs_registry else value

    def _report(self, outcome: Outcome, path: str, label: str) -> None:
        if outcome.kind is OutcomeKind.REFUSED:
            self.problems.append(Problem(path, msg("{label}：{reason}", label=label, reason=outcome.reason)))
        elif outcome.kind is OutcomeKind.UNKNOWN:
            self.notices.append(Problem(path, outcome.reason))
        elif outcome.kind is OutcomeKind.FAULTY:
            self.problems.append(definition_fault(self._definition.id, path, outcome.reason))

    def compute_visibility(self) -> None:
        for entry in self._definition.fields:
            if not self.condition_holds(entry.key, "shown", entry.key, otherwise=True):
                continue
            self.visible.add(entry.key)
            for index, row in enumerate(self._rows(entry) if entry.columns else ()):
                place = f"{entry.key}.{index}"
                self.visible |= {
                    f"{place}.{c.key}"
                    for c in entry.columns or ()
                    if self.condition_holds(
                        f"{entry.key}.{c.key}", "shown", f"{place}.{c.key}", otherwise=True
                    )
                }
                cells = inner_cells(entry, place, row)
                self.visible |= {path for path, *_ in cells if path.rsplit(".", 2)[0] in self.visible}

    def condition_holds(self, path: str, role: str, place: str, *, otherwise: bool) -> bool:
        expression = self._definition.compiled.expression(path, role)
        if expression is None:
            return otherwise
        outcome = self._expressions.evaluate(expression)
        if outcome.kind is OutcomeKind.VALUE and not isinstance(outcome.value, bool):
            outcome = Outcome(
                OutcomeKind.FAULTY, reason=msg("条件“{source}”得不出是或者否。", source=expression.source)
            )
        entry = self._definition.field(path)
        self._report(outcome, place, entry.label if entry else path)
        # what an older document does not say must hide no answer
        return outcome.is_true or (role == "shown" and outcome.kind is OutcomeKind.UNKNOWN)

    def drop_hidden(self) -> None:
        """Remove hidden fields; checks see them as empty."""
        for entry in self._definition.fields:
            if entry.key not in self.visible:
                self.values.pop(entry.key, None)
                continue
            for index, row in enumerate(self.values[entry.key] if entry.columns else ()):
                for column in entry.columns or ():
                    if f"{entry.key}.{index}.{column.key}" not in self.visible:
                        row[column.key] = FIELD_TYPES[column.kind].empty()
        # Problems of computed fields that turned out to be hidden are none.
        self.problems = [p for p in self.problems if p.field in self.visible or p.field not in self.computed]
        self._bind_all()

    def validate(self) -> None:
        """Report unreadable and missing answers, limits, and broken rules."""
        for path, problems in self._unreadable.items():
            if path in self.visible:
                self.problems += problems
        for entry in self._definition.fields:
            if entry.key in self.visible:
                self._validate_field(entry)
        for rule in self._definition.rules:
            self._apply_rule(rule)

    def _validate_field(self, entry: Field) -> None:
        value = self.values.get(entry.key)
        self._check_required(entry, entry.key, entry.key, value)
        self.problems += [
            p for p in FIELD_TYPES[entry.kind].check(entry, value, entry.key) if p.field not in self.computed
        ]
        for index, row in enumerate(self._rows(entry) if entry.columns else ()):
            for column in entry.columns or ():
                path = f"{entry.key}.{index}.{column.key}"
                if path in self.visible:
                    self._check_required(column, f"{entry.key}.{column.key}", path, row.get(column.key))
            for path, column, cell in inner_cells(entry, f"{entry.key}.{index}", row):
                if path in self.visible:
                    self._check_required(column, path, path, cell)

    def _check_required(self, entry: Field, place: str, path: str, value: JSON) -> None:
        if not self.condition_holds(place, "required", path, otherwise=entry.required is True):
            return
        self.required.add(path)
        if not is_empty(value) or any(
            unread == path or unread.startswith(path + ".") for unread in self._unreadable
        ):
            return
        # A computed field that failed has its problem already.
        if not any(p.field == path for p in self.problems if path in self.computed):
            expression = self._definition.compiled.expression(place, "computed")
            needs_registry = expression is not None and bool(expression.functions & OFFICE_FUNCTIONS)
            missing = missing_answer(entry, path, computed=path in self.computed)
            self.missing_problems.append(replace(missing, law=entry.law, registered_here=needs_registry))

    def _apply_rule(self, rule: Rule) -> None:
        entry = self._definition.field(rule.each) if rule.each else None
        if entry is None:
            self._check_rule(rule, rule.field)
            return
        column = rule.field.partition(".")[2]
        for index, _ in enumerate(self._rows(entry)):
            self._check_rule(rule, f"{rule.each}.{index}.{column}" if column else f"{rule.each}.{index}")

    def _check_rule(self, rule: Rule, path: str) -> None:
        check = self._definition.compiled.checks[rule.id]
        self.provisional.begin()
        outcome = self._expressions.evaluate(check)
        # A rule over an empty answer does not apply; that the answer is missing is another problem.
        if outcome.is_true or outcome.kind is OutcomeKind.EMPTY:
            return
        years = self.provisional.years_of(check, rule.each) if outcome.kind is OutcomeKind.VALUE else NO_YEARS
        # a table to come may still allow it: nothing is refused because of days that are not published
        is_error = rule.level == "error" and outcome.kind is not OutcomeKind.UNKNOWN and not years
        target = self.problems if is_error else self.notices
        if outcome.kind in (OutcomeKind.REFUSED, OutcomeKind.UNKNOWN):
            target.append(Problem(path, outcome.reason))
        elif outcome.kind is OutcomeKind.FAULTY:
            self.problems.append(definition_fault(self._definition.id, path, outcome.reason))
        else:
            remedy = join_messages(translatable(self._definition, rule.remedy), provisional_remark(years))
            target.append(
                Problem(path, rule_message(self._definition, rule, self._expressions), remedy, rule.law)
            )

    def draft(self) -> dict[str, JSON]:
        """Return what to keep of an unfinished form, unreadable answers as typed."""
        draft: dict[str, JSON] = {}
        for key, value in self.values.items():
            unreadable = any(path == key or path.startswith(key + ".") for path in self._unreadable)
            if key not in self.computed:
                draft[key] = self._given.get(key) if unreadable else value
        return draft
