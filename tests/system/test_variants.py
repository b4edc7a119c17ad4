"""One kind of document in several styles: title, template and number series follow one field."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from formsvc.bootstrap import build_ports
from formsvc.demo import office
from formsvc.demo.office import sample_actor
from formsvc.domain.definition_loader import load_definition
from formsvc.errors import DefinitionFaulty
from formsvc.usecases.acts.issued_files import issued_document
from formsvc.usecases.context import Ports
from formsvc.usecases.drafting import drafts
from formsvc.usecases.drafting.preview import preview_of
from formsvc.usecases.maintenance.integrity import referenced_files
from formsvc.usecases.operator import issue_at_once
from tests.support.circumstances import read_folder
from tests.support.document_text import word_paragraphs
from tests.support.sample_office import ROOT, settings_in
from tests.system.test_new_kind_of_act import letter

PRINTED = ("{{ form_title }}", "{{ doc_no }}", "{{ receiver }}：", "{{ issuer_name }}", "{{ issue_date }}")
REPLY: dict[str, Any] = {
    "id": "K51",
    "title": "消防工作函（虚构）",
    "family": "C",
    "format": "F-LET",
    "template": "K51.docx",
    "numbering": {"style": "official", "genre": "函"},
    "variants": {
        "field": "genre",
        "cases": [
            {"when": "复函", "title": "消防工作复函（虚构）", "template": "K51-reply.docx", "genre": "复"},
            {"when": "便函", "title": "消防工作便函（虚构）"},
        ],
    },
    "sections": [
        {
            "title": "内容",
            "fields": [
                "@ISS",
                {
                    "key": "genre",
                    "label": "文种",
                    "kind": "choice",
                    "choices": ["函", "复函", "便函"],
                    "required": True,
                    "printed": False,
                },
                {"key": "receiver", "label": "致送单位", "kind": "text", "required": True},
            ],
        }
    ],
    "example": {"genre": "函", "receiver": "东河镇各村（社区）"},
}
ANSWERS = {
    "issuer_name": "绥化市北林区东河镇人民政府",
    "issue_date": "2026-11-20",
    "drafter": "冯文书",
    "approver": "李明远",
    "receiver": "东河镇各村（社区）",
}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """The two folders with the kind and both of its templates, and none of the shipped kinds."""
    definitions, templates = tmp_path / "form_definitions", tmp_path / "doc_templates"
    for part in ("groups", "lookups"):
        shutil.copytree(ROOT / "form_definitions" / part, definitions / part)
    templates.mkdir()
    (definitions / "K51.json").write_text(json.dumps(REPLY, ensure_ascii=False), encoding="utf-8")
    (templates / "K51.docx").write_bytes(letter(*PRINTED))
    (templates / "K51-reply.docx").write_bytes(letter(*PRINTED, "此复。"))
    return definitions, templates


@pytest.fixture
def ports(tmp_path: Path, folders: tuple[Path, Path]) -> Ports:
    """A running sample office over those folders, with a series for all and one for replies."""
    settings = replace(settings_in(tmp_path), definitions=folders[0], templates=folders[1])
    office.clear(settings)
    made = build_ports(settings)
    office.create_sample_office(made)
    with made.store.write() as tx:
        for id_, prefix, genre in (("k-han", "东政函", ""), ("k-fu", "东政复", "复")):
            known = {"authority": "donghe", "agent": "", "forms": ["K51"], "style": "official", "width": 1}
            tx.series.insert(id_, {**known, "id": id_, "prefix": prefix, "genre": genre, "starts": {}})
    return made


def test_title_template_and_number_follow_the_field(ports: Ports) -> None:
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    found = {}
    for genre in ("函", "复函", "便函"):
        act = issue_at_once(ports, staff, approver, "K51", {**ANSWERS, "genre": genre})
        paragraphs = word_paragraphs(issued_document(ports, staff, act.id, "docx")[0])
        found[genre] = (act.title, act.number, paragraphs[0], paragraphs[-1])
    assert found == {
        "函": ("消防工作函（虚构）", "东政函〔2026〕1号", "消防工作函（虚构）", "2026年11月20日"),
        "复函": ("消防工作复函（虚构）", "东政复〔2026〕1号", "消防工作复函（虚构）", "此复。"),
        "便函": ("消防工作便函（虚构）", "东政函〔2026〕2号", "消防工作便函（虚构）", "2026年11月20日"),
    }
    with ports.store.read() as tx:
        kept = {sha256 for sha256, _name in referenced_files(tx)}
    revision = ports.definitions.current_revision("K51")
    assert {revision.template, *revision.variants.values()} <= kept and len(revision.variants) == 1


def test_the_preview_changes_with_the_field(ports: Ports) -> None:
    staff = sample_actor(ports, "staff")
    draft = drafts.open_form(ports, staff, "K51")
    seen = []
    for genre in ("函", "复函"):
        stored = drafts.load_draft(ports, staff, draft.id).act
        drafts.save_answers(ports, staff, draft.id, {**ANSWERS, "genre": genre}, version=stored.version)
        seen.append(preview_of(ports, staff, draft.id).fingerprint)
    assert len(set(seen)) == 2


def test_a_template_of_a_variant_is_checked_like_the_first(ports: Ports, folders: tuple[Path, Path]) -> None:
    good = ports.definitions.current_revision("K51").id
    reply = folders[1] / "K51-reply.docx"
    sound = reply.read_bytes()
    for content, said in (
        (letter(*PRINTED, "{{ reciever }}"), "reciever"),
        (letter("此复。"), "文号"),
        (None, "找不到"),
    ):
        reply.unlink() if content is None else reply.write_bytes(content)
        ports.definitions.refresh()
        faults = [str(fault) for fault in ports.definitions.faults() if fault.level == "error"]
        assert any("K51-reply.docx" in fault and said in fault for fault in faults), faults
        assert ports.definitions.current_revision("K51").id == good
    reply.write_bytes(sound)
    ports.definitions.refresh()
    assert ports.definitions.current_revision("K51").id == good
    reply.write_bytes(letter(*PRINTED, "特此函复。"))
    ports.definitions.refresh()
    assert ports.definitions.current_revision("K51").id != good


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        ({"field": "receiver", "cases": [{"when": "函"}]}, "“receiver”不是单选字段"),
        ({"field": "genre", "cases": [{"when": "批复"}]}, "没有选项“批复”"),
        ({"field": "genre", "cases": [{"when": "复函"}, {"when": "复函"}]}, "“复函”写了两次"),
        ({"field": "genre", "cases": [{"when": "复函", "template": "a/b.docx"}]}, "template"),
    ],
)
def test_variants_that_no_answer_could_choose_are_refused(variants: dict[str, Any], said: str) -> None:
    with pytest.raises(DefinitionFaulty) as refused:
        load_definition(
            {**REPLY, "variants": variants}, read_folder("groups"), read_folder("lookups"), "K51.json"
        )
    assert said in str(refused.value)
