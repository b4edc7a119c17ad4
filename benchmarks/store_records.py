"""Records of the benchmark of the store: acts, and what issuing one writes."""

from __future__ import annotations

import json
import random
from typing import Any

FORMS = tuple(f"T{number:02d}" for number in range(1, 41))
STATES = ("draft", "submitted", "reviewed", "issued", "served")
FAMILIES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"


def make_act(number: int, chance: random.Random) -> dict[str, Any]:
    """Return an act of some 4.5 KB."""
    return {
        "id": f"A{number:07d}",
        "form": chance.choice(FORMS),
        "state": chance.choice(STATES),
        "authority": f"township-{chance.randrange(20)}",
        "drafter": f"user-{chance.randrange(40)}",
        "number": f"绥北（东）消限字〔2026〕第{number:04d}号",
        "dated": f"2026-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
        "created_at": f"2026-01-01T{number:08d}",
        "due": None,
        "source_act": "",
        "search": f"绥北（东）消限字〔2026〕第{number:04d}号 责令限期改正通知书 东津镇{_name(chance)}副食商店",
        "answers": {f"field_{n}": "消防安全检查发现的问题和整改要求" * 2 for n in range(40)},
    }


def _name(chance: random.Random) -> str:
    return chance.choice(FAMILIES) + chance.choice(GIVEN) + chance.choice(GIVEN)


def encode_records(*records: dict[str, Any]) -> bytes:
    return b"".join(to_json(record).encode() for record in records)


def to_json(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)


def issue_records(record: dict[str, Any], n: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return the issued act, its row of the register, and its event."""
    number = f"绥北（东）消限字〔2027〕第{n:04d}号"
    files = {"number": number, "word": "a" * 64, "pdf": "b" * 64}
    issued = {**record, **files, "state": "issued", "n": n, "search": f"{number} {record['search']}"}
    row = {
        "id": f"消限/2027/{n:06d}", "series": "消限", "year": 2027, "n": n, "text": number, "state": "issued",
        "act_id": record["id"], "title": "责令限期改正通知书", "party": "某某副食商店", "dated": record["dated"],
        "at": "2027-01-04T09:00:00", "by": "李明远", "reason": "",
    }  # fmt: skip
    event = {
        "act_id": record["id"], "kind": "Issued", "at": "2027-01-04T09:00:00", "by": "approver", "by_name": "李明远",
        "note": "", "via": "web", "detail": files,
    }  # fmt: skip
    return issued, row, event
