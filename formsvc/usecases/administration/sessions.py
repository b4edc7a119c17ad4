"""Sessions: who is signed in where; each ends on the server.

The browser's cookie holds a secret, the store its hash. Times are Unix seconds: the clock of the office may be set.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from formsvc.domain.accounts.account import Account
from formsvc.errors import NotFound
from formsvc.i18n.messages import msg
from formsvc.limits import Limits
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import Condition

# However active it is, a session ends so long after sign-in
SESSION_SECONDS = 12 * 3600
# The last request is noted at most this often
SEEN_SECONDS = 60
MAX_DEVICE_LENGTH = 200


@dataclass(frozen=True)
class Session:
    """One sign-in.

    ``place`` is the address, ``device`` the browser's own description, ``texts`` what the person typed and
    addresses name by token, the oldest first.
    """

    id: str
    account: str
    generation: int
    began: int
    seen: int
    place: str = ""
    device: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)

    def is_over(self, now: float, idle_seconds: int) -> bool:
        return self.seen + idle_seconds < now or self.began + SESSION_SECONDS < now


def idle_seconds(limits: Limits, account: Account) -> int:
    """Return how long a session of this person lasts without a request."""
    minutes = limits.idle_minutes_of_approvers if account.is_admin_or_approver else limits.idle_minutes
    return 60 * minutes


def _key_of(secret: str) -> str:
    # 256 random bits need neither salt nor a slow hash
    return hashlib.sha256(secret.encode()).hexdigest()


def begin_session(ports: Ports, account: Account, now: int, place: str, device: str) -> str:
    """Begin a session and return its secret."""
    secret = secrets.token_urlsafe(32)
    begun = Session(
        _key_of(secret), account.id, account.session_generation, now, now, place, device[:MAX_DEVICE_LENGTH]
    )
    with ports.store.write() as tx:
        for record in tx.sessions.find(Condition("began", "<", now - SESSION_SECONDS)):
            tx.sessions.remove(record["id"])
        tx.sessions.insert(begun.id, asdict(begun))
    return secret


def person_of_session(ports: Ports, secret: str, now: float) -> Account | None:
    """Return the person of a session that is not over, and note the request."""
    if not secret or len(secret) > 200:
        return None
    with ports.store.read() as tx:
        record = tx.sessions.get(_key_of(secret))
        person = tx.accounts.get(record["account"]) if record else None
    if record is None or person is None:
        return None
    session, account = Session(**record), Account.from_record(person)
    # a new password, deactivation and the end of all sessions raise the generation
    is_of_before = not account.active or account.session_generation != session.generation
    if is_of_before or session.is_over(now, idle_seconds(ports.limits, account)):
        return None
    if now - session.seen > SEEN_SECONDS:
        with ports.store.write() as tx:
            # read again: another request may have kept a text meanwhile
            present = tx.sessions.get(session.id)
            if present:
                tx.sessions.replace(session.id, {**present, "seen": int(now)})
    return account


def account_of_past_session(ports: Ports, secret: str) -> str:
    """Return whose session this is or was, "" if it is not known any more."""
    with ports.store.read() as tx:
        record = tx.sessions.get(_key_of(secret)) if 0 < len(secret) <= 200 else None
    return str(record["account"]) if record else ""


def keep_text(ports: Ports, secret: str, text: str) -> str:
    """Keep a text until the session ends; return the token that names it.

    The same text has one token. Of too many texts the oldest are dropped.
    """
    with ports.store.write() as tx:
        record = tx.sessions.get(_key_of(secret))
        if record is None:
            return ""
        texts = dict(record.get("texts") or {})
        token = next((token for token, kept in texts.items() if kept == text), secrets.token_urlsafe(12))
        texts.pop(token, None)
        kept = [*texts.items(), (token, text)][-ports.limits.kept_searches :]
        tx.sessions.replace(record["id"], {**record, "texts": dict(kept)})
    return token


def get_text(ports: Ports, secret: str, token: str) -> str | None:
    """Return a text that this session keeps, else None."""
    with ports.store.read() as tx:
        record = tx.sessions.get(_key_of(secret))
    return (record.get("texts") or {}).get(token) if record else None


def session_id(secret: str) -> str:
    """Return the id under which a session is listed."""
    return _key_of(secret) if secret else ""


def list_sessions(ports: Ports, actor: Actor, now: float) -> list[Session]:
    """Return the person's sessions that are not over, last used first."""
    with ports.store.read() as tx:
        records = tx.sessions.find(Condition("account", "==", actor.account.id))
    found = [Session(**record) for record in records]
    idle, generation = idle_seconds(ports.limits, actor.account), actor.account.session_generation
    live = [s for s in found if s.generation == generation and not s.is_over(now, idle)]
    return sorted(live, key=lambda session: -session.seen)


def end_session(ports: Ports, actor: Actor, id_: str) -> None:
    """End one session of the person's own. Raise NotFound."""
    with ports.store.write() as tx:
        record = tx.sessions.get(id_)
        if record is None or record["account"] != actor.account.id:
            raise NotFound(msg("没有这次登录，或者它已经结束。"), msg("请从列表中选择。"))
        tx.sessions.remove(id_)
        record_event(tx, ports.clock, actor, "", "SignedOut")
