"""``make load``: simulated clerks at the pages of the service as it is served, on this machine only.

Each clerk signs in with an account of their own and works as people do, with pauses: drafters open a form, fill it with
an autosave after each few fields and hand it in; reviewers and approvers work through their queue, approvers number in
the same press; officers print. At the end every number told on a page must stand in the register once, without a gap.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from html import unescape
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from formsvc.bootstrap import build_ports
from formsvc.config import Settings, read_settings
from formsvc.demo import office
from formsvc.domain.accounts.account import EVERY_AUTHORITY, Account
from formsvc.usecases.context import Ports
from formsvc.usecases.numbering import register
from formsvc.usecases.ports import Condition

TODAY = date(2026, 11, 23)
SERIES, FORM = "dong-jian", "T14"
TOWNSHIP = "绥化市北林区东河镇人民政府"
# of ten clerks so many of each kind, in this order
TRADES = ("staff",) * 6 + ("reviewer", "approver", "officer", "staff")
LIMITS = {"page": 0.3, "act page": 0.3, "decision page": 0.3, "picture": 0.3, "autosave": 0.3, "issue": 3.0}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_VERSION = re.compile(r'name="version" value="(\d+)"')
_QUEUED = re.compile(r'href="/approval/([0-9a-f]{16})"')
_ISSUED = re.compile(r'href="/acts/([0-9a-f]{16})"')
_PICTURES = re.compile(r'<img[^>]* src="([^"]+\.png[^"]*)"')
_NUMBERED = re.compile(r"已编号 ([^<\s]+号)")


class Tally:
    """What all clerks met: seconds by sort of request, numbers told, and everything that went wrong."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.numbers: dict[str, set[str]] = defaultdict(set)
        self.wrong: list[str] = []
        self.submitted = 0

    def add_time(self, sort: str, seconds: float) -> None:
        """Count a request."""
        with self._lock:
            self.seconds[sort].append(seconds)

    def add_number(self, number: str, act: str) -> None:
        """A number a page told for an act; whoever presses again is told the same."""
        with self._lock:
            self.numbers[number].add(act)

    def fault(self, sentence: str) -> None:
        """Something that should not have happened."""
        with self._lock:
            self.wrong.append(sentence[:300])

    def add_submission(self) -> None:
        """One more act submitted."""
        with self._lock:
            self.submitted += 1


class Browser:
    """One clerk's browser: a connection, a cookie, the page that is open."""

    def __init__(self, port: int, tally: Tally) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self._tally = tally
        self._cookies: dict[str, str] = {}
        self.page = ""
        self.path = ""

    def open(self, path: str, sort: str = "page") -> int:
        """Fetch a page, following where it leads."""
        return self._ask("GET", path, None, {}, sort)

    def look(self, path: str, sort: str) -> int:
        """Open a page and fetch the pictures of the document on it, as a browser does; timed page and pictures each."""
        status = self.open(path, sort)
        page, where = self.page, self.path
        for picture in dict.fromkeys(_PICTURES.findall(page)):
            self._ask("GET", unescape(picture), None, {}, "picture", keep=False)
        self.page, self.path = page, where
        return status

    def send(self, path: str, fields: Mapping[str, Any], sort: str = "page", *, script: bool = False) -> int:
        """Send a form of the page that is open."""
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
        self._name_ = f"clerk{number}"
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
            self._browser.send("/sign-in", {"name": self._name_, "password": office.PASSWORD}, "sign-in")
            work = {"staff": self._draft, "officer": self._print}.get(self._trade, self._decide)
            while time.monotonic() < self._until:
                work()
        except Exception as wrong:  # noqa: BLE001 - whatever happens to a clerk is a fault of the run
            self._tally.fault(f"{self._name_} {self._trade}: {type(wrong).__name__} {wrong}")

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
            if "待审核" in browser.page:
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
            return  # somebody else was quicker
        if f"/acts/{act}/approve" not in browser.page:
            self._send_decision(f"/acts/{act}/review", {"decision": "pass"}, "decision")
        else:
            self._send_decision(f"/acts/{act}/approve", {"decision": "sign_and_number"}, "issue")

    def _send_decision(self, path: str, fields: Mapping[str, str], sort: str) -> None:
        """Decide; that a colleague decided first (409) is no fault."""
        browser, before = self._browser, len(self._tally.wrong)
        version = _VERSION.search(browser.page)
        sent = {**fields, "comment": "", **({"version": version.group(1)} if version else {})}
        if browser.send(path, sent, sort) == 409:
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
    """Answers as a browser sends them: ``officers-0-name``."""
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


def notice(ports: Ports) -> dict[str, Any]:
    """The example of the form, done in the township's own name today."""
    definition = ports.definitions.current_revision(FORM).definition
    computed = {f.key for f in definition.fields if f.computed}
    answers = {k: v for k, v in definition.example.items() if k not in {"doc_no", "entrust_ref", *computed}}
    day = TODAY.isoformat()
    own = {"issuer_name": TOWNSHIP, "auth_mode": "M0", "approver": "李明远", "issue_date": day}
    reference = {"approve_ref": {"number": answers["approve_ref"]}}
    return {**answers, **own, **reference, "check_from": "2026-11-24T09:00", "check_to": "2026-11-24T11:30"}


# The service --------------------------------------------------------------------------------------------


def settings_in(folder: Path) -> Settings:
    """A sample office of its own in a folder."""
    return replace(
        office.demo_settings(read_settings(instance=folder)), today=TODAY, fonts=read_settings().fonts
    )


def create_office(folder: Path, clerks: int) -> Ports:
    """The sample office and so many clerks."""
    settings = settings_in(folder)
    office.clear(settings)
    ports = build_ports(settings)
    office.create_sample_office(ports)
    with ports.store.write() as tx:
        password = (tx.accounts.get("staff") or {})["password"]
        for number in range(clerks):
            roles = {EVERY_AUTHORITY: [TRADES[number % len(TRADES)]]}
            account = Account(f"clerk{number}", f"办事员{number}", "donghe", roles, password)
            tx.accounts.insert(account.id, account.to_record())
    return ports


def serve(folder: Path, port: int, workers: int) -> None:
    """The child process: the production server on loopback."""
    from formsvc.server import run

    run(settings_in(folder), host="127.0.0.1", port=port, workers=workers)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def start_service(folder: Path, port: int, workers: int) -> subprocess.Popen[bytes]:
    """The service, once it answers."""
    words = [sys.executable, "-m", "benchmarks.load", "--serve", str(folder), "--port", str(port)]
    process = subprocess.Popen([*words, "--workers", str(workers)])
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", quote("/healthz"))
            if connection.getresponse().status == 200:
                return process
        except OSError:
            time.sleep(0.2)
    process.kill()
    raise SystemExit("服务没有启动。")


# The figures --------------------------------------------------------------------------------------------


def percentile(values: list[float], part: float) -> float:
    """The value that ``part`` of all do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def figures(tally: Tally) -> Iterator[dict[str, Any]]:
    """Count, median, p95 and longest of each sort of request."""
    for sort, values in sorted(tally.seconds.items()):
        yield {
            "sort": sort,
            "count": len(values),
            "p50_ms": round(percentile(values, 0.5) * 1000),
            "p95_ms": round(percentile(values, 0.95) * 1000),
            "max_ms": round(max(values) * 1000),
        }


def lost_numbers(ports: Ports, tally: Tally) -> list[str]:
    """Numbers told and not kept, given twice, or left out."""
    page = register.number_register(ports, SERIES, TODAY.year)
    rows = [row["text"] for row in page.rows] if page else []
    found = [f"给出而号簿中没有：{n}" for n in sorted(set(tally.numbers) - set(rows))]
    found += [f"给出两次：{n}" for n, acts in tally.numbers.items() if len(acts) > 1]
    found += [f"空号：{n}" for n in (page.gaps if page else [])]
    with ports.store.read() as tx:
        bearing = tx.acts.count(Condition("number", "!=", ""))
    return found if bearing == len(rows) else [*found, f"有号的文书 {bearing} 件，号簿 {len(rows)} 行"]


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser()
    for name, default in (("clerks", 50), ("seconds", 300), ("workers", 4), ("port", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--serve", type=Path)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.port, options.workers)
        return 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        ports = create_office(Path(folder), options.clerks)
        port = free_port()
        process = start_service(Path(folder), port, options.workers)
        tally = Tally()
        try:
            until = time.monotonic() + options.seconds
            clerks = [Clerk(n, port, tally, until, notice(ports)) for n in range(options.clerks)]
            for clerk in clerks:
                clerk.start()
            for clerk in clerks:
                clerk.join(options.seconds + 180)
        finally:
            process.terminate()
            process.wait(30)
        lost = lost_numbers(ports, tally)
    return _report(tally, lost, options)


def _report(tally: Tally, lost: list[str], options: argparse.Namespace) -> int:
    rows = list(figures(tally))
    for row in rows:
        print("  ".join(f"{word}={value}" for word, value in row.items()))
    slow = [r["sort"] for r in rows if r["p95_ms"] > LIMITS.get(r["sort"], 3600) * 1000]
    print(
        f"{options.clerks} 人，{options.seconds} 秒，{options.workers} 个工作进程：提交 {tally.submitted} 件，编号 {len(tally.numbers)} 件"
    )
    for sentence in [*tally.wrong[:20], *lost]:
        print(f"差错：{sentence}")
    print(f"差错 {len(tally.wrong)} 处，文号问题 {len(lost)} 处；超过限度的：{'、'.join(slow) or '无'}")
    return 1 if tally.wrong or lost or slow else 0


if __name__ == "__main__":
    sys.exit(main())
