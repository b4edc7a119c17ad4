"""Pages of acts that a person may see, confidential ones among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from formsvc.domain.acts.act import Act
from formsvc.usecases.access import may_see
from formsvc.usecases.context import Actor
from formsvc.usecases.ports import Condition, Record, Transaction


@dataclass(frozen=True)
class Page:
    """Order of a list, and the part of it that is wanted.

    ``most`` limits the count of all, None counts all.
    """

    order: str
    descending: bool = False
    offset: int = 0
    limit: int | None = None
    most: int | None = None


def find_visible(
    tx: Transaction,
    actor: Actor,
    conditions: Sequence[Condition],
    restricted: frozenset[str],
    page: Page,
) -> tuple[list[Record], int]:
    """Return a page of matching acts and the number of all of them.

    The conditions must have narrowed what anyone may see. ``restricted`` are the forms with confidential acts:
    those are few and read whole, so that neither a list nor its count shows one to others.
    """
    if not restricted:
        found = tx.acts.find(
            *conditions, order=page.order, descending=page.descending, offset=page.offset, limit=page.limit
        )
        return found, tx.acts.count(*conditions, limit=page.most)
    others = [*conditions, *(Condition("form", "!=", form) for form in sorted(restricted))]
    asked = tx.acts.find(*conditions, Condition("form", "in", sorted(restricted)))
    visible = [record for record in asked if may_see(actor, Act.from_record(record))]
    # so many of the others may stand before this page without being read
    first = max(0, page.offset - len(visible))
    wide = None if page.limit is None else page.limit + len(visible)
    opened = tx.acts.find(*others, order=page.order, descending=page.descending, offset=first, limit=wide)
    total = tx.acts.count(*others, limit=page.most) + len(visible)
    if first and not opened:
        return [], total
    merged = sorted(
        [*opened, *visible], key=lambda record: str(record.get(page.order) or ""), reverse=page.descending
    )
    # of these some stand before the first one that was read: they are on earlier pages
    start = page.offset - first
    return merged[start : None if page.limit is None else start + page.limit], total
