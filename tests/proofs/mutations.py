"""Mutated form definitions: refused with sentences and places, or an office works with them.

Run whole by ``make mutations``; the suite runs a shorter form of the same.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lxml.html
from flask.testing import FlaskClient

from formsvc.demo.office import sample_actor
from formsvc.documents.checking.json_source import parse_json
from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.errors import DefinitionFaulty, Fault, FormsvcError
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.operator import issue_at_once
from formsvc.usecases.ports import DefinitionFile
from tests.hostile.case import as_json, sound_template
from tests.hostile.office import HostileOffice, answer_breaches, open_office
from tests.proofs.mutants import mutant
from tests.support.circumstances import read_folder, shipped_registers
from tests.support.limited_process import LimitedProcess
from tests.support.memory_office import Office, make_office
from tests.support.sentences import library_words, sentence_faults

SECONDS, MEGABYTES = 30, 700
MUTANTS_PER_OFFICE = 200
TYPED = ("", "0", "1", "-1", "999999999999", "0.01", "2026-09-21", "2026-09-21T09:00", "是", "长" * 300, "甲")


@dataclass
class Found:
    """What became of the mutants."""

    refused: int = 0
    accepted: int = 0
    seconds: float = 0
    breaches: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """In short."""
        kinds = Counter(breach.partition(": ")[2][:60] for breach in self.breaches)
        return {
            "refused": self.refused, "accepted": self.accepted, "slowest_s": round(self.seconds, 1),
            "breaches": len(self.breaches), "kinds": dict(kinds.most_common(30)),
        }  # fmt: skip


class OneForm:
    """A library with one form, which may be exchanged."""

    def __init__(self) -> None:
        self._pairs: list[DefinitionFile] = []
        self._changes = 0

    def offer(self, definition: FormDefinition) -> None:
        self._pairs = [DefinitionFile(definition.id, definition.to_resolved(), b"template")]
        self._changes += 1

    def signature(self) -> str:
        return str(self._changes)

    def forms(self) -> list[str]:
        return [pair.form for pair in self._pairs]

    def source_of(self, form: str) -> str:
        return f"{form}.json"

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Fault]]:
        return [pair for pair in self._pairs if pair.form not in held], []

    def checked_registers(self) -> tuple[list[Mapping[str, Any]], list[Fault]]:
        return [register.to_resolved() for register in shipped_registers().values() if register], []


class Logged(logging.Handler):
    """What the application logs with a traceback."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@dataclass(frozen=True)
class Bench:
    """An office in memory whose one form is a mutant, with a clerk, a reviewer and a program."""

    office: Office
    library: OneForm
    clerk: FlaskClient
    reviewer: FlaskClient
    secret: str
    logged: Logged
    folder: TemporaryDirectory[str]


@cache
def _log() -> Logged:
    logged = Logged()
    logging.getLogger().addHandler(logged)
    return logged


@lru_cache(maxsize=1)
def bench(number: int) -> Bench:
    """Return an office of this process.

    One that has published thousands of forms reads them all again after each: a mutant took two minutes there.
    """
    library, folder = OneForm(), TemporaryDirectory(prefix=f"mutations-{number}-")
    office = make_office(Path(folder.name), library=library, WTF_CSRF_ENABLED=False)
    clerk, reviewer = FlaskClient(office.app), FlaskClient(office.app)
    for client, name in ((clerk, "staff"), (reviewer, "reviewer")):
        client.post("/sign-in", data={"name": name, "password": "demo"})
    secret = api_tokens.add_token(office.ports, "试验", "staff", limit=60_000)
    return Bench(office, library, clerk, reviewer, secret, _log(), folder)


@cache
def _shared() -> tuple[Mapping[str, JSON], Mapping[str, JSON]]:
    return read_folder("groups"), read_folder("lookups")


def try_mutant(named: tuple[int, int]) -> tuple[bool, list[str]]:
    """Return whether a mutant is accepted, and what it breaks."""
    seed, number = named
    form, source = mutant(seed, number)
    value, faults = parse_json(as_bytes(source), f"{form}.json")
    if faults:
        return False, [wrong for fault in faults for wrong in sentence_faults(str(fault.message))]
    try:
        definition = load_definition(value, *_shared(), f"{form}.json", registers=shipped_registers())
    except DefinitionFaulty as faulty:
        return False, list(_fault_breaches(faulty.faults))
    office = bench(number // MUTANTS_PER_OFFICE)
    return True, list(_office_breaches(office, definition, random.Random(f"{seed}-{number}-answers")))


def as_bytes(source: str | dict[str, Any]) -> bytes:
    """Return a mutant as the file it would be."""
    return source.encode("utf-8", "replace") if isinstance(source, str) else as_json(source)


def _fault_breaches(faults: tuple[Fault, ...] | list[Fault]) -> Iterator[str]:
    if not faults:
        yield "refused without a fault"
    for fault in faults:
        if not fault.where:
            yield f"a fault without place: {fault.message}"
        yield from sentence_faults(str(fault.message))


def _office_breaches(here: Bench, definition: FormDefinition, chance: random.Random) -> Iterator[str]:
    here.logged.records.clear()
    here.library.offer(definition)
    if list(here.office.ports.definitions.current()) != [definition.id]:
        yield f"not published: {[str(f) for f in here.office.ports.definitions.faults()]}"
        return
    yield from _issue_breaches(here, definition)
    for what, answer in _visits(here, definition, chance):
        # a rule of the mutant may say anything
        for breach in answer_breaches(answer, judge=library_words):
            yield f"{what}: {breach}"
    for record in here.logged.records:
        if record.exc_info and record.exc_info[1] is not None:
            yield f"logged: {type(record.exc_info[1]).__name__} {record.exc_info[1]}"[:300]


def _issue_breaches(here: Bench, definition: FormDefinition) -> Iterator[str]:
    """Issue the example: what its effects cannot do should have been told before."""
    ports = here.office.ports
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    try:
        act = issue_at_once(ports, staff, approver, definition.id, dict(definition.example))
    except FormsvcError as refusal:
        if "定义的效力" in str(refusal):
            yield f"not told when checked: {refusal}"
        return
    except Exception as error:  # noqa: BLE001 - any other error is a breach
        yield f"issue: {type(error).__name__} {error}"[:300]
        return
    for page in (f"/acts/{act.id}", f"/cases/{act.id}", "/due"):
        answer = here.clerk.get(page, follow_redirects=True)
        for breach in answer_breaches(answer, judge=library_words):
            yield f"page {page.split('/')[1]}: {breach}"


def _visits(here: Bench, definition: FormDefinition, chance: random.Random) -> Iterator[tuple[str, Any]]:
    form = definition.id
    yield "catalogue", here.clerk.get("/forms")
    opened = here.clerk.get(f"/forms/{form}/new")
    yield "new form", opened
    if opened.status_code == 303:
        address = opened.headers["Location"]
        page = here.clerk.get(address)
        yield "draft page", page
        yield "draft saved", here.clerk.post(address, data=_typed(page.get_data(), chance))
        yield "draft page again", here.clerk.get(address)
    for what, answers in _generated(definition):
        yield f"check of {what}", _ask(here, "POST", f"/forms/{form}/check", {"data": answers})
        sent = _ask(here, "POST", "/acts", {"form": form, "data": answers, "submit": True})
        yield f"act of {what}", sent
        if sent.status_code != 201:
            sent = _ask(here, "POST", "/acts", {"form": form, "data": answers})
            yield f"draft of {what}", sent
        if sent.status_code == 201:
            act = sent.get_json()["id"]
            yield f"page of {what}", here.clerk.get(f"/acts/{act}", follow_redirects=True)
            yield f"review of {what}", here.reviewer.get(f"/approval/{act}", follow_redirects=True)
            yield f"preview of {what}", here.clerk.get(f"/acts/{act}/preview.pdf")
    yield "list", here.clerk.get("/acts")


def _ask(here: Bench, method: str, path: str, body: Any) -> Any:
    client = here.office.app.test_client(use_cookies=False)
    headers = {"Authorization": f"Bearer {here.secret}"}
    return client.open(f"/api/v1{path}", method=method, json=body, headers=headers)


def _typed(page: bytes, chance: random.Random) -> dict[str, str]:
    """Return the fields of the draft's form, filled with extreme values."""
    tree: Any = lxml.html.fromstring(page)
    forms = [form for form in tree.forms if "version" in form.fields]
    filled = {name: chance.choice(TYPED) for form in forms[:1] for name in form.fields if name}
    return {**filled, "version": forms[0].fields["version"] if forms else "0"}


def _generated(definition: FormDefinition) -> Iterator[tuple[str, dict[str, JSON]]]:
    yield "nothing", {}
    if definition.example:
        yield "the example", dict(definition.example)
    fields = [entry for entry in definition.fields if not entry.computed]
    yield "examples of the kinds", {entry.key: FIELD_TYPES[entry.kind].example(entry) for entry in fields}
    yield "zeros", {entry.key: _zero(entry) for entry in fields}


def _zero(entry: Field) -> JSON:
    if entry.kind in ("integer", "decimal", "money"):
        return 0
    if entry.kind == "yes_no":
        return False
    if entry.kind == "rows":
        return [{column.key: _zero(column) for column in entry.columns or ()}] * 2
    if entry.kind == "choice" and entry.options:
        return entry.options[-1].code
    return FIELD_TYPES[entry.kind].example(entry)


# Mutants in a folder --------------------------------------------------------------------------------


def dropped(office: HostileOffice, seed: int, number: int) -> list[str]:
    """Put a mutant into the folder of a live office; return what it breaks of the other forms."""
    _form, source = mutant(seed, number)
    files = [office.definitions / "M01.json", office.templates / "M01.docx"]
    for file, bytes_ in zip(files, (as_bytes(source), sound_template()), strict=True):
        file.write_bytes(bytes_)
    try:
        breaches = office.other_breaches()
        faults = [f for f in office.ports.definitions.faults() if f.file.startswith("M01")]
        breaches += [wrong for fault in faults for wrong in sentence_faults(str(fault.message))]
    finally:
        for file in files:
            file.unlink()
    return [f"{number} dropped: {breach}" for breach in breaches]


def run(
    seed: int,
    numbers: range,
    *,
    processes: int = 2,
    drop_every: int = 50,
    report: Callable[[str], object] = str,
) -> Found:
    """Try mutants in processes of their own, and drop some into a folder.

    ``report`` is called with each breach as it is found.
    """
    found = Found()
    shares = [list(numbers)[n::processes] for n in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        for part in pool.map(lambda share: _run_share(seed, share, report), shares):
            found.refused += part.refused
            found.accepted += part.accepted
            found.seconds = max(found.seconds, part.seconds)
            found.breaches += part.breaches
    with TemporaryDirectory() as folder:
        office = open_office(Path(folder))
        for number in list(numbers)[::drop_every]:
            found.breaches += dropped(office, seed, number)
    return found


def _run_share(seed: int, numbers: list[int], report: Callable[[str], object]) -> Found:
    found = Found()
    with LimitedProcess(try_mutant, seconds=SECONDS, megabytes=MEGABYTES) as process:
        for number in numbers:
            outcome = process.run((seed, number))
            found.seconds = max(found.seconds, outcome.seconds)
            accepted, breaches = outcome.value or (False, [outcome.death.strip()[-400:]])
            found.accepted += accepted
            found.refused += not accepted and not outcome.death
            told = [f"{number}: {breach}" for breach in dict.fromkeys(breaches)]
            found.breaches += told
            for breach in told:
                report(breach)
    return found


def main() -> int:
    """The whole size, with its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    began = time.monotonic()
    numbers = range(chosen.first, chosen.first + chosen.count)
    found = run(chosen.seed, numbers, processes=chosen.processes, report=partial(print, flush=True))
    print(json.dumps({**found.figures(), "seconds": round(time.monotonic() - began)}, ensure_ascii=False))
    return 1 if found.breaches else 0


if __name__ == "__main__":
    sys.exit(main())
