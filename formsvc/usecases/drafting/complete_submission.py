"""Whole acts sent by programs: everything in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from formsvc.domain.acts.act import Act
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.answer_problems import MAX_UNKNOWN_KEYS, written_twice
from formsvc.domain.evaluation.evaluation import IGNORED_KEYS, Evaluation, evaluate, initial_answers
from formsvc.domain.evaluation.readonly import with_readonly_answers
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.former_keys import present_path, with_present_keys
from formsvc.domain.json_types import JSON
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import Conflict, InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.circumstances import get_circumstances, load_circumstances
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.definitions import Revision
from formsvc.usecases.drafting.drafts import (
    Draft,
    check_printed_wording,
    initial_state,
    new_act,
    own_draft,
    prefill_from_source,
    reject_row_overflow,
    save_answers,
    with_list_columns,
)
from formsvc.usecases.drafting.prefill import prefill
from formsvc.usecases.drafting.readonly_answers import keep_readonly
from formsvc.usecases.event_log import record_event


def check_answers(
    ports: Ports, actor: Actor, form: str, given: Mapping[str, JSON], source_act: str = ""
) -> Evaluation:
    revision = ports.definitions.current_revision(form)
    access.require_write(actor, revision.definition)
    given = with_present_keys(revision.definition.renamed_fields, given)
    return _evaluated(ports, actor, revision, given, source_act, complete=True)


def create_act(
    ports: Ports,
    actor: Actor,
    form: str,
    given: Mapping[str, JSON],
    *,
    submit: bool,
    source_act: str = "",
    act_id: str = "",
) -> Draft:
    """Create a draft with these answers; submit it if `submit`.

    Defaults and what carries over from the source act fill the gaps. `act_id` makes the call repeatable: an existing act with
    that id is returned unchanged. Raise InputRefused with every problem (nothing is stored then),
    RightMissing, NotFound.
    """
    revision = ports.definitions.current_revision(form)
    access.require_write(actor, revision.definition)
    given = with_present_keys(revision.definition.renamed_fields, given)
    reject_row_overflow(revision.definition, given)
    existing = _existing_act(ports, act_id)
    if existing is not None:
        return _existing_draft(ports, actor, existing)
    # evaluating and rendering take their time: neither happens inside the write transaction
    evaluation = _evaluated(ports, actor, revision, given, source_act, complete=submit)
    circumstances = get_circumstances(ports, revision.definition, actor)
    act = replace(new := new_act(ports, actor, revision, ""), id=act_id or new.id)
    act = with_list_columns(act, revision.definition, evaluation, circumstances)
    if submit:
        if evaluation.problems:
            raise InputRefused(evaluation.problems)
        check_printed_wording(ports, revision, evaluation.values, circumstances)
        access.require_write(actor, revision.definition, act.authority)
        act = _submitted(ports, act, revision.definition)
    with ports.store.write() as tx:
        stored = tx.acts.get(act.id)
        if stored is None:
            tx.acts.insert(act.id, act.to_record())
            record_event(tx, ports.clock, actor, act.id, "Opened", form=form, revision=revision.id)
            if submit:
                record_event(tx, ports.clock, actor, act.id, "Submitted")
    if stored is not None:
        # the same call came in twice at the same moment
        return _existing_draft(ports, actor, Act.from_record(stored))
    return Draft(act, revision, evaluation)


def _existing_act(ports: Ports, act_id: str) -> Act | None:
    with ports.store.read() as tx:
        record = tx.acts.get(act_id) if act_id else None
    return Act.from_record(record) if record else None


def with_prefilled(ports: Ports, actor: Actor, form: str, given: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the answers with what the named documents and officers bring in.

    The same rule as on the page of a form: only empty fields are filled. Raise NotFound.
    """
    revision = ports.definitions.current_revision(form)
    definition = revision.definition
    given = with_present_keys(definition.renamed_fields, given)
    # a default is not empty: what is chosen must not replace it, as on the page
    answers = {**initial_answers(definition, get_circumstances(ports, definition, actor)), **given}
    officers = definition.certified_officers
    if officers and isinstance(rows := answers.get(officers.field), list):
        answers[officers.field] = [_with_all_columns(definition, officers.field, row) for row in rows]
    return {**given, **prefill(ports, actor, new_act(ports, actor, revision, ""), definition, answers)}


def _with_all_columns(definition: FormDefinition, field: str, row: JSON) -> JSON:
    """Return a row with the columns that a program left out, empty."""
    entry = definition.field(field)
    columns = entry.columns or () if entry else ()
    return {column.key: "" for column in columns} | dict(row) if isinstance(row, Mapping) else row


def _submitted(ports: Ports, act: Act, definition: FormDefinition) -> Act:
    return replace(act, state=initial_state(ports, definition).value, submitted_at=act.created_at)


def _existing_draft(ports: Ports, actor: Actor, act: Act) -> Draft:
    revision = ports.definitions.revision(act.revision)
    circumstances = get_circumstances(ports, revision.definition, access.reader_of(actor, act))
    evaluation = evaluate(revision.definition, act.answers, circumstances, complete=False, strict_keys=False)
    return Draft(act, revision, evaluation)


def _evaluated(
    ports: Ports,
    actor: Actor,
    revision: Revision,
    given: Mapping[str, JSON],
    source_act: str,
    *,
    complete: bool,
) -> Evaluation:
    definition = revision.definition
    with ports.store.read() as tx:
        circumstances = load_circumstances(ports, tx, definition, actor)
        source = access.visible_act(tx, actor, source_act) if source_act else None
    reject_unknown_keys(definition, given)
    reject_foreign_files(given, {})
    # defaults first, then what carries over, then what was sent: the later wins
    answers = initial_answers(definition, circumstances)
    answers |= prefill_from_source(ports, actor, definition, circumstances, source)
    answers, changed = with_readonly_answers(definition, {**answers, **given}, answers, circumstances)
    evaluation = evaluate(definition, answers, circumstances, complete=complete)
    # reported with everything else
    return replace(evaluation, problems=(*changed, *evaluation.problems))


def replace_answers(
    ports: Ports, actor: Actor, act_id: str, given: Mapping[str, JSON], *, version: int
) -> Draft:
    """Replace all answers of one's own draft.

    Raise Conflict if it changed meanwhile, InputRefused.
    """
    with ports.store.read() as tx:
        act = own_draft(tx, actor, act_id)
    definition = ports.definitions.revision(act.revision).definition
    given = with_present_keys(definition.renamed_fields, given)
    reject_unknown_keys(definition, given)
    reject_foreign_files(given, act.answers)
    given = keep_readonly(ports, actor, act, given, strict=True)
    return save_answers(ports, actor, act_id, given, version=version)


def reject_unknown_keys(definition: FormDefinition, given: Mapping[str, JSON]) -> None:
    """Raise InputRefused for keys that the definition does not have.

    In a draft too: an unknown key is a mistake of the program.
    """
    known = {entry.key for entry in definition.fields} | IGNORED_KEYS
    former = {key: entry for entry in definition.fields for key in entry.formerly}
    unknown = [key for key in given if key not in known]
    if unknown:
        raise InputRefused(
            [
                written_twice(key, key, former[key]) if key in former else _no_such_field(definition, key)
                for key in unknown[:MAX_UNKNOWN_KEYS]
            ]
        )


def _no_such_field(definition: FormDefinition, key: str) -> Problem:
    return Problem(
        key,
        msg("“{title}”没有字段“{key}”。", title=definition.title, key=key[:60]),
        msg("请核对字段名。"),
    )


def reject_foreign_files(given: JSON, own: JSON) -> None:
    """Raise InputRefused for files that this draft does not own.

    Otherwise a program could reference another person's attachment by its hash.
    """
    own_hashes = {file["sha256"] for _path, file in _files(own, "")}
    foreign = [
        path for path, file in _files(given, "") if file["sha256"] and file["sha256"] not in own_hashes
    ]
    if foreign:
        raise InputRefused(
            [
                Problem(path, msg("这份草稿没有这个附件。"), msg("请先用附件接口上传，再引用它的校验值。"))
                for path in foreign
            ]
        )


def _files(value: JSON, path: str) -> Iterator[tuple[str, Mapping[str, JSON]]]:
    """Yield every stored file among the answers with its path."""
    if isinstance(value, Mapping):
        if isinstance(value.get("sha256"), str):
            yield path, value
        for key, part in value.items():
            yield from _files(part, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _files(part, f"{path}.{index}".lstrip("."))


def add_attachment(
    ports: Ports,
    actor: Actor,
    act_id: str,
    field: str,
    file: Mapping[str, JSON],
    *,
    version: int | None = None,
) -> Draft:
    """Add a stored file to a field of one's own draft.

    Raise InputRefused if the field takes no files, Conflict if the draft changed.
    """
    answers, current = _answers_with_file(ports, actor, act_id, field, file, version)
    return save_answers(ports, actor, act_id, answers, version=current, strict_keys=False)


def files_field(ports: Ports, actor: Actor, act_id: str, field: str) -> Field:
    """Return the field, or column, of one's own draft that takes files.

    Raise InputRefused if it takes none.
    """
    with ports.store.read() as tx:
        act = own_draft(tx, actor, act_id)
    definition = ports.definitions.revision(act.revision).definition
    path = present_path(definition.fields, field)
    entry = definition.field(path)
    if entry is None or not FIELD_TYPES[entry.kind].holds_files:
        raise InputRefused([Problem("field", msg("“{field}”不是能放附件的字段。", field=field))])
    return entry


def require_attachable(
    ports: Ports, actor: Actor, act_id: str, field: str, file: Mapping[str, JSON], *, version: int | None
) -> None:
    """Raise what `add_attachment` would raise now."""
    _answers_with_file(ports, actor, act_id, field, file, version)


def _answers_with_file(
    ports: Ports, actor: Actor, act_id: str, field: str, file: Mapping[str, JSON], version: int | None
) -> tuple[dict[str, JSON], int]:
    """Return the draft's answers with the file in its field, and its version."""
    with ports.store.read() as tx:
        act = own_draft(tx, actor, act_id)
    definition = ports.definitions.revision(act.revision).definition
    answers, field = dict(act.answers), present_path(definition.fields, field)
    place, path = _place(definition, answers, field)
    if place is None:
        raise InputRefused([Problem("field", msg("“{field}”不是能放附件的字段。", field=field))])
    present = place.get(path) or []
    place[path] = [*(entry for entry in present if entry.get("sha256") != file["sha256"]), dict(file)]
    if version is not None and version != act.version:
        raise Conflict(msg("这份草稿在您读取之后有变动。"), msg("请重新读取后再上传。"))
    return answers, act.version


def _place(
    definition: FormDefinition, answers: dict[str, JSON], field: str
) -> tuple[dict[str, JSON] | None, str]:
    """Return the record that holds the field's files, and the key in it."""
    entry = definition.field(field)
    if entry is None or not FIELD_TYPES[entry.kind].holds_files:
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
