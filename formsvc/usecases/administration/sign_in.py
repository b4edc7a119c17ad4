"""Sign-in with exponential backoff; each outcome is logged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace

from formsvc.domain.accounts.account import Account, password_matches
from formsvc.domain.accounts.second_factor import SecondFactor, matching_step, new_recovery_codes
from formsvc.errors import FormsvcError, NotFound, Problem, Throttled
from formsvc.i18n.messages import msg
from formsvc.usecases.access import require_admin
from formsvc.usecases.administration import accounts, office_settings
from formsvc.usecases.administration.accounts import authenticate
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_administration, record_event
from formsvc.usecases.throttle import Backoff, StoredThrottle

# Failures are counted per name and address, per name, and per address. A browser in which this person has signed
# in before is counted by itself: others who guess at the name elsewhere do not lock its owner out.
BACKOFF = {
    "name and place": Backoff(free=4, longest=300),
    "name": Backoff(free=20, longest=900),
    "place": Backoff(free=40, longest=300),
    "known browser": Backoff(free=4, longest=300),
    "own password": Backoff(free=4, longest=300),
    "second factor": Backoff(free=4, longest=900),
}
SECOND_FACTOR = "second_factor"
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
        # with a second factor the person is not in yet
        if not (needs_second_factor(ports, account) and account.second_factor):
            record_event(tx, ports.clock, Actor(account, origin=origin), "", "SignedIn")
    return account


# The second factor -----------------------------------------------------------------------------------


def is_second_factor_on(ports: Ports) -> bool:
    """Return whether the office asks for one; it does not until it says so."""
    return bool(office_settings.get_settings(ports).get(SECOND_FACTOR))


def switch_second_factor(ports: Ports, actor: Actor, *, on: bool) -> None:
    office_settings.save_settings(ports, actor, {SECOND_FACTOR: on})


def needs_second_factor(ports: Ports, account: Account) -> bool:
    """Return whether this person signs in with one: approvers, administrators."""
    return account.is_admin_or_approver and is_second_factor_on(ports)


def verify_second_factor(ports: Ports, name: str, code: str, now: float, origin: str = "") -> Account:
    """Use up a code and return its person.

    Raise FormsvcError for a wrong or used one, Throttled after too many.
    """
    key = f"{name}|second factor"
    with ports.store.write() as tx:
        throttle = StoredThrottle(tx, ports.clock.now())
        seconds = throttle.seconds_to_wait(key, BACKOFF["second factor"])
        account = Account.from_record(tx.accounts.get(name) or {}) if not seconds else UNKNOWN_ACCOUNT
        left = _factor_of(account).after(code, now) if account.second_factor and account.active else None
        if left is not None:
            throttle.clear([key])
            account = replace(account, second_factor=asdict(left))
            tx.accounts.replace(name, account.to_record())
            record_event(tx, ports.clock, Actor(account, origin=origin), "", "SignedIn")
        elif not seconds:
            throttle.record_failure(key)
            note = msg("验证码不正确")
            record_event(tx, ports.clock, Actor(account, origin=origin), "", "SignInRefused", note=note)
    # outside the transaction: a refusal must not undo what was counted
    if seconds:
        raise _too_many(seconds)
    if left is None:
        raise FormsvcError(
            msg("验证码不正确，或者已经用过。"), msg("请输入手机上现在显示的六位数字，或者一个备用码。")
        )
    return account


def _factor_of(account: Account) -> SecondFactor:
    stored = account.second_factor
    return SecondFactor(stored["key"], stored["used_step"], tuple(stored["recovery"]))


def enrol_second_factor(ports: Ports, actor: Actor, key: str, code: str, now: float) -> list[str]:
    """Store the key in the person's phone; return recovery codes.

    Raise FormsvcError if the code is not of that key.
    """
    step = matching_step(key, code, now) if key else None
    if step is None:
        raise FormsvcError(msg("验证码不正确。"), msg("请核对手机的时间，输入它现在显示的六位数字。"))
    codes, hashes = new_recovery_codes()
    with ports.store.write() as tx:
        before = Account.from_record(tx.accounts.get(actor.account.id) or {})
        changed = accounts.with_credentials_change(ports, before, msg("您启用了第二步验证"))
        after = replace(changed, second_factor=asdict(SecondFactor(key, step, hashes)))
        tx.accounts.replace(after.id, after.to_record())
        record_administration(tx, ports.clock, actor, msg("启用本人的第二步验证"))
    return codes


def remove_second_factor(ports: Ports, actor: Actor | None, name: str) -> None:
    """Remove the second factor of a person who lost the phone.

    None is the console. Raise NotFound.
    """
    require_admin(actor)
    with ports.store.write() as tx:
        record = tx.accounts.get(name)
        if record is None:
            raise NotFound(msg("没有登录名为“{name}”的人员。", name=name), msg("请核对登录名。"))
        before = Account.from_record(record)
        # the finder of the phone may be signed in with it
        generation = before.session_generation + 1
        note = msg("{who}取消了您的第二步验证", who=accounts.name_of(actor))
        changed = accounts.with_credentials_change(ports, before, note)
        after = replace(changed, second_factor={}, session_generation=generation)
        tx.accounts.replace(name, after.to_record())
        record_administration(tx, ports.clock, actor, msg("取消 {name} 的第二步验证", name=name))


def change_own_password(ports: Ports, actor: Actor, old: str, new: str) -> Account:
    """Change one's own password; a wrong old one waits as at sign-in.

    Raise Throttled after too many wrong ones, and what `accounts.change_own_password` raises.
    """
    with _counting_wrong_passwords(ports, actor):
        return accounts.change_own_password(ports, actor, old, new)


def confirm_password(ports: Ports, actor: Actor, typed: str) -> None:
    """Confirm that the person who asks knows the password of the account.

    Raise WrongPassword, or Throttled after too many wrong ones.
    """
    with _counting_wrong_passwords(ports, actor):
        if not password_matches(actor.account.password, typed):
            raise accounts.WrongPassword(
                [Problem("password", msg("密码不正确。"), msg("请重新输入您现在的密码。"))]
            )


@contextmanager
def _counting_wrong_passwords(ports: Ports, actor: Actor) -> Iterator[None]:
    """Let a person who is signed in guess no oftener than at sign-in."""
    key = f"{actor.account.id}|own password"
    with ports.store.read() as tx:
        seconds = StoredThrottle(tx, ports.clock.now()).seconds_to_wait(key, BACKOFF["own password"])
    if seconds:
        raise _too_many(seconds)
    try:
        yield
    except accounts.WrongPassword:
        with ports.store.write() as tx:
            StoredThrottle(tx, ports.clock.now()).record_failure(key)
            note = msg("登录后输错本人的密码")
            record_event(tx, ports.clock, actor, "", "SignInRefused", note=note)
        raise
    with ports.store.write() as tx:
        StoredThrottle(tx, ports.clock.now()).clear([key])


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
