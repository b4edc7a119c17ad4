"""Audiences of register rows: which documents' entries a person may see.

People and imports write for the office: all see it. What a document wrote has an owner, its authority or, of a
confidential document, itself. A row that owners wrote into is stored once for each set of them that a person may
see, as only the entries of those make it. An audience names both: ``brigade,~donghe`` are the people who see what
the brigade's documents wrote and not what those of Donghe did, "" is everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from urllib.parse import quote, unquote

_HIDDEN, _NEXT, _TOGETHER = "~", ",", "&"
# a row of n owners is stored up to 2ⁿ times
_MOST_APART = 4

Owners = tuple[str, ...]


def audiences(owners: Iterable[str]) -> Iterator[tuple[frozenset[str], str]]:
    """Yield each set of owners that a person may see, with its audience.

    Beyond four, owners are taken together: who may not see one of them sees none.
    """
    groups = _groups(sorted(set(owners)))
    for choice in product((True, False), repeat=len(groups)):
        seen = frozenset(o for group, is_seen in zip(groups, choice, strict=True) if is_seen for o in group)
        named = (("" if s else _HIDDEN) + _write(group) for group, s in zip(groups, choice, strict=True))
        yield seen, _NEXT.join(named)


def _groups(owners: Sequence[str]) -> list[Owners]:
    if len(owners) <= _MOST_APART:
        return [(owner,) for owner in owners]
    apart = _MOST_APART - 1
    return [*((owner,) for owner in owners[:apart]), tuple(owners[apart:])]


def _write(group: Owners) -> str:
    # ids of authorities are what people typed
    return _TOGETHER.join(quote(owner, safe="!").replace(_HIDDEN, "%7E") for owner in group)


def _parse(audience: str) -> dict[Owners, bool]:
    """Return the owners that an audience names, and whether it sees them."""
    return {
        tuple(map(unquote, part.removeprefix(_HIDDEN).split(_TOGETHER))): not part.startswith(_HIDDEN)
        for part in audience.split(_NEXT)
        if part
    }


def hides_owners(audience: str) -> bool:
    """Return whether something is left out for these people."""
    return not all(_parse(audience).values())


def sees_owners(audience: str) -> bool:
    """Return whether these people see what some document wrote."""
    return any(_parse(audience).values())


def includes(audience: str, may_see: Callable[[str], bool]) -> bool:
    """Return whether a person belongs to an audience."""
    return all(all(map(may_see, owners)) == is_seen for owners, is_seen in _parse(audience).items())


def is_seen_by_all(of: str, stored: Iterable[str]) -> bool:
    """Return whether each person of an audience belongs to one of ``stored``.

    Those are the different audiences of one other row.
    """
    own = _parse(of)
    fitting = [
        other
        for other in map(_parse, stored)
        if all(own.get(owners, is_seen) == is_seen for owners, is_seen in other.items())
    ]
    # one for each set of the owners that only the other row has
    return bool(fitting) and len(fitting) == 2 ** len(fitting[0].keys() - own.keys())
