"""Options that a form offers now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from formsvc.domain.authorities import Circumstances, OptionRows
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.evaluator import ExpressionEvaluator, OutcomeKind
from formsvc.domain.fields.field import Field, Option
from formsvc.domain.fields.options.source import OptionSource
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg

# the name of a register's row in ``where``
ROW_NAME = "option"


@dataclass(frozen=True)
class OfferedOptions:
    """Options of a field; ``reason``: why none, ``names``: from where."""

    options: tuple[Option, ...]
    reason: str = ""
    names: str = ""

    def named(self, value: JSON) -> Option | None:
        """Return the option with this value, else the only one with this name."""
        by_code = next((option for option in self.options if option.code == value), None)
        by_name = [option for option in self.options if option.name == value]
        return by_code or (by_name[0] if len(by_name) == 1 else None)


def fields_with_sources(definition: FormDefinition) -> Iterator[tuple[str, Field, OptionSource]]:
    """Yield the path, field and source of each field or column with options."""
    for entry in definition.fields:
        if entry.option_source:
            yield entry.key, entry, entry.option_source
        for column in entry.columns or ():
            if column.option_source:
                yield f"{entry.key}.{column.key}", column, column.option_source


def offered_options(
    definition: FormDefinition, expressions: ExpressionEvaluator, circumstances: Circumstances
) -> dict[str, OfferedOptions]:
    """Return what each field offers, by its path.

    What comes from a register is left out where no registers are at hand: at a check of the definition.
    """
    offered: dict[str, OfferedOptions] = {}
    for path, _entry, source in fields_with_sources(definition):
        if source.register_name is None:
            offered[path] = _of_expression(definition, path, expressions)
        elif circumstances.option_rows is not None:
            rows = circumstances.option_rows(source.register_name)
            offered[path] = _of_register(definition, path, source, rows, expressions)
    return offered


def _of_expression(definition: FormDefinition, path: str, expressions: ExpressionEvaluator) -> OfferedOptions:
    expression = definition.compiled.expression(path, "options.expression")
    outcome = expressions.evaluate(expression) if expression else None
    listed = outcome.value if outcome and outcome.kind is OutcomeKind.VALUE else []
    options = _distinct(map(_option, listed if isinstance(listed, list) else []))
    return OfferedOptions(options, "" if options else msg("现在没有可选的，请先填写前面各项。"))


def _of_register(
    definition: FormDefinition,
    path: str,
    source: OptionSource,
    found: OptionRows,
    expressions: ExpressionEvaluator,
) -> OfferedOptions:
    if found.reason:
        return OfferedOptions((), found.reason, found.title)
    condition = definition.compiled.expression(path, "options.where")
    options = []
    for values, texts in found.rows:
        expressions.bind(ROW_NAME, values)
        if condition is None or expressions.evaluate(condition).is_true:
            value, label = (texts.get(column) or "" for column in (source.value or "", source.label_column))
            options.append(Option(value, label or value, label or value))
    distinct = _distinct(options)
    if distinct:
        return OfferedOptions(distinct, "", found.title)
    if found.rows:
        return OfferedOptions((), msg("{title}里没有符合的，请先登记。", title=found.title), found.title)
    return OfferedOptions((), msg("{title}为空，请先登记。", title=found.title), found.title)


def _option(listed: JSON) -> Option:
    value = listed.get("value") if isinstance(listed, Mapping) else listed
    label = listed.get("label") if isinstance(listed, Mapping) else None
    texts = ["" if part is None or isinstance(part, list | Mapping) else str(part) for part in (value, label)]
    return Option(texts[0], texts[1] or texts[0], texts[1] or texts[0])


def _distinct(options: Iterable[Option]) -> tuple[Option, ...]:
    """Return the options with a value, each value once."""
    return tuple({option.code: option for option in options if option.code}.values())
