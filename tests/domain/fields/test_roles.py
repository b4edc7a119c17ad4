"""What a field stands for is told by its role, or by its usual key."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from formsvc.domain.definition_loader import load_definition
from formsvc.domain.fields.field import RoleName
from formsvc.domain.fields.roles import COLUMN_ROLES, FIELD_ROLES
from formsvc.errors import DefinitionFaulty
from tests.support.made_up_kinds import kind
from tests.support.paths import ROOT

PARTY = {"key": "shop", "role": "party", "label": "店铺", "kind": "text"}


def rows(*columns: dict[str, Any]) -> dict[str, Any]:
    return {"key": "people", "label": "人员", "kind": "rows", "columns": list(columns)}


def faults_of(*fields: dict[str, Any]) -> list[str]:
    source = kind("NX1", "虚构的函", *fields)
    source["sections"][0]["fields"].pop(0)
    try:
        load_definition(source, {}, {})
    except DefinitionFaulty as refused:
        return [f"{fault.place} {fault.message}" for fault in refused.faults]
    return []


@pytest.mark.parametrize(
    ("fields", "where", "said"),
    [
        (
            [PARTY, {**PARTY, "key": "owner"}],
            "第1节“内容”的“店铺”的 role",
            "“店铺”已经是这个角色，同一个角色只能有一项。",
        ),
        ([{**PARTY, "role": "date"}], "“店铺”的 role", "角色“date”的类型应是 date。"),
        ([{**PARTY, "role": "violation"}], "“店铺”的 role", "角色“violation”属于明细的列。"),
        (
            [rows({**PARTY, "role": "party"})],
            "“人员”的“店铺”的 role",
            "角色“party”属于字段，不是明细的列。",
        ),
        ([{**PARTY, "role": "owner"}], "“店铺”的 role", "可用的值：issuer"),
    ],
)
def test_a_role_that_does_not_fit_is_named_with_its_place(
    fields: list[dict[str, Any]], where: str, said: str
) -> None:
    (fault,) = faults_of(*fields)
    assert where in fault and said in fault


def test_roles_and_usual_keys_are_accepted() -> None:
    name, number = {**PARTY, "role": "name"}, {**PARTY, "key": "card", "role": "certificate"}
    assert faults_of(PARTY, rows(name, number)) == []
    assert faults_of({**PARTY, "key": "party_name", "role": None}) == []
    # both may stand beside one another: the role decides
    assert faults_of(PARTY, {"key": "party_name", "label": "名称", "kind": "text"}) == []


def test_the_handbook_lists_each_role_with_its_usual_key() -> None:
    text = (ROOT / "docs/field-kinds.md").read_text(encoding="utf-8").partition("### 角色")[2]
    listed = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| `(\w+)` \|$", text.partition("## ")[0], re.MULTILINE))
    known = {**FIELD_ROLES, **COLUMN_ROLES}
    assert listed == {name: role.usual_key for name, role in known.items()}
    assert set(known) == set(get_args(RoleName))
