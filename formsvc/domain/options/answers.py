"""Chosen options among those that are offered now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields.field import Field
from formsvc.domain.fields.options.chosen import label_of, value_of
from formsvc.domain.json_types import JSON
from formsvc.domain.options.offered import OfferedOptions, fields_with_sources
from formsvc.errors import Problem
from formsvc.i18n.messages import msg


@dataclass
class OptionFindings:
    """Problems to be corrected and notices for a reviewer."""

    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)


def name_answers(
    definition: FormDefinition,
    values: dict[str, JSON],
    offered: Mapping[str, OfferedOptions],
    *,
    renewed: bool,
) -> OptionFindings:
    """Write the names of chosen options into the values; report what is none.

    ``renewed``: a draft takes the names of today. What was handed in keeps those it was reviewed with.
    """
    findings = OptionFindings()
    for path, entry, _source in fields_with_sources(definition):
        for cells, key, place in _cells(values, path):
            answer = cells.get(key)
            if answer in (None, "", []):
                continue
            parts = answer if isinstance(answer, list) else [answer]
            named = [
                _named(entry, place, part, offered.get(path), findings, renewed=renewed) for part in parts
            ]
            cells[key] = named if isinstance(answer, list) else named[0]
    return findings


def _cells(values: dict[str, JSON], path: str) -> Iterator[tuple[dict[str, JSON], str, str]]:
    """Yield who holds each answer of a field, its key there, and its place."""
    table, _, column = path.partition(".")
    if not column:
        yield values, table, table
        return
    rows = values.get(table)
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        yield row, column, f"{table}.{index}.{column}"


def _named(
    entry: Field,
    place: str,
    chosen: JSON,
    offered: OfferedOptions | None,
    findings: OptionFindings,
    *,
    renewed: bool,
) -> JSON:
    value, label = value_of(chosen), label_of(chosen) if isinstance(chosen, Mapping) else ""
    known = chosen.get("label") if isinstance(chosen, Mapping) else ""
    if offered is None:
        return {"value": value, "label": label or value}
    option = offered.named(value)
    if option is not None and (renewed or not known):
        return {"value": option.code, "label": option.name}
    if option is not None and option.name != known:
        sentence = msg(
            "{label}：选的时候写作“{old}”，现在写作“{new}”。", label=entry.label, old=known, new=option.name
        )
        findings.notices.append(Problem(place, sentence))
    elif option is None and known:
        source = offered.names or msg("可选的内容")
        sentence = msg(
            "{label}：“{word}”是以前选的，{source}里现在没有。", label=entry.label, word=known, source=source
        )
        findings.notices.append(Problem(place, sentence, msg("不对的请重新选。")))
    elif option is None:
        reason = offered.reason or msg("没有“{word}”这一选项，请从列出的选。", word=str(value)[:30])
        findings.problems.append(Problem(place, msg("{label}：{refusal}", label=entry.label, refusal=reason)))
    return {"value": value, "label": known or ""}


def with_stored_names(
    definition: FormDefinition, given: Mapping[str, JSON], stored: Mapping[str, JSON]
) -> dict[str, JSON]:
    """Return the answers with names of options only where they are stored.

    A page sends values alone; what else a program sends as a name is not taken.
    """
    answers = {
        key: [dict(row) if isinstance(row, Mapping) else row for row in value]
        if isinstance(value, list)
        else value
        for key, value in given.items()
    }
    for path, _entry, _source in fields_with_sources(definition):
        kept = {
            value_of(part): part
            for cells, key, _place in _cells(dict(stored), path)
            for part in _parts(cells.get(key) if isinstance(cells, Mapping) else None)
            if isinstance(part, Mapping)
        }
        for cells, key, _place in _cells(answers, path):
            if isinstance(cells, Mapping) and key in cells:
                answer = cells[key]
                named = [_stored(part, kept) for part in _parts(answer)]
                cells[key] = named if isinstance(answer, list) else named[0]
    return answers


def _parts(answer: JSON) -> list[JSON]:
    return answer if isinstance(answer, list) else [answer]


def _stored(part: JSON, kept: Mapping[JSON, JSON]) -> JSON:
    value = value_of(part)
    if isinstance(value, str) and value.strip() in kept:
        return kept[value.strip()]
    # one with unknown parts is refused as a whole
    is_known = isinstance(part, Mapping) and set(part) <= {"value", "label"}
    return value if is_known else part
