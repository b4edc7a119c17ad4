"""Local rules (本地口径): what the law leaves open, as shipped and as decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from formsvc.domain.chinese import long_date
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import InputRefused, Problem
from formsvc.i18n.messages import DefinitionText, msg
from formsvc.usecases.administration import office_settings
from formsvc.usecases.context import Actor, Ports

LOOKUP = "settings"
# key of the settings under which it is stored who decided what, when and by what source
DECISIONS = "decided"
# largest value of a rule that counts days, years or times
_LARGEST = 999
TO_BE_SETTLED: str = msg("启用前须核定")
CERTAINTY = {"sure": msg("已核"), "likely": msg("业内通行"), "check": TO_BE_SETTLED}


@dataclass(frozen=True)
class LocalRule:
    """One rule the office may decide, with its shipped value and source."""

    code: str
    name: str
    shipped: Any
    value: Any
    certainty: str
    source: str
    decided_on: str = ""
    decided_by: str = ""
    decided_source: str = ""

    @property
    def is_decided(self) -> bool:
        """Return whether the office changed or confirmed the shipped value."""
        return bool(self.value != self.shipped or self.decided_on)

    @property
    def must_be_settled(self) -> bool:
        """Return whether the rule must be confirmed before use."""
        return self.certainty == TO_BE_SETTLED

    @property
    def description(self) -> str:
        if self.decided_on:
            return msg(
                "{name}：{value}（本单位口径，{source}，{day}由{by}核定）。",
                name=self.name,
                value=self.shown,
                source=self.decided_source or self.source,
                day=long_date(self.decided_on),
                by=self.decided_by,
            )
        return msg(
            "{name}：{value}（{certainty}，{source}）。",
            name=self.name,
            value=self.shown,
            certainty=self.certainty,
            source=self.source,
        )

    @property
    def shown(self) -> str:
        if isinstance(self.value, bool):
            return msg("是") if self.value else msg("否")
        return str(self.value) if self.value not in ("", None) else msg("未填")


def rules_used(ports: Ports, definition: FormDefinition) -> list[LocalRule]:
    used = definition.compiled.setting_names()
    return [rule for rule in local_rules(ports) if rule.code in used]


def local_rules(ports: Ports) -> list[LocalRule]:
    decided = office_settings.get_settings(ports)
    found: dict[str, LocalRule] = {}
    for revision in ports.definitions.current().values():
        if LOOKUP not in revision.definition.lookups:
            continue
        for entry in entries_of(revision.definition.lookups, LOOKUP):
            found.setdefault(entry["code"], _rule(entry, decided))
    return list(found.values())


def _rule(entry: Mapping[str, Any], decided: Mapping[str, Any]) -> LocalRule:
    shipped = entry["value"]
    value = decided.get(entry["code"], shipped)
    certainty = CERTAINTY.get(str(entry.get("status")), "")
    about = (decided.get(DECISIONS) or {}).get(entry["code"]) or {}
    return LocalRule(
        entry["code"],
        DefinitionText("settings", entry["name"]),
        shipped,
        value,
        certainty,
        DefinitionText("settings", str(entry.get("source") or "")),
        str(about.get("on") or ""),
        str(about.get("by") or ""),
        str(about.get("source") or ""),
    )


def save_decisions(ports: Ports, actor: Actor, typed: Mapping[str, str]) -> list[LocalRule]:
    """Save the typed value of each rule. Raise InputRefused.

    ``<code>-source`` names what a decision rests on; it is stored with day and person.
    """
    rules, problems, changes = local_rules(ports), [], {}
    sources: dict[str, str] = {}
    for rule in rules:
        try:
            value = _read(rule, typed.get(rule.code, ""))
        except ValueError:
            problems.append(
                Problem(rule.code, msg("{name}应当是 0 到 {most} 的整数。", name=rule.name, most=_LARGEST))
            )
            continue
        source = typed.get(f"{rule.code}-source", rule.decided_source).strip()
        if value != rule.value or source != rule.decided_source:
            changes[rule.code] = value
            sources[rule.code] = source
    if problems:
        raise InputRefused(problems)
    if changes:
        office_settings.save_settings(ports, actor, {**changes, DECISIONS: _decided(ports, actor, sources)})
    return [rule for rule in rules if rule.code in changes]


def _decided(ports: Ports, actor: Actor, sources: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the former decisions with those of now."""
    before = office_settings.get_settings(ports).get(DECISIONS) or {}
    day, by = ports.clock.today().isoformat(), actor.account.display_name
    return {**before, **{code: {"on": day, "by": by, "source": source} for code, source in sources.items()}}


def _read(rule: LocalRule, typed: str) -> Any:
    if isinstance(rule.shipped, bool):
        return typed == "yes"
    if isinstance(rule.shipped, int):
        number = parse_whole_number(typed)
        if number is None or number > _LARGEST:
            raise ValueError(typed)
        return number
    return typed.strip()
