"""The service behind a reverse proxy: another port, a path of its own, an IPv6 address, headers that are missing."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from formsvc.app import create_app
from formsvc.config import InvalidSetting, read_settings
from formsvc.usecases.administration import api_tokens
from formsvc.web.public_address import host_name
from tests.support.memory_office import CompiledTemplates, Office, make_office

HTTPS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.1.2.3"}
TEMPLATES = CompiledTemplates()
ADDRESS = re.compile(r'(?:href|src|action|formaction|data-[a-z-]+)="(/[^"]*)"')


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return make_office(tmp_path_factory.mktemp("office"))


@pytest.fixture
def behind(office: Office, tmp_path: Path) -> Callable[[str], FlaskClient]:
    """A client of the office as it is served under a public address."""

    def served(public_url: str) -> FlaskClient:
        settings = replace(read_settings({}, instance=tmp_path), public_url=public_url)
        app = create_app(settings, ports=office.ports)
        app.jinja_env.bytecode_cache = TEMPLATES
        return FlaskClient(app)

    return served


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
    assert found, page.get_data(as_text=True)
    return found[1]


def signed_in(client: FlaskClient, path: str, headers: dict[str, str], **fields: str) -> TestResponse:
    """Sign in on the page that the proxy asks for under this path."""
    page = client.get(path, headers=headers)
    sent = {"csrf_token": token_of(page), "name": "staff", "password": "demo", **fields}
    return client.post(path, data=sent, headers=headers)


@pytest.mark.parametrize("strips", [True, False], ids=["path stripped", "path passed on"])
def test_under_a_path_every_address_has_the_path(
    behind: Callable[[str], FlaskClient], office: Office, strips: bool
) -> None:
    client, at = behind("https://www.example.gov.cn/xf"), "" if strips else "/xf"
    seen = {**HTTPS, "Host": "www.example.gov.cn", "Referer": "https://www.example.gov.cn/xf/sign-in"}
    asked = client.get(f"{at}/acts?state=draft", headers=seen)
    assert asked.headers["Location"] == "/xf/sign-in?next=/acts?state%3Ddraft"
    answer = signed_in(client, f"{at}/sign-in", seen, next="/acts?state=draft")
    assert answer.status_code == 302 and answer.headers["Location"] == "/xf/acts?state=draft"
    cookies = [
        c.split(";")[0].split("=")[0] + re.findall("Path=[^;]+", c)[0]
        for c in answer.headers.getlist("Set-Cookie")
    ]
    assert sorted(cookies) == ["__Host-formsvc-xfPath=/", "formsvc_knownPath=/xf/sign-in"]
    for path in ("/", "/acts", "/forms", "/forms/X01/new", "/search?q=检查"):
        page = client.get(at + path, headers=seen, follow_redirects=not strips)
        found = ADDRESS.findall(page.get_data(as_text=True))
        assert [one for one in found if not one.startswith("/xf/")] == [], path
        assert page.status_code in (302, 303) or any(one.endswith(".css") for one in found)
    style = next(
        one for one in ADDRESS.findall(client.get(f"{at}/", headers=seen).text) if one.endswith(".css")
    )
    assert client.get(style if not strips else style.removeprefix("/xf"), headers=seen).status_code == 200
    secret = api_tokens.add_token(office.ports, f"程序 {strips}", "staff")
    made = client.post(
        f"{at}/api/v1/acts",
        json={"form": "X01", "data": {}},
        headers={**seen, "Authorization": f"Bearer {secret}"},
    )
    described = client.get(f"{at}/api/v1/openapi.json", headers=seen).get_json()
    assert described["servers"] == [{"url": "/xf/api/v1"}]
    assert made.status_code == 201 and made.headers["Location"].startswith("/xf/api/v1/acts/")


def test_a_path_may_come_in_a_header_of_the_proxy(behind: Callable[[str], FlaskClient]) -> None:
    client = behind("https://www.example.gov.cn")
    for prefix, begins in (
        ("/xf", "/xf/sign-in"),
        ("/a/b/", "/a/b/sign-in"),
        ("", "/sign-in"),
        ("//evil.example", "/sign-in"),
        ("/x y", "/sign-in"),
    ):
        headers = {**HTTPS, "X-Forwarded-Prefix": prefix}
        assert client.get("/acts", headers=headers).headers["Location"].startswith(begins)
    # what is set goes before what anybody may send
    fixed = behind("https://www.example.gov.cn/xf")
    headers = {**HTTPS, "X-Forwarded-Prefix": "/evil"}
    assert fixed.get("/acts", headers=headers).headers["Location"].startswith("/xf/sign-in")


@pytest.mark.parametrize("host", ["www.example.gov.cn", "www.example.gov.cn:8443", "127.0.0.1:8561"])
def test_a_proxy_that_loses_the_port_or_the_host_serves_all_the_same(
    behind: Callable[[str], FlaskClient], host: str
) -> None:
    client = behind("https://www.example.gov.cn:8443")
    headers = {**HTTPS, "Host": host, "Referer": "https://www.example.gov.cn:8443/sign-in"}
    assert signed_in(client, "/sign-in", headers).headers["Location"] == "/"


def test_address_and_scheme_come_from_the_proxy(behind: Callable[[str], FlaskClient], office: Office) -> None:
    client = behind("https://www.example.gov.cn")
    headers = {**HTTPS, "Referer": "https://www.example.gov.cn/sign-in"}
    assert "Secure" in str(signed_in(client, "/sign-in", headers).headers)
    with office.ports.store.read() as tx:
        origins = [
            event["detail"].get("origin")
            for event in tx.events.find(order="id")
            if event["kind"] == "SignedIn"
        ]
    assert origins[-1] == "10.1.2.3"


def test_a_missing_referer_is_told_as_such(
    behind: Callable[[str], FlaskClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = behind("https://www.example.gov.cn")
    with caplog.at_level(logging.WARNING, "formsvc.web"):
        for sent in ({}, {"Referer": "https://other.example/page?name=王某"}, {"Referer": "https://["}):
            answer = signed_in(client, "/sign-in", {**HTTPS, **sent})
            text = answer.get_data(as_text=True)
            assert answer.status_code == 400 and "Referer" in text and "FORMSVC_PUBLIC_URL" in text
            assert "登录已超时" not in text
        told = client.post(
            "/sign-in",
            data={"csrf_token": token_of(client.get("/sign-in", headers=HTTPS))},
            headers={**HTTPS, "Accept": "application/json"},
        )
        assert told.status_code == 400 and "csrf_token" not in told.get_json()
    said = [record.getMessage() for record in caplog.records if "Referer" in record.getMessage()]
    assert len(said) == 4 and "'other.example'" in said[1] and "王某" not in str(said)
    # a token that is out of date is still a time-out
    headers = {**HTTPS, "Referer": "https://www.example.gov.cn/sign-in"}
    assert "登录已超时" in signed_in(client, "/sign-in", headers, csrf_token="old").get_data(as_text=True)


def test_a_wrong_or_missing_host_is_told_and_logged(
    behind: Callable[[str], FlaskClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = behind("https://www.example.gov.cn")
    with caplog.at_level(logging.WARNING, "formsvc.web"):
        wrong = client.get("/sign-in", headers={**HTTPS, "Host": "intern:8000"})
        missing = client.get("/sign-in", headers={**HTTPS, "Host": ""})
        asked = client.get("/api/v1/openapi.json", headers={"Host": "evil.example"})
    assert wrong.status_code == 400 and "不是本服务的地址" in wrong.get_data(as_text=True)
    assert missing.status_code == 400 and "没有写明网址（Host）" in missing.get_data(as_text=True)
    assert asked.status_code == 400 and "不是本服务的地址" in asked.get_json()["detail"]
    assert [word for word in ("'intern:8000'", "''", "'evil.example'") if word not in caplog.text] == []
    for host in ("www.example.gov.cn", "WWW.example.gov.cn:443", "localhost:8000", "[::1]:8000"):
        assert client.get("/sign-in", headers={"Host": host}).status_code == 200


def test_an_address_of_ipv6_is_answered(behind: Callable[[str], FlaskClient]) -> None:
    client = behind("https://[2001:db8::1]:8443/xf")
    headers = {**HTTPS, "Host": "[2001:db8::1]:8443", "Referer": "https://[2001:db8::1]:8443/xf/sign-in"}
    assert signed_in(client, "/sign-in", headers).headers["Location"] == "/xf/"
    assert client.get("/sign-in", headers={"Host": "[2001:db8::2]:8443"}).status_code == 400


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("a.example:80", "a.example"),
        ("[::1]:8000", "::1"),
        ("A.example", "a.example"),
        ("a b", ""),
        ("", ""),
        ("a/b", ""),
    ],
)
def test_names_of_hosts(host: str, name: str) -> None:
    assert host_name(host) == name


def test_a_public_address_is_one(tmp_path: Path) -> None:
    def read(url: str) -> Any:
        return read_settings({"FORMSVC_PUBLIC_URL": url}, instance=tmp_path).public_url

    for wrong in (
        "www.example.gov.cn",
        "ftp://a",
        "https://",
        "https://[::1",
        "https://a:x",
        "https://a/?b",
        "https://u@a",
        "https://a/x y",
    ):
        with pytest.raises(InvalidSetting, match="FORMSVC_PUBLIC_URL 应当是浏览器里的网址"):
            read(wrong)
    for right in ("https://a.example", "http://10.1.2.3:8000", "https://[2001:db8::1]/xf"):
        assert read(right) == right
    assert read("https://a.example/xf/") == "https://a.example/xf"


def test_a_host_of_our_own_asks_for_tls_with_all_below_it(behind: Callable[[str], FlaskClient]) -> None:
    for path, told in (("", "max-age=31536000; includeSubDomains"), ("/xf", "max-age=31536000")):
        seen = {**HTTPS, "Host": "www.example.gov.cn"}
        answer = behind(f"https://www.example.gov.cn{path}").get(f"{path}/sign-in", headers=seen)
        assert answer.headers["Strict-Transport-Security"] == told
