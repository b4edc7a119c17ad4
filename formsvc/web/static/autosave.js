// Each change saves the whole draft, and the answer says what is visible, required, computed and wrong.

import { answered, busy, form, inTurn, offer, showAnswer, takeToken, takeVersion, tell, typed, words } from "./draft.js";
import { keepCopy, dropCopy, restoreCopy } from "./unsaved.js";
import { show } from "./shown.js";

const PAUSE = 900;
const KEEPING_PAUSE = 200;
let timer = 0;
let keeping = 0;
let unsaved = false;
let broken = false;
const touched = new Set();

export function save() {
  clearTimeout(timer);
  return inTurn(send);
}

async function send(again = true) {
  if (!form.isConnected) return;
  unsaved = false;
  const slow = setTimeout(() => tell(words.wordsSaving), 300);
  const sent = typed();
  let response;
  try {
    response = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
  } catch {
    return failed(words.wordsOffline);
  } finally {
    clearTimeout(slow);
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return saved(answer, sent);
  if (answer.csrf_token && again) {
    takeToken(answer.csrf_token);
    return send(false);
  }
  return failed((answer.message ?? words.wordsOffline) + (answer.remedy ?? ""), answer);
}

async function saved(answer, sent) {
  broken = false;
  takeVersion(answer.version);
  dropCopy();
  const outdated = show(answer, touched);
  tell(`${words.wordsSaved} ${answer.saved_at}`);
  if (answer.carried || outdated) await showAnswer(await fetch(form.action), "[data-sections]", sent);
  document.dispatchEvent(new CustomEvent("draft:saved", { detail: answer }));
}

function failed(text, answer = {}) {
  unsaved = broken = true;
  keepCopy();
  tell(text, true);
  if (answer.sign_in) offer(words.wordsSignIn, () => window.open(answer.sign_in, "_blank"));
  if (!answer.version) return offer(words.wordsRetry, save);
  offer(words.wordsOther, () => window.open(form.action, "_blank"));
  return offer(words.wordsOverwrite, () => {
    takeVersion(answer.version);
    save();
  });
}

function pathOf(control) {
  return control.closest("[data-path]")?.dataset.path;
}

function soon(event) {
  const control = event.target;
  if (control.type === "file" || control.matches("[data-paste-area]") || !control.name) return;
  unsaved = true;
  if (broken) {
    // sealing takes a moment that a closing page does not have
    clearTimeout(keeping);
    keeping = setTimeout(() => broken && keepCopy(), KEEPING_PAUSE);
  }
  clearTimeout(timer);
  if (event.type === "change") {
    touched.add(pathOf(control));
    save();
  } else {
    timer = setTimeout(save, PAUSE);
  }
}

if (form) {
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  window.addEventListener("online", () => unsaved && save());
  window.addEventListener("beforeunload", (event) => {
    if (!unsaved) return;
    keepCopy();
    if (broken) event.preventDefault();
    else fetch(form.action, { method: "POST", body: typed(), headers: { Accept: "application/json" }, keepalive: true });
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (busy()) {
      // leaving a field saves it; the answer brings the version that this page must hand in
      event.preventDefault();
      answered().then(() => form.requestSubmit(event.submitter));
      return;
    }
    unsaved = false;
    clearTimeout(timer);
    setTimeout(() => document.querySelectorAll("[data-submit], [data-refresh]").forEach((b) => (b.disabled = true)));
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-submit]").forEach((b) => (b.disabled = false)));
  document.querySelectorAll("[data-refresh]").forEach((button) => (button.hidden = true));
  restoreCopy().then((restored) => restored && save().then(() => tell(words.wordsRestored)));
}
