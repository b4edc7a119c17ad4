"""Uploads: what is refused leaves nothing on the disk, and a name says what the file is."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from formsvc.config import InvalidSetting, read_settings
from formsvc.errors import FormsvcError
from formsvc.limits import Limits
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.scan_command import ScanCommand
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.drafting.answer_files import named_by_type
from formsvc.web.context import EXTENSION as PORTS
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor


def picture(kind: str = "PNG", side: int = 8) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((side, side), 90).save(out, kind)
    return out.getvalue()


def stored_files(office: Office) -> int:
    assert isinstance(office.ports.files, FolderFiles)
    return sum(path.is_file() for path in office.ports.files.root.rglob("*"))


def opened(office: Office, name: str = "staff") -> Visitor:
    visitor = Visitor(office.app)
    visitor.sign_in(name)
    visitor.open("/forms/X01/new")
    return visitor


def send(visitor: Visitor, address: str = "", **typed: Any) -> Any:
    """Post the open form with a photo, as a script does."""
    assert visitor.page is not None
    action, fields = visitor.page.form_with("保存并刷新")
    body: dict[str, Any] = {**dict(fields), "photos": (io.BytesIO(picture()), "现场.png"), **typed}
    return visitor.client.post(address or action, data=body, headers={"Accept": "application/json"})


def test_a_photo_sent_with_an_outdated_page_is_not_kept(office: Office) -> None:
    staff = opened(office)
    before = stored_files(office)
    assert send(staff, version="99").status_code == 409
    assert stored_files(office) == before
    assert send(staff).status_code == 200
    assert stored_files(office) == before + 1


def test_a_photo_for_a_field_that_takes_none_is_not_kept(office: Office) -> None:
    secret = api_tokens.add_token(office.ports, "附件程序", "staff")
    headers = {"Authorization": f"Bearer {secret}"}
    client = office.app.test_client()
    act = client.post(
        "/api/v1/acts", json={"form": "X01", "data": {"name": "甲乙"}}, headers=headers
    ).get_json()
    before = stored_files(office)
    for target in ("field=name", "field=nothing", "field=photos&name=a.png"):
        sent = {**headers, "Content-Type": "image/png", "If-Match": '"99"'}
        answer = client.post(f"/api/v1/acts/{act['id']}/attachments?{target}", data=picture(), headers=sent)
        assert answer.status_code in (409, 412, 422), answer.get_json()
    assert stored_files(office) == before


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (Limits(uploads_per_minute=2), "一分钟内上传了 2 个以上文件"),
        (Limits(upload_megabytes_per_hour=1), "一小时内上传的文件超过 1 MB"),
    ],
)
def test_one_person_cannot_fill_the_disk(tmp_path: Path, limits: Limits, sentence: str) -> None:
    office = make_office(tmp_path, limits=limits)
    staff, before = opened(office), stored_files(office)
    files = [(io.BytesIO(picture(side=800)), f"{n}.png") for n in range(3)]
    answer = send(staff, photos=files)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    assert sentence in answer.get_json()["message"] and "再试" in answer.get_json()["remedy"]
    assert stored_files(office) == before
    # a colleague is not concerned
    secret = api_tokens.add_token(office.ports, "同事", "officer")
    assert (
        office.app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("photo.html", "photo.png"),
        ("photo.PNG", "photo.PNG"),
        ("走道宽3.5米", "走道宽3.5米.png"),
        ("photo", "photo.png"),
        (".exe", "照片.png"),
    ],
)
def test_a_name_says_what_the_file_is(office: Office, name: str, shown: str) -> None:
    with office.app.test_request_context():
        assert named_by_type(name, "image/png") == shown


@pytest.mark.parametrize("headers", [{"Sec-Purpose": "prefetch"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_form_opened_ahead_or_by_another_site_creates_no_draft(
    office: Office, visit: Callable[[str], Visitor], headers: dict[str, str]
) -> None:
    staff = visit("staff")
    answer = staff.client.get("/forms/X01/new", headers=headers)
    assert answer.headers["Location"] == "/forms"
    assert staff.client.head("/forms/X01/new").headers["Location"] == "/forms"
    with office.ports.store.read() as tx:
        assert tx.acts.count() == 0


SCANNER = """
import sys, time
content = sys.stdin.buffer.read()
if b"EICAR-LIKE" in content:
    print("stream: FAKE-Test-Signature FOUND")
    sys.exit(1)
if b"SLOW" in content:
    time.sleep(30)
sys.exit(2 if b"BROKEN" in content else 0)
"""


def scanned(tmp_path: Path, *command: str) -> Office:
    office = make_office(tmp_path)
    ports = replace(office.ports, scan=ScanCommand(command, 20).scan)
    office.app.extensions[PORTS] = ports
    return replace(office, ports=ports)


def reopened(visitor: Visitor) -> Any:
    """The same draft, as it was saved."""
    assert visitor.page is not None
    visitor.open(visitor.page.path)
    return visitor


def with_text(text: bytes) -> bytes:
    return picture() + text


def test_what_the_scanner_does_not_find_clean_is_not_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / "scan.py"
    script.write_text(SCANNER, encoding="utf-8")
    office = scanned(tmp_path / "office", sys.executable, str(script))
    staff, before = opened(office), stored_files(office)
    for content, sentence in ((b"EICAR-LIKE", "认为这个文件有害"), (b"BROKEN", "没有应答")):
        reopened(staff)
        answer = send(staff, photos=(io.BytesIO(with_text(content)), "现场.png"))
        told = json.dumps(answer.get_json(), ensure_ascii=False)
        assert "“现场.png”没有上传" in told and sentence in told, content
    assert stored_files(office) == before
    assert "FAKE-Test-Signature" in caplog.text and "status 2" in caplog.text
    with pytest.raises(FormsvcError, match="没有应答"):
        ScanCommand((sys.executable, str(script)), 1).scan(b"SLOW")
    assert "no answer within 1 s" in caplog.text
    assert send(reopened(staff)).status_code == 200
    assert stored_files(office) == before + 1, "a clean photo is kept"
    secret = api_tokens.add_token(office.ports, "附件程序", "staff")
    headers = {"Authorization": f"Bearer {secret}"}
    client = office.app.test_client()
    act = client.post(
        "/api/v1/acts", json={"form": "X01", "data": {"name": "甲乙"}}, headers=headers
    ).get_json()
    where, png = (
        f"/api/v1/acts/{act['id']}/attachments?field=photos&name=a.png",
        {"Content-Type": "image/png"},
    )
    refused = client.post(where, data=with_text(b"EICAR-LIKE"), headers={**headers, **png})
    assert refused.status_code == 422 and "有害" in refused.get_data(as_text=True)
    assert client.post(where, data=with_text(b"x"), headers={**headers, **png}).status_code == 201


def test_a_scanner_that_is_missing_refuses_uploads_and_says_whose_task_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office = scanned(tmp_path, "/nowhere/clamdscan", "-")
    staff, before = opened(office), stored_files(office)
    told = json.dumps(send(staff, name="福满家").get_json(), ensure_ascii=False)
    assert "没有扫描，没有收下" in told and "FORMSVC_SCAN_COMMAND" in told
    assert stored_files(office) == before
    assert "/nowhere/clamdscan" in caplog.text and "FORMSVC_SCAN_COMMAND" in caplog.text
    assert reopened(staff).page.value("f-name") == "福满家", "the text is saved all the same"


@pytest.mark.parametrize(
    ("given", "command"),
    [
        ("", ()),
        ("clamdscan --no-summary -", ("clamdscan", "--no-summary", "-")),
        ('"/opt/my scanner/scan" -', ("/opt/my scanner/scan", "-")),
    ],
)
def test_the_scanner_is_a_command_with_its_arguments(
    tmp_path: Path, given: str, command: tuple[str, ...]
) -> None:
    assert read_settings({"FORMSVC_SCAN_COMMAND": given}, instance=tmp_path).scan_command == command
    with pytest.raises(InvalidSetting, match="引号要成对"):
        read_settings({"FORMSVC_SCAN_COMMAND": '"clamdscan'}, instance=tmp_path)
