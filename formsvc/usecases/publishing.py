"""Publication of form definitions: revisions, current ones, holds.

The state is one record of the settings: the revision of each form that serves, and the forms held back by hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

from formsvc.domain.accounts.account import Account
from formsvc.domain.json_types import JSON
from formsvc.errors import Busy, Fault, FormsvcError, NotFound
from formsvc.i18n.messages import DefinitionText, join_messages, msg
from formsvc.usecases.event_records import ADMINISTERED, append_event
from formsvc.usecases.ports import Clock, DefinitionFile, Files, Record, Store, Transaction

KEY = "definitions"
_Item = TypeVar("_Item")
# the program publishes what it meets in the folders; who put it there is not known to it
PROGRAM = Account("", msg("系统"), "")


@dataclass(frozen=True)
class Hold:
    """A form held back by hand: since when (ISO), by whom, and why."""

    at: str
    by: str
    reason: str


@dataclass(frozen=True)
class PublicationState:
    """The revision id that serves each form, and the forms held back."""

    serving: Mapping[str, str]
    holds: Mapping[str, Hold]


def read_state(store: Store) -> PublicationState:
    with store.read() as tx:
        return _state(tx)


def _state(tx: Transaction) -> PublicationState:
    record = tx.settings.get(KEY) or {}
    holds = {form: Hold(**hold) for form, hold in record.get("holds", {}).items()}
    return PublicationState(record.get("serving", {}), holds)


def _save(tx: Transaction, serving: Mapping[str, str], holds: Mapping[str, Hold]) -> None:
    record: Record = {
        "id": KEY,
        "serving": dict(serving),
        "holds": {form: asdict(hold) for form, hold in holds.items()},
    }
    if tx.settings.get(KEY) is None:
        tx.settings.insert(KEY, record)
    else:
        tx.settings.replace(KEY, record)


@dataclass(frozen=True)
class NewRevision:
    """A checked pair as it is written: JSON and Word files.

    ``text`` is JSON with its keys in the order of the file, ``source`` the path of the definition, for the log.
    """

    form: str
    text: str = field(repr=False)
    template: bytes = field(repr=False)
    variants: Mapping[str, bytes] = field(repr=False)
    source: str

    @classmethod
    def of(cls, pair: DefinitionFile, source: str) -> NewRevision:
        return cls(
            pair.form, json.dumps(pair.definition, ensure_ascii=False), pair.template, pair.variants, source
        )

    @cached_property
    def template_sha256(self) -> str:
        return hashlib.sha256(self.template).hexdigest()

    @cached_property
    def variant_hashes(self) -> dict[str, str]:
        return {name: hashlib.sha256(file).hexdigest() for name, file in sorted(self.variants.items())}

    @cached_property
    def id(self) -> str:
        digest = _sha256(
            _canonical_json(json.loads(self.text))
            + self.template_sha256
            + "".join(self.variant_hashes.values())
        )
        return f"{self.form}@{digest[:16]}"


Register = Mapping[str, JSON]


@dataclass(frozen=True)
class Publication:
    """Faults of the files not written; ``is_final`` unless to be tried again."""

    faults: tuple[Fault, ...] = ()
    is_final: bool = True


class Publisher(Protocol):
    """Writer of checked revisions and registers."""

    def publish(self, revisions: Sequence[NewRevision], registers: Sequence[Register]) -> Publication:
        """Store both and make them the current ones, with an event for each.

        What is refused holds back its own file alone. Raise Busy.
        """


class StorePublisher:
    """The ``Publisher`` that writes to a store of this process.

    ``announce`` is called with the file of each definition before it is written.
    """

    def __init__(
        self, store: Store, files: Files, clock: Clock, announce: Callable[[str], None] = lambda _file: None
    ) -> None:
        self._store, self._files, self._clock, self._announce = store, files, clock, announce

    def publish(self, revisions: Sequence[NewRevision], registers: Sequence[Register]) -> Publication:
        faults = self._attempt(registers, self._write_registers, register_file)
        faults += self._attempt(revisions, self._write_revisions, revision_file)
        return Publication(tuple(faults))

    def _attempt(
        self,
        items: Sequence[_Item],
        write: Callable[[Sequence[_Item]], None],
        file_of: Callable[[_Item], str],
    ) -> list[Fault]:
        try:
            if items:
                write(items)
        except Busy:
            raise
        except FormsvcError as refusal:
            if len(items) == 1:
                return [Fault(file_of(items[0]), "", join_messages(refusal.message, refusal.remedy))]
            # what the store refuses holds back its own file alone
            return [fault for item in items for fault in self._attempt([item], write, file_of)]
        return []

    def _write_registers(self, registers: Sequence[Register]) -> None:
        with self._store.write() as tx:
            for register in registers:
                self._announce(register_file(register))
                self._write_register(tx, register)

    def _write_register(self, tx: Transaction, register: Register) -> None:
        key = str(register["id"])
        before = tx.registers.get(key)
        # another process may have published it meanwhile
        if before is not None and before["definition"] == register:
            return
        record: Record = {
            "id": key,
            "definition": dict(register),
            "published_at": self._clock.now().isoformat(),
        }
        if before is None:
            tx.registers.insert(key, record)
        else:
            tx.registers.replace(key, record)
        note = msg("启用登记簿 {register}“{title}”。", register=key, title=str(register["title"]))
        append_event(tx, self._clock, PROGRAM, ADMINISTERED, note=note, register=key)

    def _write_revisions(self, revisions: Sequence[NewRevision]) -> None:
        for revision in revisions:
            self._announce(revision_file(revision))
            for file in (revision.template, *revision.variants.values()):
                self._files.keep(file)
        with self._store.write() as tx:
            # another process may have published the same revisions meanwhile
            state = _state(tx)
            fresh = [r for r in revisions if state.serving.get(r.form) != r.id]
            for revision in fresh:
                self._announce(revision_file(revision))
                record = tx.revisions.get(revision.id) or self._record(revision)
                if tx.revisions.get(revision.id) is None:
                    tx.revisions.insert(revision.id, record)
                self._log(tx, record, revision.source)
            if fresh:
                _save(tx, {**state.serving, **{r.form: r.id for r in fresh}}, state.holds)

    def _record(self, revision: NewRevision) -> Record:
        variants = revision.variant_hashes
        return {
            "id": revision.id,
            "form": revision.form,
            "definition": json.loads(revision.text),
            "template": revision.template_sha256,
            **({"variants": variants} if variants else {}),
            "published_at": self._clock.now().isoformat(),
        }

    def _log(self, tx: Transaction, revision: Record, source: str) -> None:
        definition = _sha256(_canonical_json(revision["definition"]))
        note = msg(
            "发布文书 {form}“{title}”，来自 {source}，定义 {definition}，模板 {template}（SHA-256）。",
            form=revision["form"],
            title=DefinitionText(revision["form"], str(revision["definition"].get("title", ""))),
            source=source,
            definition=definition,
            template=revision["template"],
        )
        append_event(
            tx,
            self._clock,
            PROGRAM,
            ADMINISTERED,
            note=note,
            form=revision["form"],
            revision=revision["id"],
            definition_sha256=definition,
            template_sha256=revision["template"],
            source=source,
        )


def publish_checked(
    store: Store, publisher: Publisher, revisions: Sequence[NewRevision], registers: Sequence[Register] = ()
) -> tuple[dict[str, Record], Publication]:
    """Publish what is not in use yet, as nothing is at every later start.

    Return the record of each form's revision, and what was refused. Raise Busy.
    """
    with store.read() as tx:
        serving = _state(tx).serving
        fresh = [r for r in revisions if serving.get(r.form) != r.id or tx.revisions.get(r.id) is None]
        stored = {record["id"]: record["definition"] for record in tx.registers.find()}
    changed = [register for register in registers if stored.get(str(register["id"])) != register]
    publication = publisher.publish(fresh, changed) if fresh or changed else Publication()
    refused = {fault.file for fault in publication.faults}
    with store.read() as tx:
        records = [tx.revisions.get(r.id) for r in revisions if revision_file(r) not in refused]
    return {record["form"]: record for record in records if record is not None}, publication


def hold_form(store: Store, clock: Clock, form: str, *, by: str, reason: str = "") -> None:
    """Hold back a form.

    Nothing new is made with it, and its files are not read.
    """
    with store.write() as tx:
        state = _state(tx)
        hold = Hold(clock.now().isoformat(timespec="seconds"), by, reason)
        _save(tx, state.serving, {**state.holds, form: hold})
        why = msg("，理由：{reason}", reason=reason) if reason else ""
        note = msg("暂停使用文书 {form}{why}。", form=form, why=why)
        append_event(tx, clock, _console(by), ADMINISTERED, note=note, form=form)


def release_form(store: Store, clock: Clock, form: str, *, by: str) -> None:
    """Release a form that was held back. Raise NotFound if it is not."""
    with store.write() as tx:
        state = _state(tx)
        if form not in state.holds:
            raise NotFound(
                msg("文书“{form}”没有被暂停。", form=form), msg("请用 formsvc form list 查看各文书的状态。")
            )
        _save(tx, state.serving, {key: hold for key, hold in state.holds.items() if key != form})
        note = msg("恢复使用文书 {form}。", form=form)
        append_event(tx, clock, _console(by), ADMINISTERED, note=note, form=form)


def _console(by: str) -> Account:
    return Account("console", by, "")


def revision_file(revision: NewRevision) -> str:
    """Return the file name that stands in the faults of a revision."""
    return f"{revision.form}.json"


def register_file(register: Register) -> str:
    return f"registers/{register['id']}.json"


def _canonical_json(definition: Mapping[str, Any]) -> str:
    return json.dumps(definition, ensure_ascii=False, sort_keys=True)


def _sha256(text: str) -> str:
    # half a surrogate pair is refused by the store, with a sentence
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
