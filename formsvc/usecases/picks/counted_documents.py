"""Number of documents that a party has of a year.

What the law counts are the documents of one authority: the yearly limit of inspections is set for each authority
(国办发〔2024〕54号). A count over others would name inspections that people may not see.
"""

from __future__ import annotations

from collections.abc import Collection

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import State
from formsvc.usecases.context import Actor
from formsvc.usecases.ports import Condition, Transaction

IN_FORCE = [State.ISSUED.value, State.SERVED.value]


def count_documents(
    tx: Transaction, form: str, party: str, year: int, authorities: Collection[str] | None = None
) -> int:
    """Return how many issued acts of `form` a party has of a year.

    ``authorities`` are the ids of those whose acts count, all by default. The index of the search narrows by the party,
    however many acts there are.
    """
    if authorities is not None and not authorities:
        return 0
    issued_by = [] if authorities is None else [Condition("authority", "in", sorted(authorities))]
    return tx.acts.count(
        Condition("form", "==", form),
        Condition("state", "in", IN_FORCE),
        Condition("dated", ">=", f"{year:04d}-01-01"),
        Condition("dated", "<=", f"{year:04d}-12-31"),
        Condition("search", "contains", party.lower()),
        Condition("party", "==", party),
        *issued_by,
    )


def counted_authorities(tx: Transaction, actor: Actor | None, issuer: str) -> list[str]:
    """Return the ids of the authorities whose acts count for a document.

    It is the one that issues the document; while that is open, all. Those whose acts the person may not see do not
    count; None is the service itself, which sees all.
    """
    named = [Condition("name", "==", issuer)] if issuer else []
    found = [record["id"] for record in tx.authorities.find(*named)]
    if actor is None or actor.account.is_admin:
        return found
    return [each for each in found if actor.account.may(Right.VIEW, each)]
