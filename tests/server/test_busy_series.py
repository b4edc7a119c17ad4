"""Many clients at one series: monitors are answered, waits are bounded, and numbers run on without a gap."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.errors import Busy
from formsvc.limits import Limits
from formsvc.server import THREADS
from formsvc.server.connections import Server
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import issue, register
from formsvc.usecases.numbering.series_lease import SeriesLease, require_room
from tests.proofs.contention import Probe
from tests.support.approved_acts import approve, township_notice
from tests.support.live_server import Program
from tests.support.memory_office import Office, SheetRenderer, make_office
from tests.support.page_client import Visitor
from tests.support.sample_office import TODAY

KEY = f"dong-jian/{TODAY.year}"
DRAWING_SECONDS = 0.1
WAITERS = 2


class SlowRenderer(SheetRenderer):
    """Takes as long as a document takes."""

    def pdf(self, *given: Any, **more: Any) -> bytes:
        time.sleep(DRAWING_SECONDS)
        return super().pdf(*given, **more)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = make_office(tmp_path, limits=Limits(series_waiters=WAITERS, series_wait_seconds=3))
    made.clock.moment += TODAY - made.clock.today() + timedelta(0)
    return made


def notice(office: Office) -> str:
    return approve(office.ports, "T14", township_notice())


@contextmanager
def served(office: Office) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    usual: dict[str, Any] = {"limits": Limits(), "lookup": str, "max_body": 10**6, "per_address": True}
    server = Server(office.app, listener, threads=THREADS, **usual)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.stop(2)
        thread.join()
        listener.close()


def hold(office: Office, times: int) -> list[SeriesLease]:
    """One request has the lease of the series, the others wait for it."""
    leases = [SeriesLease(office.ports, KEY) for _ in range(times)]
    for lease in leases:
        with office.ports.store.write() as tx:
            lease.acquire(tx)
    return leases


def test_many_clients_at_one_series_leave_the_service_to_everybody_else(office: Office) -> None:
    object.__setattr__(office.ports, "renderer", SlowRenderer())
    acts = [notice(office) for _ in range(16)]
    secret = api_tokens.add_token(office.ports, "并发", "approver", limit=60_000)
    answers: list[tuple[int, float]] = []

    def client(address: str, act_id: str) -> None:
        program, status = Program(address, secret), 503
        while status == 503:
            began = time.monotonic()
            status, told = program.ask("POST", f"/acts/{act_id}/issue")
            answers.append((status, time.monotonic() - began))
            if status == 503:
                assert "正在编号的文书太多" in told["detail"]
                time.sleep(0.2)
        program.close()

    with served(office) as address, Probe(address) as probe, ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(lambda act_id: client(address, act_id), acts))
    assert probe.refused == [] and len(probe.seconds) > 4
    # the machine of the tests has others to serve too; the long form allows none beyond
    in_time = [took for took in probe.seconds if took <= Probe.WITHIN]
    assert len(in_time) > 0.8 * len(probe.seconds) and max(probe.seconds) < 5
    assert {status for status, _ in answers} == {200, 503}
    assert max(seconds for _, seconds in answers) < office.ports.limits.series_wait_seconds
    page = register.number_register(office.ports, "dong-jian", TODAY.year)
    assert page is not None and page.gaps == [] and len(page.rows) == len(acts)


def test_so_many_wait_for_a_series_and_the_next_is_told_to_come_again(office: Office) -> None:
    approver, act_id = sample_actor(office.ports, "approver"), notice(office)
    leases = hold(office, 1 + WAITERS)
    with pytest.raises(Busy, match="正在编号的文书太多，本件没有编号") as refused:
        issue.issue_act(office.ports, approver, act_id)
    assert 1 <= refused.value.seconds <= 1 + 2 * WAITERS
    with office.ports.store.read() as tx:
        # another series, and the same one in another year
        require_room(office.ports, tx, "dong-fa/2026")
        require_room(office.ports, tx, "dong-jian/2025")
    leases[-1].release()
    with office.ports.store.read() as tx:
        require_room(office.ports, tx, KEY)
    for lease in leases:
        lease.release()
    assert issue.issue_act(office.ports, approver, act_id).number


def test_a_wait_for_a_series_ends_at_its_bound(office: Office) -> None:
    approver, act_id = sample_actor(office.ports, "approver"), notice(office)
    hold(office, 1)
    patient = replace(office.ports, limits=Limits(series_wait_seconds=0))
    with pytest.raises(Busy, match="等候时间已到，本件没有编号"):
        issue.issue_act(patient, approver, act_id)


def test_the_page_of_a_number_that_was_not_had_keeps_what_was_typed(office: Office) -> None:
    act_id, approver = notice(office), Visitor(office.app)
    approver.sign_in("approver")
    leases = hold(office, 1 + WAITERS)
    approver.open(f"/acts/{act_id}/issue")
    page = approver.press("编号制发本件", backfill_reason="电脑故障期间手写")
    assert page.status == 503 and "正在编号的文书太多" in page.text and "电脑故障期间手写" in page.html
    assert 1 <= int(page.response.headers["Retry-After"]) <= 1 + 2 * WAITERS
    for lease in leases:
        lease.release()
    assert approver.press("编号制发本件", backfill_reason="").path == f"/acts/{act_id}"


def test_threads_of_a_process_stay_for_everybody_else(office: Office) -> None:
    approver, act_id = sample_actor(office.ports, "approver"), notice(office)
    most = office.ports.policy.issuing_requests
    assert most < THREADS

    def refuse() -> Busy:
        return Busy("")

    with ThreadPoolExecutor(most) as pool:
        over, inside = threading.Event(), threading.Barrier(most + 1)

        def hold_a_thread() -> None:
            with office.ports.issuing.admit(most, refuse):
                inside.wait(10)
                over.wait(10)

        held = [pool.submit(hold_a_thread) for _ in range(most)]
        inside.wait(10)
        with pytest.raises(Busy, match="正在编号的文书太多"):
            issue.issue_act(office.ports, approver, act_id)
        over.set()
        for one in held:
            one.result()
    assert office.ports.issuing.count == 0
    assert issue.issue_act(office.ports, approver, act_id).number


def test_an_approval_stands_when_its_number_was_not_had(office: Office) -> None:
    ports, staff, approver = office.ports, sample_actor(office.ports, "staff"), Visitor(office.app)
    draft = drafts.open_form(ports, staff, "T14")
    drafts.save_answers(ports, staff, draft.id, township_notice(), version=draft.version)
    drafts.submit(ports, staff, draft.id)
    approver.sign_in("approver")
    leases = hold(office, 1 + WAITERS)
    approver.open(f"/approval/{draft.id}")
    page = approver.press("签发并编号")
    assert page.status == 503 and "正在编号的文书太多" in page.text
    for lease in leases:
        lease.release()
    page = approver.press("编号制发本件")
    assert page.path == f"/acts/{draft.id}" and "1号" in page.h1
