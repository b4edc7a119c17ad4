"""A whole act handed in at once by another program: everything in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from formsvc.domain.acts.act import Act
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluation import IGNORED_KEYS, Evaluation, evaluate, initial_answers
from formsvc.domain.json_types import JSON
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import Conflict, InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases import circumstances as surroundings
from formsvc.usecases import event_log as history
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.definitions import Revision
from formsvc.usecases.drafting import drafts as drafting
from formsvc.usecases.drafting.drafts import Draft
from formsvc.usecases.ports import Transaction


def check_answers(
    ports: Ports, who: Actor, form: str, given: Mapping[str, JSON], source_act: str = ""
) -> Evaluation:
    """What stands against these answers, and what follows from them; nothing is stored."""
    revision = ports.definitions.form(form)
    access.require_writing(who, revision.definition)
    with ports.store.read() as tx:
        return _examined(ports, tx, who, revision, given, source_act, complete=True)


def file_act(
    ports: Ports,
    who: Actor,
    form: str,
    given: Mapping[str, JSON],
    *,
    submit: bool,
    source_act: str = "",
    act_id: str = "",
) -> Draft:
    """A new draft with these answers, handed in at once if ``submit``; defaults and what carries over fill the gaps.

    ``act_id`` makes it repeatable: the act that has it already is answered. Raises InputRefused with every
    problem, and then nothing is stored; RightMissing; NotFound.
    """
    revision = ports.definitions.form(form)
    access.require_writing(who, revision.definition)
    drafting.refuse_endless_rows(revision.definition, given)
    if submit:
        _look_at_words(ports, who, revision, given, source_act, act_id)
    with ports.store.write() as tx:
        there = tx.acts.get(act_id) if act_id else None
        if there is not None:
            return _as_it_stands(ports, tx, Act.from_record(there))
        evaluation = _examined(ports, tx, who, revision, given, source_act, complete=submit)
        if submit and evaluation.problems:
            raise InputRefused(evaluation.problems)
        act = drafting.new_act(ports, who, revision, "")
        act = replace(act, id=act_id or act.id)
        around = surroundings.circumstances(ports, tx, revision.definition)
        act = drafting.described(act, revision.definition, evaluation, around)
        if submit:
            access.require_writing(who, revision.definition, act.authority)
            act = _handed_in(act, revision.definition)
        tx.acts.insert(act.id, act.to_record())
        history.record_event(tx, ports.clock, who, act.id, "Opened", form=form, revision=revision.id)
        if submit:
            history.record_event(tx, ports.clock, who, act.id, "Submitted")
    return Draft(act, revision, evaluation)


def _look_at_words(
    ports: Ports, who: Actor, revision: Revision, given: Mapping[str, JSON], source_act: str, act_id: str
) -> None:
    """Refuse what would be printed in wrong words, before anything is stored. Raises InputRefused."""
    with ports.store.read() as tx:
        if act_id and tx.acts.get(act_id):
            return
        evaluation = _examined(ports, tx, who, revision, given, source_act, complete=True)
        around = surroundings.circumstances(ports, tx, revision.definition)
    if evaluation.problems:
        raise InputRefused(evaluation.problems)
    drafting.look_at_words(ports, revision, evaluation.values, around)


def _handed_in(act: Act, definition: FormDefinition) -> Act:
    return replace(act, state=drafting.first_station(definition).value, submitted_at=act.created_at)


def _as_it_stands(ports: Ports, tx: Transaction, act: Act) -> Draft:
    revision = ports.definitions.revision(act.revision)
    around = surroundings.circumstances(ports, tx, revision.definition)
    evaluation = evaluate(revision.definition, act.answers, around, complete=False, strict_keys=False)
    return Draft(act, revision, evaluation)


def _examined(
    ports: Ports,
    tx: Transaction,
    who: Actor,
    revision: Revision,
    given: Mapping[str, JSON],
    source_act: str,
    *,
    complete: bool,
) -> Evaluation:
    definition = revision.definition
    around = surroundings.circumstances(ports, tx, definition)
    refuse_unknown(definition, given)
    refuse_foreign_files(given, {})
    answers = initial_answers(definition, around)
    answers |= drafting.carried(tx, who, definition, around, source_act)
    return evaluate(definition, {**answers, **given}, around, complete=complete)


def rewrite(ports: Ports, who: Actor, act_id: str, given: Mapping[str, JSON], *, version: int) -> Draft:
    """Other answers for one's own draft, whole. Raises Conflict when it was changed meanwhile; InputRefused."""
    with ports.store.read() as tx:
        act = drafting.own_draft(tx, who, act_id)
    refuse_unknown(ports.definitions.revision(act.revision).definition, given)
    refuse_foreign_files(given, act.answers)
    return drafting.save_answers(ports, who, act_id, given, version=version)


def refuse_unknown(definition: FormDefinition, given: Mapping[str, JSON]) -> None:
    """A key the definition does not know is a mistake of the program, even in a draft. Raises InputRefused."""
    known = {entry.key for entry in definition.fields} | IGNORED_KEYS
    unknown = [key for key in given if key not in known]
    if unknown:
        raise InputRefused(
            [
                Problem(
                    key,
                    msg("“{title}”没有字段“{key}”。", title=definition.title, key=key),
                    msg("请核对字段名。"),
                )
                for key in unknown
            ]
        )


def refuse_foreign_files(given: JSON, own: JSON) -> None:
    """A kept file counts only where this very draft has it, so that nobody can point at another's."""
    mine = {file["sha256"] for _path, file in _files(own, "")}
    strange = [path for path, file in _files(given, "") if file["sha256"] and file["sha256"] not in mine]
    if strange:
        raise InputRefused(
            [
                Problem(path, msg("这份草稿没有这个附件。"), msg("请先用附件接口上传，再引用它的校验值。"))
                for path in strange
            ]
        )


def _files(value: JSON, path: str) -> Iterator[tuple[str, Mapping[str, JSON]]]:
    """Every record of a file in answers, with its path; text that only names a file is none."""
    if isinstance(value, Mapping):
        if isinstance(value.get("sha256"), str):
            yield path, value
        for key, part in value.items():
            yield from _files(part, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _files(part, f"{path}.{index}".lstrip("."))


def attach(
    ports: Ports, who: Actor, act_id: str, field: str, file: Mapping[str, JSON], *, version: int | None = None
) -> Draft:
    """Add a kept file to a field of one's own draft. Raises InputRefused when the field takes no files."""
    with ports.store.read() as tx:
        act = drafting.own_draft(tx, who, act_id)
    definition = ports.definitions.revision(act.revision).definition
    answers = dict(act.answers)
    place, path = _place(definition, answers, field)
    if place is None:
        raise InputRefused([Problem("field", msg("“{field}”不是能放附件的字段。", field=field))])
    present = place.get(path) or []
    place[path] = [*(entry for entry in present if entry.get("sha256") != file["sha256"]), dict(file)]
    if version is not None and version != act.version:
        raise Conflict(msg("这份草稿在您读取之后有变动。"), msg("请重新读取后再上传。"))
    return drafting.save_answers(ports, who, act_id, answers, version=act.version, strict_keys=False)


def _place(
    definition: FormDefinition, answers: dict[str, JSON], field: str
) -> tuple[dict[str, JSON] | None, str]:
    """The record that holds the field's files, and the key there: ``photos`` or ``items.0.photos``."""
    entry = definition.field(field)
    if entry is None or entry.kind != "files":
        return None, ""
    parts = field.split(".")
    if len(parts) == 1:
        return answers, field
    rows = answers.get(parts[0])
    at = parse_whole_number(parts[1]) if len(parts) == 3 else None
    if not isinstance(rows, list) or at is None or at >= len(rows):
        return None, ""
    answers[parts[0]] = rows = [dict(row) for row in rows]
    return rows[at], parts[2]
