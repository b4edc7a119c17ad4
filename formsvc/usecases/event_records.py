"""Records of events, as every change appends them."""

from __future__ import annotations

from typing import Any

from formsvc.domain.accounts.account import Account
from formsvc.i18n.messages import Message, to_json
from formsvc.usecases.ports import Clock, Transaction

NOTE_KEY = "said"
ADMINISTERED = "Administered"


def append_event(
    tx: Transaction,
    clock: Clock,
    account: Account,
    kind: str,
    *,
    act_id: str = "",
    note: str = "",
    via: str = "console",
    **detail: Any,
) -> None:
    """Append an event; `act_id` is empty for events that concern no act."""
    key = tx.next_event_key()
    # the pattern is stored as well, so that the note can be read in another language
    if isinstance(note, Message):
        detail[NOTE_KEY] = to_json(note)
    event = {
        "id": key,
        "act_id": act_id,
        "kind": kind,
        "at": clock.now().isoformat(timespec="seconds"),
        "by": account.id,
        "by_name": account.display_name,
        "note": note,
        "via": via,
        "detail": detail,
    }
    tx.events.insert(key, event)
