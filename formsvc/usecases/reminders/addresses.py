"""Address of a person to which reminders are mailed."""

from __future__ import annotations

import re
from dataclasses import replace

from formsvc.domain.accounts.account import Account
from formsvc.errors import InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_administration

EMAIL = "email"
_LONGEST = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def email_of(account: Account) -> str:
    return str(account.preferences.get(EMAIL, ""))


def save_email(ports: Ports, actor: Actor, address: str) -> None:
    """Keep where the person's reminders go; "" for nowhere.

    Raise InputRefused for what is no address.
    """
    address = address.strip()
    if address and (len(address) > _LONGEST or not _ADDRESS.fullmatch(address)):
        raise InputRefused(
            [
                Problem(
                    EMAIL, msg("“{given}”不是邮箱地址。", given=address[:60]), msg("请写成 name@example.cn。")
                )
            ]
        )
    with ports.store.write() as tx:
        record = tx.accounts.get(actor.account.id)
        before = Account.from_record(record) if record else actor.account
        after = replace(before, preferences={**before.preferences, EMAIL: address})
        tx.accounts.replace(actor.account.id, after.to_record())
        # the address itself stays out of the log
        note = msg("登记了提醒的邮箱") if address else msg("去掉了提醒的邮箱")
        record_administration(tx, ports.clock, actor, note)
