"""The container file has what it copies, fetches nothing after it is built, and serves as no administrator.

``make container-proof`` builds it, or carries out its steps in a folder, and starts the service without network.
"""

from __future__ import annotations

import json
import re

import pytest

from formsvc.cli.main import main
from tests.support.containerfile import Instruction, instructions
from tests.support.paths import ROOT

STEPS = instructions(ROOT / "docs/operations/Containerfile")


def last(word: str) -> Instruction:
    return [each for each in STEPS if each.word == word][-1]


def test_what_it_copies_is_there_and_is_not_kept_out() -> None:
    ignored = (ROOT / ".containerignore").read_text(encoding="utf-8").split()
    assert ignored[0] == "*"
    for each in STEPS:
        if each.word == "COPY":
            for source in each.text.split()[:-1]:
                assert (ROOT / source).exists() and f"!{source}" in ignored
    # no instance, with its people and keys, comes into the image
    assert "!instance" not in ignored


def test_nothing_is_installed_as_the_user_who_serves() -> None:
    after = STEPS[STEPS.index(last("USER")) :]
    assert last("USER").text == "formsvc" and "RUN" not in {each.word for each in after}


def test_fonts_are_in_the_image_and_data_in_the_volume() -> None:
    settings = dict(re.findall(r"(FORMSVC_\w+)=(\S+)", " ".join(e.text for e in STEPS if e.word == "ENV")))
    assert settings == {"FORMSVC_FONTS": "/srv/formsvc/fonts", "FORMSVC_INSTANCE": last("VOLUME").text}
    assert any("formsvc setup" in each.text for each in STEPS if each.word == "RUN")


def test_its_command_is_one_of_ours_and_is_asked_where_it_listens() -> None:
    program, command, *words = json.loads(last("CMD").text)
    assert program == "formsvc" and command in main.commands
    context = main.commands[command].make_context(command, words)
    assert str(context.params["port"]) == last("EXPOSE").text
    assert f"http://127.0.0.1:{context.params['port']}/livez" in last("HEALTHCHECK").text


@pytest.mark.parametrize("name", ["requirements.lock"])
def test_python_packages_are_those_of_the_lock_with_their_hashes(name: str) -> None:
    assert any(f"--require-hashes -r {name}" in each.text for each in STEPS if each.word == "RUN")
