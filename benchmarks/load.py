"""``make load``: simulated clerks at the pages of the service as it is served, on this machine only.

Each clerk signs in with an account of their own and works as people do, with pauses: drafters open a form, fill it with
an autosave after each few fields and hand it in; reviewers and approvers work through their queue, approvers number in
the same press; officers print. At the end every number shown on a page must be in the register once, without a gap.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.clerks import FORM, SERIES, TRADES, Clerk, Tally
from formsvc.bootstrap import build_ports
from formsvc.config import Settings, read_settings
from formsvc.demo import office
from formsvc.domain.accounts.account import EVERY_AUTHORITY, Account
from formsvc.usecases.context import Ports
from formsvc.usecases.numbering import register
from formsvc.usecases.ports import Condition

TODAY = date(2026, 11, 23)
TOWNSHIP = "绥化市北林区东河镇人民政府"
# of ten clerks so many of each kind, in this order
LIMITS = {"page": 0.3, "act page": 0.3, "decision page": 0.3, "picture": 0.3, "autosave": 0.3, "issue": 3.0}


def notice(ports: Ports) -> dict[str, Any]:
    """Return the example of the form in the township's own name, of today."""
    definition = ports.definitions.current_revision(FORM).definition
    computed = {f.key for f in definition.fields if f.computed}
    answers = {k: v for k, v in definition.example.items() if k not in {"doc_no", "entrust_ref", *computed}}
    day = TODAY.isoformat()
    own = {"issuer_name": TOWNSHIP, "auth_mode": "M0", "approver": "李明远", "issue_date": day}
    reference = {"approve_ref": {"number": answers["approve_ref"]}}
    return {**answers, **own, **reference, "check_from": "2026-11-24T09:00", "check_to": "2026-11-24T11:30"}


# The service --------------------------------------------------------------------------------------------


def settings_in(folder: Path) -> Settings:
    return replace(
        office.demo_settings(read_settings(instance=folder)), today=TODAY, fonts=read_settings().fonts
    )


def create_office(folder: Path, clerks: int) -> Ports:
    """Create the sample office with so many clerks."""
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
    """Run the production server on loopback, as a child process."""
    from formsvc.server import run

    run(settings_in(folder), host="127.0.0.1", port=port, workers=workers)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def start_service(folder: Path, port: int, workers: int) -> subprocess.Popen[bytes]:
    """Start the service. Return when it answers."""
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
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def figures(tally: Tally) -> Iterator[dict[str, Any]]:
    """Yield count, median, p95 and longest of each sort of request."""
    for sort, values in sorted(tally.seconds.items()):
        yield {
            "sort": sort,
            "count": len(values),
            "p50_ms": round(percentile(values, 0.5) * 1000),
            "p95_ms": round(percentile(values, 0.95) * 1000),
            "max_ms": round(max(values) * 1000),
        }


def lost_numbers(ports: Ports, tally: Tally) -> list[str]:
    """Return numbers shown but not in the register, doubled, or left out."""
    page = register.number_register(ports, SERIES, TODAY.year)
    rows = [row["text"] for row in page.rows] if page else []
    found = [f"给出而号簿中没有：{n}" for n in sorted(set(tally.numbers) - set(rows))]
    found += [f"给出两次：{n}" for n, acts in tally.numbers.items() if len(acts) > 1]
    found += [f"空号：{n}" for n in (page.gaps if page else [])]
    with ports.store.read() as tx:
        bearing = tx.acts.count(Condition("number", "!=", ""))
    return found if bearing == len(rows) else [*found, f"有号的文书 {bearing} 件，号簿 {len(rows)} 行"]


def main() -> int:
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
