"""Publication of form definitions: revisions, current ones, holds.

The state is one record of the settings: the revision of each form that serves, and the forms held back by hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from formsvc.domain.accounts.account import Account
from formsvc.errors import Busy, Fault, FormsvcError, NotFound
from formsvc.i18n.messages import DefinitionText, join_messages, msg
from formsvc.usecases.event_records import ADMINISTERED, append_event
from formsvc.usecases.ports import Clock, DefinitionFile, Files, Record, Store, Transaction

KEY = "definitions"
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


class Publisher:
    """Writer of revisions and of the state, with an event for each."""

    def __init__(self, store: Store, files: Files, clock: Clock) -> None:
        self._store, self._files, self._clock = store, files, clock

    def publish(
        self, pairs: Iterable[DefinitionFile], sources: Mapping[str, str]
    ) -> tuple[dict[str, Record], list[Fault]]:
        """Store new revisions and make them the current ones.

        ``sources`` names the file of each form's definition, for the log. Return the record of each form's
        revision, and what the store refused. Raise Busy.
        """
        revisions = [self._revision(pair) for pair in pairs]
        try:
            self._publish_together(revisions, sources)
            return {revision["form"]: revision for revision in revisions}, []
        except Busy:
            raise
        except FormsvcError:
            # what the store refuses holds back its own form alone
            return self._publish_one_by_one(revisions, sources)

    def _publish_one_by_one(
        self, revisions: list[Record], sources: Mapping[str, str]
    ) -> tuple[dict[str, Record], list[Fault]]:
        published: dict[str, Record] = {}
        faults: list[Fault] = []
        for revision in revisions:
            try:
                self._publish_together([revision], sources)
                published[revision["form"]] = revision
            except Busy:
                raise
            except FormsvcError as refusal:
                sentence = join_messages(refusal.message, refusal.remedy)
                faults.append(Fault(f"{revision['form']}.json", "", sentence))
        return published, faults

    def _revision(self, pair: DefinitionFile) -> Record:
        text = _canonical_json(pair.definition)
        template = hashlib.sha256(pair.template).hexdigest()
        variants = {name: hashlib.sha256(file).hexdigest() for name, file in sorted(pair.variants.items())}
        digest = _sha256(text + template + "".join(variants.values()))
        with self._store.read() as tx:
            stored = tx.revisions.get(f"{pair.form}@{digest[:16]}")
        if stored is not None:
            return stored
        for file in (pair.template, *pair.variants.values()):
            self._files.keep(file)
        return {
            "id": f"{pair.form}@{digest[:16]}",
            "form": pair.form,
            "definition": dict(pair.definition),
            "template": template,
            **({"variants": variants} if variants else {}),
            "published_at": self._clock.now().isoformat(),
        }

    def _publish_together(self, revisions: list[Record], sources: Mapping[str, str]) -> None:
        serving = read_state(self._store).serving
        # nothing is written where all of it serves already, as at every later start
        if all(serving.get(revision["form"]) == revision["id"] for revision in revisions):
            return
        with self._store.write() as tx:
            # another process may have published the same revisions meanwhile
            state = _state(tx)
            fresh = [r for r in revisions if state.serving.get(r["form"]) != r["id"]]
            for revision in fresh:
                if tx.revisions.get(revision["id"]) is None:
                    tx.revisions.insert(revision["id"], revision)
                self._log(tx, revision, sources.get(revision["form"], ""))
            if fresh:
                _save(tx, {**state.serving, **{r["form"]: r["id"] for r in fresh}}, state.holds)

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


def _canonical_json(definition: Mapping[str, Any]) -> str:
    return json.dumps(definition, ensure_ascii=False, sort_keys=True)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
