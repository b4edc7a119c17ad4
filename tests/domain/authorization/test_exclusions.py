"""Objects that neither the brigade nor a township supervises are pointed out (消防法 4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.authorization.test_checks import outcome


def pointed_out(form: str, **changes: Any) -> str:
    found = outcome(form, **changes)
    assert not [p for p in found.problems if "不归消防救援机构" in p.message]
    return "".join(n.sentence() for n in found.notices if "不归消防救援机构" in n.message)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("某部队招待所（虚构）", "军事设施"),
        ("虚构煤矿矿井值班室", "矿井地下部分"),
        ("虚构火车站候车室", "铁路、航运、民航"),
        ("虚构林场职工宿舍", "森林、草原"),
        ("虚构花园在建工程项目部", "建设工程"),
    ],
)
@pytest.mark.parametrize("form", ["T15", "T22"])
def test_an_object_that_others_supervise_is_left_to_the_reviewer(form: str, name: str, kind: str) -> None:
    said = pointed_out(form, party_name=name)
    assert kind in said and "消防法》第" in said
    # neighbours: a name, an address and a veteran's shop that are no such objects
    for lawful in ("北林区东河镇福满家购物广场有限公司", "退伍军人便民超市（虚构）", "站前旅店（虚构）"):
        assert pointed_out(form, party_name=lawful) == ""
    assert pointed_out(form, party_addr="绥化市北林区东河镇铁路街3号") == ""
