"""What other people's programs rely on, described as JSON: API, schemas, commands, settings, Python names."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields
from types import ModuleType
from typing import Any

import click
from flask.testing import FlaskClient

API = "/api/v1"


def describe_api(client: FlaskClient) -> Any:
    return client.get(f"{API}/openapi.json").get_json()


def describe_forms(client: FlaskClient, token: str) -> dict[str, Any]:
    """Return each form's JSON Schema of its data, by the form's id."""
    headers = {"Authorization": f"Bearer {token}"}
    listed = client.get(f"{API}/forms", headers=headers).get_json()
    names = sorted(form["id"] for form in listed["items"])
    return {name: client.get(f"{API}/forms/{name}", headers=headers).get_json()["schema"] for name in names}


def describe_commands(command: click.Command, name: str = "formsvc") -> dict[str, Any]:
    """Return arguments, options and help texts of a command and all below it, by their full names."""
    described: dict[str, Any] = {
        name: {
            "help": str(command.help or ""),
            "parameters": {
                parameter.name or "": {
                    "spellings": sorted([*parameter.opts, *parameter.secondary_opts]),
                    "required": parameter.required,
                    "flag": bool(getattr(parameter, "is_flag", False)),
                    "help": str(getattr(parameter, "help", "") or ""),
                }
                for parameter in command.params
            },
        }
    }
    if isinstance(command, click.Group):
        for word, inner in sorted(command.commands.items()):
            described |= describe_commands(inner, f"{name} {word}")
    return described


def describe_settings(settings: type[Any], names: set[str]) -> dict[str, Any]:
    """Return the names of the environment and each field's default; fields without a default give None."""
    return {
        "names": sorted(names),
        "defaults": {
            one.name: None if one.default is MISSING else str(one.default) for one in fields(settings)
        },
    }


def describe_python(modules: list[ModuleType], names: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the parameters of each public function, with their defaults, by its dotted name."""
    described = {}
    for module in modules:
        for name in names[module.__name__]:
            parameters = inspect.signature(getattr(module, name)).parameters.values()
            described[f"{module.__name__}.{name}"] = [
                one.name + ("" if one.default is one.empty else f"={_default(one.default)}")
                for one in parameters
            ]
    return described


def _default(value: object) -> str:
    return repr(value) if isinstance(value, str | int | float | bool | None) else type(value).__name__


# keywords of JSON Schema that only refuse: without them every call of before is taken
_RESTRICTIONS = frozenset({"pattern", "minimum", "maximum", "minLength", "maxLength", "required"})
# words for people, which may say more than before
_WORDS = frozenset({"title", "description"})


def missing_from(now: Any, before: Any, place: str = "") -> list[str]:
    """Return a sentence for each thing of before that is gone or different now.

    Additions are passed over, and so are a restriction that is lifted and other words for people.
    """
    if isinstance(before, dict) and isinstance(now, dict):
        return [
            sentence
            for key, value in before.items()
            if not (isinstance(value, str) and key in _WORDS)
            for sentence in (
                missing_from(now[key], value, f"{place}/{key}")
                if key in now
                else [f"{place}/{key} is gone"] * (key not in _RESTRICTIONS)
            )
        ]
    if isinstance(before, list) and isinstance(now, list):
        if all(isinstance(one, str) for one in before):
            # an answer that had to be given and may be left out
            is_lifted = place.endswith("/required")
            return [f"{place}: {one} is gone" for one in before if one not in now and not is_lifted]
        if all(isinstance(one, dict) and "name" in one for one in [*before, *now]):
            by_name = {one["name"]: one for one in now}
            return missing_from(by_name, {one["name"]: one for one in before}, place)
        if len(before) == len(now):
            return [
                sentence
                for index, (new, old) in enumerate(zip(now, before, strict=True))
                for sentence in missing_from(new, old, f"{place}/{index}")
            ]
    # what had to be given and now may be left out takes every call of before, and so does a greater length
    is_lifted = place.endswith("/required") and before is True and now is False
    is_longer = place.endswith("/maxLength") and isinstance(now, int) and now > before
    if now == before or is_lifted or is_longer:
        return []
    return [f"{place}: {before!r} is now {now!r}"]
