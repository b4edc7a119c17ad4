// Rows of a register offered while a name is typed: a combobox after the ARIA pattern.

import { form } from "./draft.js";
import { save } from "./autosave.js";

const PAUSE = 180;

function start(root) {
  for (const box of root.querySelectorAll("[data-pick]")) if (!box.dataset.ready) new Offers(box);
}

class Offers {
  constructor(box) {
    box.dataset.ready = "yes";
    this.box = box;
    this.words = box.dataset;
    this.input = box.querySelector("input");
    this.list = Object.assign(document.createElement("ul"), { id: `${this.input.id}-offers`, className: "offers", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.words.wordsList);
    this.told = Object.assign(document.createElement("span"), { className: "unseen" });
    this.told.setAttribute("role", "status");
    box.append(this.list, this.told);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", this.list.id]]) {
      this.input.setAttribute(name, value);
    }
    const button = box.querySelector("[data-choose]");
    button.addEventListener("click", (event) => {
      event.preventDefault();
      this.input.focus();
      this.ask("");
    });
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(this.input.value.trim()), PAUSE);
    });
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.input.addEventListener("blur", () => this.close());
    // the list is chosen from before the input loses the focus
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")));
  }

  async ask(text, again = true) {
    clearTimeout(this.timer);
    this.asked = text;
    const body = new URLSearchParams({ q: text, csrf_token: form.elements.csrf_token.value });
    const response = await fetch(this.words.offers, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    const answer = (await response?.json().catch(() => ({}))) ?? {};
    // what was typed since is asked for itself
    if (this.asked !== text || document.activeElement !== this.input) return;
    if (response?.ok) this.show(answer);
    else if (answer.csrf_token && again) {
      for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = answer.csrf_token;
      this.ask(text, false);
    } else this.close();
  }

  show(answer) {
    const options = answer.rows.map((row) => option(row.html, row.row));
    const none = option("", "");
    none.textContent = `${this.words.wordsNone}（${this.words.wordsLater}）`;
    this.list.replaceChildren(...options, none);
    [...this.list.children].forEach((each, n) => (each.id = `${this.list.id}-${n}`));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.told.textContent = this.words.wordsCount.replace("{n}", answer.count);
    this.mark(options.length && this.asked ? this.list.firstElementChild : null);
  }

  close() {
    clearTimeout(this.timer);
    this.asked = null;
    this.list.hidden = true;
    this.told.textContent = "";
    this.input.setAttribute("aria-expanded", "false");
    this.mark(null);
  }

  mark(chosen) {
    for (const each of this.list.children) each.setAttribute("aria-selected", String(each === chosen));
    if (chosen) {
      this.input.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  pressed(event) {
    const open = !this.list.hidden;
    const options = [...this.list.children];
    const at = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" && !open) this.ask(this.input.value.trim());
    else if (event.key === "ArrowDown") this.mark(options[(at + 1) % options.length]);
    else if (event.key === "ArrowUp" && open) this.mark(options[(at <= 0 ? options.length : at) - 1]);
    else if (event.key === "Enter" && open) this.choose(options[at]);
    else if (event.key === "Escape" && open) this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async choose(chosen) {
    if (!chosen) return;
    const row = chosen.dataset.row;
    this.close();
    if (!row) return;
    const pick = Object.assign(document.createElement("input"), { type: "hidden", name: "pick", value: `${this.words.pick}:${row}` });
    form.append(pick);
    try {
      await save();
    } finally {
      pick.remove();
    }
  }
}

// The server has escaped what it sent: it is part of a page of ours.
function option(html, row) {
  const item = document.createElement("li");
  item.setAttribute("role", "option");
  item.dataset.row = row;
  item.append(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  return item;
}

function showKnown({ parties = {} }) {
  for (const place of form.querySelectorAll("[data-known]")) {
    const key = place.dataset.known;
    const { row = "", text = "" } = parties[key] ?? {};
    place.hidden = !text;
    place.querySelector("[data-known-text]").textContent = text;
    place.querySelector("button").value = `${key}:${row}`;
  }
}

if (form) {
  start(form);
  document.addEventListener("draft:replaced", () => start(form));
  document.addEventListener("draft:saved", (event) => showKnown(event.detail));
}
