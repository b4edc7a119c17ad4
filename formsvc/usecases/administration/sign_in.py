"""Sign-in with exponential backoff; each outcome is logged."""

from __future__ import annotations

from formsvc.domain.accounts.account import Account
from formsvc.errors import FormsvcError, Throttled
from formsvc.i18n.messages import msg
from formsvc.usecases.administration import accounts
from formsvc.usecases.administration.accounts import authenticate
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.throttle import Backoff, StoredThrottle

# Failures are counted per name and address, per name, and per address. A browser in which this person has signed
# in before is counted by itself: others who guess at the name elsewhere do not lock its owner out.
BACKOFF = {
    "name and place": Backoff(free=4, longest=300),
    "name": Backoff(free=20, longest=900),
    "place": Backoff(free=40, longest=300),
    "known browser": Backoff(free=4, longest=300),
    "own password": Backoff(free=4, longest=300),
}
UNKNOWN_ACCOUNT = Account("-", "", "")


def sign_in(ports: Ports, name: str, password: str, origin: str = "", browser: str = "") -> Account:
    """Return the account of this name and password.

    ``browser`` identifies a browser in which this person has signed in before. Raise Throttled after too many
    failures, else FormsvcError.
    """
    keys = _keys(name, origin, browser)
    with ports.store.read() as tx:
        throttle = StoredThrottle(tx, ports.clock.now())
        seconds = max(throttle.seconds_to_wait(key, BACKOFF[sort]) for sort, key in keys.items())
    if seconds:
        raise _too_many(seconds)
    try:
        account = authenticate(ports, name, password)
    except FormsvcError:
        _record_failure(ports, keys, name, origin)
        raise
    with ports.store.write() as tx:
        # the address keeps its failures: one person's success must not clear them for another who guesses there
        StoredThrottle(tx, ports.clock.now()).clear(key for sort, key in keys.items() if sort != "place")
        record_event(tx, ports.clock, Actor(account, origin=origin), "", "SignedIn")
    return account


def change_own_password(ports: Ports, actor: Actor, old: str, new: str) -> Account:
    """Change one's own password; a wrong old one waits as at sign-in.

    Raise Throttled after too many wrong ones, and what `accounts.change_own_password` raises.
    """
    key = f"{actor.account.id}|own password"
    with ports.store.read() as tx:
        seconds = StoredThrottle(tx, ports.clock.now()).seconds_to_wait(key, BACKOFF["own password"])
    if seconds:
        raise _too_many(seconds)
    try:
        changed = accounts.change_own_password(ports, actor, old, new)
    except accounts.WrongPassword:
        with ports.store.write() as tx:
            StoredThrottle(tx, ports.clock.now()).record_failure(key)
        raise
    with ports.store.write() as tx:
        StoredThrottle(tx, ports.clock.now()).clear([key])
    return changed


def _too_many(seconds: int) -> Throttled:
    return Throttled(seconds, msg("尝试次数过多。"), msg("请 {n} 秒后再试。", n=seconds))


def clear_throttle(ports: Ports, name: str) -> None:
    """Let a person try again at once, after a new password."""
    with ports.store.write() as tx:
        StoredThrottle(tx, ports.clock.now()).clear_name(name)


def _keys(name: str, origin: str, browser: str) -> dict[str, str]:
    plain = name.strip().lower()[:64].replace("|", " ")
    if browser:
        return {"known browser": f"{plain}|browser {browser}"}
    return {"name and place": f"{plain}|{origin}", "name": plain, "place": f"|{origin}"}


def _record_failure(ports: Ports, keys: dict[str, str], name: str, origin: str) -> None:
    with ports.store.write() as tx:
        throttle = StoredThrottle(tx, ports.clock.now())
        throttle.drop_old()
        for key in keys.values():
            throttle.record_failure(key)
        record = tx.accounts.get(name.strip().lower())
        # an unknown name is not logged: it is often a password typed into the wrong field
        account = Account.from_record(record) if record else UNKNOWN_ACCOUNT
        note = "" if record else msg("登录名不存在")
        record_event(tx, ports.clock, Actor(account, origin=origin), "", "SignInRefused", note=note)
