"""Review checklist (要点核对) of a submitted act."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from formsvc.domain.acts.act import Act
from formsvc.domain.authorities import Circumstances, Entrustment
from formsvc.domain.authorization.officer_certificates import officer_rows
from formsvc.domain.chinese import long_date
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluation import Evaluation, evaluate
from formsvc.domain.fields import Field
from formsvc.errors import Problem
from formsvc.i18n.messages import DefinitionText, format_list, join_messages, msg
from formsvc.usecases.access import reader_of, visible_act
from formsvc.usecases.administration import local_rules
from formsvc.usecases.circumstances import load_circumstances
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.definitions import Revision

AUTHORITY: str = msg("权限")
OFFICERS: str = msg("执法人员")
DAYS: str = msg("期限和日期")
LAWS: str = msg("引用法条")
CONTENT: str = msg("填报内容")
# what the law leaves open, as decided by this office, with source and day
LOCAL: str = msg("本地口径")
_AUTHORITY_ROLES = ("mode", "authority", "entrustment", "empowerment", "issuer", "agent")
_LAW_ROLES = ("law", "violation", "basis")
_ARTICLE = re.compile(
    r"《[^《》]{2,40}》(?:（[^（）]{2,40}）)?第[〇零一二三四五六七八九十百\d]+条(?:第[一二三四五六七八九十]+款)?(?:第[（一二三四五六七八九十）]+项)?"
)


@dataclass(frozen=True)
class ChecklistItem:
    """One item of the checklist, with what was found.

    ``summary`` is a few words, ``facts`` full sentences; ``notices`` do not block.
    """

    name: str
    summary: str
    facts: tuple[str, ...]
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Return whether nothing blocks; notices do not."""
        return not self.problems

    @property
    def needs_attention(self) -> bool:
        """Return whether the reviewer must look at something that does not block."""
        return self.is_fine and bool(self.notices)


@dataclass(frozen=True)
class ReviewChecklist:
    """An act evaluated for its reviewer today."""

    act: Act
    revision: Revision
    evaluation: Evaluation
    items: list[ChecklistItem]

    @property
    def is_sound(self) -> bool:
        return not self.wrong

    @property
    def wrong(self) -> list[ChecklistItem]:
        return [item for item in self.items if not item.is_fine]

    @property
    def needing_attention(self) -> list[ChecklistItem]:
        return [item for item in self.items if item.needs_attention]

    @property
    def fine(self) -> list[ChecklistItem]:
        """Return the items on which there is nothing to say."""
        return [item for item in self.items if item.is_fine and not item.needs_attention]


def load_checklist(ports: Ports, actor: Actor, act_id: str) -> ReviewChecklist:
    """Evaluate the act under today's circumstances. Raise NotFound."""
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
        revision = ports.definitions.revision(act.revision)
        circumstances = load_circumstances(ports, tx, revision.definition, reader_of(actor, act))
        evaluation = evaluate(revision.definition, act.answers, circumstances, strict_keys=False)
    points = _points(revision.definition, act, evaluation, circumstances)
    return ReviewChecklist(act, revision, evaluation, [*points, *_local(ports, revision.definition)])


def _local(ports: Ports, definition: FormDefinition) -> Iterator[ChecklistItem]:
    """Yield the office's own rules that the act's checks use."""
    rules = local_rules.rules_used(ports, definition)
    open_rules = [rule for rule in rules if not rule.is_decided and rule.must_be_settled]
    sentences = tuple(
        Problem("", msg("“{name}”启用前须由法制、消防部门核定，现按默认办理。", name=rule.name))
        for rule in open_rules
    )
    if rules:
        gist = msg("{count} 项", count=len(rules))
        yield ChecklistItem(LOCAL, gist, tuple(rule.description for rule in rules), (), sentences)


def _points(
    definition: FormDefinition, act: Act, found: Evaluation, circumstances: Circumstances
) -> list[ChecklistItem]:
    facts = {
        AUTHORITY: _authority_facts(definition, act, circumstances),
        OFFICERS: _officer_facts(definition, act, circumstances),
        DAYS: _day_facts(definition, found.values),
        LAWS: tuple(dict.fromkeys(cited_articles(found.values))),
        CONTENT: (msg("应填 {count} 项，已填齐。", count=len(found.required)),) if not found.missing else (),
    }
    gists = {
        AUTHORITY: _authority_gist(definition, act),
        OFFICERS: format_list(name for name, _ in _officers(definition, act)),
        DAYS: _due_gist(definition, found.values),
        LAWS: msg("{count} 处", count=len(facts[LAWS])),
        CONTENT: msg("已填齐") if not found.missing else msg("缺 {count} 项", count=len(found.missing)),
    }
    return [
        ChecklistItem(
            name,
            gists[name],
            facts[name],
            _about(definition, found.problems, name),
            _about(definition, found.notices, name),
        )
        for name in _names(definition, facts)
    ]


def _names(definition: FormDefinition, facts: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield the items this kind of act has, in the order of review."""
    if definition.modes or facts[AUTHORITY]:
        yield AUTHORITY
    if definition.certified_officers:
        yield OFFICERS
    yield DAYS
    if facts[LAWS]:
        yield LAWS
    yield CONTENT


def _about(definition: FormDefinition, problems: tuple[Problem, ...], name: str) -> tuple[Problem, ...]:
    return tuple(p for p in problems if _point_of(definition, p) == name)


def _point_of(definition: FormDefinition, problem: Problem) -> str:
    key, _, inner = problem.field.partition(".")
    column, roles = inner.rpartition(".")[2], definition.roles
    officers = definition.certified_officers
    if key in map(roles.key, _AUTHORITY_ROLES):
        return AUTHORITY
    if officers and key == officers.field:
        return OFFICERS
    if column and column in (roles.column(key, role) for role in _LAW_ROLES):
        return LAWS
    if problem.field == roles.key("matters"):
        return LAWS if list(cited_articles({"": problem.message})) else CONTENT
    entry: Field | None = definition.field(problem.field) if problem.field else None
    return DAYS if entry is not None and entry.kind in ("date", "datetime") else CONTENT


def _authority_facts(definition: FormDefinition, act: Act, circumstances: Circumstances) -> tuple[str, ...]:
    if not definition.modes:
        return ()
    text = definition.roles.text(act.answers, "authority")
    number = _number_of(definition.roles.value(act.answers, "entrustment"))
    entrustment = circumstances.entrustment_numbered(number)
    sentences = (_entrustment_sentence(entrustment),) if entrustment else ()
    return tuple(sentence for sentence in (text, *sentences) if sentence)


def _entrustment_sentence(entrustment: Entrustment) -> str:
    term = msg(
        "{start}至{end}",
        start=long_date(entrustment.starts_on),
        end=long_date(entrustment.ends_on),
    )
    return msg(
        "委托书 {number}：{principal}委托{agent}，期限{term}，地域{area}。",
        number=entrustment.number,
        principal=entrustment.principal,
        agent=entrustment.agent,
        term=term,
        area=entrustment.area,
    )


def _number_of(reference: Any) -> str:
    return (
        str((reference or {}).get("number") or "") if isinstance(reference, Mapping) else str(reference or "")
    )


def _officer_facts(definition: FormDefinition, act: Act, circumstances: Circumstances) -> tuple[str, ...]:
    officers = definition.certified_officers
    if not officers:
        return ()
    known = {officer.cert_no: officer for officer in circumstances.officers}
    sentences = []
    for name, number in _officers(definition, act):
        if not number:
            sentences.append(msg("{name}（没有写执法证号）。", name=name))
            continue
        registered = known.get(number)
        until = (
            msg("，证件有效期至{day}", day=long_date(registered.valid_to))
            if registered
            else msg("，不在本系统执法人员名册中，请核对证件")
            if known
            else msg("，名册为空，无法核对")
        )
        sentences.append(msg("{name}（{number}）{until}。", name=name, number=number, until=until))
    return (
        msg(
            "共 {count} 名，要求不少于 {minimum} 名（{law}）。",
            count=len(sentences),
            minimum=officers.minimum,
            law=officers.law,
        )
        if definition.wants_officers(act.answers)
        else msg("共 {count} 名。本权限模式不要求执法证件。", count=len(sentences)),
        *sentences,
    )


def _officers(definition: FormDefinition, act: Act) -> list[tuple[str, str]]:
    """Return name and certificate number of each officer on the document."""
    rows = officer_rows(definition, act.answers)
    return [(row.text("name"), row.text("certificate")) for row in rows]


def _authority_gist(definition: FormDefinition, act: Act) -> str:
    entry = definition.field(definition.roles.key("mode"))
    named = next((o.printed for o in entry.options if o.code == act.mode), act.mode) if entry else act.mode
    named = DefinitionText(definition.id, named)
    return join_messages(
        named, _number_of(definition.roles.value(act.answers, "entrustment")), separator=msg("，")
    )


def _due_gist(definition: FormDefinition, values: Mapping[str, Any]) -> str:
    entry = definition.field(definition.due) if definition.due else None
    # an older revision may name a field with the time of day
    day = str(values.get(entry.key) or "")[:10] if entry else ""
    return join_messages(entry.label, long_date(day), separator=" ") if entry and day else ""


def _day_facts(definition: FormDefinition, values: Mapping[str, Any]) -> tuple[str, ...]:
    days = [
        (f.label, str(values.get(f.key) or "")) for f in definition.fields if f.kind in ("date", "datetime")
    ]
    sentences = [msg("{label}：{day}。", label=label, day=long_date(day[:10])) for label, day in days if day]
    officers = definition.certified_officers
    for rows in (f for f in definition.fields if f.columns and not (officers and f.key == officers.field)):
        inner = [c for c in rows.columns or () if c.kind == "date"]
        for column in inner:
            found = sorted(
                {str(row[column.key]) for row in values.get(rows.key) or () if row.get(column.key)}
            )
            if found:
                sentences.append(
                    msg(
                        "{rows}的{column}：{days}。",
                        rows=rows.label,
                        column=column.label,
                        days=format_list(long_date(day) for day in found),
                    )
                )
    return tuple(sentences)


def cited_articles(values: Any) -> Iterator[str]:
    if isinstance(values, str):
        yield from _ARTICLE.findall(values)
    elif isinstance(values, Mapping):
        for inner in values.values():
            yield from cited_articles(inner)
    elif isinstance(values, list | tuple):
        for inner in values:
            yield from cited_articles(inner)
