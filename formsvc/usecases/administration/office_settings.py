"""First set-up of the office, and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from formsvc.domain.accounts.account import (
    EVERY_AUTHORITY,
    Account,
    Role,
)
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.access import require_admin
from formsvc.usecases.administration.accounts import add_account, list_accounts
from formsvc.usecases.administration.records import save_record
from formsvc.usecases.circumstances import SETTINGS_KEY
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_administration
from formsvc.usecases.ports import Record


def is_set_up(ports: Ports) -> bool:
    return any(account.is_admin for account in list_accounts(ports))


def set_up(ports: Ports, office_name: str, name: str, display_name: str, password: str) -> Account:
    """Create the office and its first administrator.

    Raise FormsvcError if there is one already.
    """
    if is_set_up(ports):
        raise FormsvcError(msg("本单位已经设置过管理员。"), msg("请直接登录。"))
    save_record(ports, None, "offices", {"id": "office", "name": office_name.strip()})
    first = Account(
        name.strip().lower(), display_name.strip(), "office", {EVERY_AUTHORITY: [Role.ADMIN.value]}
    )
    return add_account(ports, None, first, password)


def get_settings(ports: Ports) -> Record:
    with ports.store.read() as tx:
        return tx.settings.get(SETTINGS_KEY) or {}


def save_settings(ports: Ports, actor: Actor | None, changes: Mapping[str, Any]) -> Record:
    require_admin(actor)
    with ports.store.write() as tx:
        before = tx.settings.get(SETTINGS_KEY)
        after = {**(before or {}), **changes, "id": SETTINGS_KEY}
        if before:
            tx.settings.replace(SETTINGS_KEY, after)
        else:
            tx.settings.insert(SETTINGS_KEY, after)
        record_administration(tx, ports.clock, actor, f"修改设置 {'、'.join(changes)}")
    return after
