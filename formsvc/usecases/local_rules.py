"""本地口径: what the law leaves open, as shipped and as the office decided it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from formsvc.domain.errors import InputRefused, Problem
from formsvc.domain.functions import entries_of
from formsvc.sentences import say
from formsvc.usecases import administration
from formsvc.usecases.wiring import Ports, Who

LOOKUP = "settings"
CERTAINTY = {"sure": say("已核"), "likely": say("业内通行"), "check": say("启用前须核定")}


@dataclass(frozen=True)
class LocalRule:
    """One thing the office may decide: what ships, what was decided, and how sure the shipped value is."""

    code: str
    name: str
    shipped: Any
    value: Any
    certainty: str
    source: str

    @property
    def is_decided(self) -> bool:
        """Whether the office changed what ships."""
        return bool(self.value != self.shipped)


def local_rules(ports: Ports) -> list[LocalRule]:
    """Every rule that a form on offer asks about, each once."""
    decided = administration.settings(ports)
    found: dict[str, LocalRule] = {}
    for revision in ports.shelf.current().values():
        if LOOKUP not in revision.definition.lookups:
            continue
        for entry in entries_of(revision.definition.lookups, LOOKUP):
            found.setdefault(entry["code"], _rule(entry, decided))
    return list(found.values())


def _rule(entry: Mapping[str, Any], decided: Mapping[str, Any]) -> LocalRule:
    shipped = entry["value"]
    value = decided.get(entry["code"], shipped)
    certainty = CERTAINTY.get(str(entry.get("status")), "")
    return LocalRule(entry["code"], entry["name"], shipped, value, certainty, str(entry.get("source") or ""))


def decide(ports: Ports, who: Who, typed: Mapping[str, str]) -> list[LocalRule]:
    """Keep what was typed for each rule, read as the kind of value that ships. Raises InputRefused."""
    rules, problems, changes = local_rules(ports), [], {}
    for rule in rules:
        try:
            value = _read(rule, typed.get(rule.code, ""))
        except ValueError:
            problems.append(Problem(rule.code, say("{name}应当是不小于 0 的整数。", name=rule.name)))
            continue
        if value != rule.value:
            changes[rule.code] = value
    if problems:
        raise InputRefused(problems)
    if changes:
        administration.keep_settings(ports, who, changes)
    return [rule for rule in rules if rule.code in changes]


def _read(rule: LocalRule, typed: str) -> Any:
    if isinstance(rule.shipped, bool):
        return typed == "yes"
    if isinstance(rule.shipped, int):
        if not typed.strip().isdecimal():
            raise ValueError(typed)
        return int(typed)
    return typed.strip()
