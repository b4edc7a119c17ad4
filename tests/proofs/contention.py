"""Many clients at one thing: a series, an act, a decision, a lock that its holder does not give back.

Run whole by ``make race``; the suite runs a shorter form of the same (tests/system/test_concurrency.py). Clients come through HTTP
to a service of several workers that draws real documents.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from formsvc.demo.office import load_sample_office, sample_actor
from formsvc.limits import Limits
from formsvc.usecases.administration import api_tokens, records
from formsvc.usecases.approval import review
from formsvc.usecases.context import Ports
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import register as number_registers
from tests.support.live_server import PEOPLE, Program, serving
from tests.support.sample_office import CASES, ROOT, environment, furnished

TOWNSHIP = next(one for one in load_sample_office()["authorities"] if one["id"] == "donghe")
ANSWERS = {**CASES["EX03"]["fields"], "doc_no": ""}
ORDER = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往"
LOCK_SECONDS = 5
"""How long a request waits for the store's lock before it is told to come again."""
DRAWING_SECONDS = 15
"""How long a document takes at most where many are drawn at once."""


@dataclass
class Found:
    """What clients met."""

    numbers: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    requests: list[float] = field(default_factory=list)
    probes: list[float] = field(default_factory=list)
    asked_again: int = 0
    faults: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """In short."""
        took = sorted(self.seconds) or [0.0]
        return {
            "numbers": len(self.numbers), "asked_again": self.asked_again,
            "p50_s": round(took[len(took) // 2], 2), "max_s": round(took[-1], 2),
            "longest_request_s": round(max(self.requests, default=0.0), 2),
            "longest_probe_s": round(max(self.probes, default=0.0), 3), "faults": self.faults[:5],
        }  # fmt: skip


class Probe:
    """Asks /livez and /healthz again and again, each in its thread, until the block ends."""

    PATHS = ("/livez", "/healthz")
    WITHIN = 0.5

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._place = (parts.hostname or "", parts.port or 80)
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(path,)) for path in self.PATHS]
        self.seconds: list[float] = []
        self.faults: list[str] = []
        self.refused: list[str] = []

    def __enter__(self) -> Probe:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, path: str) -> None:
        while not self._over.is_set():
            began = time.perf_counter()
            connection = HTTPConnection(*self._place, timeout=10)
            try:
                connection.request("GET", path)
                status = connection.getresponse().status
            except OSError as error:
                self.refused.append(f"{path}: {error!r}")
            else:
                took = time.perf_counter() - began
                self.seconds.append(took)
                if status != 200:
                    self.refused.append(f"{path}: {status} after {took:.2f} s")
                if took > self.WITHIN:
                    self.faults.append(f"{path}: {status} after {took:.2f} s")
            finally:
                connection.close()
            self._over.wait(0.1)


def busy_series(folder: Path, *, clients: int, acts: int, workers: int) -> Found:
    """So many acts in one series: monitors are answered all the time, no request waits beyond its bound."""
    found, lock = Found(), threading.Lock()
    # a document is drawn after the wait; on a machine that is busy this takes seconds
    bound = Limits().series_wait_seconds + DRAWING_SECONDS

    def prepare(ports: Ports) -> list[str]:
        return [approved(ports, TOWNSHIP["name"]) for _ in range(acts)]

    with served(folder, workers, prepare) as (ports, client, ids):
        left = iter(ids)

        def work() -> None:
            hand = client("approver")
            while True:
                with lock:
                    act_id = next(left, None)
                if act_id is None:
                    return
                _issue(hand, act_id, found, lock, attempts=400)

        with Probe(f"http://{client('approver').place}") as probe:
            together([work] * clients)
        found.probes, found.faults = probe.seconds, found.faults + probe.refused + probe.faults
        found.faults += [f"waited {s:.1f} s" for s in found.requests if s > bound]
        _look_at_registers(ports, ["dong-fa"], found, acts)
    return found


def towns(ports: Ports, count: int) -> list[tuple[str, str]]:
    """So many townships, each with a series of its own: name of the authority and id of the series."""
    made = [(TOWNSHIP["name"], "dong-fa")]
    for n in range(1, count):
        name, place = f"绥化市北林区{ORDER[n]}字镇人民政府", f"town-{n}"
        authority = {**TOWNSHIP, "id": place, "name": name, "short": f"{ORDER[n]}字镇", "code": ORDER[n]}
        records.save_record(ports, None, "authorities", authority)
        series = {
            "id": f"fa-{n}", "authority": place, "agent": "", "forms": ["T07"], "prefix": f"{ORDER[n]}政发",
            "style": "official", "width": 1, "starts": {},
        }  # fmt: skip
        records.save_record(ports, None, "series", series)
        made.append((name, f"fa-{n}"))
    return made


def submitted(ports: Ports, name: str) -> str:
    """An act of an authority, handed in."""
    staff = sample_actor(ports, "staff")
    draft = drafts.open_form(ports, staff, "T07")
    saved = drafts.save_answers(
        ports, staff, draft.id, {**ANSWERS, "issuer_name": name}, version=draft.version
    )
    drafts.submit(ports, staff, saved.act.id)
    return draft.id


def approved(ports: Ports, name: str) -> str:
    """An act of an authority, ready for its number."""
    approver, act_id = sample_actor(ports, "approver"), submitted(ports, name)
    review.review(ports, approver, act_id, passed=True)
    review.approve(ports, approver, act_id, approved=True)
    return act_id


@contextmanager
def served(folder: Path, workers: int, prepare: Callable[[Ports], Any]) -> Iterator[Any]:
    """The service over a sample office that was prepared: ports, a maker of clients, and what was prepared."""
    ports = furnished(folder)
    prepared = prepare(ports)
    secrets = {name: api_tokens.add_token(ports, "并发", name, limit=60_000) for name in PEOPLE}
    with serving(folder, workers=workers) as address:

        def client(name: str) -> Program:
            return Program(address, secrets[name])

        for _twice in range(2):  # each worker has loaded the forms before anything is measured
            together([lambda: client("staff").ask("GET", "/acts")] * (8 * workers))
        yield ports, client, prepared


def together(tasks: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all at the same moment."""
    start = threading.Barrier(len(tasks))

    def do(task: Callable[[], Any]) -> Any:
        start.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [job.result() for job in [pool.submit(do, task) for task in tasks]]


def many_series(folder: Path, *, clients: int, series: int, each: int, workers: int) -> Found:
    """Clients issue at once in so many series: every number once, no gap."""
    found, lock = Found(), threading.Lock()

    def prepare(ports: Ports) -> Any:
        places = towns(ports, series)
        acts = [[approved(ports, places[c % series][0]) for _ in range(each)] for c in range(clients)]
        return places, acts

    with served(folder, workers, prepare) as (ports, client, (places, acts)):

        def work(mine: list[str]) -> None:
            hand = client("approver")
            for act_id in mine:
                _issue(hand, act_id, found, lock)

        together([lambda mine=mine: work(mine) for mine in acts])  # type: ignore[misc]
        _look_at_registers(ports, [series_id for _name, series_id in places], found, clients * each)
    return found


def _issue(hand: Program, act_id: str, found: Found, lock: threading.Lock, attempts: int = 60) -> None:
    began = time.perf_counter()
    for _attempt in range(attempts):
        asked = time.perf_counter()
        status, told = hand.ask("POST", f"/acts/{act_id}/issue")
        with lock:
            found.requests.append(time.perf_counter() - asked)
            found.asked_again += status == 503
        if status != 503:
            break
        time.sleep(int(hand.headers["Retry-After"]))
    with lock:
        found.seconds.append(time.perf_counter() - began)
        if status == 200:
            found.numbers.append(told["number"])
        else:
            found.faults.append(f"{status} {told}"[:300])


def _look_at_registers(ports: Ports, series: Sequence[str], found: Found, wanted: int) -> None:
    register: list[str] = []
    for one in series:
        page = number_registers.number_register(ports, one, 2026)
        assert page is not None
        found.faults += [f"{one}: gap {gap}" for gap in page.gaps]
        register += [row["text"] for row in page.rows]
    if sorted(register) != sorted(found.numbers) or len(set(found.numbers)) != wanted:
        found.faults.append(f"{len(register)} in the register, {len(found.numbers)} told, {wanted} wanted")


def one_act(folder: Path, *, clients: int, workers: int) -> Found:
    """Clients issue the same act at once: it gets one number, and everybody who is answered is told that one."""
    found = Found()
    with served(folder, workers, lambda ports: approved(ports, TOWNSHIP["name"])) as (ports, client, act_id):
        lock = threading.Lock()
        together([lambda: _issue(client("approver"), act_id, found, lock)] * clients)
        page = number_registers.number_register(ports, "dong-fa", 2026)
        assert page is not None
        if [row["text"] for row in page.rows] != sorted(set(found.numbers)) or len(page.rows) != 1:
            found.faults.append(f"{len(page.rows)} numbers for one act")
    return found


def two_reviewers(folder: Path, *, acts: int, workers: int) -> Found:
    """Two decide on the same act at once, one passing it, one sending it back: one decision, the other is told."""
    found = Found()

    def prepare(ports: Ports) -> list[str]:
        return [submitted(ports, TOWNSHIP["name"]) for _ in range(acts)]

    with served(folder, workers, prepare) as (ports, client, ids):
        for act_id in ids:
            bodies = ({"decision": "pass"}, {"decision": "return", "comment": "请补充会议日期。"})
            hands = [client("reviewer"), client("approver")]

            def decide(n: int, place: str = act_id, with_: Any = (hands, bodies)) -> Any:
                return with_[0][n].ask("POST", f"/acts/{place}/review", with_[1][n])

            answers = together([lambda d=decide: d(0), lambda d=decide: d(1)])  # type: ignore[misc]
            statuses = sorted(status for status, _told in answers)
            if statuses not in ([200, 409], [200, 412]):
                found.faults.append(f"{statuses} {answers}"[:300])
            elif not next(told for status, told in answers if status != 200).get("detail"):
                found.faults.append("the other is told nothing")
            with ports.store.read() as tx:
                kinds = [e["kind"] for e in tx.events.find(order="id") if e["act_id"] == act_id]
            if len([kind for kind in kinds if kind in ("Reviewed", "Returned")]) != 1:
                found.faults.append(f"decisions: {kinds}")
    return found


def stopped_holder(folder: Path, *, clients: int, workers: int) -> Found:
    """A program stops while it holds the store's lock: others are told to come again, in time; none hangs."""
    found = Found()

    def prepare(ports: Ports) -> list[str]:
        return [approved(ports, TOWNSHIP["name"]) for _ in range(clients)]

    with served(folder, workers, prepare) as (ports, client, ids), _held(folder) as holder:

        def ask(act_id: str) -> tuple[int, Any, float]:
            began = time.perf_counter()
            status, told = client("approver").ask("POST", f"/acts/{act_id}/issue")
            return status, told, time.perf_counter() - began

        for status, told, took in together([lambda one=one: ask(one) for one in ids]):  # type: ignore[misc]
            found.seconds.append(took)
            if took > LOCK_SECONDS + 1:
                found.faults.append(f"told after {took:.1f} s")
            if status != 503 or ("占用" not in str(told) and "正在编号的文书太多" not in str(told)):
                found.faults.append(f"{status} {told}"[:300])
        holder.kill()
        holder.wait()
        lock = threading.Lock()
        together([lambda one=one: _issue(client("approver"), one, found, lock) for one in ids])  # type: ignore[misc]
        found.seconds = found.seconds[:clients]
        _look_at_registers(ports, ["dong-fa"], found, clients)
    return found


@contextmanager
def _held(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A program that holds the lock of the instance's store and has been stopped."""
    words = (
        "import sys, time; from pathlib import Path; from formsvc.storage.tinydb_store import TinyStore\n"
        "with TinyStore(Path(sys.argv[1])).write() as tx:\n"
        "    print('holding', flush=True); time.sleep(600)"
    )
    store = str(folder / "demo/formsvc.sqlite")
    holder = subprocess.Popen(
        [sys.executable, "-c", words, store],
        env=environment(folder),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline().strip() == "holding"
        os.kill(holder.pid, signal.SIGSTOP)
        yield holder
    finally:
        holder.kill()
        holder.wait()


def main() -> int:
    """The whole size, with its figures."""
    proofs: dict[str, Callable[[Path], Found]] = {
        "64 clients, 1 series": lambda f: many_series(f, clients=64, series=1, each=2, workers=4),
        "64 clients, 200 acts, 1 series": lambda f: busy_series(f, clients=64, acts=200, workers=4),
        "64 clients, 20 series": lambda f: many_series(f, clients=64, series=20, each=2, workers=4),
        "10 clients, 1 act": lambda f: one_act(f, clients=10, workers=4),
        "2 reviewers, 20 acts": lambda f: two_reviewers(f, acts=20, workers=4),
        "lock held by a stopped program, 24 clients": lambda f: stopped_holder(f, clients=24, workers=4),
    }
    wrong = 0
    wanted = sys.argv[1:] or [""]
    for name, proof in proofs.items():
        if not any(part in name for part in wanted):
            continue
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            told = proof(Path(folder)).figures()
        print(
            json.dumps({name: told, "seconds": round(time.monotonic() - began)}, ensure_ascii=False),
            flush=True,
        )
        wrong += len(told["faults"])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
