"""Access rules: who may see an act, and who may write acts of a form."""

from __future__ import annotations

import re
from collections.abc import Collection

from formsvc.domain.accounts.account import Account, Right
from formsvc.domain.acts.act import Act, State
from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.json_types import Values
from formsvc.errors import NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Transaction


def reader_of(actor: Actor, act: Act) -> Actor | None:
    """Return for whom an act is evaluated; None once it was submitted.

    A draft says nothing that its drafter may not see. What was submitted has been decided: it must come out the
    same for all who review, sign and number it.
    """
    return actor if act.status is State.DRAFT else None


def visible_act(tx: Transaction, actor: Actor, act_id: str) -> Act:
    """Return the act. Raise NotFound if it is missing or not visible to `who`."""
    record = tx.acts.get(act_id)
    act = Act.from_record(record) if record else None
    # one error for both: a guessed id must not reveal that the act exists
    if act is None or not may_see(actor, act):
        raise NotFound(msg("找不到这件文书。"), msg("它可能已被删除，或者您没有查看的权限。"))
    return act


def may_see(actor: Actor, act: Act) -> bool:
    """Return whether the person may see the act.

    A draft is visible to its drafter alone, any later act to those with the right to view acts of its
    authority, and to administrators; a confidential one only to those who review or approve there, and to
    the people it names.
    """
    if act.drafter == actor.account.id:
        return True
    # half-finished answers are private to their drafter, also towards administrators
    if act.status is State.DRAFT:
        return False
    if act.confidential:
        return may_see_confidential(actor.account, act.authority, act.readers)
    return actor.account.is_admin or actor.account.may(Right.VIEW, act.authority)


def may_see_confidential(account: Account, authority: str, readers: Collection[str]) -> bool:
    """Return whether a person reads the confidential acts of an authority.

    A name counts only with the right to view acts there: people of another authority may be called the same.
    """
    if not authority:
        return False
    decides = account.may(Right.REVIEW, authority) or account.may(Right.APPROVE, authority)
    return decides or (account.display_name in readers and account.may(Right.VIEW, authority))


def readers_of(definition: FormDefinition, values: Values) -> list[str]:
    """Return the names of the people who may read a confidential act."""
    rules = definition.header.confidential
    named = values.get(rules.readers) if rules and rules.readers else None
    name = definition.roles.column(rules.readers, "name") if rules else ""
    texts = [str(row.get(name) or "") for row in named] if isinstance(named, list) else [str(named or "")]
    return [name for text in texts for name in re.split(r"[、，,；;\s]+", text) if name]


def may_write(actor: Actor, definition: FormDefinition, authority: str = "") -> bool:
    """Return whether the person may write acts of this form.

    A person who serves documents may write their receipts (送达回证) without being a drafter.
    """
    serves = definition.serves is not None and actor.account.may(Right.SERVE, authority)
    return serves or actor.account.may(Right.DRAFT, authority)


def require_write(actor: Actor, definition: FormDefinition, authority: str = "") -> None:
    """Raise RightMissing unless the person may write acts of this form."""
    if not may_write(actor, definition, authority):
        actor.account.require(Right.DRAFT, authority)


def writable_forms(ports: Ports, actor: Actor) -> set[str]:
    """Return the forms on offer of which the person may write acts."""
    current = ports.definitions.current()
    return {form for form, revision in current.items() if may_write(actor, revision.definition)}


def get_act(ports: Ports, actor: Actor, act_id: str) -> Act:
    """Return the act. Raise NotFound if the person may not see it."""
    with ports.store.read() as tx:
        return visible_act(tx, actor, act_id)


def require_admin(actor: Actor | None) -> None:
    """Raise RightMissing unless an administrator acts; None is the console."""
    if actor is not None:
        actor.account.require(Right.ADMINISTER, "")
