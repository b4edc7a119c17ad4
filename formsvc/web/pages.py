"""Entry pages: home, the catalogue of forms, and search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.accounts.account import Right
from formsvc.usecases.acts import search as act_search
from formsvc.usecases.definitions import Revision
from formsvc.usecases.search.everything import search_everything
from formsvc.usecases.statistics.office_views import may_see_statistics
from formsvc.web.account.search_words import SearchWords, search_page
from formsvc.web.context import current_actor, ports, who
from formsvc.web.desk.home import home_context
from formsvc.web.registers.cells import shown_row

blueprint = Blueprint("pages", __name__)

FAMILIES = {
    "A": lazy_gettext("授权、委托与机构"),
    "B": lazy_gettext("责任"),
    "C": lazy_gettext("检查"),
    "D": lazy_gettext("整改、移送与处罚"),
    "E": lazy_gettext("治理与保障"),
}
NAVIGATION = (
    ("/", lazy_gettext("首页")),
    ("/forms", lazy_gettext("发起文书")),
    ("/acts", lazy_gettext("文书")),
    ("/cases", lazy_gettext("案件")),
    ("/approval", lazy_gettext("审批")),
    ("/registers", lazy_gettext("登记簿")),
    ("/statistics", lazy_gettext("统计")),
    ("/numbers", lazy_gettext("号簿")),
    ("/responsibility", lazy_gettext("责任人")),
    ("/admin", lazy_gettext("系统管理")),
)


@dataclass(frozen=True)
class NavigationItem:
    url: str
    text: str
    is_current: bool


@dataclass(frozen=True)
class FormFamily:
    """Forms of one family letter (A–E), a group of the catalogue."""

    letter: str
    name: str
    forms: list[Revision]


@blueprint.app_context_processor
def _navigation() -> dict[str, list[NavigationItem]]:
    actor = current_actor()
    if actor is None:
        return {"navigation": []}
    hidden = set() if actor.account.is_admin else {"/admin"}
    hidden |= set() if may_see_statistics(actor) else {"/statistics"}
    entries = [entry for entry in NAVIGATION if entry[0] not in hidden]
    return {
        "navigation": [
            NavigationItem(request.script_root + path, str(text), _is_current(path)) for path, text in entries
        ]
    }


def _is_current(path: str) -> bool:
    # A draft is filled in under the entry by which a form is opened
    current = "/forms" if request.path.startswith("/drafts") else request.path
    return current == path or (path != "/" and current.startswith(f"{path}/"))


@blueprint.get("/")
def home() -> str:
    return render_template(
        "home.html",
        **home_context(),
        alert_pages={
            "sign_ins": url_for("admin.event_log.index"),
            "activity": url_for("admin.event_log.index"),
            "clock": url_for("admin.maintenance.show_clock"),
            "backups": url_for("admin.maintenance.show_backups"),
            "forms": url_for("admin.definitions"),
            "series": url_for("admin.records.index", name="series"),
        },
    )


@blueprint.route("/forms", methods=["GET", "POST"])
@search_page
def catalogue(typed: SearchWords) -> str:
    """Show the forms, by family, that contain every word of the search."""
    words = typed.text
    matching = [r for r in ports().definitions.current().values() if _matches(r, words)]
    families = _by_family(matching)
    may_draft = who().account.may(Right.DRAFT, "")
    return render_template(
        "catalogue.html",
        families=families,
        words=words,
        forgotten=typed.notice,
        count=len(matching),
        may_draft=may_draft,
    )


def _matches(revision: Revision, words: str) -> bool:
    definition = revision.definition
    text = f"{definition.id} {definition.title} {definition.summary}".lower()
    return all(word in text for word in words.lower().split())


def _by_family(revisions: Iterable[Revision]) -> list[FormFamily]:
    groups: dict[str, list[Revision]] = {}
    for revision in revisions:
        groups.setdefault(revision.definition.family, []).append(revision)
    return [
        FormFamily(letter, str(FAMILIES.get(letter, _("其他"))), groups[letter]) for letter in sorted(groups)
    ]


@blueprint.route("/search", methods=["GET", "POST"])
@search_page
def search(typed: SearchWords) -> str | AnyResponse:
    """List what contains all words; a document number redirects to its act."""
    words = typed.text[:80]
    if not words:
        if typed.notice:
            flash(typed.notice)
        return redirect(url_for("pages.home"))
    exact = act_search.find_numbered(ports(), who(), words)
    if exact:
        return redirect(f"{request.script_root}/acts/{exact.id}")
    found = search_everything(ports(), who(), words)
    forms = [r for r in ports().definitions.current().values() if _matches(r, words)]
    may_draft = who().account.may(Right.DRAFT, "")
    return render_template(
        "search.html",
        words=words,
        query=typed.query,
        found=found,
        rows=[
            (
                register,
                page,
                [shown_row(register, row, register.listed_columns[:3]) for row in page.rows],
            )
            for register, page in found.rows
        ],
        forms=forms,
        may_draft=may_draft,
    )
