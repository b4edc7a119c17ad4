"""Prefill: values that a chosen document or officer brings into a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from formsvc.domain.acts.act import Act
from formsvc.domain.authorities import Circumstances
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluation import carried_values, evaluate, following_answers
from formsvc.domain.fields import Field
from formsvc.domain.json_types import JSON
from formsvc.errors import NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts.access_log import answers_to_take, log_taking
from formsvc.usecases.circumstances import find_document, get_circumstances, load_circumstances
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.checklists import with_exceptions
from formsvc.usecases.effects.current_answers import current_answers
from formsvc.usecases.picks.row_contents import known_of_parties


def prefill(
    ports: Ports, actor: Actor, act: Act, definition: FormDefinition, answers: Mapping[str, JSON]
) -> dict[str, JSON]:
    """Return values to prefill from documents or officers chosen just now.

    `answers` are those being saved, `act` has the former ones. Only empty fields are filled; one that was hidden
    when its document was chosen is filled once it appears.
    """
    brought: dict[str, JSON] = {}
    for spec in definition.fields:
        number = _number(answers.get(spec.key)) if spec.kind == "reference" and spec.carry else ""
        if number and number != _number(act.answers.get(spec.key)):
            brought |= _from_document(ports, actor, definition, spec, number)
        elif number and (targets := _targets_to_appear(definition, spec, act, answers)):
            late = _from_document(ports, actor, definition, spec, number)
            brought |= _visible_only(
                ports, actor, definition, answers, {k: late[k] for k in targets & set(late)}
            )
    carried = {key: value for key, value in brought.items() if _is_empty(answers.get(key))}
    if carried:
        carried |= known_of_parties(ports, actor, definition, {**answers, **carried})
    carried |= follow_defaults(ports, actor, act, definition, {**answers, **carried})
    return {**carried, **_certificates(ports, actor, definition, {**answers, **carried})}


def follow_checklists(
    ports: Ports, actor: Actor, act: Act, definition: FormDefinition, answers: Mapping[str, JSON]
) -> dict[str, JSON]:
    """Return rows that follow from checklists, and defaults from these."""
    rows = with_exceptions(definition, answers, act.answers)
    return rows | follow_defaults(ports, actor, act, definition, {**answers, **rows}) if rows else {}


def follow_defaults(
    ports: Ports, actor: Actor, act: Act, definition: FormDefinition, answers: Mapping[str, JSON]
) -> dict[str, JSON]:
    """Return the defaults that are others than those of the saved answers."""
    circumstances = get_circumstances(ports, definition, actor)
    return following_answers(definition, circumstances, act.answers, answers)


def _targets_to_appear(
    definition: FormDefinition, spec: Field, act: Act, answers: Mapping[str, JSON]
) -> set[str]:
    """Return targets that were hidden so far and whose condition may hold now."""
    targets = set()
    for target in spec.carry or {}:
        shown = definition.compiled.expression(target, "shown")
        # an act keeps no answers of hidden fields
        if shown is None or target in act.answers or not _is_empty(answers.get(target)):
            continue
        if any(answers.get(name) != act.answers.get(name) for name in shown.names):
            targets.add(target)
    return targets


def _visible_only(
    ports: Ports,
    actor: Actor,
    definition: FormDefinition,
    answers: Mapping[str, JSON],
    late: Mapping[str, JSON],
) -> dict[str, JSON]:
    """Return those of the values whose fields appear with these answers."""
    if not late:
        return {}
    circumstances = get_circumstances(ports, definition, actor)
    found = evaluate(definition, {**answers, **late}, circumstances, complete=False, strict_keys=False)
    return {key: value for key, value in late.items() if key in found.visible}


def _number(reference: JSON) -> str:
    return (
        str(reference.get("number") or "").strip() if isinstance(reference, Mapping) else str(reference or "")
    )


def _from_document(
    ports: Ports, actor: Actor, definition: FormDefinition, spec: Field, number: str
) -> dict[str, JSON]:
    with ports.store.read() as tx:
        known = find_document(ports, tx, number, actor)
        if known is None or known.kind not in spec.referable:
            return {}
        try:
            source = access.visible_act(tx, actor, known.act_id)
        except NotFound:
            return {}
        circumstances = load_circumstances(ports, tx, definition, actor)
    if source.confidential and definition.header.confidential is None:
        return {}
    answers = answers_to_take(ports, actor, source, current_answers(ports.definitions, source))
    carried = carried_values(definition, spec, answers, circumstances)
    log_taking(ports, actor, source, carried, msg("引用时带出"))
    return carried


def _certificates(
    ports: Ports, actor: Actor, definition: FormDefinition, answers: Mapping[str, JSON]
) -> dict[str, JSON]:
    """Return the officer rows with certificates filled in; empty if unchanged."""
    needed = definition.certified_officers
    rows = answers.get(needed.field) if needed else None
    # a program may send anything: what are no rows is refused by the evaluation, not here
    if needed is None or not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        return {}
    with ports.store.read() as tx:
        circumstances = load_circumstances(ports, tx, definition, actor)
    columns = partial(definition.roles.column, needed.field)
    filled = [_with_certificate(row, columns, circumstances) for row in rows]
    return {needed.field: filled} if filled != rows else {}


def _with_certificate(
    row: Mapping[str, JSON], column_of: Callable[[str], str], circumstances: Circumstances
) -> dict[str, JSON]:
    name = str(row.get(column_of("name")) or "").strip()
    known = [o for o in circumstances.officers if o.active and o.name == name]
    if len(known) != 1:
        return dict(row)
    facts = {
        column_of("certificate"): known[0].cert_no,
        column_of("organization"): known[0].org,
        column_of("certificate_until"): known[0].valid_to.isoformat(),
    }
    return {**row, **{key: fact for key, fact in facts.items() if key in row and _is_empty(row[key])}}


def _is_empty(value: JSON) -> bool:
    if isinstance(value, list):
        return all(_is_empty(part) for part in value)
    if isinstance(value, Mapping):
        return all(_is_empty(part) for part in value.values())
    return value in (None, "")
