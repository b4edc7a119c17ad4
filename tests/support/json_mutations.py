"""Random changes to a JSON value, the same for the same seed."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 5, 2**70, 1.5, "", "x", "\x00", "\x1b[2J", "../../x", "9" * 5000, "2026-02-30", [], {}, [[]], {"x": {}},
)  # fmt: skip


def mutations(value: Any, count: int, seed: int) -> Iterator[Any]:
    """Yield copies, each with one to three places replaced, removed, doubled or added to."""
    chance = random.Random(seed)
    for _ in range(count):
        changed = copy.deepcopy(value)
        for _ in range(chance.randint(1, 3)):
            _mutate(changed, chance)
        yield changed


def _mutate(value: Any, chance: random.Random) -> None:
    container = chance.choice([value, *_containers(value)])
    keys: list[Any] = list(container) if isinstance(container, dict) else list(range(len(container)))
    kind = chance.choice(("replace", "replace", "remove", "nest", "add"))
    if not keys or kind == "add":
        if isinstance(container, dict):
            container[chance.choice(("x", "id", "__class__", "format"))] = copy.deepcopy(chance.choice(ODD))
        else:
            container.append(copy.deepcopy(chance.choice(ODD)))
        return
    key: Any = chance.choice(keys)
    if kind == "remove":
        del container[key]
    elif kind == "nest":
        for _ in range(chance.choice((1, 3, 60, 200))):
            container[key] = [container[key]]
    else:
        container[key] = copy.deepcopy(chance.choice(ODD))


def _containers(value: Any) -> list[Any]:
    inner = list(value.values()) if isinstance(value, dict) else list(value)
    found = [each for each in inner if isinstance(each, dict | list)]
    return found + [deeper for each in found for deeper in _containers(each)]
