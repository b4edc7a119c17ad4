"""Simulated clerks: people of one trade at the pages of the service, with their browsers."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from html import unescape
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlencode

from formsvc.demo import office

SERIES, FORM = "dong-jian", "T14"
TRADES = ("staff",) * 6 + ("reviewer", "approver", "officer", "staff")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_VERSION = re.compile(r'name="version" value="(\d+)"')
_QUEUED = re.compile(r'href="/approval/([0-9a-f]{16})"')
_ISSUED = re.compile(r'href="/acts/([0-9a-f]{16})"')
_PICTURES = re.compile(r'<img[^>]* src="([^"]+\.png[^"]*)"')
_NUMBERED = re.compile(r"已编号 ([^<\s]+号)")


class Tally:
    """Seconds by sort of request, numbers shown, and everything that went wrong."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.numbers: dict[str, set[str]] = defaultdict(set)
        self.wrong: list[str] = []
        self.submitted = 0

    def add_time(self, sort: str, seconds: float) -> None:
        with self._lock:
            self.seconds[sort].append(seconds)

    def add_number(self, number: str, act: str) -> None:
        with self._lock:
            self.numbers[number].add(act)

    def fault(self, sentence: str) -> None:
        with self._lock:
            self.wrong.append(sentence[:300])

    def add_submission(self) -> None:
        with self._lock:
            self.submitted += 1


class Browser:
    """Browser of one clerk: a connection, cookies, the open page."""

    def __init__(self, port: int, tally: Tally) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self._tally = tally
        self._cookies: dict[str, str] = {}
        self.page = ""
        self.path = ""

    def open(self, path: str, sort: str = "page") -> int:
        """Fetch a page, following redirects."""
        return self._ask("GET", path, None, {}, sort)

    def look(self, path: str, sort: str) -> int:
        """Open a page and fetch the images on it, as a browser does."""
        status = self.open(path, sort)
        page, where = self.page, self.path
        for picture in dict.fromkeys(_PICTURES.findall(page)):
            self._ask("GET", unescape(picture), None, {}, "picture", keep=False)
        self.page, self.path = page, where
        return status

    def send(self, path: str, fields: Mapping[str, Any], sort: str = "page", *, script: bool = False) -> int:
        """Send a form of the open page."""
        token = _TOKEN.search(self.page)
        sent = {**fields, "csrf_token": token.group(1) if token else ""}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        headers |= {"Accept": "application/json"} if script else {}
        return self._ask("POST", path, urlencode(sent, doseq=True).encode(), headers, sort, keep=not script)

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        sort: str,
        *,
        keep: bool = True,
    ) -> int:
        began = time.perf_counter()
        answer, text = self._once(method, path, body, headers)
        self._tally.add_time(sort, time.perf_counter() - began)
        if answer.status >= 400:
            self._tally.fault(f"{method} {path}: {answer.status} {_words(text)}")
        if answer.status in (302, 303):
            return self.open(answer.headers["Location"])
        self.answer = text
        if keep:
            self.page, self.path = text, path
        return answer.status

    def _once(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[HTTPResponse, str]:
        sent = {**headers, "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        for attempt in (1, 2):
            try:
                self._connection.request(method, path, body, sent)
                answer = self._connection.getresponse()
                break
            except (HTTPException, ConnectionError):  # the server closes connections that are idle
                self._connection.close()
                if attempt == 2:
                    raise
        content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        binary = (
            "text" not in answer.headers.get_content_type()
            and "json" not in answer.headers.get_content_type()
        )
        return answer, "" if binary else content.decode("utf-8")


def _words(page: str) -> str:
    summary = re.search(r'class="error-summary".*?</div>', page, re.S)
    return unescape(re.sub(r"<[^>]+>|\s+", " ", summary.group() if summary else page))[:200]


class Clerk(threading.Thread):
    """One person with one trade."""

    def __init__(
        self, number: int, port: int, tally: Tally, until: float, answers: Mapping[str, Any]
    ) -> None:
        super().__init__(daemon=True)
        self._account = f"clerk{number}"
        self._trade = TRADES[number % len(TRADES)]
        self._browser = Browser(port, tally)
        self._tally, self._until = tally, until
        self._answers = dict(answers)
        self._chance = random.Random(number)

    def run(self) -> None:
        """Sign in and work until the time is over."""
        self._pause(0, 10)
        try:
            self._browser.open("/sign-in")
            self._browser.send("/sign-in", {"name": self._account, "password": office.PASSWORD}, "sign-in")
            work = {"staff": self._draft, "officer": self._print}.get(self._trade, self._decide)
            while time.monotonic() < self._until:
                work()
        except Exception as wrong:  # noqa: BLE001 - any error of a clerk is a fault of the run
            self._tally.fault(f"{self._account} {self._trade}: {type(wrong).__name__} {wrong}")

    def _pause(self, least: float, most: float) -> None:
        time.sleep(max(0.0, min(self._chance.uniform(least, most), self._until - time.monotonic())))

    def _draft(self) -> None:
        browser = self._browser
        browser.open("/")
        self._pause(1, 4)
        browser.open(f"/forms/{FORM}/new")
        path, version = browser.path, _VERSION.search(browser.page)
        if version is None:
            self._tally.fault(f"no form on {path}")
            return
        fields: dict[str, Any] = {"version": version.group(1)}
        all_fields = list(form_fields(self._answers).items())
        for place in range(0, len(all_fields), 4):
            self._pause(2, 5)
            fields.update(all_fields[place : place + 4])
            if browser.send(path, fields, "autosave", script=True) != 200:
                return
            fields["version"] = str(json.loads(browser.answer)["version"])
        if time.monotonic() < self._until:
            browser.send(f"{path}/submit", fields, "submit")
            if "已提交" in browser.page:
                self._tally.add_submission()
            else:
                self._tally.fault(f"not handed in: {_words(browser.page)}")
        self._pause(1, 4)
        browser.open("/acts?own=1")

    def _decide(self) -> None:
        browser = self._browser
        browser.open("/approval")
        self._pause(1, 3)
        waiting = list(dict.fromkeys(_QUEUED.findall(browser.page)))
        if not waiting:
            return
        act = self._chance.choice(waiting[:10])
        browser.look(f"/approval/{act}", "decision page")
        self._pause(3, 8)
        if f"/acts/{act}/" not in browser.page:
            return  # a colleague was quicker
        if f"/acts/{act}/approve" not in browser.page:
            self._send_decision(f"/acts/{act}/review", {"decision": "pass"}, "decision")
        else:
            self._send_decision(f"/acts/{act}/approve", {"decision": "sign_and_number"}, "issue")

    def _send_decision(self, path: str, fields: Mapping[str, str], sort: str) -> None:
        browser, before = self._browser, len(self._tally.wrong)
        version = _VERSION.search(browser.page)
        sent = {**fields, "comment": "", **({"version": version.group(1)} if version else {})}
        status = browser.send(path, sent, sort)
        while status == 503 and time.monotonic() < self._until:
            # too many wait for a number: the person presses again, as the page says
            del self._tally.wrong[before:]
            self._pause(2, 5)
            status = browser.send(path, sent, sort)
        if status == 409:
            del self._tally.wrong[before:]
        found = _NUMBERED.search(browser.page)
        if sort == "issue" and found:
            self._tally.add_number(unescape(found.group(1)), path.split("/")[2])

    def _print(self) -> None:
        browser = self._browser
        browser.open("/acts?state=issued")
        self._pause(2, 6)
        issued = list(dict.fromkeys(_ISSUED.findall(browser.page)))
        if not issued:
            return
        act = self._chance.choice(issued[:20])
        browser.look(f"/acts/{act}", "act page")
        self._pause(1, 3)
        browser.open(f"/acts/{act}/print")
        browser.send(f"/acts/{act}/print", {"copies": "2"}, "print")
        browser.open(f"/acts/{act}/document.pdf", "document")
        self._pause(4, 10)


def form_fields(answers: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Return answers as a browser sends them: ``officers-0-name``."""
    fields: dict[str, Any] = {}
    for key, value in answers.items():
        name = f"{path}{key}"
        if isinstance(value, list) and all(isinstance(row, Mapping) for row in value):
            for index, row in enumerate(value):
                fields |= form_fields(row, f"{name}-{index}-")
        elif isinstance(value, list):
            fields[name] = [str(word) for word in value]
        elif isinstance(value, Mapping):
            fields |= form_fields(value, f"{name}-")
        elif value is not None:
            fields[name] = (
                {True: "true", False: "false"}.get(value, str(value))
                if isinstance(value, bool)
                else str(value)
            )
    return fields
