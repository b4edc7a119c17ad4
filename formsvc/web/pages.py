"""The pages one comes from: home, the catalogue of forms, search, and the service's own health."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.accounts.account import Right
from formsvc.errors import FormsvcError
from formsvc.usecases.acts import search as registers
from formsvc.usecases.acts.search import Filters
from formsvc.usecases.administration import alerts as upkeep
from formsvc.usecases.approval import review as reviewing
from formsvc.usecases.cases import case_file as cases
from formsvc.usecases.cases import due_list as waiting
from formsvc.usecases.definitions import Revision
from formsvc.web.context import ports, signed_in, who

blueprint = Blueprint("pages", __name__)

LOOK_AHEAD_DAYS = 30
SHOWN_ON_HOME = 8
DECIDING = (Right.REVIEW, Right.APPROVE, Right.ISSUE)
FAMILIES = {
    "A": lazy_gettext("授权、委托与机构"),
    "B": lazy_gettext("责任"),
    "C": lazy_gettext("检查"),
    "D": lazy_gettext("整改、移送与处罚"),
    "E": lazy_gettext("治理与保障"),
}
MAIN_PLACES = (
    ("/", lazy_gettext("首页")),
    ("/forms", lazy_gettext("发起文书")),
    ("/acts", lazy_gettext("文书")),
    ("/cases", lazy_gettext("案件")),
    ("/approval", lazy_gettext("审批")),
    ("/numbers", lazy_gettext("号簿")),
    ("/responsibility", lazy_gettext("责任人")),
    ("/admin", lazy_gettext("系统管理")),
)


@dataclass(frozen=True)
class Place:
    """One entry of the main navigation."""

    url: str
    text: str
    current: bool


@dataclass(frozen=True)
class Family:
    """Forms that belong together in the catalogue."""

    letter: str
    name: str
    forms: list[Revision]


@blueprint.app_context_processor
def _navigation() -> dict[str, list[Place]]:
    person = signed_in()
    if person is None:
        return {"navigation": []}
    places = [p for p in MAIN_PLACES if p[0] != "/admin" or person.account.is_admin]
    return {
        "navigation": [Place(request.script_root + path, str(text), _is_here(path)) for path, text in places]
    }


def _is_here(path: str) -> bool:
    here = "/forms" if request.path.startswith("/drafts") else request.path
    return here == path or (path != "/" and here.startswith(f"{path}/"))


@blueprint.get("/")
def home() -> str:
    """What waits for this person, what is due, their drafts, and the way to a new document."""
    until = ports().clock.today() + timedelta(days=LOOK_AHEAD_DAYS)
    ending, ending_total = registers.due_acts(
        ports(), who(), until.isoformat(), outside=cases.BY_DEADLINE, limit=SHOWN_ON_HOME
    )
    return render_template(
        "home.html",
        concerns=upkeep.concerns(ports()) if who().account.is_admin else [],
        waiting=reviewing.waiting_for(ports(), who()),
        due=waiting.due_list(ports(), who(), until, limit=2 * SHOWN_ON_HOME),
        ending=ending,
        ending_total=ending_total,
        me=who().account.id,
        drafts=registers.drafts_of(ports(), who()),
        usual=_usual_forms(),
        may_draft=who().account.may(Right.DRAFT, ""),
        may_decide=any(who().account.may(right, "") for right in DECIDING),
        shown=SHOWN_ON_HOME,
        today=ports().clock.today().isoformat(),
    )


def _usual_forms() -> list[Revision]:
    current = ports().definitions.current()
    return [current[form] for form in registers.usual_forms(ports(), who()) if form in current]


@blueprint.get("/forms")
def catalogue() -> str:
    """The forms on offer by family, narrowed by words in their names and summaries."""
    words = request.args.get("q", "").strip()
    found = [r for r in ports().definitions.current().values() if _fits(r, words)]
    families = _by_family(found)
    may_draft = who().account.may(Right.DRAFT, "")
    return render_template(
        "catalogue.html", families=families, words=words, count=len(found), may_draft=may_draft
    )


def _fits(revision: Revision, words: str) -> bool:
    definition = revision.definition
    text = f"{definition.id} {definition.title} {definition.summary}".lower()
    return all(word in text for word in words.lower().split())


def _by_family(revisions: Iterable[Revision]) -> list[Family]:
    groups: dict[str, list[Revision]] = {}
    for revision in revisions:
        groups.setdefault(revision.definition.family, []).append(revision)
    return [Family(letter, str(FAMILIES.get(letter, _("其他"))), groups[letter]) for letter in sorted(groups)]


@blueprint.get("/search")
def search() -> str | AnyResponse:
    """Acts and forms that contain the words; a whole number leads straight to its act."""
    words = request.args.get("q", "").strip()[:80]
    if not words:
        return redirect(url_for("pages.home"))
    page = registers.list_acts(ports(), who(), Filters(text=words))
    exact = [act for act in page.acts if act.number == registers.as_written(words)]
    if len(exact) == 1:
        return redirect(f"{request.script_root}/acts/{exact[0].id}")
    forms = [r for r in ports().definitions.current().values() if _fits(r, words)]
    may_draft = who().account.may(Right.DRAFT, "")
    return render_template("search.html", words=words, page=page, forms=forms, may_draft=may_draft)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Whether the service can read and write its store."""
    try:
        health = ports().store.health()
    except FormsvcError as trouble:
        return make_response(jsonify(status="failing", message=trouble.message), 503)
    return jsonify(status="ok", **health)
