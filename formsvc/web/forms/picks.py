"""Rows of registers for drafts: offers while typing, and a page."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup, escape

from formsvc.domain.acts.act import Act
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.json_types import JSON
from formsvc.domain.search_text import matched_ranges, query_words
from formsvc.usecases.drafting import drafts
from formsvc.usecases.picks import offers
from formsvc.web import usage
from formsvc.web.account import search_words
from formsvc.web.account.search_words import SearchWords, search_page
from formsvc.web.context import ports, who
from formsvc.web.filters import field_id
from formsvc.web.i18n import translate_for_request

blueprint = Blueprint("picks", __name__, url_prefix="/drafts/<act_id>/pick/<key>")

LONGEST_QUERY = 80
# of the form of a draft: a chosen row as “field:row”, and a field to choose a row for
CHOSEN, CHOOSE = "pick", "choose"


@blueprint.route("", methods=["GET", "POST"])
@search_page
def choose(words: SearchWords, act_id: str, key: str) -> str:
    """Show the rows that match, each with a button that picks it."""
    text = words.text[:LONGEST_QUERY]
    found = offers.find_offers(ports(), who(), act_id, key, text)
    draft = drafts.load_draft(ports(), who(), act_id)
    return render_template(
        "pick.html", act=draft.act, found=found, words=text, forgotten=words.notice, marked=marked
    )


@blueprint.post("/offers")
def offer(act_id: str, key: str) -> ResponseReturnValue:
    """Return the rows that match what was typed, for the page's script."""
    usage.count_save()
    text = request.form.get("q", "")[:LONGEST_QUERY]
    found = offers.find_offers(ports(), who(), act_id, key, text)
    return jsonify(
        total=found.total,
        count=str(_("%(n)s 以上", n=found.total)) if found.has_more else str(found.total),
        rows=[
            {
                "row": each.row,
                "html": render_template("pick_offer.html", offer=each, words=text, marked=marked),
            }
            for each in found.offers
        ],
    )


@blueprint.post("/take")
def take(act_id: str, key: str) -> ResponseReturnValue:
    """Fill the draft in with a row, and go back to it."""
    draft = drafts.load_draft(ports(), who(), act_id)
    taken = offers.take_row(
        ports(), who(), draft.act, draft.revision.definition, key, request.form.get("row", "")
    )
    answers = {**draft.act.answers, **taken}
    drafts.save_answers(ports(), who(), act_id, answers, version=draft.act.version, strict_keys=False)
    return redirect(f"{url_for('drafting.edit', act_id=act_id)}#{field_id(key)}", 303)


def chosen_values(act: Act, definition: FormDefinition) -> dict[str, JSON]:
    """Return what the row that was chosen on the draft's page fills in."""
    key, _colon, row = request.form.get(CHOSEN, "").partition(":")
    return offers.take_row(ports(), who(), act, definition, key, row) if row else {}


def page_to_choose(act_id: str, answers: dict[str, JSON]) -> ResponseReturnValue | None:
    """Return the way to the page of rows if its button was pressed."""
    key = request.form.get(CHOOSE, "")
    if not key:
        return None
    typed = str(answers.get(key) or "")[:LONGEST_QUERY]
    address = url_for("picks.choose", act_id=act_id, key=key)
    return redirect(f"{address}?{search_words.TOKEN}={search_words.keep(typed)}" if typed else address, 303)


def marked(text: str, words: str) -> Markup:
    """Return a text as HTML with what the words match underlined."""
    text, parts, last = translate_for_request(text), [], 0
    for start, end in matched_ranges(text, query_words(words)):
        parts += [escape(text[last:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        last = end
    return Markup("").join([*parts, escape(text[last:])])
