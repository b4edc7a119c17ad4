"""Definitions and Word templates from the two folders into the store: checked, copied by hash, pinned."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Any

from formsvc.domain.definition_loader import FormDefinition
from formsvc.errors import Fault, NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.ports import Clock, Condition, Files, Library, Pair, Record, Store


@dataclass(frozen=True)
class Revision:
    """One revision of a form definition and one version of its Word template, for ever together."""

    id: str
    definition: FormDefinition
    template: str
    published_at: str


@dataclass(frozen=True)
class FormState:
    """How a form stands now: what serves, and what is wrong with what lies in the folders."""

    form: str
    title: str
    revision: Revision | None
    faults: tuple[Fault, ...]
    in_folder: bool


class DefinitionShelf:
    """Answers the revisions that serve now, and every revision ever served.

    A pair dropped into the folders is checked and copied at its first use; a broken new pair is held back,
    and the last good one goes on serving (design decision 4).
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
        """The forms on offer now, by id, in the order of their ids."""
        self.refresh()
        return self._current

    def offered(self) -> frozenset[str]:
        """Ids of the forms on offer when the folders were last looked at; touches no store."""
        return frozenset(self._current)

    def faults(self) -> tuple[Fault, ...]:
        """What is wrong in the folders now."""
        self.refresh()
        return self._faults

    def states(self) -> list[FormState]:
        """Every form ever published or lying in the folder, with its faults."""
        self.refresh()
        known: dict[str, Revision | None] = {**dict.fromkeys(self._offered), **self._latest_in_store()}
        return [self._form_state(form, known[form]) for form in sorted(known)]

    def form(self, form: str) -> Revision:
        """The revision that serves for a form. Raises NotFound when the form is not on offer."""
        revision = self.current().get(form)
        if revision is None:
            raise NotFound(msg("没有“{form}”这种文书。", form=form), msg("请从文书目录中选择。"))
        return revision

    def revision(self, revision_id: str) -> Revision:
        """A revision by its id, however old. Raises NotFound."""
        cached = self._cache.get(revision_id)
        if cached is None:
            with self._store.read() as tx:
                record = tx.revisions.get(revision_id)
            if record is None:
                raise NotFound(msg("找不到这件文书使用的表单版本。"), msg("请联系管理员核对数据。"))
            cached = self._remember(record)
        return cached

    def template(self, revision: Revision) -> bytes:
        """The bytes of the revision's Word template."""
        return self._files.read(revision.template)

    def _form_state(self, form: str, latest: Revision | None) -> FormState:
        serving = self._current.get(form)
        faults = tuple(f for f in self._faults if f.file.split("/")[-1].split(".")[0] == form)
        shown = serving or latest
        title = shown.definition.title if shown else form
        return FormState(form, title, serving, faults, form in self._offered)

    def refresh(self) -> None:
        """Look at the folders again and publish what is new there. Not inside a transaction: it writes."""
        signature = self._library.signature()
        if signature == self._signature:
            return
        with self._lock:
            if signature == self._signature:
                return
            pairs, faults = self._library.checked_pairs()
            published = {pair.form: self._publish(pair) for pair in pairs}
            self._faults = tuple(faults)
            self._offered = frozenset(self._library.forms())
            latest = self._latest_in_store()
            held_back = {form: latest[form] for form in self._offered - set(published) if form in latest}
            self._current = dict(sorted({**held_back, **published}.items()))
            self._signature = signature

    def _publish(self, pair: Pair) -> Revision:
        text = json.dumps(pair.definition, ensure_ascii=False, sort_keys=True)
        template = hashlib.sha256(pair.template).hexdigest()
        revision_id = f"{pair.form}@{hashlib.sha256((text + template).encode()).hexdigest()[:16]}"
        with self._store.read() as tx:
            record = tx.revisions.get(revision_id)
        if record is None:
            self._files.keep(pair.template)
            record = self._insert(revision_id, pair, template)
        return self._cache.get(revision_id) or self._remember(record)

    def _insert(self, revision_id: str, pair: Pair, template: str) -> Record:
        record: Record = {
            "id": revision_id,
            "form": pair.form,
            "definition": dict(pair.definition),
            "template": template,
            "published_at": self._clock.now().isoformat(),
        }
        with self._store.write() as tx:
            there = tx.revisions.get(revision_id)
            if there is not None:
                return there
            tx.revisions.insert(revision_id, record)
        return record

    def _latest_in_store(self) -> dict[str, Revision]:
        """Revisions are only ever added, so that their number tells whether there are new ones."""
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


def acts_of_form(store: Store, form: str) -> int:
    """How many acts were ever opened on a form."""
    with store.read() as tx:
        return tx.acts.count(Condition("form", "==", form))


def definition_json(revision: Revision) -> dict[str, Any]:
    """The self-contained JSON of a revision, for display and export."""
    return revision.definition.to_resolved()
