"""Texts people read can be gathered for translation; templates import only what they use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "formsvc" / "web" / "templates"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_texts_of_pages_and_templates_are_found_for_translation() -> None:
    with (ROOT / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)
    found = {str(message) for _file, _line, message, *_rest in extract_from_dir(str(ROOT), methods, options)}
    assert {"提交审核", "已保存 %(time)s", "登录已超时，请重新登录。"} <= found
    assert len(found) > 150


def test_the_chinese_catalogue_holds_every_text() -> None:
    with (ROOT / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)
    found = {message for _file, _line, message, *_rest in extract_from_dir(str(ROOT), methods, options)}
    with (ROOT / "formsvc/translations/zh_CN/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = {message.id: message.string for message in read_po(file, locale="zh_CN") if message.id}
    assert set(catalogue) == found, "make texts"
    assert all(text == string for text, string in catalogue.items())


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_chinese_text_stands_outside_gettext(template: Path) -> None:
    text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    left = [line.strip() for line in text.splitlines() if CHINESE.search(line)]
    assert not left


@pytest.mark.parametrize(
    "template",
    sorted(TEMPLATES.rglob("*.html")),
    ids=lambda path: path.name,
)
def test_templates_use_what_they_import(template: Path) -> None:
    text = re.sub(r"{#.*?#}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    for names in re.findall(r"{% from \"[^\"]+\" import (.*?)%}", text, flags=re.DOTALL):
        for name in names.split(","):
            used = name.split(" as ")[-1].strip()
            assert len(re.findall(rf"\b{used}\(", text)) >= 1, (
                f"{template.name} imports {used} and does not use it"
            )
