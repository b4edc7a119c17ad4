"""Hostile requests and values are refused with a sentence or stay what they are: text."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

import lxml.html
import pytest
from werkzeug.test import TestResponse

from tests.hostile.office import FORM, HostileOffice, answer_breaches, open_office
from tests.hostile.parameters import parameters
from tests.hostile.requests import DRAFT, FIELD, REQUESTS, HostileRequest
from tests.hostile.values import VALUES, HostileValue
from tests.support.memory_office import EVERY_KIND

SECONDS = 30
FIELDS = {field["key"]: field["kind"] for section in EVERY_KIND["sections"] for field in section["fields"]}
# what is in a hidden field is dropped, not refused
HIDDEN = {
    field["key"] for section in EVERY_KIND["sections"] for field in section["fields"] if "shown" in field
}


@dataclass(frozen=True)
class Desk:
    """The office, and a draft of its clerk."""

    office: HostileOffice
    draft: str


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An office with a draft."""
    office = open_office(tmp_path_factory.mktemp("office"))
    return Desk(office, new_draft(office))


def new_draft(office: HostileOffice) -> str:
    answer = office.ask("POST", "/acts", json={"form": FORM, "data": {}})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.get_json()["id"])


def sent(desk: Desk, case: HostileRequest) -> TestResponse:
    """Send a request of the corpus."""
    path, body = case.path.replace(DRAFT, desk.draft), case.body.replace(FIELD.encode(), b"name")
    headers = [*case.headers]
    if case.api:
        headers.append(("Authorization", f"Bearer {desk.office.secret}"))
    client = desk.office.client("" if path.startswith("/api/") else "staff")
    if any(name == "Cookie" for name, _value in case.headers):
        client = desk.office.client("")
    return client.open(
        path, method=case.method, data=body, headers=headers, content_type=case.media_type or None
    )


@pytest.mark.parametrize("case", parameters(REQUESTS))
def test_a_hostile_request_is_no_fault_of_the_program(
    desk: Desk, case: HostileRequest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    began = time.process_time()
    answer = sent(desk, case)
    assert time.process_time() - began < SECONDS
    assert answer_breaches(answer, caplog.records) == []
    assert desk.office.client("").get("/healthz").status_code == 200


def in_every_field(value: Any) -> dict[str, Any]:
    return dict.fromkeys(FIELDS, value)


@pytest.mark.parametrize("case", parameters(VALUES))
def test_a_hostile_value_is_refused_or_stays_text(
    desk: Desk, case: HostileValue, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    began = time.process_time()
    tried = desk.office.ask("POST", f"/forms/{FORM}/check", json={"data": in_every_field(case.value)})
    assert answer_breaches(tried) == []
    if case.refused_by and tried.status_code == 200:
        refused = {error["field"].partition(".")[0] for error in tried.get_json()["errors"]}
        passed = {key for key, kind in FIELDS.items() if kind in case.refused_by} - refused - HIDDEN
        assert passed == set(), f"accepted {case.value!r:.80}"
    saved = saved_by_program(desk, case.value)
    assert answer_breaches(saved) == []
    # which opens the page of what the program saved, and saves over it
    typed = typed_by_clerk(desk, case.value)
    assert answer_breaches(typed, caplog.records) == []
    assert time.process_time() - began < SECONDS


def saved_by_program(desk: Desk, value: Any) -> TestResponse:
    version = desk.office.ask("GET", f"/acts/{desk.draft}").headers["ETag"]
    body = {"data": in_every_field(value)}
    return desk.office.ask("PUT", f"/acts/{desk.draft}", json=body, headers=[("If-Match", version)])


def typed_by_clerk(desk: Desk, value: Any) -> TestResponse:
    """Save the draft with the value in each control of its page."""
    clerk = desk.office.client("staff")
    opened = clerk.get(f"/drafts/{desk.draft}")
    assert answer_breaches(opened) == []
    page: Any = lxml.html.fromstring(opened.get_data())
    form = next(form for form in page.forms if form.action and "/drafts/" in form.action or form.get("id"))
    names = [name for name in form.fields if name not in ("version", "csrf_token", "change")]
    text = value if isinstance(value, str) else str(value)[:20_000]
    body = {name: text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for name in names}
    version = form.fields.get("version", "0")
    return clerk.post(f"/drafts/{desk.draft}", data={**body, "version": version})


def test_pages_of_other_forms_open_afterwards(desk: Desk) -> None:
    assert desk.office.other_breaches() == []
