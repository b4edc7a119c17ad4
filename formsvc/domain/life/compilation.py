"""Compilation of the expressions of a life, with their faults."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence, Sized
from operator import itemgetter
from typing import TypeVar

from formsvc.domain.acts.act import State
from formsvc.domain.definitions.compilation import (
    LIFE,
    CompiledLife,
    CompileError,
    ExpressionCompiler,
    MessageTemplate,
)
from formsvc.domain.definitions.expression_checks import is_constant
from formsvc.domain.definitions.scope import Scope, scope_of
from formsvc.domain.expressions import shapes
from formsvc.domain.expressions.analysis import Vocabulary
from formsvc.domain.expressions.evaluator import Expression, InvalidExpression
from formsvc.domain.expressions.shapes import Shape
from formsvc.domain.expressions.wording import kind_names
from formsvc.domain.fields import Field
from formsvc.domain.life.effect_checks import EffectScopes, check_effects
from formsvc.domain.life.effects import Effects
from formsvc.domain.life.schema import DeadlineRule, FollowUp, Items, Life, Results, ServiceRule
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits

T = TypeVar("T")

# Names that are bound in a life besides the fields.
THIS, MADE, FOUND, NUMBERS = "this", "made", "found", "numbers"
_ANY_MAP = Shape(frozenset({"map"}))


def document_shapes(modes: Collection[str] = ()) -> dict[str, Shape]:
    """Return the shapes of what ``this`` and ``made`` say of a document."""
    return {
        # act_id: a document may be given where a function asks for a reference
        **dict.fromkeys(("id", "act_id", "form", "title"), shapes.text(200)),
        "state": shapes.text(20, words=[state.value for state in State]),
        "mode": shapes.text(20, words=modes or None),
        "number": shapes.text(200, empty=True),
        "date": shapes.DAY,
        "served_on": shapes.optional(shapes.DAY),
    }


_MADE_SHAPE = shapes.map_of({**document_shapes(), "answers": _ANY_MAP})


def compile_life(
    life: Life | None,
    fields: Sequence[Field],
    vocabulary: Vocabulary | None,
    modes: Collection[str] = (),
) -> tuple[CompiledLife, list[CompileError]]:
    """Compile a life; what has errors is left out and reported.

    ``modes`` are those that its documents may be done in. Without a vocabulary nothing is checked: the revision was checked once.
    """
    if life is None:
        return CompiledLife(), []
    compiler = _LifeCompiler(life, fields, vocabulary, modes)
    return compiler.compile_all(), compiler.errors if vocabulary is not None else []


class _LifeCompiler:
    """Collects the expressions and the errors of one life."""

    def __init__(
        self,
        life: Life,
        fields: Sequence[Field],
        vocabulary: Vocabulary | None,
        modes: Collection[str],
    ) -> None:
        self._life = life
        self._fields = {entry.key: entry for entry in fields}
        self._compiler = ExpressionCompiler(vocabulary)
        self._scope = scope_of(fields).with_names(this=shapes.map_of(document_shapes(modes)))
        self._expressions: dict[str, Expression] = {}
        self._texts: dict[str, MessageTemplate] = {}
        self._costs: dict[str, int] = {}
        self.errors: list[CompileError] = []

    def compile_all(self) -> CompiledLife:
        life = self._life
        self._check_counts()
        self._check_names()
        if life.items:
            self._check_items(life.items)
        if life.results:
            self._check_results(life.results)
        for number, deadline in enumerate(life.deadlines):
            self._compile_deadline(f"deadlines.{number}", deadline)
        for number, follow_up in enumerate(life.follow_ups):
            self._compile_follow_up(f"follow_ups.{number}", follow_up)
        if life.service:
            self._compile_service(life.service)
        self._compile_effects(life.effects)
        self._check_cost()
        return CompiledLife(self._expressions, self._texts)

    def _check_counts(self) -> None:
        most, effects = process_limits().life_rules, self._life.effects
        groups: dict[str, Sized] = {
            "deadlines": self._life.deadlines,
            "follow_ups": self._life.follow_ups,
            "effects.issued": effects.issued,
            "effects.served": effects.served,
            "effects.voided": effects.voided,
            "effects.revoked": effects.revoked,
        }
        for path, rules in groups.items():
            if len(rules) > most:
                sentence = msg(
                    "共 {count} 项，最多 {limit} 项。请合并，或者调高 FORMSVC_LIFE_RULES。",
                    count=len(rules),
                    limit=most,
                )
                self._report(path, sentence)

    # Roles --------------------------------------------------------------------------------------

    def _check_names(self) -> None:
        for name in sorted({THIS, MADE, FOUND, NUMBERS} & set(self._fields)):
            self._report("", msg("字段“{key}”与办理规则中的名字相同，请换一个字段名。", key=name))
        for group in ("deadlines", "follow_ups"):
            seen: set[str] = set()
            for number, rule in enumerate(getattr(self._life, group)):
                if rule.id in seen:
                    self._report(f"{group}.{number}.id", msg("编号“{id}”写了两次。", id=rule.id))
                seen.add(rule.id)

    def _check_items(self, items: Items) -> None:
        columns = self._columns_of("items.rows", items.rows)
        for name in ("number", "text", "place", "code", "deadline", "source"):
            self._check_column(f"items.{name}", getattr(items, name), columns)
        days = {key for key, column in columns.items() if column.kind == "date"}
        if items.deadline in columns and items.deadline not in days:
            self._report("items.deadline", msg("“{key}”不是日期列。", key=items.deadline))

    def _check_results(self, results: Results) -> None:
        columns = self._columns_of("results.rows", results.rows)
        for name in ("number", "result"):
            self._check_column(f"results.{name}", getattr(results, name), columns)
        entry = self._fields.get(results.of)
        if entry is None or entry.kind != "reference":
            self._report("results.of", msg("“{key}”应是引用文书的字段。", key=results.of))
        options = {o.code for o in columns[results.result].options} if results.result in columns else set()
        for name in ("done", "partly"):
            for word in getattr(results, name) if options else ():
                if word not in options:
                    near = did_you_mean(word, options)
                    self._report(f"results.{name}", msg("没有“{word}”这种结果{near}。", word=word, near=near))

    def _columns_of(self, path: str, key: str) -> Mapping[str, Field]:
        entry = self._fields.get(key)
        if entry is None or entry.kind != "rows":
            self._report(path, msg("“{each}”不是明细表。", each=key))
            return {}
        return {column.key: column for column in entry.columns or ()}

    def _check_column(self, path: str, key: str, columns: Mapping[str, Field]) -> None:
        if key and columns and key not in columns:
            near = did_you_mean(key, columns)
            self._report(path, msg("明细里没有“{key}”这一列{near}。", key=key, near=near))

    # Expressions --------------------------------------------------------------------------------

    def _compile_deadline(self, path: str, rule: DeadlineRule) -> None:
        scope = self._rows_scope(path, rule.each)
        self._compile(f"{path}.from", rule.starts, scope, {"text"})
        self._compile_condition(f"{path}.when", rule.when, scope)
        if isinstance(rule.count, str):
            self._compile(f"{path}.count", rule.count, scope, set(shapes.NUMBERS))
        elif abs(rule.count) > process_limits().period_days:
            self._report(
                f"{path}.count", msg("期限超过 {limit} 天，请核对天数。", limit=process_limits().period_days)
            )

    def _compile_follow_up(self, path: str, rule: FollowUp) -> None:
        scope = self._rows_scope(path, rule.each)
        self._compile_condition(f"{path}.when", rule.when, scope)
        made = scope.with_names(made=_MADE_SHAPE, **({FOUND: _ANY_MAP} if rule.each else {}))
        self._compile_condition(f"{path}.answered", rule.answered, made)
        texts = self._scope.with_names(numbers=shapes.text(2000)) if rule.each else self._scope
        self._compile_text(f"{path}.why", rule.why, texts)
        self._check_deadline_named(f"{path}.by", rule.by, rule.each)

    def _compile_service(self, rule: ServiceRule) -> None:
        if isinstance(rule.required, str):
            self._compile_condition("service.required", rule.required, self._scope)
        self._check_deadline_named("service.by", rule.by, "")

    def _compile_effects(self, effects: Effects) -> None:
        scopes = EffectScopes(self._fields, self._scope, self._rows_scope)
        check_effects(effects, scopes, self._compile, self._compile_condition, self._report)

    def _check_cost(self) -> None:
        """Report the dearest expression if all together could take too long."""
        total, most = sum(self._costs.values()), process_limits().expression_steps
        if total > most:
            path, cost = max(self._costs.items(), key=itemgetter(1))
            sentence = msg(
                "办理规则算一次最多可能要 {total} 步，超过 {limit} 步，其中这一条要 {cost} 步。请减少逐行运算，或者调高 FORMSVC_EXPRESSION_STEPS。",
                total=total,
                limit=most,
                cost=cost,
            )
            self._report(path, sentence)

    def _rows_scope(self, path: str, table: str, name: str = "each") -> Scope:
        if not table:
            return self._scope
        self._columns_of(f"{path}.{name}", table)
        entry = self._fields.get(table)
        return self._scope.in_rows(entry) if entry and entry.columns else self._scope

    def _check_deadline_named(self, path: str, by: str, each: str) -> None:
        known = {rule.id: rule for rule in self._life.deadlines}
        if by and by not in known:
            near = did_you_mean(by, known)
            self._report(path, msg("deadlines 里没有编号“{id}”{near}。", id=by, near=near))
        elif by and known[by].each != each:
            self._report(path, msg("期限“{id}”应与本条逐行计算同一个明细（each）。", id=by))

    def _compile_condition(self, path: str, source: str, scope: Scope) -> None:
        expression = self._compile(path, source, scope, {"bool"})
        if expression and is_constant(expression):
            self._report(path, msg("条件“{source}”结果总是一样，请改写或者删去。", source=source))

    def _compile(self, path: str, source: str, scope: Scope, kinds: set[str]) -> Expression | None:
        """Compile an expression whose result is of one of the kinds."""
        if not source:
            return None
        expression = self._guarded(path, lambda: self._compiler.compile(source, scope))
        if expression is None:
            return None
        self._expressions[path] = expression
        self._costs[path] = expression.steps * (process_limits().table_rows if "row" in scope.shapes else 1)
        found = expression.shape.present_kinds
        if kinds and found and not found & kinds:
            wanted = kind_names(Shape(frozenset(kinds)))
            self._report(
                path,
                msg(
                    "“{source}”得出的是{kinds}，应是{wanted}。",
                    source=source,
                    kinds=kind_names(expression.shape),
                    wanted=wanted,
                ),
            )
        return expression

    def _compile_text(self, path: str, text: str, scope: Scope) -> None:
        template = self._guarded(path, lambda: self._compiler.compile_message(text, scope))
        if template is not None:
            self._texts[path] = template

    def _guarded(self, path: str, compile_it: Callable[[], T]) -> T | None:
        try:
            return compile_it()
        except InvalidExpression as error:
            for message in error.messages:
                self._report(path, message)
            return None

    def _report(self, path: str, message: str) -> None:
        self.errors.append(CompileError(LIFE, path, message))
