"""Checks of effects in a definition, and compilation of their expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from formsvc.domain.definitions.scope import Scope
from formsvc.domain.expressions.evaluator import Expression
from formsvc.domain.fields import Field
from formsvc.domain.life.effects import (
    DOCUMENT_VERBS,
    EVENTS,
    MOVED_DAY,
    MOVED_ITEM,
    REGISTER_VERBS,
    VOIDING_KEYS,
    Effect,
    Effects,
    Verb,
)
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg

Compile = Callable[[str, str, Scope, set[str]], Expression | None]
CompileCondition = Callable[[str, str, Scope], None]
Report = Callable[[str, str], None]


@dataclass(frozen=True)
class EffectScopes:
    """Names that the expressions of effects may use.

    ``in_rows`` returns the scope of a table's rows, given path, table and the property that names it.
    """

    fields: Mapping[str, Field]
    usual: Scope
    in_rows: Callable[[str, str, str], Scope]

    def of_inner(self, source: str) -> Scope:
        """Return the scope of the rows of a table that an expression names."""
        entry = self.fields.get(source.strip())
        return self.usual.in_rows(entry) if entry and entry.columns else self.usual


def check_effects(
    effects: Effects, scopes: EffectScopes, compile_: Compile, condition: CompileCondition, report: Report
) -> None:
    """Report faults of effects; compile what they are computed with."""
    for event in EVENTS:
        for path, effect in effects.located(event):
            _check_verb(path, effect, report)
            _check_reference(path, effect, scopes.fields, report)
            _check_party(path, effect, scopes.fields, report)
            scope = scopes.in_rows(path, effect.rows, "rows")
            condition(f"{path}.when", effect.when, scope)
            compile_(f"{path}.date", effect.date, scope, {"text"})
            for name in ("match", "set", "added"):
                sources: Mapping[str, str] = getattr(effect, name)
                for column, source in sources.items():
                    outer = column.partition(".")[0]
                    inner = "." in column and outer in sources
                    if "." in column and not inner:
                        sentence = msg(
                            "写了“{column}”，还须写“{outer}”：取哪一个明细。", column=column, outer=outer
                        )
                        report(f"{path}.{name}.{column}", sentence)
                    used = scopes.of_inner(sources[outer]) if inner else scope
                    compile_(f"{path}.{name}.{column}", source, used, set())


def _check_verb(path: str, effect: Effect, report: Report) -> None:
    verb = effect.verb
    if verb in REGISTER_VERBS and not effect.register_name:
        report(f"{path}.register", msg("“{verb}”须写明登记簿（register）。", verb=verb))
    if verb not in REGISTER_VERBS and effect.register_name:
        report(f"{path}.register", msg("“{verb}”与登记簿无关，请删去。", verb=verb))
    if verb is Verb.WRITE_ROWS and not effect.set:
        report(f"{path}.set", msg("“{verb}”须写明写入的内容（set）。", verb=verb))
    if verb in (Verb.CHANGE_ROWS, Verb.END_ROWS) and not (effect.matched_columns or effect.of):
        report(f"{path}.match", msg("“{verb}”须写明是哪些行（match 或者 of）。", verb=verb))
    if verb in DOCUMENT_VERBS and not effect.of:
        report(f"{path}.of", msg("“{verb}”须写明是哪一件文书（of）。", verb=verb))
    if verb is Verb.MOVE_DEADLINES and set(effect.set) != {MOVED_ITEM, MOVED_DAY}:
        report(f"{path}.set", msg("“{verb}”的 set 须写 no（项号）和 deadline（新期限）。", verb=verb))
    for key in effect.set if verb is Verb.VOID_DOCUMENT else ():
        if key not in VOIDING_KEYS:
            near = did_you_mean(key, VOIDING_KEYS)
            report(
                f"{path}.set.{key}",
                msg("“{verb}”的 set 里没有“{key}”{near}。", verb=verb, key=key, near=near),
            )
    if effect.added and effect.missing != "add":
        report(f"{path}.added", msg("没有写 missing 为 add，added 不起作用，请补上或者删去。"))


def _check_reference(path: str, effect: Effect, fields: Mapping[str, Field], report: Report) -> None:
    entry = fields.get(effect.of)
    if effect.of and (entry is None or entry.kind != "reference"):
        near = did_you_mean(effect.of, [key for key, field in fields.items() if field.kind == "reference"])
        report(f"{path}.of", msg("“{key}”应是引用文书的字段{near}。", key=effect.of, near=near))


def _check_party(path: str, effect: Effect, fields: Mapping[str, Field], report: Report) -> None:
    party = fields.get(effect.row_of)
    if effect.row_of and (party is None or party.pick is None):
        near = did_you_mean(effect.row_of, [key for key, field in fields.items() if field.pick])
        report(f"{path}.row_of", msg("“{key}”应是从登记簿选的字段{near}。", key=effect.row_of, near=near))
    if (effect.row_match or effect.row_set) and not effect.row_of:
        report(f"{path}.row_of", msg("写了 row_match、row_set，还须写明 row_of：哪一个当事人。"))
    if effect.row_match and effect.missing == "add":
        report(f"{path}.missing", msg("写了 row_match 的，missing 写 skip 或者 refuse。"))
