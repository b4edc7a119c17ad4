"""Checks of an entrustment itself (委托书)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from formsvc.domain import laws
from formsvc.domain.authorities import (
    ENTRUSTMENTS,
    Circumstances,
    Entrustment,
    Matter,
    matters_from_answers,
)
from formsvc.domain.authorization.coordination import COORDINATION_WORDS
from formsvc.domain.authorization.matters import not_entrustable_in, violations_of
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.json_types import JSON, Values
from formsvc.domain.life.effect_plans import WrittenRow, written_row
from formsvc.domain.life.effects import Verb
from formsvc.domain.regions import divisions_named_in
from formsvc.errors import Problem
from formsvc.i18n.messages import msg

Entries = list[Mapping[str, JSON]]
# Bodies that do not meet 行政处罚法 21: an agent must be an organisation set up by law to manage public affairs.
_NO_AGENTS = (*COORDINATION_WORDS, "村民委员会", "居民委员会", "公司")


def entrustment_term_problems(
    definition: FormDefinition, values: Values, circumstances: Circumstances
) -> list[Problem]:
    """Return what is wrong with the entrustment a document registers."""
    lookups = {**circumstances.lookups, **definition.lookups}
    violations = entries_of(lookups, "violations")
    written = written_row(definition, values, circumstances, ENTRUSTMENTS)
    # a definition without effects names its fields like the register's columns
    row = written or WrittenRow(values, {})
    problems = [
        *_forbidden_contents(row.values),
        *_agent_problems(row.values),
        *_duplicate_entrustments(row.values, circumstances, violations, entries_of(lookups, "regions")),
    ]
    return [replace(problem, field=row.place_of(problem.field)) for problem in problems]


def is_entrustment(definition: FormDefinition) -> bool:
    """Return whether a document of this kind registers an entrustment."""
    life = definition.life
    writes = life is not None and any(
        effect.register_name == ENTRUSTMENTS and effect.verb is Verb.WRITE_ROWS
        for effect in life.effects.issued
    )
    return writes or definition.act_type == "entrust"


def _forbidden_contents(values: Values) -> Iterator[Problem]:
    texts = {"powers": values.get("powers")}
    for index, row in enumerate(values.get("matters") or []):
        texts |= {f"matters.{index}.{column}": row.get(column) for column in ("name", "penalty")}
    for path, text in texts.items():
        forbidden = not_entrustable_in(text or "")
        if forbidden:
            word, reason, law = forbidden
            yield Problem(
                path,
                msg("委托内容不得含有“{word}”：{reason}。", word=word, reason=reason),
                msg("请删去这一内容。"),
                law,
            )


def _agent_problems(values: Values) -> Iterator[Problem]:
    name = values.get("agent_name") or ""
    if any(word in name for word in _NO_AGENTS):
        sentence = msg(
            "“{name}”不是依法成立并具有管理公共事务职能、有执法资格人员的组织，不能受委托。", name=name
        )
        yield Problem("agent_name", sentence, msg("请改选符合条件的受委托组织。"), laws.AGENT_ARTICLE)
    if name and name == values.get("principal_name"):
        yield Problem(
            "agent_name",
            msg("委托机关和受委托组织不能是同一个。"),
            msg("请核对受委托组织。"),
            laws.AGENT_ARTICLE,
        )


def _duplicate_entrustments(
    values: Values, circumstances: Circumstances, violations: Entries, regions: Entries
) -> Iterator[Problem]:
    for other in circumstances.entrustments:
        if not _overlaps_in_time(values, other) or not _overlaps_in_area(values, other, regions):
            continue
        for index, matter in enumerate(matters_from_answers(values)):
            if _covers_same_matter(matter, other, violations):
                until = (other.ended_on or other.ends_on).isoformat()
                sentence = msg(
                    "“{name}”已由委托书“{number}”委托给{agent}，有效至{until}，同期不得重复委托。",
                    name=matter.name,
                    number=other.number,
                    agent=other.agent,
                    until=until,
                )
                yield Problem(
                    f"matters.{index}.name",
                    sentence,
                    msg("请调整期限，或者先终止原委托。"),
                    laws.ENTRUSTMENT_ARTICLE,
                )


def _overlaps_in_time(values: Values, other: Entrustment) -> bool:
    start, end = values.get("start_date"), values.get("end_date")
    if other.principal != values.get("principal_name") or not start or not end:
        return False
    last = min(other.ends_on, other.ended_on) if other.ended_on else other.ends_on
    return bool(start <= last.isoformat() and other.starts_on.isoformat() <= end)


def _overlaps_in_area(values: Values, other: Entrustment, regions: Entries) -> bool:
    mine = set(values.get("area_codes") or ()) or divisions_named_in(values.get("area") or "", regions)
    theirs = set(other.area_codes) or divisions_named_in(other.area, regions)
    if not mine or not theirs:
        # Without known divisions only a second entrustment of the same agent is certain to overlap.
        return other.agent == values.get("agent_name")
    return any(a.startswith(b) or b.startswith(a) for a in mine for b in theirs)


def _covers_same_matter(matter: Matter, other: Entrustment, violations: Entries) -> bool:
    mine = violations_of(matter, violations)
    return any(
        matter.name == theirs.name or mine & violations_of(theirs, violations) for theirs in other.matters
    )
