"""Repository of form definitions and their Word templates."""

from __future__ import annotations

import logging
import math
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.life.act_life import ActLife, act_life
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.errors import Busy, DefinitionFaulty, Fault, FormsvcError, NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.ports import Clock, Condition, DefinitionFile, Files, Library, Record, Store
from formsvc.usecases.publishing import (
    NewRevision,
    Publisher,
    StorePublisher,
    publish_checked,
    read_state,
)
from formsvc.usecases.registers.definitions import registers_in_use
from formsvc.usecases.revisions import (
    Catalog,
    FormLives,
    FormState,
    find_lives,
    forms_with_secrets,
    newest_first,
)
from formsvc.usecases.revisions import Revision as Revision

# how often the folders are looked at; a look costs a stat of each file
WATCH_SECONDS = 1.0
# after a process failed to write what was checked
RETRY_SECONDS = 60.0
# how long the first request waits for the first look, which checks every pair
FIRST_LOOK_SECONDS = 20.0
_log = logging.getLogger(__name__)


class DefinitionRepository:
    """The current revision of each form, and every revision ever in use.

    A new pair of files is checked and published by :meth:`refresh`. A broken pair is held back; the last good
    revision stays current. A server calls :meth:`watch`: a thread then looks at the folders, and no request does.
    """

    # called after what a look found is in use, outside all locks and transactions
    after_look: Callable[[], None] | None = None

    def __init__(
        self, library: Library, store: Store, files: Files, clock: Clock, publisher: Publisher | None = None
    ) -> None:
        self._library, self._store, self._files = library, store, files
        self._publisher = publisher or StorePublisher(store, files, clock)
        self._retry_at = math.inf
        self._lock = threading.Lock()
        self._lives: dict[str, ActLife] = {}
        self._form_lives: tuple[int, FormLives] = (0, FormLives())
        self._start_lock = threading.Lock()
        self._signature = ""
        self._catalog = Catalog({}, (), frozenset(), {})
        self._cache: dict[str, Revision] = {}
        self._latest: tuple[int, dict[str, Revision]] = (0, {})
        self._confidential: tuple[int, frozenset[str]] = (0, frozenset())
        self._watcher: threading.Thread | None = None
        self._first_look = threading.Event()

    def current(self) -> dict[str, Revision]:
        """Return the current revision of each form on offer, ordered by form id."""
        return self._ready_catalog().current

    def offered_forms(self) -> frozenset[str]:
        """Return the ids of the forms on offer at the last refresh. Does no I/O."""
        return frozenset(self._catalog.current)

    def forms_writing(self, register: str) -> tuple[str, ...]:
        """Return the forms on offer whose documents write rows. Does no I/O."""
        lives = ((form, revision.definition.life) for form, revision in self._catalog.current.items())
        return tuple(form for form, life in lives if life and register in life.effects.written_registers())

    def document_name(self, register: str) -> str:
        """Return how a document outside the system is called. Does no I/O."""
        known = self._catalog.registers.get(register)
        return known.source.document if known else ""

    def offered_revision(self, form: str) -> Revision | None:
        """Return a form's revision at the last refresh, if on offer. Does no I/O."""
        return self._catalog.current.get(form)

    def confidential_forms(self) -> frozenset[str]:
        """Return the forms of which some revision restricts who may see its acts."""
        with self._store.read() as tx:
            known = tx.revisions.count()
            if known != self._confidential[0]:
                self._confidential = (known, forms_with_secrets(tx))
        return self._confidential[1]

    def known_forms(self) -> frozenset[str]:
        """Return the ids of all forms in the folder or ever published."""
        with self._store.read() as tx:
            published = tx.revisions.groups("form")
        return frozenset((*published, *self._library.forms()))

    def registers(self) -> Mapping[str, RegisterDefinition]:
        """Return the registers (登记簿) in use by id."""
        return self._ready_catalog().registers

    def registers_in_use(self) -> Mapping[str, RegisterDefinition]:
        """Return the registers as of the last look. Does no I/O."""
        return self._catalog.registers

    def faults(self) -> tuple[Fault, ...]:
        return self._ready_catalog().faults

    def form_states(self) -> list[FormState]:
        catalog = self._ready_catalog()
        known: dict[str, Revision | None] = {
            **dict.fromkeys((*catalog.in_folder, *catalog.holds)),
            **self._latest_in_store(),
        }
        return [catalog.state_of(form, known[form]) for form in sorted(known)]

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

    def life_of(self, revision_id: str) -> ActLife | None:
        """Return a revision's life, else its form's first. Raise NotFound."""
        known = self._lives.get(revision_id)
        if known is None:
            own = self.revision(revision_id).definition
            known = act_life(own, None if own.life else self._first_with_life(own.id))
            if known is not None:
                self._lives[revision_id] = known
        return known

    def lives(self) -> FormLives:
        """Return what the lives of all published revisions say."""
        with self._store.read() as tx:
            known = tx.revisions.count()
            if known != self._form_lives[0]:
                self._form_lives = (known, find_lives(tx))
        return self._form_lives[1]

    def _first_with_life(self, form: str) -> FormDefinition | None:
        """Return a form's first published definition with a life, or None."""
        first = self.lives().first.get(form)
        return self.revision(first).definition if first else None

    def living_forms(self) -> dict[str, FormDefinition]:
        """Return for each form with a life the definition that has the newest."""
        latest = {form: r.definition for form, r in self._latest_in_store().items()}
        current = {form: r.definition for form, r in self.current().items()}
        living = {
            form: definition if definition.life else self._first_with_life(form)
            for form, definition in {**latest, **current}.items()
        }
        return {form: definition for form, definition in living.items() if definition}

    def template(self, revision: Revision, values: Mapping[str, Any]) -> bytes:
        """Return the Word template that prints these answers."""
        return self._files.read(revision.template_for(values))

    def watch(self, *, wait: bool = True) -> None:
        """Look at the folders in a thread of this process from now on.

        With ``wait`` the call that starts it returns after the first look, or after FIRST_LOOK_SECONDS. A further
        call returns at once: a request that needs no form must not wait for a faulty pair.
        """
        if self._is_watched():
            return
        # not the lock of a look, which may take long
        with self._start_lock:
            if self._is_watched():
                return
            # the thread ends with the repository
            self._watcher = threading.Thread(
                target=_watch, args=(weakref.ref(self), self._first_look), name="definitions", daemon=True
            )
            self._watcher.start()
        if wait:
            self._first_look.wait(FIRST_LOOK_SECONDS)

    def _is_watched(self) -> bool:
        # a fork takes no thread along
        return self._watcher is not None and self._watcher.is_alive()

    def publish_file(self, pair: DefinitionFile, source: str) -> None:
        """Publish a pair that is in no folder of the office; it serves here."""
        self.refresh()
        records, publication = publish_checked(self._store, self._publisher, [NewRevision.of(pair, source)])
        if publication.faults:
            raise DefinitionFaulty(publication.faults)
        published, _faults = self._load(records.values())
        with self._lock:
            current = dict(sorted({**self._catalog.current, **published}.items()))
            self._catalog = replace(self._catalog, current=current)

    def refresh(self) -> None:
        """Publish what is new in the folders.

        Writes to the store: do not call inside a transaction. Raise Busy.
        """
        self._refresh_if_changed(self._library.signature())

    def look(self) -> None:
        """Refresh also after another process held back or released a form.

        Try again, too, what a process failed to write a while ago.
        """
        holds = str(read_state(self._store).holds)
        if holds != str(self._catalog.holds) or time.monotonic() > self._retry_at:
            self._signature = ""
        self.refresh()

    def _refresh_if_changed(self, signature: str) -> None:
        if signature == self._signature:
            return
        # a second thread that waited here finds the work done
        with self._lock:
            if signature == self._signature:
                return
            self._catalog = self._look()
            self._signature = signature
        if self.after_look is not None:
            try:
                self.after_look()
            except FormsvcError as error:
                # a store that is busy: the next look tries it again
                _log.warning("%s", error)
                self._signature = ""

    def _ready_catalog(self) -> Catalog:
        if self._watcher is None:
            self.refresh()
        # the watching thread itself asks after its first look, before others may
        elif threading.current_thread() is not self._watcher and not self._first_look.wait(
            FIRST_LOOK_SECONDS
        ):
            # an empty catalog would say that a form does not exist
            raise Busy(msg("服务刚刚启动，正在检查表单和模板。"), msg("请稍候再试。"))
        return self._catalog

    def _look(self) -> Catalog:
        state = read_state(self._store)
        checked_registers, register_faults = self._library.checked_registers()
        pairs, faults = self._library.checked_pairs(frozenset(state.holds))
        revisions = [NewRevision.of(pair, self._library.source_of(pair.form)) for pair in pairs]
        records, publication = publish_checked(self._store, self._publisher, revisions, checked_registers)
        self._retry_at = math.inf if publication.is_final else time.monotonic() + RETRY_SECONDS
        registers, unusable = registers_in_use(self._store)
        in_folder = frozenset(self._library.forms())
        published, unreadable = self._load(records.values())
        # a form whose new files are broken goes on with the revision that served before
        broken = in_folder - set(published) - set(state.holds)
        served_before = {form: state.serving[form] for form in broken if form in state.serving}
        last_good, unreadable_before = self._load(self._records(served_before, broken))
        current = dict(sorted({**last_good, **published}.items()))
        found = (*faults, *publication.faults, *unreadable, *unreadable_before, *register_faults, *unusable)
        return Catalog(current, found, in_folder, state.holds, registers)

    def _records(self, served_before: Mapping[str, str], forms: Iterable[str]) -> list[Record]:
        """Return the record of the last good revision of each form that has one."""
        with self._store.read() as tx:
            known = [
                # a store of an earlier version does not say which one served: it is the newest
                tx.revisions.get(served_before[form])
                if form in served_before
                else next(iter(newest_first(tx.revisions.find(Condition("form", "==", form)))), None)
                for form in sorted(forms)
            ]
        return [record for record in known if record is not None]

    def _load(self, records: Iterable[Record]) -> tuple[dict[str, Revision], list[Fault]]:
        """Return the revision of each form, and a fault for what cannot be loaded."""
        revisions: dict[str, Revision] = {}
        faults: list[Fault] = []
        for record in records:
            try:
                revisions[record["form"]] = self._cache.get(record["id"]) or self._remember(record)
            except (FormsvcError, ValueError, TypeError, KeyError) as error:
                _log.warning("%s: %s", record["id"], error)
                sentence = msg(
                    "已发布的版本 {revision} 不能使用。请放入改正后的定义。", revision=record["id"]
                )
                faults.append(Fault(f"{record['form']}.json", "", sentence))
        return revisions, faults

    def _latest_in_store(self) -> dict[str, Revision]:
        with self._store.read() as tx:
            known = tx.revisions.count()
            if known == self._latest[0]:
                return self._latest[1]
            records = tx.revisions.find()
        newest = {record["form"]: record for record in reversed(newest_first(records))}
        latest, _faults = self._load(newest.values())
        self._latest = (known, latest)
        return latest

    def _remember(self, record: Record) -> Revision:
        revision = Revision.from_record(record)
        self._cache[revision.id] = revision
        return revision


def _watch(repository: weakref.ref[DefinitionRepository], first_look: threading.Event) -> None:
    """Refresh a repository again and again, until it is no longer used."""
    pause = threading.Event()
    while (watched := repository()) is not None:
        try:
            watched.look()
        except Exception as error:  # noqa: BLE001 — a thread that ended would leave the office with old forms
            _log.warning("%s", error)
        first_look.set()
        del watched
        pause.wait(WATCH_SECONDS)
