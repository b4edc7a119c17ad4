"""A new kind of act is one JSON file and one Word file dropped into two folders."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest

from formsvc.bootstrap import build_ports
from formsvc.demo import office
from formsvc.demo.office import sample_actor
from formsvc.errors import RenderingFailed
from formsvc.usecases.acts.issued_files import issued_document
from formsvc.usecases.context import Ports
from formsvc.usecases.operator import issue_at_once
from tests.support.document_text import pdf_text, squeezed, word_paragraphs
from tests.support.sample_office import ROOT, formsvc, settings_in

REMINDER: dict[str, Any] = {
    "id": "T90",
    "title": "消防安全提示函",
    "family": "C",
    "format": "F-LET",
    "template": "T90.docx",
    "summary": "提醒单位注意季节性火灾风险",
    "numbering": {"style": "official", "genre": "函"},
    "modes": [],
    "issuer_kinds": ["township"],
    "certified_officers": None,
    "act_type": "other",
    "legal_review": True,
    "sections": [
        {
            "title": "内容",
            "fields": [
                "@ISS",
                {
                    "key": "receiver",
                    "label": "致送单位",
                    "kind": "text",
                    "required": True,
                    "min": 2,
                    "max": 60,
                },
                {"key": "risk", "label": "风险提示", "kind": "long_text", "required": True},
                {"key": "reply_by", "label": "反馈期限", "kind": "date", "required": True},
            ],
        }
    ],
    "rules": [
        {
            "id": "reply_after_issue",
            "check": "reply_by > issue_date",
            "message": "反馈期限应当晚于成文日期。",
            "field": "reply_by",
        }
    ],
    "example": {
        "issuer_name": "绥化市北林区东河镇人民政府",
        "issue_date": "2026-11-20",
        "drafter": "冯文书",
        "approver": "李明远",
        "receiver": "东河镇各村（社区）",
        "risk": "秋收后柴草集中堆放，注意用火。",
        "reply_by": "2026-11-30",
    },
}


def letter(*paragraphs: str) -> bytes:
    """A Word file with these paragraphs, as somebody would type them in Word."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


LETTER = letter(
    "{{ form_title }}",
    "{{ doc_no }}",
    "{{ receiver }}：",
    "{{ risk }}",
    "请于{{ reply_by }}前反馈。",
    "{{ copies_line }}",
    "承办：{{ drafter }}　签发：{{ approver }}",
    "{{ issuer_name }}",
    "{{ issue_date }}",
)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Copies of the two folders."""
    definitions, templates = tmp_path / "form_definitions", tmp_path / "doc_templates"
    shutil.copytree(ROOT / "form_definitions", definitions)
    shutil.copytree(ROOT / "doc_templates", templates)
    return definitions, templates


@pytest.fixture
def ports(tmp_path: Path, folders: tuple[Path, Path]) -> Ports:
    """A running sample office over those folders."""
    settings = replace(settings_in(tmp_path), definitions=folders[0], templates=folders[1])
    office.clear(settings)
    made = build_ports(settings)
    office.create_sample_office(made)
    return made


def drop(folders: tuple[Path, Path], definition: dict[str, Any], word: bytes) -> None:
    """Put a pair into the folders."""
    (folders[1] / "T90.docx").write_bytes(word)
    (folders[0] / "T90.json").write_text(json.dumps(definition, ensure_ascii=False), encoding="utf-8")


def add_series(ports: Ports) -> None:
    """The office decides how the new letters are numbered."""
    with ports.store.write() as tx:
        record = {"id": "dong-han", "authority": "donghe", "agent": "", "forms": ["T90"], "prefix": "东政函"}
        tx.series.insert("dong-han", {**record, "style": "official", "width": 1, "starts": {}})


def issued(ports: Ports) -> tuple[str, bytes, bytes]:
    """Number, Word file and PDF of one such letter."""
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    act = issue_at_once(ports, staff, approver, "T90", REMINDER["example"])
    word, pdf = (issued_document(ports, approver, act.id, kind)[0] for kind in ("docx", "pdf"))
    return act.number, word, pdf


def test_a_dropped_pair_serves_without_a_restart(ports: Ports, folders: tuple[Path, Path]) -> None:
    assert "T90" not in ports.definitions.current()
    drop(folders, REMINDER, LETTER)
    add_series(ports)
    number, word, pdf = issued(ports)
    assert number == "东政函〔2026〕1号"
    assert "请于2026年11月30日前反馈。" in word_paragraphs(word)
    assert squeezed("东河镇各村（社区）：秋收后柴草集中堆放，注意用火。") in pdf_text(pdf)


def test_a_broken_pair_is_held_back_and_the_last_good_one_goes_on(
    ports: Ports, folders: tuple[Path, Path]
) -> None:
    drop(folders, REMINDER, LETTER)
    add_series(ports)
    good = ports.definitions.current_revision("T90").id
    drop(folders, {**REMINDER, "title": "新名称"}, letter("{{ reciever }}：{{ risk }}"))
    assert ports.definitions.current_revision("T90").id == good
    told = " ".join(str(f) for f in ports.definitions.faults())
    assert "T90.docx" in told and "reciever" in told and "receiver" in told
    number, _word, _pdf = issued(ports)
    assert number == "东政函〔2026〕1号"


def test_an_old_act_keeps_the_wording_it_was_drafted_on(ports: Ports, folders: tuple[Path, Path]) -> None:
    from formsvc.usecases.drafting import drafts

    drop(folders, REMINDER, LETTER)
    staff = sample_actor(ports, "staff")
    before = drafts.open_form(ports, staff, "T90")
    drop(folders, {**REMINDER, "title": "消防安全提醒函"}, LETTER)
    after = drafts.open_form(ports, staff, "T90")
    assert (before.title, after.title) == ("消防安全提示函", "消防安全提醒函")
    assert drafts.load_draft(ports, staff, before.id).revision.definition.title == "消防安全提示函"


def test_check_names_every_fault_with_its_place(tmp_path: Path) -> None:
    broken = json.loads(json.dumps(REMINDER))
    fields = broken["sections"][0]["fields"]
    fields[1]["kind"] = "txt"
    fields.append({"key": "risk", "label": "重复", "kind": "text"})
    broken["rules"][0]["check"] = "reply_bye > issue_date"
    table = docx.Document()
    table.add_paragraph("{{ receivers }}：")
    table.add_table(2, 2).cell(1, 0).text = "{{ risk "
    out = io.BytesIO()
    table.save(out)
    (tmp_path / "T90.docx").write_bytes(out.getvalue())
    (tmp_path / "T90.json").write_text(json.dumps(broken, ensure_ascii=False), encoding="utf-8")
    done = formsvc(tmp_path, "check", "--json", str(tmp_path / "T90.json"))
    assert done.returncode == 1
    faults = json.loads(done.stdout)
    places = {(f["file"], f["where"]) for f in faults}
    assert ("T90.json", "/sections/0/fields/1/kind") in places
    assert any(f["where"].startswith("/rules/0") and "reply_bye" in f["message"] for f in faults)
    assert any("risk" in f["message"] and f["where"].startswith("/sections/0/fields/4") for f in faults)
    assert any(f["file"] == "T90.docx" and "表1 第2行第1" in f["where"] for f in faults)


def test_the_shipped_definitions_and_templates_have_no_fault(tmp_path: Path) -> None:
    done = formsvc(tmp_path, "check")
    assert done.returncode == 0, done.stdout


def test_a_document_that_does_not_show_its_number_gets_none(ports: Ports, folders: tuple[Path, Path]) -> None:
    # the example has no copies, so the check cannot see what this condition does
    hiding = "{% if copies_line %}（不印）{% else %}{{ doc_no }}{% endif %}"
    rest = (
        "{{ receiver }}{{ risk }}{{ reply_by }}{{ copies_line }}",
        "{{ issuer_name }}",
        "{{ issue_date }}",
    )
    drop(folders, REMINDER, letter(hiding, *rest))
    ports.definitions.refresh()
    add_series(ports)
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    with pytest.raises(RenderingFailed, match="文书上没有印出文号"):
        issue_at_once(ports, staff, approver, "T90", {**REMINDER["example"], "copies_line": "抄送：司法所。"})
    assert issued(ports)[0] == "东政函〔2026〕1号"


def test_a_template_that_prints_no_number_is_not_published(ports: Ports, folders: tuple[Path, Path]) -> None:
    drop(
        folders,
        REMINDER,
        letter("编号：【文号】", "{{ receiver }}{{ risk }}{{ reply_by }}", "{{ issuer_name }}"),
    )
    ports.definitions.refresh()
    assert "T90" not in ports.definitions.current()
    said = "".join(fault.message for fault in ports.definitions.faults() if fault.file == "T90.docx")
    for piece in ("模板里却没有印文号", "没有印出“制作日期”", "“【文号】”像是待填的空"):
        assert piece in said
