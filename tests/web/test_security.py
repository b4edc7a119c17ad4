"""What protects every answer, and how errors become pages."""

from __future__ import annotations

import logging
import mimetypes
import re
from pathlib import Path

import pytest
from werkzeug.routing import Rule

from formsvc import errors
from formsvc.web.errors import STATUS, http_status
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Page, Visitor

PUBLIC = {"static", "auth.sign_in", "auth.sign_in_post", "auth.set_up", "probes.healthz", "metrics.metrics"}


def example_of(rule: Rule) -> str:
    """An address that the rule fits."""
    first_choice = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule.rule)
    return re.sub(r"<[^>]*>", "1", first_choice)


def test_every_answer_carries_the_headers(li_ming: Visitor) -> None:
    for address in ("/", "/forms", "/no-such-page", "/healthz"):
        headers = li_ming.client.get(address).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Access-Control-Allow-Origin" not in headers


def test_an_answer_of_the_api_is_no_page(li_ming: Visitor) -> None:
    for address in ("/api/v1/acts", "/api/v1/openapi.json", "/api/v1/no-such"):
        headers = li_ming.client.get(address).headers
        assert headers["Content-Disposition"] == 'attachment; filename="api.json"', address
    assert "Content-Disposition" not in li_ming.client.get("/forms").headers


def test_no_page_opens_without_signing_in(office: Office) -> None:
    visitor = office.app.test_client()
    for rule in office.app.url_map.iter_rules():
        if rule.endpoint in PUBLIC or rule.endpoint.startswith("api."):
            continue
        address = example_of(rule)
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        answer = visitor.open(address, method=method)
        assert answer.status_code in (302, 400, 401), f"{method} {rule.rule} answers {answer.status_code}"


def test_no_post_is_taken_without_a_token(office: Office, li_ming: Visitor) -> None:
    for rule in office.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.endpoint.startswith("api."):
            continue
        answer = li_ming.client.post(example_of(rule))
        # the words of a search without a token are not kept: the list asks for them again
        forgotten = answer.status_code == 303 and answer.headers["Location"].endswith("?words=-")
        assert forgotten or answer.status_code in (400, 401), rule.rule


def test_the_demo_answers_on_this_machine_only(tmp_path: Path) -> None:
    office = make_office(tmp_path, DEMO=True)
    client = office.app.test_client()
    assert client.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
    for host in ("127.0.0.1:8000", "localhost:8000"):
        assert client.get("/sign-in", headers={"Host": host}).status_code == 200


def test_a_public_address_is_the_only_one_answered(tmp_path: Path) -> None:
    client = make_office(tmp_path, PUBLIC_URL="https://forms.example").app.test_client()
    assert client.get("/sign-in", headers={"Host": "forms.example"}).status_code == 200
    assert client.get("/sign-in", headers={"Host": "other.example"}).status_code == 400


def test_the_demo_says_so_on_every_page(tmp_path: Path) -> None:
    visitor = Visitor(make_office(tmp_path, DEMO=True).app)
    assert "演示数据，不具有法律效力" in visitor.sign_in("staff").html
    assert "演示数据" in visitor.open("/no-such-page").html


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.FormsvcError)
    ],
)
def test_every_error_of_ours_has_a_status(kind: type[errors.FormsvcError]) -> None:
    assert kind in STATUS


def test_a_more_special_error_takes_the_status_of_its_kind() -> None:
    class Special(errors.NotFound):
        pass

    assert http_status(Special("没有。")) == 404


def test_a_missing_page_says_what_to_do(li_ming: Visitor) -> None:
    page = li_ming.open("/no-such-page")
    assert (page.status, page.h1) == (404, "找不到这个页面")
    assert "从首页进入" in page.text


def test_a_missing_draft_is_not_found_whatever_the_reason(li_ming: Visitor) -> None:
    page = li_ming.open("/drafts/0123456789abcdef")
    assert page.status == 404
    assert "找不到这件文书" in page.text


def test_an_unexpected_error_shows_a_code_and_no_trace(
    office: Office, li_ming: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("formsvc.web.pages.act_search.list_drafts", broken)
    with caplog.at_level(logging.ERROR):
        page = Page(li_ming.client.get("/"))
    assert page.status == 500
    assert "secret detail" not in page.html
    code = page.text.split("差错编号 ")[1][:6]
    assert code in caplog.text


def test_a_form_that_is_too_large_is_refused_politely(office: Office, li_ming: Visitor) -> None:
    office.app.config["MAX_CONTENT_LENGTH"] = 1000
    li_ming.open("/account/password")
    page = li_ming.press("更改密码", old="x" * 2000)
    assert page.status == 413
    assert "20 MB" in page.text


def test_scripts_are_sent_as_scripts_whatever_the_system_takes_them_for(tmp_path: Path) -> None:
    for ending in (".js", ".css", ".svg"):
        mimetypes.add_type("text/plain", ending)  # as Windows' registry may have it
    app = make_office(tmp_path, furnished=False).app
    visitor = app.test_client()
    sent = {
        file.suffix: visitor.get(f"/static/{file.name}").content_type.partition(";")[0]
        for file in Path(app.static_folder or "").iterdir()
    }
    assert sent == {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
