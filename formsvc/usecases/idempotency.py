"""Idempotency keys: store the first response to a request and replay it."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from formsvc.errors import Conflict, InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import Condition, Record, Transaction

HEADER = "Idempotency-Key"
RETENTION = timedelta(days=7)
REQUEST_TIMEOUT = timedelta(seconds=120)
MAX_WAIT_SECONDS = 10.0
RETRY_SECONDS = 5
POLL_SECONDS = 0.1
CLEANUP_BATCH = 50


class StillRunning(Conflict):
    """Refusal while another request runs under the key."""

    seconds = RETRY_SECONDS

    def __init__(self) -> None:
        super().__init__(msg("同一个幂等键的请求正在办理。"), msg("请稍候用同一个键再查一次结果。"))


@dataclass(frozen=True)
class StoredResponse:
    """The response to repeat: status, headers worth repeating, body."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class IdempotencyKey:
    """The right to carry out a request under its key."""

    id: str
    # the id of an act that is made under this key, the same at every attempt
    act_id: str


def acquire(
    ports: Ports, owner: str, key: str, fingerprint: str, *, resumable: bool
) -> IdempotencyKey | StoredResponse:
    """Acquire the key for this request, or return its stored response.

    Waits while another request runs under the key. An interrupted request is run again only if repeating
    it is safe (`resumable`). Raise InputRefused if the key was used for a different request, StillRunning
    if the first is still running, Conflict if its outcome is unknown.
    """
    claim = _Claim(_key_for(owner, key), fingerprint, resumable)
    found = claim.try_once(ports)
    if found is not None:
        return found
    # those who wait hold a thread: they are as few as those who wait for a number
    with ports.issuing.admit(ports.policy.issuing_requests, StillRunning):
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        while found is None:
            # a client that gives up earlier may ask again with the same key
            if time.monotonic() > deadline:
                raise StillRunning
            time.sleep(POLL_SECONDS)
            found = claim.try_once(ports)
    return found


@dataclass(frozen=True)
class _Claim:
    """A request that wants a key."""

    key: IdempotencyKey
    fingerprint: str
    resumable: bool

    def try_once(self, ports: Ports) -> IdempotencyKey | StoredResponse | None:
        """Return the key or the stored response; None while another request runs."""
        with ports.store.write() as tx:
            return self._take(ports, tx, ports.clock.now())

    def _take(self, ports: Ports, tx: Transaction, now: datetime) -> IdempotencyKey | StoredResponse | None:
        record = tx.replies.get(self.key.id)
        if record is not None and record["at"] < (now - RETENTION).isoformat():
            tx.replies.remove(self.key.id)
            record = None
        if record is None:
            _delete_expired(tx, now)
            tx.replies.insert(self.key.id, self._running_record(ports, now))
            return self.key
        if record["fingerprint"] != self.fingerprint:
            raise InputRefused([_reused()], msg("同一个幂等键不能用于不同的请求。"))
        if record["status"]:
            return StoredResponse(record["status"], record["headers"], record["body"])
        if _is_running(ports, record, now):
            return None
        if not self.resumable:
            raise Conflict(
                msg("用这个幂等键的上一次请求中断了，是否办成不明。"),
                msg("请先查询文书现在的状态，再决定是否用新的键重新请求。"),
            )
        tx.replies.replace(self.key.id, self._running_record(ports, now))
        return self.key

    def _running_record(self, ports: Ports, now: datetime) -> dict[str, Any]:
        return {
            "id": self.key.id,
            "fingerprint": self.fingerprint,
            "at": now.isoformat(),
            "until": (now + REQUEST_TIMEOUT).isoformat(),
            "process": ports.processes.own_id(),
            "status": 0,
            "headers": {},
            "body": None,
        }


def _is_running(ports: Ports, record: Record, now: datetime) -> bool:
    # a process that was killed has no request any more; claims of before name none
    process = record.get("process")
    return record["until"] > now.isoformat() and (not process or ports.processes.is_alive(process))


def _key_for(owner: str, key: str) -> IdempotencyKey:
    # keys are the client's choice: two tokens may choose the same
    digest = hashlib.sha256(f"{owner}\n{key}".encode()).hexdigest()
    return IdempotencyKey(digest, hashlib.sha256(f"act {digest}".encode()).hexdigest()[:16])


def _reused() -> Problem:
    return Problem(HEADER, msg("这个键已经用于另一个内容不同的请求。"), msg("请为每个新的请求换一个键。"))


def _delete_expired(tx: Transaction, now: datetime) -> None:
    old = Condition("at", "<", (now - RETENTION).isoformat())
    for record in tx.replies.find(old, order="at", limit=CLEANUP_BATCH):
        tx.replies.remove(record["id"])


def complete(ports: Ports, claimed: IdempotencyKey, reply: StoredResponse) -> None:
    with ports.store.write() as tx:
        record = tx.replies.get(claimed.id)
        if record is not None:
            kept = {"status": reply.status, "headers": reply.headers, "body": reply.body}
            tx.replies.replace(claimed.id, {**record, **kept})


def release(ports: Ports, claimed: IdempotencyKey) -> None:
    """Free the key of a refused request: it may be corrected and sent again."""
    with ports.store.write() as tx:
        record = tx.replies.get(claimed.id)
        if record is not None and not record["status"]:
            tx.replies.remove(claimed.id)
