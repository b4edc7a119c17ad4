"""What other people's programs rely on is only added to."""

from __future__ import annotations

import json
from typing import Any

import pytest

import formsvc
from formsvc import config
from formsvc.cli.main import main
from formsvc.domain import calendar, chinese, identifiers
from formsvc.usecases.administration import api_tokens
from tests.support import interfaces
from tests.support.memory_office import make_office
from tests.support.paths import ROOT

BEFORE: dict[str, Any] = json.loads(
    (ROOT / "tests/compatibility/before/interfaces.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def now(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    office = make_office(tmp_path_factory.mktemp("interfaces"))
    token = api_tokens.add_token(office.ports, "接口", "staff", limit=60_000)
    client = office.app.test_client()
    names: dict[str, list[str]] = {}
    for dotted in BEFORE["python"]:
        module, _, name = dotted.rpartition(".")
        names.setdefault(module, []).append(name)
    return {
        "openapi": interfaces.describe_api(client),
        "forms": interfaces.describe_forms(client, token),
        "commands": interfaces.describe_commands(main),
        "settings": interfaces.describe_settings(config.Settings, set(config.NAMES)),
        "python": interfaces.describe_python([formsvc, chinese, identifiers, calendar], names),
        "definition_schema": json.loads(
            (ROOT / "docs/form-definition.schema.json").read_text(encoding="utf-8")
        ),
    }


@pytest.mark.parametrize("part", sorted(BEFORE))
def test_nothing_of_before_is_gone_or_different(now: dict[str, Any], part: str) -> None:
    assert interfaces.missing_from(now[part], BEFORE[part]) == []


def test_a_removed_name_and_a_changed_text_are_reported() -> None:
    before = {
        "a": {"help": "说明", "opts": ["-a", "-b"], "required": True},
        "b": 1,
        "d": {"required": False, "maxLength": 18},
        "e": {"maxLength": 18},
    }
    now = {
        "a": {"help": "别的说明", "opts": ["-b", "-c"], "required": False},
        "c": 2,
        "d": {"required": True, "maxLength": 100},
        "e": {"maxLength": 17},
    }
    assert interfaces.missing_from(now, before) == [
        "/a/help: '说明' is now '别的说明'",
        "/a/opts: -a is gone",
        "/b is gone",
        "/d/required: False is now True",
        "/e/maxLength: 18 is now 17",
    ]


def test_a_lifted_restriction_and_other_words_are_passed_over() -> None:
    before = {"x": {"type": "string", "pattern": "a", "title": "甲"}, "required": ["x", "y"], "title": "乙"}
    now = {"x": {"type": "string", "title": "丙"}, "required": ["y"], "title": "丁"}
    assert interfaces.missing_from(now, before) == []
    parameters = [{"name": "page", "in": "query"}, {"name": "until", "in": "query"}]
    others = [{"name": "late", "in": "query"}, {"name": "page", "in": "path"}]
    assert interfaces.missing_from(others, parameters, "/p") == [
        "/p/page/in: 'query' is now 'path'",
        "/p/until is gone",
    ]


def test_the_programs_of_before_are_still_described() -> None:
    """The file is not emptied to make the comparison pass."""
    sizes = {name: len(json.dumps(part)) for name, part in BEFORE.items()}
    assert sizes["openapi"] > 90_000 and sizes["commands"] > 10_000 and sizes["forms"] > 50_000
