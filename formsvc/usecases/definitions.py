"""Repository of form definitions and their Word templates."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Any

from formsvc.domain.definition_loader import FormDefinition
from formsvc.errors import Busy, Fault, FormsvcError, NotFound
from formsvc.i18n.messages import join_messages, msg
from formsvc.usecases.ports import Clock, Condition, DefinitionFile, Files, Library, Record, Store


@dataclass(frozen=True)
class Revision:
    """One revision of a form definition with its Word template; never changed."""

    id: str
    definition: FormDefinition
    template: str
    published_at: str


@dataclass(frozen=True)
class FormState:
    """A form's current revision, and the faults of its files in the folders."""

    form: str
    title: str
    revision: Revision | None
    faults: tuple[Fault, ...]
    in_folder: bool


class DefinitionRepository:
    """The current revision of each form, and every revision ever in use.

    A new pair of files is checked and stored when it is first seen. A broken pair is held back; the last
    good revision stays current.
    """

    def __init__(self, library: Library, store: Store, files: Files, clock: Clock) -> None:
        self._library, self._store, self._files, self._clock = library, store, files, clock
        self._lock = threading.Lock()
        self._signature = ""
        self._current: dict[str, Revision] = {}
        self._faults: tuple[Fault, ...] = ()
        self._offered: frozenset[str] = frozenset()
        self._cache: dict[str, Revision] = {}
        self._latest: tuple[int, dict[str, Revision]] = (0, {})

    def current(self) -> dict[str, Revision]:
        """Return the current revision of each form on offer, ordered by form id."""
        self.refresh()
        return self._current

    def offered_forms(self) -> frozenset[str]:
        """Return the ids of the forms on offer at the last refresh. Does no I/O."""
        return frozenset(self._current)

    def faults(self) -> tuple[Fault, ...]:
        self.refresh()
        return self._faults

    def form_states(self) -> list[FormState]:
        self.refresh()
        known: dict[str, Revision | None] = {**dict.fromkeys(self._offered), **self._latest_in_store()}
        return [self._form_state(form, known[form]) for form in sorted(known)]

    def current_revision(self, form: str) -> Revision:
        """Return the current revision of a form. Raise NotFound."""
        revision = self.current().get(form)
        if revision is None:
            raise NotFound(msg("没有“{form}”这种文书。", form=form), msg("请从文书目录中选择。"))
        return revision

    def revision(self, revision_id: str) -> Revision:
        """Return a revision by its id, however old. Raise NotFound."""
        cached = self._cache.get(revision_id)
        if cached is None:
            with self._store.read() as tx:
                record = tx.revisions.get(revision_id)
            if record is None:
                raise NotFound(msg("找不到这件文书使用的表单版本。"), msg("请联系管理员核对数据。"))
            cached = self._remember(record)
        return cached

    def template(self, revision: Revision) -> bytes:
        return self._files.read(revision.template)

    def _form_state(self, form: str, latest: Revision | None) -> FormState:
        serving = self._current.get(form)
        faults = tuple(f for f in self._faults if f.file.split("/")[-1].split(".")[0] == form)
        shown = serving or latest
        title = shown.definition.title if shown else form
        return FormState(form, title, serving, faults, form in self._offered)

    def refresh(self) -> None:
        """Publish what is new in the folders.

        Writes to the store: do not call inside a transaction.
        """
        signature = self._library.signature()
        if signature == self._signature:
            return
        # a second thread that waited here finds the work done
        with self._lock:
            if signature == self._signature:
                return
            pairs, faults = self._library.checked_pairs()
            published: dict[str, Revision] = {}
            for pair in pairs:
                try:
                    published[pair.form] = self._publish(pair)
                except Busy:
                    raise
                except FormsvcError as refusal:
                    # what the store refuses holds back this form alone
                    faults.append(
                        Fault(f"{pair.form}.json", "", join_messages(refusal.message, refusal.remedy))
                    )
            self._faults = tuple(faults)
            self._offered = frozenset(self._library.forms())
            latest = self._latest_in_store()
            # a form whose new files are broken goes on with its last good revision
            held_back = {form: latest[form] for form in self._offered - set(published) if form in latest}
            self._current = dict(sorted({**held_back, **published}.items()))
            self._signature = signature

    def _publish(self, pair: DefinitionFile) -> Revision:
        text = json.dumps(pair.definition, ensure_ascii=False, sort_keys=True)
        template = hashlib.sha256(pair.template).hexdigest()
        revision_id = f"{pair.form}@{hashlib.sha256((text + template).encode()).hexdigest()[:16]}"
        with self._store.read() as tx:
            record = tx.revisions.get(revision_id)
        if record is None:
            self._files.keep(pair.template)
            record = self._insert(revision_id, pair, template)
        return self._cache.get(revision_id) or self._remember(record)

    def _insert(self, revision_id: str, pair: DefinitionFile, template: str) -> Record:
        record: Record = {
            "id": revision_id,
            "form": pair.form,
            "definition": dict(pair.definition),
            "template": template,
            "published_at": self._clock.now().isoformat(),
        }
        # another process may have published the same revision meanwhile
        with self._store.write() as tx:
            existing = tx.revisions.get(revision_id)
            if existing is not None:
                return existing
            tx.revisions.insert(revision_id, record)
        return record

    def _latest_in_store(self) -> dict[str, Revision]:
        with self._store.read() as tx:
            known = tx.revisions.count()
            if known == self._latest[0]:
                return self._latest[1]
            records = tx.revisions.find(order="published_at")
        newest = {record["form"]: record for record in records}
        latest = {form: self._cache.get(r["id"]) or self._remember(r) for form, r in newest.items()}
        self._latest = (known, latest)
        return latest

    def _remember(self, record: Record) -> Revision:
        definition = FormDefinition.from_resolved(record["definition"])
        revision = Revision(record["id"], definition, record["template"], record["published_at"])
        self._cache[revision.id] = revision
        return revision


def count_acts_of_form(store: Store, form: str) -> int:
    with store.read() as tx:
        return tx.acts.count(Condition("form", "==", form))


def definition_json(revision: Revision) -> dict[str, Any]:
    return revision.definition.to_resolved()
