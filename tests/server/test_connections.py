"""Connections that clients hold open, and requests that are too large: the rest is served all the same."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from formsvc.limits import Limits
from formsvc.server.connections import Server
from tests.proofs.half_open import BODY, CONNECTIONS, HEAD, HalfOpen
from tests.support.live_server import serving
from tests.support.sample_office import furnished

SECONDS = 2


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    furnished(folder)
    limit = str(SECONDS)
    with serving(folder, FORMSVC_HEADER_SECONDS=limit, FORMSVC_BODY_SECONDS=limit) as place:
        yield place


def port_of(address: str) -> int:
    return urlsplit(address).port or 0


def sent(address: str, content: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port_of(address)), timeout=10)
    connection.sendall(content)
    return connection


def response(connection: socket.socket) -> str:
    with closing(connection), connection.makefile("rb") as stream:
        return stream.read().decode("utf-8")


def seconds_of_a_page(address: str) -> float:
    began = time.monotonic()
    with urllib.request.urlopen(f"{address}/sign-in", timeout=20) as page:
        assert page.status == 200
    return time.monotonic() - began


def test_two_hundred_half_open_connections_keep_no_one_waiting(address: str) -> None:
    seconds_of_a_page(address)
    slow = HalfOpen(port_of(address), CONNECTIONS)
    slow.start()
    try:
        assert sorted(seconds_of_a_page(address) for _ in range(20))[-2] < 5
        # a byte now and then does not keep a connection open
        until = time.monotonic() + 2 * SECONDS + 20
        while sum(slow.outcomes.values()) < CONNECTIONS and time.monotonic() < until:
            time.sleep(0.1)
        assert slow.outcomes["408"] >= CONNECTIONS
        assert seconds_of_a_page(address) < 5
    finally:
        slow.close()


def test_a_request_that_does_not_come_is_refused_with_a_sentence(address: str) -> None:
    began = time.monotonic()
    for connection in [sent(address, start) for start in (HEAD, BODY)]:
        text = response(connection)
        assert text.startswith("HTTP/1.1 408") and "没有在规定的时间内发完" in text
        assert SECONDS <= time.monotonic() - began < SECONDS + 15


def test_a_header_bomb_is_refused_at_once(address: str) -> None:
    content = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(20_000))
    text = response(sent(address, content))
    assert " 431 " in text.splitlines()[0] and "请求头过长" in text


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/acts"])
def test_a_body_too_large_is_refused_before_it_is_read(address: str, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n".encode()
    # what a client has sent meanwhile does not cost it the response
    text = response(sent(address, head + b"a" * 300_000))
    assert " 413 " in text.splitlines()[0] and "没有接收" in text
    assert ("application/problem+json" in text) == path.startswith("/api/")


@contextmanager
def echoing(listener: socket.socket | None = None, **options: Any) -> Iterator[int]:
    """Serve a small application that answers with the addresses of its request."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{environ['REMOTE_ADDR']} {environ.get('HTTP_X_FORWARDED_FOR', '')}".encode()]

    listener = listener or socket.create_server(("127.0.0.1", 0))
    usual = {"threads": 2, "limits": Limits(), "lookup": str, "max_body": 1000, "per_address": True}
    server = Server(application, listener, **{**usual, **options})
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.stop(2)
        thread.join()
        listener.close()


@pytest.mark.parametrize(("behind_a_proxy", "seen"), [(True, "127.0.0.1 10.1.2.3"), (False, "127.0.0.1 ")])
def test_only_behind_a_proxy_an_address_in_a_header_counts(behind_a_proxy: bool, seen: str) -> None:
    with echoing(per_address=not behind_a_proxy) as port:
        request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"X-Forwarded-For": "10.1.2.3"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.read().decode() == seen


def test_beyond_the_limit_the_connection_that_waited_longest_makes_room() -> None:
    with echoing(limits=Limits(connections=5)) as port:
        waiting = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(12)]
        for connection in waiting:
            connection.sendall(HEAD)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            assert answer.status == 200
        assert waiting[0].recv(100) == b""
        for connection in waiting:
            connection.close()


def test_one_address_has_so_many_connections_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    # on this machine all connections come from one address, which is exempt
    monkeypatch.setattr("formsvc.server.connections.EXEMPT", ())
    with echoing(limits=Limits(connections_per_address=3)) as port:
        kept = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(3)]
        time.sleep(0.5)
        text = response(socket.create_connection(("127.0.0.1", port), timeout=10))
        assert text.startswith("HTTP/1.1 429") and "超过 3 个" in text
        kept.pop().close()
        time.sleep(0.5)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            assert answer.status == 200
        for connection in kept:
            connection.close()


def test_a_request_that_runs_is_finished_before_the_service_stops() -> None:
    entered = threading.Event()

    def slow(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
        entered.set()
        time.sleep(0.5)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"done"]

    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(slow, listener, threads=1, limits=Limits(), lookup=str, max_body=1000, per_address=True)
    thread = threading.Thread(target=server.run)
    thread.start()
    connection = socket.create_connection(("127.0.0.1", listener.getsockname()[1]), timeout=10)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    entered.wait(10)
    server.stop(10)
    assert response(connection).endswith("done")
    thread.join(10)
    assert not thread.is_alive()
    listener.close()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for the workers in /proc")
def test_a_worker_that_dies_is_replaced_and_the_service_stops_when_asked(tmp_path: Path) -> None:
    furnished(tmp_path)
    with serving(tmp_path, workers=2) as place:
        for _ in range(12):
            seconds_of_a_page(place)
        assert pages_counted(place) == 12, "all workers count together"
        for worker in workers_of(place):
            os.kill(worker, signal.SIGKILL)
        until, pages = time.monotonic() + 30, 12
        left: list[int] = []
        while not left and time.monotonic() < until:
            try:
                seconds_of_a_page(place)
                pages += 1
                # the other one may still be starting
                left = workers_of(place)
            except OSError:
                time.sleep(0.2)
        assert left
        assert pages_counted(place) == pages, "what the dead have counted stays"
    assert not [pid for pid in left if Path(f"/proc/{pid}").exists()]


def pages_counted(address: str) -> float:
    with urllib.request.urlopen(f"{address}/metrics", timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    wanted = 'formsvc_requests_total{method="GET",route="/sign-in",status="200"} '
    (count,) = [line.removeprefix(wanted) for line in lines if line.startswith(wanted)]
    return float(count)


def workers_of(address: str) -> list[int]:
    """Return the processes below the one that was started, found by its port among its arguments."""
    marker = f"\0{port_of(address)}\0"
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text()
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            if marker in words and marker in Path(f"/proc/{parent}/cmdline").read_text():
                found.append(int(folder.name))
        except OSError:
            continue
    return found
