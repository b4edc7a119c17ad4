"""The examples for nginx and Caddy, run: a host of its own or a path, TLS on another port, IPv6, large forms.

Only addresses, ports and certificates are replaced; the programs are Debian's packages nginx-light and caddy.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from formsvc.app import create_app
from formsvc.config import read_settings
from formsvc.i18n.catalogs import lookup_for
from formsvc.limits import Limits
from formsvc.server.connections import Server
from tests.support.live_server import free_port
from tests.support.memory_office import make_office
from tests.support.paths import ROOT

EXAMPLES = ROOT / "docs/operations"
HOST, SITE = "forms.example.gov.cn", "www.example.gov.cn"
PROGRAMS = {"nginx": ("nginx.conf", "nginx-path.conf"), "caddy": ("Caddyfile", "Caddyfile-path")}
UP_WITHIN = 20.0
# three attachments of the largest size are let through, and refused by the service's own sentence if need be
LARGE = 5 * 2**20


class Front:
    """A proxy in front of two services: one of its own host, one under a path of another."""

    def __init__(self, certificate: Path, ports: dict[str, int], plain: int) -> None:
        self.ports, self.plain, self.certificate = ports, plain, certificate
        self._trust = ssl.create_default_context(cafile=str(certificate))

    def ask(
        self, host: str, path: str, body: bytes | None = None, *, address: str = "127.0.0.1", **headers: str
    ) -> HTTPResponse:
        """One request over TLS, as a browser that looked the host up would send it."""
        port = self.ports[host]
        connection = HTTPConnection(address, port, timeout=20)
        raw = socket.create_connection((address, port), timeout=20)
        connection.sock = self._trust.wrap_socket(raw, server_hostname=host)
        sent = {
            "Host": f"{host}:{port}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        connection.request("GET" if body is None else "POST", path, body, sent)
        return connection.getresponse()

    def url(self, host: str, path: str) -> str:
        return f"https://{host}:{self.ports[host]}{path}"


def make_certificate(folder: Path) -> Path:
    """A certificate for both hosts, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "FAKE")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST), x509.DNSName(SITE)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *plain))
    return folder / "cert.pem"


@contextmanager
def service(folder: Path, public_url: str) -> Iterator[int]:
    """The port of the sample office's service under a public address."""
    office = make_office(folder)
    settings = replace(read_settings({}, instance=folder), public_url=public_url)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(
        create_app(settings, ports=office.ports), listener, threads=4, limits=Limits(),
        lookup=lookup_for("zh_CN"), max_body=64 * 2**20, per_address=False,
    )  # fmt: skip
    thread = threading.Thread(target=server.run, args=(lambda: None,))
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.stop(5)
        thread.join(10)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, int], dict[str, int]]]:
    """Certificate, ports of the proxy by host, and ports of the services by host."""
    folder = tmp_path_factory.mktemp("behind")
    certificate = make_certificate(folder)
    ports = {HOST: free_port(), SITE: free_port()}
    with ExitStack() as stack:
        own = stack.enter_context(service(folder / "own", f"https://{HOST}:{ports[HOST]}"))
        under = stack.enter_context(service(folder / "under", f"https://{SITE}:{ports[SITE]}/xf"))
        yield certificate, ports, {HOST: own, SITE: under}


@pytest.fixture(scope="module", params=sorted(PROGRAMS))
def front(
    request: pytest.FixtureRequest,
    behind: tuple[Path, dict[str, int], dict[str, int]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Front]:
    """The examples of one program, running."""
    program = shutil.which(request.param, path="/usr/sbin:/usr/bin:/usr/local/bin:/sbin:/bin")
    if not program:
        pytest.skip(f"{request.param} is not on this machine (apt-get install nginx-light caddy)")
    certificate, ports, services = behind
    folder, plain = tmp_path_factory.mktemp(request.param), free_port()
    texts = [
        (EXAMPLES / name).read_text(encoding="utf-8").replace("127.0.0.1:8000", f"127.0.0.1:{services[host]}")
        .replace("/etc/ssl/formsvc/", f"{certificate.parent}/")
        for name, host in zip(PROGRAMS[request.param], (HOST, SITE), strict=True)
    ]  # fmt: skip
    configure = _nginx if request.param == "nginx" else _caddy
    file, words = configure(folder, texts, ports, plain, certificate.parent)
    log = (folder / "log").open("wb")
    process = subprocess.Popen([program, *words, str(file)], stdout=log, stderr=log, cwd=folder)
    try:
        _wait(ports[HOST], process, folder / "log")
        yield Front(certificate, ports, plain)
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _nginx(
    folder: Path, texts: list[str], ports: dict[str, int], plain: int, keys: Path
) -> tuple[Path, tuple[str, ...]]:
    own = re.sub(r"(listen (?:\[::\]:)?)443", rf"\g<1>{ports[HOST]}", texts[0])
    own = re.sub(r"(listen (?:\[::\]:)?)80;", rf"\g<1>{plain};", own)
    site = (
        f"server {{ listen {ports[SITE]} ssl; listen [::]:{ports[SITE]} ssl; server_name {SITE};"
        f" ssl_certificate {keys}/cert.pem; ssl_certificate_key {keys}/key.pem;\n{texts[1]}}}"
    )
    paths = " ".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = (
        f"{'user root; ' if os.geteuid() == 0 else ''}daemon off; pid {folder}/pid; error_log stderr;\nevents {{}}\n"
        f"http {{ access_log off; {paths}\n{own}\n{site}\n}}\n"
    )
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    return folder / "nginx.conf", ("-p", str(folder), "-e", "stderr", "-c")


def _caddy(
    folder: Path, texts: list[str], ports: dict[str, int], plain: int, keys: Path
) -> tuple[Path, tuple[str, ...]]:
    sites = "".join(texts)
    for host, port in ports.items():
        sites = sites.replace(f"https://{host} {{", f"https://{host}:{port} {{")
    options = f"{{\n\tadmin off\n\thttp_port {plain}\n\tstorage file_system {folder}/storage\n}}\n"
    (folder / "Caddyfile").write_text(options + sites, encoding="utf-8")
    return folder / "Caddyfile", ("run", "--adapter", "caddyfile", "--config")


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + UP_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))


def signed_in(front: Front, host: str, prefix: str, address: str = "127.0.0.1") -> HTTPResponse:
    """The answer to signing in through the proxy, on its port."""
    page = front.ask(host, f"{prefix}/sign-in", address=address)
    text = page.read().decode()
    assert page.status == 200, text
    token = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert token and f'action="{prefix}/sign-in"' in text
    cookies = "; ".join(each.split(";")[0] for each in page.headers.get_all("Set-Cookie") or [])
    body = urlencode({"csrf_token": token[1], "name": "staff", "password": "demo"}).encode()
    return front.ask(
        host,
        f"{prefix}/sign-in",
        body,
        address=address,
        Cookie=cookies,
        Referer=front.url(host, f"{prefix}/sign-in"),
        Content_Type="application/x-www-form-urlencoded",
    )


@pytest.mark.parametrize(("host", "prefix"), [(HOST, ""), (SITE, "/xf")], ids=["own host", "path"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"], ids=["IPv4", "IPv6"])
def test_people_sign_in_over_tls_on_another_port(front: Front, host: str, prefix: str, address: str) -> None:
    if address == "::1" and not socket.has_ipv6:
        pytest.skip("no IPv6 on this machine")
    answer = signed_in(front, host, prefix, address)
    assert answer.status == 302 and answer.headers["Location"] == f"{prefix}/"
    cookies = answer.headers.get_all("Set-Cookie") or []
    assert any(each.startswith("__Host-") and "Secure" in each for each in cookies)
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_the_path_without_its_slash_leads_to_the_service(front: Front) -> None:
    answer = front.ask(SITE, "/xf")
    assert answer.status == 301 and answer.headers["Location"].endswith("/xf/")


def test_a_foreign_host_and_a_forged_address_get_nowhere(front: Front) -> None:
    foreign = front.ask(HOST, "/sign-in", Host="evil.example")
    assert foreign.status in (400, 404) or foreign.read() == b""
    # a browser's own header takes no path of the service away
    page = front.ask(HOST, "/sign-in", X_Forwarded_Prefix="/elsewhere", X_Forwarded_For="10.9.9.9")
    assert page.status == 200 and "/elsewhere" not in page.read().decode()


def test_figures_are_for_the_machine_itself_and_the_probes_answer(front: Front) -> None:
    assert front.ask(HOST, "/metrics").status == 404 and front.ask(SITE, "/xf/metrics").status == 404
    assert front.ask(HOST, "/livez").status == 200


def test_a_form_with_large_attachments_reaches_the_service(front: Front) -> None:
    answer = front.ask(HOST, "/acts/none/files", bytes(LARGE), Content_Type="application/octet-stream")
    text = answer.read().decode()
    # the service's own page: nobody is signed in
    assert answer.status == 401 and "登录" in text


def test_old_protocols_and_weak_ciphers_are_refused(front: Front) -> None:
    old = ssl.create_default_context(cafile=str(front.certificate))
    old.options |= ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3
    weak = ssl.create_default_context(cafile=str(front.certificate))
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("AES128-SHA:ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0")
    sound = ssl.create_default_context(cafile=str(front.certificate))
    sound.maximum_version = ssl.TLSVersion.TLSv1_2
    for context, is_taken in ((sound, True), (old, False), (weak, False)):
        raw = socket.create_connection(("127.0.0.1", front.ports[HOST]), timeout=10)
        try:
            context.wrap_socket(raw, server_hostname=HOST).close()
            taken = True
        except (ssl.SSLError, ConnectionError):
            taken = False
        raw.close()
        assert taken == is_taken


def test_plain_http_leads_to_tls(front: Front) -> None:
    connection = HTTPConnection("127.0.0.1", front.plain, timeout=10)
    connection.request("GET", "/acts?state=draft", headers={"Host": HOST})
    answer = connection.getresponse()
    assert answer.status in (301, 308)
    assert answer.headers["Location"].startswith(f"https://{HOST}")
    assert answer.headers["Location"].endswith("/acts?state=draft")
