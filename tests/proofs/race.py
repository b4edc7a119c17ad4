"""Many programs at the API at once: each hands in, reviews, approves and issues; refusals are tried meanwhile.

Run whole by ``make race``; the suite runs a shorter form of the same (tests/system/test_concurrency.py).
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from formsvc.domain.authorities import officer_from_record
from formsvc.usecases.administration import api_tokens, records
from formsvc.usecases.context import Ports
from formsvc.usecases.numbering import register as number_registers
from formsvc.usecases.ports import Condition
from tests.support.live_server import PEOPLE, Program, serving
from tests.support.sample_office import CASES, furnished

TOWNSHIP = "绥化市北林区东河镇人民政府"
SERIES = ("dong-fa", "dong-jian")
LEFT_OUT = ("doc_no", "authority_text", "entrust_ref")
TODAY = "2026-11-23"
EXPIRED = "绥北消委字〔2024〕第0001号"
LAPSED_OFFICER = {
    "id": "FAKE23120200009", "name": "冯过期", "cert_no": "FAKE23120200009", "org": TOWNSHIP,
    "valid_from": "2020-01-01", "valid_to": "2026-06-30", "active": True,
}  # fmt: skip


def responsibility() -> dict[str, Any]:
    """A notice of the township in its series of official numbers."""
    return {**CASES["EX03"]["fields"], "doc_no": ""}


def notice() -> dict[str, Any]:
    """An inspection notice in the township's own name, in the series of enforcement numbers."""
    fields = {k: v for k, v in CASES["EX06"]["fields"].items() if k not in LEFT_OUT}
    return {**fields, "issuer_name": TOWNSHIP, "auth_mode": "M0", "approver": "李明远"}


KINDS = (("T07", responsibility), ("T14", notice))


@dataclass
class Outcome:
    """What one program met: numbers given, seconds each issue took, refusals, and everything that was not expected."""

    numbers: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def work(address: str, secrets: dict[str, str], count: int, seed: int) -> Outcome:
    """One program: ``count`` acts in turn of both kinds, each from beginning to number."""
    found = Outcome()
    hands = {name: Program(address, secrets[name]) for name in ("staff", "reviewer", "approver")}
    for n in range(count):
        form, answers = KINDS[(n + seed) % 2]
        key = f"race-{seed}-{n}"
        try:
            _one_act(hands, form, answers(), key, found)
        except AssertionError as wrong:
            found.wrong.append(str(wrong)[:400])
    return found


def _one_act(hands: dict[str, Program], form: str, answers: dict[str, Any], key: str, found: Outcome) -> None:
    body = {"form": form, "data": answers, "submit": True}
    act = _expect(hands["staff"], 201, "/acts", key, body)
    at = f"/acts/{act['id']}"
    if act["state"] == "submitted":
        _expect(hands["reviewer"], 200, f"{at}/review", f"{key}-review", {"decision": "pass"})
    _expect(hands["approver"], 200, f"{at}/approve", f"{key}-approve", {"decision": "approve"})
    began = time.perf_counter()
    issued = _expect(hands["approver"], 200, f"{at}/issue", f"{key}-issue")
    found.seconds.append(time.perf_counter() - began)
    found.numbers.append(issued["number"])


def _expect(hand: Program, status: int, path: str, key: str, body: Any = None) -> Any:
    """What is answered; a busy store (503) and a turn not had in time are asked again, as a program should."""
    for _attempt in range(10):
        got, told = hand.ask("POST", path, body, {"Idempotency-Key": key})
        if got not in (429, 503):
            break
        time.sleep(2)
    assert got == status, f"{path}: {got} {told}"
    return told


def refusals() -> dict[str, tuple[dict[str, Any], str]]:
    """What must be refused while the race runs: the act handed in, and the word its refusal names."""
    entrusted = {k: v for k, v in CASES["EX06"]["fields"].items() if k not in ("doc_no", "authority_text")}
    today = {**entrusted, "issue_date": TODAY, "check_from": f"{TODAY}T09:00", "check_to": f"{TODAY}T11:30"}
    officers = [{**today["officers"][0]}, {**today["officers"][1]}]
    lapsed = {"name": "冯过期", "cert_no": "FAKE23120200009", "org": TOWNSHIP, "cert_valid_to": "2026-06-30"}
    order = {k: v for k, v in CASES["EX09"]["fields"].items() if k not in ("doc_no", "authority_text")}
    return {
        "委托书已到期": ({"form": "T14", "data": {**today, "entrust_ref": EXPIRED}}, "issue_date"),
        "证件已过期": ({"form": "T14", "data": {**today, "officers": [officers[0], lapsed]}}, "officers"),
        "委托区域以外": ({"form": "T22", "data": {**order, "party_addr": "绥化市望奎县正大街9号"}}, "party_addr"),
    }  # fmt: skip


def disturb(address: str, secrets: dict[str, str], over: threading.Event) -> Outcome:
    """The program that tries what is not allowed, again and again, until the race is over."""
    found = Outcome()
    hand = Program(address, secrets["staff"])
    while not over.is_set():
        for name, (body, wanted) in refusals().items():
            status, told = hand.ask("POST", "/acts", {**body, "submit": True})
            fields = [error["field"].partition(".")[0] for error in told.get("errors", [])]
            if status == 422 and wanted in fields:
                found.refused[name] = found.refused.get(name, 0) + 1
            else:
                found.wrong.append(f"{name}: {status} {told.get('errors')}"[:600])
        time.sleep(0.5)
    return found


def prepare(folder: Path) -> tuple[Ports, dict[str, str]]:
    """The sample office with a first M2 order, an entrustment that has run out and an officer whose card has."""
    from formsvc.demo.office import sample_actor
    from formsvc.usecases import operator

    ports = furnished(folder)
    records.save_record(ports, None, "officers", LAPSED_OFFICER)
    officer_from_record(LAPSED_OFFICER)
    records.save_record(ports, None, "entrustments", expired_entrustment())
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    for name in ("EX01", "EX06", "EX07", "EX09"):
        operator.issue_at_once(ports, staff, approver, CASES[name]["act"], CASES[name]["fields"])
    return ports, {name: api_tokens.add_token(ports, "并发", name, limit=60_000) for name in PEOPLE}


def expired_entrustment() -> dict[str, Any]:
    """The entrustment of the worked case as it would be, had it been signed on paper two years before."""
    fields = {k: v for k, v in CASES["EX01"]["fields"].items() if k != "doc_no"}
    return {
        **fields,
        "id": "paper-2024",
        "number": EXPIRED,
        "start_date": "2024-01-01",
        "end_date": "2025-12-31",
    }


@dataclass(frozen=True)
class Race:
    """What came out of all programs together."""

    outcomes: list[Outcome]
    refused: dict[str, int]
    seconds: float
    ports: Ports

    @property
    def numbers(self) -> list[str]:
        """Every number given, as the programs were told."""
        return [number for outcome in self.outcomes for number in outcome.numbers]

    @property
    def wrong(self) -> list[str]:
        """Everything unexpected."""
        return [sentence for outcome in self.outcomes for sentence in outcome.wrong]

    def issue_seconds(self, part: float) -> float:
        """How long the given part of all issues took at most."""
        took = sorted(s for outcome in self.outcomes for s in outcome.seconds)
        return took[min(len(took) - 1, int(len(took) * part))]


def run(folder: Path, *, processes: int, acts: int, workers: int) -> Race:
    """The race in a folder of its own."""
    ports, secrets = prepare(folder)
    each = acts // processes
    over = threading.Event()
    with serving(folder, workers=workers) as address, ProcessPoolExecutor(processes) as pool:
        began = time.perf_counter()
        jobs = [pool.submit(work, address, secrets, each, seed) for seed in range(processes)]
        with ThreadPoolExecutor(1) as beside:
            other = beside.submit(disturb, address, secrets, over)
            try:
                outcomes = [job.result() for job in jobs]
            finally:
                over.set()
        seconds = time.perf_counter() - began
        outcomes.append(other.result())
    return Race(outcomes, outcomes[-1].refused, seconds, ports)


def faults(race: Race, acts: int) -> list[str]:
    """What stands against the race; empty when every number was given once and none is missing."""
    found = list(race.wrong)
    if len(race.numbers) != acts or len(set(race.numbers)) != acts:
        found.append(f"{len(race.numbers)} numbers told, {len(set(race.numbers))} different, {acts} wanted")
    register: list[str] = []
    for series in SERIES:
        page = number_registers.number_register(race.ports, series, 2026)
        assert page is not None
        register += [row["text"] for row in page.rows]
        if page.gaps:
            found.append(f"{series}: gaps {page.gaps}")
    if sorted(register) != sorted(race.numbers):
        found.append("the register is not what the programs were told")
    with race.ports.store.read() as tx:
        half = tx.acts.count(Condition("state", "!=", "issued"))
        kept = tx.acts.find(Condition("state", "==", "issued"))
    if half:
        found.append(f"{half} acts did not come to an end")
    for record in kept:
        race.ports.files.read(record["pdf"])
        race.ports.files.read(record["word"])
    return found


def main(words: Sequence[str]) -> int:
    """The whole size, with its figures."""
    import tempfile

    acts, processes, workers = (int(words[i]) if len(words) > i else n for i, n in enumerate((400, 8, 4)))
    with tempfile.TemporaryDirectory() as folder:
        race = run(Path(folder), processes=processes, acts=acts, workers=workers)
        found = faults(race, acts)
    figures = {
        "acts": acts, "programs": processes, "workers": workers, "seconds": round(race.seconds, 1),
        "issue_p50_s": round(race.issue_seconds(0.5), 2), "issue_p95_s": round(race.issue_seconds(0.95), 2),
        "issue_max_s": round(race.issue_seconds(1.0), 2), "refused": race.refused, "faults": found,
    }  # fmt: skip
    print(json.dumps(figures, ensure_ascii=False, indent=1))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
