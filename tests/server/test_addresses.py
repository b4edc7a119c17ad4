"""Addresses and ports that cannot be served say why; IPv6 is served like any other."""

from __future__ import annotations

import socket
import urllib.request
from pathlib import Path

import pytest

from formsvc.errors import FormsvcError
from formsvc.server import address_of, listen
from tests.server.test_connections import echoing
from tests.support.sample_office import formsvc


def test_a_port_in_use_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(FormsvcError) as refused:
            listen("127.0.0.1", port)
    assert f"不能在 http://127.0.0.1:{port} 提供服务：端口已被占用。" in str(refused.value)
    assert "--port" in str(refused.value) and "磁盘" not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "reason"), [("192.0.2.1", "本机没有这个地址"), ("no such.invalid", "没有这个地址")]
)
def test_an_address_of_another_computer_is_refused(host: str, reason: str) -> None:
    with pytest.raises(FormsvcError) as refused:
        listen(host, 0)
    assert reason in str(refused.value) and "请核对 --host" in str(refused.value)


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_ipv6_is_served(host: str) -> None:
    try:
        listener = listen(host, 0)
    except FormsvcError:
        pytest.skip("no IPv6 on this machine")
    port = listener.getsockname()[1]
    assert address_of(host, port) == f"http://[::1]:{port}"
    with (
        echoing(listener=listener),
        urllib.request.urlopen(f"{address_of(host, port)}/", timeout=10) as answer,
    ):
        assert answer.read().decode().strip() == "::1"


def test_the_demo_says_nothing_of_an_address_it_cannot_serve(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = formsvc(tmp_path, "demo", "--port", str(other.getsockname()[1]))
    assert done.returncode == 1 and "端口已被占用" in done.stderr
    assert "演示地址" not in done.stdout and not (tmp_path / "demo" / "formsvc.sqlite").exists()
