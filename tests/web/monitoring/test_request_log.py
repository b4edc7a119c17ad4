"""What stands in the log of a request: its id, route and time, and nothing a person typed."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from formsvc.config import InvalidSetting, read_settings
from formsvc.log_lines import JsonLines, TextLines, request_id
from formsvc.usecases.administration import api_tokens
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor


@contextmanager
def lines(formatter: logging.Formatter) -> Iterator[list[str]]:
    """The log lines of the block, as they are written."""
    written: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler, root = Handler(), logging.getLogger()
    handler.setFormatter(formatter)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def objects(written: list[str], logger: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in written]
    return [one for one in found if one["logger"] == logger]


def test_each_request_has_an_id_on_the_answer_and_in_the_log(office: Office) -> None:
    client = office.app.test_client()
    with lines(JsonLines()) as written:
        answers = [client.get(path) for path in ("/sign-in", "/no-such-page", "/api/v1/acts")]
    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(ids)) == 3
    told = objects(written, "formsvc.requests")
    assert [one["request_id"] for one in told] == ids
    assert [(one["route"], one["status"]) for one in told] == [
        ("/sign-in", 200),
        ("-", 302),
        ("/api/v1/acts", 401),
    ]
    (refused,) = objects(written, "formsvc.web")
    assert refused["request_id"] == ids[2] and refused["level"] == "warning" and "401" in refused["message"]
    assert {"time", "level", "logger", "message"} <= refused.keys()
    assert request_id.get() == ""


def test_error_pages_show_the_id(office: Office, li_ming: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    page = li_ming.open("/acts/0123456789abcdef")
    assert page.status == 404 and page.response.headers["X-Request-Id"] in page.text

    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(office.app.view_functions, "pages.catalogue", fail)
    with lines(TextLines()) as written:
        broken = li_ming.open("/forms")
    known = broken.response.headers["X-Request-Id"]
    assert broken.status == 500 and known in broken.text
    assert any(
        f" ERROR formsvc.web [{known}] unexpected error {known} on GET /forms" in line for line in written
    )


@pytest.mark.parametrize(("public", "kept"), [("https://forms.example", True), ("", False)])
def test_an_id_of_the_proxy_is_kept_behind_a_proxy_only(tmp_path: Path, public: str, kept: bool) -> None:
    client = make_office(tmp_path, PUBLIC_URL=public).app.test_client()
    answer = client.get("/sign-in", headers={"X-Request-Id": "of-the-proxy-1", "Host": "localhost"})
    assert (answer.headers["X-Request-Id"] == "of-the-proxy-1") == kept
    for odd in ("a b", "x" * 65, "短"):
        assert client.get("/livez", headers={"X-Request-Id": odd}).headers["X-Request-Id"] != odd


def test_what_people_type_does_not_stand_in_the_log(office: Office, visit: Callable[[str], Visitor]) -> None:
    staff, outside = visit("staff"), Visitor(office.app)
    secret = api_tokens.add_token(office.ports, "程序", "staff")
    with lines(JsonLines()) as written:
        staff.open("/search?q=张虚构231202199001011234")
        staff.press("搜索", q="张虚构231202199001011234")
        outside.open("/sign-in")
        # a password in the field of the name
        outside.press("登录", name="Geheim-Passwort-1", password="王虚构")
        headers = {"Authorization": f"Bearer {secret}"}
        body = {"form": "X01", "data": {"name": "李虚构", "unknown": "231202199001011234"}, "submit": True}
        outside.client.get("/api/v1/acts?q=李虚构", headers=headers)
        outside.client.post("/api/v1/acts/search", json={"q": "李虚构"}, headers=headers)
        assert outside.client.post("/api/v1/acts", json=body, headers=headers).status_code == 422
    everything = "\n".join(written)
    assert [word for word in ("虚构", "231202199001011234", "Geheim", secret) if word in everything] == []
    first, second = objects(written, "formsvc.web")
    assert first["message"].startswith("sign-in refused 422 from 127.0.0.1")
    assert second["message"].startswith("refused 422: POST '/api/v1/acts' by staff from")
    assert second["error"] == "InputRefused"


def test_slow_requests_are_told(tmp_path: Path) -> None:
    quick, slow = (make_office(tmp_path / str(n), SLOW_SECONDS=n).app.test_client() for n in (5, 0))
    with lines(JsonLines()) as written:
        quick.get("/sign-in")
        slow.get("/sign-in?next=/acts")
    first, second = objects(written, "formsvc.requests")
    assert first["level"] == "debug"
    assert second["level"] == "warning" and second["message"].startswith("slow request: GET /sign-in 200 in")


def test_how_much_and_how_is_a_setting(tmp_path: Path) -> None:
    def read(**settings: str) -> Any:
        return read_settings({f"FORMSVC_{k}": v for k, v in settings.items()}, instance=tmp_path)

    assert (read().log_format, read().log_level, read().slow_seconds) == ("text", "info", 5)
    assert read(LOG_FORMAT="JSON", LOG_LEVEL="debug").log_format == "json"
    for wrong, said in (("LOG_FORMAT", "text、json"), ("LOG_LEVEL", "debug、info、warning、error")):
        with pytest.raises(InvalidSetting, match=f"FORMSVC_{wrong} 只接受 {said}"):
            read(**{wrong: "xml"})
