"""Photos of an act are seen by whoever reviews it."""

from __future__ import annotations

from collections.abc import Callable

from formsvc.demo.office import sample_actor
from formsvc.usecases.drafting import complete_submission, drafts
from formsvc.usecases.drafting.answer_files import file_record
from formsvc.usecases.drafting.uploads import KeptUpload
from tests.support.issued_acts import CASES, ENTRUSTMENT, NOTICE, issued
from tests.support.memory_office import Office
from tests.support.page_client import Visitor
from tests.web.forms.test_uploads import picture


def test_reviewer_and_drafter_see_the_photos(office: Office, visit: Callable[[str], Visitor]) -> None:
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    for case in (ENTRUSTMENT, NOTICE):
        issued(office, case)
    draft = drafts.open_form(ports, staff, CASES["EX07"]["act"])
    answers = {**CASES["EX07"]["fields"], "photos": []}
    drafts.save_answers(ports, staff, draft.id, answers, version=draft.version)
    whole, one = picture(), picture(side=9)
    for field, name, content in (("photos", "全景.png", whole), ("hazards.1.photo", "通道.png", one)):
        ports.files.keep(content)
        entry = complete_submission.files_field(ports, staff, draft.id, field)
        record = file_record(entry, name, KeptUpload(content, "image/png"))
        if field == "photos":
            record["caption"] = "卖场全景"
        complete_submission.add_attachment(ports, staff, draft.id, field, record)
    act = drafts.submit(ports, staff, draft.id)
    for person in ("staff", "approver"):
        visitor = visit(person)
        page = visitor.open(f"/acts/{act.id}")
        assert "照片和附件（2）" in page.text
        assert "现场照片：卖场全景" in page.text and "2 照片：通道.png" in page.text
        sources = [image.get("src", "") for image in page._all("img") if "/files/" in image.get("src", "")]
        assert [visitor.client.get(source).data for source in sources] == [one, whole]
