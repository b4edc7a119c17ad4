"""Who comes in: signing in with growing waits after refusals, and signing out; each is an event."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from formsvc.domain.accounts.account import Account
from formsvc.errors import FormsvcError, Throttled
from formsvc.i18n.messages import msg
from formsvc.usecases import event_log as history
from formsvc.usecases.administration import accounts as administration
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Transaction

# refusals let through before the next one has to wait: for a name from one place, for a name, for a place, and for
# a browser this person has signed in with before, which others' guessing does not keep out
FREE = {"name and place": 4, "name": 20, "place": 40, "known browser": 4}
LONGEST = {"name and place": 300, "name": 900, "place": 300, "known browser": 300}
FORGOTTEN_AFTER = timedelta(minutes=15)
REMEMBERED = 5_000
NOBODY = Account("-", "", "")


def sign_in(ports: Ports, name: str, password: str, origin: str = "", browser: str = "") -> Account:
    """The account of this name and password. Raises Throttled after too many refusals, else FormsvcError.

    ``browser`` marks one that this person has signed in with before: its refusals are counted apart, so that
    nobody keeps a person out by guessing at the name from elsewhere.

    Refusals are counted in the store, so that neither another worker nor a restart forgets them. A name nobody
    has is not written into the history: it is often a password typed into the wrong field.
    """
    keys = _keys(name, origin, browser)
    with ports.store.read() as tx:
        _require_patience(tx, keys, ports.clock.now())
    try:
        account = administration.sign_in(ports, name, password)
    except FormsvcError:
        _refused(ports, keys, name, origin)
        raise
    with ports.store.write() as tx:
        _forget(tx, [key for sort, key in keys.items() if sort != "place"])
        history.record_event(tx, ports.clock, Actor(account, origin=origin), "", "SignedIn")
    return account


def signed_out(ports: Ports, who: Actor) -> None:
    """Remember that a person ended a session."""
    with ports.store.write() as tx:
        history.record_event(tx, ports.clock, who, "", "SignedOut")


def lift_waits(ports: Ports, name: str) -> None:
    """Let a person try again at once; for administrators, together with a new password."""
    with ports.store.write() as tx:
        _forget(tx, [r["id"] for r in tx.attempts.find() if r["id"].split("|")[0] == name])


def _keys(name: str, origin: str, browser: str = "") -> dict[str, str]:
    plain = name.strip().lower()[:64].replace("|", " ")
    if browser:
        return {"known browser": f"{plain}|browser {browser}"}
    return {"name and place": f"{plain}|{origin}", "name": plain, "place": f"|{origin}"}


def _require_patience(tx: Transaction, keys: dict[str, str], now: datetime) -> None:
    seconds = max(_wait(tx.attempts.get(key), sort, now) for sort, key in keys.items())
    if seconds:
        raise Throttled(seconds, msg("尝试次数过多。"), msg("请 {n} 秒后再试。", n=seconds))


def _wait(record: dict[str, Any] | None, sort: str, now: datetime) -> int:
    """Whole seconds until the next attempt is let through; doubling with each refusal."""
    count = int(record["count"]) if record else 0
    if record is None or count <= FREE[sort]:
        return 0
    pause = min(2 ** min(count - FREE[sort], 20), LONGEST[sort])
    gone = (now - datetime.fromisoformat(record["last"])).total_seconds()
    return max(0, -int(-(pause - gone) // 1)) if gone >= 0 else 0


def _refused(ports: Ports, keys: dict[str, str], name: str, origin: str) -> None:
    now = ports.clock.now()
    with ports.store.write() as tx:
        if tx.attempts.count() >= REMEMBERED:
            old = (now - FORGOTTEN_AFTER).isoformat()
            _forget(tx, [r["id"] for r in tx.attempts.find() if r["last"] < old])
        for key in keys.values():
            _count(tx, key, now)
        known = tx.accounts.get(name.strip().lower())
        account = Account.from_record(known) if known else NOBODY
        note = "" if known else msg("登录名不存在")
        history.record_event(tx, ports.clock, Actor(account, origin=origin), "", "SignInRefused", note=note)


def _count(tx: Transaction, key: str, now: datetime) -> None:
    there = tx.attempts.get(key)
    recent = there is not None and there["last"] >= (now - FORGOTTEN_AFTER).isoformat()
    record = {"id": key, "count": (there["count"] if there and recent else 0) + 1, "last": now.isoformat()}
    if there:
        tx.attempts.replace(key, record)
    else:
        tx.attempts.insert(key, record)


def _forget(tx: Transaction, keys: list[str]) -> None:
    for key in keys:
        if tx.attempts.get(key):
            tx.attempts.remove(key)
