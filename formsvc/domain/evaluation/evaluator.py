"""The steps of examining answers, over one set of values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from formsvc.domain.authorities import Circumstances
from formsvc.domain.chinese import long_date
from formsvc.domain.definitions.compilation import ITEM_VARIABLE, column_order
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.definitions.schema import Rule
from formsvc.domain.evaluation.answer_problems import differs_from_computed, missing_answer, row_count_problem
from formsvc.domain.expressions.evaluator import Expression, ExpressionEvaluator, Outcome, OutcomeKind
from formsvc.domain.expressions.functions import OFFICE_FUNCTIONS, functions_for
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.spelling import did_you_mean
from formsvc.errors import Problem
from formsvc.i18n.messages import DefinitionText, msg

LONG_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日", re.ASCII)
NOTHING_PUT_IN: Mapping[str, str] = MappingProxyType({})


class AnswerEvaluator:
    """One examination; its steps are called in the order they stand here."""

    def __init__(self, definition: FormDefinition, circumstances: Circumstances, *, strict: bool) -> None:
        self._definition = definition
        self._circumstances = circumstances
        self._strict = strict
        self._bench: ExpressionEvaluator
        self._given: Mapping[str, JSON] = {}
        self._unread: dict[str, list[Problem]] = {}
        self._counterparts: dict[str, list[JSON]] = {}
        self.values: dict[str, JSON] = {}
        self.visible: set[str] = set()
        self.required: set[str] = set()
        self.computed: set[str] = set()
        self.filled: set[str] = set()
        self.problems: list[Problem] = []
        self.missing_problems: list[Problem] = []
        self.notices: list[Problem] = []

    def refuse_unknown_keys(self, given: Mapping[str, JSON], ignored: frozenset[str]) -> None:
        """Name each key the definition does not know, in rows too."""
        keys = {f.key: f for f in self._definition.fields}
        for key, value in given.items():
            entry = keys.get(str(key))
            if entry is None and key not in ignored:
                self._refuse_key(str(key), str(key), keys)
            elif entry and entry.columns and isinstance(value, list):
                columns = {c.key: c for c in entry.columns}
                strange = [(i, k) for i, row in enumerate(value) if isinstance(row, Mapping) for k in row]
                for index, inner in strange:
                    if inner not in columns:
                        self._refuse_key(f"{key}.{index}.{inner}", str(inner), columns)

    def _refuse_key(self, path: str, key: str, known: Mapping[str, Field]) -> None:
        self.problems.append(
            Problem(
                path,
                msg(
                    "表单“{title}”没有“{key}”这一项{near}。",
                    title=self._definition.title,
                    key=key[:60],
                    near=did_you_mean(key, known),
                ),
                msg("请删去或者改正。"),
            )
        )

    def parse(self, given: Mapping[str, JSON]) -> None:
        """Bring every answer into its normal form."""
        self._given = given
        for entry in self._definition.fields:
            value, problems = FIELD_TYPES[entry.kind].parse(entry, given.get(entry.key), entry.key)
            self.values[entry.key] = value
            for problem in problems:
                self._unread.setdefault(problem.field, []).append(problem)
        self._rebind()

    def _rebind(self) -> None:
        bound = {
            f.key: FIELD_TYPES[f.kind].to_expression(f, self.values.get(f.key))
            for f in self._definition.fields
        }
        self._bench = ExpressionEvaluator(bound, functions_for(self._circumstances, self._definition.lookups))

    @property
    def unreadable(self) -> frozenset[str]:
        """The fields, not the cells, whose answers could not be read as their kind."""
        return frozenset(path for path in self._unread if "." not in path)

    def fill_row_defaults(self) -> None:
        """Write the defaults of columns into cells that were left empty, while a form is being filled."""
        for entry in self._definition.fields:
            for column in entry.columns or ():
                expression = self._definition.compiled.expression(f"{entry.key}.{column.key}", "default")
                for index, row in enumerate(self._rows(entry) if expression else ()):
                    if expression and is_empty(row[column.key]):
                        self._fill(column, row, expression, f"{entry.key}.{index}.{column.key}")

    def _fill(self, column: Field, row: dict[str, JSON], expression: Expression, path: str) -> None:
        kind = FIELD_TYPES[column.kind]
        outcome = self._bench.evaluate(expression)
        value, problems = kind.parse(column, kind.normalise(outcome.value), path)
        if not problems and not is_empty(value) and path not in self._unread:
            row[column.key] = value
            self.filled.add(path)

    def compute(self) -> None:
        """Compute what is computed, each after what it uses, and compare with what was given."""
        self._rebind()
        for key in self._definition.compiled.computation_order:
            entry = self._definition.field(key)
            if entry is None:
                continue
            if entry.columns:
                self._line_up(entry)
                self._compute_columns(entry)
            else:
                expression = self._definition.compiled.expression(key, "computed")
                self.values[key] = self._computed_value(entry, expression, key, self.values[key])
            self._bench.bind(key, FIELD_TYPES[entry.kind].to_expression(entry, self.values[key]))

    def _line_up(self, entry: Field) -> None:
        """Give rows that stand for the entries of a list (``each_of``) as many rows as it has."""
        expression = self._definition.compiled.expression(entry.key, "each_of")
        if expression is None:
            return
        outcome = self._bench.evaluate(expression)
        self._tell(outcome, entry.key, entry.label)
        if outcome.kind is not OutcomeKind.VALUE or not isinstance(outcome.value, list):
            return
        wanted, rows = len(outcome.value), self.values.get(entry.key) or []
        self._counterparts[entry.key] = outcome.value
        if self._strict and rows and len(rows) != wanted:
            self.problems.append(row_count_problem(entry, wanted, len(rows)))
            return
        blank = [{c.key: FIELD_TYPES[c.kind].empty() for c in entry.columns or ()} for _ in range(wanted)]
        self.values[entry.key] = [*rows[:wanted], *blank[len(rows) :]]
        self._bench.bind(entry.key, FIELD_TYPES[entry.kind].to_expression(entry, self.values[entry.key]))

    def _compute_columns(self, entry: Field) -> None:
        for column_key in column_order(entry, self._definition.compiled):
            column = entry.column(column_key)
            expression = self._definition.compiled.expression(f"{entry.key}.{column_key}", "computed")
            for index, row in enumerate(self._rows(entry)):
                if column and expression:
                    path = f"{entry.key}.{index}.{column_key}"
                    row[column_key] = self._computed_value(column, expression, path, row[column_key])

    def _rows(self, entry: Field) -> Iterator[dict[str, JSON]]:
        """Each row in turn, with ``row`` and ``index`` bound, and what it stands for where there is such a thing."""
        counterparts = self._counterparts.get(entry.key, [])
        for index, row in enumerate(self.values.get(entry.key) or []):
            bound = {c.key: FIELD_TYPES[c.kind].to_expression(c, row.get(c.key)) for c in entry.columns or ()}
            self._bench.bind("row", bound)
            self._bench.bind("index", index)
            if entry.each_of:
                self._bench.bind(ITEM_VARIABLE, counterparts[index] if index < len(counterparts) else None)
            yield row

    def _computed_value(self, entry: Field, expression: Expression | None, path: str, given: JSON) -> JSON:
        self.computed.add(path)
        unread = self._unread.pop(path, [])
        if expression is None:
            return given
        outcome = self._bench.evaluate(expression)
        kind = FIELD_TYPES[entry.kind]
        value = kind.empty()
        faults: list[Problem] = []
        if outcome.kind is OutcomeKind.VALUE:
            value, faults = kind.parse(entry, kind.normalise(outcome.value), path)
        self._tell(outcome, path, entry.label)
        self.problems += faults
        told = not self._strict or outcome.kind is OutcomeKind.REFUSED
        if told or (not unread and (is_empty(given) or given == value)):
            return value
        needs_registry = bool(expression.functions & OFFICE_FUNCTIONS) and is_empty(value)
        differs = differs_from_computed(
            entry, path, value, given if not unread else None, needs_registry=needs_registry
        )
        self.problems.append(replace(differs, law=entry.law))
        return given if needs_registry else value

    def _tell(self, outcome: Outcome, path: str, label: str) -> None:
        if outcome.kind is OutcomeKind.REFUSED:
            self.problems.append(Problem(path, msg("{label}：{reason}", label=label, reason=outcome.reason)))
        elif outcome.kind is OutcomeKind.FAULTY:
            self.problems.append(self._faulty(path, outcome))

    def _faulty(self, path: str, outcome: Outcome) -> Problem:
        return Problem(
            path,
            msg("表单定义“{form}”有错误：{reason}", form=self._definition.id, reason=outcome.reason),
            msg("请告知管理员，填写的内容没有问题。"),
        )

    def compute_visibility(self) -> None:
        """Decide which fields are on the page."""
        for entry in self._definition.fields:
            if not self._holds(entry.key, "shown", entry.key, otherwise=True):
                continue
            self.visible.add(entry.key)
            for index, _ in enumerate(self._rows(entry) if entry.columns else ()):
                self.visible |= {
                    f"{entry.key}.{index}.{c.key}"
                    for c in entry.columns or ()
                    if self._holds(
                        f"{entry.key}.{c.key}", "shown", f"{entry.key}.{index}.{c.key}", otherwise=True
                    )
                }

    def _holds(self, path: str, role: str, place: str, *, otherwise: bool) -> bool:
        expression = self._definition.compiled.expression(path, role)
        if expression is None:
            return otherwise
        outcome = self._bench.evaluate(expression)
        if outcome.kind is OutcomeKind.VALUE and not isinstance(outcome.value, bool):
            outcome = Outcome(
                OutcomeKind.FAULTY, reason=msg("条件“{source}”得不出是或者否。", source=expression.source)
            )
        if outcome.kind is OutcomeKind.FAULTY:
            self.problems.append(self._faulty(place, outcome))
        return outcome.is_true

    def drop_hidden(self) -> None:
        """Leave out what is not on the page; checks see it as empty."""
        for entry in self._definition.fields:
            if entry.key not in self.visible:
                del self.values[entry.key]
                continue
            for index, row in enumerate(self.values[entry.key] if entry.columns else ()):
                for column in entry.columns or ():
                    if f"{entry.key}.{index}.{column.key}" not in self.visible:
                        row[column.key] = FIELD_TYPES[column.kind].empty()
        self.problems = [p for p in self.problems if p.field in self.visible or p.field not in self.computed]
        self._rebind()

    def validate(self) -> None:
        """Unreadable answers, empty required ones, limits, and the form's own rules."""
        for path, problems in self._unread.items():
            if path in self.visible:
                self.problems += problems
        for entry in self._definition.fields:
            if entry.key in self.visible:
                self._validate_field(entry)
        for rule in self._definition.rules:
            self._apply(rule)

    def _validate_field(self, entry: Field) -> None:
        value = self.values.get(entry.key)
        self._require(entry, entry.key, entry.key, value)
        self.problems += [
            p for p in FIELD_TYPES[entry.kind].check(entry, value, entry.key) if p.field not in self.computed
        ]
        for index, row in enumerate(self._rows(entry) if entry.columns else ()):
            for column in entry.columns or ():
                path = f"{entry.key}.{index}.{column.key}"
                if path in self.visible:
                    self._require(column, f"{entry.key}.{column.key}", path, row.get(column.key))

    def _require(self, entry: Field, place: str, path: str, value: JSON) -> None:
        if not self._holds(place, "required", path, otherwise=entry.required is True):
            return
        self.required.add(path)
        if not is_empty(value) or any(
            unread == path or unread.startswith(path + ".") for unread in self._unread
        ):
            return
        if not any(p.field == path for p in self.problems if path in self.computed):
            expression = self._definition.compiled.expression(place, "computed")
            needs_registry = expression is not None and bool(expression.functions & OFFICE_FUNCTIONS)
            self.missing_problems.append(
                replace(missing_answer(entry, path), law=entry.law, registered_here=needs_registry)
            )

    def _apply(self, rule: Rule) -> None:
        entry = self._definition.field(rule.each) if rule.each else None
        if entry is None:
            self._judge(rule, rule.field)
            return
        column = rule.field.partition(".")[2]
        for index, _ in enumerate(self._rows(entry)):
            self._judge(rule, f"{rule.each}.{index}.{column}" if column else f"{rule.each}.{index}")

    def _judge(self, rule: Rule, path: str) -> None:
        outcome = self._bench.evaluate(self._definition.compiled.checks[rule.id])
        if outcome.is_true or outcome.kind is OutcomeKind.EMPTY:
            return
        told = self.problems if rule.level == "error" else self.notices
        if outcome.kind is OutcomeKind.REFUSED:
            told.append(Problem(path, outcome.reason))
        elif outcome.kind is OutcomeKind.FAULTY:
            self.problems.append(self._faulty(path, outcome))
        else:
            told.append(Problem(path, self._message(rule), self._text(rule.remedy), rule.law))

    def _message(self, rule: Rule) -> str:
        parts = self._definition.compiled.messages[rule.id]
        values = {part.source: self._said(part) for part in parts if isinstance(part, Expression)}
        return self._text(rule.message, values)

    def _text(self, text: str, values: Mapping[str, str] = NOTHING_PUT_IN) -> str:
        return DefinitionText(self._definition.id, text, values) if text else ""

    def _said(self, expression: Expression) -> str:
        """What an expression gives, for a message; days and names of the lookups can be said otherwise."""
        value = self._bench.evaluate(expression).value
        if not isinstance(value, str):
            return "" if value is None else str(value)
        if LONG_DATE.fullmatch(value):
            return long_date(value)
        return DefinitionText(self._definition.id, value)

    def draft(self) -> dict[str, JSON]:
        """What to keep of an unfinished form: as typed where it could not be read, computed fields left out."""
        kept: dict[str, JSON] = {}
        for key, value in self.values.items():
            unreadable = any(path == key or path.startswith(key + ".") for path in self._unread)
            if key not in self.computed:
                kept[key] = self._given.get(key) if unreadable else value
        return kept
