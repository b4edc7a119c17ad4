"""Checks of a life against the other definitions it names and reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.definitions.scope import Scope, scope_of
from formsvc.domain.expressions import shapes
from formsvc.domain.expressions.evaluator import InvalidExpression, compile_expression, read_expression
from formsvc.domain.expressions.shapes import ANY, Shape
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.domain.life.compilation import FOUND, MADE, THIS, document_shapes
from formsvc.domain.life.effects import EVENTS, Effect, Verb
from formsvc.domain.life.schema import FollowUp, Life
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg

# A JSON pointer into the definition, and what is wrong there.
LocatedFault = tuple[str, str]


def named_kinds(life: Life) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the pointer and the kinds of each place that names some."""
    for number, rule in enumerate(life.follow_ups):
        if rule.forms:
            yield f"/life/follow_ups/{number}/forms", rule.forms.split("/")
    if life.service and life.service.forms:
        yield "/life/service/forms", life.service.forms.split("/")


def unknown_kinds(life: Life, known: Collection[str]) -> Iterator[LocatedFault]:
    """Yield a fault for each kind that is neither offered nor listed."""
    for pointer, named in named_kinds(life):
        for form in named:
            if form not in known:
                near = did_you_mean(form, known)
                yield pointer, msg("没有“{form}”这种文书{near}，请核对。", form=form, near=near)


def life_sources(life: Life) -> Iterator[tuple[str, str]]:
    """Yield the pointer and the text of each expression."""
    for number, deadline in enumerate(life.deadlines):
        parts = {"from": deadline.starts, "count": deadline.count, "when": deadline.when}
        yield from _texts(f"/life/deadlines/{number}", parts)
    for number, rule in enumerate(life.follow_ups):
        yield from _texts(f"/life/follow_ups/{number}", {"when": rule.when, "answered": rule.answered})
    if life.service:
        yield from _texts("/life/service", {"required": life.service.required})
    for event in EVENTS:
        for path, effect in life.effects.located(event):
            pointer = f"/life/{path.replace('.', '/')}"
            yield from _texts(pointer, {"when": effect.when, "date": effect.date})
            for name in ("match", "set", "added"):
                yield from _texts(f"{pointer}/{name}", getattr(effect, name))


def _texts(pointer: str, parts: Mapping[str, JSON]) -> Iterator[tuple[str, str]]:
    for name, source in parts.items():
        if isinstance(source, str) and source:
            yield f"{pointer}/{name}", source


class LifeCrossCheck:
    """Parts of other kinds' definitions that one life reads."""

    def __init__(self, form: str, forms: Mapping[str, Mapping[str, JSON]]) -> None:
        self._form, self._forms = form, forms

    @cached_property
    def _definition(self) -> FormDefinition:
        return FormDefinition.from_resolved(self._forms[self._form])

    def faults(self, life: Life) -> Iterator[LocatedFault]:
        for number, rule in enumerate(life.follow_ups):
            if rule.answered:
                for sentence in self._answered_faults(rule):
                    yield f"/life/follow_ups/{number}/answered", sentence
        if life.results:
            yield from self._item_faults("/life/results/of", life.results.of, "rows")
        for event in EVENTS:
            for path, effect in life.effects.located(event):
                yield from self._moved_faults(f"/life/{path.replace('.', '/')}/of", effect)

    def _moved_faults(self, pointer: str, effect: Effect) -> Iterator[LocatedFault]:
        if effect.verb is Verb.MOVE_DEADLINES:
            yield from self._item_faults(pointer, effect.of, "deadline")

    def _item_faults(self, pointer: str, reference: str, part: str) -> Iterator[LocatedFault]:
        """Yield a fault if none of the kinds referred to has items with this part."""
        entry = self._definition.field(reference)
        referred = str(entry.refers_to or "").split("/") if entry else []
        items = [self._life_of(form).get("items") or {} for form in referred if form in self._forms]
        if len(items) == len(referred) and items and not any(each.get(part) for each in items):
            yield (
                pointer,
                msg(
                    "“{forms}”的办理规则没有写明逐项办理的 {part}（items），请核对。",
                    forms="、".join(referred),
                    part=part,
                ),
            )

    def _life_of(self, form: str) -> Mapping[str, JSON]:
        return self._forms[form].get("life") or {}

    def _answered_faults(self, rule: FollowUp) -> Iterator[str]:
        """Yield what is wrong with the answer that other kinds may give."""
        made = [form for form in rule.forms.split("/") if form]
        # of a kind that is missing or faulty the fields are not known
        if not made or not all(form in self._forms for form in made):
            return
        definitions = [FormDefinition.from_resolved(self._forms[form]) for form in made]
        names = read_expression(rule.answered).names
        found = [shape for each in definitions if (shape := _found_shape(each)) is not None]
        if FOUND in names and not found:
            yield msg("“{forms}”没有逐项写明结果（results），不能用 found。", forms="、".join(made))
            return
        answers = shapes.union_of(_answers_shape(each.fields) for each in definitions)
        scope = self._scope_of(rule, answers, shapes.union_of(found) if found else ANY)
        try:
            compile_expression(rule.answered, scope.members, scope.shapes)
        except InvalidExpression as error:
            yield from error.messages

    def _scope_of(self, rule: FollowUp, answers: Shape, found: Shape) -> Scope:
        scope = scope_of(self._definition.fields)
        entry = self._definition.field(rule.each) if rule.each else None
        scope = scope.in_rows(entry) if entry else scope
        made = shapes.map_of({**document_shapes(), "answers": answers})
        this = shapes.map_of(document_shapes(self._definition.modes))
        return scope.with_names(**{THIS: this, MADE: made, FOUND: found})


def _found_shape(definition: FormDefinition) -> Shape | None:
    """Return the shape of a row with a result, None if there is none."""
    results = definition.life.results if definition.life else None
    entry = definition.field(results.rows) if results else None
    return _answers_shape(entry.columns or ()) if entry else None


def _answers_shape(fields: Sequence[Field]) -> Shape:
    return shapes.map_of(
        {key: _stored_shape(entry) for entry in fields for key in (entry.key, *entry.formerly)}
    )


def _stored_shape(entry: Field) -> Shape:
    """Return the shape of an answer as stored; numbers are texts, too."""
    shape = FIELD_TYPES[entry.kind].shape(entry)
    return ANY if shape.kinds & shapes.NUMBERS else shapes.optional(shape)
