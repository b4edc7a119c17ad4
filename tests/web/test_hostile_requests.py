"""Requests that are large, deep, packed or double: each is refused at once, with a sentence."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from formsvc.usecases.administration import api_tokens
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

# of the whole test process, in which other offices keep threads of their own
SECONDS = 30


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """No request here may take more processor time than this."""
    began = time.process_time()
    yield
    assert time.process_time() - began < SECONDS


def headers(office: Office, account: str = "staff", **more: str) -> dict[str, str]:
    secret = api_tokens.add_token(office.ports, f"{account} 的程序", account)
    return {"Authorization": f"Bearer {secret}", "Content-Type": "application/json", **more}


def post(office: Office, content: bytes, **more: str) -> Any:
    return office.app.test_client().post("/api/v1/acts", data=content, headers=headers(office, **more))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'{"form": "X01", "data": {"name": "a"}, "form": "T14"}', "form"),
        (b'{"form": "X01", "data": {"name": "\xe7\x94\xb2", "name": "\xe4\xb9\x99"}}', "name"),
        (b'{"form": "X01", "data": {"faults": [{"what": "1", "what": "2"}]}}', "what"),
        (b'{"form": "X01", "data": {"na\\u006de": "a", "name": "b"}}', "name"),
        (b"{" + b",".join(b'"%d": 1' % n for n in range(120_000)) + b',"0": 2}', "0"),
    ],
    ids=["top", "answer", "row", "escaped", "many"],
)
def test_a_key_written_twice_is_named(office: Office, content: bytes, name: str) -> None:
    answer = post(office, content)
    assert answer.status_code == 400
    assert f"“{name}”在同一个对象中写了两次" in answer.get_json()["detail"]
    assert answer.get_json()["errors"][0]["field"] == name


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"form": "X01", "data": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"form": "X01", "data": {"area": ' + b"9" * 1_000_000 + b"}}",
        b'{"form": "X01", "data": {"area": 1e400}}',
        b'{"form": "X01", "data": {"name": "' + b"a" * 2_200_000 + b'"}}',
    ],
    ids=["brackets", "objects", "lists", "digits", "infinity", "long"],
)
def test_a_body_too_deep_or_too_large_is_refused(office: Office, content: bytes) -> None:
    answer = post(office, content)
    assert answer.status_code in (400, 413, 422)
    assert "请" in answer.get_json()["detail"]


@pytest.mark.parametrize("path", ["/api/v1/acts", "/sign-in"])
def test_a_packed_body_is_refused(office: Office, path: str) -> None:
    content = gzip.compress(b"a" * 10_000_000)
    answer = office.app.test_client().post(
        path, data=content, headers=headers(office, **{"Content-Encoding": "gzip"})
    )
    assert answer.status_code == 415
    assert "不要压缩" in answer.get_data(as_text=True)


def multipart(fields: int) -> bytes:
    part = '--x\r\nContent-Disposition: form-data; name="f{}"\r\n\r\n1\r\n'
    return ("".join(part.format(n) for n in range(fields)) + "--x--\r\n").encode()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (multipart(100_000), "multipart/form-data; boundary=x"),
        (b"&".join(b"f%d=1" % n for n in range(100_000)), "application/x-www-form-urlencoded"),
        (b"name=" + b"a" * 5_000_000, "application/x-www-form-urlencoded"),
    ],
    ids=["multipart", "urlencoded", "long"],
)
def test_a_form_with_a_hundred_thousand_fields_is_refused(
    visit: Callable[[str], Visitor], content: bytes, kind: str
) -> None:
    staff = visit("staff")
    answer = staff.client.post("/sign-in", data=content, content_type=kind)
    assert answer.status_code == 413
    assert "一次上传的内容超过上限" in answer.get_data(as_text=True)


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("status", [408, 413, 429, 431])
def test_a_refusal_of_the_server_is_a_sentence(office: Office, status: int, script: bool) -> None:
    from formsvc.web.errors import REMEDIES, error_page

    accept = {"Accept": "application/json"} if script else {}
    with office.app.test_request_context("/forms", headers=accept):
        text = error_page(status, *REMEDIES[status]).get_data(as_text=True)
    said = json.loads(text)["message"] if script else text
    assert str(REMEDIES[status][0]) in said


def test_a_key_of_one_token_gives_nothing_to_another_of_the_same_person(office: Office) -> None:
    body = json.dumps({"form": "X01", "data": {"name": "甲乙"}}).encode()
    client = office.app.test_client()
    first, second = (headers(office, **{"Idempotency-Key": "k"}) for _ in range(2))
    mine = client.post("/api/v1/acts", data=body, headers=first)
    again = client.post("/api/v1/acts", data=body, headers=first)
    other = client.post("/api/v1/acts", data=body, headers=second)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert other.headers.get("Idempotency-Replayed") is None
    assert mine.get_json()["id"] == again.get_json()["id"] != other.get_json()["id"]
