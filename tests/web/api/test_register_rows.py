"""Rows of registers as programs read, add and change them; personal data stay masked without the scope."""

from __future__ import annotations

from formsvc.usecases.administration import api_tokens
from tests.support.memory_office import Office
from tests.usecases.registers.test_row_changes import SHOP
from tests.web.api.test_api import Program


def program(office: Office, *scopes: str) -> Program:
    return Program(office, api_tokens.add_token(office.ports, "程序", "staff", scopes=list(scopes)))


def test_a_program_adds_finds_reads_and_changes_a_shop(office: Office) -> None:
    writer = program(office, "read", "draft", "personal")
    added = writer.ask("POST", "/registers/objects/rows", {"values": SHOP, "reason": "接口导入"})
    assert added.status_code == 201, added.get_data(as_text=True)
    shop = added.get_json()
    assert shop["key"] == "2312020700001" and shop["values"]["phone"] == "19900000055"
    found = writer.ask("POST", "/registers/objects/rows/search", {"q": "chcs"}).get_json()
    assert [row["id"] for row in found["items"]] == [shop["id"]]
    assert found["items"][0]["values"]["phone"] == "199******55", "a list masks"
    path = f"/registers/objects/rows/{shop['id']}"
    changed = writer.ask("POST", path, {"values": {"legal_rep": "李春阳"}, "seen": shop["entry"]})
    assert changed.get_json()["values"]["legal_rep"] == "李春阳"
    stale = writer.ask("POST", path, {"values": {"legal_rep": "某人"}, "seen": shop["entry"]})
    assert stale.status_code == 409
    wrong = writer.ask("POST", "/registers/objects/rows", {"values": {**SHOP, "name": "", "addr": "x"}})
    assert wrong.status_code == 422 and wrong.get_json()["errors"][0]["field"] == "name"
    assert writer.ask("POST", "/registers/objects/rows", {"values": SHOP}).status_code == 422


def test_a_program_without_the_scope_reads_masked_data_and_changes_nothing(office: Office) -> None:
    shop = program(office, "draft").ask("POST", "/registers/objects/rows", {"values": SHOP}).get_json()
    reader = program(office, "read")
    row = reader.ask("GET", f"/registers/objects/rows/{shop['id']}").get_json()
    assert row["values"]["phone"] == "199******55"
    assert reader.ask("POST", "/registers/objects/rows", {"values": SHOP}).status_code == 403
    registers = {item["id"]: item for item in reader.ask("GET", "/registers").get_json()["items"]}
    assert registers["objects"]["editable"] and not registers["entrustments"]["editable"]
    assert reader.ask("GET", "/registers/unknown/rows").status_code == 404
    assert reader.ask("GET", "/registers/objects/rows").get_json()["total"] == 1
