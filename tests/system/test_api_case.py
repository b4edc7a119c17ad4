"""A whole case through the API by the script of the documentation, on the service as it is served."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.docxpdf.conversion import count_pages
from formsvc.usecases import event_log
from formsvc.usecases.acts import redacted_copy
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import Condition
from tests.support.document_text import missing_paragraphs, pdf_text, receipt_lines, squeezed, word_paragraphs
from tests.support.live_server import PEOPLE, run_script, serving
from tests.support.sample_office import CASES, ROOT, furnished

SERVED = {
    "method": "直接送达",
    "receiver": "褚安",
    "relation": "负责收件人",
    "place": "绥化市北林区东河镇中心街18号",
    "servers": ["赵正言", "钱守规"],
}
# the worked case, the step it is made from, and when it was served where no receipt follows
STEPS = [
    ("EX01", None, None),
    ("EX06", None, "2026-09-16T15:30"),
    ("EX07", 1, None),
    ("EX08", 2, None),
    ("SV08", 3, None),
    ("EX09", 2, None),
    ("SV09", 5, None),
    ("EX10", 5, None),
    ("SV10", 7, None),
]
RECHECK = "EX10"
"""The worked case proposes a penalty; here the hazard left unremedied is to be transferred."""
BROUGHT_ALONG = {
    "party_type", "party_name", "party_code", "legal_rep", "legal_rep_title", "party_addr", "party_phone",
    "doc_ref", "doc_title", "receiver_unit", "addr",
}  # fmt: skip
SIGNED_ON_EACH_PAGE = "随同检查人员（签名）：________检查人员（签名）：________、________"


def steps() -> list[dict[str, Any]]:
    """The worked cases in order; what the document before brings along is left out."""
    made = []
    for name, source, served_at in STEPS:
        left_out = BROUGHT_ALONG if source is not None else set()
        data = {k: v for k, v in CASES[name]["fields"].items() if k not in left_out}
        if name == RECHECK:
            data["next"] = ["移送"]
        step: dict[str, Any] = {"form": CASES[name]["act"], "data": data}
        step |= {"from": source} if source is not None else {}
        step |= {"serve": {**SERVED, "served_at": served_at}} if served_at else {}
        made.append(step)
    return made


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ports, str]:
    """The folder the script wrote into, the office, and what the script said."""
    folder = tmp_path_factory.mktemp("case")
    ports = furnished(folder)
    secrets = {name: api_tokens.add_token(ports, "案件脚本", name) for name in PEOPLE}
    (folder / "case.json").write_text(json.dumps(steps(), ensure_ascii=False), encoding="utf-8")
    (folder / "tokens.json").write_text(json.dumps(secrets), encoding="utf-8")
    (folder / "out").mkdir()
    with serving(folder) as address:
        words = ["docs/api-case.py", address, *(str(folder / n) for n in ("case.json", "tokens.json", "out"))]
        done = run_script(words)
    assert done.returncode == 0, done.stderr
    return folder / "out", ports, done.stdout


def test_the_script_is_short_and_needs_nothing_installed() -> None:
    lines = (ROOT / "docs/api-case.py").read_text(encoding="utf-8").splitlines()
    imported = {line.split()[1].partition(".")[0] for line in lines if line.startswith(("import ", "from "))}
    assert len(lines) <= 60
    assert imported == {"json", "sys", "uuid", "pathlib", "urllib"}


def test_the_numbers_are_those_printed_in_the_cases(case: tuple[Path, Ports, str]) -> None:
    said = [line.split()[1] for line in case[2].splitlines() if not line.startswith("接下来")]
    numbers = [CASES[name]["fields"].get("doc_no", "（不编号）") for name, _source, _served in STEPS]
    assert said == numbers


def test_the_script_ends_with_the_transfer_that_the_unremedied_hazard_calls_for(
    case: tuple[Path, Ports, str],
) -> None:
    said = [line for line in case[2].splitlines() if line.startswith("接下来")]
    due = [line for line in said if line.startswith("接下来：案件（线索）移送函")]
    assert len(due) == 1
    assert due[0].startswith(
        "接下来：案件（线索）移送函，最迟 2026-11-06（"
    )  # three working days after 11月3日


@pytest.mark.parametrize("place", range(len(STEPS)))
def test_the_documents_say_what_the_case_says(case: tuple[Path, Ports, str], place: int) -> None:
    # made from the document that it serves, a receipt also says what kind of party receives it
    carried = {
        "处理意见：立案处罚。": "处理意见：移送。",
        "受送达人北林区东河镇福满家购物广场有限公司": "受送达人北林区东河镇福满家购物广场有限公司（法人）",
    }
    wanted = CASES[STEPS[place][0]]["text"]
    for text, in_the_case in carried.items():
        wanted = [line.replace(text, in_the_case) for line in wanted]
    word = next(case[0].glob(f"{place + 1}_*.docx")).read_bytes()
    pdf = next(case[0].glob(f"{place + 1}_*.pdf")).read_bytes()
    receipts = receipt_lines(wanted)
    assert missing_paragraphs(wanted, word_paragraphs(word)) == receipts
    text = pdf_text(pdf, SIGNED_ON_EACH_PAGE)
    assert [words for words in wanted if squeezed(words) not in text] == receipts
    with case[1].store.read() as tx:
        act = next(r for r in tx.acts.find() if r["pdf"] == hashlib.sha256(pdf).hexdigest())
    # the paper of the party has no receipt: it stands on the copy for the file
    assert len(act["copies"]) == len(receipts)
    for copy in act["copies"]:
        filed = word_paragraphs(case[1].files.read(copy["word"]))
        assert missing_paragraphs(wanted, filed) == []
        filed_text = pdf_text(case[1].files.read(copy["pdf"]))
        assert [words for words in wanted if squeezed(words) not in filed_text] == []


def test_every_document_is_served_and_each_follows_from_the_one_before(case: tuple[Path, Ports, str]) -> None:
    with case[1].store.read() as tx:
        acts = {r["form"]: r for r in tx.acts.find(Condition("form", "!=", "T34"))}
        receipts = tx.acts.find(Condition("form", "==", "T34"))
    assert {form: act["state"] for form, act in acts.items()} == {
        "T01": "issued", "T14": "served", "T15": "issued", "T21": "served", "T22": "served", "T24": "served",
    }  # fmt: skip
    before = {"T15": "T14", "T21": "T15", "T22": "T15", "T24": "T22"}
    assert all(acts[form]["source_act"] == acts[source]["id"] for form, source in before.items())
    assert {acts[form]["party"] for form in ("T15", "T21", "T22", "T24")} == {acts["T14"]["party"]}
    assert {r["answers"]["doc_ref"]["act_id"] for r in receipts} == {
        acts[form]["id"] for form in ("T21", "T22", "T24")
    }
    assert [row["result"] for row in acts["T24"]["answers"]["results"]] == ["已改正", "未改正"]


def test_the_history_says_that_it_came_through_the_api_and_who_read_the_documents(
    case: tuple[Path, Ports, str],
) -> None:
    with case[1].store.read() as tx:
        order = tx.acts.find(Condition("form", "==", "T22"))[0]
    events = event_log.events_of_act(case[1], order["id"])
    assert {event.via for event in events} == {"api"}
    done = [event.kind for event in events if event.kind != "Viewed"]
    assert done == ["Opened", "Submitted", "Reviewed", "Approved", "Issued", "Served"]
    read = [
        event.note for event in events if event.kind == "Viewed" and event.note.endswith((".pdf", ".docx"))
    ]
    assert len(read) == 2


def test_a_refusal_ends_the_script_with_the_field_and_the_reason(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    secrets = {name: api_tokens.add_token(ports, "案件脚本", name) for name in PEOPLE}
    wrong = [{"form": "T14", "data": {**CASES["EX06"]["fields"], "party_phone": "12"}}]
    (tmp_path / "case.json").write_text(json.dumps(wrong, ensure_ascii=False), encoding="utf-8")
    (tmp_path / "tokens.json").write_text(json.dumps(secrets), encoding="utf-8")
    with serving(tmp_path) as address:
        words = [
            "docs/api-case.py",
            address,
            *(str(tmp_path / n) for n in ("case.json", "tokens.json")),
            str(tmp_path),
        ]
        done = run_script(words)
    assert done.returncode == 1
    assert "［party_phone］" in done.stderr
    with ports.store.read() as tx:
        assert tx.acts.count() == 0


def test_the_public_copy_of_the_record_reads_without_the_telephone(case: tuple[Path, Ports, str]) -> None:
    ports = case[1]
    with ports.store.read() as tx:
        record = tx.acts.find(Condition("form", "==", "T15"))[0]
    copy, name = redacted_copy.render_redacted_copy(ports, sample_actor(ports, "staff"), record["id"])
    kept = pdf_text(ports.files.read(record["pdf"]), SIGNED_ON_EACH_PAGE)
    public = pdf_text(copy, SIGNED_ON_EACH_PAGE)
    phone = record["answers"]["party_phone"]
    assert phone in kept
    assert phone not in public
    assert public.count("公开版") == count_pages(copy) > 1
    assert "公开版" not in kept
    assert public.replace("公开版", "").replace("199******31", phone) == kept
    assert name.endswith("_公开版.pdf")
