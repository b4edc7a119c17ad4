"""The API under requests that its own description allows and forbids: never a trace, always what is described."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from formsvc.domain.acts.act import State
from formsvc.usecases.administration import api_tokens
from formsvc.web.api.openapi import error_statuses_of, openapi
from formsvc.web.api.openapi_page import api_page
from formsvc.web.api.operations import OPERATIONS
from tests.support.issued_acts import CASES, add_person, before_the_order, order
from tests.support.memory_office import make_office
from tests.support.paths import ROOT

BY_THE_TRADE = (
    "record_prints", "discard_draft", "create_act", "replace_draft", "check_form", "follow_act", "attach_file", "serve_act", "void_act",
    "submit_act", "review_act", "approve_act", "issue_act", "backfill_act", "take_blank", "withdraw_act", "copy_act", "list_numbers",
    "strike_off", "correct_service", "reopen_case", "add_row", "change_row",
)  # fmt: skip
"""Where a request of the right shape may still break a rule of the trade, or use a key again (409, 412, 422)."""
EXAMPLES = 7


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An office with an act in every state, somebody with every right, and the ids of the acts."""
    office = make_office(tmp_path_factory.mktemp("api"))
    record = before_the_order(office)
    add_person(office.ports, "everybody", "万能", {"*": ["staff", "approver", "officer", "admin"]})
    states = (State.DRAFT, State.SUBMITTED, State.REVIEWED, State.APPROVED, State.VOID, State.ISSUED)
    acts = [record.id, *(order(office, state, by="everybody").id for state in states)]
    secret = api_tokens.add_token(office.ports, "试验", "everybody", limit=60_000)
    return office, acts, secret


@pytest.fixture(scope="session")
def described(place: Any) -> dict[str, Any]:
    """The operations as a program finds them in the description, by name."""
    loaded = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", place[0].app)
    found = [each.ok() for each in loaded.get_all_operations()]  # type: ignore[union-attr]  # an error has no ok(), and fails here
    return {each.definition.raw["operationId"]: each for each in found}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
@pytest.mark.parametrize("name", [each.name for each in OPERATIONS if each.scope])
def test_every_answer_is_one_that_is_described(
    name: str, mode: GenerationMode, place: Any, described: dict[str, Any]
) -> None:
    _office, acts, secret = place
    left_out = [positive_data_acceptance] if name in BY_THE_TRADE else []

    @given(case=described[name].as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    def ask(case: Any) -> None:
        if mode.is_positive:
            _made_real(case, acts)
        case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, excluded_checks=left_out)

    try:
        ask()
    except Unsatisfiable:
        pytest.skip("nothing of this operation can be wrong")


def _made_real(case: Any, acts: list[str]) -> None:
    """Two of three requests of the right shape are about something that is there, with data of a worked case."""
    chance = zlib.crc32(repr((case.path_parameters, case.body, case.query)).encode("utf-8", "replace"))
    if chance % 3 == 0:
        return
    if "act_id" in (case.path_parameters or {}):
        case.path_parameters["act_id"] = acts[chance % len(acts)]
    if "form" in (case.path_parameters or {}):
        case.path_parameters["form"] = ("T14", "T15", "T22", "X01")[chance % 4]
    if isinstance(case.body, dict) and "data" in case.body:
        worked = CASES[("EX01", "EX06", "EX07", "EX09")[chance % 4]]
        case.body["data"] = {**worked["fields"]}
        if "form" in case.body:
            case.body["form"] = worked["act"]


def test_the_routes_are_those_of_the_description(place: Any) -> None:
    office, _acts, _secret = place
    described = {(method.upper(), path) for path, methods in openapi()["paths"].items() for method in methods}
    routed = {
        (method, rule.rule.removeprefix("/api/v1").replace("<", "{").replace(">", "}"))
        for rule in office.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routed == described


def test_each_operation_says_how_it_refuses() -> None:
    for each in OPERATIONS:
        told = openapi()["paths"][each.path][each.method.lower()]["responses"]
        assert {str(status) for status in error_statuses_of(each)} < set(told)
        assert (each.scope is None) == ("401" not in told)


def test_the_description_needs_no_token(tmp_path: Path, place: Any) -> None:
    answer = place[0].app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.get_json()["openapi"] == "3.1.0"
    assert "Set-Cookie" not in answer.headers


def test_the_page_in_the_documentation_is_the_description() -> None:
    kept = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    assert kept == api_page(), "docs/api.md is not current: run make api-page"
