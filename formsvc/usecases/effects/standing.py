"""Documents that stand on another, which must not be voided then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from formsvc.domain.acts.act import Act, State
from formsvc.domain.json_types import JSON, Record
from formsvc.errors import Conflict, FormsvcError
from formsvc.i18n.messages import Message, format_list, msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import Condition, Transaction

_FINISHED = (State.ISSUED, State.SERVED)
_MAX_NAMES = 10


@dataclass(frozen=True)
class LaterDocuments:
    """Documents made on the ground of another one.

    ``finished`` are issued or served, ``unfinished`` drafts and what is on its way to a number. ``reached`` is the
    length of the history they were looked up in.
    """

    finished: tuple[Act, ...]
    unfinished: tuple[Act, ...]
    reached: int


def find_later_documents(ports: Ports, act: Act) -> LaterDocuments:
    """Return what stands on a document; reads many, so not while writing."""
    with ports.store.read() as tx:
        found = [Act.from_record(record) for record in _newer_records(tx, act) if _stands_on(record, act)]
        return _sorted_out(ports, found, tx.reached())


def bring_up_to_date(ports: Ports, tx: Transaction, act: Act, known: LaterDocuments) -> LaterDocuments:
    """Return the later documents with those written since they were looked up."""
    written = [key for collection, key in tx.written_since(known.reached) if collection == "acts"]
    found = {each.id: each for each in (*known.finished, *known.unfinished)}
    # drafts are in no history: what a draft refers to is looked up again by its id
    for key in {*written, *found}:
        record = tx.acts.get(key)
        if record and _stands_on(record, act):
            found[key] = Act.from_record(record)
        else:
            found.pop(key, None)
    return _sorted_out(ports, list(found.values()), tx.reached())


def require_nothing_finished(act: Act, later: LaterDocuments, without: str = "") -> None:
    """Raise Conflict with the list while a finished document stands on it.

    ``without`` is the id of a document that does not count.
    """
    standing = [each for each in later.finished if each.id != without]
    if not standing:
        return
    raise Conflict(
        msg(
            "还有 {count} 件文书以“{number}”为依据：{documents}，不能作废。",
            count=len(standing),
            number=act.number or act.title,
            documents=name_documents(standing),
        ),
        msg("请先依法作废（没有送达的）或者撤销（已经送达的）这些文书。"),
    )


def name_documents(acts: list[Act]) -> str:
    named: list[str | Message] = [
        msg("《{title}》{number}", title=act.title, number=act.number) for act in acts[:_MAX_NAMES]
    ]
    more = [msg("等") for _ in acts[_MAX_NAMES : _MAX_NAMES + 1]]
    return format_list([*named, *more])


def notify_unfinished(
    ports: Ports, tx: Transaction, actor: Actor, act: Act, later: LaterDocuments, without: str = ""
) -> None:
    """Write into the history of drafts that what they stand on is void."""
    for draft in later.unfinished:
        if draft.id == without:
            continue
        note = msg(
            "所依据的《{title}》{number}已作废，请改选依据或者删去本件。", title=act.title, number=act.number
        )
        record_event(tx, ports.clock, actor, draft.id, "SourceVoided", note=note, source=act.id)


def _newer_records(tx: Transaction, act: Act) -> Iterator[Record]:
    """Yield the acts begun since that name it; nothing older can stand on it."""
    since = (Condition("created_at", ">=", act.created_at), Condition("state", "!=", State.VOID.value))
    # the store looks for the words; each of tens of thousands of acts read here would take seconds
    names: list[JSON] = [name for name in (act.id, act.number) if name]
    found = (
        *tx.acts.find(*since, Condition("answers", "mentions", names)),
        *tx.acts.find(*since, Condition("source_act", "==", act.id)),
    )
    yield from {record["id"]: record for record in found}.values()


def _stands_on(record: Record, act: Act) -> bool:
    if record["id"] == act.id or record["state"] == State.VOID.value:
        return False
    return record.get("source_act") == act.id or any(
        _names(value, act) for value in (record.get("answers") or {}).values()
    )


def _names(value: JSON, act: Act) -> bool:
    """Return whether an answer is a reference to the act."""
    if not isinstance(value, dict) or not {"number", "act_id"} <= set(value):
        return False
    return value["act_id"] == act.id or (
        not value["act_id"] and bool(act.number) and value["number"] == act.number
    )


def _sorted_out(ports: Ports, found: list[Act], reached: int) -> LaterDocuments:
    # a receipt proves the service of the document, it does nothing on its ground
    acts = [act for act in sorted(found, key=lambda each: each.created_at) if not _is_receipt(ports, act)]
    return LaterDocuments(
        tuple(act for act in acts if act.status in _FINISHED and not act.is_revoked),
        tuple(act for act in acts if act.status not in _FINISHED),
        reached,
    )


def _is_receipt(ports: Ports, act: Act) -> bool:
    try:
        return ports.definitions.revision(act.revision).definition.serves is not None
    except FormsvcError:
        return False
